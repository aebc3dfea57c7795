package openflow_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/openflow"
)

// twoPods is a node with pods x/a, which may open no connection and receive SCTP on port 80 only, and x/b.
func twoPods(t *testing.T) *ir.Pipeline {
	t.Helper()
	p, err := ir.ParsePipeline(`pipeline node=n1
node n1 addrs=192.168.0.1 cidrs=10.0.0.0/24,fd00::/64 from="Node n1",-,-
endpoint x/a node=n1 addrs=10.0.0.5,fd00::5 from="Pod x/a",-,-
endpoint x/b node=n1 addrs=10.0.0.6,fd00::6 from="Pod x/b",-,-

list egress namespace shut name=111111111111 endpoints=x/a
  drop id=000000001001 peers=any l4=any from="NetworkPolicy x/shut","spec.policyTypes",-

list ingress namespace one name=222222222222 endpoints=x/a
  allow id=000000002001 peers=any l4=sctp/80 from="NetworkPolicy x/one","spec.ingress[0]",-
  drop id=000000002002 peers=any l4=any from="NetworkPolicy x/one","spec.policyTypes",-
`)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

// TestAssociationsAreLearnedByPort: one that was allowed lets its own packets pass, in both directions, and those of no other
// port, even where connection tracking takes them for its own.
func TestAssociationsAreLearnedByPort(t *testing.T) {
	p := twoPods(t)
	binding := openflow.SomeBinding(p)
	lowered := openflow.Lower(p, &diag.Report{})
	require.NoError(t, openflow.Check(lowered))
	model := openflow.NewModel(p, lowered, binding)
	bound, _ := binding.Bind(lowered.Flows)
	table := openflow.NewSwitch(bound)
	for _, ends := range [][2]string{{"10.0.0.5", "10.0.0.6"}, {"fd00::5", "fd00::6"}} {
		a, b := netip.MustParseAddr(ends[0]), netip.MustParseAddr(ends[1])
		run := func(src netip.Addr, from uint16, dst netip.Addr, to uint16, learned ...openflow.Flow) openflow.Result {
			frame := model.Frame(ir.Packet{Src: src, SrcPort: from, Dst: dst, DstPort: to, Proto: ir.ProtoSCTP, Established: len(learned) > 0})
			return table.Run(frame, learned...)
		}
		require.Equal(t, ir.Drop, run(a, 80, b, 7000).Action())
		require.Equal(t, ir.Drop, run(b, 7000, a, 81).Action())
		require.Empty(t, run(b, 7000, a, 81).Learned)
		open := run(b, 7000, a, 80)
		require.Equal(t, ir.Allow, open.Action())
		require.Len(t, open.Learned, 2)
		for i := range open.Learned {
			f := &open.Learned[i]
			require.True(t, openflow.IsAssociation(f))
			read, err := openflow.Parse(f.String())
			require.NoError(t, err)
			require.Equal(t, f, &read)
		}

		require.Equal(t, binding.Ports["pod/x/b"], run(a, 80, b, 7000, open.Learned...).Port)
		require.Equal(t, binding.Ports["pod/x/a"], run(b, 7000, a, 80, open.Learned...).Port)
		for _, other := range [][2]uint16{{80, 7001}, {81, 7000}, {7000, 80}} {
			require.Equal(t, ir.Drop, run(a, other[0], b, other[1], open.Learned...).Action(), other)
		}
		for _, other := range [][2]uint16{{7000, 81}, {80, 7000}} {
			require.Equal(t, ir.Drop, run(b, other[0], a, other[1], open.Learned...).Action(), other)
		}
		require.Empty(t, run(b, 7000, a, 80, open.Learned...).Learned, "what is known is not learned again")
	}
}

// TestOnlyWhatWasLearnedIsAnAssociation: a flow that is a little different is none, as it would let more pass.
func TestOnlyWhatWasLearnedIsAnAssociation(t *testing.T) {
	good := "cookie=0x4847000000000015, table=21, idle_timeout=300, priority=100,sctp,nw_src=10.0.0.6,nw_dst=10.0.0.5,tp_src=7000,tp_dst=80 actions=load:0x1->NXM_NX_REG3[]"
	f, err := openflow.Parse(good)
	require.NoError(t, err)
	require.True(t, openflow.IsAssociation(&f))
	for _, change := range [][2]string{
		{"0015", "0014"}, {"table=21", "table=20"}, {"300", "301"}, {" idle_timeout=300,", ""}, {"priority=100", "priority=101"}, {"sctp", "tcp"},
		{"nw_src=10.0.0.6", "nw_src=10.0.0.0/24"}, {",tp_dst=80", ""}, {"tp_dst=80", "tp_dst=0x50/0xfff0"}, {"0x1->", "0x2->"},
		{"REG3", "REG2"}, {"actions=", "actions=dec_ttl,"}, {"sctp", "sctp,reg1=0x1"}, {"load:0x1->NXM_NX_REG3[]", "drop"},
	} {
		text := strings.Replace(good, change[0], change[1], 1)
		require.NotEqual(t, good, text)
		f, err := openflow.Parse(text)
		require.NoError(t, err)
		require.False(t, openflow.IsAssociation(&f), text)
	}
}
