package flatten_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// TestGolden flattens the Program in section "in" of each testdata/*.txtar. "out/pipeline" is the result, "out/NODE" what is
// placed on each node.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) {
			a := golden.Open(t, path)
			in, _ := a.Section("in")
			p, err := ir.ParseProgram(in)
			require.NoError(t, err)
			require.NoError(t, p.Check())
			out := flatten.Flatten(p)
			require.NoError(t, out.Check())
			a.Want(t, "out/pipeline", out.String())
			for _, n := range p.Nodes {
				placed := flatten.Place(out, n.Name)
				require.NoError(t, placed.Check())
				a.Want(t, "out/"+n.Name, placed.String())
			}
		})
	}
}

// TestFlattenMeansTheSame takes Programs with policies of every kind: tiers, interleaving, subjects of rules, named ports of any
// protocol, source ports.
func TestFlattenMeansTheSame(t *testing.T) {
	rounds := uint64(2000)
	if testing.Short() {
		rounds = 300
	}
	for seed := range rounds {
		r := irtest.Rand(seed)
		shape := irtest.Small()
		if seed%2 == 1 {
			shape.Beside = irtest.Machines
		}
		if seed%4 > 1 {
			shape.Peers, shape.Logs = irtest.OpaquePeers, irtest.SomeLogs
		}
		p := irtest.Program(r, shape)
		require.NoError(t, p.Check())
		out := flatten.Flatten(p)
		require.NoError(t, out.Check(), "seed %d", seed)
		var names []string
		for _, n := range p.Nodes {
			names = append(names, n.Name)
		}
		for _, e := range p.Endpoints {
			if e.Kind == ir.ExternalEndpoint && e.Node != "" && !slices.Contains(names, e.Node) {
				names = append(names, e.Node)
			}
		}
		placed := flatten.PlaceAll(out, names)
		var nodes []*ir.Pipeline
		for i, n := range names {
			require.NoError(t, placed[i].Check(), "seed %d", seed)
			require.Equal(t, flatten.Place(out, n).String(), placed[i].String(), "seed %d", seed)
			require.Equal(t, flatten.Place(flatten.On(p, n, flatten.Strays(p.Nodes, p.Endpoints)), n).String(), placed[i].String(), "seed %d", seed)
			nodes = append(nodes, placed[i])
		}
		reference, whole, split := p.Evaluator(), out.Evaluator(), ir.NewNodesEvaluator(nodes...)
		packets := irtest.NewPackets(p)
		for range 100 {
			pkt := packets.Next(r)
			want := reference.Eval(pkt)
			got := whole.Eval(pkt)
			require.NoError(t, want.Agree(got), "seed %d: %+v", seed, pkt)
			for i, d := range want.Decisions {
				require.Equal(t, d.Logged, got.Decisions[i].Logged, "seed %d: %+v", seed, pkt)
			}
			if everywhere(reference, pkt) {
				require.NoError(t, want.Agree(split.Eval(pkt)), "seed %d, placed: %+v", seed, pkt)
			}
		}
	}
}

// everywhere reports whether both sides have a node that judges them, as far as they are endpoints.
func everywhere(e *ir.ProgramEvaluator, pkt ir.Packet) bool {
	for _, d := range ir.Directions() {
		if ep := e.Decide(d, pkt).Endpoint; ep != nil && ep.Node == "" {
			return false
		}
	}
	return true
}

func TestPlaceOnANodeWithoutEndpoints(t *testing.T) {
	p := irtest.Program(irtest.Rand(1), irtest.Small())
	placed := flatten.Place(flatten.Flatten(p), "nowhere")
	require.NoError(t, placed.Check())
	require.Equal(t, "nowhere", placed.Node)
	require.Empty(t, placed.Endpoints)
	require.Empty(t, placed.Sets)
	require.Equal(t, p.Nodes, placed.Nodes)
}

