package enforce_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

func TestMain(m *testing.M) {
	lab.Main(&enforce.Applier{})
	if len(os.Args) > 1 && os.Args[1] == forgeCommand {
		os.Exit(forgeMain(os.Args[2:]))
	}
	os.Exit(isolated(m))
}

// isolated runs the tests with state directories apart from those of other labs of this user.
func isolated(m *testing.M) int {
	dir, err := os.MkdirTemp("/tmp", "lab")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_RUNTIME_DIR", dir)
	return m.Run()
}

// twoNodes are nodes with pods of both families: x/a and x/b on one, x/c and, with addresses outside of its node's prefixes, x/d
// on the other. There is no policy.
func twoNodes() []string {
	const nodes = `
node n1 addrs=192.168.0.1,fd01::1 cidrs=10.0.0.0/24,fd00::/64 from="Node n1",-,-
node n2 addrs=192.168.0.2,fd01::2 cidrs=10.0.2.0/24,fd00:0:0:2::/64 from="Node n2",-,-
`
	return []string{`pipeline node=n1` + nodes + `
endpoint x/a node=n1 addrs=10.0.0.5,fd00::5 from="Pod x/a",-,-
endpoint x/b node=n1 addrs=10.0.0.6,fd00::6 from="Pod x/b",-,-
remote x/c node=n2 addrs=10.0.2.7,fd00:0:0:2::7 from="Pod x/c",-,-
remote x/d node=n2 addrs=10.7.7.8,fd07::8 from="Pod x/d",-,-
`, `pipeline node=n2` + nodes + `
endpoint x/c node=n2 addrs=10.0.2.7,fd00:0:0:2::7 from="Pod x/c",-,-
endpoint x/d node=n2 addrs=10.7.7.8,fd07::8 from="Pod x/d",-,-
remote x/a node=n1 addrs=10.0.0.5,fd00::5 from="Pod x/a",-,-
remote x/b node=n1 addrs=10.0.0.6,fd00::6 from="Pod x/b",-,-
`}
}

func bringUp(t *testing.T, datapath lab.Datapath) *lab.Lab {
	t.Helper()
	var placed []*ir.Pipeline
	var program ir.Program
	for _, text := range twoNodes() {
		p, err := ir.ParsePipeline(text)
		require.NoError(t, err)
		placed = append(placed, p)
		program.Nodes, program.Endpoints = p.Nodes, append(program.Endpoints, p.Endpoints...)
	}
	spec := lab.FromProgram(&program, lab.OpenFlow)
	spec.Datapath = datapath
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	l, err := lab.Up(ctx, spec, lab.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Down(context.Background())) })
	loaded, err := enforce.Load(ctx, l, placed...)
	require.NoError(t, err)
	again, err := enforce.Load(ctx, l, placed...)
	require.NoError(t, err)
	require.Len(t, again, len(placed))
	for i, n := range again {
		require.Equal(t, loaded[i].Hash, n.Hash)
		require.False(t, n.Drifted)
	}
	return l
}

// place is a network stack of the lab and the link by which it is joined to the bridge.
type place struct {
	t     *testing.T
	l     *lab.Lab
	where string
	link  string
}

func (p place) run(argv ...string) string {
	p.t.Helper()
	var out bytes.Buffer
	status, err := p.l.Exec(context.Background(), p.where, argv, lab.Stdio{Out: &out, Err: &out})
	require.NoError(p.t, err)
	require.Zero(p.t, status, "%v: %s", argv, out.String())
	return out.String()
}

func (p place) mac() string {
	p.t.Helper()
	found := regexp.MustCompile(`link/ether (\S+)`).FindStringSubmatch(p.run("ip", "link", "show", p.link))
	require.NotNil(p.t, found)
	return found[1]
}

// knows is the MAC address in the place's neighbour table, "" if there is none.
func (p place) knows(a string) string {
	p.t.Helper()
	found := regexp.MustCompile(`lladdr (\S+)`).FindStringSubmatch(p.run("ip", "neigh", "show", a, "dev", p.link))
	if found == nil {
		return ""
	}
	return found[1]
}

// The counters of what came in, discarded messages too.
const (
	solicitations  = "Icmp6InType135"
	advertisements = "Icmp6InType136"
	multicasts     = "Ip6InMcastPkts" // to groups as well that the place has not joined
)

func (p place) count(counter string) int {
	p.t.Helper()
	found := regexp.MustCompile(`(?m)^` + counter + `\s+(\d+)$`).FindStringSubmatch(p.run("cat", "/proc/net/snmp6"))
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	require.NoError(p.t, err)
	return n
}

