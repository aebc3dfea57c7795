package lab

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// The bridges and ports of an openflow node. The userspace datapath's tunnels leave through a bridge, so the node's underlay
// link is a port of one, and the node's underlay address is on that bridge's own interface.
const (
	physBridge  = "br-phy"
	intBridge   = "br-int" // pods; secure: nothing passes but by flows
	gatewayPort = "hg-gw"  // internal; the node's way to its pods
	tunnelPort  = "hg-tun" // geneve; destination and key are set by flows

	gatewayID = "gateway" // external_ids:iface-id of the ports above; a pod's is NAMESPACE/NAME
	tunnelID  = "tunnel"
)

func ovsAt(dir string) *OVS {
	return &OVS{RunDir: dir, DBSocket: filepath.Join(dir, "db.sock"), Bridge: intBridge}
}

// tunDevice is where the userspace datapath gets the interfaces of its bridges and internal ports.
const tunDevice = "/dev/net/tun"

// checkDatapath tells what the machine lacks for a datapath.
func checkDatapath(d Datapath) error {
	if d == Kernel {
		if _, err := netlink.GenlFamilyGet("ovs_datapath"); err != nil {
			return errors.New("this kernel has no Open vSwitch datapath: load its module (modprobe openvswitch), or use the userspace datapath")
		}
		return nil
	}
	if err := unix.Access(tunDevice, unix.R_OK|unix.W_OK); err != nil {
		return fmt.Errorf("an openflow lab needs %s: %w (use root, or a system on which everybody may open it)", tunDevice, err)
	}
	return nil
}

// startSwitch starts the Open vSwitch of a member that has one, and makes its bridges.
func (c *cluster) startSwitch(m *member) error {
	if !m.isSwitched() {
		return nil
	}
	if m.host != nil {
		return c.startHostOVS(m)
	}
	n, datapath := c.nodes[m.index], cmp.Or(c.boot.Spec.Datapath, Userspace)
	if err := checkDatapath(datapath); err != nil {
		return err
	}
	if err := c.startDaemons(n); err != nil {
		return err
	}
	return c.vsctl(n, append(physArgs(m, datapath), intArgs(m.node, datapath)...)...)
}

// startDaemons starts an Open vSwitch that has no bridge yet.
func (c *cluster) startDaemons(n *NodeHandle) error {
	if err := os.Mkdir(n.ovs.RunDir, 0o700); err != nil {
		return err
	}
	db := filepath.Join(n.ovs.RunDir, "conf.db")
	if err := c.runOVS(n, "ovsdb-tool", "create", db, schemaPath()); err != nil {
		return err
	}
	if err := c.startDaemon(n, "ovsdb-server", "--remote=punix:"+n.ovs.DBSocket, db); err != nil {
		return err
	}
	if err := awaitSocket(n.ovs.DBSocket); err != nil {
		return fmt.Errorf("ovsdb-server: %w", err)
	}
	// What changes is in force once the switch has looked its cached flows up anew: every 100 ms instead of 500, its least.
	if err := c.vsctl(n, "--no-wait", "init", "--", "set", "Open_vSwitch", ".", "other_config:max-revalidator=100"); err != nil {
		return err
	}
	return c.startDaemon(n, "ovs-vswitchd", "unix:"+n.ovs.DBSocket)
}

// physArgs makes the bridge of the underlay.
func physArgs(m *member, datapath Datapath) []string {
	return []string{
		"add-br", physBridge, "--",
		"set", "bridge", physBridge, "datapath_type=" + string(datapath), "fail_mode=standalone", hwaddr(m.mac), "--",
		"add-port", physBridge, eth0,
	}
}

// intArgs makes the integration bridge.
func intArgs(node *Node, datapath Datapath) []string {
	gatewayMAC := node.gatewayMAC()
	return []string{"--",
		"add-br", intBridge, "--",
		"set", "bridge", intBridge, "datapath_type=" + string(datapath), "fail_mode=secure",
		"protocols=OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15", "--",
		"add-port", intBridge, gatewayPort, "--",
		"set", "interface", gatewayPort, "type=internal", fmt.Sprintf("mac=%q", gatewayMAC),
		fmt.Sprintf("mtu_request=%d", tunnelMTU), externalID("iface-id", gatewayID), externalID("attached-mac", gatewayMAC.String()), "--",
		"add-port", intBridge, tunnelPort, "--",
		"set", "interface", tunnelPort, "type=geneve", "options:remote_ip=flow", "options:key=flow", externalID("iface-id", tunnelID),
	}
}

func hwaddr(mac net.HardwareAddr) string { return fmt.Sprintf(`other_config:hwaddr=%q`, mac) }

func externalID(key, value string) string { return fmt.Sprintf("external_ids:%s=%q", key, value) }

// plugPods adds the pods' links to the integration bridge.
func (c *cluster) plugPods(n *NodeHandle, pods []*Pod) error {
	if len(pods) == 0 {
		return nil
	}
	var args []string
	for _, p := range pods {
		link := podLink(p)
		args = append(args, "--", "add-port", intBridge, link, "--",
			"set", "interface", link, externalID("iface-id", p.String()), externalID("attached-mac", macFor(p.Addrs).String()))
	}
	return c.vsctl(n, args[1:]...)
}

