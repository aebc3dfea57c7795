package openflow_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestNeighbourDiscoveryIsThatOfPodAndRouter: a pod and the node find each other's addresses. Whatever else a pod sends is
// dropped or loses a hop, so that no receiver takes it for neighbour discovery.
func TestNeighbourDiscoveryIsThatOfPodAndRouter(t *testing.T) {
	const (
		solicitation, advertisement = 135, 136

		dropped = "dropped"
		routed  = "one hop less, to "

		a, b, gateway, tunnel = "pod/x/a", "pod/x/b", "gateway", "tunnel"

		none, router = "", "router" // MAC addresses that are no port's
	)
	p := twoPods(t)
	binding := openflow.SomeBinding(p)
	lowered := openflow.Lower(p, &diag.Report{})
	require.NoError(t, openflow.Check(lowered))
	model := openflow.NewModel(p, lowered, binding)
	names := map[uint32]string{}
	for ref, port := range binding.Ports {
		names[port] = string(ref)
	}
	mac := func(name string) openflow.Value {
		switch name {
		case none:
			return openflow.Value{}
		case router:
			return openflow.RouterMAC().Value()
		}
		require.Contains(t, binding.MACs, openflow.Ref(name))
		return binding.MACs[openflow.Ref(name)].Value()
	}
	for _, row := range []struct {
		from     string
		src, dst string
		kind     uint64
		target   string
		option   string // whose MAC the option holds
		to       string // whose MAC the frame is addressed to
		want     string
	}{
		// a pod asks for its router, by multicast, and again by unicast
		{a, "fd00::5", "ff02::1:ff00:1", solicitation, "fd00::1", a, none, gateway},
		{a, "fd00::5", "fd00::1", solicitation, "fd00::1", a, gateway, gateway},
		{a, "fe80::7", "ff02::1:ff00:1", solicitation, "fd00::1", a, none, gateway},
		// for others, in another's name, or without saying who asks
		{a, "fd00::5", "ff02::1:ff00:6", solicitation, "fd00::6", a, none, routed + gateway},
		{a, "fd00::5", "fd00::6", solicitation, "fd00::6", a, b, routed + b},
		{a, "fd00::5", "fd00::1", solicitation, "fd00::1", b, none, routed + gateway},
		{a, "fd00::5", "fd00::1", solicitation, "fd00::1", none, none, routed + gateway},
		{a, "fd00::5", "2001:db8::1", solicitation, "2001:db8::1", a, none, routed + gateway},
		{a, "fe80::7", "ff02::1:ff00:6", solicitation, "fd00::6", a, none, dropped},
		{a, "fe80::7", "fd00::6", solicitation, "fd00::6", a, b, dropped},
		{a, "fe80::7", "ff02::1:ff00:1", solicitation, "fd00::1", b, none, dropped},
		{a, "fd00::6", "ff02::1:ff00:1", solicitation, "fd00::1", a, none, dropped},
		{a, "::", "ff02::1:ff00:6", solicitation, "fd00::6", none, none, dropped},
		{a, "::", "ff02::1:ff00:1", solicitation, "fd00::1", a, none, dropped},
		// a pod says who it is
		{a, "fd00::5", "fd00::1", advertisement, "fd00::5", a, gateway, gateway},
		{a, "fd00::5", "fe80::1234", advertisement, "fd00::5", none, gateway, gateway},
		{a, "fd00::5", "ff02::1", advertisement, "fd00::5", a, none, gateway},
		// or who it is not
		{a, "fd00::5", "fd00::1", advertisement, "fd00::6", a, gateway, routed + gateway},
		{a, "fd00::5", "fe80::1234", advertisement, "fd00::6", a, gateway, routed + gateway},
		{a, "fd00::5", "ff02::1", advertisement, "fd00::1", a, none, routed + gateway},
		{a, "fd00::5", "fd00::6", advertisement, "fd00::1", a, b, routed + b},
		{a, "fd00::5", "fd00::1", advertisement, "fd00::5", b, gateway, routed + gateway},
		{a, "fd00::6", "fd00::1", advertisement, "fd00::5", a, gateway, dropped},
		{a, "fe80::7", "fd00::1", advertisement, "fd00::5", a, gateway, dropped},
		// the node asks for a pod, and tests whether it has a pod's address
		{gateway, "fd00::1", "ff02::1:ff00:5", solicitation, "fd00::5", gateway, none, a},
		{gateway, "fe80::1234", "fd00::6", solicitation, "fd00::6", gateway, b, b},
		{gateway, "::", "ff02::1:ff00:6", solicitation, "fd00::6", none, none, b},
		{gateway, "fd00::1", "ff02::1:ff00:9", solicitation, "fd00::9", gateway, none, dropped},
		{gateway, "::", "ff02::1:ff00:1", solicitation, "fd00::1", none, none, dropped},
		// and answers it
		{gateway, "fd00::1", "fd00::5", advertisement, "fd00::1", gateway, a, a},
		{gateway, "fd00::1", "fe80::7", advertisement, "fd00::1", none, b, b},
		{gateway, "fd00::1", "ff02::1", advertisement, "fd00::1", gateway, none, dropped},
		// what comes by the tunnel was routed
		{tunnel, "fd00:0:0:2::9", "ff02::1:ff00:5", solicitation, "fd00::5", router, router, dropped},
		{tunnel, "fd00:0:0:2::9", "fe80::7", advertisement, "fd00::1", router, a, dropped},
	} {
		frame := model.Frame(ir.Packet{Src: netip.MustParseAddr(row.src), Dst: netip.MustParseAddr(row.dst),
			Proto: ir.ProtoICMPv6, DstPort: uint16(row.kind << 8)})
		frame[openflow.InPort] = openflow.Uint(uint64(binding.Ports[openflow.Ref(row.from)]))
		frame[openflow.EthSrc], frame[openflow.EthDst] = mac(row.from), mac(row.to)
		frame[openflow.NDTarget] = openflow.AddrValue(netip.MustParseAddr(row.target))
		option := openflow.NDSourceMAC
		if row.kind == advertisement {
			option = openflow.NDTargetMAC
		}
		frame[option] = mac(row.option)

		r := model.Run(frame)
		got := dropped
		if r.Port != 0 {
			got = names[r.Port]
			if last := r.Path[len(r.Path)-1]; slices.ContainsFunc(last.Actions, func(x openflow.Action) bool { return x.Op == openflow.DecTTL }) {
				got = routed + got
			}
		}
		require.Equal(t, row.want, got, "%+v%v", row, path(r))
	}
}
