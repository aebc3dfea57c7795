package ovs_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// binder is a node whose ports are made up.
type binder struct{ b openflow.Binding }

func (b *binder) Binding(context.Context) (openflow.Binding, error) { return b.b, nil }

// place compiles a program for one node.
func place(p *ir.Program, node string) *ir.Pipeline {
	report := &diag.Report{}
	all := pass.Run(flatten.Flatten(p), pass.Cluster, pass.Options{}, report)
	return pass.Run(flatten.SNATs(flatten.Frontends(flatten.Place(all, node), p.Services), p), pass.Node, pass.Options{}, report)
}

func generate(p *ir.Pipeline) artifact.Artifact { return openflow.Generate(p, &diag.Report{}) }

func background(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestEverySequenceOfGenerations walks through random generations on a real switch. Every flow is accepted; what is observed is
// what was wanted; the flows that a delta leaves are those that a fresh load leaves.
func TestEverySequenceOfGenerations(t *testing.T) {
	one, other := startOVS(t, "dummy"), startOVS(t, "dummy")
	ctx := background(t)
	ports := &binder{}
	d := ovs.New("n", ovs.NewConn(one.path("br-int.mgmt")), ports)
	r := irtest.Rand(7)
	flows := 0
	for seed := range uint64(25) {
		shape := irtest.Everything()
		shape.Policies += int(seed)
		prog := irtest.Program(irtest.Rand(seed/2), shape) // each cluster twice
		irtest.Egresses(prog, irtest.Rand(seed), 5)
		p := place(prog, prog.Nodes[r.IntN(len(prog.Nodes))].Name)
		ports.b = openflow.SomeBinding(p)
		want := generate(p)
		result, err := agent.Reconcile(ctx, d, want)
		require.NoError(t, err)
		require.Equal(t, artifact.Hash(want), result.Hash)
		flows += len(want.Objects)

		other.ofctl("del-flows")
		fresh := ovs.New("n", ovs.NewConn(other.path("br-int.mgmt")), ports)
		_, err = agent.Reconcile(ctx, fresh, want)
		require.NoError(t, err)
		require.ElementsMatch(t, other.flows(), one.flows())

		again, err := agent.Reconcile(ctx, d, want)
		require.NoError(t, err)
		require.False(t, again.Applied)
		require.False(t, again.Drifted)
	}
	require.Greater(t, flows, 2000)
}

// TestFullestFlow: as many conjunctions as the target puts into one flow fit the switch's messages, there and back.
func TestFullestFlow(t *testing.T) {
	i := startOVS(t, "dummy")
	want := addresses(3)
	f := want.Objects[1].Value.(*openflow.Flow)
	for n := range uint32(openflow.MaxClauses - 1) {
		f.Conjunctions = append(f.Conjunctions, openflow.Conjunction{ID: 4_000_000_000 + n, Clause: 1, Of: 3})
	}
	want.Objects[1].Head = f.String()
	d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), &binder{})
	_, err := agent.Reconcile(background(t), d, want)
	require.NoError(t, err)
	require.Len(t, i.flows(), 4)
}

