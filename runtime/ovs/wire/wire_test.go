package wire_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/openflow"
)

// desc is the description that a switch would give of a flow: the parts of its FLOW_MOD in another order.
func desc(t testing.TB, f *openflow.Flow) []byte {
	t.Helper()
	mod, err := wire.AppendFlowMod(nil, 7, wire.FlowMod{Flow: f})
	require.NoError(t, err)
	match := mod[48:]
	size := (int(binary.BigEndian.Uint16(match[2:])) + 7) / 8 * 8
	b := []byte{0, 0, 0, 0, byte(f.Table), 0}
	b = binary.BigEndian.AppendUint16(b, f.Priority)
	b = binary.BigEndian.AppendUint16(b, f.IdleTimeout)
	b = append(b, 0, 0, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint64(b, f.Cookie)
	b = append(b, match[:size]...)
	b = append(b, 0, 0, 0, 4, 0, 0, 0, 0)
	b = append(b, match[size:]...)
	binary.BigEndian.PutUint16(b, uint16(len(b)))
	return b
}

func parse(t testing.TB, text string) openflow.Flow {
	t.Helper()
	f, err := openflow.Parse(text)
	require.NoError(t, err)
	return f
}

// examples are flows with every field and every action.
func examples(t testing.TB) []openflow.Flow {
	var out []openflow.Flow
	for _, text := range []string{
		"table=0,priority=1 actions=drop",
		"cookie=0x4847000000000001,idle_timeout=300,table=10,priority=65535,tcp,ct_state=+est-new+trk,reg0=0x1,reg3=0x2/0xff,conj_id=7," +
			"in_port=65534,dl_src=02:00:00:00:00:01,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,nw_src=10.0.0.0/8,tp_src=80,tp_dst=0x50/0xfff0," +
			"tun_dst=192.0.2.1 actions=set_field:0x5->reg7,set_field:02:48:47:00:00:01->eth_dst,move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],dec_ttl,goto_table:20",
		"table=1,priority=2,udp6,ipv6_src=fd00::/8,ipv6_dst=fd00::1,tp_dst=53,tun_ipv6_dst=fd00::2 actions=ct(table=20,zone=18503)",
		"table=1,priority=2,icmp6,icmp_type=136,icmp_code=0,nd_target=fe80::1,nd_tll=00:00:00:00:00:00 actions=ct(commit,zone=18503),output:NXM_NX_REG1[]",
		"table=1,priority=2,icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::1,nd_sll=02:00:00:00:00:07 actions=IN_PORT",
		"table=1,priority=2,icmp,icmp_type=8,icmp_code=0 actions=group:1212612609",
		"table=1,priority=2,arp,arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_sha=02:00:00:00:00:07,arp_tha=02:00:00:00:00:08 " +
			"actions=set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],move:NXM_OF_ARP_SPA[]->NXM_NX_REG7[],set_field:10.0.0.1->tun_dst",
		"table=1,priority=2,reg0=0x1,reg1=0x2,reg2=0x3,reg4=0x4,reg5=0x5,reg6=0x6,reg7=0x7/0x7 actions=resubmit(,21),goto_table:30",
		"table=1,priority=2,reg8=0x1/0x1,reg9=0x2,reg15=0x80000000/0x80000000 actions=set_field:0x5->reg8,set_field:0x6->reg15",
		"table=1,priority=2,ip,ct_state=-inv+trk,ct_nw_proto=6,ct_nw_dst=10.96.0.1,ct_tp_dst=80 actions=controller(max_len=128,userdata=48.47.02,meter_id=18503),goto_table:20",
		"table=1,priority=2,ipv6,ct_state=-inv+trk,ct_nw_proto=17,ct_ipv6_dst=fd00:96::1,ct_tp_dst=53 actions=controller(userdata=48.47.01)",
		"table=41,priority=2,reg0=0x1,ct_mark=0x1200/0xffffff00 actions=ct(commit,zone=18503,exec(set_field:0x1200/0xffffff00->ct_mark)),goto_table:44",
		"table=60,priority=2,ip,ct_mark=0x1/0x1 actions=ct(commit,zone=18503,exec(set_field:0/0x1->ct_mark)),goto_table:70",
		"table=44,priority=2,ip,nw_src=10.0.0.1 actions=meter:65540,goto_table:50",
		"table=1,priority=3 actions=conjunction(7,1/3),conjunction(4000000000,2/2)",
		"table=1,priority=2,sctp,tp_src=1 actions=learn(table=21,idle_timeout=300,priority=100,cookie=0x4847,eth_type=0x800,nw_proto=132," +
			"NXM_OF_IP_SRC[],NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],load:0x1->NXM_NX_REG3[])",
	} {
		out = append(out, parse(t, text))
	}
	return out
}

// TestFlowsComeBack: what is encoded is read back as it was.
func TestFlowsComeBack(t *testing.T) {
	for _, f := range examples(t) {
		b := desc(t, &f)
		d, rest, err := wire.ParseFlowDesc(append(b, 1, 2, 3))
		require.NoError(t, err)
		require.Equal(t, []byte{1, 2, 3}, rest)
		require.Empty(t, d.Foreign)
		if len(f.Match) == 0 {
			f.Match = d.Flow.Match
			require.Empty(t, d.Flow.Match)
		}
		require.Equal(t, f, d.Flow)
	}
}

// TestUnknownPartsAreTold: whatever is changed in a description shows in the flow or in its foreign text.
func TestUnknownPartsAreTold(t *testing.T) {
	for _, f := range examples(t) {
		b := desc(t, &f)
		size := (int(binary.BigEndian.Uint16(b[26:])) + 7) / 8 * 8
		padding := 24 + int(binary.BigEndian.Uint16(b[26:]))
		for at := 4; at < len(b); at++ {
			inStatistics := at >= 24+size && at < 24+size+8
			if at == 5 || at >= padding && at < 24+size || inStatistics { // says nothing
				continue
			}
			for bit := range 8 {
				changed := slices.Clone(b)
				changed[at] ^= 1 << bit
				d, rest, err := wire.ParseFlowDesc(changed)
				same := err == nil && len(rest) == 0 && d.Foreign == "" && d.Flow.String() == f.String()
				require.False(t, same, "byte %d of %x, bit %d: %s", at, b, bit, f.String())
			}
		}
	}
}

// FuzzFlowDesc: no bytes are too much, and what is read without anything foreign is encoded as something that reads the same.
func FuzzFlowDesc(f *testing.F) {
	for _, flow := range examples(f) {
		f.Add(desc(f, &flow))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, rest, err := wire.ParseFlowDesc(b)
		if err != nil {
			return
		}
		require.Less(t, len(rest), len(b))
		if d.Foreign != "" {
			require.NotEmpty(t, d.Match)
			return
		}
		again, _, err := wire.ParseFlowDesc(desc(t, &d.Flow))
		require.NoError(t, err)
		again.Counted = d.Counted
		require.Equal(t, d, again)
	})
}

