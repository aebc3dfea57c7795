package testcase

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

func TestMain(m *testing.M) {
	lab.Main(&enforce.Applier{})
	os.Exit(m.Run())
}

// labsAtOnce is how many labs run side by side: they wait for silence most of the time.
const labsAtOnce = 5

// TestCasesWithRealPackets sends the packets of every table through real rulesets and flows. Lines that a lab cannot play are
// left out: established packets, odd protocols and ICMP types, places without a node, nodes as destinations, what is sent to
// Services, and cases in which something is known of names.
func TestCasesWithRealPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	plays := make([]*play, len(files))
	for i, file := range files {
		plays[i] = newPlay(t, file)
	}
	var group errgroup.Group
	group.SetLimit(labsAtOnce)
	sent := 0
	for i, file := range files {
		if len(plays[i].probes) == 0 {
			continue
		}
		sent += len(plays[i].probes)
		for _, target := range []lab.Target{lab.NFTables, lab.OpenFlow} {
			if string(target) == plays[i].cannot {
				continue
			}
			group.Go(func() error {
				t.Run(filepath.Base(file)+"/"+string(target), func(t *testing.T) { plays[i].run(t, target) })
				return nil
			})
		}
	}
	require.NoError(t, group.Wait())
	require.Greater(t, sent, 200, "probes on each target")
}

// play is what a lab can do of one case.
type play struct {
	result *compiler.Result
	spec   lab.Spec
	ports  []lab.Port
	probes []lab.ProbeRequest
	want   []lab.Verdict
	lines  []string
	cannot string // the target that cannot express it
}

func newPlay(t *testing.T, file string) *play {
	a := golden.Open(t, file)
	report := &diag.Report{}
	root, err := os.Getwd()
	require.NoError(t, err)
	p := &play{result: compiler.Compile(read(t, a, report), compiler.Options{}, report)}
	require.NoError(t, os.Chdir(root)) // read leaves its directory at the end of the test only
	program := p.result.Program
	p.spec = labSpec(program)
	p.cannot = cannot(a)
	table, _ := a.Section("packets")
	expectations, err := parsePackets(program, table)
	require.NoError(t, err)
	for _, e := range expectations {
		if _, ok := a.Section("known"); ok {
			break // a lab knows what DNS answers there
		}
		for _, packet := range e.packets {
			p.add(program, &e, packet)
		}
	}
	return p
}

// labSpec is the part of a program that can have a place in a lab.
func labSpec(program *ir.Program) lab.Spec {
	var spec lab.Spec
	for _, n := range program.Nodes {
		if len(n.Addrs) > 0 {
			spec.Nodes = append(spec.Nodes, lab.Node{Name: n.Name, Addrs: n.Addrs, PodCIDRs: n.PodCIDRs})
		}
	}
	for _, e := range program.Pods() {
		known := slices.ContainsFunc(spec.Nodes, func(n lab.Node) bool { return n.Name == e.Node })
		if known && len(e.Addrs) > 0 {
			spec.Pods = append(spec.Pods, lab.Pod{Namespace: e.Namespace, Name: e.Name, Node: e.Node, Addrs: e.Addrs})
		}
	}
	return spec
}

// add plans the probe for a packet, if a lab can send it.
func (p *play) add(program *ir.Program, e *expectation, packet ir.Packet) {
	port, ok := labPort(packet)
	if !ok || packet.Established || packet.Src == packet.Dst || packet.Dialled.IsValid() {
		return
	}
	from, okFrom := p.where(program, packet.Src)
	to, okTo := p.where(program, packet.Dst)
	if !okFrom || !okTo || strings.HasPrefix(to, "node/") {
		return
	}
	probe := lab.ProbeRequest{From: from, To: packet.Dst, Port: port}
	if packet.SrcPort != place.DefaultSource && packet.Proto.HasPorts() {
		probe.SourcePort = packet.SrcPort
	}
	taken := func(q lab.Port) bool { return q.Proto == port.Proto && q.Port == probe.SourcePort }
	if slices.ContainsFunc(p.ports, taken) {
		return // a responder has it
	}
	p.probes, p.lines = append(p.probes, probe), append(p.lines, e.line)
	p.want = append(p.want, lab.Verdict(e.want.String()))
	if port.Proto != lab.ICMP && !slices.Contains(p.ports, port) {
		p.ports = append(p.ports, port)
	}
}

