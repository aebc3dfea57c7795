package nft

import (
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// # Node ports
//
// Policies for the node ports of a Service are judged where a connection comes in, after its destination was translated, by
// whomever: connection tracking knows what was dialled. What has been judged there leaves for a pod of this node, or of another one,
// or is for the node itself, and is judged again as what it is then. So there are base chains on the forward and the input hook,
// between those for egress and those for ingress.

// hasEntries reports whether policies apply to node ports.
func hasEntries(p *ir.Pipeline) bool {
	return slices.ContainsFunc(p.Endpoints, func(e *ir.Endpoint) bool { return e.Kind == ir.ServiceEndpoint })
}

// enter leads from node ports to the rule lists of their Services: for each list, protocol and family a set of what is dialled.
func (l *lowering) enter(c *ir.Classifier, ph ir.Phase, names []string) {
	for id := range c.Lists {
		for _, f := range ir.Families() {
			for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP} {
				s := &Set{Name: fmt.Sprintf("entry%d_%s_%s_%s", f, proto, ph, c.Lists[id].Name), Key: []Type{addrType(f), InetService},
					Elements: l.entryElements(c, ir.ListID(id), f, proto)}
				if len(s.Elements) == 0 {
					continue
				}
				sortElements(s)
				l.sets[s.Name] = s
				dialled := Match{Fields: []Field{[...]Field{ir.IPv4: CtDst4, ir.IPv6: CtDst6}[f], CtDstPort}, Set: s.Name}
				l.entries = append(l.entries, &Rule{Matches: []Match{oneProto(proto), dialled}, Verdict: Verdict{Kind: Jump, Target: names[id]}})
			}
		}
	}
}

// entryElements are the node's addresses with the node ports of the Services that have a list.
func (l *lowering) entryElements(c *ir.Classifier, id ir.ListID, f ir.Family, proto ir.Proto) []*Element {
	var out []*Element
	for i, e := range l.p.Endpoints {
		if e.Kind != ir.ServiceEndpoint || c.Assign[i] != id {
			continue
		}
		for _, p := range e.NodePorts {
			for _, n := range l.p.Nodes {
				for _, a := range n.Addrs {
					if p.Proto == proto && n.Name == l.p.Node && ir.FamilyOf(a) == f {
						v := addrValue(a) + portValue(p.Port)
						out = append(out, &Element{From: v, To: v})
					}
				}
			}
		}
	}
	return out
}

// entryChains makes what judges node ports, if policies apply to any.
func (l *lowering) entryChains() {
	if len(l.entries) == 0 {
		return
	}
	entry := &Chain{Name: chainEntry, Rules: append([]*Rule{acceptIf(Match{Fields: []Field{CtState}})}, l.entries...)}
	l.out.Chains = append(l.out.Chains, entry,
		&Chain{Name: chainEntryForward, Hook: Forward, Priority: priorityEntry, Rules: jumpTo(chainEntry)},
		&Chain{Name: chainEntryInput, Hook: Input, Priority: priorityEntry, Rules: jumpTo(chainEntry)})
}
