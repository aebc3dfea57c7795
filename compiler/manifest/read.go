package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// StdinName stands for standard input in positions.
const StdinName = "<stdin>"

// Options says what to read, in the manner of kubectl.
type Options struct {
	Files     []string // files, directories, or "-" for Stdin; read in this order
	Recursive bool     // descend into directories below those named
	Kustomize []string // directories with a kustomization, read after Files
	Stdin     io.Reader
	Namespace string // of namespaced objects that state none; "" means "default"
}

// Read reads everything that opts names. What is wrong goes to the report, all of it; an object with an error is left
// out. A cancelled context ends the reading with an error in the report.
func Read(ctx context.Context, opts Options, report *diag.Report) *Objects {
	f := newFront(opts.Namespace)
	c := newCollector(report)
	f.decode(ctx, inputs(opts, report), c.take)
	return c.finish(ctx)
}

// Parse reads manifests from text. Positions name the given file.
func Parse(name string, text []byte, report *diag.Report) *Objects {
	f := newFront("")
	c := newCollector(report)
	f.decode(context.Background(), one(input{name: name, open: textReader(string(text))}), c.take)
	return c.finish(context.Background())
}

// Decode yields the objects of one stream in its order, a bounded number ahead. Objects that occur twice are yielded
// twice; the kinds that were skipped are reported at the end. Stop iterating to end early.
func Decode(ctx context.Context, name string, r io.Reader, report *diag.Report) func(yield func(Object) bool) {
	return func(yield func(Object) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stopped := false
		var skipped []skip
		newFront("").decode(ctx, one(input{name: name, open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}),
			func(_ input, out batch) {
				for _, f := range out.findings {
					report.AddFinding(f)
				}
				skipped = mergeSkips(skipped, out.skipped)
				for _, o := range out.objects {
					if stopped = stopped || !yield(o); stopped {
						cancel()
						return
					}
				}
			})
		reportSkips(skipped, report)
	}
}

// input is one stream of manifests. Argument is what the user named: a directory has several inputs.
type input struct {
	name     string
	argument string
	open     func() (io.ReadCloser, error)
	locate   func(root *tree.Node) // if set, corrects the positions of each document
}

func one(in input) func(yield func(input) bool) {
	return func(yield func(input) bool) { yield(in) }
}

// inputs lists what opts names: directories in the order of file names.
func inputs(opts Options, report *diag.Report) func(yield func(input) bool) {
	return func(yield func(input) bool) {
		for _, arg := range opts.Files {
			if !fileInputs(arg, opts, report, yield) {
				return
			}
		}
		for _, dir := range opts.Kustomize {
			if !kustomizeInputs(dir, report, yield) {
				return
			}
		}
	}
}

func unreadable(report *diag.Report, path string, err error) {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err // the position already names the path
	}
	report.Add(diag.Unreadable, source.Origin{Pos: source.Pos{File: path}}, "cannot read: %v", err)
}

func fileInputs(arg string, opts Options, report *diag.Report, yield func(input) bool) bool {
	if arg == "-" {
		return yield(input{name: StdinName, argument: StdinName, open: func() (io.ReadCloser, error) {
			if opts.Stdin == nil {
				return nil, errors.New("there is no standard input")
			}
			return io.NopCloser(opts.Stdin), nil
		}})
	}
	info, err := os.Stat(arg)
	if err != nil {
		unreadable(report, arg, err)
		return true
	}
	files := []string{arg}
	if info.IsDir() {
		if files, err = manifestFiles(arg, opts.Recursive); err != nil {
			unreadable(report, arg, err)
		} else if len(files) == 0 {
			report.Add(diag.NoManifests, source.Origin{Pos: source.Pos{File: arg}}, "the directory has no manifests")
		}
	}
	for _, path := range files {
		if !yield(input{name: path, argument: arg, open: func() (io.ReadCloser, error) { return os.Open(path) }}) {
			return false
		}
	}
	return true
}

// manifestFiles lists the .yaml, .yml, .json and .hg files of a directory in the order of their paths.
func manifestFiles(dir string, recursive bool) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != dir && !recursive:
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json", ProgramExtension:
			files = append(files, path)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// collector puts batches together. It runs in one goroutine.
type collector struct {
	report  *diag.Report
	objects *Objects
	seen    map[identity]source.Pos
	skipped []skip
	count   map[string]int // documents, by argument
	order   []string       // of arguments
}

// identity is what may exist once.
type identity struct{ kind, namespace, name string }

func newCollector(report *diag.Report) *collector {
	return &collector{report: report, objects: &Objects{}, seen: make(map[identity]source.Pos), count: make(map[string]int)}
}

