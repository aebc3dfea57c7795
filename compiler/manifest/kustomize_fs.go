package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
	"sigs.k8s.io/kustomize/api/konfig"
	kustomize "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// Kustomize fetches what a kustomization refers to by an URL, with git or by HTTP. Compiling reads nothing but its input, so
// such references are taken out of each file before kustomize sees it, and reported.

// localFS is the file system as kustomize may see it: without references to elsewhere, and with a root kustomization that
// asks for annotations which tell each resource's file.
type localFS struct {
	filesys.FileSystem
	dir     string // as the user named the root
	root    string // the same, absolute
	report  *diag.Report
	refused bool // whether something was taken out, and reported
}

func newLocalFS(dir string, report *diag.Report) *localFS {
	fs := &localFS{FileSystem: filesys.MakeFsOnDisk(), dir: dir, report: report}
	if root, _, err := fs.CleanedAbs(dir); err == nil {
		fs.root = root.String()
	}
	return fs
}

// ReadFile reads a file, and changes it if kustomize would take instructions from it. What has no readable instructions is
// empty for kustomize.
func (fs *localFS) ReadFile(path string) ([]byte, error) {
	text, err := fs.FileSystem.ReadFile(path)
	if err != nil {
		return nil, err
	}
	switch {
	case slices.Contains(konfig.RecognizedKustomizationFileNames(), filepath.Base(path)):
		text, err = fs.kustomization(path, text)
	case bytes.Contains(text, []byte("builtin")):
		text, err = fs.plugins(path, text)
	}
	if err != nil {
		fs.report.Add(diag.Syntax, source.Origin{Pos: source.Pos{File: fs.name(path)}}, "%v", err)
		fs.refused = true
	}
	return text, nil
}

// name is the name of a file as seen from where the user stands.
func (fs *localFS) name(path string) string {
	rel, err := filepath.Rel(fs.root, path)
	if err != nil {
		return path
	}
	return filepath.Join(fs.dir, rel)
}

func (fs *localFS) kustomization(path string, text []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return text, nil // for kustomize to complain about
	}
	changed := fs.newPruner(path).prune(doc.Content[0], reference{})
	if filepath.Dir(path) == fs.root {
		askForOrigins(doc.Content[0])
		changed = true
	}
	if !changed {
		return text, nil
	}
	return yaml.Marshal(&doc)
}

// plugins empties a file with configurations of kustomize's own generators and transformers if one of them refers to elsewhere.
func (fs *localFS) plugins(path string, text []byte) ([]byte, error) {
	found, err := fs.newPruner(path).plugins(string(text), "")
	if found || err != nil {
		return nil, err
	}
	return text, nil
}

func askForOrigins(root *yaml.Node) {
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
}

// reference is where a value of a kustomization stands.
type reference struct {
	field string // such as "resources[0]"
	key   string // the mapping's key that the value belongs to, in lower case: kustomize ignores case
}

// pruner goes through one file.
type pruner struct {
	fs      *localFS
	path    string
	inline  *yaml.Node     // the value within which the configuration stands that is gone through, if it is not the file's
	aliases map[alias]bool // what prune returns for them; an alias within itself adds nothing
}

type alias struct {
	of  *yaml.Node
	key string
}

func (fs *localFS) newPruner(path string) *pruner {
	return &pruner{fs: fs, path: path, aliases: map[alias]bool{}}
}

// prune takes away what refers to elsewhere, with the entry of the list around it, reports it, and says whether there was any.
func (p *pruner) prune(n *yaml.Node, at reference) (found bool) {
	switch n.Kind {
	case yaml.AliasNode:
		k := alias{n.Alias, at.key}
		if known, seen := p.aliases[k]; seen {
			return known
		}
		p.aliases[k] = false
		p.aliases[k] = p.prune(n.Alias, at)
		return p.aliases[k]
	case yaml.SequenceNode:
		kept := n.Content[:0:0]
		for i, item := range n.Content {
			if p.prune(item, reference{fmt.Sprintf("%s[%d]", at.field, i), at.key}) {
				found = true
			} else {
				kept = append(kept, item)
			}
		}
		n.Content = kept
	case yaml.MappingNode:
		kept := n.Content[:0:0]
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			at := reference{strings.TrimPrefix(at.field+"."+key.Value, "."), strings.ToLower(key.Value)}
			remote := !slices.Contains(freeText(), at.key) && p.prune(value, at)
			if found = found || remote; !remote || value.Kind != yaml.ScalarNode && value.Kind != yaml.AliasNode {
				kept = append(kept, key, value)
			}
		}
		n.Content = kept
	case yaml.ScalarNode:
		var value string
		return slices.Contains(pathKeys(), at.key) && n.Decode(&value) == nil && p.refuse(value, n, at)
	}
	return found
}

// refuse reports a value that is, or that holds, a reference to elsewhere.
func (p *pruner) refuse(value string, n *yaml.Node, at reference) bool {
	if p.inline == nil && strings.Contains(value, "builtin") { // a plugin's configuration instead of a path to one, it may be
		p.inline = n
		found, err := p.plugins(value, at.field)
		p.inline = nil
		if err == nil && found {
			return true
		}
	}
	_, file, _ := strings.Cut(value, "=") // files: [KEY=PATH]
	if !isRemote(value) && !(at.key == "files" && isRemote(file)) {
		return false
	}
	p.fs.refused = true
	if p.inline != nil {
		n = p.inline
	}
	origin := source.Origin{Object: "Kustomization", Field: at.field, Pos: source.Pos{File: p.fs.name(p.path), Line: int32(n.Line), Col: int32(n.Column)}}
	p.fs.report.Add(diag.RemoteInput, origin, "%s lies elsewhere, and headgate does not use the network", value)
	return true
}

// plugins prunes the configurations of kustomize's own plugins in a text.
func (p *pruner) plugins(text, field string) (found bool, err error) {
	for decoder := yaml.NewDecoder(strings.NewReader(text)); ; {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return found, err
		}
		if isPlugin(doc.Content[0]) {
			found = p.prune(doc.Content[0], reference{field: field}) || found
		}
	}
}

// isPlugin reports whether a document configures one of kustomize's own plugins.
func isPlugin(n *yaml.Node) bool {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		var value string
		if strings.EqualFold(n.Content[i].Value, "apiVersion") && n.Content[i+1].Decode(&value) == nil && value == "builtin" {
			return true
		}
	}
	return false
}

// pathKeys lists the keys, of kustomizations and of the configurations of kustomize's own plugins, whose values name files and
// directories to read.
func pathKeys() []string {
	return []string{"bases", "resources", "components", "crds", "configurations", "generators", "transformers", "validators", "patches",
		"patchesstrategicmerge", "path", "paths", "files", "env", "envs", "targetfilepath", "valuesfile", "additionalvaluesfiles"}
}

// freeText lists the keys below which nothing is a path, whatever its key is.
func freeText() []string {
	return []string{"commonannotations", "commonlabels", "labels", "literals", "metadata", "options", "generatoroptions", "fieldspecs"}
}

// isRemote reports whether kustomize would fetch what a reference names: URLs, with or without the "git::" of go-getter, and
// what it takes for a repository of git without a scheme, which is anything of github.com and USER@HOST.
func isRemote(ref string) bool {
	scheme := regexp.MustCompile(`(?i)^(git::|[a-z][a-z0-9+.-]*://|https?:|github\.com[/:]|[a-z][a-z0-9-]*@[^/]*[/:])`)
	return scheme.MatchString(ref)
}