// labPort is what a lab calls the packet's traffic.
func labPort(p ir.Packet) (lab.Port, bool) {
	switch {
	case p.Proto.HasPorts():
		return lab.Port{Proto: lab.Proto(strings.ToUpper(p.Proto.String())), Port: p.DstPort}, true
	case p.Proto == ir.ProtoICMP && p.DstPort == 8<<8, p.Proto == ir.ProtoICMPv6 && p.DstPort == 128<<8:
		return lab.Port{Proto: lab.ICMP}, true
	}
	return lab.Port{}, false
}

// where finds the place of an address in the lab; an address outside the cluster becomes a host, unless it lies where a node
// would look for its pods.
func (p *play) where(program *ir.Program, a netip.Addr) (string, bool) {
	for i := range p.spec.Pods {
		if slices.Contains(p.spec.Pods[i].Addrs, a) {
			return p.spec.Pods[i].Where(), true
		}
	}
	at, err := place.Find(program, a.String(), "")
	if err != nil || at.Endpoint != nil && at.Endpoint.Kind == ir.PodEndpoint {
		return "", false
	}
	for i := range p.spec.Nodes {
		n := &p.spec.Nodes[i]
		if slices.Contains(n.Addrs, a) {
			return n.Where(), true
		}
		if slices.ContainsFunc(n.PodCIDRs, func(c netip.Prefix) bool { return c.Contains(a) }) || !hasFamily(n, a) {
			return "", false
		}
	}
	for i := range p.spec.Hosts {
		if slices.Contains(p.spec.Hosts[i].Addrs, a) {
			return p.spec.Hosts[i].Where(), true
		}
	}
	p.spec.Hosts = append(p.spec.Hosts, lab.Host{Name: fmt.Sprintf("h%d", len(p.spec.Hosts)), Addrs: []netip.Addr{a}})
	return p.spec.Hosts[len(p.spec.Hosts)-1].Where(), true
}

// hasFamily reports whether the node can route to the address.
func hasFamily(n *lab.Node, a netip.Addr) bool {
	return slices.ContainsFunc(n.Addrs, func(b netip.Addr) bool { return a.Is4() == b.Is4() })
}

// run plays the case on one target.
func (p *play) run(t *testing.T, target lab.Target) {
	spec := p.spec
	spec.Target = target
	spec.Hosts = slices.Clone(p.spec.Hosts)
	for i := range spec.Hosts {
		spec.Hosts[i].Ports = p.ports
	}
	l, err := lab.Up(t.Context(), spec, lab.Options{Ports: p.ports})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Down(t.Context())) }()
	_, err = enforce.Load(t.Context(), l, p.placedInLab()...)
	require.NoError(t, err)
	results, err := l.Probe(t.Context(), p.probes)
	require.NoError(t, err)
	for i, r := range results {
		if target == lab.OpenFlow && p.fromOtherNode(i) {
			continue
		}
		if r.Verdict != p.want[i] {
			t.Errorf("%s\nfrom %s to %s: got %s %s", p.lines[i], p.probes[i].From, p.probes[i].To, r.Verdict, r.Detail)
		}
	}
}

// fromOtherNode reports whether a probe goes from a node to another node's pod. On openflow such packets come from the node's
// gateway address and not from the node's own, which the table speaks of.
func (p *play) fromOtherNode(i int) bool {
	name, isNode := strings.CutPrefix(p.probes[i].From, "node/")
	return isNode && !slices.ContainsFunc(p.spec.Pods, func(pod lab.Pod) bool {
		return pod.Node == name && slices.Contains(pod.Addrs, p.probes[i].To)
	})
}

// placedInLab leaves out the nodes that the lab does not have.
func (p *play) placedInLab() []*ir.Pipeline {
	return slices.DeleteFunc(slices.Clone(p.result.Placed), func(placed *ir.Pipeline) bool {
		return !slices.ContainsFunc(p.spec.Nodes, func(n lab.Node) bool { return n.Name == placed.Node })
	})
}
