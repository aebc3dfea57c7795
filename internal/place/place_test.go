package place_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

func program() *ir.Program {
	ip := netip.MustParseAddr
	return &ir.Program{
		Nodes: []*ir.Node{{Name: "n1", Addrs: []netip.Addr{ip("192.0.2.1")}}},
		Endpoints: []*ir.Endpoint{
			{Namespace: "shop", Name: "db", Addrs: []netip.Addr{ip("10.0.0.2"), ip("fd00::2")}},
			{Namespace: "shop", Name: "pending"},
			{Namespace: "shop", Name: "web", Addrs: []netip.Addr{ip("10.0.0.1"), ip("fd00::1")}},
		},
	}
}

func TestFind(t *testing.T) {
	p := program()
	web, err := place.Find(p, "web", "shop")
	require.NoError(t, err)
	require.Equal(t, "shop/web", web.Name)
	require.Same(t, p.Endpoints[2], web.Endpoint)
	node, err := place.Find(p, "node/n1", "shop")
	require.NoError(t, err)
	require.Same(t, p.Nodes[0], node.Node)
	byAddr, err := place.Find(p, "fd00::2", "shop")
	require.NoError(t, err)
	require.Same(t, p.Endpoints[0], byAddr.Endpoint)
	outside, err := place.Find(p, "203.0.113.5", "shop")
	require.NoError(t, err)
	require.Nil(t, outside.Endpoint)
	byAddr, err = place.Find(p, "192.0.2.1", "")
	require.NoError(t, err)
	require.Same(t, p.Nodes[0], byAddr.Node)

	p.Endpoints = append(p.Endpoints, &ir.Endpoint{Kind: ir.ExternalEndpoint, Namespace: "shop", Name: "vm", Addrs: web.Addrs[:1]},
		&ir.Endpoint{Kind: ir.NodeEndpoint, Name: "n1", Node: "n1", Addrs: node.Addrs})
	external, err := place.Find(p, "external/shop/vm", "shop")
	require.NoError(t, err)
	require.Same(t, p.Endpoints[3], external.Endpoint)
	byAddr, err = place.Find(p, "192.0.2.1", "")
	require.NoError(t, err)
	require.Same(t, p.Endpoints[4], byAddr.Endpoint)

	for text, want := range map[string]string{
		"shop/vm":      "there is no pod shop/vm among the 3 pods of the input",
		"web":          "there is no pod default/web: did you mean shop/web?",
		"shop/nobody":  "there is no pod shop/nobody among the 3 pods of the input",
		"shop/pending": "pod shop/pending has no address",
		"n1":           "there is no pod default/n1: did you mean node/n1?",
	} {
		_, err := place.Find(p, text, "default")
		require.EqualError(t, err, want)
	}
}

func TestParseTraffic(t *testing.T) {
	for text, want := range map[string]place.Traffic{
		"80":          {Proto: ir.ProtoTCP, Src: 50000, Dst: 80},
		"TCP/80":      {Proto: ir.ProtoTCP, Src: 50000, Dst: 80},
		"sctp/9<1024": {Proto: ir.ProtoSCTP, Src: 1024, Dst: 9},
		"icmp":        {Proto: ir.ProtoICMP, Echo: true},
		"icmp/3/1":    {Proto: ir.ProtoICMP, Dst: 3<<8 | 1},
		"icmpv6/128":  {Proto: ir.ProtoICMPv6, Dst: 128 << 8},
		"proto/47":    {Proto: 47},
	} {
		got, err := place.ParseTraffic(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "tcp", "tcp/", "tcp/0", "tcp/65536", "70000", "any", "quic/443", "icmp/256", "icmp/x", "tcp/80<x"} {
		_, err := place.ParseTraffic(text)
		require.Error(t, err, text)
	}
}

func TestPackets(t *testing.T) {
	p := program()
	web, _ := place.Find(p, "shop/web", "")
	db, _ := place.Find(p, "shop/db", "")
	echo, err := place.ParseTraffic("icmp")
	require.NoError(t, err)
	packets := echo.Packets(web, db)
	require.Len(t, packets, 2)
	require.Equal(t, ir.Packet{Src: web.Addrs[0], Dst: db.Addrs[0], Proto: ir.ProtoICMP, DstPort: 8 << 8}, packets[0])
	require.Equal(t, ir.Packet{Src: web.Addrs[1], Dst: db.Addrs[1], Proto: ir.ProtoICMPv6, DstPort: 128 << 8}, packets[1])
	node, _ := place.Find(p, "node/n1", "")
	require.Len(t, echo.Packets(node, db), 1)
}
