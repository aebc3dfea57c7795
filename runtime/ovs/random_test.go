package ovs_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/openflow"
)

// flowMaker makes random flows that Open vSwitch accepts, with every field and action of the target.
type flowMaker struct {
	*rand.Rand
	group uint32 // one that exists
}

func (r *flowMaker) maybe() bool { return r.IntN(2) == 0 }

// flow makes one that differs from all others by its registers.
func (r *flowMaker) flow(n int) openflow.Flow {
	f := openflow.Flow{
		Table: openflow.Table(r.IntN(100)), Priority: uint16(r.Uint32()), Cookie: openflow.CookieMarker | r.Uint64()>>16,
		Match: append(r.kind(), openflow.Is(openflow.Reg0, uint64(n))),
	}
	if r.IntN(4) == 0 {
		f.IdleTimeout = 600
	}
	for reg := openflow.Reg1; reg <= openflow.Reg15; reg++ {
		if r.IntN(4) == 0 {
			f.Match = append(f.Match, r.masked(reg, 32))
		}
	}
	if r.maybe() {
		f.Match = append(f.Match, openflow.Is(openflow.InPort, []uint64{1, 77, 0xfeff}[r.IntN(3)]))
	}
	if r.IntN(4) == 0 {
		f.Match = append(f.Match, r.masked(openflow.EthSrc, 48))
	}
	if r.IntN(4) == 0 {
		f.Match = append(f.Match, openflow.Is(openflow.EthDst, r.Uint64()>>16))
	}
	slices.SortFunc(f.Match, func(a, b openflow.Term) int { return int(a.Field) - int(b.Field) })
	r.does(&f)
	return f
}

// masked is a condition on some bits of a field; not on none, which is no condition.
func (r *flowMaker) masked(f openflow.Field, bits int) openflow.Term {
	mask := r.Uint64()>>(64-bits) | 1
	return openflow.IsMasked(f, openflow.Uint(r.Uint64()), openflow.Uint(mask))
}

// kind is the conditions on what a packet is.
func (r *flowMaker) kind() []openflow.Term {
	is := openflow.Is
	switch r.IntN(6) {
	case 0:
		return nil
	case 1:
		return []openflow.Term{is(openflow.EthType, 0x806), is(openflow.ARPOp, 1+r.Uint64N(2)), is(openflow.ARPSrc, uint64(r.Uint32())),
			r.masked(openflow.ARPDst, 32), r.masked(openflow.ARPSrcMAC, 48), is(openflow.ARPDstMAC, r.Uint64()>>16)}
	case 2:
		out := append(r.addresses(0x800), is(openflow.IPProto, 1), is(openflow.ICMPType, 3), is(openflow.ICMPCode, r.Uint64N(16)))
		return append(out, is(openflow.TunnelDst4, uint64(r.Uint32())))
	case 3:
		kind := r.Uint64N(2)
		option := []openflow.Field{openflow.NDSourceMAC, openflow.NDTargetMAC}[kind]
		target := openflow.Value{Hi: r.Uint64(), Lo: r.Uint64()}
		return append(r.addresses(0x86dd), is(openflow.IPProto, 58), is(openflow.ICMPType, 135+kind), is(openflow.ICMPCode, 0),
			openflow.IsMasked(openflow.NDTarget, target, everyBit()), is(option, r.Uint64N(1<<48)))
	}
	eth := []uint64{0x800, 0x86dd}[r.IntN(2)]
	out := append(r.addresses(eth), is(openflow.IPProto, []uint64{6, 17, 132}[r.IntN(3)]),
		is(openflow.CTState, 0x20), r.masked(openflow.L4Dst, 16))
	out[len(out)-2].Value, out[len(out)-2].Mask = openflow.Uint(0x22), openflow.Uint(0x20|r.Uint64N(8)|2)
	if dst := []openflow.Term{is(openflow.CTDst4, uint64(r.Uint32())), openflow.IsMasked(openflow.CTDst6, openflow.Value{Hi: r.Uint64(), Lo: r.Uint64()}, everyBit())}; r.maybe() {
		out = append(out, is(openflow.CTProto, 6), dst[min(eth-0x800, 1)], is(openflow.CTPort, r.Uint64N(1<<16)))
	}
	if r.maybe() {
		out = append(out, is(openflow.L4Src, uint64(uint16(r.Uint32()))), is(openflow.ConjID, uint64(r.Uint32())|1))
	}
	return out
}

