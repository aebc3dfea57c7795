package suites_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/suites"
)

// specs is how many NetworkPolicy specs there are in Kubernetes 1.37.2, and withSCTP how many of them are for SCTP.
const specs, withSCTP = 51, 3

// atOnce is how many specs run at a time: they wait, for packets that do not come.
const atOnce = 8

func needsRoot(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
}

// TestSuites: with headgate's agents as the only engine, every spec passes.
func TestSuites(t *testing.T) {
	needsRoot(t)
	inReport, which := report(t), "specs"
	if inReport != nil {
		which = "suites"
	}
	programs := suites.Build(t, which)
	var runs []func(t *testing.T) *suites.Result
	specsOn := func(s suites.Setup) {
		runs = append(runs, func(t *testing.T) *suites.Result { return suites.Start(t, programs, s).RunSpecs(atOnce, "") })
	}
	specsOn(suites.Setup{Target: "nftables", Services: "headgate"})
	if inReport != nil {
		specsOn(suites.Setup{Target: "nftables", Services: "kube-proxy"})
		specsOn(suites.Setup{Target: "openflow", Services: "headgate"})
		for _, s := range []suites.Setup{{Target: "nftables", Services: "headgate"}, {Target: "nftables", Services: "kube-proxy"}, {Target: "openflow", Services: "headgate"}} {
			runs = append(runs, func(t *testing.T) *suites.Result { return suites.Start(t, programs, s).RunConformance("") })
		}
	}
	t.Run("all", func(t *testing.T) {
		names := []string{"specs-nftables", "specs-nftables-kubeproxy", "specs-openflow", "cnp-nftables", "cnp-nftables-kubeproxy", "cnp-openflow"}
		for i, run := range runs {
			t.Run(names[i], func(t *testing.T) {
				t.Parallel()
				r := run(t)
				if inReport != nil {
					inReport(r)
				}
				require.Empty(t, r.Failed)
				if r.Suite == suites.NetworkPolicy {
					want := specs
					if r.Setup.Target == "openflow" {
						want -= withSCTP
					}
					require.Equal(t, want, r.Passed)
					return
				}
				requireConformance(t, r)
			})
		}
		t.Run("engine-off", func(t *testing.T) {
			t.Parallel()
			engineOff(t, programs)
		})
	})
}

// engineOff: specs that pass with the engine fail without it, if they deny anything, and one that allows all passes. Services are
// kube-proxy's, as nobody would reach anybody without. At last the cluster ends with a parent that is killed.
func engineOff(t *testing.T, programs suites.Programs) {
	const (
		// There are such specs for UDP and SCTP, too.
		deny  = "between server and client should support a 'default-deny-ingress' policy"
		allow = "between server and client should support allow-all policy"
	)
	c := suites.Start(t, programs, suites.Setup{Target: "nftables", Services: "kube-proxy"})
	play(t, c)
	r := c.RunSpecs(1, deny)
	require.Empty(t, r.Failed, "with the engine")
	require.Equal(t, 1, r.Passed)
	c.StopEngine()
	r = c.RunSpecs(2, deny+"|"+allow)
	require.Equal(t, 1, r.Passed, "without the engine: the spec that allows")
	require.Len(t, r.Failed, 1)
	require.Contains(t, r.Failed[0], "default-deny-ingress")
	c.Kill()
}

// requireConformance demands that a report says that nothing failed, and as many passed as the suite has.
func requireConformance(t *testing.T, r *suites.Result) {
	t.Helper()
	const standard, experimental = 18, 6
	s, e, err := suites.Counts(r.Report)
	require.NoError(t, err)
	require.Equal(t, [2]int{standard, 0}, s)
	require.Equal(t, [2]int{experimental, 0}, e)
	require.Equal(t, standard+experimental, r.Passed)
}

// report returns what takes results into the report, nil if there is to be none.
func report(t *testing.T) func(*suites.Result) {
	t.Helper()
	if os.Getenv("HEADGATE_CONFORMANCE") != "all" {
		return nil
	}
	dir := os.Getenv("HEADGATE_REPORT")
	require.True(t, strings.HasPrefix(dir, "/"), "HEADGATE_REPORT has to be the path of a directory")
	w := suites.NewReport(dir)
	t.Cleanup(func() { require.NoError(t, w.Write()) })
	return w.Add
}
