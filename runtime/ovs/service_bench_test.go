package ovs_test

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
	"github.com/headgate-net/headgate/targets/openflow"
)

// fleet is a node with one pod and many Services.
func fleet(services, backends int) *ir.Pipeline {
	p := nfttest.Fleet(services, backends)
	p.Endpoints = []*ir.Endpoint{{Namespace: "ns", Name: "client", Node: p.Node, Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.5")}}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	return p
}

// TestServicesCostTwoFlowsAndOneGroup each, above what a node with any has.
func TestServicesCostTwoFlowsAndOneGroup(t *testing.T) {
	one, many := openflow.Lower(fleet(1, 5), &diag.Report{}), openflow.Lower(fleet(10_000, 5), &diag.Report{})
	require.Equal(t, 98, len(one.Flows))
	require.Equal(t, 98+2*9_999, len(many.Flows))
	require.Equal(t, 10_000, len(many.Groups))
}

// BenchmarkServices has a node's Services on a bridge that has nothing: "reconcile" by what the agent does, and the bundle in it alone, also by
// ovs-ofctl, which shows what the switch takes by itself.
func BenchmarkServices(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		p := fleet(n, 5)
		want := openflow.Generate(p, &diag.Report{})
		binding := openflow.SomeBinding(p)
		empty := func(b *testing.B, i *instance) {
			b.StopTimer()
			i.ofctl("del-flows")
			i.ofctl("del-groups")
			b.StartTimer()
		}
		b.Run(fmt.Sprintf("services=%d/reconcile", n), func(b *testing.B) {
			i := startOVS(b, "dummy")
			conn := ovs.NewConn(i.path("br-int.mgmt"))
			defer conn.Close()
			d := ovs.New(p.Node, conn, &binder{b: binding})
			usage := use(i)
			for b.Loop() {
				empty(b, i)
				usage.begin()
				_, err := agent.Reconcile(background(b), d, want)
				usage.end()
				require.NoError(b, err)
			}
			usage.report(b)
		})
		var mods []ovs.Mod
		for _, o := range want.Objects {
			if g, ok := o.Value.(*openflow.Group); ok {
				mods = append(mods, ovs.Mod{Entry: ovs.Entry{Group: g}})
			} else {
				f, _ := binding.Flow(*o.Value.(*openflow.Flow))
				mods = append(mods, ovs.Mod{Entry: ovs.Entry{Flow: f}})
			}
		}
		compare(b, fmt.Sprintf("services=%d/bundle", n), func(b *testing.B, i *instance, sw ovs.Switch) {
			usage := use(i)
			for b.Loop() {
				empty(b, i)
				usage.begin()
				require.NoError(b, sw.Bundle(b.Context(), mods))
				usage.end()
			}
			usage.report(b)
		})
	}
}

// usage is the processor time of this process and of those that it has waited for, and of a switch, while something is done.
type usage struct {
	*instance
	own, switches, from, switchFrom int64
}

func use(i *instance) *usage { return &usage{instance: i} }

func (u *usage) begin() { u.from, u.switchFrom = u.now() }

func (u *usage) end() {
	own, switches := u.now()
	u.own, u.switches = u.own+own-u.from, u.switches+switches-u.switchFrom
}

func (u *usage) report(b *testing.B) {
	b.ReportMetric(float64(u.own)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(u.switches)/float64(b.N), "switch-cpu-ns/op")
}

// now is in nanoseconds; the switch's is counted in the kernel's ticks, of which there are 100 a second.
func (u *usage) now() (own, switches int64) {
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var used unix.Rusage
		require.NoError(u.t, unix.Getrusage(who, &used))
		own += used.Utime.Nano() + used.Stime.Nano()
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", u.vswitchd.Process.Pid))
	require.NoError(u.t, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	for _, field := range fields[11:13] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		require.NoError(u.t, err)
		switches += ticks * int64(time.Second) / 100
	}
	return own, switches
}