func everyBit() openflow.Value { return openflow.Value{Hi: ^uint64(0), Lo: ^uint64(0)} }

// addresses is an Ethernet type and conditions on its addresses.
func (r *flowMaker) addresses(eth uint64) []openflow.Term {
	out := []openflow.Term{openflow.Is(openflow.EthType, eth)}
	if eth == 0x800 {
		return append(out, openflow.IsMasked(openflow.IPv4Src, openflow.Uint(r.Uint64()), openflow.Uint(0xffffffff<<r.IntN(32)&0xffffffff)),
			openflow.Is(openflow.IPv4Dst, uint64(r.Uint32())))
	}
	prefix := everyBit()
	if n := r.IntN(128); n < 64 {
		prefix = openflow.Value{Hi: ^uint64(0) << n}
	} else {
		prefix.Lo <<= n - 64
	}
	any := openflow.Value{Hi: r.Uint64(), Lo: r.Uint64()}
	return append(out, openflow.IsMasked(openflow.IPv6Src, any, prefix), openflow.IsMasked(openflow.IPv6Dst, any, everyBit()))
}

// does gives a flow something to do.
func (r *flowMaker) does(f *openflow.Flow) {
	if r.IntN(3) == 0 {
		for n := range 1 + r.Uint32N(5) {
			f.Conjunctions = append(f.Conjunctions, openflow.Conjunction{ID: n<<20 + r.Uint32N(1<<20), Clause: uint8(1 + r.IntN(3)), Of: 3})
		}
		return
	}
	choices := []openflow.Action{
		{Op: openflow.SetField, Field: openflow.Reg0 + openflow.Field(r.IntN(16)), Value: openflow.Uint(uint64(r.Uint32()))},
		{Op: openflow.SetField, Field: openflow.EthDst, Value: openflow.Uint(r.Uint64() >> 16)},
		{Op: openflow.SetField, Field: openflow.TunnelDst4, Value: openflow.Uint(uint64(r.Uint32()))},
		{Op: openflow.SetField, Field: openflow.TunnelDst6, Value: openflow.Value{Hi: r.Uint64(), Lo: r.Uint64()}},
		{Op: openflow.Move, Field: openflow.EthDst, From: openflow.EthSrc},
		{Op: openflow.Move, Field: openflow.Reg3, From: openflow.Reg0},
		{Op: openflow.OutputReg, Field: openflow.Reg1},
		{Op: openflow.Hairpin},
		{Op: openflow.Reject},
		{Op: openflow.Log},
		{Op: openflow.HoldBack},
		{Op: openflow.ToGroup, Value: openflow.Uint(uint64(r.group))},
		{Op: openflow.Resubmit, Table: openflow.Table(r.IntN(254))},
	}
	if eth := f.Match[0]; eth.Field == openflow.EthType && eth.Value.Lo != 0x806 {
		zone := uint16(r.Uint32())
		choices = append(choices, openflow.Action{Op: openflow.DecTTL}, openflow.Action{Op: openflow.TrackNew, Zone: zone}, openflow.Action{Op: openflow.Arrive, Zone: zone},
			openflow.Action{Op: openflow.Admit, Zone: zone},
			openflow.Action{Op: openflow.Depart, Zone: zone, Value: openflow.Uint(uint64(r.Uint32() & openflow.DepartureMask))},
			openflow.Action{Op: openflow.Track, Zone: zone, Table: openflow.Table(r.IntN(254))},
			openflow.Action{Op: openflow.LearnFlow, Learn: r.learn(eth)})
	}
	for range r.IntN(4) {
		f.Actions = append(f.Actions, choices[r.IntN(len(choices))])
	}
	if r.maybe() {
		f.Actions = append(f.Actions, openflow.Action{Op: openflow.Goto, Table: f.Table + 1 + openflow.Table(r.IntN(100))})
	}
}

