package iproute_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/iproute"
)

// tagged is what a node holds in two VLANs, one of them without IPv4.
const tagged = `inside 10.0.0.0/8,192.168.7.0/24,fd00::/8
holding 172.18.181.40 node=n1 subnet=172.18.181.1/24/181 from="ExternalIPPool vlan",spec.subnetInfo,pool.yaml:9:5
holding 172.18.181.41 node=n1 subnet=172.18.181.1/24/181 from="ExternalIPPool vlan",spec.subnetInfo,pool.yaml:9:5
holding fd18:b6::40 node=n1 subnet=fd18:b6::1/64/182 from="ExternalIPPool six",-,-
snat other ipv4=172.18.181.40 node=n1 sources=10.0.1.5 from="Egress other",-,-
snat other ipv6=fd18:b6::40 node=n1 sources=fd00:1::5 from="Egress other",-,-`

// withoutIt is tagged without the address that was there first.
func withoutIt() string {
	text := strings.Replace(tagged, "holding 172.18.181.40 node=n1 subnet=172.18.181.1/24/181 from=\"ExternalIPPool vlan\",spec.subnetInfo,pool.yaml:9:5\n", "", 1)
	return strings.Replace(text, "ipv4=172.18.181.40", "ipv4=172.18.181.41", 1)
}

// checkVLANs loads tagged, takes an address away, and then everything.
func checkVLANs(t *testing.T, n *namespace, d *iproute.Dataplane) {
	before := n.sh(dump)
	want := generate(t, placed("n1", tagged))
	load(t, d, want)
	require.Equal(t, artifact.Text(want), strings.Replace(artifact.Text(observed(t, d)), "for node ", "for node n1", 1))
	require.Contains(t, n.sh("ip addr show hg-ext.181"), "172.18.181.40/24")
	result := load(t, d, generate(t, placed("n1", withoutIt())))
	require.Zero(t, result.Changes.ObjectsReplaced)
	addrs := n.sh("ip addr show hg-ext.181")
	require.NotContains(t, addrs, "172.18.181.40/")
	require.Contains(t, addrs, "172.18.181.41/24")
	n.sh("ip link set hg-ext.182 down")
	require.True(t, load(t, d, generate(t, placed("n1", withoutIt()))).Drifted)
	load(t, d, artifact.Artifact{Target: target.Target})
	require.Equal(t, before, n.sh(dump))
}

// vswitch starts an Open vSwitch in the namespace, with the namespace's own address on the bridge.
func vswitch(t *testing.T, n *namespace) (socket string) {
	dir, err := os.MkdirTemp("", "hg-ovs") // paths of sockets must be short
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "db.sock")
	daemon := func(name string, args ...string) {
		cmd := exec.Command("nsenter", append([]string{"--net=/proc/self/fd/3", name}, args...)...)
		cmd.ExtraFiles = []*os.File{n.file}
		cmd.Env = append(os.Environ(), "OVS_RUNDIR="+dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		require.NoError(t, cmd.Start())
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
	}
	n.sh("ovsdb-tool create " + dir + "/conf.db /usr/share/openvswitch/vswitch.ovsschema")
	daemon("ovsdb-server", dir+"/conf.db", "--remote=punix:"+socket)
	require.Eventually(t, func() bool { _, err := os.Stat(socket); return err == nil }, 20*time.Second, 5*time.Millisecond)
	n.sh("ovs-vsctl --db=unix:" + socket + " --no-wait init")
	daemon("ovs-vswitchd", "unix:"+socket)
	n.sh("ovs-vsctl --timeout=20 --db=unix:" + socket + " add-br br-phy -- set bridge br-phy datapath_type=netdev; ip addr add 192.168.7.1/24 dev br-phy; ip link set br-phy up")
	return socket
}

// Where the node's own address is on a bridge of Open vSwitch, VLANs are ports of that bridge.
func TestVLANsOfOpenVSwitch(t *testing.T) {
	n := newNamespace(t)
	socket := vswitch(t, n)
	checkVLANs(t, n, n.plane(iproute.Options{VLANs: ovs.NewVLANs(socket)}))
}

// A kernel without VLANs, as this machine's may be, says so at the pool; one with them makes them. Nothing stays of a failure.
func TestVLANsOfTheKernel(t *testing.T) {
	n := lone(t)
	d := n.plane(iproute.Options{})
	if _, err := n.try("ip link add link eth0 name probe type vlan id 5 && ip link del probe"); err == nil {
		checkVLANs(t, n, d)
		return
	}
	before := n.sh(dump)
	_, err := agent.Reconcile(context.Background(), d, generate(t, placed("n1", tagged)))
	var refused *agent.RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, syscall.EOPNOTSUPP)
	require.ErrorContains(t, err, "module 8021q")
	require.Equal(t, "pool.yaml:9:5", refused.Refusals[0].Origins[0].Pos.String())
	require.Equal(t, before, n.sh(dump))
}
