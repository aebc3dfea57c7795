package pass

import (
	"iter"
	"slices"

	"github.com/headgate-net/headgate/compiler/cell"
	"github.com/headgate-net/headgate/ir"
)

// cells divides the packets that a list's rules tell apart. See shadow for the idea. Rules are told apart by two numbers only:
// one for what they say about peers, one for what they say about layer 4.
type cells struct {
	rules   []ir.Rule
	removed []bool
	run     []int // by rule: number of the run of equal verdicts it is in
	steps   int
	limit   int

	peers   []int     // by rule: number of its peers
	l4      []int     // by rule: number of its layer 4
	classes [][]int32 // by peers: the classes of addresses in them
	boxes   [][]int32 // by layer 4: the boxes in it
	opaque  int32     // the first class that is an opaque set's
	inClass [][]int32 // by class: the numbers of peers that contain it
	inBox   [][]int32 // by box: the numbers of layer 4 that contain it
	shapes  [][]shape // by peers
}

// shape is the rules with the same peers and layer 4, ascending.
type shape struct {
	l4    int32
	rules []int32
}

// newCells makes the cells of a list, unless that takes more than cell.Limit steps.
func newCells(addrs *cell.Addrs, rules []ir.Rule) (*cells, bool) {
	c := &cells{rules: rules, removed: make([]bool, len(rules)), run: make([]int, len(rules)), limit: looksPerRule * len(rules)}
	var peers, l4 []*ir.Rule
	c.peers, peers = cell.Numbers(rules, cell.PeersKey)
	c.l4, l4 = cell.Numbers(rules, cell.L4Key)
	classes, ok := addrs.OfRules(peers)
	if !ok {
		return nil, false
	}
	boxes, ok := cell.BoxesOf(l4)
	if !ok {
		return nil, false
	}
	c.classes, c.opaque = classes.Of, classes.Opaque
	c.boxes, _ = cell.Join(boxes.Of)
	c.inClass, c.inBox = cell.Invert(c.classes), cell.Invert(c.boxes)
	c.shapes = make([][]shape, len(peers))
	for i := range rules {
		if i > 0 {
			c.run[i] = c.run[i-1]
			if verdictOf(&rules[i]) != verdictOf(&rules[i-1]) {
				c.run[i]++
			}
		}
		c.addShape(i)
	}
	return c, true
}

func compareShape(s shape, l4 int32) int { return int(s.l4) - int(l4) }

func (c *cells) addShape(i int) {
	shapes, l4 := &c.shapes[c.peers[i]], int32(c.l4[i])
	k, known := slices.BinarySearchFunc(*shapes, l4, compareShape)
	if !known {
		*shapes = slices.Insert(*shapes, k, shape{l4: l4})
	}
	(*shapes)[k].rules = append((*shapes)[k].rules, int32(i))
}

// with returns the rules that have some peers and contain a box, by layer 4: whichever way is shorter.
func (c *cells) with(peers, box int32) iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		shapes, in := c.shapes[peers], c.inBox[box]
		if len(shapes) <= len(in) {
			for i := range shapes {
				c.steps++
				if _, has := slices.BinarySearch(c.boxes[shapes[i].l4], box); has && !yield(shapes[i].rules) {
					return
				}
			}
			return
		}
		for _, l4 := range in {
			c.steps++
			if i, has := slices.BinarySearchFunc(shapes, l4, compareShape); has && !yield(shapes[i].rules) {
				return
			}
		}
	}
}

func (c *cells) remove(i int) { c.removed[i] = true }

// coverage is what covers a rule: the first few rules that do, and whether one of all of them has another action.
type coverage struct {
	by       []int
	shadowed bool
}

// covers returns what covers all of rule i, if anything does. Out of steps, it says that nothing does.
func (c *cells) covers(i int) (out coverage, covered bool) {
	j, in := -1, walk{}
	eachCell := func(find func(class, box int32) int) bool {
		for _, class := range c.classes[c.peers[i]] {
			if class >= c.opaque && c.rules[i].AnyPeer {
				break // its packets are in the classes of their addresses, too
			}
			for _, box := range c.boxes[c.l4[i]] {
				if j = find(class, box); j < 0 || c.isOver() {
					return false
				}
				out.add(j, c.rules[j].Action != c.rules[i].Action)
			}
		}
		return true
	}
	covered = eachCell(func(class, box int32) int {
		// What covered the last cell mostly covers this one.
		if j >= 0 && c.has(j, &in, class, box) {
			return j
		}
		k := c.find(i, class, box, true)
		if k >= 0 && k != j {
			in = walkFrom(c.classes[c.peers[k]], class)
		}
		return k
	})
	if !covered || c.run[i] == 0 {
		return out, covered
	}
	// Rules of another action come before it: only the first in each cell says what happens there.
	out = coverage{}
	return out, eachCell(func(class, box int32) int { return c.find(i, class, box, false) })
}

func (o *coverage) add(j int, shadowed bool) {
	o.shadowed = o.shadowed || shadowed
	if len(o.by) < maxRelated && !slices.Contains(o.by, j) {
		o.by = append(o.by, j)
	}
}

// has reports whether rule j, whose classes are those of the walk, covers a cell.
func (c *cells) has(j int, in *walk, class, box int32) bool {
	c.steps++
	_, inL4 := slices.BinarySearch(c.boxes[c.l4[j]], box)
	return inL4 && in.meets(class)
}

// walk goes along ascending values, as far as it is asked for ascending values itself.
type walk struct{ ahead []int32 }

// walkFrom is a walk along those of the values that are not before one.
func walkFrom(values []int32, first int32) walk {
	at, _ := slices.BinarySearch(values, first)
	return walk{values[at:]}
}

// meets reports whether a value is among them.
func (w *walk) meets(v int32) bool {
	for len(w.ahead) > 0 && w.ahead[0] < v {
		w.ahead = w.ahead[1:]
	}
	return len(w.ahead) > 0 && w.ahead[0] == v
}

func (c *cells) isOver() bool { return c.steps > c.limit }

// find returns a rule that covers a cell of rule i and may stand in for it there, or -1: any such rule where that is enough, else the first.
func (c *cells) find(i int, class, box int32, enough bool) int {
	best := -1
	for _, p := range c.inClass[class] {
		for candidates := range c.with(p, box) {
			c.steps += len(candidates)
			for _, j := range candidates {
				ok := int(j) != i && !c.removed[j] && (int(j) < i || c.run[j] == c.run[i])
				if ok && (best < 0 || int(j) < best) {
					best = int(j)
				}
			}
			if enough && best >= 0 {
				return best
			}
		}
		if c.isOver() {
			return best
		}
	}
	return best
}
