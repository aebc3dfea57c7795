package guard_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// cluster has three nodes of both families; the policies are added to it. There are two machines outside of it: vm with two
// interfaces, one of which has both families, and box. Nobody enforces what is about the printer.
const cluster = `program
node n1 addrs=192.0.2.1,2001:db8:9::1 cidrs=10.0.1.0/24 from="Node n1",-,-
node n2 addrs=192.0.2.2,2001:db8:9::2 cidrs=10.0.2.0/24 from="Node n2",-,-
node n3 addrs=192.0.2.3 cidrs=10.0.3.0/24 from="Node n3",-,-
endpoint node:n1 addrs=192.0.2.1,2001:db8:9::1 from="Node n1",-,-
endpoint node:n2 addrs=192.0.2.2,2001:db8:9::2 from="Node n2",-,-
endpoint external:lab/box node=lab/box addrs=198.51.100.30 from="ExternalNode lab/box",-,-
endpoint external:lab/printer addrs=198.51.100.40 from="ExternalEntity lab/printer",-,-
endpoint external:lab/vm-a node=lab/vm addrs=198.51.100.10 from="ExternalNode lab/vm",-,-
endpoint external:lab/vm-b node=lab/vm addrs=198.51.100.20,2001:db8:9::20 from="ExternalNode lab/vm",-,-
endpoint shop/web node=n1 addrs=10.0.1.5 from="Pod shop/web",-,-
group a members=external:lab/vm-a
group all4 blocks=0.0.0.0/0
group all6 blocks=::/0
group b members=external:lab/vm-b
group box members=external:lab/box
group internet blocks=0.0.0.0-191.255.255.255,193.0.0.0-255.255.255.255
group n1 members=node:n1
group n2 members=none addrs=192.0.2.2,2001:db8:9::2
group n2v6 members=none addrs=2001:db8:9::2
group n3 members=none addrs=192.0.2.3
group names names=*.example.com
group nodes members=node:n1,node:n2 addrs=192.0.2.3
group office blocks=198.51.100.0/24
group printer members=external:lab/printer
group web members=shop/web
`

func check(t *testing.T, policies string) (*ir.Program, string) {
	p, err := ir.ParseProgram(cluster + policies)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	var report diag.Report
	guard.Check(guard.Cluster{Program: p, Pipeline: flatten.Flatten(p)}, guard.Default(), &report)
	var lines []string
	for _, f := range report.Findings() {
		require.Equal(t, diag.LocksOut, f.Code)
		require.Equal(t, diag.Error, f.Severity)
		lines = append(lines, fmt.Sprintf("%s: %s (+%d)", f.Origin.Label(), f.Message, len(f.Related)))
	}
	return p, strings.Join(lines, "\n")
}

// policy makes a policy for n1 and n2, or what subjects says, with the given rules.
func policy(name, attrs string, rules ...string) string {
	s := fmt.Sprintf("policy C %s admin rank=250/5/interleave %s from=%q,-,-\n", name, attrs, "C "+name)
	for i, r := range rules {
		s += fmt.Sprintf("  %s from=%q,%s[%d],-\n", r, "C "+name, strings.Fields(r)[0], i)
	}
	return s
}

const own = "subjects=nodes"

