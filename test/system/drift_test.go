package system

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
)

// TestDriftIsRepaired: what somebody does to the rules is noticed and put right at once, by agents that look of themselves only once an hour,
// and they tell what it was.
func TestDriftIsRepaired(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	const ofctl = "ovs-ofctl -O OpenFlow15 "
	harm := map[lab.Target][]string{
		lab.NFTables: {"nft flush table inet headgate", "nft delete table inet headgate", "nft flush ruleset", "nft insert rule inet headgate $(nft list table inet headgate | awk '$1 == \"chain\" {c = $2} /hook forward/ {print c; exit}') accept"},
		lab.OpenFlow: {ofctl + "del-flows $OVS_RUNDIR/br-int.mgmt", ofctl + "add-flow $OVS_RUNDIR/br-int.mgmt cookie=0x4847000000000005,table=0,priority=60000,actions=NORMAL", ofctl + "mod-flows $OVS_RUNDIR/br-int.mgmt table=0,actions=NORMAL"},
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			f := loneFleet(t, target, program, patient())
			for i, command := range harm[target] {
				at := time.Now()
				f.sh(t, command)
				f.says(t, "the rules had been changed by somebody else; repaired", i+1)
				t.Logf("%s: repaired after %v", command, time.Since(at).Round(time.Millisecond))
				requireProbe(t, f.l, lab.Allow, "pod/a/client", f.l.Spec().Pods[1].Addrs[0], lab.Port{Proto: lab.TCP, Port: 80})
				requireProbe(t, f.l, lab.Drop, "pod/a/stranger", f.l.Spec().Pods[1].Addrs[0], lab.Port{Proto: lab.TCP, Port: 80})
			}
			for line := range strings.Lines(f.agents["n1"].log.String()) {
				if strings.Contains(line, "repaired") {
					require.Regexp(t, `difference="[+~-]`, line)
				}
			}
			f.stop(t, "n1")
		})
	}
}

// TestClosedUntilTheFirstRules: an agent that finds neither manifests nor rules lets nothing through where it is asked to, and leaves the
// node alone.
func TestClosedUntilTheFirstRules(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			f := loneFleet(t, target, program, append(patient(), "--fail-closed"))
			require.Contains(t, f.agents["n1"].log.String(), "until the first rules are in force, what pods send and get is dropped")
			f.says(t, "rules in force", 1)
			server, port := f.l.Spec().Pods[1].Addrs[0], lab.Port{Proto: lab.TCP, Port: 80}
			requireProbe(t, f.l, lab.Allow, "pod/a/client", server, port)
			f.stop(t, "n1")
			f.sh(t, "echo broken >"+f.manifests()+"/broken.yaml; rm "+f.dir+"/state-n1/applied-*")
			if target == lab.OpenFlow {
				f.sh(t, "ovs-ofctl -O OpenFlow15 del-flows $OVS_RUNDIR/br-int.mgmt") // a secure bridge passes nothing then
			} else {
				f.sh(t, "nft flush ruleset")
				requireProbe(t, f.l, lab.Allow, "pod/a/stranger", server, port)
			}
			f.start("n1")
			f.says(t, "what pods send and get is dropped", 2)
			requireProbe(t, f.l, lab.Drop, "pod/a/client", server, port)
			requireProbe(t, f.l, lab.Drop, "pod/a/stranger", server, port)
			f.sh(t, "busybox ping -c 1 -W 5 192.0.2.1")
			f.sh(t, "rm "+f.manifests()+"/broken.yaml")
			f.says(t, "rules in force", 2)
			requireProbe(t, f.l, lab.Allow, "pod/a/client", server, port)
			requireProbe(t, f.l, lab.Drop, "pod/a/stranger", server, port)
		})
	}
}
