package artifact

import (
	"fmt"
	"slices"
	"strings"
)

// Op says what a change does to an object, or an edit to an item.
type Op string

// The operations. An item is only added or deleted. Replace means that the object's head changed: it is deleted and added
// anew. Modify leaves the object and edits its items.
const (
	Add     Op = "add"
	Delete  Op = "delete"
	Replace Op = "replace"
	Modify  Op = "modify"
)

// Plan is a set of changes that turns one artifact into another. Changes come in the order in which they can be carried out:
// first deletions in reverse load order, then additions, replacements and modifications in load order. Dataplanes that
// transact may use another order.
type Plan struct {
	Target  string   `json:"target"`
	Node    string   `json:"node"`
	Changes []Change `json:"changes"`
	// Order lists all keys in their new load order when the order of the objects that stay changed too, else it is nil. Load
	// order is no state of a dataplane, so a plan without Changes is empty whatever Order says.
	Order []string `json:"order,omitempty"`
	// To is the artifact that the plan leads to, with its Values.
	To Artifact `json:"-"`
}

// Change is what happens to one object. Old is the zero Object for Add, New for Delete.
type Change struct {
	Op    Op     `json:"op"`
	Key   string `json:"key"`
	Head  string `json:"head,omitempty"` // the new head, for Add and Replace
	At    int    `json:"at"`             // for Add and Replace: the object's place in the new artifact
	Edits []Edit `json:"edits,omitempty"`
	Old   Object `json:"-"`
	New   Object `json:"-"`
}

// Edit adds or deletes one item. At is the item's index: of a deleted one in the old Items, of an added one in the new Items.
// Within a Change of an unordered object, deletions come before additions; of an ordered one, the edits come in the order of
// the sequence, deletions first where both happen at one place.
type Edit struct {
	Op   Op     `json:"op"`
	At   int    `json:"at"`
	Text string `json:"text"`
}

// Summary counts what a plan changes.
type Summary struct {
	ObjectsAdded    int `json:"objectsAdded"`
	ObjectsDeleted  int `json:"objectsDeleted"`
	ObjectsReplaced int `json:"objectsReplaced"`
	ObjectsModified int `json:"objectsModified"`
	ItemsAdded      int `json:"itemsAdded"` // those of added and replaced objects included
	ItemsDeleted    int `json:"itemsDeleted"`
}

// IsEmpty reports whether there is nothing to do.
func (p Plan) IsEmpty() bool { return len(p.Changes) == 0 }

// Summary counts the changes.
func (p Plan) Summary() Summary {
	var s Summary
	for _, c := range p.Changes {
		switch c.Op {
		case Add:
			s.ObjectsAdded++
		case Delete:
			s.ObjectsDeleted++
		case Replace:
			s.ObjectsReplaced++
		case Modify:
			s.ObjectsModified++
		}
		for _, e := range c.Edits {
			if e.Op == Add {
				s.ItemsAdded++
			} else {
				s.ItemsDeleted++
			}
		}
	}
	return s
}

// String gives "no changes", or counts such as "2 objects added, 1 modified; 12 items added, 3 deleted".
func (s Summary) String() string {
	objects := counts("object", []count{{s.ObjectsAdded, "added"}, {s.ObjectsDeleted, "deleted"},
		{s.ObjectsReplaced, "replaced"}, {s.ObjectsModified, "modified"}})
	items := counts("item", []count{{s.ItemsAdded, "added"}, {s.ItemsDeleted, "deleted"}})
	switch {
	case objects == "":
		return "no changes"
	case items == "":
		return objects
	}
	return objects + "; " + items
}

type count struct {
	n    int
	word string
}

