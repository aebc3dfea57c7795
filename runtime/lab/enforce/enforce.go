// Package enforce has the nodes of a lab enforce the rules of a compiled cluster, by the same code that an agent runs on a real
// node: an agent.Node for each of them.
//
// It is a lab.Applier: the work is done in the lab's supervisor, which has the nodes' namespaces. Pipelines travel there in
// their textual form. Names are learned, packets are logged, rejected and counted from the first Load to the lab's end. What
// somebody else changes on a node stays as it is until the next Load: a lab is there to try things.
package enforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/journal"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Applier serves Load, Statistics and Records inside the supervisor. Programs that use them give one to lab.Main. The zero value is ready.
type Applier struct {
	mu    sync.Mutex
	out   io.WriteCloser // where records go
	nodes map[string]*node
}

// request is what Load, Statistics and Records send.
type request struct {
	Pipelines  []string `json:"pipelines,omitempty"` // the placed pipelines of some nodes
	Declared   string   `json:"declared,omitempty"`  // the program that they were made of, or nothing
	Statistics bool     `json:"statistics,omitempty"`
	Flush      bool     `json:"flush,omitempty"` // write every record down
}

// Loaded says what happened on one node, or on a machine outside the cluster.
type Loaded struct {
	Node string `json:"node"`
	// Hash is artifact.Hash of what the node holds now, Summary what was changed, Drifted whether something had to be repaired.
	Hash    string  `json:"hash"`
	Summary string  `json:"summary"`
	Drifted bool    `json:"drifted"`
	Own     *Loaded `json:"own,omitempty"`   // of the rules for the node itself, where another dataplane has them and there are any
	Stack   *Loaded `json:"stack,omitempty"` // of what the node's network stack has, if there is anything
}

// RecordsFile is the file of a lab's state directory that has what rules with Logging decided, in the form of package journal. It is
// there once there is a record.
const RecordsFile = "records.log"

