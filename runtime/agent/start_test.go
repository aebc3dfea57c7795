package agent

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/targets/artifact"
)

// TestNodeNumbersGenerations: a generation that differs has the next number, going on from the last one; an error takes none.
func TestNodeNumbersGenerations(t *testing.T) {
	d := newLively()
	options := Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Last: Generation{Number: 7, Hash: "before"}}
	n := NewNode(options)
	require.Equal(t, options.Last, n.Generation())
	load := func(pod string) Generation {
		_, err := n.Load(t.Context(), pipeline(t, pod, ""), nil)
		require.NoError(t, err)
		return n.Generation()
	}
	web := load("web")
	require.EqualValues(t, 8, web.Number)
	require.Equal(t, web, load("web"))
	d.fail = errors.New("refused")
	_, err := n.Load(t.Context(), pipeline(t, "api", ""), nil)
	require.Error(t, err)
	require.Equal(t, web, n.Generation())
	d.fail = nil
	api := load("api")
	require.EqualValues(t, 9, api.Number)
	require.NotEqual(t, web.Hash, api.Hash)

	options.Last = api
	n = NewNode(options)
	require.Equal(t, api, load("api"), "another agent with the same")
	require.Equal(t, Generation{Number: 10, Hash: web.Hash}, load("web"))
}

// TestNodeClosesWhatHasNoRules: only that, and until the first Load.
func TestNodeClosesWhatHasNoRules(t *testing.T) {
	d := newLively()
	target := plain("t")
	shut := artifact.Artifact{Target: "t", Objects: []artifact.Object{{Key: "closed", Head: "closed"}}}
	target.Closed = func(string) artifact.Artifact { return shut }
	fresh := func() *Node { return NewNode(Options{Target: target, Planes: []Plane{{Dataplane: d, Target: "t"}}}) }
	step := func(n *Node, found Beginning, closes bool) {
		t.Helper()
		got, err := n.Begin(t.Context())
		require.NoError(t, err)
		require.Equal(t, found, got)
		closed, err := n.Close(t.Context())
		require.NoError(t, err)
		require.Equal(t, closes, closed)
	}
	n := fresh()
	step(n, Bare, true)
	require.True(t, artifact.Equal(shut, d.holds))
	step(fresh(), Closed, true)
	_, err := n.Load(t.Context(), pipeline(t, "web", ""), nil)
	require.NoError(t, err)
	require.Equal(t, "web", d.holds.Objects[len(d.holds.Objects)-1].Head)
	require.Len(t, d.holds.Objects, 1)
	step(fresh(), Ruled, false)
	d.tamper(artifact.Artifact{Target: "t"})
	d.memory.generation = ""
	step(n, Bare, false)
	step(fresh(), Bare, true)
}
