package system

import (
	"bytes"
	"testing"

	"github.com/headgate-net/headgate/runtime/lab"
)

// logScene logs what the network stacks of all nodes and hosts have and know: it tells why packets went astray.
func logScene(t testing.TB, l *lab.Lab) {
	t.Helper()
	const script = `
ip -o addr
ip rule; ip -6 rule
ip route show table all type unicast; ip -6 route show table all type unicast
ip neigh; ip -6 neigh
if [ -S "$OVS_RUNDIR/db.sock" ]; then ovs-appctl -t "$(ls "$OVS_RUNDIR"/ovs-vswitchd.*.ctl)" dpctl/dump-flows -m; ovs-appctl -t "$(ls "$OVS_RUNDIR"/ovs-vswitchd.*.ctl)" tnl/neigh/show; fi
`
	spec := l.Spec()
	var places []string
	for i := range spec.Nodes {
		places = append(places, spec.Nodes[i].Where())
	}
	for i := range spec.Hosts {
		places = append(places, spec.Hosts[i].Where())
	}
	for _, place := range places {
		var text bytes.Buffer
		status, err := l.Exec(t.Context(), place, []string{"sh", "-c", script}, lab.Stdio{Out: &text, Err: &text})
		t.Logf("%s (status %d, %v):\n%s", place, status, err, text.String())
	}
}
