package guard_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// read gives the needs of a file and what is said of it.
func read(text string) ([]guard.Need, []string) {
	var report diag.Report
	needs := guard.Read("needs.yaml", []byte(text), &report)
	var said []string
	for _, f := range report.Findings() {
		said = append(said, fmt.Sprintf("%s %s %s: %s", f.Origin.Pos, f.Code, f.Origin.Label(), f.Message))
	}
	return needs, said
}

func TestNeedsAreWrittenAndRead(t *testing.T) {
	got, said := read(guard.Write(guard.Default()))
	require.Empty(t, said)
	require.Equal(t, guard.Default(), got)
	none, said := read(guard.Write(nil))
	require.Empty(t, said)
	require.NotNil(t, none)
	require.Empty(t, none)

	selector := manifest.MakeSelector(manifest.Requirement{Key: "a", Op: manifest.In, Values: []string{"x", "y"}}, manifest.Requirement{Key: "b", Op: manifest.Exists})
	want := []guard.Need{
		{Name: `a "name": with signs`, L4: ir.DstL4(ir.ProtoSCTP, ir.AllPorts()), Way: guard.In, Of: guard.Party{Selector: selector},
			Peers: guard.Party{Role: guard.Addresses, Block: netip.MustParsePrefix("2001:db8::/64")}},
		{Name: "metrics", L4: ir.DstL4(ir.ProtoTCP, ir.OnePort(9100)), Way: guard.Both, Of: guard.Party{Role: guard.Machines}, Peers: guard.Party{Selector: selector}},
	}
	got, said = read(guard.Write(want))
	require.Empty(t, said)
	require.Equal(t, want, got)
}

// TestNeedsAreReadAsPeopleWriteThem: defaults, several ports, matchLabels.
func TestNeedsAreReadAsPeopleWriteThem(t *testing.T) {
	got, said := read(`# a comment
needs:
- name: storage
  ports: [{port: 3260}, {protocol: UDP, port: 1, endPort: 3}]
  direction: Out
  peers: {nodeSelector: {matchLabels: {disk: big}}}
`)
	require.Empty(t, said)
	peers := guard.Party{Selector: manifest.MakeSelector(manifest.Requirement{Key: "disk", Op: manifest.In, Values: []string{"big"}})}
	require.Equal(t, []guard.Need{
		{Name: "storage", L4: ir.DstL4(ir.ProtoTCP, ir.OnePort(3260)), Way: guard.Out, Peers: peers},
		{Name: "storage", L4: ir.DstL4(ir.ProtoUDP, ir.PortRange{From: 1, To: 3}), Way: guard.Out, Peers: peers},
	}, got)
}

