package ovs_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// named lets some pods reach what has the name www.example, and nothing else.
func (c *cluster) named(pods ...string) *ir.Policy {
	p := c.lock(ir.Egress, pods...)
	names := &ir.Group{Key: "names www.example", Kind: ir.Names, Patterns: []string{"www.example"}}
	p.Phase, p.Isolates[ir.Egress], p.Name = ir.Admin, false, "named"
	allow := ir.PolicyRule{Peers: []*ir.Group{names}, Ports: []ir.PortSpec{{Box: ir.AnyL4()}}, Action: ir.Allow, Origin: p.Rules[ir.Egress][0].Origin}
	deny := ir.PolicyRule{AnyPeer: true, Ports: allow.Ports, Action: ir.Drop, Origin: allow.Origin, Turn: 1}
	deny.Origin.Field = "spec.rules[1]"
	p.Rules[ir.Egress] = []ir.PolicyRule{allow, deny}
	return p
}

// knowing is a node's pipeline by the time that the name has addresses.
func (c *cluster) knowing(node string, addrs ...netip.Addr) *ir.Pipeline {
	return place(c.prog, node).WithNames(func([]string) ir.AddrSet { return ir.AddrSetOf(addrs...) })
}

// learn tells a node that the name has other addresses now.
func (c *cluster) learn(node string, before, after []netip.Addr) {
	c.t.Helper()
	volatile := func(addrs []netip.Addr) artifact.Artifact {
		return artifact.Artifact{Target: openflow.TargetName, Node: node, Objects: openflow.Volatile(c.knowing(node, addrs...))}
	}
	require.NoError(c.t, c.dps[node].Learn(background(c.t), artifact.Diff(volatile(before), volatile(after))))
}

// TestNamesAreLearned: what a name gives can be reached once it is learned, no longer once it is forgotten; that is no drift, and a
// reconciliation restores what was lost.
func TestNamesAreLearned(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for _, pod := range c.pods {
		pod.listen(80)
	}
	c.enforce(c.named("a"))
	a, b := c.pods["a"], c.prog.Endpoints[1].Addrs
	c.expect(a, "b", 80, false)
	c.expect(c.pods["b"], "a", 80, true)
	c.learn("n0", nil, b)
	c.expect(a, "b", 80, true)
	c.expect(a, "c", 80, false)

	reconcile := func(addrs ...netip.Addr) agent.Result {
		t.Helper()
		result, err := agent.Reconcile(background(t), c.dps["n0"], generate(c.knowing("n0", addrs...)))
		require.NoError(t, err)
		require.False(t, result.Drifted)
		return result
	}
	require.False(t, reconcile(b...).Applied)
	c.nodes["n0"].ofctl("del-flows", "--strict", fmt.Sprintf("table=%d,priority=100,ip,nw_dst=%s", openflow.EgressNames, b[0]))
	require.Equal(t, 1, reconcile(b...).Changes.ObjectsAdded)
	c.expect(a, "b", 80, true)
	c.learn("n0", b, nil)
	c.expect(a, "b", 80, false)
	require.False(t, reconcile().Applied)
	require.Equal(t, 2, reconcile(b...).Changes.ObjectsAdded)

	lasting := artifact.Diff(artifact.Artifact{}, generate(c.knowing("n0")))
	require.Error(t, c.dps["n0"].Learn(background(t), lasting))
}

// BenchmarkLearn is one address more, and one less.
func BenchmarkLearn(b *testing.B) {
	i := startOVS(b, "dummy")
	d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), &binder{})
	some := func(last byte) artifact.Artifact {
		f, err := openflow.Parse(fmt.Sprintf("cookie=0x4847000000000022,table=34,priority=100,ip,nw_dst=198.51.100.%d actions=set_field:0x1->reg8", last))
		require.NoError(b, err)
		return artifact.Artifact{Objects: []artifact.Object{{Key: f.Key(), Head: f.String(), Value: &f, Volatile: artifact.VolatileObject}}}
	}
	plans := [2]artifact.Plan{artifact.Diff(some(1), some(2)), artifact.Diff(some(2), some(1))}
	turn := 0
	for b.Loop() {
		turn++
		require.NoError(b, d.Learn(b.Context(), plans[turn%2]))
	}
	b.ReportMetric(float64(b.Elapsed())/float64(time.Microsecond)/float64(b.N), "us/learn")
}
