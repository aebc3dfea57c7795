package main

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
)

func labProgram(t *testing.T) *ir.Program {
	p, err := ir.ParseProgram(`program
node n1 addrs=192.0.2.1,2001:db8::1 cidrs=10.0.1.0/24 from="Node n1",-,-
endpoint node:n1 addrs=192.0.2.1,2001:db8::1 from="Node n1",-,-
endpoint a/web node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
endpoint external:a/vm-0 node="a/vm" addrs=203.0.113.9 listens=tcp/5432 from="ExternalNode a/vm",-,-
`)
	require.NoError(t, err)
	return p
}

// The flags add machines outside, and ports to what is no pod.
func TestLabHosts(t *testing.T) {
	in := labInput{target: "nftables", hosts: []string{"client=203.0.113.5,2001:db8:5::5"}, ownPorts: []string{"80", "UDP/53"}}
	spec, err := in.spec(labProgram(t))
	require.NoError(t, err)
	require.NoError(t, spec.Check())
	ports := []lab.Port{{Proto: lab.TCP, Port: 80}, {Proto: lab.UDP, Port: 53}}
	require.Equal(t, ports, spec.Nodes[0].Ports)
	require.Equal(t, []lab.Pod{{Namespace: "a", Name: "web", Node: "n1", Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.5")}}}, spec.Pods)
	require.Equal(t, []lab.Host{
		{Name: "a_vm", Machine: "a/vm", Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.9")},
			Ports: append([]lab.Port{{Proto: lab.TCP, Port: 5432}}, ports...)},
		{Name: "client", Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("2001:db8:5::5")}, Ports: ports},
	}, spec.Hosts)

	in.hosts = []string{"client"}
	_, err = in.spec(labProgram(t))
	require.ErrorContains(t, err, "--host client: want NAME=ADDRESS[,ADDRESS]")
}

func TestLabPairDestinations(t *testing.T) {
	in := labInput{target: "nftables", hosts: []string{"four=203.0.113.5", "both=203.0.113.6,2001:db8:5::6"}}
	spec, err := in.spec(labProgram(t))
	require.NoError(t, err)
	for _, c := range []struct{ from, to, family, want string }{
		{"host/both", "node/n1", "all", "[192.0.2.1 2001:db8::1]"},
		{"host/both", "node/n1", "ipv6", "[2001:db8::1]"},
		{"host/four", "node/n1", "all", "[192.0.2.1]"},
		{"node/n1", "pod/a/web", "all", "[10.0.1.5]"},
		{"pod/a/web", "198.51.100.1", "all", "[198.51.100.1]"},
	} {
		got, err := (&labPair{c.from, c.to}).destinations(&spec, c.family)
		require.NoError(t, err)
		require.Equal(t, c.want, sprint(got))
	}
	for _, c := range []struct{ from, to, want string }{
		{"host/nobody", "node/n1", "no such place"},
		{"node/n1", "node/n2", "no such place"},
		{"host/four", "2001:db8::1", "no address family in common"},
	} {
		_, err := (&labPair{c.from, c.to}).destinations(&spec, "all")
		require.ErrorContains(t, err, c.want)
	}
}

func sprint(addrs []netip.Addr) string {
	text := "["
	for i, a := range addrs {
		text += [...]string{"", " "}[min(i, 1)] + a.String()
	}
	return text + "]"
}
