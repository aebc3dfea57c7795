package ir

import "slices"

// point is a member of a finite, totally ordered space in which every member but the last has a successor.
type point[T any] interface {
	comparable
	compare(T) int
	next() (T, bool) // false: this is the last point
	prev() (T, bool) // false: this is the first point
}

// span is a closed interval; from <= to.
type span[T point[T]] struct{ from, to T }

// spans is a set of points in canonical form: ascending, disjoint, no two adjacent. Values are immutable and shared.
type spans[T point[T]] []span[T]

// normalize brings any list of intervals into canonical form. It may reorder its argument.
func normalize[T point[T]](in []span[T]) spans[T] {
	if len(in) == 0 {
		return nil
	}
	if !ascending(in) {
		slices.SortFunc(in, func(a, b span[T]) int {
			if c := a.from.compare(b.from); c != 0 {
				return c
			}
			return a.to.compare(b.to)
		})
	}
	out := in[:1]
	for _, s := range in[1:] {
		last := &out[len(out)-1]
		if after, ok := last.to.next(); !ok || s.from.compare(after) <= 0 {
			if s.to.compare(last.to) > 0 {
				last.to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return slices.Clip(out)
}

// ascending reports whether spans are in order already, as the addresses of pods by name often are.
func ascending[T point[T]](in []span[T]) bool {
	for i := 1; i < len(in); i++ {
		if in[i-1].from.compare(in[i].from) > 0 {
			return false
		}
	}
	return true
}

func (a spans[T]) union(b spans[T]) spans[T] {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return normalize(append(slices.Clone(a), b...))
}

func (a spans[T]) intersect(b spans[T]) spans[T] {
	var out spans[T]
	for i, j := 0, 0; i < len(a) && j < len(b); {
		from, to := later(a[i].from, b[j].from), earlier(a[i].to, b[j].to)
		if from.compare(to) <= 0 {
			out = append(out, span[T]{from, to})
		}
		if a[i].to.compare(b[j].to) < 0 {
			i++
		} else {
			j++
		}
	}
	return out
}

func (a spans[T]) subtract(b spans[T]) spans[T] {
	var out spans[T]
	j := 0
	for _, s := range a {
		for j < len(b) && b[j].to.compare(s.from) < 0 {
			j++
		}
		rest, alive := s, true
		for k := j; alive && k < len(b) && b[k].from.compare(rest.to) <= 0; k++ {
			if b[k].from.compare(rest.from) > 0 {
				before, _ := b[k].from.prev()
				out = append(out, span[T]{rest.from, before})
			}
			after, ok := b[k].to.next()
			alive = ok && after.compare(rest.to) <= 0
			rest.from = after
		}
		if alive {
			out = append(out, rest)
		}
	}
	return out
}

// overlaps reports whether the sets share a point, without building their intersection.
func (a spans[T]) overlaps(b spans[T]) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, s := range a {
		i, _ := slices.BinarySearchFunc(b, s.from, func(e span[T], p T) int { return e.to.compare(p) })
		if i < len(b) && b[i].from.compare(s.to) <= 0 {
			return true
		}
	}
	return false
}

// covers reports whether every point of b is in a.
func (a spans[T]) covers(b spans[T]) bool {
	for _, s := range b {
		i, _ := slices.BinarySearchFunc(a, s.from, func(e span[T], p T) int { return e.to.compare(p) })
		if i == len(a) || a[i].from.compare(s.from) > 0 || a[i].to.compare(s.to) < 0 {
			return false
		}
	}
	return true
}

func (a spans[T]) contains(p T) bool {
	i, _ := slices.BinarySearchFunc(a, p, func(e span[T], p T) int { return e.to.compare(p) })
	return i < len(a) && a[i].from.compare(p) <= 0
}

func later[T point[T]](a, b T) T {
	if a.compare(b) < 0 {
		return b
	}
	return a
}

func earlier[T point[T]](a, b T) T {
	if a.compare(b) < 0 {
		return a
	}
	return b
}
