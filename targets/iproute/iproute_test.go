package iproute_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/mark"
)

// Three nodes; n1 holds an address of its own network, and two of a VLAN.
const cluster = `pipeline node=n1
node n1 addrs=192.168.7.1,fd07::1 cidrs=10.0.1.0/24,fd00:1::/64 from="Node n1",-,-
node n2 addrs=192.168.7.2 cidrs=10.0.2.0/24,fd00:2::/64 from="Node n2",-,-
node n3 addrs=192.168.7.3 cidrs=10.0.3.0/24 from="Node n3",-,-
endpoint a/own node=n1 addrs=10.0.1.5,fd00:1::5 from="Pod a/own",-,-
endpoint a/stray node=n1 addrs=10.77.0.1 from="Pod a/stray",-,-
remote a/far node=n2 addrs=10.77.0.2 from="Pod a/far",-,-
`
const egresses = `inside 10.0.0.0/8,172.18.181.40/32,192.0.2.200/32,192.168.7.0/24,fd00::/8
holding 172.18.181.40 node=n1 subnet=172.18.181.1/24/181 from="ExternalIPPool vlan",spec.ipRanges[0],pool.yaml:9:5
holding 192.0.2.200 node=n1 from="ExternalIPPool plain",-,-
holding 192.0.2.201 node=n1 static=yes from="Egress fixed",-,-
holding fd18:b5::40 node=n1 subnet=fd18:b5::1/64/181 from="ExternalIPPool vlan",-,-
snat vlan ipv4=172.18.181.40 node=n1 sources=10.0.1.5,10.0.2.9 from="Egress vlan",-,-
snat plain ipv4=192.0.2.200 node=n1 sources=10.77.0.1,10.77.0.2 from="Egress plain",-,-
snat away ipv4=192.0.2.203 node=n2 sources=10.0.1.6 from="Egress away",-,-
snat nobody ipv4=192.0.2.204 sources=10.0.1.7 from="Egress nobody",-,-
snat away ipv6=2001:db8::9 node=n2 sources=fd00:1::5 from="Egress away",-,-
`

func parse(t testing.TB, text string) *ir.Pipeline {
	p, err := ir.ParsePipeline(text)
	require.NoError(t, err)
	return p
}

func generate(t testing.TB, o iproute.Options, p *ir.Pipeline) artifact.Artifact {
	var report diag.Report
	a := o.Generate(p, &report)
	require.Empty(t, report.Findings())
	return a
}

func TestGolden(t *testing.T) {
	p := parse(t, cluster+egresses)
	golden.File(t, "testdata/node.sh", iproute.Script(generate(t, iproute.Options{}, p)))
	golden.File(t, "testdata/carried.sh", iproute.Script(generate(t, iproute.Options{Carried: true}, p)))
	elsewhere := strings.Replace(cluster+egresses, "pipeline node=n1", "pipeline node=n3", 1)
	elsewhere = elsewhere[:strings.Index(elsewhere, "endpoint")] + "inside 10.0.0.0/8\n" +
		"snat vlan ipv4=172.18.181.40 node=n1 sources=10.0.3.9 from=\"Egress vlan\",-,-\n"
	golden.File(t, "testdata/elsewhere.sh", iproute.Script(generate(t, iproute.Options{Port: 9999}, parse(t, elsewhere))))
}

func TestNothing(t *testing.T) {
	for _, text := range []string{cluster, cluster + "inside 10.0.0.0/8\nholding 192.0.2.201 node=n1 static=yes from=\"Egress fixed\",-,-\n",
		"pipeline node=a/vm\nendpoint external:a/vm-0 node=\"a/vm\" addrs=203.0.113.9 from=\"ExternalNode a/vm\",-,-\n"} {
		require.Empty(t, generate(t, iproute.Options{}, parse(t, text)).Objects)
	}
}

// What cannot be reached is said where it was asked for, and refused instead of sent elsewhere.
func TestNodesWithoutACommonFamily(t *testing.T) {
	text := strings.Replace(cluster+egresses, "n2 addrs=192.168.7.2", "n2 addrs=fd07::2", 1)
	var report diag.Report
	p := parse(t, strings.Replace(text, "n3 addrs=192.168.7.3", "n3 addrs=192.168.7.3,fd07::3", 1))
	require.Equal(t, "fd07::1", iproute.Options{}.Lower(p, &report).Links[1].VXLAN.Local.String())
	require.Empty(t, report.Findings())
	p = parse(t, text)
	s := iproute.Options{}.Lower(p, &report)
	require.Len(t, report.Findings(), 1)
	require.Equal(t, "Egress away", report.Findings()[0].Origin.Object)
	ids, _ := mark.Of(p)
	src, dst := netip.MustParseAddr("10.0.1.6"), netip.MustParseAddr("203.0.113.1")
	require.Equal(t, iproute.Exit{Lost: true}, s.Leave(ids[netip.MustParseAddr("192.0.2.203")].Route, src, dst))
}

