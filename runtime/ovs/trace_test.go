package ovs_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestTraceAgreesWithModel sends random packets of new and of established connections through Open vSwitch's own tracer. It must
// take the very tables that the model takes, and so come to the model's verdict, which is the pipeline's.
func TestTraceAgreesWithModel(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	ports, err := ovs.OpenPorts(ctx, i.path("db.sock"), "br-int")
	require.NoError(t, err)
	defer ports.Close()
	verdicts, associations, departures := map[ir.Action]int{}, 0, 0
	plugged := map[string]bool{}
	d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), ports)
	for seed := range uint64(12) {
		prog := irtest.Program(irtest.Rand(100+seed), irtest.Small())
		irtest.Egresses(prog, irtest.Rand(seed), 4)
		p := place(prog, prog.Nodes[0].Name)
		for n, e := range append(p.Endpoints, nil) {
			id := "gateway"
			if e != nil {
				id = e.String()
			}
			if !plugged[id] {
				plugged[id] = true
				i.dummyPort(fmt.Sprintf("p%d", len(plugged)), id, fmt.Sprintf("0a:00:00:00:%02x:%02x", seed, n))
			}
		}
		if !plugged["tunnel"] {
			plugged["tunnel"] = true
			i.dummyPort("hg-tun", "tunnel", "0a:00:00:00:ff:ff")
		}
		lowered := openflow.Lower(p, &diag.Report{})
		_, err := agent.Reconcile(ctx, d, openflow.Pack(lowered))
		require.NoError(t, err)
		require.Empty(t, d.Held())
		binding, err := ports.Binding(ctx)
		require.NoError(t, err)
		model := openflow.NewModel(p, lowered, binding)
		packets := irtest.NewPackets(prog)
		r := irtest.Rand(seed)
		for range 40 {
			pkt := localPacket(r, p, packets)
			pkt.Established = r.IntN(8) == 0
			want := model.Eval(pkt)
			association := openflow.Association(model.Frame(pkt))
			for _, f := range association {
				i.ofctl("add-flow", f.String())
			}
			text := i.trace(model, pkt)
			for _, f := range association {
				i.ofctl("del-flows", f.Key(), "--strict")
				associations++
			}
			require.Equal(t, tables(want), tracedTables(text), "%+v\n%s", pkt, text)
			verdicts[want.Action()]++
			if slices.Contains(tables(want), int(openflow.Departure)) {
				departures++
			}
		}
	}
	t.Log(verdicts, associations, departures)
	require.Positive(t, departures)
	require.Positive(t, associations)
	require.Greater(t, verdicts[ir.Allow], 50)
	require.Greater(t, verdicts[ir.Drop], 50)
}

// localPacket draws packets until one concerns a pod of the pipeline's node.
func localPacket(r *rand.Rand, p *ir.Pipeline, packets *irtest.Packets) ir.Packet {
	local := map[string]bool{}
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			local[a.String()] = true
		}
	}
	for range 200 {
		if pkt := packets.Next(r); local[pkt.Src.String()] || local[pkt.Dst.String()] {
			return pkt
		}
	}
	return packets.Next(r)
}

func (i *instance) trace(model *openflow.Model, pkt ir.Packet) string {
	i.t.Helper()
	state := "trk,new"
	if pkt.Established {
		state = "trk,est"
	}
	return i.appctl("ofproto/trace", "br-int", frameText(model.Frame(pkt), pkt), "--ct-next", state)
}

// frameText is a packet in the tracer's syntax.
func frameText(f openflow.Frame, pkt ir.Packet) string {
	mac := func(v openflow.Value) string {
		var m openflow.MAC
		for n := range m {
			m[n] = byte(v.Lo >> (40 - 8*n))
		}
		return m.String()
	}
	words := []string{fmt.Sprintf("in_port=%d", f[openflow.InPort].Lo), "dl_src=" + mac(f[openflow.EthSrc]), "dl_dst=" + mac(f[openflow.EthDst])}
	six := ""
	if pkt.Src.Is4() {
		words = append(words, "ip", "nw_src="+pkt.Src.String(), "nw_dst="+pkt.Dst.String())
	} else {
		six = "6"
		words = append(words, "ipv6", "ipv6_src="+pkt.Src.String(), "ipv6_dst="+pkt.Dst.String())
	}
	words = append(words, fmt.Sprintf("nw_proto=%d", pkt.Proto), "nw_ttl=64")
	switch {
	case pkt.Proto.HasPorts():
		words = append(words, fmt.Sprintf("%s_src=%d,%s_dst=%d", pkt.Proto, pkt.SrcPort, pkt.Proto, pkt.DstPort))
	case pkt.Proto == ir.ProtoICMP || pkt.Proto == ir.ProtoICMPv6:
		words = append(words, fmt.Sprintf("icmp%[1]s_type=%[2]d,icmp%[1]s_code=%[3]d", strings.Replace(six, "6", "v6", 1), pkt.DstPort>>8, pkt.DstPort&0xff))
	}
	return strings.Join(words, ",")
}

func tables(r openflow.Result) []int {
	var out []int
	for _, f := range r.Path {
		out = append(out, int(f.Table))
	}
	return out
}

// tracedTables reads the tables that the tracer went through: its lines such as "31. ip,nw_src=10.0.0.1, priority 10, cookie 0x1".
func tracedTables(text string) []int {
	var out []int
	for line := range strings.Lines(text) {
		number, rest, ok := strings.Cut(strings.TrimSpace(line), ". ")
		if n, err := strconv.Atoi(number); ok && err == nil && strings.Contains(rest, "priority") {
			out = append(out, n)
		}
	}
	return out
}