// bridgeMAC is the link address of what lies beyond a node's gateway port and is none of its own pods; see openflow.RouterMAC.
func bridgeMAC() net.HardwareAddr { return net.HardwareAddr{0x02, 0x48, 0x47, 0, 0, 1} }

// routePodsBySwitch routes all pods, the node's own and others', through the node's gateway port. There the bridge is to answer
// for IPv4 addresses, and the node's pods for theirs of IPv6; for other nodes' IPv6 pods nobody does.
func (l *links) routePodsBySwitch(m *member, members []*member, strays []stray) {
	dev := l.index(gatewayPort)
	l.up(dev)
	for _, is4 := range []bool{true, false} {
		l.address(dev, hostPrefix(m.node.gateway(is4)))
	}
	for _, prefix := range m.node.PodCIDRs {
		l.address(dev, hostPrefix(firstAddr(prefix)))
		l.direct(dev, prefix, firstAddr(prefix))
	}
	for _, o := range members {
		if o == m || o.node == nil {
			continue
		}
		for _, prefix := range o.node.PodCIDRs {
			first := firstAddr(prefix)
			l.viaFrom(dev, prefix, first, m.ownSource(first.Is4()))
			if first.Is6() {
				l.neighbour(dev, first, bridgeMAC())
			}
		}
	}
	for _, s := range strays {
		l.direct(dev, hostPrefix(s.addr), m.ownSource(s.addr.Is4()))
		if s.addr.Is6() && members[s.node] != m {
			l.neighbour(dev, s.addr, bridgeMAC())
		}
	}
}

// ownSource returns the address from which an openflow node talks to pods: one that every node's bridge or kernel can send the
// answer back to. It is invalid if there is none.
func (m *member) ownSource(is4 bool) netip.Addr {
	for _, prefix := range m.node.PodCIDRs {
		if prefix.Addr().Is4() == is4 {
			return firstAddr(prefix)
		}
	}
	if own := addrsOf(m.addrs, is4); len(own) > 0 {
		return own[0]
	}
	return netip.Addr{}
}

// schemaPath returns the path of Open vSwitch's database schema.
func schemaPath() string {
	dir := os.Getenv("OVS_PKGDATADIR")
	if dir == "" {
		dir = "/usr/share/openvswitch"
	}
	return filepath.Join(dir, "vswitch.ovsschema")
}

// startDaemon starts an Open vSwitch daemon in the foreground of the supervisor, in the node's namespace.
func (c *cluster) startDaemon(n *NodeHandle, name string, args ...string) error {
	cmd, err := c.ovsCommand(n, name, append([]string{"--pidfile", "--log-file", "-vconsole:off", "-vsyslog:off"}, args...))
	if err != nil {
		return err
	}
	if err := n.Do(func() error { return c.children.start(cmd) }); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	go c.children.wait(cmd) // its end shows in what depends on it
	return nil
}

// ovsCommand finds a program of Open vSwitch and prepares it for a node's instance.
func (c *cluster) ovsCommand(n *NodeHandle, name string, args []string) (*exec.Cmd, error) {
	path, err := findProgram(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Env = c.env(n.ns.where, n.ovs.Env())
	cmd.Dir = n.ovs.RunDir
	return cmd, nil
}

// findProgram looks in PATH and then where distributions put the system's own programs, which a user's PATH may lack.
func findProgram(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w (for an openflow lab install Open vSwitch: apt-get install openvswitch-switch)", err)
}

func (c *cluster) vsctl(n *NodeHandle, args ...string) error {
	return c.runOVS(n, "ovs-vsctl", append([]string{"--timeout=120", "--db=unix:" + n.ovs.DBSocket}, args...)...)
}

// runOVS runs a program to its end. ovs-vsctl reports a port that the switch cannot make in words only, with status 0.
func (c *cluster) runOVS(n *NodeHandle, name string, args ...string) error {
	cmd, err := c.ovsCommand(n, name, args)
	if err != nil {
		return err
	}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := n.Do(func() error { return c.children.start(cmd) }); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	err = c.children.wait(cmd)
	if err == nil && bytes.Contains(output.Bytes(), []byte("Error detected")) {
		err = errors.New("the switch could not make a port")
		output.WriteString(warnings(filepath.Join(n.ovs.RunDir, "ovs-vswitchd.log")))
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(output.Bytes()))
	}
	return nil
}

// warnings returns the last warnings of a daemon's log.
func warnings(path string) string {
	const most = 10
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(s string) bool {
		return !strings.Contains(s, "|WARN|") && !strings.Contains(s, "|ERR|")
	})
	return strings.Join(lines[max(0, len(lines)-most):], "")
}

// awaitSocket waits until a daemon listens on its socket.
func awaitSocket(path string) error {
	const patience, pause = 20 * time.Second, 5 * time.Millisecond
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(pause) {
		conn, err := net.Dial("unix", path)
		if err == nil {
			return conn.Close()
		}
		last = err
	}
	return last
}
