package kubeproxy

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Proxy is a kube-proxy that runs.
type Proxy struct {
	t    testing.TB
	node *Place
	cmd  *exec.Cmd
	done chan error
	log  string
}

// Ports of the node's loopback address.
const (
	metricsAt = "127.0.0.1:10249"
	healthAt  = "127.0.0.1:10256"
)

// config is kube-proxy's. Nothing outside the network namespace is touched: not the limits of conntrack, not its own OOM score.
const config = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
hostnameOverride: %s
metricsBindAddress: ` + metricsAt + `
healthzBindAddress: ` + healthAt + `
clusterCIDR: %s
oomScoreAdj: 0
clientConnection: {kubeconfig: %s, qps: 1000, burst: 1000, contentType: application/json}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
nftables: {minSyncPeriod: %s, syncPeriod: 1h}
`

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: feed, cluster: {server: "http://%s"}}]
contexts: [{name: feed, context: {cluster: feed, user: nobody}}]
users: [{name: nobody, user: {}}]
current-context: feed
`

// Program builds kube-proxy, where that was not done before, and returns its path.
func Program(t testing.TB) string {
	t.Helper()
	build := exec.Command(filepath.Join("..", "..", "hack", "envtest", "build.sh"))
	build.Stderr = os.Stderr
	out, err := build.Output()
	require.NoError(t, err, "building kube-proxy")
	return filepath.Join(strings.TrimSpace(string(out)), "kube-proxy")
}

// NewFeedOn makes a Feed on the node's loopback address. The second result is its address.
func NewFeedOn(node *Place) (*Feed, string) {
	var l net.Listener
	require.NoError(node.t, node.In(func() (err error) {
		l, err = net.Listen("tcp", "127.0.0.1:0")
		return err
	}))
	f := NewFeed(l)
	node.t.Cleanup(func() { f.Close() })
	return f, l.Addr().String()
}

// Start runs kube-proxy on a node until Stop or the end of the test. clusterCIDR has the prefixes of all pods, separated by commas; sync
// is how long it waits between changes, such as "1s".
func Start(node *Place, feed, name, clusterCIDR, sync string) *Proxy {
	t := node.t
	t.Helper()
	program, dir := Program(t), t.TempDir()
	kube, conf := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(kube, fmt.Appendf(nil, kubeconfig, feed), 0o600))
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, config, name, clusterCIDR, kube, sync), 0o600))
	p := &Proxy{t: t, node: node, cmd: exec.Command(program, "--config="+conf, "-v=2"), done: make(chan error, 1), log: filepath.Join(dir, "log")}
	log, err := os.Create(p.log)
	require.NoError(t, err)
	defer log.Close()
	p.cmd.Stdout, p.cmd.Stderr = log, log
	// It ends with the thread that started it, and that with the test, however it ends.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	go func() {
		p.done <- node.In(func() error {
			err := p.cmd.Start()
			started <- err
			if err != nil {
				return err
			}
			return p.cmd.Wait()
		})
	}()
	require.NoError(t, <-started)
	t.Cleanup(func() {
		p.Stop()
		if text, err := os.ReadFile(p.log); err == nil && t.Failed() {
			t.Logf("kube-proxy said:\n%s", tail(string(text), 40))
		}
	})
	return p
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Stop ends kube-proxy. Its rules stay.
func (p *Proxy) Stop() {
	if p.done == nil {
		return
	}
	// It may have ended already.
	_ = p.cmd.Process.Kill()
	<-p.done
	p.done = nil
}

// Memory is what the process has in memory now and had at most, in bytes.
func (p *Proxy) Memory() (now, peak int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(p.t, err)
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) != 3 {
			continue
		}
		n, _ := strconv.Atoi(words[1])
		switch words[0] {
		case "VmRSS:":
			now = n << 10
		case "VmHWM:":
			peak = n << 10
		}
	}
	return now, peak
}

// Metrics returns what kube-proxy counts, by name with labels. It is empty while kube-proxy starts.
func (p *Proxy) Metrics() map[string]float64 {
	out := map[string]float64{}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: p.node.dial}, Timeout: 10 * time.Second}
	r, err := client.Get("http://" + metricsAt + "/metrics")
	if err != nil {
		return out
	}
	defer r.Body.Close()
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if at := strings.LastIndexByte(lines.Text(), ' '); at > 0 {
			if v, err := strconv.ParseFloat(lines.Text()[at+1:], 64); err == nil {
				out[lines.Text()[:at]] = v
			}
		}
	}
	return out
}

// WaitFull waits until kube-proxy has put everything in force that it was fed before it started.
func (p *Proxy) WaitFull() {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		m := p.Metrics()
		return m[fullSyncs+`_count{ip_family="IPv4"}`] > 0 && m[fullSyncs+`_count{ip_family="IPv6"}`] > 0
	}, 5*time.Minute, 50*time.Millisecond, "kube-proxy's rules are not complete")
}

// fullSyncs and partSyncs name the histograms of the time that it takes kube-proxy to write everything, or what changed.
const (
	fullSyncs = "kubeproxy_sync_full_proxy_rules_duration_seconds"
	partSyncs = "kubeproxy_sync_partial_proxy_rules_duration_seconds"
)