// TestGroups: groups and the flows that refer to them come, change and go in one bundle each; lost ones are put back; those of
// others stay.
func TestGroups(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), &binder{})
	i.ofctl("add-group", "group_id=5,type=all,bucket=actions=IN_PORT")
	want := func(weights ...uint16) artifact.Artifact {
		p := &openflow.Pipeline{Node: "n"}
		for n, weight := range weights {
			id := openflow.GroupMarker | uint32(n)
			hairpin := []openflow.Action{{Op: openflow.Hairpin}}
			p.Groups = append(p.Groups, openflow.Group{ID: id, Buckets: []openflow.Bucket{{Weight: weight, Actions: hairpin}, {Weight: 1, Actions: hairpin}}})
			p.Flows = append(p.Flows, openflow.Flow{Table: openflow.Forward, Priority: uint16(n), Cookie: openflow.CookieMarker,
				Actions: []openflow.Action{{Op: openflow.ToGroup, Value: openflow.Uint(uint64(id))}}})
		}
		return openflow.Pack(p)
	}
	reconcile := func(a artifact.Artifact) agent.Result {
		result, err := agent.Reconcile(ctx, d, a)
		require.NoError(t, err)
		again, err := agent.Reconcile(ctx, d, a)
		require.NoError(t, err)
		require.False(t, again.Applied)
		return result
	}
	reconcile(want(1, 2, 3))
	require.Equal(t, 2, reconcile(want(1, 7)).Changes.ObjectsDeleted)
	require.Equal(t, 1, reconcile(want(4, 7)).Changes.ObjectsReplaced)
	i.ofctl("del-groups", want(4).Objects[0].Key)
	require.Len(t, i.flows(), 2)
	require.Equal(t, 2, reconcile(want(4, 7)).Drift.Summary().ObjectsAdded)
	i.ofctl("mod-group", want(4).Objects[0].Key+",type=all,bucket=actions=IN_PORT")
	require.True(t, reconcile(want(4, 7)).Drifted)
	require.Len(t, i.flows(), 3)
	reconcile(want())
	require.NotContains(t, i.ofctl("dump-groups"), "type=select")
	require.Contains(t, i.ofctl("dump-groups"), "group_id=5,")
}

// TestMeters: they come before the flows that refer to them and go after those; a bundle that is refused takes back what it added; what
// others changed is put right, and others' meters stay.
func TestMeters(t *testing.T) {
	i := startOVS(t, "netdev")
	ctx := background(t)
	conn := ovs.NewConn(i.path("br-int.mgmt"))
	defer conn.Close()
	d := ovs.New("n", conn, &binder{})
	i.ofctl("add-meter", "meter=5,pktps,band=type=drop,rate=7")
	want := func(rates ...uint32) artifact.Artifact {
		p := &openflow.Pipeline{Node: "n"}
		for n, rate := range rates {
			id := openflow.MeterMarker | uint32(n)
			p.Meters = append(p.Meters, openflow.Meter{ID: id, Rate: rate, Burst: 10, Origins: []*source.Origin{{Object: "Egress x"}}})
			p.Flows = append(p.Flows, openflow.Flow{Table: openflow.Bandwidth, Priority: uint16(n), Cookie: openflow.CookieMarker,
				Actions: []openflow.Action{{Op: openflow.Metered, Value: openflow.Uint(uint64(id))}}})
		}
		return openflow.Pack(p)
	}
	reconcile := func(a artifact.Artifact) agent.Result {
		result, err := agent.Reconcile(ctx, d, a)
		require.NoError(t, err)
		again, err := agent.Reconcile(ctx, d, a)
		require.NoError(t, err)
		require.False(t, again.Applied || again.Drifted)
		return result
	}
	reconcile(want(1, 2, 3))
	require.Equal(t, 2, reconcile(want(1, 7)).Changes.ObjectsDeleted)
	require.Equal(t, 1, reconcile(want(4, 7)).Changes.ObjectsReplaced)
	require.Contains(t, i.ofctl("dump-meters"), "rate=4 burst_size=10")
	i.ofctl("del-meter", want(4).Objects[0].Key) // and the flow with it
	require.Equal(t, 2, reconcile(want(4, 7)).Drift.Summary().ObjectsAdded)
	i.ofctl("mod-meter", want(4).Objects[0].Key+",pktps,band=type=drop,rate=9")
	require.True(t, reconcile(want(4, 7)).Drifted)

	refused := want(4, 7, 8)
	last := refused.Objects[len(refused.Objects)-1].Value.(*openflow.Flow)
	last.Actions = []openflow.Action{{Op: openflow.ToGroup, Value: openflow.Uint(77)}}
	refused.Objects[len(refused.Objects)-1].Head = last.String()
	_, err := agent.Reconcile(ctx, d, refused)
	var why *agent.RefusedError
	require.ErrorAs(t, err, &why)
	require.Contains(t, why.Refusals[0].What, "group:77")
	require.NotContains(t, i.ofctl("dump-meters"), "rate=8")

	reconcile(want())
	require.NotContains(t, i.ofctl("dump-meters"), "kbps")
	require.Contains(t, i.ofctl("dump-meters"), "meter=5 ")
}

