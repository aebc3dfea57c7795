package lab

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	Main(echoApplier{})
	parentMain()
	serverMain()
	os.Exit(isolated(m))
}

// isolated runs the tests with state directories apart from those of other labs of this user.
func isolated(m *testing.M) int {
	if os.Getenv(stateGiven) == "" {
		dir, err := os.MkdirTemp("/tmp", "lab")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		os.Setenv("XDG_RUNTIME_DIR", dir)
	}
	return m.Run()
}

// needsRoot skips a test that makes namespaces, which go test -short must do without.
func needsRoot(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
}

// dualStack is a cluster with both families: nodes, podsPerNode pods on each, one external host, every pod with the ports.
func dualStack(target Target, nodes, podsPerNode int, ports ...Port) Spec {
	spec := Spec{Target: target}
	for n := range nodes {
		name := fmt.Sprintf("n%d", n+1)
		spec.Nodes = append(spec.Nodes, Node{
			Name:  name,
			Addrs: []netip.Addr{addr("192.168.0.%d", n+1), addr("fd00:a::%x", n+1)},
			PodCIDRs: []netip.Prefix{
				netip.MustParsePrefix(fmt.Sprintf("10.1.%d.0/24", n+1)), netip.MustParsePrefix(fmt.Sprintf("fd00:1:%x::/64", n+1)),
			},
		})
		for p := range podsPerNode {
			spec.Pods = append(spec.Pods, Pod{
				Namespace: "x", Name: fmt.Sprintf("p%d-%d", n+1, p+1), Node: name, Ports: ports,
				Addrs: []netip.Addr{addr("10.1.%d.%d", n+1, p+2), addr("fd00:1:%x::%x", n+1, p+2)},
			})
		}
	}
	spec.Hosts = []Host{{Name: "out", Addrs: []netip.Addr{addr("192.168.0.%d", 200), addr("fd00:a::%x", 200)}, Ports: ports}}
	return spec
}

func addr(format string, args ...any) netip.Addr {
	return netip.MustParseAddr(fmt.Sprintf(format, args...))
}

// bringUp brings a lab up and, at the end of the test, down.
func bringUp(t *testing.T, spec Spec, opts Options) *Lab {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	l, err := Up(ctx, spec, opts)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, l.Down(context.Background()))
		require.NoDirExists(t, l.dir)
	})
	return l
}

// run executes a program that must succeed at a place and returns its output.
func run(t *testing.T, l *Lab, where string, argv ...string) string {
	t.Helper()
	var out bytes.Buffer
	status, err := l.Exec(context.Background(), where, argv, Stdio{Out: &out, Err: &out})
	require.NoError(t, err)
	require.Zero(t, status, "%v: %s", argv, out.String())
	return out.String()
}

// requireAll demands one verdict in every cell off the diagonal.
func requireAll(t *testing.T, m *Matrix, want Verdict) {
	t.Helper()
	require.NotEmpty(t, m.Ports)
	for port, rows := range m.Ports {
		for i, row := range rows {
			for j, got := range row {
				if i != j {
					require.Equal(t, want, got, "%s from %s to %s", port, m.Pods[i], m.Pods[j])
				}
			}
		}
	}
}
