package flatten

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// SNATs adds to a placed Pipeline by which addresses its pods leave the cluster, and those that its node holds. Of an Egress
// the holder gets all pods, for they come to it from everywhere; other nodes get their own. A pod that several Egresses select is the
// first's, for each family. Every node gets the Egresses whose addresses are held, if only without pods: those that an Egress has selected
// may have connections that go on. A machine outside the cluster has none of this.
func SNATs(p *ir.Pipeline, program *ir.Program) *ir.Pipeline {
	if len(program.Egresses)+len(program.Holdings) == 0 || ir.IsMachine(p.Node) {
		return p
	}
	out := *p
	for _, h := range program.Holdings {
		if h.Node == p.Node {
			out.Holdings = append(out.Holdings, h)
		}
	}
	taken := map[netip.Addr]bool{}
	for _, e := range program.Egresses {
		for _, l := range e.Leases {
			s := ir.SNAT{Egress: e.Name, Family: l.Family, Addr: l.Addr, Node: program.Holder(l.Addr), Limit: e.Limit, Origin: &e.Origin}
			s.Sources = sources(e.Who.Members, l.Family, s.Node == p.Node, p.Node, taken)
			if len(s.Sources) > 0 || s.Node != "" {
				out.SNATs = append(out.SNATs, s)
			}
		}
	}
	slices.SortFunc(out.SNATs, func(a, b ir.SNAT) int { return a.Compare(&b) })
	if len(out.SNATs) > 0 {
		out.Inside = ir.InsideOf(program, p)
	}
	return &out
}

// sources returns the pods' addresses of a family that no Egress before has taken, and takes them: all of them, or for others than the holder
// those of the node.
func sources(pods []*ir.Endpoint, f ir.Family, all bool, node string, taken map[netip.Addr]bool) []netip.Addr {
	var out []netip.Addr
	for _, e := range pods {
		if e.Kind != ir.PodEndpoint {
			continue
		}
		for _, a := range e.Addrs {
			if ir.FamilyOf(a) == f && !taken[a] {
				taken[a] = true
				if all || e.Node == node {
					out = append(out, a)
				}
			}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out
}