func twoGenerations() (first, second *ir.Pipeline) {
	a, b := irtest.Program(irtest.Rand(3), irtest.Small()), irtest.Program(irtest.Rand(4), irtest.Small())
	return place(a, a.Nodes[0].Name), place(b, b.Nodes[0].Name)
}

func both(a, b *ir.Pipeline) *binder {
	return &binder{openflow.SomeBinding(&ir.Pipeline{Endpoints: slices.Concat(a.Endpoints, b.Endpoints)})}
}

// TestRefusedBundleChangesNothing: a generation that the switch refuses leaves the previous one whole, and the error names the
// source.
func TestRefusedBundleChangesNothing(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	first, second := twoGenerations()
	d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), both(first, second))
	_, err := agent.Reconcile(ctx, d, generate(first))
	require.NoError(t, err)
	before := i.flows()
	require.NotEmpty(t, before)

	lowered := openflow.Lower(second, &diag.Report{})
	guilty := slices.IndexFunc(lowered.Flows, func(f openflow.Flow) bool { return len(f.Origins) > 0 })
	require.GreaterOrEqual(t, guilty, 0)
	source := *lowered.Flows[guilty].Origins[0]

	t.Run("for a field of other packets", func(t *testing.T) {
		bad := slices.Clone(lowered.Flows)
		// An advertisement's field, for packets that need not be advertisements.
		bad[guilty].Actions = []openflow.Action{{Op: openflow.SetField, Field: openflow.NDTargetMAC}}
		_, err := agent.Reconcile(ctx, d, openflow.Pack(&openflow.Pipeline{Node: "n", Flows: bad}))
		var refused *agent.RefusedError
		require.ErrorAs(t, err, &refused)
		require.ErrorContains(t, err, source.Label())
		require.Equal(t, before, i.flows())
	})
	t.Run("by the switch", func(t *testing.T) {
		// A table that may hold nothing more.
		table := lowered.Flows[guilty].Table
		i.vsctl("--", "--id=@t", "create", "flow_table", "flow_limit=0", "--", "set", "bridge", "br-int", fmt.Sprintf("flow_tables:%d=@t", table))
		_, err := agent.Reconcile(ctx, d, generate(second))
		var refused *agent.RefusedError
		require.ErrorAs(t, err, &refused)
		require.ErrorContains(t, err, "TABLE_FULL")
		require.ErrorContains(t, err, fmt.Sprintf("table=%d,", table))
		require.Equal(t, before, i.flows())
		i.vsctl("clear", "bridge", "br-int", "flow_tables")
	})
	t.Run("a flow that rules share", func(t *testing.T) {
		bad := slices.Clone(lowered.Flows)
		shared := slices.IndexFunc(bad, func(f openflow.Flow) bool { return len(f.Conjunctions) > 0 })
		require.GreaterOrEqual(t, shared, 0)
		id := bad[shared].Conjunctions[0].ID
		bad[shared].Conjunctions = []openflow.Conjunction{{ID: id, Clause: 9, Of: 3}}
		leads := bad[slices.IndexFunc(bad, func(f openflow.Flow) bool {
			return len(f.Match) > 0 && f.Match[0] == openflow.Is(openflow.ConjID, uint64(id))
		})]
		_, err := agent.Reconcile(ctx, d, openflow.Pack(&openflow.Pipeline{Node: "n", Flows: bad}))
		var refused *agent.RefusedError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, leads.Origins, refused.Refusals[0].Origins)
		require.Equal(t, before, i.flows())
	})
	result, err := agent.Reconcile(ctx, d, generate(second))
	require.NoError(t, err)
	require.True(t, result.Applied)
	require.False(t, result.Drifted)
}

