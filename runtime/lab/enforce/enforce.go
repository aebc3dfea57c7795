// Package enforce loads the rules of a compiled cluster on the nodes of a lab, by the same code that an agent runs on a real
// node: generate, observe, diff, apply, verify.
//
// It is a lab.Applier: the work is done in the lab's supervisor, which has the nodes' namespaces. Pipelines travel there in
// their textual form.
package enforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Applier serves Load inside the supervisor. Programs that use Load give one to lab.Main. The zero value is ready.
type Applier struct {
	mu     sync.Mutex
	planes map[string][2]agent.Dataplane // by node: the target's, and nftables where the target is another; the second may be nil
}

// load is what Load sends: the placed pipelines of some nodes.
type load struct {
	Pipelines []string `json:"pipelines"`
}

// Loaded says what happened on one node, or on a machine outside the cluster.
type Loaded struct {
	Node string `json:"node"`
	// Hash is artifact.Hash of what the node holds now, Summary what was changed, Drifted whether something had to be repaired.
	Hash    string  `json:"hash"`
	Summary string  `json:"summary"`
	Drifted bool    `json:"drifted"`
	Own     *Loaded `json:"own,omitempty"` // of the rules for the node itself, where another dataplane has them and there are any
}

// Load brings the nodes of the pipelines to what these say. On error some nodes may hold the new generation and others still
// the old one, as in any cluster; each node holds one of the two whole.
func Load(ctx context.Context, l *lab.Lab, placed ...*ir.Pipeline) ([]Loaded, error) {
	var request load
	for _, p := range placed {
		request.Pipelines = append(request.Pipelines, p.String())
	}
	payload, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	answer, err := l.Apply(ctx, payload)
	if err != nil {
		return nil, err
	}
	var out []Loaded
	return out, json.Unmarshal(answer, &out)
}

// Apply is what the supervisor calls: the inside of Load.
func (a *Applier) Apply(ctx context.Context, cluster lab.Cluster, payload json.RawMessage) (json.RawMessage, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var request load
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, err
	}
	out := []Loaded{}
	var errs []error
	for _, text := range request.Pipelines {
		loaded, err := a.node(ctx, cluster, text)
		if err != nil {
			errs = append(errs, fmt.Errorf("node %s: %w", loaded.Node, err))
			continue
		}
		out = append(out, loaded)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (a *Applier) node(ctx context.Context, cluster lab.Cluster, text string) (Loaded, error) {
	p, err := ir.ParsePipeline(text)
	if err != nil {
		return Loaded{}, err
	}
	loaded := Loaded{Node: p.Node}
	target, ok := targets.Lookup(string(cluster.Target))
	if !ok {
		return loaded, fmt.Errorf("there is no target %q", cluster.Target)
	}
	planes, err := a.find(cluster, p.Node)
	if err != nil {
		return loaded, err
	}
	var report diag.Report
	if target.Own != nil {
		own, rules := Loaded{Node: p.Node}, target.Own(p, &report)
		if err := own.reconcile(ctx, planes[1], rules, &report); err != nil || ir.IsMachine(p.Node) {
			return own, err
		}
		if len(rules.Objects) > 0 {
			loaded.Own = &own
		}
	}
	err = loaded.reconcile(ctx, planes[0], target.Generate(p, &report), &report)
	return loaded, err
}

// reconcile loads an artifact, unless generating it went wrong.
func (l *Loaded) reconcile(ctx context.Context, plane agent.Dataplane, want artifact.Artifact, report *diag.Report) error {
	if report.HasErrors() {
		return fmt.Errorf("generate: %s", report.Findings()[0].Message)
	}
	result, err := agent.Reconcile(ctx, plane, want)
	l.Hash, l.Summary, l.Drifted = result.Hash, result.Changes.String(), result.Drifted
	return err
}

// find gives the node's dataplanes, and keeps them for the next call.
func (a *Applier) find(cluster lab.Cluster, name string) ([2]agent.Dataplane, error) {
	if p, known := a.planes[name]; known {
		return p, nil
	}
	i := slices.IndexFunc(cluster.Nodes, func(n *lab.NodeHandle) bool { return n.Name == name })
	if i < 0 {
		return [2]agent.Dataplane{}, fmt.Errorf("the lab has no node %q", name)
	}
	planes, err := open(cluster.Nodes[i], cluster.Target)
	if err != nil {
		return planes, err
	}
	if a.planes == nil {
		a.planes = map[string][2]agent.Dataplane{}
	}
	a.planes[name] = planes
	return planes, nil
}

// open connects to a node's dataplanes for the rest of the lab's life.
func open(n *lab.NodeHandle, target lab.Target) (planes [2]agent.Dataplane, err error) {
	tables := nft.InNetNS(n.NetNS())
	if target == lab.NFTables {
		planes[0] = tables
		return planes, nil
	}
	planes[1] = tables
	if where := n.OVS(); where != nil {
		planes[0], _, err = ovs.Open(context.Background(), ovs.Options{Node: n.Name, DBSocket: where.DBSocket, Bridge: where.Bridge})
	}
	return planes, err
}
