package controlplane

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-net/headgate/runtime/lab"
)

// Server says who serves Services.
type Server string

// Who serves Services.
const (
	Headgate  Server = "headgate"   // the agents
	KubeProxy Server = "kube-proxy" // in nftables mode
	Nobody    Server = "none"
)

// Options say what cluster is made.
type Options struct {
	Name     string // of the lab; "" lets lab.Up choose one
	Nodes    int    // how many; 0: 2
	Target   lab.Target
	Datapath lab.Datapath
	Services Server
	Engine   bool // agents run on the nodes

	Programs  string   // the directory of Programs
	Headgate  string   // the program that has the commands agent and lab kubelet
	Manifests [][]byte // applied before agents run; objects without a namespace are put in AgentNamespace
}

// AgentNamespace is where the agents' service account is.
const AgentNamespace = "headgate-system"

// agentUser is whom the agents are for the API server.
const agentUser = "system:serviceaccount:" + AgentNamespace + ":headgate-agent"

// Where things are. Nodes and the control plane are on one network; each node has the n-th network for its pods.
const (
	master      = "control-plane"
	masterAt    = "host/" + master
	securePort  = 6443
	services4   = "10.96.0.0/16"
	services6   = "fd00:10:96::/112"
	podNetworks = "10.244.0.0/16"
)

// Cluster is a lab with a control plane.
type Cluster struct {
	*lab.Lab
	Kubeconfig string // path of the file by which programs outside the lab reach it; it goes with the lab

	o    Options
	keys *keys
}

// NodeName returns the name of a node, counted from 1.
func NodeName(n int) string { return "node-" + strconv.Itoa(n) }

// spec describes the lab.
func (o *Options) spec() lab.Spec {
	s := lab.Spec{Name: o.Name, Target: o.Target, Datapath: o.Datapath}
	for i := 1; i <= o.Nodes; i++ {
		n := byte(i)
		s.Nodes = append(s.Nodes, lab.Node{
			Name:  NodeName(i),
			Addrs: []netip.Addr{netip.AddrFrom4([4]byte{172, 30, 0, n}), netip.AddrFrom16([16]byte{0: 0xfd, 3: 0x01, 15: n})},
			PodCIDRs: []netip.Prefix{
				netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 244, n, 0}), 24),
				netip.PrefixFrom(netip.AddrFrom16([16]byte{0: 0xfd, 3: 0x02, 7: n}), 112),
			},
		})
	}
	s.Hosts = []lab.Host{{Name: master, Addrs: []netip.Addr{masterAddr(), masterAddr6()}}}
	return s
}

func masterAddr() netip.Addr  { return netip.AddrFrom4([4]byte{172, 30, 0, 254}) }
func masterAddr6() netip.Addr { return netip.AddrFrom16([16]byte{0: 0xfd, 3: 0x01, 15: 254}) }

// Up makes a cluster and returns when the API server answers, the nodes are ready and the manifests are applied. It is in the foreground, as
// under lab.Up: Detach has it outlive this process.
func Up(ctx context.Context, o Options) (*Cluster, error) {
	const mostNodes = 200 // for which there are addresses
	o.Nodes, o.Services = cmp.Or(o.Nodes, 2), cmp.Or(o.Services, Headgate)
	if o.Nodes < 1 || o.Nodes > mostNodes {
		return nil, fmt.Errorf("%d nodes: want 1 to %d", o.Nodes, mostNodes)
	}
	l, err := lab.Up(ctx, o.spec(), lab.Options{})
	if err != nil {
		return nil, err
	}
	c := &Cluster{Lab: l, Kubeconfig: filepath.Join(l.Dir(), "kubeconfig"), o: o}
	if err := c.build(ctx); err != nil {
		err = fmt.Errorf("%w%s", err, c.said())
		down, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return nil, errors.Join(err, l.Down(down))
	}
	return c, nil
}

