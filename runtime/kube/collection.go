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
	held     map[string]digest // by name of the document; guarded by source.mu, as all that follows
	complete bool
	gone     bool
	version  string // of what is noted; "" before the first list
	given    string // of what Next has given
	waiting  bool   // something noted was not given yet
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
func (c *collection) Replace(objects []any, version string) error {
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
	c.reach(version)
	token(c.source.changed)
	return nil
}

// UpdateResourceVersion notes that everything up to a version was noted: after each object, and on bookmarks.
func (c *collection) UpdateResourceVersion(version string) {
	c.source.mu.Lock()
	defer c.source.mu.Unlock()
	c.reach(version)
}

// reach notes a version. Before the first complete list nothing of it is given.
func (c *collection) reach(version string) {
	if c.version = version; c.source.begun && c.complete && !c.waiting {
		c.given = version
	}
}

// Resync does nothing: what was given was given.
func (c *collection) Resync() error { return nil }

// Transformer strips objects while a list is not complete yet.
func (c *collection) Transformer() cache.TransformFunc {
	return func(object any) (any, error) {
		if o, ok := object.(*unstructured.Unstructured); ok {
			c.observe(o)
			c.of.strip(o)
		}
		return object, nil
	}
}

// observe shows an object to who wants to see all of it. One that was stripped has been shown.
func (c *collection) observe(o *unstructured.Unstructured) {
	if see := c.source.options.Observe; see != nil && o.GetResourceVersion() != strippedVersion {
		see(c.of.document(o), o)
	}
}

func (c *collection) put(name, text string) {
	sum := digest(sha256.Sum256([]byte(text)))
	if before, held := c.held[name]; c.gone || held && before == sum {
		return
	}
	c.held[name] = sum
	c.source.pending[name] = text
	c.waiting = true
	token(c.source.changed)
}

func (c *collection) remove(name string) {
	if _, held := c.held[name]; !held {
		return
	}
	delete(c.held, name)
	if see := c.source.options.Observe; see != nil {
		see(name, nil)
	}
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
	c.observe(o)
	c.of.strip(o)
	text, err = textOf(o)
	return c.of.document(o), text, err
}

// document names the document of an object.
func (r resource) document(o *unstructured.Unstructured) string {
	if r.namespaced {
		return r.prefix() + "/" + o.GetNamespace() + "/" + o.GetName()
	}
	return r.prefix() + "/" + o.GetName()
}

// prefix is what the names of its documents begin with, up to the first slash.
func (r resource) prefix() string {
	if r.native() {
		return r.name
	}
	return r.name + "." + r.kind.Group
}

// native reports whether a resource is Kubernetes' own: their groups have no name, or one directly below k8s.io.
func (r resource) native() bool {
	first, found := strings.CutSuffix(r.kind.Group, ".k8s.io")
	return r.kind.Group == "" || found && !strings.Contains(first, ".")
}
