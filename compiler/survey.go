package compiler

import (
	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Survey is what the objects of a Session come to for the whole cluster, before there are rules for any node.
type Survey struct {
	Program  *ir.Program
	Allotted *resolve.Allotment // who has which address outside the cluster
	Odd      []diag.Finding     // about these addresses, whether errors or not
}

// Survey resolves everything, at the cost of what changed and of listing it.
func (s *Session) Survey() *Survey {
	program := s.index.Program(resolve.Cluster(), nil)
	return &Survey{Program: program, Allotted: s.index.Allotment(), Odd: s.index.OddAddresses()}
}

// Oddities reports what Faults does, and of the same things also what is less than an error.
func (s *Session) Oddities(report *diag.Report) {
	program := s.index.Program(resolve.Machines(), nil)
	s.index.Oddities(report)
	for _, f := range s.guard(program, flatten.Flatten(program), balanceOf(s.index)) {
		report.AddFinding(f)
	}
}

// Try has the Session hold an object, in place of the one of its kind and name if it holds one, as long as f works. Of the Session, f may
// call what compiles and reports. The Session was given its objects by Replace.
func (s *Session) Try(o manifest.Object, f func()) {
	before := s.find(keyOf(o))
	s.Upsert(o)
	defer s.restore(keyOf(o), before)
	f()
}

// TryWithout is Try for the lack of an object. The kind is as resolve.KindOf gives it.
func (s *Session) TryWithout(kind, namespace, name string, f func()) {
	key := objectKey{kind, namespace, name}
	before := s.find(key)
	s.Delete(kind, namespace, name)
	defer s.restore(key, before)
	f()
}

func (s *Session) restore(key objectKey, before manifest.Object) {
	if before == nil {
		s.Delete(key.kind, key.namespace, key.name)
		return
	}
	s.Upsert(before)
}

// find returns the object that the Session holds, nil if there is none.
func (s *Session) find(key objectKey) manifest.Object {
	for o := range s.objects.All() {
		if m := o.Header(); m.Name == key.name && m.Namespace == key.namespace && resolve.KindOf(m) == key.kind {
			return o
		}
	}
	return nil
}

func keyOf(o manifest.Object) objectKey {
	m := o.Header()
	return objectKey{resolve.KindOf(m), m.Namespace, m.Name}
}
