package iproute_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/iproute"
)

// keeperEnv makes the test binary load what standard input says into the namespace of file descriptor 3, and keep it.
const keeperEnv = "HEADGATE_TEST_KEEPER"

func TestMain(m *testing.M) {
	if text := os.Getenv(keeperEnv); text != "" {
		keep(text)
		return
	}
	os.Exit(m.Run())
}

func keep(text string) {
	d := iproute.InNetNS(3, iproute.Options{Lifetime: 2 * time.Second})
	var report diag.Report
	p, err := parsePipeline(text)
	if err == nil {
		_, err = agent.Reconcile(context.Background(), d, target.Generate(p, &report))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("loaded")
	d.Keep(context.Background())
}

// lone is a node with its own address on a veth whose other end is down the hall.
func lone(t testing.TB) *namespace {
	n := newNamespace(t)
	n.sh(strict + "ip link add eth0 type veth peer name other; ip addr add 192.168.7.1/24 dev eth0; ip addr add fd07::1/64 dev eth0; ip link set eth0 up; ip link set other up")
	return n
}

// Lines of a Pipeline of n1, without tags: this machine's kernel may have no VLANs.
const all = `inside 10.0.0.0/8,192.168.7.0/24,fd00::/8
holding 172.18.181.40 node=n1 subnet=172.18.181.1/24/0 from="ExternalIPPool other",-,-
holding 192.0.2.200 node=n1 from="ExternalIPPool plain",-,-
holding 192.0.2.201 node=n1 static=yes from="Egress fixed",-,-
holding fd18:b5::40 node=n1 subnet=fd18:b5::1/64/0 from="ExternalIPPool other",-,-
snat other ipv4=172.18.181.40 node=n1 sources=10.0.1.5,10.0.2.9 from="Egress other",-,-
snat plain ipv4=192.0.2.200 node=n1 sources=10.0.1.6 from="Egress plain",-,-
snat away ipv4=192.0.2.203 node=n2 sources=10.0.1.7 from="Egress away",-,-
snat away ipv6=2001:db8::9 node=n2 sources=fd00:1::5 from="Egress away",-,-`

// foreign is what others have on a node: some of it close to what is ours.
const foreign = `ip link add hg-dns type bridge; ip link set hg-dns up
ip link add vxlan0 type vxlan id 26727 dstport 4789 local 192.168.7.1 nolearning; ip link set vxlan0 up
bridge fdb add 02:00:00:00:00:09 dev vxlan0 dst 192.168.7.9
ip addr add 192.0.2.77/32 dev eth0; ip addr add 192.168.7.50/24 dev eth0 valid_lft 500 preferred_lft 500
ip route add 198.51.100.0/24 via 192.168.7.9; ip route add 198.51.100.0/24 via 192.168.7.9 table 77
ip -6 route add 2001:db8:77::/48 via fd07::9 table 77
ip rule add fwmark 0x80000000/0xff800000 lookup 77 priority 8669; ip rule add fwmark 0x80000000/0xff800000 lookup 77 priority 8670
ip -6 rule add from 2001:db8:77::/48 lookup 77
ip neigh add 192.168.7.99 lladdr 02:00:00:00:00:01 nud permanent dev eth0`

// dump is all that a node's stack has, without times and what the kernel learns.
const dump = `ip -o link | sed 's/qdisc.*//'; ip -o addr | grep -v fe80 | sed 's/ *valid_lft.*//'; ip route show table all | grep -v fe80
ip -6 route show table all | grep -v 'fe80\|ff00'; ip rule; ip -6 rule; ip neigh show nud permanent; bridge fdb | grep vxlan0 || true`

// What was there before is there at any time; what is ours is there, read back as it was generated, and gone when nothing is wanted.
func TestOnlyOursIsTouched(t *testing.T) {
	n := lone(t)
	n.sh(foreign)
	before := n.sh(dump)
	d := n.plane(iproute.Options{})
	require.Empty(t, observed(t, d).Objects)
	want := generate(t, placed("n1", all))
	require.True(t, load(t, d, want).Applied)
	require.Equal(t, artifact.Text(want), strings.Replace(artifact.Text(observed(t, d)), "for node ", "for node n1", 1))
	now := n.sh(dump)
	for _, line := range strings.Split(before, "\n") {
		require.Contains(t, now, line)
	}
	require.True(t, load(t, d, artifact.Artifact{Target: target.Target}).Applied)
	require.Equal(t, before, n.sh(dump))
}

// A new Dataplane, as after a new start of the agent, finds all as it was left.
func TestNothingIsForgotten(t *testing.T) {
	n := lone(t)
	want := generate(t, placed("n1", all))
	load(t, n.plane(iproute.Options{}), want)
	result, err := agent.Reconcile(context.Background(), n.plane(iproute.Options{}), want)
	require.NoError(t, err)
	require.False(t, result.Applied || result.Drifted)
	load(t, n.plane(iproute.Options{}), artifact.Artifact{Target: target.Target})
	require.NotContains(t, n.sh(dump+"\nip link"), "hg-")
}

// An edit changes what it is about: the device stays the same one, and so does all else.
func TestEditsAreSmall(t *testing.T) {
	n := lone(t)
	d := n.plane(iproute.Options{})
	load(t, d, generate(t, placed("n1", all)))
	before := strings.Split(n.sh(dump), "\n")
	less := strings.Replace(all, "snat plain ipv4=192.0.2.200", "snat plain ipv4=192.0.2.210", 1)
	less = strings.Replace(less, "holding 192.0.2.200 node=n1", "holding 192.0.2.210 node=n1", 1)
	lines := strings.Split(less, "\n")
	lines[2], lines[3] = lines[3], lines[2]
	result := load(t, d, generate(t, placed("n1", strings.Join(lines, "\n"))))
	require.Equal(t, "1 object modified; 1 item added, 1 deleted", result.Changes.String())
	after := n.sh(dump)
	for _, line := range before {
		if !strings.Contains(line, "192.0.2.200") && !strings.Contains(line, "blackhole") {
			require.Contains(t, after, line)
		}
	}
	require.NotContains(t, after, "192.0.2.200")
	require.Contains(t, after, "192.0.2.210")
}

// Whatever others change of ours is found, named and repaired.
func TestDrift(t *testing.T) {
	n := lone(t)
	d := n.plane(iproute.Options{})
	want := generate(t, placed("n1", all))
	load(t, d, want)
	table := ""
	for _, o := range want.Objects {
		if strings.HasPrefix(o.Key, "table ") {
			table = strings.TrimPrefix(o.Key, "table ")
		}
	}
	for _, change := range []string{
		"ip link del hg-egress",
		"ip link set hg-egress down",
		"ip addr del 192.0.2.200/32 dev eth0",
		"ip addr add 10.1.1.1/24 dev hg-egress",
		"ip -6 addr del fd18:b5::40/128 dev eth0",
		"ip route flush table " + table,
		"ip route add 198.51.100.0/24 dev eth0 table " + table,
		"ip route add blackhole 198.51.100.0/24 metric 7 proto 104",
		"ip rule del priority 8670",
		"ip rule add from 198.51.100.0/24 lookup " + table + " priority 5",
		"ip rule add fwmark 5 lookup 9 protocol 104",
		"ip neigh flush dev hg-egress nud permanent",
		"ip neigh replace 192.168.7.2 lladdr 02:00:00:00:00:01 nud permanent dev hg-egress",
		"bridge fdb replace $(bridge fdb show dev hg-egress | cut -d' ' -f1) dev hg-egress dst 192.168.7.77",
		"bridge fdb add 02:00:00:00:00:07 dev hg-egress dst 192.168.7.77",
		"echo 0 > /proc/sys/net/ipv4/conf/hg-egress/rp_filter",
	} {
		n.sh(change)
		result := load(t, d, want)
		require.True(t, result.Applied && result.Drifted, change)
		require.NotEmpty(t, result.Drift.Changes, change)
	}
}

// What cannot be done leaves nothing behind, and says where it was asked for. This node's own address is on a device that takes no VLAN.
func TestFailuresAreUndone(t *testing.T) {
	n := lone(t)
	n.sh(foreign)
	d := n.plane(iproute.Options{})
	first := generate(t, placed("n1", all))
	load(t, d, first)
	before := n.sh(dump)
	// The last thing to be added is refused: somebody else has the address.
	text := strings.Replace(all, "holding 192.0.2.200 node=n1", "holding 192.0.2.77 node=n1", 1) + "\nsnat other6 ipv6=fd18:b5::40 node=n1 sources=fd00:2::6 from=\"Egress other6\",-,-"
	text = strings.Replace(text, "ipv4=192.0.2.200 node=n1", "ipv4=192.0.2.77 node=n1", 1)
	lines := strings.Split(text, "\n")
	last := len(lines) - 1
	lines[last], lines[last-1] = lines[last-1], lines[last]
	err := applied(d, generate(t, placed("n1", lines...)))
	var refused *agent.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "ExternalIPPool plain", refused.Refusals[0].Origins[0].Object)
	require.ErrorContains(t, err, "eth0 has the address already")
	require.Equal(t, before, n.sh(dump))
	state, err := d.Observe(context.Background())
	require.NoError(t, err)
	require.Equal(t, artifact.Generation(first), state.Generation)
}