// FuzzMessages: every other decoder, and groups that read the same again.
func FuzzMessages(f *testing.F) {
	group, err := wire.AppendGroupMod(nil, 1, wire.Add, someGroup())
	require.NoError(f, err)
	const method = 40
	f.Add(append([]byte{0, byte(len(group) - 8), 1, 0, 0x48, 0x47, 0, 1, 0, byte(len(group) - 24 - method), 0, 0, 0, 0, 0, 0}, group[24:]...))
	f.Add(wire.AppendHello(nil, 1))
	f.Add(packetIn2())
	f.Fuzz(func(t *testing.T, b []byte) {
		wire.ParseHeader(b)
		wire.ParseError(b)
		wire.ParseMultipart(b)
		wire.Speaks(b)
		wire.ParsePacketIn(b)
		wire.ParseMeterStats(b)
		wire.ParseMeterDesc(b)
		d, rest, err := wire.ParseGroupDesc(b)
		if err != nil || d.Foreign != "" {
			return
		}
		require.Less(t, len(rest), len(b))
		again, err := wire.AppendGroupMod(nil, 1, wire.Add, &d.Group)
		require.NoError(t, err)
		n := int(binary.BigEndian.Uint16(b[8:]))
		require.Equal(t, b[16:16+n], again[24:24+n])
	})
}