// Everything has its name and number by identity: with one node, address or Egress more, what was there stays.
func TestStable(t *testing.T) {
	before := generate(t, iproute.Options{}, parse(t, cluster+egresses))
	more := strings.Replace(cluster+egresses, "node n1 ", "node n0 addrs=192.168.7.9 cidrs=10.0.9.0/24 from=\"Node n0\",-,-\nnode n1 ", 1)
	more += "snat other ipv4=192.0.2.205 node=n3 sources=10.0.1.9 from=\"Egress other\",-,-\n"
	lines := strings.Split(strings.TrimSpace(more), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "snat away ipv6") })
	lines = append(lines[:at], lines[len(lines)-1], lines[at])
	p := parse(t, strings.Join(lines, "\n")+"\n")
	after := generate(t, iproute.Options{}, p)
	s := artifact.Diff(before, after).Summary()
	require.Zero(t, s.ObjectsReplaced+s.ObjectsDeleted)
	require.Equal(t, 1, s.ObjectsAdded) // the table of n3
	require.Zero(t, s.ItemsDeleted)
	// n0: forward, neighbour, reply route; n3 has those already; its table: default, two ways home, one to the node itself; a rule.
	require.Equal(t, 3+4+1, s.ItemsAdded)
}

// journey is where a packet of a pod ends: at the node from which it leaves the cluster, and how it leaves there.
type journey struct {
	node string
	exit iproute.Exit
}

// world is all nodes of a Program.
type world struct {
	t       *testing.T
	program *ir.Program
	placed  map[string]*ir.Pipeline
	stacks  map[string]*iproute.Stack
}

func newWorld(t *testing.T, program *ir.Program) *world {
	w := &world{t, program, map[string]*ir.Pipeline{}, map[string]*iproute.Stack{}}
	pipeline := flatten.Flatten(program)
	for _, n := range program.Nodes {
		var report diag.Report
		w.placed[n.Name] = flatten.SNATs(flatten.Place(pipeline, n.Name), program)
		w.stacks[n.Name] = iproute.Options{}.Lower(w.placed[n.Name], &report)
		require.Empty(t, report.Findings())
	}
	return w
}

func (w *world) nodeAt(a netip.Addr) string {
	for _, n := range w.program.Nodes {
		if slices.Contains(n.Addrs, a) {
			return n.Name
		}
	}
	return ""
}

// local is where a node's tunnel begins.
func (w *world) local(node string) netip.Addr {
	for _, l := range w.stacks[node].Links {
		if l.Name == iproute.Tunnel {
			return l.VXLAN.Local
		}
	}
	return netip.Addr{}
}

// leave carries a packet to where it leaves, as a node marks it by what the Pipeline says.
func (w *world) leave(node string, src, dst netip.Addr) journey {
	for range 3 {
		d := w.placed[node].Depart(src, dst)
		if d.Way != ir.Through {
			return journey{}
		}
		ids, _ := mark.Of(w.placed[node])
		exit := w.stacks[node].Leave(ids[d.Addr].Route, src, dst)
		if exit.Device != iproute.Tunnel {
			return journey{node, exit}
		}
		outer := w.stacks[node].Leave(ids[d.Addr].Route, w.local(node), exit.Remote)
		require.Equal(w.t, iproute.Exit{}, outer, "what carries it is no packet of a pod")
		node = w.nodeAt(exit.Remote)
	}
	return journey{}
}

// Every packet that an Egress sends gets to the node that holds its address, leaves there through the address's subnet, and its reply
// comes back to the pod's node; every other packet goes as it did.
func TestLeavesAsThePipelineSays(t *testing.T) {
	outside := []netip.Addr{netip.MustParseAddr("203.0.113.99"), netip.MustParseAddr("2001:db8:9::1"), netip.MustParseAddr("172.18.181.3")}
	tunnelled, subnets, plain := 0, 0, 0
	for seed := range uint64(60) {
		r := irtest.Rand(seed)
		program := irtest.Program(r, irtest.Shape{Nodes: 3, Endpoints: 12, Groups: 4, Policies: 1})
		irtest.Egresses(program, r, 6)
		w := newWorld(t, program)
		for _, e := range program.Endpoints {
			if e.Kind != ir.PodEndpoint || e.Node == "" {
				continue
			}
			for _, src := range e.Addrs {
				for _, dst := range outside {
					d := program.Depart(src, dst)
					if d.Way != ir.Through {
						require.Equal(t, journey{}, w.leave(e.Node, src, dst), "seed %d", seed)
						continue
					}
					got := w.leave(e.Node, src, dst)
					require.Equal(t, d.Node, got.node, "seed %d %s %s", seed, src, dst)
					require.False(t, got.exit.Lost)
					at := slices.IndexFunc(program.Holdings, func(h ir.Holding) bool { return h.Addr == d.Addr })
					subnet := program.Holdings[at].Subnet
					switch {
					case subnet.IsZero():
						require.Equal(t, iproute.Exit{}, got.exit)
						plain++
					case netip.PrefixFrom(subnet.Gateway, subnet.Bits).Contains(dst):
						require.Equal(t, iproute.Exit{Device: iproute.DeviceOf(subnet), Hop: dst}, got.exit)
						subnets++
					default:
						require.Equal(t, iproute.Exit{Device: iproute.DeviceOf(subnet), Hop: subnet.Gateway}, got.exit)
						subnets++
					}
					if d.Node != e.Node {
						back := w.stacks[d.Node].Leave(mark.Replies, dst, src)
						require.Equal(t, e.Node, w.nodeAt(back.Remote), "seed %d reply to %s", seed, src)
						tunnelled++
					}
					require.Equal(t, iproute.Exit{}, w.stacks[e.Node].Leave(0, src, dst))
				}
			}
		}
	}
	for _, n := range []int{tunnelled, subnets, plain} {
		require.Greater(t, n, 50)
	}
}
