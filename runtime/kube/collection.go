package kube

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"
)

// digest tells texts apart.
type digest [sha256.Size]byte

// collection is the objects of one kind, as a reflector tells of them. It holds no more of them than whether they change.
type collection struct {
	source   *Source
	of       resource
	held     map[string]digest // by name of the document; guarded by source.mu, as complete is
	complete bool
	gone     bool
}

// Add notes an object.
func (c *collection) Add(object any) error {
	name, text, err := c.document(object)
	if err != nil {
		return err
	}
	c.source.mu.Lock()
	defer c.source.mu.Unlock()
	c.put(name, text)
	return nil
}

// Update notes an object.
func (c *collection) Update(object any) error { return c.Add(object) }

// Delete notes that an object is gone.
func (c *collection) Delete(object any) error {
	if lost, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = lost.Obj
	}
	o, ok := object.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("no object: %T", object)
	}
	c.source.mu.Lock()
	defer c.source.mu.Unlock()
	c.remove(c.of.document(o))
	return nil
}

// Replace notes all objects that there are.
func (c *collection) Replace(objects []any, _ string) error {
	texts := make(map[string]string, len(objects))
	for _, o := range objects {
		name, text, err := c.document(o)
		if err != nil {
			return err
		}
		texts[name] = text
	}
	c.source.mu.Lock()
	defer c.source.mu.Unlock()
	for name := range c.held {
		if _, still := texts[name]; !still {
			c.remove(name)
		}
	}
	for name, text := range texts {
		c.put(name, text)
	}
	c.complete = true
	token(c.source.changed)
	return nil
}

// Resync does nothing: what was given was given.
func (c *collection) Resync() error { return nil }

// Transformer strips objects while a list is not complete yet.
func (c *collection) Transformer() cache.TransformFunc {
	return func(object any) (any, error) {
		if o, ok := object.(*unstructured.Unstructured); ok {
			c.of.strip(o)
		}
		return object, nil
	}
}

func (c *collection) put(name, text string) {
	sum := digest(sha256.Sum256([]byte(text)))
	if before, held := c.held[name]; c.gone || held && before == sum {
		return
	}
	c.held[name] = sum
	c.source.pending[name] = text
	token(c.source.changed)
}

func (c *collection) remove(name string) {
	if _, held := c.held[name]; !held {
		return
	}
	delete(c.held, name)
	c.source.pending[name] = ""
	token(c.source.changed)
}

// drop notes that the kind is absent: there are no objects of it any more.
func (c *collection) drop() {
	s := c.source
	s.contact.found(c.of.name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.gone {
		return
	}
	for name := range c.held {
		c.remove(name)
	}
	c.gone = true
	delete(s.followed, c.of.kind)
	token(s.changed)
	token(s.dropped)
}

func (c *collection) document(object any) (name, text string, err error) {
	o, ok := object.(*unstructured.Unstructured)
	if !ok {
		return "", "", fmt.Errorf("no object: %T", object)
	}
	c.of.strip(o)
	text, err = textOf(o)
	return c.of.document(o), text, err
}

// document names the document of an object.
func (r resource) document(o *unstructured.Unstructured) string {
	var b strings.Builder
	b.WriteString(r.name)
	if !r.native() {
		b.WriteString("." + r.kind.Group)
	}
	if r.namespaced {
		b.WriteString("/" + o.GetNamespace())
	}
	b.WriteString("/" + o.GetName())
	return b.String()
}

// native reports whether a resource is Kubernetes' own: their groups have no name, or one directly below k8s.io.
func (r resource) native() bool {
	first, found := strings.CutSuffix(r.kind.Group, ".k8s.io")
	return r.kind.Group == "" || found && !strings.Contains(first, ".")
}
