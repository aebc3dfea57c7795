package ovs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
)

// ruleOf finds the ID of the one rule of a node that comes from a field of a declaration.
func (c *cluster) ruleOf(node, field string) ir.RuleID {
	c.t.Helper()
	var found []ir.RuleID
	p := place(c.prog, node)
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				for _, r := range l.Rules {
					if strings.HasPrefix(r.Origins[0].Field, field) {
						found = append(found, r.ID)
					}
				}
			}
		}
	}
	require.Len(c.t, found, 1, field)
	return found[0]
}

// TestRulesCount: connections that a rule allows and attempts that one drops are counted, whether a conjunction or a plain flow
// decides, and go on being counted when a generation moves the rule to another flow; a rule that goes takes its count along.
func TestRulesCount(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	b := 1
	addr := c.prog.Endpoints[b].Addrs[0]
	c.pods["b"].listen(80, 81, 82)
	policy := func(denied bool) *ir.Policy {
		p := c.lock(ir.Ingress, "b")
		p.Phase, p.Isolates[ir.Ingress] = ir.Admin, false
		p.Rules[ir.Ingress][0].Origin.Field = "allow"
		plain := p.Rules[ir.Ingress][0]
		plain.AnyPeer, plain.Peers, plain.Origin.Field = true, nil, "plain"
		plain.Ports = []ir.PortSpec{{Box: ir.DstL4(ir.ProtoTCP, ir.OnePort(81))}}
		p.Rules[ir.Ingress] = append(p.Rules[ir.Ingress], plain)
		if denied {
			all := plain
			all.Ports, all.Action, all.Origin.Field, all.Turn = []ir.PortSpec{{Box: ir.AnyL4()}}, ir.Drop, "drop", 2
			p.Rules[ir.Ingress] = append(p.Rules[ir.Ingress], all)
		}
		return p
	}
	var d *ovs.Dataplane
	counted := func(field string) agent.Count {
		counts, err := d.Counts(background(t))
		require.NoError(t, err)
		return counts[c.ruleOf("n0", field)]
	}
	expect := func(field string, packets uint64) {
		t.Helper()
		await(t, field, func() bool { return counted(field).Packets >= packets })
		require.Equal(t, packets, counted(field).Packets, field)
	}
	dial := func(port uint16, times int) {
		for range times {
			conn, err := c.pods["a"].dial(addr, port, 10*time.Second)
			require.NoError(t, err)
			conn.Close()
		}
	}
	c.enforce(policy(false))
	d = c.dps["n0"]
	dial(80, 3)
	dial(81, 2)
	expect("allow", 3)
	expect("plain", 2)
	require.Equal(t, uint64(3*60), counted("allow").Bytes) // an IPv4 and a TCP header with Linux's options

	allow := c.ruleOf("n0", "allow")
	c.enforce(policy(true))
	require.Equal(t, allow, c.ruleOf("n0", "allow"))
	expect("allow", 3)
	dial(80, 1)
	_, err := c.pods["a"].dial(addr, 82, 700*time.Millisecond)
	require.Error(t, err)
	expect("allow", 4)
	expect("plain", 2)
	expect("drop", 1)

	c.enforce()
	counts, err := d.Counts(background(t))
	require.NoError(t, err)
	require.Empty(t, counts)
}
