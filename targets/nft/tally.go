package nft

import "github.com/headgate-net/headgate/targets/artifact"

// Tally counts what an artifact of this target has the kernel hold: chains and their rules, sets, maps and the elements of both, and
// limits. What is Volatile is not counted.
func Tally(a artifact.Artifact) []artifact.Tally {
	var chains, rules, sets, maps, elements, limits int
	for _, o := range a.Objects {
		if o.Volatile == artifact.VolatileObject {
			continue
		}
		switch v := o.Value.(type) {
		case *Chain:
			chains++
			rules += len(o.Items)
			continue
		case *Limit:
			limits++
			continue
		case *Set:
			if v.IsMap() {
				maps++
			} else {
				sets++
			}
		}
		if o.Volatile == artifact.Lasting {
			elements += len(o.Items)
		}
	}
	return []artifact.Tally{{Kind: "chain", Count: chains}, {Kind: "element", Count: elements}, {Kind: "limit", Count: limits},
		{Kind: "map", Count: maps}, {Kind: "rule", Count: rules}, {Kind: "set", Count: sets}}
}
