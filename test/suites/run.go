package suites

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// Result is what a suite reports.
type Result struct {
	Suite  string
	Setup  Setup
	Passed int
	Failed []string
	Took   time.Duration
	Report []byte // in the suite's own format, if it has one
}

// NetworkPolicy is the name of Kubernetes' specs, ClusterNetworkPolicy that of network-policy-api's tests.
const (
	NetworkPolicy        = "Kubernetes e2e, NetworkPolicy"
	ClusterNetworkPolicy = "network-policy-api, ClusterNetworkPolicy"
)

// SCTP is what the texts of the specs have in common whose servers speak SCTP.
const SCTP = "using SCTP"

// RunSpecs runs those of Kubernetes' NetworkPolicy specs whose text matches a regular expression, "" all, some at a time. On Open vSwitch
// those for SCTP are left out: they go by Services, and headgate has no Services for SCTP there.
func (c *Cluster) RunSpecs(atOnce int, focus string) *Result {
	c.t.Helper()
	dir := c.t.TempDir()
	// Without a word on which to skip, the framework skips all that is named after a feature: all.
	skip := "nothing-has-this-name"
	if c.Target == "openflow" {
		skip = SCTP
	}
	args := []string{"--procs=" + strconv.Itoa(atOnce), "--no-color", "--skip=" + skip, "--json-report=report.json", "--output-dir=" + dir}
	if focus != "" {
		args = append(args, "--focus="+focus)
	}
	args = append(args, filepath.Join(c.Kube, "network-policy.test"), "--", "-kubeconfig="+c.Kubeconfig, "-provider=skeleton", "-repo-root=", "-dump-logs-on-failure=false")
	cmd := exec.Command(filepath.Join(c.Kube, "ginkgo"), args...)
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput() // its status says that specs failed, and the report which
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	require.NoError(c.t, err, "%s", out)
	var reports []struct {
		RunTime     time.Duration
		SpecReports []struct {
			LeafNodeType, LeafNodeText, State string
			Failure                           struct{ Message string }
		}
	}
	require.NoError(c.t, json.Unmarshal(text, &reports))
	r := &Result{Suite: NetworkPolicy, Setup: c.Setup}
	for _, report := range reports {
		r.Took += report.RunTime
		for _, s := range report.SpecReports {
			switch {
			case s.LeafNodeType != "It" || s.State == "skipped":
			case s.State == "passed":
				r.Passed++
			default:
				r.Failed = append(r.Failed, s.LeafNodeText)
				c.t.Logf("%s: %s", s.LeafNodeText, firstLines(s.Failure.Message, 8))
			}
		}
	}
	return r
}

func firstLines(s string, n int) string {
	lines := strings.SplitAfterN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "")
}

// RunConformance runs network-policy-api's tests for all features that there are, or those of one, by its short name.
func (c *Cluster) RunConformance(only string) *Result {
	c.t.Helper()
	dir := c.t.TempDir()
	report, run := filepath.Join(dir, "report.yaml"), "^TestConformanceProfiles$"
	if only != "" {
		run += "/^" + only + "$"
	}
	const home = "https://github.com/headgate-net/headgate"
	version, err := exec.Command("git", "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		version = []byte("unknown") // not a clone
	}
	cmd := exec.Command(filepath.Join(c.Kube, "cluster-network-policy.test"), "-test.v", "-test.timeout=2h", "-test.run="+run,
		"-conformance-profiles=ClusterNetworkPolicy", "-supported-features=ClusterNetworkPolicyNamedPorts,ClusterNetworkPolicyEgressNodePeers",
		"-organization=headgate-net", "-project=headgate", "-url="+home, "-version="+strings.TrimSpace(string(version)),
		"-contact="+home+"/issues/new", "-additional-info="+home+"/blob/main/docs/conformance.md", "-report-output="+report)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig)
	began := time.Now()
	out, _ := cmd.CombinedOutput() // its status says that tests failed, and what it prints which
	r := &Result{Suite: ClusterNetworkPolicy, Setup: c.Setup, Took: time.Since(began)}
	// The tests, and not their parts.
	verdict := regexp.MustCompile(`(?m)^\s*--- (PASS|FAIL): TestConformanceProfiles/([^/\s]+) `)
	for _, m := range verdict.FindAllSubmatch(out, -1) {
		if string(m[1]) == "PASS" {
			r.Passed++
		} else {
			r.Failed = append(r.Failed, string(m[2]))
		}
	}
	if len(r.Failed) > 0 || r.Passed == 0 {
		c.t.Logf("%s", out)
	}
	if r.Report, err = os.ReadFile(report); err != nil {
		c.t.Logf("there is no report: %v", err)
	}
	return r
}

// Counts reads the number of tests that passed and failed from a report in network-policy-api's format: of the standard, then of the
// experimental features.
func Counts(report []byte) (standard, experimental [2]int, err error) {
	type status struct {
		Statistics struct{ Passed, Failed int }
	}
	var r struct {
		Profiles []struct {
			Standard     status
			Experimental *status
		}
	}
	if err := yaml.Unmarshal(bytes.TrimSpace(report), &r); err != nil {
		return standard, experimental, err
	}
	for _, p := range r.Profiles {
		standard[0] += p.Standard.Statistics.Passed
		standard[1] += p.Standard.Statistics.Failed
		if p.Experimental != nil {
			experimental[0] += p.Experimental.Statistics.Passed
			experimental[1] += p.Experimental.Statistics.Failed
		}
	}
	return standard, experimental, nil
}