func applied(d *iproute.Dataplane, want artifact.Artifact) error {
	_, err := agent.Reconcile(context.Background(), d, want)
	return err
}

// The script makes what Apply makes, but for the tunnel's MTU, and ip of Debian 12 does not say of addresses whose they are.
func TestScript(t *testing.T) {
	want := generate(t, placed("n1", all))
	loaded, scripted := lone(t), lone(t)
	load(t, loaded.plane(iproute.Options{}), want)
	out, err := scripted.try(target.Script(want))
	require.NoError(t, err, out)
	require.Contains(t, loaded.sh(dump), "hg-egress: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450")
	require.Equal(t, loaded.sh(dump), strings.Replace(scripted.sh(dump), "hg-egress: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500", "hg-egress: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450", 1))
	state, err := scripted.plane(iproute.Options{}).Observe(context.Background())
	require.NoError(t, err)
	require.Equal(t, artifact.Generation(want), state.Generation)
}

// Addresses stay while the process runs, go after it was killed, and come back with the next one.
func TestKilledProcessLosesItsAddresses(t *testing.T) {
	n := lone(t)
	text := placed("n1", all)
	start := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), keeperEnv+"="+text)
		cmd.ExtraFiles = []*os.File{n.file}
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		t.Cleanup(func() { cmd.Process.Kill() })
		line := make([]byte, 200)
		k, _ := out.Read(line)
		require.Equal(t, "loaded\n", string(line[:k]))
		return cmd
	}
	held := func() int {
		return strings.Count(n.sh("ip -o addr"), "192.0.2.200/") + strings.Count(n.sh("ip -o addr"), "fd18:b5::40/")
	}
	cmd := start()
	for deadline := time.Now().Add(4 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		require.Equal(t, 2, held(), "twice as long as they would stay by themselves")
	}
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool { return held() == 0 }, 20*time.Second, 50*time.Millisecond)
	require.Contains(t, n.sh("ip addr show hg-egress"), "127.104.0.1", "what nobody else can have stays")
	start()
	require.Equal(t, 2, held())
}

