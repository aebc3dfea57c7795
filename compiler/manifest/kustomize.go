package manifest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// kustomizeInputs builds the kustomization in dir and yields each resource as an input of its own, named after the file
// it comes from. Positions are those in that file: a field that kustomize added has the position of the mapping or list
// that it was added to; a resource without a local file has the directory's name and no line.
func kustomizeInputs(dir string, report *diag.Report, yield func(input) bool) bool {
	files := originFiles{dir: dir, known: make(map[string][]*tree.Node)}
	abs, err := filepath.Abs(dir) // kustomize never takes an absolute path for an URL
	if err != nil {
		unreadable(report, dir, err)
		return true
	}
	fs := newLocalFS(dir, report)
	if isRemote(dir) && !fs.Exists(dir) {
		report.Add(diag.RemoteInput, source.Origin{Pos: source.Pos{File: dir}}, "this lies elsewhere, and headgate does not use the network")
		return true
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, abs)
	if fs.refused {
		return true // has been reported; other errors may come from what was left out
	}
	if err != nil {
		unreadable(report, dir, fmt.Errorf("kustomize: %s", strings.ReplaceAll(err.Error(), abs, dir)))
		return true
	}
	if resources.Size() == 0 {
		return yield(input{name: dir, argument: dir, open: textReader("")})
	}
	for _, r := range resources.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			unreadable(report, dir, fmt.Errorf("kustomize: %w", err))
			continue
		}
		in := input{name: dir, argument: dir, open: textReader(string(text))}
		file, origin := files.find(r)
		if file != "" {
			in.name = file
		}
		in.locate = func(root *tree.Node) { transplant(root, origin) }
		if !yield(in) {
			return false
		}
	}
	return true
}

func textReader(text string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// originFiles finds resources in the files that they come from.
type originFiles struct {
	dir   string
	known map[string][]*tree.Node // the objects of each file
}

// find returns a resource's file, relative to where dir is, and the object in it; what there is not is zero.
func (f *originFiles) find(r *resource.Resource) (string, *tree.Node) {
	origin, err := r.GetOrigin()
	if err != nil || origin == nil || origin.Repo != "" || origin.Path == "" {
		return "", nil
	}
	path := filepath.Join(f.dir, origin.Path)
	objects, ok := f.known[path]
	if !ok {
		objects = readTrees(path)
		f.known[path] = objects
	}
	return path, original(objects, r.GetKind(), r.GetName())
}

// original finds the object that became the one of this kind and name: of the same name or, since kustomize adds prefixes
// and suffixes, of the longest name that is a part of it; nil if there is none.
func original(objects []*tree.Node, kind, name string) *tree.Node {
	var best *tree.Node
	longest := 0
	for _, o := range objects {
		candidate := str(o.Get("metadata").Get("name"))
		if str(o.Get("kind")) == kind && len(candidate) > longest && strings.Contains(name, candidate) {
			best, longest = o, len(candidate)
		}
	}
	return best
}

// readTrees reads the objects of a file, those of lists too. What cannot be read was refused by kustomize before.
func readTrees(path string) (objects []*tree.Node) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	at, text := tree.Start{Line: 1, Col: 1}, string(content)
	for text != "" {
		doc, rest := nextDocument(text)
		for doc != "" {
			root, length, _ := tree.Parse(doc, at, &tree.Arena{})
			objects = append(objects, root)
			for _, item := range root.Get("items").Items() {
				objects = append(objects, item)
			}
			at = at.After(doc[:length])
			doc = doc[length:]
		}
		text = rest
	}
	return slices.DeleteFunc(objects, func(n *tree.Node) bool { return n == nil })
}

// transplant gives a tree the positions of another: those of the same keys and indices, and where the other has none,
// those of the collection around. An origin of nil leaves no positions.
func transplant(n, origin *tree.Node) {
	if origin == nil {
		origin = &tree.Node{}
	}
	n.Line, n.Col = origin.Line, origin.Col
	within := &tree.Node{Line: origin.Line, Col: origin.Col}
	for k, v := range n.Pairs() {
		key, value := origin.Lookup(k.Text)
		if key == nil {
			key, value = within, within
		}
		k.Line, k.Col = key.Line, key.Col
		transplant(v, value)
	}
	var next *tree.Node
	if origin.Kind == tree.Sequence {
		next = origin.First
	}
	for _, item := range n.Items() {
		if next == nil {
			transplant(item, within)
			continue
		}
		transplant(item, next)
		next = next.Next
	}
}