// reaches probes an address over ICMP.
func (p place) reaches(a string) {
	p.t.Helper()
	got, err := p.l.Probe(context.Background(), []lab.ProbeRequest{{From: p.where, To: netip.MustParseAddr(a), Port: lab.Port{Proto: lab.ICMP}}})
	require.NoError(p.t, err)
	require.Equal(p.t, lab.Allow, got[0].Verdict, "%s to %s: %s", p.where, a, got[0].Detail)
}

func TestNoPodSpeaksForAnother(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	noPodSpeaksForAnother(t, lab.Userspace)
}

func TestNoPodSpeaksForAnotherInTheKernel(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	if _, err := netlink.GenlFamilyGet("ovs_datapath"); err != nil {
		t.Skip("runs in make test-vm") // this kernel has no openvswitch module
	}
	noPodSpeaksForAnother(t, lab.Kernel)
}

// noPodSpeaksForAnother: pods and their node find each other for both families, and neighbour discovery that a pod forges
// changes nobody's neighbour table.
func noPodSpeaksForAnother(t *testing.T, datapath lab.Datapath) {
	const solicitation, advertisement = 135, 136
	l := bringUp(t, datapath)
	node := place{t, l, "node/n1", "hg-gw"}
	a, b := place{t, l, "pod/x/a", "eth0"}, place{t, l, "pod/x/b", "eth0"}
	others := []string{"10.0.0.6", "fd00::6", "10.0.2.7", "fd00:0:0:2::7", "10.7.7.8", "fd07::8"}
	for _, to := range others {
		a.reaches(to)
		node.reaches(to)
	}
	for _, to := range []string{"10.0.0.1", "fd00::1", "192.168.0.1", "fd01::1"} {
		b.reaches(to)
	}
	for _, to := range []string{"10.0.0.5", "fd00::5"} {
		b.reaches(to)
		place{t, l, "pod/x/c", "eth0"}.reaches(to)
		place{t, l, "pod/x/d", "eth0"}.reaches(to)
		place{t, l, "node/n2", "hg-gw"}.reaches(to)
	}
	router := node.mac()
	require.Equal(t, router, a.knows("fd00::1"))
	require.Equal(t, router, b.knows("fd00::1"))
	require.Equal(t, b.mac(), node.knows("fd00::6"))
	require.Empty(t, a.knows("fd00::6"), "pods are no neighbours")

	program, err := os.Executable()
	require.NoError(t, err)
	// forge has pod a send from its own address, with its MAC in the option, and waits until the receiver counts it.
	forge := func(receiver place, counter string, kind int, dst, target string) {
		t.Helper()
		before := receiver.count(counter)
		a.run(program, forgeCommand, strconv.Itoa(kind), a.mac(), router, "fd00::5", dst, target, a.mac())
		require.Eventually(t, func() bool { return receiver.count(counter) > before }, 20*time.Second, 50*time.Millisecond)
	}
	// what is true arrives
	forge(node, advertisements, advertisement, "fd00::1", "fd00::5")
	require.Equal(t, a.mac(), node.knows("fd00::5"))
	// what is not arrives too, but is not believed: that b is at a's MAC, or that the router is
	forge(node, advertisements, advertisement, "fd00::1", "fd00::6")
	require.Equal(t, b.mac(), node.knows("fd00::6"))
	forge(b, advertisements, advertisement, "fd00::6", "fd00::1")
	require.Equal(t, router, b.knows("fd00::1"))
	// nor does b learn who asks, or is asked by all; the node may have its own reason to ask b alone, whether it is still there
	forge(b, solicitations, solicitation, "fd00::6", "fd00::6")
	require.Empty(t, b.knows("fd00::5"))
	asked := b.count(multicasts)
	forge(node, multicasts, solicitation, "ff02::1:ff00:6", "fd00::6")
	require.Equal(t, asked, b.count(multicasts))
	a.reaches("fd00::6")
	node.reaches("fd00::6")
}

// forgeCommand makes this program send one message of neighbour discovery: TYPE SOURCE-MAC DEST-MAC SOURCE DEST TARGET
// OPTION-MAC.
const forgeCommand = "forge-neighbour-discovery"

func forgeMain(args []string) int {
	if err := forge(args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func forge(args []string) error {
	kind, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	link, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	frame, err := discoveryFrame(byte(kind), args[1:])
	if err != nil {
		return err
	}
	return sendFrame(link.Index, frame)
}
