package openflow_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestNode walks packets of a table written by hand through the flows of one node, and holds the flows themselves.
func TestNode(t *testing.T) {
	for name, packets := range map[string]int{"node": 43, "names": 21} {
		t.Run(name, func(t *testing.T) { testNode(t, "testdata/"+name+".txtar", packets) })
	}
}

func testNode(t *testing.T, file string, packets int) {
	archive := golden.Open(t, file)
	text, _ := archive.Section("pipeline")
	p, err := ir.ParsePipeline(text)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	report := &diag.Report{}
	lowered := openflow.Lower(p, report)
	require.Empty(t, report.Findings())
	require.NoError(t, openflow.Check(lowered))
	require.NoError(t, artifact.Check(openflow.Pack(lowered)))

	binding := openflow.SomeBinding(p)
	model := openflow.NewModel(p, lowered, binding)
	names := map[uint32]string{}
	for ref, port := range binding.Ports {
		names[port] = string(ref)
	}
	table, _ := archive.Section("packets")
	count := 0
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		packet, want, _ := strings.Cut(line, " : ")
		r := model.Run(frame(t, model, binding, strings.Fields(packet)))
		got := names[r.Port]
		if r.Action() != ir.Allow {
			info, _ := r.Path[len(r.Path)-1].Table.Info()
			got = r.Action().String() + " " + info.Name
		}
		require.Equal(t, want, got, "%s\n%v", line, path(r))
		count++
	}
	require.Equal(t, packets, count)
	archive.Want(t, "out/flows", lowered.Text())
}

// frame reads PORT MAC SRC DST PROTO/PORT [established] [dialled=ADDR:PORT].
func frame(t *testing.T, m *openflow.Model, b openflow.Binding, words []string) openflow.Frame {
	t.Helper()
	require.GreaterOrEqual(t, len(words), 5)
	box, err := ir.ParseL4(words[4])
	require.NoError(t, err)
	p := ir.Packet{Src: netip.MustParseAddr(words[2]), Dst: netip.MustParseAddr(words[3]), Proto: box.Proto, SrcPort: 50000, DstPort: box.Dst.From}
	for _, word := range words[5:] {
		if dialled, ok := strings.CutPrefix(word, "dialled="); ok {
			p.Dialled = netip.MustParseAddrPort(dialled)
		} else {
			require.Equal(t, "established", word)
			p.Established = true
		}
	}
	f := m.Frame(p)
	in, mac := openflow.Ref(words[0]), openflow.Ref(words[1])
	if mac == "=" {
		mac = in
	}
	require.Contains(t, b.Ports, in)
	f[openflow.InPort] = openflow.Uint(uint64(b.Ports[in]))
	f[openflow.EthSrc] = b.MACs[mac].Value()
	return f
}