func someGroup() *openflow.Group {
	return &openflow.Group{ID: openflow.GroupMarker | 1, Buckets: []openflow.Bucket{
		{Weight: 3, Actions: []openflow.Action{{Op: openflow.Hairpin}}},
		{Weight: 1, Actions: []openflow.Action{{Op: openflow.SetField, Field: openflow.Reg0, Value: openflow.Uint(1)}}}}}
}

// TestWhatCannotBeEncoded: an error, and nothing appended.
func TestWhatCannotBeEncoded(t *testing.T) {
	long := make([]openflow.Conjunction, 5000)
	flow := func(f openflow.Flow) func([]byte) ([]byte, error) {
		return func(b []byte) ([]byte, error) { return wire.AppendFlowMod(b, 1, wire.FlowMod{Flow: &f}) }
	}
	for name, encode := range map[string]func([]byte) ([]byte, error){
		"a port without a number": flow(openflow.Flow{Match: []openflow.Term{openflow.IsRef(openflow.InPort, "gateway")}}),
		"an unknown address":      flow(openflow.Flow{Actions: []openflow.Action{{Op: openflow.SetField, Field: openflow.EthDst, Ref: "gateway"}}}),
		"a port of no protocol":   flow(openflow.Flow{Match: []openflow.Term{openflow.Is(openflow.L4Dst, 80)}}),
		"a type of no protocol":   flow(openflow.Flow{Match: []openflow.Term{openflow.Is(openflow.ICMPType, 8)}}),
		"a masked port":           flow(openflow.Flow{Match: []openflow.Term{openflow.IsMasked(openflow.InPort, openflow.Uint(0), openflow.Uint(0xff))}}),
		"a field twice":           flow(openflow.Flow{Match: []openflow.Term{openflow.Is(openflow.Reg0, 8), openflow.Is(openflow.Reg0, 8)}}),
		"unlike widths":           flow(openflow.Flow{Actions: []openflow.Action{{Op: openflow.Move, Field: openflow.EthDst, From: openflow.Reg0}}}),
		"goto before the end":     flow(openflow.Flow{Actions: []openflow.Action{{Op: openflow.Goto, Table: 3}, {Op: openflow.Hairpin}}}),
		"both kinds":              flow(openflow.Flow{Conjunctions: long[:1], Actions: []openflow.Action{{Op: openflow.Hairpin}}}),
		"too many conjunctions":   flow(openflow.Flow{Conjunctions: long}),
		"too many for a message":  flow(openflow.Flow{Conjunctions: long[:4095]}),
		"too many for a bundle": func(b []byte) ([]byte, error) {
			return wire.AppendBundleAdd(b, 1, 1, flow(openflow.Flow{Conjunctions: long[:4091]}))
		},
		"too many buckets": func(b []byte) ([]byte, error) {
			g := openflow.Group{Buckets: make([]openflow.Bucket, 5000)}
			return wire.AppendGroupMod(b, 1, wire.Add, &g)
		},
		"goto in a bucket": func(b []byte) ([]byte, error) {
			g := openflow.Group{Buckets: []openflow.Bucket{{Actions: []openflow.Action{{Op: openflow.Goto}}}}}
			return wire.AppendGroupMod(b, 1, wire.Add, &g)
		},
	} {
		b, err := encode([]byte{1})
		require.Error(t, err, name)
		require.Equal(t, []byte{1}, b, name)
	}
	b, err := wire.AppendBundleAdd(nil, 1, 1, flow(openflow.Flow{Conjunctions: long[:4090]}))
	require.NoError(t, err)
	require.LessOrEqual(t, len(b), wire.MaxLen)
}