// spec: 6.4
func TestNothingIsCut(t *testing.T) {
	for name, policies := range map[string]string{
		"no policy": "",
		"other ports": policy("a", own, "ingress allow peers=office ports=tcp/80", "ingress drop peers=any ports=tcp/80",
			"egress drop peers=nodes ports=tcp/22"),
		"ssh for an office only": policy("a", own, "ingress allow peers=office ports=tcp/22", "ingress drop peers=any ports=tcp/22"),
		"ssh for IPv6 only":      policy("a", "subjects=n1", "ingress drop peers=all4 ports=tcp/22"),
		"one family of a node":   policy("a", own, "ingress drop peers=n2v6 ports=tcp/10250"),
		"pods":                   policy("a", "subjects=web", "ingress drop peers=any ports=any", "egress drop peers=any ports=any"),
		"only from outside":      policy("a", own, "ingress drop peers=internet,office ports=tcp/6443,tcp/10250"),
		"from itself":            policy("a", "subjects=n1", "ingress drop peers=n1 ports=any", "egress drop peers=n1 ports=any"),
		"allowed before":         policy("a", own, "ingress allow peers=nodes ports=any", "ingress allow peers=office ports=any", "ingress drop peers=any ports=any"),
		"what only names tell":   policy("a", own, "egress drop peers=names ports=udp/67,tcp/6443"),
		"passed on":              policy("a", own, "ingress pass peers=any ports=any", "ingress drop peers=any ports=any"),
		"excused":                policy("a", "lockout=allow "+own, "ingress drop peers=any ports=any", "egress reject peers=any ports=any"),
	} {
		t.Run(name, func(t *testing.T) {
			_, got := check(t, policies)
			require.Empty(t, got)
		})
	}
}

// spec: 6.4
func TestCuts(t *testing.T) {
	for name, c := range map[string]struct{ policies, want string }{
		"ssh from outside": {policy("a", own, "ingress drop peers=any ports=tcp/22"),
			"C a ingress[0]: node n1 needs ssh (tcp/22) from anybody outside the cluster: packet 203.0.113.1:50000 -> 192.0.2.1:22 tcp meets drop (+1)"},
		"kubelet from one node": {policy("a", "subjects=n1", "ingress reject peers=n3 ports=tcp/10000-10260"),
			"C a ingress[0]: node n1 needs kubelet (tcp/10250) from node n3: packet 192.0.2.3:50000 -> 192.0.2.1:10250 tcp meets reject (+0)"},
		"what agents tell each other": {policy("a", "subjects=n1", "egress drop peers=n2 ports=udp/10000-11000"),
			"C a egress[0]: node n1 needs gossip (udp/10261) to node n2: packet 192.0.2.1:50000 -> 192.0.2.2:10261 udp meets drop (+0)"},
		"both ways": {policy("a", "subjects=n1", "ingress drop peers=n2 ports=udp/6081", "egress drop peers=n2 ports=udp/6081"),
			"C a egress[1]: node n1 needs Geneve (udp/6081) to node n2: packet 192.0.2.1:50000 -> 192.0.2.2:6081 udp meets drop (+0)\n" +
				"C a ingress[0]: node n1 needs Geneve (udp/6081) from node n2: packet 192.0.2.2:50000 -> 192.0.2.1:6081 udp meets drop (+0)"},
		"a part of the ports, and of the source ports": {policy("a", "subjects=n1", "ingress allow peers=n2 ports=tcp/2380<1024-65535", "ingress drop peers=n2 ports=tcp/2380"),
			"C a ingress[1]: node n1 needs etcd (tcp/2379-2380) from node n2: packet 192.0.2.2:0 -> 192.0.2.1:2380 tcp meets drop (+0)"},
		"the union of two rules": {policy("a", "subjects=n1", "ingress drop peers=all4 ports=tcp/22") + policy("b", "subjects=n1", "ingress drop peers=all6 ports=tcp/22"),
			"C a ingress[0]: node n1 needs ssh (tcp/22) from anybody outside the cluster: packet 203.0.113.1:50000 -> 192.0.2.1:22 tcp meets drop (+0)"},
		"excused in part": {policy("a", "lockout=allow subjects=n1", "ingress drop peers=n2 ports=tcp/10250") + policy("b", "subjects=n1", "ingress drop peers=any ports=tcp/10250"),
			"C b ingress[0]: node n1 needs kubelet (tcp/10250) from node n3: packet 192.0.2.3:50000 -> 192.0.2.1:10250 tcp meets drop (+0)"},
		"names admit nobody yet": {policy("a", "subjects=n1", "egress allow peers=names ports=udp/67", "egress drop peers=any ports=udp/67"),
			"C a egress[1]: node n1 needs DHCP (udp/67) to anybody outside the cluster: packet 192.0.2.1:50000 -> 203.0.113.1:67 udp meets drop (+0)"},
		"DHCP": {policy("a", "subjects=n1", "egress drop peers=any ports=udp/67"),
			"C a egress[0]: node n1 needs DHCP (udp/67) to anybody outside the cluster: packet 192.0.2.1:50000 -> 203.0.113.1:67 udp meets drop (+0)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := check(t, c.policies)
			require.Equal(t, c.want, got)
		})
	}
}