func (r *flowMaker) learn(eth openflow.Term) *openflow.Learn {
	src, dst := openflow.IPv4Src, openflow.IPv4Dst
	if eth.Value.Lo != 0x800 {
		src, dst = openflow.IPv6Src, openflow.IPv6Dst
	}
	return &openflow.Learn{Table: openflow.Table(r.IntN(254)), Priority: uint16(r.Uint32()), IdleTimeout: uint16(r.Uint32()), Cookie: r.Uint64(),
		Match: []openflow.Term{eth, openflow.Is(openflow.IPProto, 6)}, Copies: []openflow.Copy{{Field: src, From: dst}, {Field: dst, From: dst}},
		Field: openflow.Reg0 + openflow.Field(r.IntN(16)), Value: openflow.Uint(uint64(r.Uint32()))}
}

func (r *flowMaker) bundle(n int) []ovs.Mod {
	group := openflow.Group{ID: openflow.GroupMarker | 7, Buckets: []openflow.Bucket{
		{Weight: 1, Actions: []openflow.Action{{Op: openflow.Hairpin}}},
		{Weight: 500, Actions: []openflow.Action{{Op: openflow.SetField, Field: openflow.Reg3, Value: openflow.Uint(9)}, {Op: openflow.Resubmit, Table: 9}}}}}
	r.group = group.ID
	mods := []ovs.Mod{{Command: ovs.Add, Entry: ovs.Entry{Group: &group}}}
	for k := range n {
		mods = append(mods, ovs.Mod{Command: ovs.Add, Entry: ovs.Entry{Flow: r.flow(k)}})
	}
	return mods
}

// texts lists entries by what they are, in order.
func texts(entries []ovs.Entry) (out []string) {
	for _, e := range entries {
		text := e.Flow.String()
		if e.Group != nil {
			text = e.Group.String()
		}
		out = append(out, strings.TrimSpace(e.Foreign+text))
	}
	slices.Sort(out)
	return out
}

// TestRandomFlowsComeBack: what a real switch was sent, it returns, as equal values; and both readers of it agree.
func TestRandomFlowsComeBack(t *testing.T) {
	i := startOVS(t, "dummy")
	c := ovs.NewConn(i.path("br-int.mgmt"))
	defer c.Close()
	r := &flowMaker{Rand: irtest.Rand(11)}
	mods := r.bundle(5000)
	require.NoError(t, c.Bundle(t.Context(), mods))
	dump, err := c.Dump(t.Context())
	require.NoError(t, err)
	require.Len(t, dump, len(mods))
	byNumber := make([]openflow.Flow, len(mods)-1)
	for _, e := range dump {
		require.Empty(t, e.Foreign)
		if e.Group != nil {
			require.Equal(t, mods[0].Group, e.Group)
			continue
		}
		at := slices.IndexFunc(e.Flow.Match, func(t openflow.Term) bool { return t.Field == openflow.Reg0 })
		byNumber[e.Flow.Match[at].Value.Lo] = e.Flow
	}
	for n := range byNumber {
		require.Equal(t, mods[n+1].Flow, byNumber[n], mods[n+1].Flow.String())
	}
	oracle, err := newOfctl(i.path("br-int.mgmt")).Dump(t.Context())
	require.NoError(t, err)
	require.Equal(t, texts(oracle), texts(dump))

	for n := range mods {
		mods[n].Command = ovs.Delete
	}
	// The group at last: Open vSwitch 3.1 can die of a bundle that deletes a group and then flows that went with it.
	require.NoError(t, c.Bundle(t.Context(), append(mods[1:], mods[0])))
	require.Empty(t, i.flows())
}

// TestBytesOfRandomFlows: they are sent as ovs-ofctl sends their text.
func TestBytesOfRandomFlows(t *testing.T) {
	r := &flowMaker{Rand: irtest.Rand(12)}
	for _, command := range []ovs.Command{ovs.Add, ovs.Modify, ovs.Delete} {
		mods := r.bundle(500)
		for n := range mods {
			mods[n].Command = command
		}
		sameBytes(t, mods)
	}
}
