package resolve

import "slices"

// posting is a list of endpoints by namespace, then name. Changes are kept aside until the list is read, so that a bulk load
// sorts once and a single change moves memory once; one that nobody reads costs no more than the endpoints that come and go.
type posting struct {
	sorted  []*pod
	added   []*pod // by run
	removed int    // members of both that are gone
}

// smallBatch is the number of changes up to which placing them one by one beats sorting again.
const smallBatch = 8

func (l *posting) len() int { return len(l.sorted) + len(l.added) - l.removed }

func (l *posting) insert(p *pod) { l.added = append(l.added, p) }

// remove takes out p, whose field gone must be set already.
func (l *posting) remove(*pod) {
	if l.removed++; l.removed > l.len()+smallBatch {
		l.forget()
	}
}

// forget drops what is gone.
func (l *posting) forget() {
	isGone := func(p *pod) bool { return p.gone }
	l.sorted, l.added, l.removed = slices.DeleteFunc(l.sorted, isGone), slices.DeleteFunc(l.added, isGone), 0
}

// list returns the endpoints in order. The result is only valid until the next change.
func (l *posting) list() []*pod {
	if l.removed > 0 {
		l.forget()
	}
	switch {
	case len(l.added) == 0:
		return l.sorted
	case len(l.added) <= smallBatch:
		for _, p := range l.added {
			i, _ := slices.BinarySearchFunc(l.sorted, p, comparePods)
			l.sorted = slices.Insert(l.sorted, i, p)
		}
	case len(l.sorted) == 0:
		if l.sorted = l.added; l.sorted[0].run != l.sorted[len(l.sorted)-1].run {
			slices.SortFunc(l.sorted, comparePods)
		}
	default:
		l.sorted = append(l.sorted, l.added...)
		slices.SortFunc(l.sorted, comparePods)
	}
	l.added = nil
	return l.sorted
}

// within returns the part of the list in one namespace.
func (l *posting) within(namespace string) []*pod {
	in := l.list()
	from, _ := slices.BinarySearchFunc(in, namespace, func(p *pod, ns string) int {
		if p.endpoint.Namespace < ns {
			return -1
		}
		return 1
	})
	to := from
	for to < len(in) && in[to].endpoint.Namespace == namespace {
		to++
	}
	return in[from:to]
}
