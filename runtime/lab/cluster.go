package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Applier loads rules on a lab's nodes. It lives in the supervisor, from the first call to the lab's end, and so may keep
// state between calls, which come one at a time. Programs that it starts stay in the supervisor's session. Payload and answer
// are its own business. If it is an io.Closer, too, it is closed when the lab ends, before the lab's programs are.
type Applier interface {
	Apply(ctx context.Context, cluster Cluster, payload json.RawMessage) (json.RawMessage, error)
}

// Cluster is what an Applier gets to work on.
type Cluster struct {
	Target Target
	Dir    string          // the lab's state directory, where files may be kept for as long as the lab lives; see Lab.Dir
	Nodes  []*NodeHandle   // in the order of the Spec, then the hosts that are machines
	Done   <-chan struct{} // closed when the lab ends
}

// NodeHandle gives an Applier access to one node, or to a host under its name as a machine.
type NodeHandle struct {
	Name string

	ns  *netNS
	ovs *OVS
}

// NetNS returns a file descriptor of the node's network namespace. It stays open and belongs to the lab.
func (n *NodeHandle) NetNS() int { return n.ns.fd() }

// Do runs fn on a thread that is in the node's network namespace. Sockets that fn opens and processes that it starts belong to
// the node.
func (n *NodeHandle) Do(fn func() error) error { return n.ns.do(fn) }

// OVS tells where the node's Open vSwitch is; nil unless the target is openflow, and for hosts.
func (n *NodeHandle) OVS() *OVS { return n.ovs }

// OVS locates one Open vSwitch instance. Its tools find it when the environment has Env.
type OVS struct {
	RunDir   string // the directory of its sockets and pid files
	DBSocket string // path of ovsdb-server's unix socket
	Bridge   string // the integration bridge; its OpenFlow socket is RunDir/Bridge.mgmt
}

// Env returns the environment variables that make ovs-vsctl, ovs-ofctl and ovs-appctl talk to this instance.
func (o *OVS) Env() []string {
	return []string{"OVS_RUNDIR=" + o.RunDir, "OVS_DBDIR=" + o.RunDir, "OVS_LOGDIR=" + o.RunDir}
}

// cluster is the lab as its supervisor holds it. It does not change after build, but for the listeners, and for what comes and goes: that
// is changed under both locks, and read under one of them.
type cluster struct {
	boot     boot
	dir      string // the state directory
	children *processes
	applier  Applier
	applying sync.Mutex
	done     <-chan struct{}

	home      *os.File // the supervisor's own network namespace: the fabric
	names     bool     // namespaces get names under namesDir
	spaces    map[string]*netNS
	underlay  []*member
	nodes     []*NodeHandle
	listeners *listeners
	control   *net.UnixListener
	ports     sourcePorts

	changing sync.Mutex   // held while a pod comes or goes
	mu       sync.RWMutex // never for long: spaces, the Spec's pods, running
	running  map[int]string
	detached atomic.Bool // the lab outlives its parent
}

// build makes everything.
func (c *cluster) build() error {
	names, err := privateMounts(c.dir)
	if err != nil {
		return err
	}
	c.names = names
	unix.Sethostname([]byte("headgate-lab-" + c.boot.Spec.Name))
	if c.home, err = os.Open(threadNetNS); err != nil {
		return err
	}
	if err := c.makeSpaces(); err != nil {
		return err
	}
	if err := c.buildUnderlay(); err != nil {
		return err
	}
	if err := c.buildPods(); err != nil {
		return err
	}
	c.listeners = newListeners(c)
	if err := c.listeners.openDeclared(c.boot.Ports); err != nil {
		return err
	}
	return c.listen()
}

// workers is how many namespaces are set up at a time: most of the time goes by inside the kernel, under one lock.
func workers() int { return 2 * runtime.GOMAXPROCS(0) }

// parallel calls fn for 0 to n-1, several at a time, and returns the first error.
func parallel(n int, fn func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(workers())
	for i := range n {
		group.Go(func() error { return fn(i) })
	}
	return group.Wait()
}

// places returns every place of the lab, nodes first.
func (c *cluster) places() []string {
	var places []string
	spec := &c.boot.Spec
	for i := range spec.Nodes {
		places = append(places, spec.Nodes[i].Where())
	}
	for i := range spec.Hosts {
		places = append(places, spec.Hosts[i].Where())
	}
	for i := range spec.Pods {
		places = append(places, spec.Pods[i].Where())
	}
	return places
}

func (c *cluster) makeSpaces() error {
	places := c.places()
	made := make([]*netNS, len(places))
	err := parallel(len(places), func(i int) (err error) {
		made[i], err = newNetNS(places[i], c.home, prepareNetNS)
		if err == nil && c.names {
			err = made[i].publish(namesDir)
		}
		return err
	})
	if err != nil {
		return err
	}
	c.spaces = make(map[string]*netNS, len(made))
	c.running = map[int]string{}
	for _, n := range made {
		c.spaces[n.where] = n
	}
	for i := range c.boot.Spec.Nodes {
		n := &c.boot.Spec.Nodes[i]
		handle := &NodeHandle{Name: n.Name, ns: c.spaces[n.Where()]}
		if c.boot.Spec.Target == OpenFlow {
			handle.ovs = ovsAt(filepath.Join(c.dir, runDir, fmt.Sprintf("n%d", i)))
		}
		c.nodes = append(c.nodes, handle)
	}
	for i := range c.boot.Spec.Hosts {
		if h := &c.boot.Spec.Hosts[i]; h.Machine != "" {
			c.nodes = append(c.nodes, &NodeHandle{Name: h.Machine, ns: c.spaces[h.Where()]})
		}
	}
	return nil
}

// space returns the namespace of a place.
func (c *cluster) space(where string) (*netNS, error) {
	c.mu.RLock()
	n, ok := c.spaces[where]
	c.mu.RUnlock()
	if !ok {
		return nil, fmt.Errorf("%w: %q (want node/NAME, pod/NAMESPACE/NAME or host/NAME)", ErrNoPlace, where)
	}
	return n, nil
}

// env returns the environment of a program that runs at a place.
func (c *cluster) env(where string, extra []string) []string {
	env := slices.DeleteFunc(os.Environ(), func(s string) bool { return len(s) >= 4 && s[:4] == "OVS_" })
	env = append(env, "HEADGATE_LAB="+c.boot.Spec.Name, "HEADGATE_LAB_PLACE="+where)
	for _, n := range c.nodes {
		if n.ns.where == where && n.ovs != nil {
			env = append(env, n.ovs.Env()...)
		}
	}
	return append(env, extra...)
}

var errNoApplier = errors.New("this program cannot apply rules in a lab: it gave lab.Main no applier")

func (c *cluster) apply(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	if c.applier == nil {
		return nil, errNoApplier
	}
	c.applying.Lock()
	defer c.applying.Unlock()
	return c.applier.Apply(ctx, Cluster{Target: c.boot.Spec.Target, Dir: c.dir, Nodes: c.nodes, Done: c.done}, payload)
}

// addrsOf returns the addresses of one family.
func addrsOf(addrs []netip.Addr, is4 bool) []netip.Addr {
	var of []netip.Addr
	for _, a := range addrs {
		if a.Is4() == is4 {
			of = append(of, a)
		}
	}
	return of
}
