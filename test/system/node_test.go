package system

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// scene is a lab in the making, and probes with what must become of them.
type scene struct {
	program *ir.Program
	spec    lab.Spec
	ports   []lab.Port
	probes  []lab.ProbeRequest
	want    []lab.Verdict
	lines   []string
}

// newScene reads a table of packets, in the form of test/case. Addresses that are nobody's, and no host's either, become hosts; every
// place answers on every port of the table.
func newScene(t *testing.T, program *ir.Program, target lab.Target, path string, hosts ...lab.Host) *scene {
	s := &scene{program: program, spec: lab.FromProgram(program, target)}
	s.spec.Hosts = append(s.spec.Hosts, hosts...)
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if line := lines.Text(); line != "" && line[0] != '#' {
			s.add(t, line)
		}
	}
	for i := range s.spec.Nodes {
		s.spec.Nodes[i].Ports = s.ports
	}
	for i := range s.spec.Hosts {
		s.spec.Hosts[i].Ports = s.ports
	}
	return s
}

func (s *scene) add(t *testing.T, line string) {
	what, _, _ := strings.Cut(line, " logged")
	words := strings.Fields(what)
	require.Len(t, words, 5, line)
	from, err := place.Find(s.program, words[0], "")
	require.NoError(t, err)
	to, err := place.Find(s.program, words[2], "")
	require.NoError(t, err)
	port, err := lab.ParsePort(words[3])
	require.NoError(t, err)
	where := s.where(from)
	s.where(to)
	for _, a := range to.Addrs {
		if slices.ContainsFunc(from.Addrs, func(b netip.Addr) bool { return a.Is4() == b.Is4() }) {
			s.probes = append(s.probes, lab.ProbeRequest{From: where, To: a, Port: port})
			s.want, s.lines = append(s.want, lab.Verdict(words[4])), append(s.lines, line)
		}
	}
	if port.Proto != lab.ICMP && !slices.Contains(s.ports, port) {
		s.ports = append(s.ports, port)
	}
}

// where names the place in the lab, which it makes if need be.
func (s *scene) where(p place.Place) string {
	for i := range s.spec.Hosts {
		in := func(n lab.Net) bool { return n.Addr.Addr() == p.Addrs[0] }
		if slices.Contains(s.spec.Hosts[i].Addrs, p.Addrs[0]) || slices.ContainsFunc(s.spec.Hosts[i].Nets, in) {
			return s.spec.Hosts[i].Where()
		}
	}
	switch {
	case p.Node != nil:
		return "node/" + p.Node.Name
	case p.Endpoint != nil && p.Endpoint.Kind == ir.PodEndpoint:
		return "pod/" + p.Endpoint.String()
	}
	s.spec.Hosts = append(s.spec.Hosts, lab.Host{Name: fmt.Sprintf("h%d", len(s.spec.Hosts)), Addrs: p.Addrs})
	return s.spec.Hosts[len(s.spec.Hosts)-1].Where()
}

// play brings the lab up, with rules, and sends the probes.
func (s *scene) play(t *testing.T, r *compiler.Result) *lab.Lab {
	l, err := lab.Up(t.Context(), s.spec, lab.Options{Ports: s.ports})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	loaded, err := enforce.Load(t.Context(), l, r.Placed...)
	require.NoError(t, err)
	again, err := enforce.Load(t.Context(), l, r.Placed...)
	require.NoError(t, err)
	for i := range again {
		requireUnchanged(t, &loaded[i], &again[i])
	}
	s.probe(t, l, s.want)
	return l
}

// probe sends the probes and compares what becomes of them.
func (s *scene) probe(t *testing.T, l *lab.Lab, want []lab.Verdict) {
	results, err := l.Probe(t.Context(), s.probes)
	require.NoError(t, err)
	for i, got := range results {
		if got.Verdict != want[i] {
			t.Errorf("%s\ngot %s %s, want %s", s.lines[i], got.Verdict, got.Detail, want[i])
		}
	}
}

// TestPacketsOfExamples sends the packets of the examples that have a table of them, on both targets: to and from nodes, and
// machines outside the cluster that enforce rules themselves. Without the policies all of them arrive.
//
// spec: 6.1 6.3
func TestPacketsOfExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	tables, err := filepath.Glob("../../examples/*/packets.txt")
	require.NoError(t, err)
	require.Contains(t, tables, "../../examples/node-policies/packets.txt", "two networks reach a port of the nodes; no ssh between nodes")
	require.Contains(t, tables, "../../examples/external-node/packets.txt")
	for _, table := range tables {
		dir := filepath.Dir(table)
		r, without := compileDir(t, dir), compileDir(t, filepath.Join(dir, "cluster.yaml"))
		if len(r.Program.Egresses) > 0 {
			continue // TestPacketsOfEgresses sees as whom packets leave, too
		}
		for _, target := range targets() {
			t.Run(filepath.Base(dir)+"/"+string(target), func(t *testing.T) {
				t.Parallel()
				s := newScene(t, r.Program, target, table)
				require.Greater(t, len(s.probes), 15)
				require.Contains(t, s.want, lab.Drop)
				l := s.play(t, r)
				loaded, err := enforce.Load(t.Context(), l, without.Placed...)
				require.NoError(t, err)
				for _, n := range loaded {
					require.Nil(t, n.Own, "without policies for the node there is nothing to load for it")
				}
				s.probe(t, l, slices.Repeat([]lab.Verdict{lab.Allow}, len(s.probes)))
			})
		}
	}
}
