package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// What needs an agent is said of the target that needs it, and only if there is such a rule.
func TestAttended(t *testing.T) {
	const head = `pipeline node=n1
node n1 addrs=192.168.0.1 cidrs=10.0.1.0/24 from="Node n1",-,-
endpoint node:n1 addrs=192.168.0.1 from="Node n1",-,-
endpoint a/web node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
list egress admin "l" name=0123456789ab endpoints=`
	const rule = ` peers=any l4=any from="ClusterNetworkPolicy x",spec.egress[0],-
`
	const set = `set "x" names=*.example.com name=0123456789ab
`
	const names = `  allow id=000000000001 peers="x" l4=any from="ClusterNetworkPolicy x",spec.egress[0],-
`
	const log = `  drop id=000000000001 peers=any l4=any log=yes from="ClusterNetworkPolicy x",spec.egress[0],-
`
	for _, c := range []struct{ rules, nftables, openflow string }{
		{"a/web\n  drop" + rule, "", ""},
		{"a/web\n  reject" + rule, "", "rejects are answered"},
		{"node:n1\n  reject" + rule, "", ""},
		{"a/web\n" + names, "names are learned", "names are learned"},
		{"a/web\n" + log, "packets are logged", "packets are logged"},
		{"a/web\n" + names + log + "  reject" + rule, "names are learned and packets are logged",
			"rejects are answered, names are learned and packets are logged"},
	} {
		text := head + c.rules
		if strings.Contains(c.rules, names) {
			text = strings.Replace(text, "list ", set+"list ", 1)
		}
		p, err := ir.ParsePipeline(text)
		require.NoError(t, err)
		for target, want := range map[string]string{"nftables": c.nftables, "openflow": c.openflow} {
			if want != "" {
				want = "note: only while 'headgate agent' runs, " + want
			}
			require.Equal(t, want, attended(target, p), "%s\n%s", target, c.rules)
		}
	}
}