// TestDriftIsSeenAndRepaired: flows deleted, changed and smuggled in with our cookie are found and put right; flows of others
// stay.
func TestDriftIsSeenAndRepaired(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	p, _ := twoGenerations()
	want := generate(p)
	i.ofctl("add-flow", "cookie=0x99,table=200,priority=9,ip actions=NORMAL")
	d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), both(p, p))
	_, err := agent.Reconcile(ctx, d, want)
	require.NoError(t, err)
	right := i.flows()

	marker := fmt.Sprintf("cookie=0x%x", openflow.CookieMarker|0xabcdef)
	i.ofctl("del-flows", "table=15")
	i.ofctl("mod-flows", "table=70 actions=drop")
	i.ofctl("add-flow", marker+",table=40,priority=60000,ip actions=NORMAL")
	i.ofctl("add-flow", marker+",table=40,priority=60000,dl_vlan=7 actions=NORMAL")
	i.ofctl("add-flow", marker+",table=40,priority=60001,ip,nw_src=10.0.0.1 actions=drop")
	require.NotEqual(t, right, i.flows())

	result, err := agent.Reconcile(ctx, d, want)
	require.NoError(t, err)
	require.True(t, result.Drifted)
	require.ElementsMatch(t, right, i.flows())
	summary := result.Drift.Summary()
	require.Equal(t, 3, summary.ObjectsDeleted)
	require.Positive(t, summary.ObjectsAdded)
	require.Positive(t, summary.ObjectsReplaced)
	require.Contains(t, i.flows(), "cookie=0x99, table=200, priority=9,ip actions=NORMAL")
}

// TestFlowsWaitForTheirPort: without ports only what names none is loaded; once OVSDB has them, the rest is, and a port that
// comes back with another number gets its flows anew.
func TestFlowsWaitForTheirPort(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	p, _ := twoGenerations()
	want := generate(p)
	d, changes, err := ovs.Open(ctx, ovs.Options{Node: "n", DBSocket: i.path("db.sock"), Bridge: "br-int"})
	require.NoError(t, err)
	defer d.Close()
	_, err = agent.Reconcile(ctx, d, want)
	require.NoError(t, err)
	loaded := len(i.flows())
	require.NotEmpty(t, d.Held())
	require.Equal(t, len(want.Objects)+1, loaded+len(d.Held()))
	refs, err := d.HeldPorts(ctx)
	require.NoError(t, err)
	require.Contains(t, refs, openflow.GatewayRef)

	i.addPorts(p)
	reconcileUntil(t, d, changes, want, func() bool { return len(d.Held()) == 0 })
	require.Len(t, i.flows(), len(want.Objects)+1)

	pod := p.Endpoints[slices.IndexFunc(p.Endpoints, func(e *ir.Endpoint) bool { return len(e.Addrs) > 0 })]
	port := "p" + pod.Name
	before := i.flows()
	i.vsctl("del-port", "br-int", port)
	reconcileUntil(t, d, changes, want, func() bool { return len(d.Held()) > 0 })
	require.Less(t, len(i.flows()), len(before))
	i.vsctl("add-port", "br-int", port, "--", "set", "interface", port, "type=dummy", "ofport_request=77",
		fmt.Sprintf("external_ids:iface-id=%q", pod), `external_ids:attached-mac="0a:00:00:00:00:77"`)
	reconcileUntil(t, d, changes, want, func() bool { return len(d.Held()) == 0 })
	require.Len(t, i.flows(), len(before))
	require.Contains(t, fmt.Sprint(i.flows()), "in_port=77,dl_src=0a:00:00:00:00:77")
}

// TestHeldFlowsMayBeRefused: flows that the switch does not take when their port appears make Apply fail, and only as long as it
// does not take them.
func TestHeldFlowsMayBeRefused(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	p, _ := twoGenerations()
	want := generate(p)
	ports := &binder{openflow.Binding{}}
	d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), ports)
	_, err := agent.Reconcile(ctx, d, want)
	require.NoError(t, err)
	i.vsctl("--", "--id=@t", "create", "flow_table", "flow_limit=1", "--", "set", "bridge", "br-int",
		fmt.Sprintf("flow_tables:%d=@t", openflow.SpoofGuard))
	ports.b = openflow.SomeBinding(p)
	before := i.flows()
	for range 2 {
		_, err = agent.Reconcile(ctx, d, want)
		var refused *agent.RefusedError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, before, i.flows())
	}
	i.vsctl("clear", "bridge", "br-int", "flow_tables")
	_, err = agent.Reconcile(ctx, d, want)
	require.NoError(t, err)
	require.Empty(t, d.Held())
	require.Len(t, i.flows(), len(want.Objects)+1)
}

