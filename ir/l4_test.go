package ir_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// The universe of layer 4: a few protocols and small ports, and the ends of the range.
func l4Ports() []uint16 { return []uint16{0, 1, 2, 3, 4, 5, 6, 65533, 65534, 65535} }

func l4Protos() []ir.Proto {
	return []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoICMP, ir.ProtoIGMP, 0, 255}
}

func randomRange(r *rand.Rand) ir.PortRange {
	ports := l4Ports()
	from := r.IntN(len(ports))
	return ir.PortRange{From: ports[from], To: ports[from+r.IntN(len(ports)-from)]}
}

func randomBoxes(r *rand.Rand, sources bool) []ir.L4 {
	var out []ir.L4
	for range r.IntN(7) {
		b := ir.DstL4(l4Protos()[r.IntN(len(l4Protos()))], ir.AllPorts())
		if b.Proto.HasPorts() || b.Proto == ir.ProtoICMP {
			b.Dst = randomRange(r)
		}
		if sources && b.Proto.HasPorts() && r.IntN(2) == 0 {
			b.Src = randomRange(r)
		}
		out = append(out, b)
	}
	if r.IntN(20) == 0 {
		out = append(out, ir.AnyL4())
	}
	return out
}

// l4Packets calls f with every packet of the universe; sources says whether source ports differ.
func l4Packets(f func(p ir.Proto, src, dst uint16)) {
	for _, p := range l4Protos() {
		for _, src := range l4Ports() {
			for _, dst := range l4Ports() {
				f(p, src, dst)
			}
		}
	}
}

// spec: 2.4
func TestL4SetOperations(t *testing.T) {
	r := irtest.Rand(1)
	for i := range 500 {
		sources := i%2 == 0
		boxes, others := randomBoxes(r, sources), randomBoxes(r, sources)
		a, b := ir.MakeL4Set(boxes...), ir.MakeL4Set(others...)
		union := a.Union(b)
		subset, overlap := true, false
		l4Packets(func(p ir.Proto, src, dst uint16) {
			in := slices.ContainsFunc(boxes, func(b ir.L4) bool { return b.Matches(p, src, dst) })
			also := slices.ContainsFunc(others, func(b ir.L4) bool { return b.Matches(p, src, dst) })
			require.Equal(t, in, a.Matches(p, src, dst), "%s of %v", a, boxes)
			require.Equal(t, in || also, union.Matches(p, src, dst))
			subset = subset && (in || !also)
			overlap = overlap || in && also
		})
		require.Equal(t, overlap, a.Overlaps(b), "%s and %s", a, b)
		if a.Covers(b) {
			require.True(t, subset, "%s covers %s", a, b)
		} else if !sources && !b.IsAny() {
			require.False(t, subset, "%s does not cover %s", a, b)
		}
		require.True(t, a.Equal(ir.MakeL4Set(a...)), "%s is canonical", a)
		r.Shuffle(len(boxes), func(i, j int) { boxes[i], boxes[j] = boxes[j], boxes[i] })
		require.True(t, a.Equal(ir.MakeL4Set(boxes...)), "the order of boxes does not matter")
		got, err := ir.ParseL4Set(a.String())
		require.NoError(t, err)
		require.True(t, a.Equal(got), a)
	}
}

// spec: 2.4
func TestL4Text(t *testing.T) {
	for text, want := range map[string]string{
		"any": "any", "none": "none", "tcp": "tcp", "TCP/80": "tcp/80", "udp/5000-5010": "udp/5000-5010",
		"tcp/80,tcp/81": "tcp/80-81", "tcp/80<1024-65535": "tcp/80<1024-65535", "tcp<7": "tcp/*<7", "47": "47", "6/1": "tcp/1",
		"tcp,any": "any", "tcp/80,tcp": "tcp", "tcp/0-65534,tcp/65535": "tcp",
	} {
		got, err := ir.ParseL4Set(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.String())
	}
	for _, bad := range []string{"", "x", "256", "tcp/", "tcp/65536", "tcp/9-8", "tcp/80<", "tcp/-1", "tcp,"} {
		_, err := ir.ParseL4Set(bad)
		require.Error(t, err, bad)
	}
}
