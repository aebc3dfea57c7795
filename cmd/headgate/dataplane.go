package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// ovsFlags say where this host's Open vSwitch is.
type ovsFlags struct{}

func (o *ovsFlags) flags(*cobra.Command) {}

// dataplane is this host's.
func (h *hostFlags) dataplane(context.Context) (agent.Dataplane, error) {
	return nft.Current(), nil
}

// applier loads rules on the nodes of a lab with the agent's code. It runs in the lab's supervisor and keeps no state.
type applier struct{}

// labPayload is what a lab is told to load: the placed Pipeline of every node, in its textual form.
type labPayload struct {
	Target    string   `json:"target"`
	Pipelines []string `json:"pipelines"`
}

// Apply brings every node of the lab to its Pipeline; nodes without one are left alone.
func (applier) Apply(ctx context.Context, c lab.Cluster, payload json.RawMessage) (json.RawMessage, error) {
	var p labPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return nil, err
	}
	target, ok := targets.Lookup(p.Target)
	if !ok || p.Target != string(c.Target) {
		return nil, fmt.Errorf("a lab of target %q cannot load rules for %q", c.Target, p.Target)
	}
	handles := map[string]*lab.NodeHandle{}
	for _, n := range c.Nodes {
		handles[n.Name] = n
	}
	for _, text := range p.Pipelines {
		pipeline, err := ir.ParsePipeline(text)
		if err != nil {
			return nil, err
		}
		handle := handles[pipeline.Node]
		if handle == nil {
			return nil, fmt.Errorf("the lab has no node %q", pipeline.Node)
		}
		var report diag.Report
		want := target.Generate(pipeline, &report)
		if report.HasErrors() {
			return nil, fmt.Errorf("node %s: %s", pipeline.Node, report.Findings()[0].Message)
		}
		if err := applyInLab(ctx, handle, want); err != nil {
			return nil, fmt.Errorf("node %s: %w", pipeline.Node, err)
		}
	}
	return json.RawMessage("null"), nil
}

func applyInLab(ctx context.Context, n *lab.NodeHandle, want artifact.Artifact) error {
	_, err := agent.Reconcile(ctx, nft.InNetNS(n.NetNS()), want)
	return err
}

// loadLab hands a compiled input to a lab.
func loadLab(ctx context.Context, l *lab.Lab, g *generation) error {
	payload := labPayload{Target: string(l.Spec().Target)}
	for _, p := range g.result.Placed {
		payload.Pipelines = append(payload.Pipelines, p.String())
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	_, err = l.Apply(ctx, text)
	return err
}
