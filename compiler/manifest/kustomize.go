package manifest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	kustomize "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// kustomizeInputs builds the kustomization in dir and yields each resource as an input of its own, named after the file
// it comes from. Positions are those in that file: a field that kustomize added has the position of the mapping or list
// that it was added to; a resource without a local file has the directory's name and no line.
func kustomizeInputs(dir string, report *diag.Report, yield func(input) bool) bool {
	files := originFiles{dir: dir, known: make(map[string][]*tree.Node)}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(newOriginFS(dir), dir)
	if err != nil {
		message := err.Error()
		if abs, absErr := filepath.Abs(dir); absErr == nil {
			message = strings.ReplaceAll(message, abs, dir)
		}
		unreadable(report, dir, fmt.Errorf("kustomize: %s", message))
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

// originFS is the file system with one change: the kustomization asks for annotations that tell each resource's file.
type originFS struct {
	filesys.FileSystem
	root string
}

func newOriginFS(dir string) originFS {
	fs := originFS{FileSystem: filesys.MakeFsOnDisk()}
	if root, _, err := fs.CleanedAbs(dir); err == nil {
		fs.root = root.String()
	}
	return fs
}

// ReadFile reads a file and adds to the root's kustomization what it needs.
func (fs originFS) ReadFile(path string) ([]byte, error) {
	text, err := fs.FileSystem.ReadFile(path)
	if err != nil || filepath.Dir(path) != fs.root || !slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"},
		filepath.Base(path)) {
		return text, err
	}
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return text, nil // for kustomize to complain about
	}
	root := doc.Content[0]
	var list *yaml.Node
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "buildMetadata" {
			list = root.Content[i+1]
		}
	}
	if list == nil {
		list = &yaml.Node{Kind: yaml.SequenceNode}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "buildMetadata"}, list)
	}
	list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: kustomize.OriginAnnotations})
	return yaml.Marshal(&doc)
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
