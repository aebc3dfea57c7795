package reach_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/ir/reach"
)

func tcp(port uint16) reach.Port { return reach.Port{Proto: ir.ProtoTCP, Port: port} }

const program = `program
node n1 addrs=192.0.2.1 from="Node n1",-,-
endpoint a/four node=n1 addrs=10.0.0.1 from="Pod a/four",-,-
endpoint a/six node=n1 addrs=fd00::2 from="Pod a/six",-,-
endpoint a-b/dual node=n1 addrs=10.0.0.3,fd00::3 ports=http:tcp/8080 from="Pod a-b/dual",-,-
endpoint b/none node=n1 addrs=none from="Pod b/none",-,-
endpoint b/two node=n1 addrs=10.0.0.4,fd00::4 from="Pod b/two",-,-
group dual members=a-b/dual
group five blocks=10.0.0.0/29
group two members=b/two
policy C reject admin rank=100/1 subjects=two from="C reject",-,-
  ingress reject peers=dual ports=tcp/80<50000 from="C reject",in,-
policy N a-b/dual namespace isolates=ingress subjects=dual from="N a-b/dual",-,-
  ingress allow peers=five ports=tcp:http from="N a-b/dual",in,-
`

func parse(t testing.TB, text string) *ir.Program {
	p, err := ir.ParseProgram(text)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

// draw shows each table with a sign for each cell: . allow, X drop, R reject, ~ mixed, - none.
func draw(m *reach.Matrix) string {
	var b strings.Builder
	for _, table := range m.Tables {
		b.WriteString(table.Port.String() + "\n")
		for i, row := range table.Cells {
			for _, cell := range row {
				b.WriteString(".XR~-"[cell:cell+1] + " ")
			}
			b.WriteString(" " + m.Pods[i] + "\n")
		}
	}
	return b.String()
}

// spec: 7.1 7.2
func TestComputeByHand(t *testing.T) {
	prog := parse(t, program)
	m := reach.Compute(prog, reach.Options{Ports: []reach.Port{tcp(8080), tcp(80), tcp(80)}})
	require.Equal(t, `TCP/80
. - X .  a/four
- . X .  a/six
. . . R  a-b/dual
. . X .  b/two
TCP/8080
. - . .  a/four
- . X .  a/six
. . . .  a-b/dual
. . ~ .  b/two
`, draw(m))
	v6 := reach.Compute(prog, reach.Options{Ports: []reach.Port{tcp(8080)}, Families: []ir.Family{ir.IPv6}, SourcePort: 1})
	require.Equal(t, `TCP/8080
. - - -  a/four
- . X .  a/six
- . . .  a-b/dual
- . X .  b/two
`, draw(v6))
	other := reach.Compute(prog, reach.Options{Ports: []reach.Port{tcp(80)}, SourcePort: 40000})
	require.Equal(t, reach.Allow, other.Tables[0].Cells[2][3], "the reject is for source port 50000")
}

func TestParsePort(t *testing.T) {
	p, err := reach.ParsePort("sctp/132")
	require.NoError(t, err)
	require.Equal(t, reach.Port{Proto: ir.ProtoSCTP, Port: 132}, p)
	require.Equal(t, "SCTP/132", p.String())
	for _, bad := range []string{"", "tcp", "80", "tcp/", "tcp/65536", "icmp/8", "any/1", "tcp/80/1"} {
		_, err := reach.ParsePort(bad)
		require.Error(t, err, bad)
	}
}

// naive judges every cell by Eval alone.
func naive(prog *ir.Program, port reach.Port, families []ir.Family) map[[2]string]reach.Word {
	out := map[[2]string]reach.Word{}
	e := prog.Evaluator()
	for _, src := range prog.Endpoints {
		for _, dst := range prog.Endpoints {
			seen := map[ir.Action]bool{}
			for _, f := range families {
				for _, s := range src.Addrs {
					for _, d := range dst.Addrs {
						if ir.FamilyOf(s) == f && ir.FamilyOf(d) == f {
							seen[e.Eval(ir.Packet{Src: s, Dst: d, Proto: port.Proto, SrcPort: 50000, DstPort: port.Port}).Action] = true
						}
					}
				}
			}
			word := reach.Mixed
			switch {
			case src == dst:
				word = reach.Allow
			case len(seen) == 0:
				word = reach.None
			case len(seen) == 1:
				for a := range seen {
					word = map[ir.Action]reach.Word{ir.Allow: reach.Allow, ir.Drop: reach.Drop, ir.Reject: reach.Reject}[a]
				}
			}
			out[[2]string{src.String(), dst.String()}] = word
		}
	}
	return out
}

// spec: 7.1
func TestComputeSaysWhatEvalSays(t *testing.T) {
	words := map[reach.Word]int{}
	for seed := range uint64(150) {
		r := irtest.Rand(seed)
		shape := irtest.Small()
		shape.Endpoints = 20
		if seed%2 == 1 {
			shape.Peers = irtest.OpaquePeers
		}
		prog := irtest.Program(r, shape)
		if seed%10 == 0 { // a pod with its node's address, which classes must not hide
			e := prog.Endpoints[0]
			prog.Nodes[0].Addrs = append(prog.Nodes[0].Addrs, e.Addrs...)
		}
		families := [][]ir.Family{{ir.IPv4, ir.IPv6}, {ir.IPv4}, {ir.IPv6}}[seed%3]
		ports := []reach.Port{tcp(80), {Proto: ir.ProtoUDP, Port: 53}}
		m := reach.Compute(prog, reach.Options{Ports: ports, Families: families})
		for _, table := range m.Tables {
			want := naive(prog, table.Port, families)
			for i, src := range m.Pods {
				for j, dst := range m.Pods {
					require.Equal(t, want[[2]string{src, dst}], table.Cells[i][j], "seed %d: %s to %s on %s", seed, src, dst, table.Port)
					words[table.Cells[i][j]]++
				}
			}
		}
	}
	for w := reach.Allow; w <= reach.None; w++ {
		require.Greater(t, words[w], 50, w)
	}
}

// spec: 7.3
func TestDiff(t *testing.T) {
	before := reach.Compute(parse(t, program), reach.Options{Ports: []reach.Port{tcp(80)}})
	require.Empty(t, reach.Diff(before, before))
	changed := strings.Replace(program, "ports=tcp:http", "ports=tcp:http,tcp/80", 1)
	changed = strings.Replace(changed, "endpoint a/six node=n1 addrs=fd00::2 from=\"Pod a/six\",-,-\n", "", 1)
	after := reach.Compute(parse(t, changed), reach.Options{Ports: []reach.Port{tcp(80), tcp(81)}})
	var got []string
	for _, c := range reach.Diff(before, after) {
		if c.Port == tcp(80) {
			got = append(got, c.String())
		} else {
			require.Equal(t, reach.Absent, c.Before)
		}
	}
	require.Equal(t, []string{
		"a/four -> a/six TCP/80: none, now absent",
		"a/four -> a-b/dual TCP/80: drop, now allow",
		"a/six -> a/four TCP/80: none, now absent",
		"a/six -> a-b/dual TCP/80: drop, now absent",
		"a/six -> b/two TCP/80: allow, now absent",
		"a-b/dual -> a/six TCP/80: allow, now absent",
		"b/two -> a/six TCP/80: allow, now absent",
		"b/two -> a-b/dual TCP/80: drop, now mixed",
	}, got)
}

// big is a cluster in which every pod is a class of its own: each has a policy that admits the next pod.
func big(pods int) *ir.Program {
	p := &ir.Program{}
	for i := range pods {
		e := &ir.Endpoint{Namespace: "x", Name: fmt.Sprintf("pod-%05d", i), Node: "n"}
		e.Addrs = []netip.Addr{netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}
		p.Endpoints = append(p.Endpoints, e)
		p.Groups = append(p.Groups, &ir.Group{Key: e.Name, Members: []*ir.Endpoint{e}, Addrs: ir.AddrSetOf(e.Addrs...)})
	}
	for i := range pods {
		np := &ir.Policy{Kind: "NetworkPolicy", Namespace: "x", Name: fmt.Sprint(i), Phase: ir.Namespace, Subjects: p.Groups[i : i+1]}
		np.Isolates[ir.Ingress] = true
		np.Rules[ir.Ingress] = []ir.PolicyRule{{Peers: p.Groups[(i+1)%pods : (i+1)%pods+1], Ports: []ir.PortSpec{{Box: ir.AnyL4()}}}}
		p.Policies = append(p.Policies, np)
	}
	return p
}

// Every pod differs: the cost is that of a million evaluations.
func BenchmarkComputeDistinct1000(b *testing.B) {
	prog := big(1000)
	for b.Loop() {
		reach.Compute(prog, reach.Options{Ports: []reach.Port{tcp(80)}})
	}
}

// All pods are alike: the cost is that of filling a million cells.
func BenchmarkComputeAlike1000(b *testing.B) {
	prog := big(1000)
	prog.Policies, prog.Groups = nil, nil
	for b.Loop() {
		reach.Compute(prog, reach.Options{Ports: []reach.Port{tcp(80)}})
	}
}
