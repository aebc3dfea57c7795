package ir_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

func shapeOf(seed uint64) irtest.Shape {
	s := irtest.Small()
	if seed%2 == 1 {
		s.Text = irtest.OddText
	}
	if seed%4 > 1 {
		s.Beside = irtest.Machines
	}
	if seed%8 > 3 {
		s.Peers, s.Logs = irtest.OpaquePeers, irtest.SomeLogs
	}
	return s
}

// spec: 2.6
func TestProgramTextRoundTrip(t *testing.T) {
	for seed := range uint64(500) {
		p := irtest.Program(irtest.Rand(seed), shapeOf(seed))
		text := p.String()
		got, err := ir.ParseProgram(text)
		require.NoError(t, err, "seed %d\n%s", seed, text)
		require.Equal(t, p, got, "seed %d\n%s", seed, text)
		require.Equal(t, text, got.String())
	}
}

// spec: 2.6
func TestPipelineTextRoundTrip(t *testing.T) {
	for seed := range uint64(500) {
		p := irtest.Pipeline(irtest.Rand(seed), shapeOf(seed))
		require.NoError(t, p.Check(), "seed %d", seed)
		text := p.String()
		got, err := ir.ParsePipeline(text)
		require.NoError(t, err, "seed %d\n%s", seed, text)
		require.Equal(t, p, got, "seed %d\n%s", seed, text)
		require.Equal(t, text, got.String())
	}
}

// The goldens are read by people: they show what the textual form looks like.
// spec: 2.6
func TestTextGolden(t *testing.T) {
	f := newFixture()
	f.prog.Nodes[0].Origin, f.prog.Nodes[1].Origin = origin("Node n1", ""), origin("Node n2", "")
	for _, e := range f.prog.Endpoints {
		e.Origin = origin("Pod "+e.String(), "")
		e.Listens = []ir.L4{ir.DstL4(ir.ProtoTCP, ir.OnePort(80))}
	}
	web, all := group("pods shop app=web", f.web), group("pods shop", f.api, f.db, f.web)
	block := &ir.Group{Key: "203.0.113.0/24 except 203.0.113.7/32", Kind: ir.Blocks, Addrs: mustSet(t, "203.0.113.0/24").
		Subtract(mustSet(t, "203.0.113.7"))}
	f.prog.Groups = []*ir.Group{block, all, web}
	f.add(
		tiered("guard", ir.Admin, ir.Rank{Tier: 100, Priority: 1.5, Interleave: true}, all,
			ir.PolicyRule{Peers: []*ir.Group{block}, Ports: anyPort(), Action: ir.Drop, Name: "no outside"}),
		netpol("a", all, ir.PolicyRule{Peers: []*ir.Group{web, block}, Ports: []ir.PortSpec{tcp(80), named(ir.ProtoTCP, "http")}}))
	require.NoError(t, f.prog.Check())
	golden.File(t, "testdata/program.txt", f.prog.String())
	p := testPipeline(f)
	require.NoError(t, p.Check())
	golden.File(t, "testdata/pipeline.txt", p.String())
}

func mustSet(t testing.TB, text string) ir.AddrSet {
	s, err := ir.ParseAddrSet(text)
	require.NoError(t, err)
	return s
}

