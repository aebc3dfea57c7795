package compiler

import (
	"reflect"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
)

// holding is what a Session was given by Replace.
type holding struct {
	objects map[objectKey]*held
	round   int // of Replace
}

// objectKey is what there can be one object of. The kind is as resolve.KindOf gives it.
type objectKey struct{ kind, namespace, name string }

// held is an object, and the last round that it was given in.
type held struct {
	object manifest.Object
	round  int
}

// Replace has the Session hold the given objects and no others, at the cost of a look at each and of what is not as it was. Of objects
// with the same kind and name the last one counts. A Session that is given objects like this must not be given any by Upsert, or told
// Delete.
func (s *Session) Replace(objects *manifest.Objects) {
	h := &s.holding
	h.round++
	for o := range objects.All() {
		m := o.Header()
		key := objectKey{resolve.KindOf(m), m.Namespace, m.Name}
		was := h.objects[key]
		if was == nil {
			was = &held{}
			h.objects[key] = was
		}
		was.round = h.round
		if was.object != o && !reflect.DeepEqual(was.object, o) {
			s.Upsert(o)
			was.object = o
		}
	}
	for key, was := range h.objects {
		if was.round != h.round {
			s.Delete(key.kind, key.namespace, key.name)
			delete(h.objects, key)
		}
	}
}
