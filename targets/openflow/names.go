package openflow

import (
	"hash/fnv"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// How rules speak of DNS names: each group of names has a bit of eight registers. The packets of a pod whose rules are about names go
// through the table EgressNames first, where each address that DNS has given has one flow: it sets the bits of the groups that the
// address is in. A rule's condition is that bit. So an address that is learned is one flow more, however many rules depend on it, and
// no other flow changes.

// maxNames is how many groups of names a node may have: as many as the registers have bits.
const maxNames = 256

// nameBit is the number of a group's bit.
type nameBit int

func (b nameBit) register() Field { return regNames + Field(b/32) }

// term is the condition that the destination is in the group.
func (b nameBit) term() Term {
	bit := Uint(1 << (b % 32))
	return IsMasked(b.register(), bit, bit)
}

// IsVolatile reports whether a flow is one that comes and goes with what is known of names.
func IsVolatile(f *Flow) bool { return f.Table == EgressNames && len(f.Match) > 0 }

// Volatile makes exactly those objects of Generate that are volatile, in time that grows with the addresses and the rules only.
func Volatile(p *ir.Pipeline) []artifact.Object {
	if ir.IsMachine(p.Node) || !slices.ContainsFunc(p.Sets, func(s ir.Set) bool { return s.Kind == ir.Names }) {
		return nil
	}
	flows := newLowering(p, &diag.Report{}).learned()
	out := make([]artifact.Object, len(flows))
	for i := range flows {
		out[i] = object(&flows[i])
	}
	return out
}

// assignNames gives a bit to each group of names that a rule is about: the one that a hash of its name gives, or the next one that is
// free, in order of names.
func (l *lowering) assignNames() {
	l.nameBits, l.watched = map[ir.SetID]nameBit{}, map[*ir.Endpoint]bool{}
	for _, e := range l.p.Watched() {
		l.watched[e] = true
	}
	used := l.namesInRules()
	slices.SortFunc(used, func(a, b nameUse) int { return strings.Compare(l.nameOf(a.set), l.nameOf(b.set)) })
	taken := map[nameBit]bool{}
	for i, u := range used {
		if i >= maxNames {
			l.report.Add(diag.CannotExpress, *u.rule.Origins[0], "more than %d groups of DNS names on one node", maxNames)
			l.nameBits[u.set] = 0
			continue
		}
		h := fnv.New32a()
		h.Write([]byte(l.nameOf(u.set)))
		bit := nameBit(h.Sum32() % maxNames)
		for taken[bit] {
			bit = (bit + 1) % maxNames
		}
		taken[bit], l.nameBits[u.set] = true, bit
	}
}

// nameOf is what a set's bit comes from: its name, and before it has one, its key.
func (l *lowering) nameOf(id ir.SetID) string {
	if s := &l.p.Sets[id]; s.Name == "" {
		return s.Key
	}
	return l.p.Sets[id].Name
}

// nameUse is a set of names, and the first rule that is about it.
type nameUse struct {
	set  ir.SetID
	rule *ir.Rule
}

func (l *lowering) namesInRules() []nameUse {
	var out []nameUse
	if len(l.watched) == 0 {
		return nil
	}
	seen := map[ir.SetID]bool{}
	for _, ph := range ir.Phases() {
		for _, list := range l.p.Classifier(ir.Egress, ph).Lists {
			for i := range list.Rules {
				for _, id := range list.Rules[i].Peers {
					if l.p.Sets[id].Kind == ir.Names && !seen[id] {
						seen[id] = true
						out = append(out, nameUse{id, &list.Rules[i]})
					}
				}
			}
		}
	}
	return out
}

// names writes the table EgressNames, if any pod's packets go through it.
func (l *lowering) names() {
	if len(l.watched) == 0 {
		return
	}
	l.add(EgressNames, 0, nil)
	for _, f := range l.learned() {
		l.add(f.Table, int(f.Priority), f.Match, f.Actions...)
	}
}

// learned lists the flows of the addresses that are known, of the node's families, in order.
func (l *lowering) learned() []Flow {
	type bits [maxNames / 32]uint32
	of := map[netip.Addr]*bits{}
	for id, bit := range l.nameBits {
		for _, f := range l.families {
			addrs, err := l.p.Sets[id].Addrs.Of(f).Addrs(maxMembers)
			if err != nil {
				continue // which no cache of DNS answers can hold
			}
			for _, a := range addrs {
				if of[a] == nil {
					of[a] = &bits{}
				}
				of[a][bit/32] |= 1 << (bit % 32)
			}
		}
	}
	addrs := slices.SortedFunc(maps.Keys(of), netip.Addr.Compare)
	out := make([]Flow, 0, len(addrs))
	for _, a := range addrs {
		f := Flow{Table: EgressNames, Priority: 100, Cookie: infraCookie(EgressNames), Match: isAddr(IPv4Dst, IPv6Dst, a)}
		for n, word := range of[a] {
			if word != 0 {
				f.Actions = append(f.Actions, set(regNames+Field(n), uint64(word)))
			}
		}
		out = append(out, f)
	}
	return out
}
