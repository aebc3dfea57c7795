package reach

import (
	"encoding/binary"
	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// classes groups pods that Eval cannot tell apart: members of the same groups, with the same named ports, and for each address,
// in the same blocks. A verdict between two distinct pods then depends on their classes alone, so that each pair of classes
// needs one evaluation. The one thing that breaks this is a pod with the address of a node, which its node's other pods always
// admit; then every pod is a class.
type classes struct {
	pods []*ir.Endpoint
	of   []int   // by pod: its class
	reps [][]int // by class: its first pod, and its second if it has one
}

func classify(prog *ir.Program, pods []*ir.Endpoint) *classes {
	c := &classes{pods: pods, of: make([]int, len(pods))}
	shared := sharing(prog, pods)
	groups, blocks := memberships(prog)
	seen := map[string]int{}
	for i, e := range pods {
		key := binary.AppendUvarint(nil, 0)
		if shared {
			key = classKey(e, groups[e], blocks)
		} else {
			key = binary.AppendUvarint(key, uint64(i))
		}
		class, ok := seen[string(key)]
		if !ok {
			class = len(c.reps)
			seen[string(key)] = class
			c.reps = append(c.reps, nil)
		}
		c.of[i] = class
		if len(c.reps[class]) < 2 {
			c.reps[class] = append(c.reps[class], i)
		}
	}
	return c
}

// sharing reports whether classes may have more than one pod.
func sharing(prog *ir.Program, pods []*ir.Endpoint) bool {
	nodes := map[netip.Addr]bool{}
	for _, n := range prog.Nodes {
		for _, a := range n.Addrs {
			nodes[a.Unmap()] = true
		}
	}
	for _, e := range pods {
		for _, a := range e.Addrs {
			if nodes[a.Unmap()] {
				return false
			}
		}
	}
	return true
}

// memberships returns each endpoint's groups by index, and the addresses of groups that are not their members': address sets in
// which the addresses of any endpoint have to be looked up.
func memberships(prog *ir.Program) (map[*ir.Endpoint][]int, []ir.AddrSet) {
	groups := map[*ir.Endpoint][]int{}
	var blocks []ir.AddrSet
	for i, g := range prog.Groups {
		var addrs []netip.Addr
		for _, m := range g.Members {
			groups[m] = append(groups[m], i)
			addrs = append(addrs, m.Addrs...)
		}
		if rest := g.Addrs.Subtract(ir.AddrSetOf(addrs...)); !rest.IsEmpty() {
			blocks = append(blocks, rest)
		}
	}
	return groups, blocks
}

func classKey(e *ir.Endpoint, groups []int, blocks []ir.AddrSet) []byte {
	key := binary.AppendUvarint(nil, uint64(len(groups)))
	for _, g := range groups {
		key = binary.AppendUvarint(key, uint64(g))
	}
	key = binary.AppendUvarint(key, uint64(len(e.Ports)))
	for _, p := range e.Ports {
		key = binary.AppendUvarint(key, uint64(len(p.Name)))
		key = append(key, p.Name...)
		key = binary.AppendUvarint(key, uint64(p.Proto)<<16|uint64(p.Port))
	}
	for _, a := range e.Addrs {
		key = append(key, byte(ir.FamilyOf(a)))
		for i, b := range blocks {
			if b.Contains(a) {
				key = binary.AppendUvarint(key, uint64(i)+1)
			}
		}
		key = append(key, 0)
	}
	return key
}

// fill gives the cells of one table.
func (c *classes) fill(j *judge) [][]Word {
	pairs := make([][]Word, len(c.reps))
	for s, src := range c.reps {
		pairs[s] = make([]Word, len(c.reps))
		for d, dst := range c.reps {
			if a, b := src[0], dst[len(dst)-1]; a != b {
				pairs[s][d] = j.word(c.pods[a], c.pods[b])
			}
		}
	}
	cells := make([][]Word, len(c.pods))
	for s := range cells {
		cells[s] = make([]Word, len(c.pods))
		row := pairs[c.of[s]]
		for d, class := range c.of {
			cells[s][d] = row[class]
		}
		cells[s][s] = Allow
	}
	return cells
}
