package reach

import (
	"cmp"
	"slices"
	"strings"
)

// Change is a cell that differs between two matrices. Before or After is Absent where that matrix has no such pod or port.
type Change struct {
	Port          Port
	Source        string // "namespace/name"
	Destination   string
	Before, After Word
}

// String gives "shop/web -> shop/db TCP/80: drop, now allow".
func (c Change) String() string {
	return c.Source + " -> " + c.Destination + " " + c.Port.String() + ": " + c.Before.String() + ", now " + c.After.String()
}

// Diff lists the cells that differ from a to b, by port, source, destination. A pod to itself is left out: it can always.
func Diff(a, b *Matrix) []Change {
	pods := merge(a.Pods, b.Pods, comparePods)
	before, after := newIndex(a, pods), newIndex(b, pods)
	ports := merge(portsOf(a), portsOf(b), Port.Compare)
	var out []Change
	for _, port := range ports {
		x, y := before.tables[port], after.tables[port]
		for i, src := range pods {
			for j, dst := range pods {
				c := Change{port, src, dst, before.cell(x, i, j), after.cell(y, i, j)}
				if c.Before != c.After && i != j {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

func comparePods(a, b string) int {
	aNamespace, aName, _ := strings.Cut(a, "/")
	bNamespace, bName, _ := strings.Cut(b, "/")
	return cmp.Or(cmp.Compare(aNamespace, bNamespace), cmp.Compare(aName, bName))
}

// merge gives the union in order.
func merge[T comparable](a, b []T, compare func(T, T) int) []T {
	all := slices.Concat(a, b)
	slices.SortFunc(all, compare)
	return slices.Compact(all)
}

func portsOf(m *Matrix) []Port {
	var out []Port
	for _, t := range m.Tables {
		out = append(out, t.Port)
	}
	return out
}

// index finds cells of a matrix by places in a common list of pods.
type index struct {
	at     []int // by place: the matrix's own index, or -1
	tables map[Port]*Table
}

func newIndex(m *Matrix, pods []string) *index {
	own := map[string]int{}
	for i, p := range m.Pods {
		own[p] = i
	}
	x := &index{tables: map[Port]*Table{}}
	for _, p := range pods {
		i, ok := own[p]
		if !ok {
			i = -1
		}
		x.at = append(x.at, i)
	}
	for i := range m.Tables {
		x.tables[m.Tables[i].Port] = &m.Tables[i]
	}
	return x
}

func (x *index) cell(t *Table, src, dst int) Word {
	s, d := x.at[src], x.at[dst]
	if t == nil || s < 0 || d < 0 {
		return Absent
	}
	return t.Cells[s][d]
}