func counts(noun string, list []count) string {
	var parts []string
	for _, c := range list {
		if c.n == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", c.n, c.word)
		if len(parts) == 0 {
			plural := "s"
			if c.n == 1 {
				plural = ""
			}
			part = fmt.Sprintf("%d %s%s %s", c.n, noun, plural, c.word)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// Text prints the plan as a diff: "+", "-" and "~" before the heads of added, deleted and modified objects, "+" and "-"
// before items.
func (p Plan) Text() string {
	var b strings.Builder
	for _, c := range p.Changes {
		switch c.Op {
		case Add:
			fmt.Fprintf(&b, "+%s\n", c.New.Head)
		case Delete:
			fmt.Fprintf(&b, "-%s\n", c.Old.Head)
		case Replace:
			fmt.Fprintf(&b, "-%s\n+%s\n", c.Old.Head, c.New.Head)
		case Modify:
			fmt.Fprintf(&b, "~%s\n", c.New.Head)
		}
		for _, e := range c.Edits {
			sign := "+"
			if e.Op == Delete {
				sign = "-"
			}
			fmt.Fprintf(&b, "%s\t%s\n", sign, e.Text)
		}
	}
	return b.String()
}

// Apply carries out a plan on the artifact that it was made from, using nothing of the plan but its changes. It fails when the
// plan does not fit. Apply(a, Diff(a, b)) equals b; a is not changed, and Values are taken from b where the plan has them.
func Apply(a Artifact, p Plan) (Artifact, error) {
	out := Artifact{Target: p.Target, Node: p.Node, Objects: slices.Clone(a.Objects)}
	index := make(map[string]int, len(out.Objects))
	for i, o := range out.Objects {
		index[o.Key] = i
	}
	gone := map[string]bool{}
	var added []Change
	for _, c := range p.Changes {
		i, exists := index[c.Key]
		if exists == (c.Op == Add) {
			return Artifact{}, fmt.Errorf("plan does not fit: %s %s", c.Op, c.Key)
		}
		switch c.Op {
		case Delete:
			gone[c.Key] = true
		case Add, Replace:
			gone[c.Key] = c.Op == Replace
			added = append(added, c)
		case Modify:
			items, err := applyEdits(out.Objects[i], c.Edits)
			if err != nil {
				return Artifact{}, err
			}
			out.Objects[i].Items, out.Objects[i].Value = items, c.New.Value
		}
	}
	out.Objects = slices.DeleteFunc(out.Objects, func(o Object) bool { return gone[o.Key] })
	return place(out, added, p.Order)
}

// place inserts the added objects where they belong, in ascending order of their places.
func place(out Artifact, added []Change, order []string) (Artifact, error) {
	for _, c := range added {
		if c.At > len(out.Objects) && order == nil {
			return Artifact{}, fmt.Errorf("plan does not fit: %s has place %d of %d", c.Key, c.At, len(out.Objects))
		}
		out.Objects = slices.Insert(out.Objects, min(c.At, len(out.Objects)), c.New)
	}
	if order == nil {
		return out, nil
	}
	rank := make(map[string]int, len(order))
	for i, key := range order {
		rank[key] = i
	}
	slices.SortFunc(out.Objects, func(a, b Object) int { return rank[a.Key] - rank[b.Key] })
	return out, nil
}

func applyEdits(o Object, edits []Edit) ([]string, error) {
	drop := map[int]bool{}
	for _, e := range edits {
		if e.Op != Delete {
			continue
		}
		if e.At >= len(o.Items) || o.Items[e.At] != e.Text || drop[e.At] {
			return nil, fmt.Errorf("plan does not fit: %s has no item %q at %d", o.Key, e.Text, e.At)
		}
		drop[e.At] = true
	}
	kept := make([]string, 0, len(o.Items))
	for i, item := range o.Items {
		if !drop[i] {
			kept = append(kept, item)
		}
	}
	var out []string
	for _, e := range edits {
		if e.Op != Add {
			continue
		}
		n := e.At - len(out)
		if n < 0 || n > len(kept) {
			return nil, fmt.Errorf("plan does not fit: %s has no place %d", o.Key, e.At)
		}
		out = append(append(out, kept[:n]...), e.Text)
		kept = kept[n:]
	}
	return append(out, kept...), nil
}