// TestPlaceOnAMachine: a machine outside the cluster knows of its own addresses only, a node of itself.
func TestPlaceOnAMachine(t *testing.T) {
	p, err := ir.ParsePipeline(`pipeline
node n1 addrs=192.0.2.1 cidrs=10.0.1.0/24 from="Node n1",-,-
endpoint node:n1 addrs=192.0.2.1 from="Node n1",-,-
endpoint external:a/vm-0 node="a/vm" addrs=203.0.113.1 from="ExternalEntity a/vm-0",-,-
endpoint a/x node=n1 addrs=10.9.9.9 from="Pod a/x",-,-
set s members=10.9.9.9

list ingress admin l endpoints=node:n1,external:a/vm-0
  drop peers=s l4=any from=o,-,-
`)
	require.NoError(t, err)
	vm := flatten.Place(p, "a/vm")
	require.NoError(t, vm.Check())
	require.Equal(t, `pipeline node="a/vm"
endpoint external:a/vm-0 node="a/vm" addrs=203.0.113.1 from="ExternalEntity a/vm-0",-,-
set s members=10.9.9.9

list ingress admin l endpoints=external:a/vm-0
  drop peers=s l4=any from=o,-,-
`, vm.String())
	node := flatten.Place(p, "n1")
	require.NoError(t, node.Check())
	require.Equal(t, []string{"node n1", "a/x"}, []string{node.Endpoints[0].String(), node.Endpoints[1].String()})
	require.Equal(t, []string{"n1", "a/vm"}, []string{flatten.Place(p, "n2").Remote[0].Node, vm.Node}, "only pods have routes")
}

// TestOneGroupOfSubjectsIsOneClass: the cost of policies that all select the same endpoints is not their product.
func TestOneGroupOfSubjectsIsOneClass(t *testing.T) {
	p := irtest.Program(irtest.Rand(3), irtest.Shape{Nodes: 2, Endpoints: 6, Groups: 4, Policies: 0})
	everyone := &ir.Group{Key: "everyone", Members: p.Endpoints}
	for _, e := range p.Endpoints {
		everyone.Addrs = everyone.Addrs.Union(ir.AddrSetOf(e.Addrs...))
	}
	p.Groups = []*ir.Group{everyone}
	for _, name := range []string{"a", "b", "c"} {
		policy := &ir.Policy{Kind: "NetworkPolicy", Namespace: "ns", Name: name, Phase: ir.Namespace,
			Subjects: []*ir.Group{everyone}, Isolates: [2]bool{true, true}}
		policy.Origin.Object = "NetworkPolicy ns/" + name
		p.Policies = append(p.Policies, policy)
	}
	require.NoError(t, p.Check())
	c := flatten.Flatten(p).Classifier(ir.Ingress, ir.Namespace)
	require.Len(t, c.Lists, 1)
	require.Equal(t, "NetworkPolicy ns/a, NetworkPolicy ns/b, NetworkPolicy ns/c", c.Lists[0].Key)
	require.Len(t, c.Lists[0].Rules, 3)
}

// TestOrderOfPeersAndPortsIsIrrelevant shuffles the collections of a Program that have no order.
func TestOrderOfPeersAndPortsIsIrrelevant(t *testing.T) {
	for seed := range uint64(200) {
		p := irtest.Program(irtest.Rand(seed), irtest.Small())
		want := flatten.Flatten(p).String()
		r := irtest.Rand(seed + 1)
		for _, policy := range p.Policies {
			shuffle(r, policy.Subjects)
			for _, rules := range policy.Rules {
				for i := range rules {
					shuffle(r, rules[i].Subjects)
					shuffle(r, rules[i].Peers)
					shuffle(r, rules[i].Ports)
				}
			}
		}
		require.NoError(t, p.Check())
		require.Equal(t, want, flatten.Flatten(p).String(), "seed %d", seed)
	}
}

func shuffle[T any](r *rand.Rand, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}