func (c *collector) take(in input, out batch) {
	for _, f := range out.findings {
		c.report.AddFinding(f)
	}
	c.skipped = mergeSkips(c.skipped, out.skipped)
	if _, known := c.count[in.argument]; !known {
		c.order = append(c.order, in.argument)
	}
	c.count[in.argument] += out.documents
	for _, o := range out.objects {
		m := o.Header()
		id := identity{m.Kind, m.Namespace, m.Name}
		if m.Group != "" {
			id.kind += "." + m.Group
		}
		if first, twice := c.seen[id]; twice && m.Group != ownGroup {
			c.report.AddFinding(diag.Finding{Code: diag.DuplicateObject, Origin: m.Origin("", m.Pos),
				Message: m.ID() + " is declared twice",
				Related: []diag.Related{{Origin: m.Origin("", first), Message: "the first declaration"}}})
			continue
		}
		c.seen[id] = m.Pos
		c.objects.add(o)
	}
}

func (o *Objects) add(object Object) {
	switch v := object.(type) {
	case *Namespace:
		o.Namespaces = append(o.Namespaces, v)
	case *Node:
		o.Nodes = append(o.Nodes, v)
	case *Pod:
		o.Pods = append(o.Pods, v)
	case *NetworkPolicy:
		o.NetworkPolicies = append(o.NetworkPolicies, v)
	case *Service:
		o.Services = append(o.Services, v)
	case *EndpointSlice:
		o.EndpointSlices = append(o.EndpointSlices, v)
	case *RankedPolicy:
		o.RankedPolicies = append(o.RankedPolicies, v)
	case *Tier:
		o.Tiers = append(o.Tiers, v)
	case *Group:
		o.Groups = append(o.Groups, v)
	case *ExternalNode:
		o.ExternalNodes = append(o.ExternalNodes, v)
	case *ExternalEntity:
		o.ExternalEntities = append(o.ExternalEntities, v)
	case *Egress:
		o.Egresses = append(o.Egresses, v)
	case *ExternalIPPool:
		o.ExternalIPPools = append(o.ExternalIPPools, v)
	case *Expectations:
		o.Expectations = append(o.Expectations, v)
	}
}

// All yields every object: those of one kind after the other, each in input order.
func (o *Objects) All() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		_ = each(o.Namespaces, yield) && each(o.Nodes, yield) && each(o.Pods, yield) && each(o.NetworkPolicies, yield) &&
			each(o.Services, yield) && each(o.EndpointSlices, yield) && each(o.RankedPolicies, yield) && each(o.Tiers, yield) &&
			each(o.Groups, yield) && each(o.ExternalNodes, yield) && each(o.ExternalEntities, yield) && each(o.Egresses, yield) &&
			each(o.ExternalIPPools, yield) && each(o.Expectations, yield)
	}
}

func each[T Object](list []T, yield func(Object) bool) bool {
	for _, o := range list {
		if !yield(o) {
			return false
		}
	}
	return true
}

func (c *collector) finish(ctx context.Context) *Objects {
	for _, arg := range c.order {
		if arg != "" && c.count[arg] == 0 {
			c.report.Add(diag.NoManifests, source.Origin{Pos: source.Pos{File: arg}}, "the input has no manifests")
		}
	}
	reportSkips(c.skipped, c.report)
	if err := ctx.Err(); err != nil {
		c.report.Add(diag.Unreadable, source.Origin{}, "reading was broken off: %v", err)
	}
	return c.objects
}

func mergeSkips(all, more []skip) []skip {
next:
	for _, s := range more {
		for i := range all {
			if all[i].kind == s.kind {
				all[i].count += s.count
				continue next
			}
		}
		all = append(all, s)
	}
	return all
}

// reportSkips says in one note what was skipped, by kind, at the place of the first.
func reportSkips(skipped []skip, report *diag.Report) {
	if len(skipped) == 0 {
		return
	}
	first, total := skipped[0].pos, 0
	slices.SortFunc(skipped, func(a, b skip) int { return cmp.Compare(a.kind, b.kind) })
	words := make([]string, len(skipped))
	for i, s := range skipped {
		total += s.count
		words[i] = fmt.Sprintf("%d %s", s.count, s.kind)
	}
	format := "skipped %d objects of kinds that headgate does not read: %s"
	if total == 1 {
		format = "skipped %d object of a kind that headgate does not read: %s"
		words[0] = skipped[0].kind
	}
	report.Add(diag.UnknownKind, source.Origin{Pos: first}, format, total, strings.Join(words, ", "))
}
