package openflow

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/headgate-net/headgate/targets/artifact"
)

// change is what is to go from the objects of an artifact, and what is to come.
type change struct{ gone, come []artifact.Object }

// take has objects go, and forgets them.
func (c *change) take(list *[]artifact.Object) {
	c.gone = append(c.gone, *list...)
	*list = nil
}

// give has objects come.
func (c *change) give(list []artifact.Object) { c.come = append(c.come, list...) }

// replace has a list, which is in order, take the place of another one.
func (c *change) replace(old, new []artifact.Object) {
	for len(old) > 0 && len(new) > 0 {
		order := CompareObjects(old[0], new[0])
		if order < 0 || order == 0 && old[0].Value != new[0].Value {
			c.gone = append(c.gone, old[0])
		}
		if order > 0 || order == 0 && old[0].Value != new[0].Value {
			c.come = append(c.come, new[0])
		}
		if order <= 0 {
			old = old[1:]
		}
		if order >= 0 {
			new = new[1:]
		}
	}
	c.gone, c.come = append(c.gone, old...), append(c.come, new...)
}

// CompareObjects is the order of an artifact's objects: groups and meters by ID, flows by Compare, and what is none of these by key. It is
// 0 for those of one key.
func CompareObjects(a, b artifact.Object) int {
	switch x := a.Value.(type) {
	case *Group:
		if y, ok := b.Value.(*Group); ok {
			return cmp.Compare(x.ID, y.ID)
		}
	case *Meter:
		if y, ok := b.Value.(*Meter); ok {
			return cmp.Compare(x.ID, y.ID)
		}
	case *Flow:
		if y, ok := b.Value.(*Flow); ok {
			return x.Compare(y)
		}
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Key, b.Key))
}

func rank(o artifact.Object) int {
	switch o.Value.(type) {
	case *Group:
		return 0
	case *Meter:
		return 1
	case *Flow:
		return 2
	}
	return 3
}

// apply gives the objects after the change. It is not ok if one is not there that is to go, or two would be the same: then it cannot be
// told whose the one is. What would go and come the same stays.
func (c *change) apply(was artifact.Artifact) (now artifact.Artifact, ok bool) {
	slices.SortFunc(c.gone, CompareObjects)
	slices.SortFunc(c.come, CompareObjects)
	c.settle()
	now = artifact.Artifact{Target: was.Target, Node: was.Node}
	now.Objects = make([]artifact.Object, 0, len(was.Objects)+len(c.come))
	list, gone, come := was.Objects, c.gone, c.come
	for len(gone)+len(come) > 0 {
		order := 1
		switch {
		case len(come) == 0:
			order = -1
		case len(gone) > 0:
			order = CompareObjects(gone[0], come[0])
		}
		if order <= 0 {
			at, found := slices.BinarySearchFunc(list, gone[0], CompareObjects)
			if !found {
				return now, false
			}
			now.Objects, list, gone = append(now.Objects, list[:at]...), list[at+1:], gone[1:]
			continue // with another one of the key next, if there is one
		}
		at, found := slices.BinarySearchFunc(list, come[0], CompareObjects)
		now.Objects, list = append(now.Objects, list[:at]...), list[at:]
		if n := len(now.Objects); found || n > 0 && CompareObjects(now.Objects[n-1], come[0]) == 0 {
			return now, false
		}
		now.Objects, come = append(now.Objects, come[0]), come[1:]
	}
	now.Objects = append(now.Objects, list...)
	return artifact.HashedFrom(was, now, c.gone, c.come), true
}

// settle leaves out what would go and come the same. Both lists are in order.
func (c *change) settle() {
	gone, come := c.gone[:0:0], c.come[:0:0]
	a, b := c.gone, c.come
	for len(a) > 0 && len(b) > 0 {
		switch order := CompareObjects(a[0], b[0]); {
		case order < 0:
			gone, a = append(gone, a[0]), a[1:]
		case order > 0:
			come, b = append(come, b[0]), b[1:]
		default:
			if a[0].Head != b[0].Head || !reflect.DeepEqual(a[0].Value, b[0].Value) {
				gone, come = append(gone, a[0]), append(come, b[0])
			}
			a, b = a[1:], b[1:]
		}
	}
	c.gone, c.come = append(gone, a...), append(come, b...)
}