// TestHello: a switch is understood by its bitmap, and without one by its version.
func TestHello(t *testing.T) {
	for text, want := range map[string]bool{
		"0600000800000000":                                 true,
		"0400000800000000":                                 false,
		"0700000800000000":                                 true,
		"06000010000000000001000800000072":                 true,
		"0600001000000000000100080000003e":                 false,
		"060000180000000000020005ff000000000100080000007f": true,
		"06000010000000000001000000000040":                 true, // an element that cannot be
		"0600":                                             false,
	} {
		b, err := hex.DecodeString(text)
		require.NoError(t, err)
		require.Equal(t, want, wire.Speaks(b), text)
	}
	require.True(t, wire.Speaks(wire.AppendHello(nil, 3)))
}

// printed is what ovs-ofctl reads in a message.
func printed(t *testing.T, b []byte) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
	out, err := exec.Command("ovs-ofctl", "ofp-print", hex.EncodeToString(b)).Output()
	require.NoError(t, err)
	return string(out)
}

// TestErrorsAreCalledAsOVSCallsThem: every code of the types that can be about our messages.
func TestErrorsAreCalledAsOVSCallsThem(t *testing.T) {
	named := 0
	check := func(kind, code uint16, own ...byte) {
		request := wire.AppendBarrier(nil, 9)
		b := binary.BigEndian.AppendUint16([]byte{6, 1, 0, byte(12 + len(own) + len(request)), 0, 0, 0, 9}, kind)
		b = append(append(binary.BigEndian.AppendUint16(b, code), own...), request...)
		e, err := wire.ParseError(b)
		require.NoError(t, err)
		require.Equal(t, uint32(9), e.XID)
		text := printed(t, b)
		if strings.Contains(e.Name, " ") {
			require.Contains(t, text, "***decode error", e.Name)
			return
		}
		named++
		require.Contains(t, text, ": "+e.Name+"\n")
	}
	for _, kind := range []uint16{0, 1, 2, 3, 4, 5, 6, 12, 17} {
		for code := range uint16(24) {
			check(kind, code)
		}
	}
	for _, code := range []uint16{2, 3, 4, 5, 9, 10, 11, 12, 13, 15, 37, 39, 40, 41, 42, 43} {
		check(0xffff, code, 0, 0, 0x23, 0x20)
	}
	require.Greater(t, named, 80)
}

// TestMessagesAsOVSReadsThem: bundles, barriers, greetings and requests.
func TestMessagesAsOVSReadsThem(t *testing.T) {
	in, err := wire.AppendBundleAdd(nil, 3, 5, func(b []byte) ([]byte, error) { return wire.AppendGroupMod(b, 3, wire.Modify, someGroup()) })
	require.NoError(t, err)
	for want, b := range map[string][]byte{
		"OFPT_HELLO (OF1.5) (xid=0x3):\n version bitmap: 0x06":                                                                        wire.AppendHello(nil, 3),
		"OFPT_BARRIER_REQUEST (OF1.5) (xid=0x3):":                                                                                     wire.AppendBarrier(nil, 3),
		"bundle_id=0x5 type=OPEN_REQUEST flags=atomic ordered":                                                                        wire.AppendBundle(nil, 3, 5, wire.OpenBundle),
		"bundle_id=0x5 type=COMMIT_REQUEST flags=atomic ordered":                                                                      wire.AppendBundle(nil, 3, 5, wire.CommitBundle),
		"bundle_id=0x5 type=DISCARD_REQUEST flags=atomic ordered":                                                                     wire.AppendBundle(nil, 3, 5, wire.DiscardBundle),
		"OFPT_METER_MOD (OF1.5) (xid=0x3): ADD meter=18503 pktps burst stats bands=\ntype=drop rate=1000 burst_size=1000":             wire.AppendMeter(nil, 3, 18503, 1000),
		"OFPT_METER_MOD (OF1.5) (xid=0x3): MOD meter=65540 kbps burst stats bands=\ntype=drop rate=500 burst_size=200":                wire.AppendMeterMod(nil, 3, wire.Modify, &openflow.Meter{ID: 65540, Rate: 500, Burst: 200}),
		"OFPT_METER_MOD (OF1.5) (xid=0x3): DEL meter=65540":                                                                           wire.AppendMeterMod(nil, 3, wire.Delete, &openflow.Meter{ID: 65540}),
		"OFPST_METER_CONFIG request (OF1.5) (xid=0x3): meter=all":                                                                     wire.AppendMeterDescs(nil, 3),
		"OFPST_METER request (OF1.5) (xid=0x3): meter=18503":                                                                          wire.AppendMeterStats(nil, 3, 18503),
		"OFPST_GROUP_DESC request (OF1.5) (xid=0x3): group_id=ALL":                                                                    wire.AppendGroupDescs(nil, 3),
		"OFPST_FLOW request (OF1.5) (xid=0x3):\n":                                                                                     wire.AppendFlowDescs(nil, 3, 1, 0xff),
		"OFPT_ECHO_REPLY (OF1.5) (xid=0x3): 4 bytes of payload":                                                                       wire.AppendEchoReply(nil, []byte{4, 2, 0, 12, 0, 0, 0, 3, 1, 2, 3, 4}),
		"MOD group_id=1212612609,type=select,selection_method=dp_hash,bucket=bucket_id:0,weight:3,actions=IN_PORT,bucket=bucket_id:1": in,
	} {
		require.Contains(t, printed(t, b), want, fmt.Sprintf("%x", b))
	}
}

