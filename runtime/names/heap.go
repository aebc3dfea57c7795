package names

import "time"

// place is where something stands in a heap that is ordered by time.
type place struct {
	until time.Time
	index int
}

func (p *place) at() *place { return p }

// heapOf is a container/heap.Interface whose elements know where they stand, the soonest in front.
type heapOf[E interface{ at() *place }] []E

// Len is the number of elements.
func (h heapOf[E]) Len() int { return len(h) }

// Less orders by time.
func (h heapOf[E]) Less(i, j int) bool { return h[i].at().until.Before(h[j].at().until) }

// Swap exchanges two elements.
func (h heapOf[E]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at().index, h[j].at().index = i, j
}

// Push appends an element.
func (h *heapOf[E]) Push(x any) {
	e := x.(E)
	e.at().index = len(*h)
	*h = append(*h, e)
}

// Pop removes the last element.
func (h *heapOf[E]) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	var none E
	(*h)[last] = none
	*h = (*h)[:last]
	return e
}
