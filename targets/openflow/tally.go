package openflow

import "github.com/headgate-net/headgate/targets/artifact"

// Tally counts what an artifact of this target has the switch hold: flows, groups and their buckets, and meters. What is Volatile is not
// counted.
func Tally(a artifact.Artifact) []artifact.Tally {
	var flows, groups, buckets, meters int
	for _, o := range a.Objects {
		if o.Volatile == artifact.VolatileObject {
			continue
		}
		switch v := o.Value.(type) {
		case *Flow:
			flows++
		case *Group:
			groups++
			buckets += len(v.Buckets)
		case *Meter:
			meters++
		}
	}
	return []artifact.Tally{{Kind: "bucket", Count: buckets}, {Kind: "flow", Count: flows}, {Kind: "group", Count: groups},
		{Kind: "meter", Count: meters}}
}
