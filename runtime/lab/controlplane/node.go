package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/headgate-net/headgate/runtime/lab"
)

// startNodes starts what runs on every node, and the scheduler.
func (c *Cluster) startNodes(ctx context.Context) error {
	err := c.Start(ctx, lab.Program{Name: "scheduler", Where: masterAt, Argv: []string{
		c.o.Headgate, "lab", "scheduler", "--kubeconfig", c.keys.path("admin.kubeconfig"),
	}})
	for i := range c.Spec().Nodes {
		n := &c.Spec().Nodes[i]
		err = errors.Join(err, c.route(ctx, n), c.startKubelet(ctx, n))
		if c.o.Services == KubeProxy {
			err = errors.Join(err, c.startProxy(ctx, n))
		}
		if c.o.Engine {
			err = errors.Join(err, c.StartAgent(ctx, n.Name))
		}
	}
	return err
}

// route gives a node a default route. Nobody is there: it has the kernel let packets start whose destination is then translated.
func (c *Cluster) route(ctx context.Context, n *lab.Node) error {
	link := "eth0"
	if c.o.Target == lab.OpenFlow {
		link = "br-phy"
	}
	script := fmt.Sprintf("ip route replace default via %s dev %s onlink && ip -6 route replace default via %s dev %[2]s onlink", masterAddr(), link, masterAddr6())
	var said strings.Builder
	status, err := c.Exec(ctx, n.Where(), []string{"sh", "-c", script}, lab.Stdio{Out: &said, Err: &said})
	if err == nil && status != 0 {
		err = fmt.Errorf("%s: no default route: %s", n.Where(), said.String())
	}
	return err
}

// agnhostWithSCTP stands between pods and agnhost where the kernel has no SCTP: of that it has agnhost do nothing.
const agnhostWithSCTP = `#!/bin/sh
case "$1 $*" in
"connect "*--protocol=sctp*) shift && exec %[1]s lab sctp connect "$@" ;;
"porter "*) if env | grep -q '^SERVE_SCTP_PORT_' && ! env | grep -Eq '^SERVE_(|TCP_|UDP_|TLS_)PORT_'; then exec %[1]s lab sctp serve; fi ;;
esac
exec %[2]s "$@"
`

// agnhost is what pods run as agnhost: flags of the kubelet.
func (c *Cluster) agnhost() ([]string, error) {
	if lab.HasSCTP() {
		return []string{"--agnhost", c.program(agnhost)}, nil
	}
	// What is run by a shell need not lie where programs may.
	script := filepath.Join(c.Dir(), "agnhost.sh")
	err := os.WriteFile(script, fmt.Appendf(nil, agnhostWithSCTP, c.o.Headgate, c.program(agnhost)), 0o600)
	return []string{"--agnhost", "sh", "--agnhost", script}, err
}

func (c *Cluster) startKubelet(ctx context.Context, n *lab.Node) error {
	stand, err := c.agnhost()
	if err != nil {
		return err
	}
	argv := append([]string{
		c.o.Headgate, "lab", "kubelet", c.Name(), n.Name, "--kubeconfig", c.keys.path("admin.kubeconfig"), "--client-ca", c.keys.path("ca.crt"),
	}, stand...)
	return c.Start(ctx, lab.Program{Name: "kubelet-" + n.Name, Where: n.Where(), Argv: argv, Env: []string{"PATH=" + path()}})
}

// path is where programs are looked for, also those that only root has in its PATH.
func path() string {
	return os.Getenv("PATH") + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

// StartAgent starts the agent of a node, in the rights and in the place that it has in a cluster.
func (c *Cluster) StartAgent(ctx context.Context, node string) error {
	serves := "never"
	if c.o.Services == Headgate {
		serves = "always"
	}
	args := []string{"agent", "--kubeconfig", c.keys.path("agent.kubeconfig"), "--node", node, "--target", string(c.o.Target),
		"--services", serves, "--state-dir", filepath.Join(c.Dir(), "agent-"+node+"-state")}
	argv := append([]string{c.o.Headgate}, args...)
	if c.o.Target == lab.OpenFlow {
		argv = append([]string{"sh", "-c", `exec "$0" "$@" --ovs-db "$OVS_RUNDIR/db.sock"`, c.o.Headgate}, args...)
	}
	return c.Start(ctx, lab.Program{Name: "agent-" + node, Where: "node/" + node, Argv: argv, Env: []string{"PATH=" + path()}})
}

// proxyConfig is kube-proxy's. It leaves alone what does not belong to the node's network namespace.
const proxyConfig = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
hostnameOverride: %s
clusterCIDR: %s
oomScoreAdj: 0
clientConnection: {kubeconfig: %s, qps: 200, burst: 400}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
nftables: {minSyncPeriod: 50ms, syncPeriod: 30s}
`

func (c *Cluster) startProxy(ctx context.Context, n *lab.Node) error {
	name := kubeProxy + "-" + n.Name
	file := filepath.Join(c.Dir(), name+".yaml")
	pods := netip.MustParsePrefix(podNetworks)
	if err := os.WriteFile(file, fmt.Appendf(nil, proxyConfig, n.Name, pods, c.keys.path("admin.kubeconfig")), 0o600); err != nil {
		return err
	}
	return c.Start(ctx, lab.Program{Name: name, Where: n.Where(), Argv: []string{c.program(kubeProxy), "--config=" + file}, Env: []string{"PATH=" + path()}})
}

// inForce is what an agent logs when its node has rules.
const inForce = "rules in force"

// awaitNodes waits until the nodes are there, and the agents have loaded rules.
func (c *Cluster) awaitNodes(ctx context.Context) error {
	return c.await(ctx, func() error {
		out, err := c.Kubectl(ctx, nil, "get", "nodes", "-o", `jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{" "}{end}`)
		if err != nil {
			return err
		}
		if n := strings.Count(out, "True"); n != c.o.Nodes {
			return fmt.Errorf("%d of %d nodes are ready", n, c.o.Nodes)
		}
		if !c.o.Engine {
			return nil
		}
		for i := range c.Spec().Nodes {
			name := "agent-" + c.Spec().Nodes[i].Name
			text, err := os.ReadFile(c.Log(name))
			if err != nil {
				return err
			}
			if !strings.Contains(string(text), inForce) {
				return fmt.Errorf("%s has loaded nothing yet: %s", name, text)
			}
		}
		return nil
	})
}
