package ovs

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParseTracked: lines as ovs-appctl dpctl/dump-conntrack prints them.
func TestParseTracked(t *testing.T) {
	at := netip.MustParseAddrPort
	for line, want := range map[string]tracked{
		"udp,orig=(src=10.0.0.5,dst=10.96.0.1,sport=40000,dport=53),reply=(src=10.0.0.6,dst=10.0.0.5,sport=5353,dport=40000),zone=18503,mark=1\n": {
			at("10.0.0.5:40000"), at("10.96.0.1:53"), at("10.0.0.6:5353")},
		"udp,orig=(src=fd00::5,dst=fd96::1,sport=40000,dport=53),reply=(src=fd00::6,dst=fd00::5,sport=53,dport=40000),zone=18503\n": {
			at("[fd00::5]:40000"), at("[fd96::1]:53"), at("[fd00::6]:53")},
	} {
		got, ok := parseTracked(line)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	c := tracked{at("10.0.0.5:40000"), at("10.96.0.1:53"), at("10.0.0.6:5353")}
	require.Equal(t, "ct_nw_src=10.0.0.5,ct_nw_dst=10.96.0.1,ct_nw_proto=17,ct_tp_src=40000,ct_tp_dst=53", c.text())
	c = tracked{at("[fd00::5]:40000"), at("[fd96::1]:53"), at("[fd00::6]:53")}
	require.Equal(t, "ct_ipv6_src=fd00::5,ct_ipv6_dst=fd96::1,ct_nw_proto=17,ct_tp_src=40000,ct_tp_dst=53", c.text())
	for _, line := range []string{"",
		"tcp,orig=(src=10.0.0.5,dst=10.96.0.1,sport=40000,dport=53),reply=(src=10.0.0.6,dst=10.0.0.5,sport=5353,dport=40000),zone=18503",
		"udp,orig=(src=10.0.0.5,dst=10.96.0.1,sport=40000,dport=53)",
		"udp,orig=(src=10.0.0.5,dst=10.96.0.1,sport=40000,dport=53),reply=(src=10.0.0.6,dst=10.0.0.5,sport=5353,dport=99999",
		"udp,orig=(src=10.0.0.5,dst=10.96.0.1,sport=99999,dport=53),reply=(src=10.0.0.6,dst=10.0.0.5,sport=5353,dport=40000),zone=18503",
		"udp,orig=(src=10.0.0.5,dst=10.96.0.1,sport=1,dport=53),reply=(src=x,dst=10.0.0.5,sport=5353,dport=40000),zone=18503",
	} {
		_, ok := parseTracked(line)
		require.False(t, ok, line)
	}
}