// packetIn2 is a packet's message as Open vSwitch sends it: of a flow controller(userdata=01.02.03,max_len=4).
func packetIn2() []byte {
	b := []byte{6, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0x23, 0x20, 0, 0, 0, 30,
		0, 0, 0, 8, 0xa, 0xb, 0xc, 0xd,
		0, 1, 0, 8, 0, 0, 0, 99,
		0, 3, 0, 5, 40, 0, 0, 0,
		0, 4, 0, 16, 0, 0, 0, 0, 0x48, 0x47, 0, 0, 0, 0, 0, 1,
		0, 5, 0, 5, 1, 0, 0, 0,
		0, 6, 0, 32, 0x80, 0, 0, 4, 0, 0, 0, 7,
		0x80, 1, 1, 16, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0, 7, 0, 7, 1, 2, 3, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

// TestPacketMessages: both forms of a packet's message, and what asks for them.
func TestPacketMessages(t *testing.T) {
	msg := packetIn2()
	p, err := wire.ParsePacketIn(msg)
	require.NoError(t, err)
	want := wire.PacketIn{Packet: []byte{0xa, 0xb, 0xc, 0xd}, FullLen: 99, Table: 40, Cookie: 0x4847000000000001, Reason: 1,
		Metadata: []openflow.Term{openflow.Is(openflow.Reg1, 9), openflow.Is(openflow.InPort, 7)}, Userdata: []byte{1, 2, 3}}
	require.Equal(t, want, p)
	for n := range len(msg) - 1 { // the last byte is padding
		if p, err := wire.ParsePacketIn(msg[:n]); err == nil {
			require.NotEqual(t, want, p, n)
		}
	}
	standard := []byte{6, 10, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0, 99, 1, 40, 0x48, 0x47, 0, 0, 0, 0, 0, 1,
		0, 1, 0, 12, 0x80, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0xa, 0xb, 0xc, 0xd}
	standard[3] = byte(len(standard))
	p, err = wire.ParsePacketIn(standard)
	require.NoError(t, err)
	want.Userdata, want.Metadata = nil, []openflow.Term{openflow.Is(openflow.InPort, 7)}
	require.Equal(t, want, p)
	text := printed(t, standard)
	require.Contains(t, text, "OFPT_PACKET_IN (OF1.5) (xid=0x3): table_id=40 cookie=0x4847000000000001 total_len=99 in_port=7 (via action)")

	both := wire.AppendPacketRequest(nil, 3)
	require.Contains(t, printed(t, both[:12]), "OFPT_SET_CONFIG (OF1.5) (xid=0x3): frags=normal miss_send_len=65535")
	require.Contains(t, printed(t, both[12:]), "NXT_SET_PACKET_IN_FORMAT (OF1.5) (xid=0x4): format=nxt_packet_in2")
}
