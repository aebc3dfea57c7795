package ir_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// validProgram has two of everything.
func validProgram(t testing.TB) *ir.Program {
	p, err := ir.ParseProgram(`program
node n1 addrs=192.0.2.1,192.0.2.11 cidrs=10.0.1.0/24,10.0.3.0/24 from="Node n1",-,-
node n2 addrs=192.0.2.2 from="Node n2",-,-
endpoint a/x node=n1 addrs=10.0.1.1,10.0.1.2 ports=http:tcp/80,dns:udp/53 listens=tcp/80 from="Pod a/x",-,-
endpoint a/y node=n2 addrs=10.0.2.1 from="Pod a/y",-,-
group all members=a/x,a/y
group block blocks=10.0.0.0/8
group nodes members=a/x addrs=192.0.2.1
policy C t1 admin rank=100/1/interleave subjects=all from="C t1",-,-
  ingress drop subjects=nodes peers=block,nodes ports=icmp/0-255,tcp:http from="C t1",in,-
policy C t2 admin rank=100/1/interleave subjects=all,nodes from="C t2",-,-
  egress pass peers=any ports=any from="C t2",out,-
policy N a/one namespace isolates=ingress subjects=all from="N a/one",-,-
  ingress allow peers=all,block ports=tcp/80<1-5 from="N a/one",in,-
`)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

func swap[T any](s []T) { s[0], s[1] = s[1], s[0] }

type programMutation struct {
	want   string
	mutate func(p *ir.Program)
}

func programMutations() []programMutation {
	rule := func(p *ir.Program, i int, d ir.Direction) *ir.PolicyRule { return &p.Policies[i].Rules[d][0] }
	foreign := &ir.Group{Key: "foreign"}
	return []programMutation{
		{"node a/n: no name, or that of a machine outside the cluster", func(p *ir.Program) { p.Nodes[0].Name = "a/n" }},
		{"node : no name", func(p *ir.Program) { p.Nodes[0].Name = "" }},
		{"nodes are not in order", func(p *ir.Program) { swap(p.Nodes) }},
		{"nodes are not in order", func(p *ir.Program) { p.Nodes[1].Name = "n1" }},
		{"node n1: no origin", func(p *ir.Program) { p.Nodes[0].Origin = source.Origin{} }},
		{"addresses are not in order", func(p *ir.Program) { swap(p.Nodes[0].Addrs) }},
		{"an address is invalid, IPv4-mapped or has a zone", func(p *ir.Program) { p.Nodes[0].Addrs[0] = netip.Addr{} }},
		{"an address is invalid, IPv4-mapped or has a zone", func(p *ir.Program) { p.Nodes[1].Addrs[0] = addr("::ffff:192.0.2.2") }},
		{"an address is invalid, IPv4-mapped or has a zone", func(p *ir.Program) { p.Nodes[1].Addrs[0] = addr("fe80::1%eth0") }},
		{"a pod CIDR is not masked", func(p *ir.Program) { p.Nodes[0].PodCIDRs[1] = netip.MustParsePrefix("10.0.3.1/24") }},
		{"a pod CIDR is not masked", func(p *ir.Program) { p.Nodes[0].PodCIDRs[1] = netip.Prefix{} }},
		{"pod CIDRs are not in order", func(p *ir.Program) { swap(p.Nodes[0].PodCIDRs) }},
		{"endpoint a/: no namespace or no name", func(p *ir.Program) { p.Endpoints[0].Name = "" }},
		{"endpoint /y: no namespace or no name", func(p *ir.Program) { p.Endpoints[1].Namespace = "" }},
		{"endpoints are not in order", func(p *ir.Program) { swap(p.Endpoints) }},
		{"endpoint a/x: no origin", func(p *ir.Program) { p.Endpoints[0].Origin = source.Origin{} }},
		{"addresses are not in order", func(p *ir.Program) { swap(p.Endpoints[0].Addrs) }},
		{"endpoint a/y: another endpoint has one of its addresses", func(p *ir.Program) { p.Endpoints[1].Addrs = addrs("10.0.1.2") }},
		{"a named port lacks name, protocol or number", func(p *ir.Program) { p.Endpoints[0].Ports[0].Name = "" }},
		{"a named port lacks name, protocol or number", func(p *ir.Program) { p.Endpoints[0].Ports[0].Proto = ir.ProtoAny }},
		{"a named port lacks name, protocol or number", func(p *ir.Program) { p.Endpoints[0].Ports[0].Port = 0 }},
		{"a port name is declared twice for one protocol", func(p *ir.Program) { p.Endpoints[0].Ports[1] = p.Endpoints[0].Ports[0] }},
		{"a declared port is not a valid box", func(p *ir.Program) { p.Endpoints[0].Listens[0].Proto = ir.ProtoICMP }},
		{"a declared port is not a valid box", func(p *ir.Program) { p.Endpoints[0].Listens[0].Dst = ir.PortRange{From: 2, To: 1} }},
		{"endpoint a/x: unknown kind", func(p *ir.Program) { p.Endpoints[0].Kind = 4 }},
		{"node x: no namespace or no name, or a node with one", func(p *ir.Program) { p.Endpoints[0].Kind = ir.NodeEndpoint }},
		{"a/x: a pod runs outside the cluster", func(p *ir.Program) { p.Endpoints[0].Node = "a/vm" }},
		{"a node is not on itself", func(p *ir.Program) { p.Endpoints[0].Kind, p.Endpoints[0].Node = ir.NodeEndpoint, "n2" }},
		{"is no node, or has not the node's addresses", func(p *ir.Program) {
			*p.Endpoints[0] = ir.Endpoint{Kind: ir.NodeEndpoint, Name: "n1", Node: "n1", Addrs: addrs("10.9.9.9"), Origin: p.Nodes[0].Origin}
		}},
		{"is no node, or has not the node's addresses", func(p *ir.Program) {
			*p.Endpoints[0] = ir.Endpoint{Kind: ir.NodeEndpoint, Name: "n3", Node: "n3", Origin: p.Nodes[0].Origin}
		}},
		{"external a/x: an external entity is on a node", func(p *ir.Program) { p.Endpoints[0].Kind = ir.ExternalEndpoint }},
		{"external a/x: a Service without node ports, or node ports without a Service", func(p *ir.Program) {
			p.Endpoints[0].Kind, p.Endpoints[0].NodePorts = ir.ExternalEndpoint, []ir.NodePort{{ir.ProtoTCP, 30080}}
		}},
		{"service a/x: a Service without node ports, or node ports without a Service", func(p *ir.Program) { p.Endpoints[0].Kind = ir.ServiceEndpoint }},
		{"a node port lacks protocol or number", func(p *ir.Program) { p.Endpoints[0].NodePorts = []ir.NodePort{{ir.ProtoICMP, 1}} }},
		{"node ports are not in order", func(p *ir.Program) {
			p.Endpoints[0].NodePorts = []ir.NodePort{{ir.ProtoTCP, 30080}, {ir.ProtoTCP, 30080}}
		}},
		{"another Service has one of its node ports", func(p *ir.Program) {
			for _, e := range p.Endpoints[:2] {
				e.NodePorts = []ir.NodePort{{ir.ProtoTCP, 30080}}
			}
		}},
		{"service a/x: a Service is on a node, or has addresses", func(p *ir.Program) {
			p.Endpoints[0].Kind, p.Endpoints[0].NodePorts = ir.ServiceEndpoint, []ir.NodePort{{ir.ProtoTCP, 30080}}
		}},
		{"group : no key", func(p *ir.Program) { p.Groups[0].Key = "" }},
		{"groups are not in order", func(p *ir.Program) { swap(p.Groups) }},
		{"group all: unknown kind", func(p *ir.Program) { p.Groups[0].Kind = 7 }},
		{"group all: blocks have members", func(p *ir.Program) { p.Groups[0].Kind = ir.Blocks }},
		{"a member is no endpoint of the program", func(p *ir.Program) { c := *p.Endpoints[0]; p.Groups[0].Members[0] = &c }},
		{"members are not in order", func(p *ir.Program) { swap(p.Groups[0].Members) }},
		{"addresses of its members are missing", func(p *ir.Program) { p.Groups[0].Addrs = ir.AddrSetOf(addr("10.0.2.1")) }},
		{"an address is neither a member's nor a node's", func(p *ir.Program) { p.Groups[0].Addrs = ir.AnyAddr() }},
		{"C t1: policies are not in order", func(p *ir.Program) { swap(p.Policies) }},
		{"no origin, kind or name", func(p *ir.Program) { p.Policies[0].Origin.Object = "" }},
		{"no origin, kind or name", func(p *ir.Program) { p.Policies[0].Kind = "" }},
		{"no origin, kind or name", func(p *ir.Program) { p.Policies[0].Name = "" }},
		{"N a/one: unknown phase", func(p *ir.Program) { p.Policies[2].Phase = ir.NumPhases }},
		{"the priority is no number", func(p *ir.Program) { p.Policies[1].Rank.Priority = math.NaN() }},
		{"C t2: policies of equal tier and priority differ in Interleave", func(p *ir.Program) { p.Policies[1].Rank.Interleave = false }},
		{"a policy of phase namespace has a rank", func(p *ir.Program) { p.Policies[2].Rank.Tier = 1 }},
		{"a policy of another phase isolates", func(p *ir.Program) { p.Policies[0].Isolates[0] = true }},
		{"has rules in a direction that it does not isolate", func(p *ir.Program) { p.Policies[2].Isolates[ir.Ingress] = false }},
		{"a subject is no group of the program", func(p *ir.Program) { p.Policies[0].Subjects[0] = foreign }},
		{"a subject is no group of the program", func(p *ir.Program) { p.Policies[0].Subjects[0] = nil }},
		{"C t1 in: a subject is no group of the program", func(p *ir.Program) { rule(p, 0, ir.Ingress).Subjects[0] = foreign }},
		{"a subject is no group of members", func(p *ir.Program) { p.Policies[0].Subjects[0] = p.Groups[1] }},
		{"a subject is repeated", func(p *ir.Program) { p.Policies[1].Subjects[1] = p.Policies[1].Subjects[0] }},
		{"turns descend", func(p *ir.Program) { rule(p, 0, ir.Ingress).Turn = -1 }},
		{"C t1: a rule has no origin", func(p *ir.Program) { rule(p, 0, ir.Ingress).Origin = source.Origin{} }},
		{"C t1 in: unknown action", func(p *ir.Program) { rule(p, 0, ir.Ingress).Action = 9 }},
		{"a rule of phase namespace does not allow", func(p *ir.Program) { rule(p, 2, ir.Ingress).Action = ir.Drop }},
		{"a rule of phase namespace has subjects of its own", func(p *ir.Program) { rule(p, 2, ir.Ingress).Subjects = p.Groups[:1] }},
		{"any peer, and peers", func(p *ir.Program) { rule(p, 0, ir.Ingress).AnyPeer = true }},
		{"a peer is no group of the program", func(p *ir.Program) { rule(p, 0, ir.Ingress).Peers[0] = foreign }},
		{"a peer is repeated", func(p *ir.Program) { r := rule(p, 0, ir.Ingress); r.Peers[1] = r.Peers[0] }},
		{"C t1 in: no ports", func(p *ir.Program) { rule(p, 0, ir.Ingress).Ports = nil }},
		{"a box is not valid", func(p *ir.Program) { rule(p, 0, ir.Ingress).Ports[0].Box.Proto = 257 }},
		{"a box is not valid", func(p *ir.Program) { rule(p, 0, ir.Ingress).Ports[0].Box.Src = ir.OnePort(1) }},
		{"a box is not valid", func(p *ir.Program) { rule(p, 0, ir.Ingress).Ports[0].Box.Proto = ir.ProtoAny }},
		{"a named port of a protocol without ports", func(p *ir.Program) { rule(p, 0, ir.Ingress).Ports[1].Box.Proto = ir.ProtoICMP }},
		{"names without patterns, or patterns without names", func(p *ir.Program) { p.Groups[0].Patterns = []string{"a"} }},
		{"patterns are empty or not in order", func(p *ir.Program) {
			p.Groups[0].Kind, p.Groups[0].Patterns = ir.Names, []string{"b", "a"}
		}},
		{"dials where nothing is dialled", func(p *ir.Program) { p.Groups[0].Dials = []ir.Dial{{addr("10.0.0.1"), ir.ProtoTCP, 1}} }},
		{"a dial lacks address, protocol or port", func(p *ir.Program) {
			p.Groups[1].Kind, p.Groups[1].Dials = ir.Dialled, []ir.Dial{{addr("10.0.0.1"), ir.ProtoTCP, 0}}
		}},
		{"dials are not in order", func(p *ir.Program) {
			d := ir.Dial{Addr: addr("10.0.0.1"), Proto: ir.ProtoTCP, Port: 1}
			p.Groups[1].Kind, p.Groups[1].Dials = ir.Dialled, []ir.Dial{d, d}
		}},
		{"names, or what is dialled, as peers of an ingress rule", func(p *ir.Program) {
			g := rule(p, 0, ir.Ingress).Peers[0]
			g.Kind, g.Patterns = ir.Names, []string{"a"}
		}},
		{"a port's name, and peers of which no port is known", func(p *ir.Program) {
			r := rule(p, 0, ir.Ingress)
			r.Peers[0].Kind, r.Ports[0].Name = ir.Dialled, "http"
		}},
		{"a label without logging", func(p *ir.Program) { rule(p, 0, ir.Ingress).Logging.Label = "x" }},
		{"a label without logging", func(p *ir.Program) { p.Policies[2].Logging.Label = "x" }},
		{"a policy of another phase logs what isolation drops", func(p *ir.Program) { p.Policies[0].Logging.On = true }},
		{"the box of a named port has a destination port", func(p *ir.Program) { rule(p, 0, ir.Ingress).Ports[1].Box.Dst = ir.OnePort(80) }},
	}
}

// spec: 2.1 2.5
func TestProgramCheckCatchesEveryViolation(t *testing.T) {
	for _, m := range programMutations() {
		p := validProgram(t)
		m.mutate(p)
		require.ErrorContains(t, p.Check(), m.want)
	}
}

func validPipeline(t testing.TB) *ir.Pipeline {
	p, err := ir.ParsePipeline(`pipeline node=n1
node n1 addrs=192.0.2.1 cidrs=10.0.1.0/24 from="Node n1",-,-
node n2 addrs=192.0.2.2 cidrs=10.0.2.0/24 from="Node n2",-,-
endpoint a/x node=n1 addrs=10.0.1.1 from="Pod a/x",-,-
endpoint a/y node=n1 addrs=10.0.1.2 from="Pod a/y",-,-
remote a/z node=n2 addrs=10.0.3.1 from="Pod a/z",-,-
set s1 members=10.0.1.1 name=0123456789ab
set s2 blocks=10.0.0.0/8 name=0123456789ac
list ingress admin l1 name=0123456789ab endpoints=a/x
  drop id=000000000001 peers=s1,s2 l4=tcp/80,udp from=o1,-,- from=o2,-,-
list ingress admin l2 name=0123456789ac endpoints=a/y
  allow id=000000000002 peers=any l4=any from=o1,-,-
`)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

type pipelineMutation struct {
	want   string
	mutate func(p *ir.Pipeline, c *ir.Classifier, r *ir.Rule)
}

func pipelineMutations() []pipelineMutation {
	return []pipelineMutation{
		{"endpoint a/y: is on another node", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Endpoints[1].Node = "n2" }},
		{"remote endpoint a/z: is not on another node", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Remote[0].Node = "n1" }},
		{"remote endpoint a/z: is not on another node", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Node = "" }},
		{"has no address outside its node's pod CIDRs", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Remote[0].Addrs[0] = addr("10.0.2.1") }},
		{"endpoint a/z: another endpoint has one of its addresses", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Remote[0].Addrs[0] = addr("10.0.1.1") }},
		{"pipeline a/vm: a machine outside the cluster has nodes", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Node = "a/vm" }},
		{"remote endpoint external a/z: is no pod", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Remote[0].Kind = ir.ExternalEndpoint }},
		{"set : no key", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Sets[0].Key = "" }},
		{"sets are not in order", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { swap(p.Sets) }},
		{"set s1: unknown kind", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Sets[0].Kind = 9 }},
		{"set s1: the name is missing or malformed", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Sets[0].Name = "" }},
		{"set s2: the name is missing or malformed", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Sets[1].Name = "0123456789AB" }},
		{"set s2: another has the same name", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Sets[1].Name = p.Sets[0].Name }},
		{"set s1: names without patterns", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) { p.Sets[0].Kind = ir.Names }},
		{"set s1: patterns are empty or not in order", func(p *ir.Pipeline, _ *ir.Classifier, _ *ir.Rule) {
			p.Sets[0].Kind, p.Sets[0].Patterns = ir.Names, []string{""}
		}},
		{"rule 0: a label without logging", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Logging.Label = "x" }},
		{"the assignments are not parallel", func(_ *ir.Pipeline, c *ir.Classifier, _ *ir.Rule) { c.Assign = c.Assign[:1] }},
		{"an assigned list does not exist", func(_ *ir.Pipeline, c *ir.Classifier, _ *ir.Rule) { c.Assign[0] = 2 }},
		{"an assigned list does not exist", func(_ *ir.Pipeline, c *ir.Classifier, _ *ir.Rule) { c.Assign[0] = -2 }},
		{"ingress admin list : no key", func(_ *ir.Pipeline, c *ir.Classifier, _ *ir.Rule) { c.Lists[0].Key = "" }},
		{"lists are not in order", func(_ *ir.Pipeline, c *ir.Classifier, _ *ir.Rule) { swap(c.Lists) }},
		{"ingress admin list l2: another has the same name", func(_ *ir.Pipeline, c *ir.Classifier, _ *ir.Rule) { c.Lists[1].Name = c.Lists[0].Name }},
		{"list l1: the name is missing", func(_ *ir.Pipeline, c *ir.Classifier, _ *ir.Rule) { c.Lists[0].Name = "" }},
		{"list l1 rule 0: not exactly one of any peer and peers", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.AnyPeer = true }},
		{"not exactly one of any peer and peers", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Peers = nil }},
		{"a set does not exist", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Peers[1] = 2 }},
		{"a set does not exist", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Peers[0] = -1 }},
		{"peers are not in order", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { swap(r.Peers) }},
		{"peers are not in order", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Peers[1] = r.Peers[0] }},
		{"matches no packet at layer 4", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.L4 = nil }},
		{"a box is not valid", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.L4[0].Dst = ir.PortRange{From: 9, To: 8} }},
		{"layer 4 is not in canonical form", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { swap(r.L4) }},
		{"rule 0: unknown action", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Action = 4 }},
		{"rule 0: no origins", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Origins = nil }},
		{"a nil origin", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Origins[1] = nil }},
		{"an origin without object", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.Origins[0].Object = "" }},
		{"origins are not in order", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { swap(r.Origins) }},
		{"the id is missing or too large", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.ID = 0 }},
		{"the id is missing or too large", func(_ *ir.Pipeline, _ *ir.Classifier, r *ir.Rule) { r.ID = 1 << 48 }},
	}
}

