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
	"sync"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets"
)

// Applier serves Load inside the supervisor. Programs that use Load give one to lab.Main. The zero value is ready.
type Applier struct {
	mu     sync.Mutex
	planes map[string]agent.Dataplane // by node
}

// load is what Load sends: the placed pipelines of some nodes.
type load struct {
	Pipelines []string `json:"pipelines"`
}

// Loaded says what happened on one node.
type Loaded struct {
	Node string `json:"node"`
	// Hash is artifact.Hash of what the node holds now, Summary what was changed, Drifted whether something had to be repaired.
	Hash    string `json:"hash"`
	Summary string `json:"summary"`
	Drifted bool   `json:"drifted"`
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
	plane, err := a.plane(ctx, cluster, p.Node)
	if err != nil {
		return loaded, err
	}
	var report diag.Report
	want := target.Generate(p, &report)
	if report.HasErrors() {
		return loaded, fmt.Errorf("generate: %s", report.Findings()[0].Message)
	}
	result, err := agent.Reconcile(ctx, plane, want)
	if err != nil {
		return loaded, err
	}
	loaded.Hash, loaded.Summary, loaded.Drifted = result.Hash, result.Changes.String(), result.Drifted
	return loaded, nil
}

// plane finds the node's dataplane, and keeps it for the next call.
func (a *Applier) plane(ctx context.Context, cluster lab.Cluster, name string) (agent.Dataplane, error) {
	if p := a.planes[name]; p != nil {
		return p, nil
	}
	for _, n := range cluster.Nodes {
		if n.Name != name {
			continue
		}
		plane, err := open(n)
		if err != nil {
			return nil, err
		}
		if a.planes == nil {
			a.planes = map[string]agent.Dataplane{}
		}
		a.planes[name] = plane
		return plane, nil
	}
	return nil, fmt.Errorf("the lab has no node %q", name)
}

// open connects to a node's dataplane for the rest of the lab's life.
func open(n *lab.NodeHandle) (agent.Dataplane, error) {
	if where := n.OVS(); where != nil {
		plane, _, err := ovs.Open(context.Background(), ovs.Options{Node: n.Name, DBSocket: where.DBSocket, Bridge: where.Bridge})
		return plane, err
	}
	return nft.InNetNS(n.NetNS()), nil
}