// TestSwitchRestart: a switch that starts anew holds nothing, and gets everything again.
func TestSwitchRestart(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	p, _ := twoGenerations()
	want := generate(p)
	i.addPorts(p)
	d, _, err := ovs.Open(ctx, ovs.Options{Node: "n", DBSocket: i.path("db.sock"), Bridge: "br-int"})
	require.NoError(t, err)
	defer d.Close()
	_, err = agent.Reconcile(ctx, d, want)
	require.NoError(t, err)
	require.Empty(t, d.Held())
	before := i.flows()

	require.NoError(t, i.vswitchd.Process.Kill())
	i.vswitchd.Wait()
	_, err = agent.Reconcile(ctx, d, want)
	require.Error(t, err)
	i.startSwitch()
	i.vsctl("set", "bridge", "br-int", "other_config:restarted=true") // waits until the switch has done it
	require.Empty(t, i.flows())
	result, err := agent.Reconcile(ctx, d, want)
	require.NoError(t, err)
	require.True(t, result.Applied)
	require.Empty(t, d.Held())
	require.ElementsMatch(t, before, i.flows())
}

// TestBinding: ports of the bridge that have a number and a name, the newer one of two with one name; and their addresses.
func TestBinding(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	i.vsctl("add-br", "br-other", "--", "set", "bridge", "br-other", "datapath_type=dummy", "--", "add-port", "br-other", "o1", "--",
		"set", "interface", "o1", "type=dummy", "external_ids:iface-id=x/elsewhere")
	i.dummyPort("p1", "x/twice", "0a:00:00:00:00:01")
	i.dummyPort("p2", "x/twice", "0a:00:00:00:00:02")
	i.dummyPort("p3", "x/no-mac", "")
	i.dummyPort("p4", "", "0a:00:00:00:00:04")
	i.dummyPort("p5", "gateway", "")
	ports, err := ovs.OpenPorts(ctx, i.path("db.sock"), "br-int")
	require.NoError(t, err)
	defer ports.Close()
	b, err := ports.Binding(ctx)
	require.NoError(t, err)
	number := func(name string) (n uint32) {
		fmt.Sscan(i.vsctl("get", "interface", name, "ofport"), &n)
		return n
	}
	require.Equal(t, map[openflow.Ref]uint32{"pod/x/twice": number("p2"), "pod/x/no-mac": number("p3"), "gateway": number("p5")}, b.Ports)
	var own string
	fmt.Sscanf(i.vsctl("get", "interface", "p5", "mac_in_use"), "%q", &own)
	macs := map[openflow.Ref]string{}
	for ref, mac := range b.MACs {
		macs[ref] = mac.String()
	}
	require.Equal(t, map[openflow.Ref]string{"pod/x/twice": "0a:00:00:00:00:02", "gateway": own}, macs)

	nowhere, err := ovs.OpenPorts(ctx, i.path("db.sock"), "br-none")
	require.NoError(t, err)
	defer nowhere.Close()
	_, err = nowhere.Binding(ctx)
	require.ErrorContains(t, err, "br-none")
}

// addPorts plugs the pods of a pipeline, the gateway and the tunnel.
func (i *instance) addPorts(p *ir.Pipeline) {
	i.t.Helper()
	i.dummyPort("hg-gw", "gateway", "0a:ff:00:00:00:01")
	i.dummyPort("hg-tun", "tunnel", "")
	for n, e := range p.Endpoints {
		i.dummyPort("p"+e.Name, e.String(), fmt.Sprintf("0a:00:00:00:01:%02x", n))
	}
}

func reconcileUntil(t *testing.T, d *ovs.Dataplane, changes <-chan struct{}, want artifact.Artifact, done func() bool) {
	t.Helper()
	for !done() {
		select {
		case <-changes:
		case <-time.After(20 * time.Second):
			t.Fatal("no change of ports in 20 s")
		}
		_, err := agent.Reconcile(background(t), d, want)
		require.NoError(t, err)
	}
}
