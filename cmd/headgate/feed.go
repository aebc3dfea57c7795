package main

import (
	"context"
	"errors"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/source"
)

// feed is where a follower's objects come from. Its methods are not called concurrently, but for next, while which read is not called.
type feed interface {
	// next waits until there is something new to read. It returns an error when ctx ends.
	next(ctx context.Context) error
	// read reads it; what there is to say goes into the tree. No tree and no error mean that something newer is to come soon.
	read(ctx context.Context) (*tree, error)
	// without is told the errors of a tree that cannot be put in force, and gives what can be tried instead; nil if there is nothing. Works
	// tells whether objects have no such errors; nil: that cannot be told.
	without(of *tree, findings []diag.Finding, works func(*manifest.Objects) bool) *tree
	// accept is told which tree is in force.
	accept(*tree)
	// busy reports whether there is something new all the time: then what has been said of an error is not said again.
	busy() bool
}

// directory is all or nothing: a tree with errors changes nothing.
type directory struct {
	files  *source.Directory
	reader *manifest.Reader
}

func newDirectory(files *source.Directory, namespace string) *directory {
	return &directory{files, manifest.NewReader(namespace)}
}

func (d *directory) next(ctx context.Context) error { return d.files.Next(ctx) }

func (d *directory) read(ctx context.Context) (*tree, error) {
	report := &diag.Report{}
	var objects *manifest.Objects
	var count int
	whole, err := d.files.Whole(func(files []string) {
		count = len(files)
		objects = d.reader.Read(ctx, files, report)
	})
	switch {
	case err != nil:
		return nil, err
	case !whole || ctx.Err() != nil:
		return nil, nil
	case count == 0:
		return nil, errors.New("it has no manifests")
	}
	return &tree{objects: objects, findings: withoutEmptyFiles(report).Findings()}, nil
}

func (*directory) without(*tree, []diag.Finding, func(*manifest.Objects) bool) *tree { return nil }
func (*directory) accept(*tree)                                                      {}
func (*directory) busy() bool                                                        { return false }

// withoutEmptyFiles leaves out that files hold no manifests: there may be such in a directory.
func withoutEmptyFiles(report *diag.Report) *diag.Report {
	out := &diag.Report{}
	for _, finding := range report.Findings() {
		if finding.Code != diag.NoManifests {
			out.AddFinding(finding)
		}
	}
	return out
}

// apiServer is an API server. An object with errors holds up no other: what it said before stays.
type apiServer struct {
	server  *kube.Source
	objects *manifest.Documents
	last    *tree
	coming  []kube.Change  // what next has got, for read to take
	beside  []diag.Finding // errors for which documents were refused since the last reading
}

func newAPIServer(server *kube.Source) *apiServer {
	return &apiServer{server: server, objects: manifest.NewDocuments("")}
}

func (c *apiServer) next(ctx context.Context) error {
	changes, err := c.server.Next(ctx)
	if err != nil {
		return err
	}
	c.coming = changes
	return nil
}

func (c *apiServer) take(changes []kube.Change) {
	documents := make([]manifest.Document, len(changes))
	for i, change := range changes {
		documents[i] = manifest.Document(change)
	}
	c.objects.Set(documents)
}

func (c *apiServer) read(context.Context) (*tree, error) {
	c.take(c.coming)
	c.coming, c.beside = nil, nil
	c.last = &tree{objects: c.objects.Objects(), leftOut: c.leftOut(nil)}
	if c.server != nil {
		c.last.batch = c.server.Seen().Batch
	}
	for _, finding := range c.objects.Findings() {
		if finding.Severity != diag.Error {
			c.last.findings = append(c.last.findings, finding)
		}
	}
	return c.last, nil
}

func (c *apiServer) without(of *tree, findings []diag.Finding, works func(*manifest.Objects) bool) *tree {
	next := *of
	switch {
	case of != c.last:
		return nil
	case works != nil && c.objects.HoldBack(findings):
	case c.objects.Refuse(findings):
		c.beside = append(c.beside, findings...)
		if works != nil {
			c.objects.Acquit(works)
		}
	case works == nil || !c.objects.Blame(findings, works):
		return nil
	}
	next.objects, next.leftOut = c.objects.Objects(), c.leftOut(c.beside)
	c.last = &next
	return c.last
}

func (c *apiServer) accept(t *tree) {
	if t == c.last {
		c.objects.Accept()
	}
}

func (*apiServer) busy() bool { return true }

// kubeKinds is what headgate reads, in the words of the source.
func kubeKinds() []kube.Kind {
	var out []kube.Kind
	for _, k := range manifest.Kinds() {
		out = append(out, kube.Kind(k))
	}
	return out
}

// places lists where findings lie, each once.
func places(findings []diag.Finding) string {
	var out []string
	for _, finding := range findings {
		if name := finding.Origin.Pos.File; len(out) == 0 || out[len(out)-1] != name {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}
