package manifest

import "slices"

// Gate is a named switch for some kinds of objects. Objects of one that is off are read, so that errors in them are found, and then left out.
type Gate struct {
	Name    string
	Stage   string // ALPHA, BETA or GA, as the API's version is
	Default bool
	group   string
	kinds   []string
}

// Gates lists the switches by name. All policy kinds are on by default.
func Gates() []Gate {
	return []Gate{
		{"AdminNetworkPolicy", "ALPHA", true, upstreamGroup, []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}},
		{"AntreaPolicy", "BETA", true, antreaGroup, []string{"ClusterNetworkPolicy", "NetworkPolicy"}},
		{"ClusterNetworkPolicy", "ALPHA", true, upstreamGroup, []string{"ClusterNetworkPolicy"}},
		{"Egress", "BETA", true, antreaGroup, []string{"Egress"}},
	}
}

// Without returns the objects but for those of a gate, and the latter. The receiver does not change.
func (o *Objects) Without(g Gate) (*Objects, []Object) {
	out, dropped := *o, []Object(nil)
	out.RankedPolicies = kept(g, o.RankedPolicies, &dropped)
	out.Egresses = kept(g, o.Egresses, &dropped)
	return &out, dropped
}

// kept is what of a list is not of a gate's kinds.
func kept[T Object](g Gate, list []T, dropped *[]Object) []T {
	var out []T
	for _, o := range list {
		if m := o.Header(); m.Group == g.group && slices.Contains(g.kinds, m.Kind) {
			*dropped = append(*dropped, o)
			continue
		}
		out = append(out, o)
	}
	return out
}
