package iproute

import "github.com/headgate-net/headgate/targets/artifact"

// Tally counts what an artifact of this target has the network stack hold: links of ours, addresses, routes, rules, and under "setting"
// whatever else is set on links.
func Tally(a artifact.Artifact) []artifact.Tally {
	var addresses, links, routes, rules, settings int
	for _, o := range a.Objects {
		g, ok := o.Value.(*Group)
		if !ok {
			continue
		}
		if g.Link != nil {
			links++
		}
		for _, e := range g.Entries {
			switch e.(type) {
			case Address:
				addresses++
			case Route:
				routes++
			case Rule:
				rules++
			default:
				settings++
			}
		}
	}
	return []artifact.Tally{{Kind: "address", Count: addresses}, {Kind: "link", Count: links}, {Kind: "route", Count: routes},
		{Kind: "rule", Count: rules}, {Kind: "setting", Count: settings}}
}
