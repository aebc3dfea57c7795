package artifact

import (
	"slices"
	"sort"
)

// Diff returns the smallest plan that turns a into b: an object is replaced only if its head changed; items of an unordered
// object change by set difference; those of an ordered one by an edit script of least length. Cost: linear in the unordered
// items; for ordered ones O((n+r) log n), r being the number of pairs of equal items outside the common ends. Objects of which both
// artifacts have the same list of items, in the same place of memory, cost next to nothing, and items that share their text little; so do
// objects between few changes that share their keys and heads.
func Diff(a, b Artifact) Plan {
	p := Plan{Target: b.Target, Node: b.Node, To: b}
	was, is := apart(a.Objects, b.Objects)
	old := make(map[string]Object, len(was))
	for _, at := range was {
		old[a.Objects[at].Key] = a.Objects[at]
	}
	kept := make(map[string]struct{}, len(is))
	stays := false
	for _, at := range is {
		o := b.Objects[at]
		kept[o.Key] = struct{}{}
		before, existed := old[o.Key]
		stays = stays || existed && sameHead(&before, &o)
	}
	if stays { // or all that stay stand between, in order
		p.Order = newOrder(a, b)
	}
	for i := len(was) - 1; i >= 0; i-- {
		o := a.Objects[was[i]]
		if _, ok := kept[o.Key]; !ok {
			p.Changes = append(p.Changes, Change{Op: Delete, Key: o.Key, Old: o, Edits: all(Delete, o.Items)})
		}
	}
	for _, i := range is {
		o := b.Objects[i]
		was, existed := old[o.Key]
		switch {
		case !existed:
			p.Changes = append(p.Changes, Change{Op: Add, Key: o.Key, Head: o.Head, At: i, New: o, Edits: all(Add, o.Items)})
		case !sameHead(&was, &o):
			p.Changes = append(p.Changes, Change{Op: Replace, Key: o.Key, Head: o.Head, At: i, Old: was, New: o,
				Edits: append(all(Delete, was.Items), all(Add, o.Items)...)})
		default:
			if edits := diffItems(was.Items, o.Items, o.Ordered); len(edits) > 0 {
				p.Changes = append(p.Changes, Change{Op: Modify, Key: o.Key, Old: was, New: o, Edits: edits})
			}
		}
	}
	return p
}

func sameHead(a, b *Object) bool { return a.Head == b.Head && a.Ordered == b.Ordered }

// mostBetween is how many objects apart walks past to find the two lists together again.
const mostBetween = 64

// apart walks through two lists and leaves out objects that are the same in both and stand in the same order. It gives the indices of
// all others, in order; where many stand between two that are the same, all that come later.
func apart(a, b []Object) (was, is []int) {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if sameObject(&a[i], &b[j]) {
			i, j = i+1, j+1
			continue
		}
		skipA, skipB, found := between(a[i:], b[j:])
		if !found {
			break
		}
		if skipA+skipB == 0 { // the same key, and something else
			skipA, skipB = 1, 1
		}
		was, is = append(was, indices(i, i+skipA)...), append(is, indices(j, j+skipB)...)
		i, j = i+skipA, j+skipB
	}
	return append(was, indices(i, len(a))...), append(is, indices(j, len(b))...)
}

// between gives the least numbers of objects that stand before two of the same key.
func between(a, b []Object) (skipA, skipB int, found bool) {
	for n := range mostBetween {
		if n < len(a) {
			for k := range min(n+1, len(b)) {
				if a[n].Key == b[k].Key {
					return n, k, true
				}
			}
		}
		if n < len(b) {
			for k := range min(n, len(a)) {
				if a[k].Key == b[n].Key {
					return k, n, true
				}
			}
		}
	}
	return 0, 0, false
}

func indices(from, upTo int) []int {
	out := make([]int, 0, upTo-from)
	for i := from; i < upTo; i++ {
		out = append(out, i)
	}
	return out
}

