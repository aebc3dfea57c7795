package nft_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
)

// TestStaleAfter lists connections with what is dialled, where they lead, and whether they are to be forgotten.
func TestStaleAfter(t *testing.T) {
	frontend := func(entry, pool string) string {
		return fmt.Sprintf("frontend %s ns/s %s from=\"Service ns/s\",-,-", entry, fmt.Sprintf(common, pool))
	}
	refused := "frontend 10.96.0.1/udp/80 ns/s pod=refuse node=refuse inside=refuse outside=refuse from=\"Service ns/s\",-,-"
	one := func(lines ...string) *ir.Pipeline { return parseServices(t, lines) }
	all, own := frontend("10.96.0.1/udp/80", "all4"), frontend("10.96.0.1/udp/80", "own4")
	for name, c := range map[string]struct {
		old, new        *ir.Pipeline
		dialled, target string
		want            bool
	}{
		"nothing changes":             {one(all), one(all), "10.96.0.1:80", "10.9.9.9:8080", false},
		"a target goes":               {one(all), one(own), "10.96.0.1:80", "10.0.0.1:8080", true},
		"a target stays":              {one(all), one(own), "10.96.0.1:80", "10.0.0.2:8080", false},
		"a target comes":              {one(own), one(all), "10.96.0.1:80", "10.0.0.2:8080", false},
		"nowhere, and more come":      {one(own), one(all), "10.96.0.1:80", "10.96.0.1:80", false},
		"nowhere, before the first":   {one(refused), one(own), "10.96.0.1:80", "10.96.0.1:80", true},
		"nowhere, of a new frontend":  {one(), one(own), "10.96.0.1:80", "10.96.0.1:80", true},
		"another port":                {one(), one(own), "10.96.0.1:81", "10.96.0.1:81", false},
		"another address":             {one(), one(own), "10.96.0.2:80", "10.96.0.2:80", false},
		"the last target goes":        {one(own), one(refused), "10.96.0.1:80", "10.0.0.2:8080", true},
		"nowhere, the last one goes":  {one(own), one(refused), "10.96.0.1:80", "10.96.0.1:80", false},
		"the frontend goes":           {one(own), one(), "10.96.0.1:80", "10.0.0.2:8080", true},
		"tcp is left alone":           {one(frontend("10.96.0.1/tcp/80", "own4")), one(), "10.96.0.1:80", "10.0.0.2:8080", false},
		"a node port goes":            {one(frontend("node4/udp/30080", "own4")), one(), "192.168.7.1:30080", "10.0.0.2:8080", true},
		"a node port, elsewhere":      {one(frontend("node4/udp/30080", "own4")), one(), "192.168.7.2:30080", "10.0.0.2:8080", false},
		"an external address by IPv6": {one(frontend("fd96::1/udp/80", "all6")), one(frontend("fd96::1/udp/80", "own6")), "[fd96::1]:80", "[fd08::1]:8080", true},
	} {
		stale := agent.StaleAfter(c.old, c.new)
		require.Equal(t, c.want, stale.Has(netip.MustParseAddrPort(c.dialled), netip.MustParseAddrPort(c.target)), name)
	}
	require.True(t, agent.StaleAfter(one(all), one(all)).IsEmpty())
	require.True(t, agent.StaleAfter(one(own), one(all)).IsEmpty())
}
