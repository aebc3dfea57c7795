package ovs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
)

// TestOthersAreNoticed: what others do to flows, groups and meters is news, and so is a switch that starts anew; what we do is not, nor
// what flows do that go by themselves.
func TestOthersAreNoticed(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	p, second := twoGenerations()
	i.addPorts(p)
	d, changes, err := ovs.Open(ctx, ovs.Options{Node: "n", DBSocket: i.path("db.sock"), Bridge: "br-int"})
	require.NoError(t, err)
	defer d.Close()
	news := func(what string) {
		t.Helper()
		select {
		case <-changes:
		case <-time.After(20 * time.Second):
			require.Fail(t, "no news", what)
		}
	}
	settle := func() { // no news but what there is by now
		t.Helper()
		for range 2 {
			_, err := agent.Reconcile(ctx, d, generate(p))
			require.NoError(t, err)
		}
		select {
		case <-changes:
		default:
		}
	}
	news("a connection")
	settle()
	for range 3 {
		for _, g := range []string{"second", "first"} {
			want := generate(p)
			if g == "second" {
				want = generate(second)
			}
			_, err := agent.Reconcile(ctx, d, want)
			require.NoError(t, err)
		}
	}
	i.ofctl("add-flow", "table=200,idle_timeout=1000,ip actions=drop")
	_, err = d.Observe(ctx)
	require.NoError(t, err)
	require.Empty(t, changes, "nobody else has done anything")

	const group = "group_id=5,type=select,bucket=actions=drop" // none of ours
	for _, c := range []string{"del-flows table=40", "add-flow table=40,priority=60000,ip actions=NORMAL", "mod-flows table=70 actions=drop", "add-group " + group,
		"mod-group " + group, "del-groups", "add-meter meter=7,kbps,band=type=drop,rate=5", "del-flows"} {
		verb, rest, _ := strings.Cut(c, " ")
		i.ofctl(append([]string{verb}, strings.Fields(strings.Replace(rest, " actions=", ",actions=", 1))...)...)
		news(c)
		settle()
	}
	require.NoError(t, i.vswitchd.Process.Kill())
	i.vswitchd.Wait()
	select {
	case <-changes:
	default:
	}
	i.startSwitch()
	news("a switch that is new")
}
