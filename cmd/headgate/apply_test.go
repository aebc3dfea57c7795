package main

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
)

// refuser is a dataplane that accepts nothing.
type refuser struct{ agent.RefusedError }

func (r *refuser) Observe(context.Context) (agent.State, error) { return agent.State{}, nil }

func (r *refuser) Apply(context.Context, agent.State, artifact.Plan) error { return &r.RefusedError }

// What the kernel refuses is a finding at the policy that the rule came from: HG5001.
func TestRefusalNamesItsSource(t *testing.T) {
	origin := func(line int32) *source.Origin {
		return &source.Origin{Object: "NetworkPolicy shop/web", Field: "spec.ingress[0]", Pos: source.Pos{File: "p.yaml", Line: line, Col: 3}}
	}
	d := &refuser{agent.RefusedError{Refusals: []agent.Refusal{
		{What: "rule x", Origins: []*source.Origin{origin(7), origin(9)}, Err: errors.New("no buffer space available")}}}}
	var out, errs bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	o := &applyOptions{}
	o.input.diagnostics = diagnostics{format: "text", color: "never", failOn: "error"}
	err := o.reconcilePart(cmd, d, artifact.Artifact{Target: "nftables", Node: "n1", Objects: []artifact.Object{{Key: "table"}}})
	var refused *agent.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Empty(t, out.String())
	require.Contains(t, errs.String(), "p.yaml:7:3: error HG5001: rule x: no buffer space available\n    in NetworkPolicy shop/web spec.ingress[0]\n")
	require.Contains(t, errs.String(), "see p.yaml:9:3: NetworkPolicy shop/web spec.ingress[0]: makes the same rule\n")
	code, _ := exitCode(err)
	require.Equal(t, exitFailed, code)
}
