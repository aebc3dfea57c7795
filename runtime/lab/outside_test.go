package lab

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// probeFrom sends one probe and returns its result.
func probeFrom(t *testing.T, l *Lab, from string, to netip.Addr, port Port) ProbeResult {
	t.Helper()
	got, err := l.Probe(context.Background(), []ProbeRequest{{From: from, To: to, Port: port}})
	require.NoError(t, err)
	return got[0]
}

func inVLAN(name, addr, net string, tag uint16) Host {
	return Host{Name: name, Addrs: []netip.Addr{netip.MustParseAddr(addr)}, Nets: []Net{{VLAN: tag, Addr: netip.MustParsePrefix(net)}}}
}

// Hosts of one VLAN reach each other by their addresses in it, and nobody else by those.
func TestHostsInVLANs(t *testing.T) {
	needsRoot(t)
	spec := dualStack(NFTables, 1, 1)
	spec.Hosts = append(spec.Hosts, inVLAN("a", "192.168.0.201", "172.18.181.1/24", 181), inVLAN("b", "192.168.0.202", "172.18.181.3/24", 181),
		inVLAN("c", "192.168.0.203", "172.18.181.4/24", 182))
	spec.Hosts[2].Nets = append(spec.Hosts[2].Nets, Net{VLAN: 182, Addr: netip.MustParsePrefix("fd18::3/64")})
	spec.Hosts[3].Nets = append(spec.Hosts[3].Nets, Net{VLAN: 182, Addr: netip.MustParsePrefix("fd18::4/64")})
	spec.Hosts[0].Nets = []Net{{Addr: netip.MustParsePrefix("172.18.181.9/24")}}
	require.NoError(t, spec.Check())
	l := bringUp(t, spec, Options{})
	cases := []struct {
		from, to string
		reaches  bool
	}{
		{"host/a", "172.18.181.3", true}, {"host/b", "172.18.181.1", true}, {"host/a", "172.18.181.4", false}, {"host/c", "172.18.181.1", false},
		{"host/b", "fd18::4", true}, {"host/c", "fd18::3", true}, {"host/out", "172.18.181.1", false}, {"host/a", "172.18.181.9", false},
		{"pod/x/p1-1", "192.168.0.201", true}, {"node/n1", "192.168.0.203", true}, {"host/a", "192.168.0.1", true}, {"host/b", "192.168.0.203", true},
	}
	var probes []ProbeRequest
	for _, c := range cases {
		probes = append(probes, ProbeRequest{From: c.from, To: netip.MustParseAddr(c.to), Port: Port{Proto: ICMP}})
	}
	got, err := l.Probe(context.Background(), probes)
	require.NoError(t, err)
	for i, c := range cases {
		require.Equal(t, c.reaches, got[i].Verdict == Allow, "%+v: %+v", c, got[i])
	}
}

// What pods send to hosts leaves with the node's address, and nothing else is translated.
func TestMasquerade(t *testing.T) {
	needsRoot(t)
	port := Port{TCP, 80}
	spec := dualStack(NFTables, 2, 1, port)
	spec.Masquerade = true
	l := bringUp(t, spec, Options{})
	for _, version := range []int{0, 1} {
		for _, c := range []struct {
			to   netip.Addr
			seen netip.Addr
		}{{spec.Hosts[0].Addrs[version], spec.Nodes[0].Addrs[version]}, {spec.Pods[1].Addrs[version], spec.Pods[0].Addrs[version]}} {
			got := probeFrom(t, l, "pod/x/p1-1", c.to, port)
			require.Equal(t, Allow, got.Verdict, got.Detail)
			require.Equal(t, c.seen, got.Seen.Addr())
		}
	}
}

// Faults are what was said last.
func TestFaults(t *testing.T) {
	needsRoot(t)
	port := Port{TCP, 80}
	spec := dualStack(NFTables, 3, 1, port)
	l := bringUp(t, spec, Options{})
	places := []string{"pod/x/p1-1", "pod/x/p2-1", "pod/x/p3-1", "host/out"}
	for _, c := range []struct {
		faults Faults
		groups [][]string // of places that reach each other
	}{
		{Faults{Off: []string{"node/n1"}}, [][]string{{places[1], places[2], places[3]}}},
		{Faults{Apart: []string{"node/n1", "host/out"}}, [][]string{{places[0], places[3]}, {places[1], places[2]}}},
		{Faults{Apart: []string{"node/n2", "host/out"}, Off: []string{"host/out"}}, [][]string{{places[0], places[2]}}},
		{Faults{}, [][]string{places}},
	} {
		require.NoError(t, l.Inflict(context.Background(), c.faults))
		var probes []ProbeRequest
		var joined []bool
		for _, from := range places {
			for _, to := range places {
				addrs, err := spec.Addrs(to)
				require.NoError(t, err)
				for _, a := range addrs {
					probes = append(probes, ProbeRequest{From: from, To: a, Port: port})
					joined = append(joined, from == to || slices.ContainsFunc(c.groups, func(g []string) bool { return slices.Contains(g, from) && slices.Contains(g, to) }))
				}
			}
		}
		got, err := l.Probe(context.Background(), probes)
		require.NoError(t, err)
		for i, r := range got {
			require.Equal(t, joined[i], r.Verdict == Allow, "%+v: %+v: %+v", c.faults, probes[i], r)
		}
	}
	require.ErrorIs(t, l.Inflict(context.Background(), Faults{Off: []string{"pod/x/p1-1"}}), ErrNoPlace)
}