// Records copies a lab's RecordsFile, once everything that the dataplanes have told is in it.
func Records(ctx context.Context, l *lab.Lab, to io.Writer) error {
	if err := call(ctx, l, request{Flush: true}, &struct{}{}); err != nil {
		return err
	}
	from, err := os.Open(filepath.Join(l.Dir(), RecordsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}

// Load brings the nodes of the pipelines to what these say. On error some nodes may hold the new generation and others still
// the old one, as in any cluster; each node holds one of the two whole.
func Load(ctx context.Context, l *lab.Lab, placed ...*ir.Pipeline) ([]Loaded, error) {
	return LoadNamed(ctx, l, nil, placed...)
}

// LoadNamed is Load with the program that the pipelines were made of: statistics and records tell the names that it gives to rules.
func LoadNamed(ctx context.Context, l *lab.Lab, declared *ir.Program, placed ...*ir.Pipeline) ([]Loaded, error) {
	r := request{}
	if declared != nil {
		r.Declared = declared.String()
	}
	for _, p := range placed {
		r.Pipelines = append(r.Pipelines, p.String())
	}
	var out []Loaded
	err := call(ctx, l, r, &out)
	return out, err
}

// Statistics returns the counters of every node that has rules, in the order of the names.
func Statistics(ctx context.Context, l *lab.Lab) ([]agent.Statistics, error) {
	var out []agent.Statistics
	err := call(ctx, l, request{Statistics: true}, &out)
	return out, err
}

func call(ctx context.Context, l *lab.Lab, r request, out any) error {
	payload, err := json.Marshal(r)
	if err != nil {
		return err
	}
	answer, err := l.Apply(ctx, payload)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// Apply is what the supervisor calls: the inside of Load, Statistics and Records.
func (a *Applier) Apply(ctx context.Context, cluster lab.Cluster, payload json.RawMessage) (json.RawMessage, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var r request
	if err := json.Unmarshal(payload, &r); err != nil {
		return nil, err
	}
	var answer any
	var err error
	switch {
	case r.Statistics:
		answer, err = a.statistics(ctx)
	case r.Flush:
		answer, err = struct{}{}, a.flush()
	default:
		answer, err = a.load(ctx, cluster, r)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// load brings the nodes to what the request says, all at once, since each waits for its own dataplanes.
func (a *Applier) load(ctx context.Context, cluster lab.Cluster, r request) ([]Loaded, error) {
	out := []Loaded{}
	var declared *ir.Program
	if r.Declared != "" {
		var err error
		if declared, err = ir.ParseProgram(r.Declared); err != nil {
			return nil, err
		}
	}
	errs := make([]error, len(r.Pipelines))
	loaded := make([]*Loaded, len(r.Pipelines))
	var group sync.WaitGroup
	for i, text := range r.Pipelines {
		p, err := ir.ParsePipeline(text)
		if err != nil {
			errs[i] = err
			continue
		}
		n, err := a.find(cluster, p.Node)
		if err != nil {
			errs[i] = fmt.Errorf("node %s: %w", p.Node, err)
			continue
		}
		group.Go(func() {
			if loaded[i], err = n.load(ctx, p, declared); err != nil {
				errs[i] = fmt.Errorf("node %s: %w", p.Node, err)
			}
		})
	}
	group.Wait()
	for _, l := range loaded {
		if l != nil {
			out = append(out, *l)
		}
	}
	return out, errors.Join(errs...)
}

// load brings the node to what a pipeline says.
func (n *node) load(ctx context.Context, p *ir.Pipeline, declared *ir.Program) (*Loaded, error) {
	results, err := n.agent.Load(ctx, p, declared)
	if err != nil {
		return nil, err
	}
	of := func(r agent.Loaded) Loaded {
		return Loaded{Node: p.Node, Hash: artifact.Hash(r.Artifact), Summary: r.Changes.String(), Drifted: r.Drifted}
	}
	stack, results := results[len(results)-1], results[:len(results)-1]
	loaded := of(results[len(results)-1])
	if len(stack.Artifact.Objects) > 0 {
		ways := of(stack)
		loaded.Stack = &ways
	}
	if len(results) > 1 && len(results[0].Artifact.Objects) > 0 {
		own := of(results[0])
		loaded.Own = &own
	}
	return &loaded, nil
}

// find gives the node, and keeps it for the next call.
func (a *Applier) find(cluster lab.Cluster, name string) (*node, error) {
	if n, known := a.nodes[name]; known {
		return n, nil
	}
	i := slices.IndexFunc(cluster.Nodes, func(n *lab.NodeHandle) bool { return n.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("the lab has no node %q", name)
	}
	if a.out == nil {
		a.out = journal.File{Path: filepath.Join(cluster.Dir, RecordsFile)}.Open()
	}
	n, err := start(cluster.Nodes[i], cluster.Target, a.out)
	if err != nil {
		return nil, err
	}
	if a.nodes == nil {
		a.nodes = map[string]*node{}
	}
	a.nodes[name] = n
	return n, nil
}

func (a *Applier) statistics(ctx context.Context) ([]agent.Statistics, error) {
	out := []agent.Statistics{}
	for _, name := range a.names() {
		s, err := a.nodes[name].agent.Statistics(ctx)
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// flush writes down what has been recorded, although equal packets may be on their way.
func (a *Applier) flush() error {
	var errs []error
	for _, name := range a.names() {
		errs = append(errs, a.nodes[name].journal.Flush(time.Now().Add(journal.Window)))
	}
	return errors.Join(errs...)
}

// names lists the nodes that have rules, in order.
func (a *Applier) names() []string {
	var names []string
	for name := range a.nodes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Close ends the nodes' work and closes their dataplanes, which keep their rules, and writes the last records.
func (a *Applier) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range a.names() {
		a.nodes[name].stop()
	}
	a.nodes = nil
	if a.out == nil {
		return nil
	}
	return a.out.Close()
}
