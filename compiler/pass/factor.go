package pass

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/compiler/cell"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Problem: a dataplane has room for few sets, and a rule that names several of them costs a lookup for each.
//
// Idea: sets that always occur together, in every rule of the node, are one set. What remains are the atoms of the node's
// rules: each rule names the fewest sets that still can be shared with other rules, and one more member of a group is one more
// element of one set. Single addresses and prefixes stay apart, because targets store them differently; sets that are opaque are
// never joined.
//
//	rules {A,B,C}, {A,B}   ->   {A+B, C}, {A+B}
//
// The joined set's key is made of the keys of its parts, so it stays the same as members come and go.
//
// Cost: linear in the distinct lists of peers, plus uniting the sets that are joined.
func factor(p *ir.Pipeline, _ *diag.Report) *ir.Pipeline {
	together := signatures(p)
	groups := map[string][]ir.SetID{}
	for id := range p.Sets {
		if s := together[id]; s != "" && !p.Sets[id].Kind.IsOpaque() {
			key := p.Sets[id].Kind.String() + s
			groups[key] = append(groups[key], ir.SetID(id))
		}
	}
	type joined struct {
		set   ir.Set
		parts []ir.SetID
	}
	all := make([]joined, 0, len(p.Sets))
	for id, s := range p.Sets {
		parts := groups[s.Kind.String()+together[id]]
		switch {
		case len(parts) < 2:
			all = append(all, joined{s, []ir.SetID{ir.SetID(id)}})
		case parts[0] == ir.SetID(id):
			all = append(all, joined{join(p, parts), parts})
		}
	}
	if len(all) == len(p.Sets) {
		return p
	}
	slices.SortFunc(all, func(a, b joined) int { return cmp.Compare(a.set.Key, b.set.Key) })
	sets, moved := make([]ir.Set, len(all)), make([]ir.SetID, len(p.Sets))
	for to, j := range all {
		sets[to] = j.set
		for _, from := range j.parts {
			moved[from] = ir.SetID(to)
		}
	}
	return renumber(p, sets, moved)
}

// signatures returns for each set the distinct lists of peers that it occurs in, as text; "" if it occurs in none.
func signatures(p *ir.Pipeline) []string {
	lists := map[string]bool{}
	occurs := make([][]byte, len(p.Sets))
	places(p, func(_ place, l *ir.List) {
		for i := range l.Rules {
			r := &l.Rules[i]
			if r.AnyPeer || lists[cell.PeersKey(r)] {
				continue
			}
			for _, id := range r.Peers {
				occurs[id] = binary.BigEndian.AppendUint32(occurs[id], uint32(len(lists)))
			}
			lists[cell.PeersKey(r)] = true
		}
	})
	out := make([]string, len(occurs))
	for i, o := range occurs {
		out[i] = string(o)
	}
	return out
}

func join(p *ir.Pipeline, parts []ir.SetID) ir.Set {
	const long = 200
	keys, addrs := make([]string, len(parts)), make([]ir.AddrSet, len(parts))
	for i, id := range parts {
		keys[i], addrs[i] = p.Sets[id].Key, p.Sets[id].Addrs
	}
	key := strings.Join(keys, " + ")
	if len(key) >= long {
		sum := sha256.Sum256([]byte(key))
		key = strconv.Itoa(len(parts)) + " sets " + hex.EncodeToString(sum[:16])
	}
	return ir.Set{Key: key, Kind: p.Sets[parts[0]].Kind, Addrs: ir.UnionAll(addrs...)}
}