func TestNeedsAreReadStrictly(t *testing.T) {
	const rest = ", ports: [{port: 1}], direction: In, peers: {role: Nodes}}]"
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                        {"", "needs.yaml:1:1 HG1005 NeedList needs: NeedList has no needs"},
		"no YAML":                        {"needs: [", "needs.yaml:1:8 HG1001"},
		"another document":               {"needs: []\n---\nneeds: []\n", "needs.yaml:1:1 HG1001 NeedList: there is more than one document"},
		"a list":                         {"- name: a\n", "needs.yaml:1:1 HG1003 NeedList"},
		"unknown field":                  {"needs: [{name: a, port: 1" + rest, "needs.yaml:1:19 HG1002 NeedList needs[0].port"},
		"key twice":                      {"needs: [{name: a, name: b" + rest, "needs.yaml:1:19 HG1004"},
		"no name":                        {"needs: [{ports: [{port: 1}], direction: In, peers: {role: Nodes}}]", "needs.yaml:1:9 HG1005 NeedList needs[0].name"},
		"no ports":                       {"needs: [{name: a, ports: [], direction: In, peers: {role: Nodes}}]", "needs.yaml:1:26 HG1119 Need a needs[0].ports"},
		"port by name":                   {"needs: [{name: a, ports: [{port: http}], direction: In, peers: {role: Nodes}}]", "needs.yaml:1:34 HG1003"},
		"port out of range":              {"needs: [{name: a, ports: [{port: 65536}], direction: In, peers: {role: Nodes}}]", "needs.yaml:1:34 HG1105"},
		"range the wrong way":            {"needs: [{name: a, ports: [{port: 2, endPort: 1}], direction: In, peers: {role: Nodes}}]", "needs.yaml:1:46 HG1106"},
		"unknown protocol":               {"needs: [{name: a, ports: [{protocol: ICMP}], direction: In, peers: {role: Nodes}}]", "needs.yaml:1:38 HG1107"},
		"unknown direction":              {"needs: [{name: a, ports: [{port: 1}], direction: in, peers: {role: Nodes}}]", `needs.yaml:1:50 HG1126 Need a needs[0].direction: unknown direction "in"`},
		"unknown role":                   {"needs: [{name: a, ports: [{port: 1}], direction: In, peers: {role: Machines}}]", `needs.yaml:1:68 HG1126 Need a needs[0].peers.role: unknown role "Machines"`},
		"role that is only a peer":       {"needs: [{name: a, of: {role: Outside}" + rest, `needs.yaml:1:30 HG1126 Need a needs[0].of.role: unknown role "Outside"`},
		"addresses that are only a peer": {"needs: [{name: a, of: {cidr: 10.0.0.0/8}" + rest, "needs.yaml:1:24 HG1002"},
		"two ways":                       {"needs: [{name: a, ports: [{port: 1}], direction: In, peers: {role: Nodes, cidr: 10.0.0.0/8}}]", "needs.yaml:1:61 HG1126 Need a needs[0].peers: peers says in 2 ways who that is"},
		"no way":                         {"needs: [{name: a, of: {}" + rest, "needs.yaml:1:23 HG1126 Need a needs[0].of: of says in 0 ways who that is"},
		"bad selector":                   {"needs: [{name: a, of: {nodeSelector: {matchExpressions: [{key: a, operator: In}]}}" + rest, "needs.yaml:1:58 HG1108"},
		"unknown ports of Services":      {"needs: [{name: a, ports: [{services: NodePorts}], direction: In, peers: {role: Nodes}}]", `needs.yaml:1:38 HG1126 Need a needs[0].ports[0].services: unknown ports of Services "NodePorts"`},
		"ports of Services and others":   {"needs: [{name: a, ports: [{services: HealthCheckNodePorts, port: 1}], direction: In, peers: {role: Nodes}}]", "needs.yaml:1:27 HG1126 Need a needs[0].ports[0]: services does not go with port"},
		"role that is only of":           {"needs: [{name: a, ports: [{port: 1}], direction: In, peers: {role: Balanced}}]", `needs.yaml:1:68 HG1126 Need a needs[0].peers.role: unknown role "Balanced"`},
		"bad CIDR":                       {"needs: [{name: a, ports: [{port: 1}], direction: In, peers: {cidr: 10.0.0.0}}]", "needs.yaml:1:68 HG1101"},
	} {
		t.Run(name, func(t *testing.T) {
			needs, said := read(c.text)
			require.NotNil(t, needs)
			require.Empty(t, needs)
			require.Contains(t, strings.Join(said, "\n"), c.want)
		})
	}
}

// TestOwnNeeds: needs that are not among the default ones.
// spec: 6.4
func TestOwnNeeds(t *testing.T) {
	const office = `
needs:
- {name: office, ports: [{port: 443}], direction: In, of: {nodeSelector: {matchLabels: {kubernetes.io/hostname: n1}}}, peers: {cidr: 198.51.100.0/24}}
- {name: clock, ports: [{protocol: UDP, port: 123}], direction: Out, of: {role: Machines}, peers: {nodeSelector: {matchLabels: {kubernetes.io/hostname: n2}}}}
`
	needs, said := read(office)
	require.Empty(t, said)
	for name, c := range map[string]struct{ policies, want string }{
		"what is not listed": {policy("a", own, "ingress drop peers=any ports=tcp/22,tcp/10250"), ""},
		"one address of the block": {policy("a", own, "ingress allow peers=nodes ports=any", "ingress drop peers=office ports=tcp/443"),
			"node n1 needs office (tcp/443) from 198.51.100.0: packet 198.51.100.0:50000 -> 192.0.2.1:443 tcp meets drop (+0)"},
		"another node": {policy("a", "subjects=n2", "ingress drop peers=any ports=tcp/443"), ""},
		"a machine": {policy("a", "subjects=box", "egress reject peers=n2 ports=udp/123"),
			"machine lab/box needs clock (udp/123) to node n2: packet 198.51.100.30:50000 -> 192.0.2.2:123 udp meets reject (+0)"},
		"a machine and another node": {policy("a", "subjects=box", "egress reject peers=n1,n3 ports=udp/123"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, checkAs(t, needs, nil, c.policies))
		})
	}
}