// spec: 2.6
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `"program" is missing`},
		{"node n1 addrs=none from=x,-,-", `line 1: "program" must be the first line, and no other`},
		{"program\nprogram", `line 2: "program" must be the first line, and no other`},
		{"program\n\n# a comment\nnode", "line 4: the line is too short"},
		{"program\nnode n addrs=1.2.3 from=x,-,-", `line 2: ParseAddr("1.2.3")`},
		{"program\nnode n addrs=fe80::1%eth0 from=x,-,-", `has a zone`},
		{"program\nnode n addrs=none", "line 2: from= is missing"},
		{"program\nnode n addrs=none from=x,-", "is not object, field and position"},
		{"program\nnode n addrs=none from=x,-,f:1", "is not file, line and column"},
		{"program\nnode n addrs=none from=x,-,- more", `unexpected "more"`},
		{"program\nnode \"n addrs=none from=x,-,-", "a quote is not closed"},
		{"program\nnode n\"x\" addrs=none from=x,-,-", "is not a word"},
		{"program\nendpoint a addrs=none from=x,-,-", "is not two words"},
		{"program\nendpoint external:a addrs=none from=x,-,-", "is not two words"},
		{"program\nendpoint node: addrs=none from=x,-,-", `"" is not a word`},
		{"program\nendpoint external:a/b addrs=none from=x,-,-\ngroup g members=a/b", "there is no endpoint a/b"},
		{"program\nendpoint a/b addrs=none from=x,-,-\nendpoint a/b addrs=none from=x,-,-", "endpoint a/b is there already"},
		{"program\ngroup g members=a/b", "there is no endpoint a/b"},
		{"program\ngroup g blocks=10.0.0.9-10.0.0.1", "is not a range of addresses"},
		{"program\ngroup g blocks=none\ngroup g blocks=none", `group "g" is there already`},
		{"program\npolicy K a/b admin subjects=g from=x,-,-", "there is no group g"},
		{"program\npolicy K a/b/c admin subjects=none from=x,-,-", "one slash at most"},
		{"program\npolicy K b nowhere subjects=none from=x,-,-", `"nowhere" is not a phase`},
		{"program\npolicy K b admin lockout=deny subjects=none from=x,-,-", "is not lockout=allow"},
		{"program\npolicy K b admin rank=1 subjects=none from=x,-,-", `"1" is not a rank`},
		{"program\npolicy K b admin rank=1/NaN subjects=none from=x,-,-", "is not a priority"},
		{"program\npolicy K b admin subjects=none from=x,-,-\ningress allow peers=any ports=any from=x,-,-", "without a policy"},
		{"program\n  ingress allow peers=any ports=any from=x,-,-", "without a policy"},
		{"program\npolicy K b admin subjects=none from=x,-,-\n  ingress refuse peers=any ports=any from=x,-,-", "not an action"},
		{"program\npolicy K b admin subjects=none from=x,-,-\n  ingress drop peers=any ports=tcp/90-80 from=x,-,-", "not a port"},
		{"program\npolicy K b admin subjects=none from=x,-,-\n  ingress drop peers=any ports=tcp:- from=x,-,-", "not a named port"},
		{"program\nwhat", `unknown keyword "what"`},
	} {
		_, err := ir.ParseProgram(c.text)
		require.ErrorContains(t, err, c.want, c.text)
	}
	for _, c := range []struct{ text, want string }{
		{"pipeline\nset s members=none\nset s members=none", `set "s" is there already`},
		{"pipeline\nlist ingress admin l endpoints=none\nendpoint a/b addrs=none from=x,-,-", "an endpoint after a list"},
		{"pipeline\nlist in admin l endpoints=none", `"in" is not a direction`},
		{"pipeline\nlist ingress admin l endpoints=a/b", "there is no endpoint a/b"},
		{"pipeline\n  drop peers=any l4=any from=x,-,-", "without a list"},
		{"pipeline\nlist ingress admin l endpoints=none\n  drop peers=s l4=any from=x,-,-", "there is no set s"},
		{"pipeline\nlist ingress admin l endpoints=none\n  drop id=xyz peers=any l4=any from=x,-,-", "invalid syntax"},
		{"pipeline\nendpoint a/b addrs=none from=x,-,-\nlist ingress admin l endpoints=a/b,a/b", "has a list already"},
	} {
		_, err := ir.ParsePipeline(c.text)
		require.ErrorContains(t, err, c.want, c.text)
	}
}

func FuzzParseProgram(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(irtest.Program(irtest.Rand(seed), shapeOf(seed)).String())
	}
	f.Add("program\ngroup g blocks=::fffe:0:0/95,::ffff:1.2.3.4")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ir.ParseProgram(text)
		if err != nil {
			return
		}
		_ = p.Check() // must not panic
		again, err := ir.ParseProgram(p.String())
		require.NoError(t, err, p)
		require.Equal(t, p.String(), again.String())
		require.Equal(t, p, again)
	})
}

func FuzzParsePipeline(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(irtest.Pipeline(irtest.Rand(seed), shapeOf(seed)).String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ir.ParsePipeline(text)
		if err != nil {
			return
		}
		_ = p.Check()
		again, err := ir.ParsePipeline(p.String())
		require.NoError(t, err, p)
		require.Equal(t, p.String(), again.String())
		require.Equal(t, p, again)
	})
}

// spec: 2.6
func TestTextNamesEveryField(t *testing.T) {
	// A field that the text leaves out would not survive the round trip; that the random values set every field is what makes
	// that test mean something.
	var text strings.Builder
	for seed := range uint64(20) {
		require.NoError(t, irtest.Program(irtest.Rand(seed), shapeOf(seed)).Print(&text))
		require.NoError(t, irtest.Pipeline(irtest.Rand(seed), shapeOf(seed)).Print(&text))
	}
	for _, word := range []string{" cidrs=", " node=", " ports=", " listens=", " members=", " blocks=", " addrs=", " rank=",
		"/interleave", " lockout=allow", " isolates=egress,ingress", " subjects=", " name=", " peers=any", " peers=none", " l4=", " id=", "tcp:http",
		"<1024", "any:", "pipeline node=", "\nremote ", "endpoint node:", "endpoint external:a/", ",external:", "node=\"a/vm-1\""} {
		require.Contains(t, text.String(), word)
	}
}
