package agent

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/targets/artifact"
)

// memory is a Dataplane that holds an artifact.
type memory struct {
	holds      artifact.Artifact
	generation string
	applied    int
	fail       error
	lose       bool // what is applied gets lost
}

func (m *memory) Observe(context.Context) (State, error) {
	return State{Artifact: m.holds, Generation: m.generation}, nil
}

func (m *memory) Apply(_ context.Context, from State, plan artifact.Plan) error {
	if m.fail != nil {
		return m.fail
	}
	m.applied++
	next, err := artifact.Apply(from.Artifact, plan)
	if err == nil && !m.lose {
		m.holds, m.generation = next, artifact.Generation(plan.To)
	}
	return err
}

func of(items ...string) artifact.Artifact {
	return artifact.Artifact{Target: "t", Objects: []artifact.Object{{Key: "s", Head: "set s", Items: items}}}
}

func reconcile(t *testing.T, m *memory, want artifact.Artifact) Result {
	r, err := Reconcile(t.Context(), m, want)
	require.NoError(t, err)
	require.Equal(t, artifact.Hash(want), r.Hash)
	return r
}

func TestReconcileIsIdempotent(t *testing.T) {
	m := &memory{}
	first := reconcile(t, m, of("1", "2"))
	require.True(t, first.Applied)
	require.False(t, first.Drifted)
	require.Equal(t, artifact.Summary{ObjectsAdded: 1, ItemsAdded: 2}, first.Changes)
	require.Equal(t, Result{Hash: first.Hash}, reconcile(t, m, of("1", "2")))
	require.Equal(t, 1, m.applied)
}

func TestReconcileTellsDrift(t *testing.T) {
	m := &memory{}
	reconcile(t, m, of("1", "2"))
	m.holds = of("1", "3")
	r := reconcile(t, m, of("1", "2"))
	require.True(t, r.Drifted)
	require.Equal(t, "~set s\n-\t3\n+\t2\n", r.Drift.Text())
	require.Equal(t, of("1", "2"), m.holds)

	m.holds = of("1")
	r = reconcile(t, m, of("1", "2", "4"))
	require.True(t, r.Drifted, "tampered with and changed at once")
	require.True(t, r.Drift.IsEmpty())

	require.False(t, reconcile(t, m, of("5")).Drifted, "a change is no drift")
}

func TestReconcileStoresGenerationAlone(t *testing.T) {
	m := &memory{holds: of("1")}
	r := reconcile(t, m, of("1"))
	require.True(t, r.Applied)
	require.Equal(t, artifact.Generation(of("1")), m.generation)
}

func TestReconcileReportsFailure(t *testing.T) {
	m := &memory{holds: of("1")}
	m.fail = &RefusedError{Refusals: []Refusal{
		{What: `rule "x"`, Err: errors.ErrUnsupported, Origins: []*source.Origin{{Object: "NetworkPolicy ns/a", Field: "spec", Pos: source.Pos{File: "f.yaml", Line: 3}},
			{Object: "NetworkPolicy ns/b"}}},
		{What: "a consequence", Err: errors.New("no")},
	}}
	r, err := Reconcile(t.Context(), m, of("2"))
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.EqualError(t, err, `apply: refused rule "x", which comes from NetworkPolicy ns/a spec (f.yaml:3), NetworkPolicy ns/b: unsupported operation (and 1 more)`)
	require.False(t, r.Applied)
	require.Equal(t, of("1"), m.holds)

	m.fail, m.lose = nil, true
	_, err = Reconcile(t.Context(), m, of("2"))
	require.ErrorContains(t, err, "verify: the dataplane holds something else than was applied: 1 object modified; 1 item added, 1 deleted")
}
