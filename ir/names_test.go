package ir_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

func TestMatchesName(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"example.com", "example.com", true},
		{"example.com", "www.example.com", false},
		{"example.com", "example.com.org", false},
		{"*.example.com", "www.example.com", true},
		{"*.example.com", "a.b.example.com", true},
		{"*.example.com", "example.com", false},
		{"*example.com", "example.com", true},
		{"*", "anything.at.all", true},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"api-*.example.*", "api-1.example.org", true},
		{"api-*.example.*", "api.example.org", false},
		{"*ab*ab", "xab", false},
		{"*ab*ab", "abab", true},
		{"x*.a*b", "xy.ab", true},
	} {
		require.Equal(t, c.want, ir.MatchesName(c.pattern, c.name), "%s %s", c.pattern, c.name)
	}
}

// names is a pipeline in which x/a has a rule for names, and x/b has none.
func names(t *testing.T) *ir.Pipeline {
	p, err := ir.ParsePipeline(`pipeline node=n1
endpoint x/a node=n1 addrs=10.0.0.5 from="Pod x/a",-,-
endpoint x/b node=n1 addrs=10.0.0.6 from="Pod x/b",-,-
set blocks blocks=192.0.2.0/24
set dialled dialled=10.96.0.10/tcp/443,10.96.0.10/udp/53,fd00::a/tcp/443
set names names="*.example.com",example.com known=198.51.100.7

list egress admin l1 endpoints=x/a
  reject peers=dialled l4=any from=o3,-,-
  drop peers=names l4=tcp/443 log=label:out from=o1,-,-
  allow peers=blocks l4=any log=yes from=o2,-,-

list egress admin l2 endpoints=x/b
  allow peers=blocks l4=any from=o2,-,-
`)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

func TestNamesInText(t *testing.T) {
	p := names(t)
	again, err := ir.ParsePipeline(p.String())
	require.NoError(t, err)
	require.Equal(t, p, again)
	require.Equal(t, ir.Logging{On: true, Label: "out"}, p.Classifier(ir.Egress, ir.Admin).Lists[0].Rules[1].Logging)
}

func TestWhatIsKnownOfNamesDecides(t *testing.T) {
	p := names(t)
	pkt := ir.Packet{Src: addr("10.0.0.5"), Dst: addr("198.51.100.7"), Proto: ir.ProtoTCP, DstPort: 443}
	require.Equal(t, ir.Drop, p.Eval(pkt).Action)
	forgotten := p.WithNames(func(patterns []string) ir.AddrSet {
		require.Equal(t, []string{"*.example.com", "example.com"}, patterns)
		return ir.AddrSet{}
	})
	require.Equal(t, ir.Allow, forgotten.Eval(pkt).Action)
	require.Equal(t, ir.Drop, p.Eval(pkt).Action, "the receiver stays as it was")
	rules := p.Classifier(ir.Egress, ir.Admin).Lists[0].Rules
	require.Equal(t, ir.AnyAddr(), p.MayMatch(&rules[0]))
	require.Equal(t, ir.AnyAddr(), p.MayMatch(&rules[1]))
	require.Equal(t, p.Sets[0].Addrs, p.MayMatch(&rules[2]))
	require.Equal(t, p.Endpoints[:1], p.Watched())
}

func TestWhatWasDialledDecides(t *testing.T) {
	p := names(t)
	pkt := ir.Packet{Src: addr("10.0.0.5"), Dst: addr("10.0.0.9"), Proto: ir.ProtoTCP, DstPort: 8443}
	require.Equal(t, ir.Allow, p.Eval(pkt).Action)
	pkt.Dialled = netip.MustParseAddrPort("10.96.0.10:443")
	require.Equal(t, ir.Reject, p.Eval(pkt).Action)
	pkt.Dialled = netip.MustParseAddrPort("10.96.0.10:53")
	require.Equal(t, ir.Allow, p.Eval(pkt).Action, "another protocol")
	direct := ir.Packet{Src: addr("10.0.0.5"), Dst: addr("10.96.0.10"), Proto: ir.ProtoTCP, DstPort: 443}
	require.Equal(t, ir.Reject, p.Eval(direct).Action, "not translated")
}