// An address that goes while it is kept is told.
func TestKeepTells(t *testing.T) {
	n := lone(t)
	d := n.plane(iproute.Options{Lifetime: time.Second})
	load(t, d, generate(t, placed("n1", all)))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go d.Keep(ctx)
	n.sh("ip addr del 192.0.2.200/32 dev eth0")
	select {
	case <-d.Changes():
	case <-time.After(10 * time.Second):
		require.Fail(t, "nothing was said")
	}
}

// What fits into the tunnel follows the interface below it.
func TestTunnelFollowsMTU(t *testing.T) {
	n := lone(t)
	d := n.plane(iproute.Options{Lifetime: time.Second})
	load(t, d, generate(t, placed("n1", all)))
	require.Contains(t, n.sh("ip link show hg-egress"), "mtu 1450 ")
	n.sh("ip link set eth0 mtu 1400")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go d.Keep(ctx)
	require.Eventually(t, func() bool { return strings.Contains(n.sh("ip link show hg-egress"), "mtu 1350 ") }, 10*time.Second, 20*time.Millisecond)
}

// A node without the address that it should have is no node to hold others.
func TestNoTransport(t *testing.T) {
	n := newNamespace(t)
	err := applied(n.plane(iproute.Options{}), generate(t, placed("n1", all)))
	require.ErrorContains(t, err, "no interface has an address of this node")
	require.False(t, errors.Is(err, context.Canceled))
}