// build does what is left when the lab is up.
func (c *Cluster) build(ctx context.Context) error {
	for _, step := range []func(context.Context) error{c.makeKeys, c.open, c.startServer, c.awaitServer, c.startControllers, c.apply, c.startNodes, c.awaitNodes} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// said is the end of what the programs that have ended said, for an error.
func (c *Cluster) said() string {
	var out strings.Builder
	logs, err := filepath.Glob(filepath.Join(c.Dir(), "*.log"))
	if err != nil {
		return ""
	}
	for _, log := range logs {
		if !c.over(log) {
			continue
		}
		text, err := os.ReadFile(log)
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		fmt.Fprintf(&out, "\n%s:\n%s", filepath.Base(log), strings.Join(lines[max(0, len(lines)-10):], "\n"))
	}
	return out.String()
}

func (c *Cluster) makeKeys(context.Context) (err error) {
	if c.keys, err = newKeys(filepath.Join(c.Dir(), "keys")); err != nil {
		return err
	}
	first := netip.MustParsePrefix(services4).Addr().Next()
	first6 := netip.MustParsePrefix(services6).Addr().Next()
	return errors.Join(
		c.keys.server("apiserver", []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"},
			netip.AddrFrom4([4]byte{127, 0, 0, 1}), masterAddr(), masterAddr6(), first, first6),
		c.keys.client("admin", "lab-admin", "system:masters"),
		c.keys.client("kubelet-client", "lab-apiserver", "system:masters"),
		c.keys.client("agent", agentUser),
		c.keys.signer("accounts"))
}

// open makes the way in, and writes the kubeconfigs of both sides.
func (c *Cluster) open(ctx context.Context) error {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	inside := netip.AddrPortFrom(masterAddr(), securePort)
	outside := listener.Addr().(*net.TCPAddr).AddrPort()
	return errors.Join(
		c.Door(ctx, listener, masterAt, inside.String()),
		c.keys.kubeconfig(c.Kubeconfig, "admin", netip.AddrPortFrom(outside.Addr().Unmap(), outside.Port())),
		c.keys.kubeconfig(c.keys.path("admin.kubeconfig"), "admin", inside),
		c.keys.kubeconfig(c.keys.path("agent.kubeconfig"), "agent", inside))
}

func (c *Cluster) program(name string) string { return filepath.Join(c.o.Programs, name) }

// startServer starts etcd and the API server.
func (c *Cluster) startServer(ctx context.Context) error {
	store := filepath.Join(c.Dir(), "etcd-data")
	err := c.Start(ctx, lab.Program{Name: etcd, Where: masterAt, Argv: []string{
		c.program(etcd), "--name=lab", "--data-dir=" + store, "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
		"--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380", "--initial-cluster=lab=http://127.0.0.1:2380",
	}})
	if err != nil {
		return err
	}
	return c.Start(ctx, lab.Program{Name: apiServer, Where: masterAt, Argv: []string{
		c.program(apiServer), "--etcd-servers=http://127.0.0.1:2379",
		"--advertise-address=" + masterAddr().String(), fmt.Sprintf("--secure-port=%d", securePort),
		"--tls-cert-file=" + c.keys.path("apiserver.crt"), "--tls-private-key-file=" + c.keys.path("apiserver.key"),
		"--client-ca-file=" + c.keys.path("ca.crt"), "--authorization-mode=RBAC", "--allow-privileged",
		"--kubelet-client-certificate=" + c.keys.path("kubelet-client.crt"), "--kubelet-client-key=" + c.keys.path("kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=" + c.keys.path("accounts.key"),
		"--service-account-signing-key-file=" + c.keys.path("accounts.key"), "--service-cluster-ip-range=" + services4 + "," + services6,
	}})
}

// Kubectl runs kubectl with an input and returns what it prints.
func (c *Cluster) Kubectl(ctx context.Context, input []byte, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, c.program(kubectl), append([]string{"--kubeconfig", c.Kubeconfig, "--cache-dir", filepath.Join(c.Dir(), "kubectl-cache")}, args...)...)
	cmd.Stdin = bytes.NewReader(input)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", args[0], err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out.String(), nil
}

// await asks again and again, until something holds, and for so long at most as a busy machine may need, unless some program has ended.
func (c *Cluster) await(ctx context.Context, holds func() error) error {
	const patience, pause = 3 * time.Minute, 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := holds()
		if err == nil {
			return nil
		}
		if logs, _ := filepath.Glob(filepath.Join(c.Dir(), "*.log")); slices.ContainsFunc(logs, c.over) {
			return fmt.Errorf("what the cluster needs has ended: %w", err)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// over tells whether the program of a log has ended.
func (c *Cluster) over(log string) bool {
	_, err := os.Stat(c.PidFile(strings.TrimSuffix(filepath.Base(log), ".log")))
	return err != nil
}

// awaitServer waits until the API server answers.
func (c *Cluster) awaitServer(ctx context.Context) error {
	return c.await(ctx, func() error {
		_, err := c.Kubectl(ctx, nil, "get", "--raw", "/readyz")
		return err
	})
}

func (c *Cluster) startControllers(ctx context.Context) error {
	return c.Start(ctx, lab.Program{Name: controllers, Where: masterAt, Argv: []string{
		c.program(controllers), "--kubeconfig=" + c.keys.path("admin.kubeconfig"), "--root-ca-file=" + c.keys.path("ca.crt"),
	}})
}

// apply creates what was given.
func (c *Cluster) apply(ctx context.Context) error {
	if len(c.o.Manifests) == 0 {
		return nil
	}
	if _, err := c.Kubectl(ctx, nil, "create", "namespace", AgentNamespace); err != nil {
		return err
	}
	_, err := c.Kubectl(ctx, bytes.Join(c.o.Manifests, []byte("\n---\n")), "apply", "--server-side", "--namespace", AgentNamespace, "-f", "-")
	return err
}
