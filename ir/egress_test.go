package ir_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

const departing = `program
node n1 addrs=192.0.2.1 cidrs=10.0.1.0/24,fd00:1::/64 from="Node n1",-,-
node n2 addrs=192.0.2.2 cidrs=10.0.2.0/24,fd00:2::/64 from="Node n2",-,-
endpoint shop/both node=n1 addrs=10.0.1.1,fd00:1::1 from="Pod shop/both",-,-
endpoint shop/late node=n2 addrs=10.0.2.1 from="Pod shop/late",-,-
endpoint shop/lost node=n1 addrs=10.0.1.2 from="Pod shop/lost",-,-
endpoint external:vm/db node=vm/db addrs=198.51.100.9 from="ExternalEntity vm/db",-,-
group first members=shop/both
group lost members=shop/lost
group second members=shop/both,shop/late

service shop/web cluster=10.96.0.1 from="Service shop/web",-,-

except 198.51.100.0/28
holding 172.18.181.40 node=n2 subnet=172.18.181.1/24/181 from="ExternalIPPool p",-,-
holding 192.0.2.1 node=n1 static=yes from="Egress second",-,-
holding 192.0.2.77 from="ExternalIPPool p",-,-
leave first who=first ipv4=172.18.181.40 from="Egress first",-,-
leave second who=second ipv4=192.0.2.1 ipv6=none limit=10000000/1000000 from="Egress second",-,-
leave unheld who=lost ipv4=192.0.2.77 from="Egress unheld",-,-
`

// spec: 11.2
func TestDepart(t *testing.T) {
	p, err := ir.ParseProgram(departing)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	again, err := ir.ParseProgram(p.String())
	require.NoError(t, err)
	require.Equal(t, p, again)
	for _, c := range []struct{ src, dst, want string }{
		{"10.0.1.1", "203.0.113.1", "through first 172.18.181.40 n2"},
		{"10.0.2.1", "203.0.113.1", "through second 192.0.2.1 n1"},
		{"10.0.1.2", "203.0.113.1", "stranded unheld"},
		{"fd00:1::1", "2001:db8::1", "stranded second"}, // the first that wants an address of the family, though it has none
		{"10.0.1.1", "2001:db8::1", "plain"},
		{"10.0.1.9", "203.0.113.1", "plain"},  // no pod
		{"192.0.2.1", "203.0.113.1", "plain"}, // a node
		{"10.0.1.1", "10.0.2.1", "plain"},
		{"10.0.1.1", "10.0.2.200", "plain"}, // in a node's prefix
		{"10.0.1.1", "192.0.2.2", "plain"},
		{"10.0.1.1", "10.96.0.1", "plain"},
		{"10.0.1.1", "172.18.181.40", "plain"},
		{"10.0.1.1", "198.51.100.9", "plain"}, // excepted
		{"10.0.1.1", "198.51.100.16", "through first 172.18.181.40 n2"},
		{"10.0.1.1", "224.0.0.251", "plain"},
		{"10.0.1.1", "169.254.169.254", "plain"},
		{"::ffff:10.0.1.1", "203.0.113.1", "through first 172.18.181.40 n2"},
	} {
		d := p.Depart(netip.MustParseAddr(c.src), netip.MustParseAddr(c.dst))
		words := []string{d.Way.String(), d.Egress, d.Node}
		if d.Addr.IsValid() {
			words = []string{d.Way.String(), d.Egress, d.Addr.String(), d.Node}
		}
		require.Equal(t, c.want, strings.TrimSpace(strings.Join(words, " ")), "%s -> %s", c.src, c.dst)
	}
}

// spec: 11.1
// Check finds what is wrong with a Program's or a Pipeline's departures.
func TestCheckOfDepartures(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"holding 192.0.2.77 from", "holding 192.0.2.78 from", "an address that is no holding"},
		{"ipv6=none limit=10000000/1000000", "limit=10000000/0", "a rate without burst"},
		{"subnet=172.18.181.1/24/181", "subnet=172.18.182.1/24/181", "is not in its subnet"},
		{"subnet=172.18.181.1/24/181", "subnet=fd00::1/24/181", "a gateway of no use"},
		{"node=n1 static=yes", "static=yes", "a static address of no node"},
		{"leave unheld", "leave first", "the name is taken"},
		{"ipv4=192.0.2.77", "ipv6=192.0.2.77", "an address of another family"},
		{"who=lost ipv4=192.0.2.77", "who=lost", "no lease"},
	} {
		require.Contains(t, departing, c.old)
		p, err := ir.ParseProgram(strings.Replace(departing, c.old, c.new, 1))
		require.NoError(t, err)
		require.ErrorContains(t, p.Check(), c.want, c.old)
	}
}
