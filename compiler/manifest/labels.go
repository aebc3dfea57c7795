package manifest

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Get returns the value of a key and whether the labels have it.
func (l Labels) Get(key string) (string, bool) {
	if len(l) <= 8 {
		for i := range l {
			if l[i].Key == key {
				return l[i].Value, true
			}
		}
		return "", false
	}
	i := sort.Search(len(l), func(i int) bool { return l[i].Key >= key })
	if i < len(l) && l[i].Key == key {
		return l[i].Value, true
	}
	return "", false
}

// String gives "a=b,c=d" in the order of the keys.
func (l Labels) String() string {
	var b strings.Builder
	for i, label := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(label.Key)
		b.WriteByte('=')
		b.WriteString(label.Value)
	}
	return b.String()
}

// MakeSelector brings requirements into canonical form: values sorted and distinct, requirements sorted by key, operator
// and values, each once.
func MakeSelector(requirements ...Requirement) Selector {
	out := slices.Clone(requirements)
	for i := range out {
		values := slices.Clone(out[i].Values)
		slices.Sort(values)
		if values = slices.Compact(values); len(values) == 0 {
			values = nil
		}
		out[i].Values = values
	}
	slices.SortFunc(out, compareRequirements)
	out = slices.CompactFunc(out, func(a, b Requirement) bool { return compareRequirements(a, b) == 0 })
	if len(out) == 0 {
		return Selector{}
	}
	return Selector{slices.Clip(out)}
}

func compareRequirements(a, b Requirement) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Op, b.Op), slices.Compare(a.Values, b.Values))
}

// String gives the selector in the notation of kubectl, its requirements in canonical order: "app=web,tier in (a,b),!x".
// It is the selector's identity: equal texts mean equal selectors. The selector of everything gives "".
func (s Selector) String() string {
	var b strings.Builder
	for i, r := range s.Requirements {
		if i > 0 {
			b.WriteByte(',')
		}
		r.write(&b)
	}
	return b.String()
}

func (r Requirement) write(b *strings.Builder) {
	if r.Op == DoesNotExist {
		b.WriteByte('!')
	}
	b.WriteString(r.Key)
	if r.Op == Exists || r.Op == DoesNotExist {
		return
	}
	if len(r.Values) == 1 {
		if r.Op == NotIn {
			b.WriteByte('!')
		}
		b.WriteByte('=')
		b.WriteString(r.Values[0])
		return
	}
	b.WriteString(map[Operator]string{In: " in (", NotIn: " notin ("}[r.Op])
	for i, v := range r.Values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(v)
	}
	b.WriteByte(')')
}

// Matches reports whether every requirement holds. NotIn holds as well for labels without the key, as the Kubernetes
// documentation of label selectors says.
func (s Selector) Matches(l Labels) bool {
	for i := range s.Requirements {
		if !s.Requirements[i].Matches(l) {
			return false
		}
	}
	return true
}

// Matches reports whether the requirement holds.
func (r Requirement) Matches(l Labels) bool {
	value, has := l.Get(r.Key)
	switch r.Op {
	case In:
		return has && r.has(value)
	case NotIn:
		return !has || !r.has(value)
	case Exists:
		return has
	}
	return !has
}

func (r Requirement) has(value string) bool {
	_, found := slices.BinarySearch(r.Values, value)
	return found
}