func sameObject(a, b *Object) bool {
	return a.Key == b.Key && sameHead(a, b) && (isSame(a.Items, b.Items) || slices.Equal(a.Items, b.Items))
}

func all(op Op, items []string) []Edit {
	edits := make([]Edit, len(items))
	for i, item := range items {
		edits[i] = Edit{op, i, item}
	}
	return edits
}

// newOrder lists b's keys if the objects that stay are in another order in b than in a. Replaced objects are placed anew.
func newOrder(a, b Artifact) []string {
	place := make(map[string]int, len(a.Objects))
	for i, o := range a.Objects {
		place[o.Key] = i
	}
	last, moved := -1, false
	keys := make([]string, len(b.Objects))
	for i, o := range b.Objects {
		keys[i] = o.Key
		if at, ok := place[o.Key]; ok && sameHead(&a.Objects[at], &b.Objects[i]) {
			moved = moved || at < last
			last = at
		}
	}
	if !moved {
		return nil
	}
	return keys
}

func diffItems(a, b []string, ordered bool) []Edit {
	if isSame(a, b) || slices.Equal(a, b) {
		return nil
	}
	if ordered {
		return diffSequence(a, b)
	}
	return diffSets(a, b)
}

// isSame reports whether two lists are one in memory.
func isSame[T any](a, b []T) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// diffSets compares sorted lists.
func diffSets(a, b []string) []Edit {
	var gone, come []Edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && a[i] < b[j]:
			gone = append(gone, Edit{Delete, i, a[i]})
			i++
		default:
			come = append(come, Edit{Add, j, b[j]})
			j++
		}
	}
	return append(gone, come...)
}

// diffSequence deletes and adds what is outside a longest common subsequence.
func diffSequence(a, b []string) []Edit {
	var edits []Edit
	i, j := 0, 0
	until := func(toI, toJ int) {
		for ; i < toI; i++ {
			edits = append(edits, Edit{Delete, i, a[i]})
		}
		for ; j < toJ; j++ {
			edits = append(edits, Edit{Add, j, b[j]})
		}
	}
	for _, m := range commonSubsequence(a, b) {
		until(m.i, m.j)
		i, j = i+1, j+1
	}
	until(len(a), len(b))
	return edits
}

// match is a pair of equal items: a[i] == b[j].
type match struct{ i, j int }

// commonSubsequence returns a longest common subsequence, by the method of Hunt and Szymanski: the pairs of equal items are
// walked by ascending i and descending j; a pair that ends a common subsequence of length k replaces an earlier one that ends
// further right, and remembers the best pair of length k-1 before it.
func commonSubsequence(a, b []string) []match {
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out []match
	for i := range head {
		out = append(out, match{i, i})
	}
	out = append(out, huntSzymanski(a[head:len(a)-tail], b[head:len(b)-tail], head)...)
	for k := tail; k > 0; k-- {
		out = append(out, match{len(a) - k, len(b) - k})
	}
	return out
}

func huntSzymanski(a, b []string, offset int) []match {
	type node struct {
		match
		before *node
	}
	places := make(map[string][]int, len(b)) // of each item in b, descending
	for j := len(b) - 1; j >= 0; j-- {
		places[b[j]] = append(places[b[j]], j)
	}
	var ends []*node // ends[k] ends a common subsequence of length k+1, as far left in b as possible
	for i, item := range a {
		for _, j := range places[item] {
			k := sort.Search(len(ends), func(k int) bool { return ends[k].j >= j })
			if k < len(ends) && ends[k].j == j {
				continue
			}
			n := &node{match: match{i, j}}
			if k > 0 {
				n.before = ends[k-1]
			}
			if k == len(ends) {
				ends = append(ends, n)
			} else {
				ends[k] = n
			}
		}
	}
	if len(ends) == 0 {
		return nil
	}
	out := make([]match, len(ends))
	for n, k := ends[len(ends)-1], len(ends)-1; n != nil; n, k = n.before, k-1 {
		out[k] = match{n.i + offset, n.j + offset}
	}
	return out
}