// spec: 2.2 2.5 6.1
func TestPipelineCheckCatchesEveryViolation(t *testing.T) {
	for _, m := range pipelineMutations() {
		p := validPipeline(t)
		c := p.Classifier(ir.Ingress, ir.Admin)
		m.mutate(p, c, &c.Lists[0].Rules[0])
		require.ErrorContains(t, p.Check(), m.want)
	}
}

// Names may be absent, but then all of them.
//
// spec: 5.2
func TestPipelineNamesAreAllOrNone(t *testing.T) {
	p := validPipeline(t)
	require.True(t, p.IsNamed())
	for i := range p.Sets {
		p.Sets[i].Name = ""
	}
	require.Error(t, p.Check())
	c := p.Classifier(ir.Ingress, ir.Admin)
	for i := range c.Lists {
		c.Lists[i].Name = ""
		c.Lists[i].Rules[0].ID = 0
	}
	require.False(t, p.IsNamed())
	require.NoError(t, p.Check())
	c.Lists[1].Rules[0].ID = 1
	require.True(t, p.IsNamed())
	require.Error(t, p.Check())
}

// All violations are told, not the first.
func TestCheckTellsEveryViolation(t *testing.T) {
	p := validProgram(t)
	p.Nodes[0].Name, p.Policies[0].Rank.Priority = "", math.NaN()
	err := p.Check()
	require.ErrorContains(t, err, "no name")
	require.ErrorContains(t, err, "the priority is no number")
}

// TestEveryInvariantHasAMutation reads the messages out of check*.go, so that none can be added untested.
func TestEveryInvariantHasAMutation(t *testing.T) {
	var wants []string
	for _, m := range programMutations() {
		wants = append(wants, m.want)
	}
	for _, m := range pipelineMutations() {
		wants = append(wants, m.want)
	}
	for _, m := range serviceMutations() {
		wants = append(wants, m.want)
	}
	for _, m := range frontendMutations() {
		wants = append(wants, m.want)
	}
	count := 0
	for _, file := range []string{"check.go", "check_pipeline.go", "check_service.go"} {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 {
				return true
			}
			if literal, ok := call.Args[2].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				message, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				count++
				require.True(t, slices.ContainsFunc(wants, func(w string) bool { return means(w, message) }), message)
			}
			return true
		})
	}
	require.Greater(t, count, 40)
}

// means reports whether the expected text ends with a beginning of the other that is long enough to mean it.
func means(want, message string) bool {
	for i := range want {
		if tail := want[i:]; len(tail) >= 5 && len(message) >= len(tail) && message[:len(tail)] == tail {
			return true
		}
	}
	return false
}