// checkAs is check where the given nodes are labelled as running the control plane, and the machines are added.
func checkAs(t *testing.T, needs []guard.Need, labelled map[string]string, policies string) string {
	return checkWith(t, needs, guard.Balance{}, labelled, policies)
}

func checkWith(t *testing.T, needs []guard.Need, balance guard.Balance, labelled map[string]string, policies string) string {
	p, err := ir.ParseProgram(cluster + policies)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	labels := func(node string) manifest.Labels {
		if key := labelled[node]; key != "" {
			return manifest.Labels{{Key: "kubernetes.io/hostname", Value: node}, {Key: key}}
		}
		return manifest.Labels{{Key: "kubernetes.io/hostname", Value: node}}
	}
	var report diag.Report
	guard.Check(guard.Cluster{Program: p, Pipeline: flatten.Flatten(p), Labels: labels, Balance: balance}, needs, &report)
	var lines []string
	for _, f := range report.Findings() {
		lines = append(lines, fmt.Sprintf("%s (+%d)", f.Message, len(f.Related)))
	}
	return strings.Join(lines, "\n")
}

// spec: 6.4
func TestRoles(t *testing.T) {
	const control, master = "node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"
	drop := func(subject, direction, peer, ports string) string {
		return policy("a", "subjects="+subject, direction+" drop peers="+peer+" ports="+ports)
	}
	for name, c := range map[string]struct {
		labelled map[string]string
		policies string
		want     string
	}{
		"a worker needs no etcd":    {map[string]string{"n2": control}, drop("n1", "ingress", "n2", "tcp/2379-2380") + policy("b", "subjects=n1", "egress drop peers=n2 ports=tcp/2379"), ""},
		"nor does it serve the API": {map[string]string{"n2": control}, drop("n1", "ingress", "n2", "tcp/6443"), ""},
		"it asks the API server": {map[string]string{"n2": control, "n3": master}, drop("n1", "egress", "n3", "tcp/6443"),
			"node n1 needs API server (tcp/6443) to node n3: packet 192.0.2.1:50000 -> 192.0.2.3:6443 tcp meets drop (+0)"},
		"no worker asks a kubelet": {map[string]string{"n2": control}, drop("n1", "ingress", "n3", "tcp/10250"), ""},
		"the control plane does": {map[string]string{"n2": control}, drop("n1", "ingress", "n2", "tcp/10250"),
			"node n1 needs kubelet (tcp/10250) from node n2: packet 192.0.2.2:50000 -> 192.0.2.1:10250 tcp meets drop (+0)"},
		"workers are served": {map[string]string{"n1": control}, drop("n1", "ingress", "n3", "tcp/6443"),
			"node n1 needs API server (tcp/6443) from node n3: packet 192.0.2.3:50000 -> 192.0.2.1:6443 tcp meets drop (+0)"},
		"etcd": {map[string]string{"n1": control, "n2": master}, drop("n1", "egress", "n2", "tcp/2380"),
			"node n1 needs etcd (tcp/2379-2380) to node n2: packet 192.0.2.1:50000 -> 192.0.2.2:2380 tcp meets drop (+0)"},
		"every node tunnels": {map[string]string{"n2": control}, drop("n1", "ingress", "n3", "udp/4789"),
			"node n1 needs VXLAN (udp/4789) from node n3: packet 192.0.2.3:50000 -> 192.0.2.1:4789 udp meets drop (+0)"},
		"a machine, ssh": {nil, drop("box", "ingress", "any", "tcp/22"),
			"machine lab/box needs ssh (tcp/22) from anybody outside the cluster: packet 203.0.113.1:50000 -> 198.51.100.30:22 tcp meets drop (+0)"},
		"a machine, ssh for an office":  {nil, policy("a", "subjects=box", "ingress allow peers=office ports=tcp/22", "ingress drop peers=any ports=tcp/22"), ""},
		"one of a machine's interfaces": {nil, drop("a", "ingress", "any", "any"), ""},
		"one family of the other one":   {nil, drop("a", "ingress", "any", "any") + policy("b", "subjects=b", "ingress drop peers=all4 ports=any"), ""},
		"both interfaces": {nil, policy("a", "subjects=a,b", "ingress drop peers=any ports=tcp/22"),
			"machine lab/vm needs ssh (tcp/22) from anybody outside the cluster: packet 203.0.113.1:50000 -> 198.51.100.10:22 tcp meets drop (+0)"},
		"a machine, DHCP": {nil, drop("box", "egress", "any", "udp/67"),
			"machine lab/box needs DHCP (udp/67) to anybody outside the cluster: packet 198.51.100.30:50000 -> 203.0.113.1:67 udp meets drop (+0)"},
		"a machine, the API server": {map[string]string{"n3": control}, drop("box", "egress", "any", "tcp/6443"),
			"machine lab/box needs API server (tcp/6443) to node n3: packet 198.51.100.30:50000 -> 192.0.2.3:6443 tcp meets drop (+0)"},
		"a machine, nobody knows where the API server is": {nil, drop("box", "egress", "any", "tcp/6443"), ""},
		"a machine may be cut off":                        {nil, policy("a", "lockout=allow subjects=box", "ingress drop peers=any ports=any", "egress drop peers=any ports=any"), ""},
		"nobody enforces it":                              {nil, drop("printer", "ingress", "any", "any"), ""},
		"tunnels are the nodes'":                          {nil, drop("box", "ingress", "any", "udp/4789,udp/8472,udp/6081,tcp/10250"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, checkAs(t, guard.Default(), c.labelled, c.policies))
		})
	}
}

