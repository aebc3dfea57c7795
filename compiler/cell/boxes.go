package cell

import (
	"math"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// grid is how the ports of one protocol are cut: at each listed value a new segment begins. Boxes of a protocol are numbered
// from first on, destination by destination within each source.
type grid struct {
	proto    ir.Proto
	src, dst []uint16
	first    int32
}

func (g *grid) boxes() int { return len(g.src) * len(g.dst) }

// Boxes is a division of layer 4 by rules. Boxes are numbered from 0.
type Boxes struct {
	Of    [][]int32 // by rule: the boxes that its layer 4 contains, ascending
	grids []grid
}

// BoxesOf cuts layer 4 at every bound that occurs in the rules. It returns false if there are more than Limit boxes.
func BoxesOf(rules []*ir.Rule) (*Boxes, bool) {
	grids, total := gridsOf(rules)
	if total > Limit {
		return nil, false
	}
	out := make([][]int32, len(rules))
	for i, r := range rules {
		for _, b := range r.L4 {
			for k := range grids {
				if b.Proto == ir.ProtoAny || b.Proto == grids[k].proto {
					out[i] = grids[k].appendBoxes(out[i], b)
				}
			}
		}
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
		if total += len(out[i]); total > Limit {
			return nil, false
		}
	}
	return &Boxes{out, grids}, true
}

// Box returns the packets of a box. ProtoAny stands for the protocols that Protos does not list.
func (b *Boxes) Box(i int32) ir.L4 {
	at, _ := slices.BinarySearchFunc(b.grids, i+1, func(g grid, i int32) int { return int(g.first) - int(i) })
	g := &b.grids[at-1]
	n := int(i - g.first)
	return ir.L4{Proto: g.proto, Src: segment(g.src, n/len(g.dst)), Dst: segment(g.dst, n%len(g.dst))}
}

// Protos lists the protocols that the rules name.
func (b *Boxes) Protos() []ir.Proto {
	var out []ir.Proto
	for _, g := range b.grids {
		if g.proto != ir.ProtoAny {
			out = append(out, g.proto)
		}
	}
	return out
}

// segment returns the ports from one cut to the next.
func segment(at []uint16, i int) ir.PortRange {
	if i+1 == len(at) {
		return ir.PortRange{From: at[i], To: math.MaxUint16}
	}
	return ir.PortRange{From: at[i], To: at[i+1] - 1}
}

// gridsOf cuts each protocol that occurs. The first grid stands for all other protocols, as one box: only a rule for any
// protocol contains it, which settles most questions at once.
func gridsOf(rules []*ir.Rule) (grids []grid, boxes int) {
	cuts := map[ir.Proto]*grid{ir.ProtoAny: {proto: ir.ProtoAny}}
	for _, r := range rules {
		for _, b := range r.L4 {
			g := cuts[b.Proto]
			if g == nil {
				g = &grid{proto: b.Proto}
				cuts[b.Proto] = g
			}
			g.src, g.dst = cut(g.src, b.Src), cut(g.dst, b.Dst)
		}
	}
	for _, g := range cuts {
		g.src, g.dst = segments(g.src), segments(g.dst)
		grids = append(grids, *g)
	}
	slices.SortFunc(grids, func(a, b grid) int { return int(b.proto) - int(a.proto) })
	for i := range grids {
		grids[i].first = int32(boxes)
		boxes += grids[i].boxes()
	}
	return grids, boxes
}

func cut(at []uint16, r ir.PortRange) []uint16 {
	at = append(at, r.From)
	if after := r.To + 1; after != 0 {
		at = append(at, after)
	}
	return at
}

func segments(at []uint16) []uint16 {
	at = append(at, 0)
	slices.Sort(at)
	return slices.Compact(at)
}

// within returns the first and one past the last segment of a range, which begins and ends at cuts.
func within(at []uint16, r ir.PortRange) (from, to int) {
	from, _ = slices.BinarySearch(at, r.From)
	to = len(at)
	if after := r.To + 1; after != 0 {
		to, _ = slices.BinarySearch(at, after)
	}
	return from, to
}

func (g *grid) appendBoxes(out []int32, b ir.L4) []int32 {
	srcFrom, srcTo := within(g.src, b.Src)
	dstFrom, dstTo := within(g.dst, b.Dst)
	for s := srcFrom; s < srcTo; s++ {
		for d := dstFrom; d < dstTo; d++ {
			out = append(out, g.first+int32(s*len(g.dst)+d))
		}
	}
	return out
}
