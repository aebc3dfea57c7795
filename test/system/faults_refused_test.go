package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
)

// more is a policy for the cluster lone that ends what the client may, and one for the node itself.
const more = `
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: more}
spec:
  priority: 5
  appliedTo: [{podSelector: {matchLabels: {app: server}}}]
  ingress: [{name: nobody, action: Drop, from: [{podSelector: {matchLabels: {app: client}}}]}]
---` + closed

// closed is a policy for nodes.
const closed = `
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: closed}
spec:
  priority: 5
  appliedTo: [{nodeSelector: {}}]
  ingress: [{name: closed, action: Drop, ports: [{protocol: TCP, port: 8080}]}]
`

// full makes the dataplane itself refuse more, and not what is there: the kernel takes 1024 chains at a hook, and a table of a switch as
// many flows as its owner says. roomy undoes that.
var (
	full = map[lab.Target]string{
		lab.NFTables: `{ echo "table ip filler {"; for i in $(seq 1000); do echo "chain c$i { type filter hook input priority $i; }"; done; echo "}"; } | nft -f -
i=1000; while nft "add chain ip filler c$i { type filter hook input priority $i; }" 2>/dev/null; do i=$((i+1)); test $i -lt 1100; done`,
		lab.OpenFlow: `ovs-vsctl --db=unix:$OVS_RUNDIR/db.sock -- --id=@full create flow_table flow_limit=1 overflow_policy=refuse $(for i in $(seq 40 79); do echo "-- set bridge br-int flow_tables:$i=@full"; done)`,
	}
	roomy = map[lab.Target]string{
		lab.NFTables: "nft delete table ip filler",
		lab.OpenFlow: "ovs-vsctl --db=unix:$OVS_RUNDIR/db.sock clear bridge br-int flow_tables",
	}
)

// write puts a manifest among those of the fleet, whole.
func (f *fleet) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(f.manifests(), "."+name), []byte(text), 0o644))
	require.NoError(t, os.Rename(filepath.Join(f.manifests(), "."+name), filepath.Join(f.manifests(), name)))
}

// keeps wants that the agent of n1 says why it cannot load what is declared, in its log, its status and its metrics, and that the rules are
// those of before.
func (f *fleet) keeps(t *testing.T, why string, client lab.Verdict) {
	t.Helper()
	const message = "the rules cannot be loaded; the last good ones stay in force"
	f.says(t, message+"\" error=\"", f.refused+1)
	f.refused++
	require.Contains(t, f.agents["n1"].log.String(), why)
	status := f.program + " status --state-dir " + filepath.Join(f.dir, "state-n1")
	f.sh(t, "for i in $(seq 100); do "+status+" | grep -F '"+message+"' | grep -F '"+why+"' && exit; sleep 0.2; done; exit 1")
	failures := f.sh(t, "busybox wget -q -O - http://127.0.0.1:10262/metrics | grep ^headgate_sync_proxy_rules_failures_total")
	require.NotEqual(t, "headgate_sync_proxy_rules_failures_total 0\n", failures)
	server, port := f.l.Spec().Pods[1].Addrs[0], lab.Port{Proto: lab.TCP, Port: 80}
	requireProbe(t, f.l, client, "pod/a/client", server, port)
	requireProbe(t, f.l, lab.Drop, "pod/a/stranger", server, port)
}

// TestDataplaneRefuses has the kernel, and Open vSwitch, refuse a generation: the last good one stays on all of the node's dataplanes, which
// the agent says, and the new one is in force as soon as it can be. So it is when the database of Open vSwitch is away meanwhile.
func TestDataplaneRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			f := loneFleet(t, target, program, patient())
			server, port := f.l.Spec().Pods[1].Addrs[0], lab.Port{Proto: lab.TCP, Port: 80}
			requireProbe(t, f.l, lab.Allow, "pod/a/client", server, port)
			own := f.sh(t, "nft -s list ruleset inet")
			f.sh(t, full[target])
			f.write(t, "more.yaml", more)
			f.keeps(t, map[lab.Target]string{lab.NFTables: "argument list too long", lab.OpenFlow: "OFPFMFC_TABLE_FULL"}[target], lab.Allow)
			require.Equal(t, own, f.sh(t, "nft -s list ruleset inet"))
			f.sh(t, roomy[target])
			f.says(t, "number=2 ", 1)
			requireProbe(t, f.l, lab.Drop, "pod/a/client", server, port)
			require.NotEqual(t, own, f.sh(t, "nft -s list ruleset inet"))
			if target != lab.OpenFlow {
				return
			}
			f.killDaemon(t, "ovsdb-server")
			require.NoError(t, os.Remove(filepath.Join(f.manifests(), "more.yaml")))
			f.keeps(t, "OVSDB at ", lab.Drop)
			said := strings.Count(f.agents["n1"].log.String(), "\n")
			f.sh(t, "sleep 5") // in which it tries again and again
			require.Equal(t, said, strings.Count(f.agents["n1"].log.String(), "\n"), "said once")
			f.startDaemon(t, "ovsdb-server")
			f.says(t, "number=3 ", 1)
			requireProbe(t, f.l, lab.Allow, "pod/a/client", server, port)
			requireProbe(t, f.l, lab.Drop, "pod/a/stranger", server, port)
		})
	}
}