// TestLoadBalancers: what load balancers ask a node may be limited to some of them, but not to nobody.
// spec: 6.4
func TestLoadBalancers(t *testing.T) {
	const excluded = "node.kubernetes.io/exclude-from-external-load-balancers"
	drop := func(ports string) string { return policy("a", "subjects=n1", "ingress drop peers=any ports="+ports) }
	used, local := guard.Balance{IsUsed: true}, guard.Balance{IsUsed: true, Checks: []uint16{30001, 32000}}
	for name, c := range map[string]struct {
		balance  guard.Balance
		labelled map[string]string
		policies string
		want     string
	}{
		"nobody asks": {guard.Balance{}, nil, drop("tcp/10256,tcp/32000"), ""},
		"the node": {used, nil, drop("tcp/10256,tcp/32000"),
			"node n1 needs health for load balancers (tcp/10256) from anybody outside the cluster: packet 203.0.113.1:50000 -> 192.0.2.1:10256 tcp meets drop (+0)"},
		"a Service": {local, nil, drop("tcp/32000"),
			"node n1 needs health of Services for load balancers (tcp/32000) from anybody outside the cluster: packet 203.0.113.1:50000 -> 192.0.2.1:32000 tcp meets drop (+0)"},
		"each Service": {local, nil, drop("tcp/30000-32767"),
			"node n1 needs health of Services for load balancers (tcp/30001) from anybody outside the cluster: packet 203.0.113.1:50000 -> 192.0.2.1:30001 tcp meets drop (+0)\n" +
				"node n1 needs health of Services for load balancers (tcp/32000) from anybody outside the cluster: packet 203.0.113.1:50000 -> 192.0.2.1:32000 tcp meets drop (+0)"},
		"other ports": {local, nil, drop("tcp/30002-31999"), ""},
		"some load balancers": {local, nil, policy("a", own, "ingress allow peers=office ports=tcp/10256,tcp/30000-32767",
			"ingress drop peers=any ports=tcp/10256,tcp/30000-32767"), ""},
		"a node that none chooses": {local, map[string]string{"n1": excluded}, drop("tcp/10256,tcp/32000"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, checkWith(t, guard.Default(), c.balance, c.labelled, c.policies))
		})
	}
}

