package nft

import (
	"fmt"
	"maps"
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Lost tells which targets a plan takes away from what is dialled. Clients that are remembered to have one of them must be forgotten,
// or they would be led there still.
type Lost struct {
	targets map[lostTarget]bool // false: it is there still, by another way
}

type lostTarget struct{ dial, target Value }

// LostTargets finds what a plan takes away. It is quick unless there are maps that remember clients, and something is taken away.
func LostTargets(plan artifact.Plan) *Lost {
	l := &Lost{targets: map[lostTarget]bool{}}
	if len(Remembering(plan)) == 0 {
		return l
	}
	for _, c := range plan.Changes {
		old, ok := c.Old.Value.(*Set)
		if !ok || old.Modulus == 0 {
			continue
		}
		for _, e := range c.Edits {
			if e.Op == artifact.Delete && e.At < len(old.Elements) {
				l.targets[ledTo(old.Elements[e.At])] = true
			}
		}
	}
	l.keepSticky(plan)
	if len(l.targets) == 0 {
		return l
	}
	for _, o := range plan.To.Objects {
		if s, ok := o.Value.(*Set); ok && s.Modulus > 0 {
			for _, e := range s.Elements {
				if t := ledTo(e); l.targets[t] {
					l.targets[t] = false
				}
			}
		}
	}
	return l
}

// keepSticky leaves out what is dialled by clients that nobody remembers.
func (l *Lost) keepSticky(plan artifact.Plan) {
	if len(l.targets) == 0 {
		return
	}
	sticky := map[Value]bool{}
	add := func(s *Set, e *Element) {
		port := len(e.From) - InetService.Len()
		sticky[e.From[:port]+protoValue(protoOf(s, stickyPrefix))+e.From[port:]] = true
	}
	for _, o := range plan.To.Objects {
		if s, ok := o.Value.(*Set); ok && strings.HasPrefix(s.Name, stickyPrefix) {
			for _, e := range s.Elements {
				add(s, e)
			}
		}
	}
	for _, c := range plan.Changes {
		if s, ok := c.Old.Value.(*Set); ok && strings.HasPrefix(s.Name, stickyPrefix) {
			for _, e := range s.Elements {
				add(s, e)
			}
		}
	}
	maps.DeleteFunc(l.targets, func(t lostTarget, _ bool) bool { return !sticky[t.dial] })
}

// protoOf tells for which protocol a set is that has it in its name, behind the prefix and the family; 0 for another set.
func protoOf(s *Set, prefix string) ir.Proto {
	for _, p := range portedProtos() {
		if strings.HasPrefix(s.Name, fmt.Sprintf("%s%d_%s_", prefix, familyOfType(s.Key[0]), p)) {
			return p
		}
	}
	return 0
}

// ledTo tells of an element of a map of backends what is dialled and where that leads to.
func ledTo(e *Element) lostTarget {
	return lostTarget{e.From[:max(0, len(e.From)-Number.Len())], e.Data}
}

// IsEmpty reports whether nothing is lost.
func (l *Lost) IsEmpty() bool {
	for _, isLost := range l.targets {
		if isLost {
			return false
		}
	}
	return true
}

// Has reports whether an element of a map that remembers clients leads to a lost target.
func (l *Lost) Has(m *Set, e *Element) bool {
	addr := m.Key[0].Len()
	if len(e.From) != 2*addr+InetService.Len() {
		return false
	}
	dial := e.From[addr:2*addr] + protoValue(protoOf(m, affinityPrefix)) + e.From[2*addr:]
	return l.targets[lostTarget{dial, e.Data}]
}

func familyOfType(t Type) ir.Family {
	if t == IPv4Addr {
		return ir.IPv4
	}
	return ir.IPv6
}

// Remembering lists the maps that remember clients and outlive a plan.
func Remembering(plan artifact.Plan) []*Set {
	fresh := map[string]bool{}
	for _, c := range plan.Changes {
		if c.Op == artifact.Add {
			fresh[c.Key] = true
		}
	}
	var out []*Set
	for _, o := range plan.To.Objects {
		if s, ok := o.Value.(*Set); ok && s.Lifetime > 0 && !fresh[o.Key] {
			out = append(out, s)
		}
	}
	return out
}
