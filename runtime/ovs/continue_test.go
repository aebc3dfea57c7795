package ovs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// openWatching opens an instance's bridge and has it hold what is wanted. It gives the state once others' changes are told.
func openWatching(t testing.TB, i *instance, want artifact.Artifact) (*ovs.Dataplane, agent.State) {
	ctx := background(t)
	d, _, err := ovs.Open(ctx, ovs.Options{Node: want.Node, DBSocket: i.path("db.sock"), Bridge: "br-int"})
	require.NoError(t, err)
	t.Cleanup(d.Close)
	var state agent.State
	await(t, "watch over the bridge", func() bool {
		_, err := agent.Reconcile(ctx, d, want)
		require.NoError(t, err)
		state, err = d.Observe(ctx)
		require.NoError(t, err)
		state, err = d.Continue(ctx, state, artifact.Diff(state.Artifact, want))
		return err == nil
	})
	return d, state
}

// withFrontends is a Pipeline with every third frontend, from one on, of another.
func withFrontends(p *ir.Pipeline, without int) *ir.Pipeline {
	out := *p
	out.Frontends = nil
	for i, f := range p.Frontends {
		if i%3 != without {
			out.Frontends = append(out.Frontends, f)
		}
	}
	return &out
}

// TestGoingOnIsAsReadingAnew: a bridge that is changed again and again without being read holds at each step what is wanted.
func TestGoingOnIsAsReadingAnew(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	all := servicesOf(3)
	i.addPorts(all)
	d, state := openWatching(t, i, generate(all))
	other, _ := openWatching(t, i, generate(all))
	continued := 0
	for step := range 12 {
		want := generate(withFrontends(servicesOf(3), step%4))
		next, err := d.Continue(ctx, state, artifact.Diff(state.Artifact, want))
		if errors.Is(err, agent.ErrChanged) {
			_, err = agent.Reconcile(ctx, d, want)
			require.NoError(t, err)
			next, err = d.Observe(ctx)
		} else {
			continued++
			_, err := d.Continue(ctx, state, artifact.Diff(state.Artifact, want))
			require.ErrorIs(t, err, agent.ErrChanged, "a state that is past")
		}
		require.NoError(t, err)
		there, err := other.Observe(ctx)
		require.NoError(t, err)
		require.Empty(t, artifact.Diff(there.Artifact, want).Changes)
		require.Equal(t, artifact.Generation(want), there.Generation)
		require.Equal(t, there.Generation, next.Generation)
		state = next
	}
	require.Greater(t, continued, 3)
}

// TestNobodyGoesOnAfterOthers: what others did to a bridge before it is changed is looked at first.
func TestNobodyGoesOnAfterOthers(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	p, q := fleet(3, 2), fleet(4, 2)
	i.addPorts(p)
	before, after := generate(p), generate(q)
	d, _ := openWatching(t, i, before)
	for _, c := range []string{"", "del-flows table=40", "add-flow table=40,priority=60000,ip,actions=NORMAL", "del-groups", "add-group group_id=5,type=select,bucket=actions=drop"} {
		_, err := agent.Reconcile(ctx, d, before)
		require.NoError(t, err)
		state, err := d.Observe(ctx)
		require.NoError(t, err)
		if c != "" {
			i.ofctl(splitCommand(c)...)
		}
		_, err = d.Continue(ctx, state, artifact.Diff(before, after))
		if c == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, agent.ErrChanged, c)
	}
}

// splitCommand is a command of ovs-ofctl and what it is about.
func splitCommand(text string) []string {
	verb, rest, about := strings.Cut(text, " ")
	if !about {
		return []string{verb}
	}
	return []string{verb, rest}
}

// TestNobodyGoesOnAfterNames: flows that were learned since are not among what was seen.
func TestNobodyGoesOnAfterNames(t *testing.T) {
	i := startOVS(t, "dummy")
	p := fleet(3, 2)
	i.addPorts(p)
	want := generate(p)
	d, state := openWatching(t, i, want)
	f := openflow.Flow{Table: openflow.EgressNames, Priority: 100, Cookie: openflow.CookieMarker | uint64(openflow.EgressNames),
		Match: []openflow.Term{openflow.Is(openflow.EthType, 0x0800), openflow.Is(openflow.IPv4Dst, 0x01020304)}}
	known := openflow.Pack(&openflow.Pipeline{Node: p.Node, Flows: []openflow.Flow{f}})
	require.NoError(t, d.Learn(background(t), artifact.Diff(artifact.Artifact{}, known)))
	_, err := d.Continue(background(t), state, artifact.Diff(want, generate(fleet(4, 2))))
	require.ErrorIs(t, err, agent.ErrChanged)
}