// TestWitnessesAreRight: what the guard says of random clusters is what Eval says, and what Eval drops the guard sees.
// spec: 6.4
func TestWitnessesAreRight(t *testing.T) {
	needs := []guard.Need{
		{Name: "web", L4: ir.DstL4(ir.ProtoTCP, ir.PortRange{From: 80, To: 81}), Peers: guard.Party{Role: guard.Nodes}, Way: guard.Both},
		{Name: "dns", L4: ir.DstL4(ir.ProtoUDP, ir.OnePort(53)), Peers: guard.Party{Role: guard.Nodes}, Way: guard.In},
		{Name: "any", L4: ir.DstL4(ir.ProtoTCP, ir.OnePort(8080)), Peers: guard.Party{Role: guard.Outside}, Way: guard.Both},
	}
	said, silent := 0, 0
	for seed := range uint64(600) {
		shape := irtest.Small()
		shape.Beside = irtest.Machines
		p := irtest.Program(irtest.Rand(seed), shape)
		for _, policy := range p.Policies {
			policy.MayLockOut = false
		}
		e, pipe := p.Evaluator(), flatten.Flatten(p)
		for _, need := range needs {
			var report diag.Report
			guard.Check(guard.Cluster{Program: p, Pipeline: pipe}, []guard.Need{need}, &report)
			told := map[string]bool{}
			for _, f := range report.Findings() {
				said++
				d := ir.Ingress
				if strings.Contains(f.Message, ") to ") {
					d = ir.Egress
				}
				decision := e.Decide(d, parse(t, f.Message))
				require.NotEqual(t, ir.Allow, decision.Action, f.Message)
				require.Equal(t, f.Origin.Label(), decision.Origins[0].Label(), "seed %d %s: %s", seed, f.Message, decision)
				told[strings.Split(f.Message, " needs ")[0]] = true
				for _, r := range f.Related {
					told[strings.ToLower(r.Origin.Object)] = true
				}
			}
			if need.Peers.Role == guard.Nodes && need.Way == guard.In {
				for _, n := range p.Nodes {
					if !told["node "+n.Name] {
						silent++
						requireReachable(t, p, e, n, need)
					}
				}
			}
		}
	}
	require.Greater(t, said, 300)
	require.Greater(t, silent, 300)
}

// requireReachable: the node has an address for every other node from which the first port of the need reaches it.
func requireReachable(t *testing.T, p *ir.Program, e *ir.ProgramEvaluator, n *ir.Node, need guard.Need) {
	for _, o := range p.Nodes {
		common, reached := false, false
		for _, src := range o.Addrs {
			for _, dst := range n.Addrs {
				if ir.FamilyOf(src) != ir.FamilyOf(dst) || o == n {
					continue
				}
				common = true
				packet := ir.Packet{Src: src, Dst: dst, Proto: need.L4.Proto, SrcPort: 50000, DstPort: need.L4.Dst.From}
				reached = reached || e.Decide(ir.Ingress, packet).Action == ir.Allow
			}
		}
		require.True(t, reached || !common, "%s from %s\n%s", n.Name, o.Name, p)
	}
}

// parse reads the witness of a message.
func parse(t *testing.T, message string) ir.Packet {
	_, text, ok := strings.Cut(message, ": packet ")
	require.True(t, ok)
	words := strings.Fields(text)
	src, err := netip.ParseAddrPort(words[0])
	require.NoError(t, err)
	dst, err := netip.ParseAddrPort(words[2])
	require.NoError(t, err)
	proto, err := ir.ParseProto(words[3])
	require.NoError(t, err)
	return ir.Packet{Src: src.Addr(), Dst: dst.Addr(), Proto: proto, SrcPort: src.Port(), DstPort: dst.Port()}
}
