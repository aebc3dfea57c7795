package nft_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// TestLostTargets: clients forget a target if nothing that they dialled leads there any more.
func TestLostTargets(t *testing.T) {
	const head = `pipeline node=n1
node n1 addrs=192.0.2.1 from="Node n1",-,-
pool one targets=10.0.1.5:8080
pool two targets=10.0.1.5:8080,10.0.2.6:8080
`
	plan := func(old, new string) artifact.Plan {
		return artifact.Diff(nft.Artifact(lower(t, parse(t, head+old))), nft.Artifact(lower(t, parse(t, head+new))))
	}
	two := "frontend 10.96.0.1/tcp/80 ns/s pod=two node=two inside=two outside=two affinity=10s from=\"Service ns/s\",-,-\n"
	one := "frontend 10.96.0.1/tcp/80 ns/s pod=one node=one inside=one outside=one affinity=10s from=\"Service ns/s\",-,-\n"
	some := "frontend 10.96.0.1/tcp/80 ns/s pod=one node=one inside=one outside=two affinity=10s from=\"Service ns/s\",-,-\n"
	plain := "frontend 10.96.0.2/tcp/80 ns/t pod=two node=two inside=two outside=two from=\"Service ns/t\",-,-\n"
	third := "frontend 10.96.0.3/tcp/80 ns/u pod=one node=one inside=one outside=one affinity=10s from=\"Service ns/u\",-,-\n"
	client := nft.Element{From: "\x01\x02\x03\x04" + "\x0a\x60\x00\x01" + "\x00\x50", Data: "\x0a\x00\x02\x06" + "\x1f\x90"}
	stays := client
	stays.Data = "\x0a\x00\x01\x05" + "\x1f\x90"
	for name, c := range map[string]struct {
		plan artifact.Plan
		want bool
	}{
		"nothing changes":      {plan(two, two), false},
		"it goes":              {plan(two, one), true},
		"it goes for some":     {plan(two, some), false},
		"it comes":             {plan(one, two), false},
		"another comes":        {plan(two, two+plain), false},
		"another goes":         {plan(two+plain, two), false},
		"the frontend goes":    {plan(two+third, third), true},
		"the map is new":       {plan(plain, two), false},
		"the map goes with it": {plan(two, plain), false},
	} {
		lost := nft.LostTargets(c.plan)
		m := &nft.Set{Name: "affinity4_tcp_10s", Key: []nft.Type{nft.IPv4Addr, nft.IPv4Addr, nft.InetService}}
		require.Equal(t, c.want, lost.Has(m, &client), name)
		require.Equal(t, !c.want, lost.IsEmpty(), name)
		require.Equal(t, name == "the frontend goes", lost.Has(m, &stays), name)
		m.Name = "affinity4_udp_10s"
		require.False(t, lost.Has(m, &client), name)
	}
}
