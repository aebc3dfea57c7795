package system

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
)

// requireServices dials the cluster addresses of an example's Services, from every pod, if it has a table of what becomes of that.
func requireServices(t *testing.T, l *lab.Lab, p *ir.Program, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "services.txt"))
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	const often = 40 // a client of two backends gets both
	var probes []lab.ProbeRequest
	var wants, lines []string
	var addrs []lab.ProbeRequest // of the Service at hand
	for line := range strings.Lines(string(text)) {
		first, second, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case first == "#":
		case strings.HasPrefix(first, "service/"):
			addrs = serviceProbes(t, p, strings.TrimPrefix(first, "service/"), second)
		default:
			for _, to := range addrs {
				to.From = "pod/" + second
				probes = append(probes, slices.Repeat([]lab.ProbeRequest{to}, often)...)
				wants, lines = append(wants, first), append(lines, fmt.Sprintf("%s to %s %s", to.From, to.To, to.Port))
			}
		}
	}
	require.NotEmpty(t, wants)
	results, err := l.Probe(t.Context(), probes)
	require.NoError(t, err)
	for i, of := range slices.Collect(slices.Chunk(results, often)) {
		require.Equal(t, wants[i], becomesOf(of), "%s: %+v", lines[i], of)
	}
}

// serviceProbes are probes of a port, by name or number, at each cluster address of a Service. They lack a client.
func serviceProbes(t *testing.T, p *ir.Program, name, port string) []lab.ProbeRequest {
	t.Helper()
	at := slices.IndexFunc(p.Services, func(s *ir.Service) bool { return s.String() == name })
	require.GreaterOrEqual(t, at, 0, name)
	s := p.Services[at]
	at = slices.IndexFunc(s.Ports, func(sp ir.ServicePort) bool { return port == sp.Name || port == strconv.Itoa(int(sp.Port)) })
	require.GreaterOrEqual(t, at, 0, port)
	require.NotEmpty(t, s.ClusterIPs)
	var out []lab.ProbeRequest
	for _, a := range s.ClusterIPs {
		out = append(out, lab.ProbeRequest{To: a, Port: lab.Port{Proto: lab.TCP, Port: s.Ports[at].Port}})
	}
	return out
}

// becomesOf says it as the table does. A connection attempt that is dropped is made again, and may be sent to another backend then: what
// is mixed comes about at once for about one half. A machine that is busy loses a packet now and then.
func becomesOf(results []lab.ProbeResult) string {
	var atOnce, silent int
	for _, r := range results {
		switch {
		case r.Verdict == lab.Allow && r.Attempts == 1:
			atOnce++
		case r.Verdict == lab.Drop:
			silent++
		}
	}
	switch few := len(results) / 4; {
	case silent == 0 && atOnce > len(results)-few:
		return "allow"
	case silent == len(results):
		return "drop"
	case atOnce >= few && atOnce <= len(results)-few:
		return "mixed"
	}
	return "something else"
}
