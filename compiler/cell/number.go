package cell

import (
	"encoding/binary"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Numbers gives rules with equal keys the same number, and returns one rule for each number.
func Numbers(rules []ir.Rule, key func(*ir.Rule) string) (of []int, examples []*ir.Rule) {
	known := map[string]int{}
	of = make([]int, len(rules))
	for i := range rules {
		k := key(&rules[i])
		n, seen := known[k]
		if !seen {
			n = len(examples)
			known[k] = n
			examples = append(examples, &rules[i])
		}
		of[i] = n
	}
	return of, examples
}

// Join gives values that occur in the same lists one number. Port ranges cut layer 4 into more boxes than rules tell apart:
// twenty ports that always occur together are one. It returns the lists with the new numbers, and what became of each old one.
func Join(lists [][]int32) (joined [][]int32, to map[int32]int32) {
	numbers, moved := map[string]int32{}, map[int32]int32{}
	for v, in := range Invert(lists) {
		key := make([]byte, 0, 4*len(in))
		for _, i := range in {
			key = binary.BigEndian.AppendUint32(key, uint32(i))
		}
		n, known := numbers[string(key)]
		if !known {
			n = int32(len(numbers))
			numbers[string(key)] = n
		}
		moved[int32(v)] = n
	}
	out := make([][]int32, len(lists))
	for i, list := range lists {
		for _, v := range list {
			out[i] = append(out[i], moved[v])
		}
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
	}
	return out, moved
}

// Invert returns for each value the lists that it is in.
func Invert(lists [][]int32) [][]int32 {
	var counts []int
	total := 0
	for _, list := range lists {
		total += len(list)
		for _, v := range list {
			for int(v) >= len(counts) {
				counts = append(counts, 0)
			}
			counts[v]++
		}
	}
	out, room := make([][]int32, len(counts)), make([]int32, total)
	for v, n := range counts {
		out[v], room = room[:0:n], room[n:]
	}
	for i, list := range lists {
		for _, v := range list {
			out[v] = append(out[v], int32(i))
		}
	}
	return out
}

// PeersKey is equal for rules with the same peers.
func PeersKey(r *ir.Rule) string {
	if r.AnyPeer {
		return "any"
	}
	key := make([]byte, 0, 4*len(r.Peers))
	for _, id := range r.Peers {
		key = binary.BigEndian.AppendUint32(key, uint32(id))
	}
	return string(key)
}

// L4Key is equal for rules with the same canonical layer 4.
func L4Key(r *ir.Rule) string {
	key := make([]byte, 0, 10*len(r.L4))
	for _, b := range r.L4 {
		for _, n := range [5]uint16{uint16(b.Proto), b.Src.From, b.Src.To, b.Dst.From, b.Dst.To} {
			key = binary.BigEndian.AppendUint16(key, n)
		}
	}
	return string(key)
}
