package lab

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/ir"
)

func TestParsePort(t *testing.T) {
	for text, want := range map[string]Port{
		"80": {TCP, 80}, "TCP/80": {TCP, 80}, "udp/53": {UDP, 53}, "sctp/65535": {SCTP, 65535}, "icmp": {Proto: ICMP},
	} {
		got, err := ParsePort(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		again, err := ParsePort(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for _, text := range []string{"", "0", "TCP/0", "TCP/65536", "TCP/", "/80", "IGMP/1", "80/TCP", "TCP/80/1"} {
		_, err := ParsePort(text)
		require.Error(t, err, text)
	}
}

func TestCheckReportsEverything(t *testing.T) {
	require.NoError(t, new(dualStack(NFTables, 3, 3, everyPort()...)).Check())
	require.NoError(t, new(dualStack(OpenFlow, 3, 3, everyPort()...)).Check())

	bad := Spec{
		Name: "Lab_1", Target: "iptables", Datapath: "dpdk",
		Nodes: []Node{{Name: "a"}, {Name: "a", Addrs: []netip.Addr{addr("127.0.0.1")}, PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}}},
		Pods: []Pod{
			{Namespace: "x", Name: "p", Node: "b", Addrs: []netip.Addr{addr("10.0.0.2")}, Ports: []Port{{TCP, 0}}},
			{Namespace: "x", Name: "q", Node: "a", Addrs: []netip.Addr{addr("10.0.0.2")}},
		},
		Hosts: []Host{{Name: "h/1", Via: "gone"}, inVLAN("v", "10.0.0.3", "10.0.0.2/24", 4095), inVLAN("w", "10.0.0.4", "10.0.0.2/24", 4094)},
	}
	err := bad.Check()
	for _, want := range []string{
		`lab name "Lab_1"`, `target "iptables"`, `datapath "dpdk"`, "node/a has no address", "node/a is declared twice", "127.0.0.1 cannot be",
		"10.0.0.1/24 is not a network", `there is no node "b"`, `port "TCP/0"`, "pod/x/p and pod/x/q both have address 10.0.0.2",
		`"h/1" is not a name`, "host/h/1 has no address", `host/h/1: there is no node "gone"`,
		"host/v: 10.0.0.2/24 with tag 4095 is no network", "host/w and pod/x/p both have address 10.0.0.2",
	} {
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, (&Spec{Target: NFTables}).Check(), "at least one node")
}

func TestGatewayAddressesBelongToTheNode(t *testing.T) {
	spec := dualStack(OpenFlow, 1, 1)
	spec.Pods[0].Addrs[0] = addr("10.1.1.1")
	require.ErrorContains(t, spec.Check(), "the gateway of node/n1 and pod/x/p1-1 both have address 10.1.1.1")
	spec.Target = NFTables
	require.NoError(t, spec.Check())

	require.Equal(t, addr("10.1.1.1"), spec.Nodes[0].gateway(true))
	require.Equal(t, addr("fd00:1:1::1"), spec.Nodes[0].gateway(false))
	require.Equal(t, addr("169.254.1.1"), (&Node{}).gateway(true))
	require.Equal(t, addr("fe80::1"), (&Node{}).gateway(false))
	require.Equal(t, addr("10.0.0.7"), firstAddr(netip.MustParsePrefix("10.0.0.7/32")))
}

func TestLinkNamesAndAddresses(t *testing.T) {
	require.Equal(t, "0a:58:0a:01:02:03", macFor([]netip.Addr{addr("fd00::1"), addr("10.1.2.3")}).String())
	six := macFor([]netip.Addr{addr("fd00::1")})
	require.NotEqual(t, six, macFor([]netip.Addr{addr("fd00::2")}))
	require.Zero(t, six[0]&1, "no multicast address")
	names := map[string]bool{}
	for _, p := range dualStack(NFTables, 4, 200).Pods {
		name := podLink(&p)
		require.Less(t, len(name), unix.IFNAMSIZ)
		require.False(t, names[name])
		names[name] = true
	}
}

func TestStraysAreAddressesThatNoPrefixLeadsTo(t *testing.T) {
	spec := dualStack(NFTables, 2, 1)
	spec.Nodes[1].PodCIDRs = append(spec.Nodes[1].PodCIDRs, netip.MustParsePrefix("10.1.1.128/25")) // inside of n1's
	spec.Pods = append(spec.Pods,
		Pod{Namespace: "x", Name: "out", Node: "n2", Addrs: []netip.Addr{addr("172.16.0.1"), addr("10.1.2.9")}},
		Pod{Namespace: "x", Name: "in", Node: "n1", Addrs: []netip.Addr{addr("10.1.1.130")}})
	c := &cluster{boot: boot{Spec: spec}}
	require.Equal(t, []stray{{addr: addr("172.16.0.1"), node: 1}, {addr: addr("10.1.1.130"), node: 0}}, c.strays())
}

func TestUnderlayBits(t *testing.T) {
	members := func(addrs ...string) (list []*member) {
		for _, a := range addrs {
			list = append(list, &member{node: &Node{}, addrs: []netip.Addr{addr("%s", a)}})
		}
		return append(list, &member{addrs: []netip.Addr{addr("8.8.8.8")}}) // a host does not count
	}
	require.Equal(t, [2]int{30, 126}, underlayBits(members("192.168.0.1", "192.168.0.2")))
	require.Equal(t, [2]int{24, 126}, underlayBits(members("192.168.0.1", "192.168.0.200")))
	require.Equal(t, [2]int{0, 119}, underlayBits(members("10.0.0.1", "192.168.0.2", "fd00::1", "fd00::1f0")))
}

// An INIT as RFC 9260 section 3.3.2 draws it; the checksum was computed bit by bit from the polynomial in appendix A.
func TestSCTPPackets(t *testing.T) {
	ask := sctpPacket{Src: 0x1234, Dst: 7777, Chunk: sctpInit, InitTag: 0xcafe0001}
	b := ask.encode()
	require.Equal(t, "12341e6100000000", hex.EncodeToString(b[:8]))
	require.Equal(t, "01000014cafe00010001000000010001cafe0001", hex.EncodeToString(b[12:]))
	zeroed := append([]byte(nil), b...)
	copy(zeroed[8:12], []byte{0, 0, 0, 0})
	sum := castagnoli(zeroed)
	require.Equal(t, []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)}, b[8:12])

	for _, p := range []sctpPacket{
		ask, {Src: 1, Dst: 2, Tag: 3, Chunk: sctpInitAck, InitTag: 4, Cookie: []byte("hello")}, {Src: 1, Dst: 2, Tag: 3, Chunk: sctpAbort},
	} {
		got, ok := decodeSCTP(p.encode())
		require.True(t, ok)
		require.Equal(t, p, got)
	}
	for i := range b {
		damaged := append([]byte(nil), b...)
		damaged[i] ^= 0x10
		_, ok := decodeSCTP(damaged)
		require.False(t, ok, "byte %d", i)
		_, ok = decodeSCTP(b[:i])
		require.False(t, ok, "%d bytes", i)
	}
}

func castagnoli(b []byte) uint32 {
	crc := ^uint32(0)
	for _, c := range b {
		crc ^= uint32(c)
		for range 8 {
			if crc&1 != 0 {
				crc = crc>>1 ^ 0x82f63b78
			} else {
				crc >>= 1
			}
		}
	}
	return ^crc
}

// The example of RFC 1071 section 3.
func TestInternetChecksum(t *testing.T) {
	require.Equal(t, ^uint16(0xddf2), internetChecksum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}))
}

func TestICMPVerdicts(t *testing.T) {
	for _, c := range []struct {
		e    icmpError
		want Verdict
	}{
		{icmpError{kind: 3, code: 13, errno: unix.EHOSTUNREACH}, Reject},
		{icmpError{kind: 3, code: 10, errno: unix.EHOSTUNREACH}, Reject},
		{icmpError{kind: 3, code: 3, errno: unix.ECONNREFUSED}, Reject},
		{icmpError{kind: 3, code: 0, errno: unix.ENETUNREACH}, Failed},
		{icmpError{kind: 3, code: 1, errno: unix.EHOSTUNREACH}, Drop},
		{icmpError{v6: true, kind: 1, code: 3, errno: unix.EHOSTUNREACH}, Drop},
		{icmpError{v6: true, kind: 3, code: 1, errno: unix.EHOSTUNREACH}, Failed},
		{icmpError{v6: true, kind: 1, code: 1, errno: unix.EACCES}, Reject},
		{icmpError{v6: true, kind: 1, code: 0, errno: unix.ENETUNREACH}, Failed},
		{icmpError{v6: true, kind: 3, code: 13, errno: unix.EHOSTUNREACH}, Failed},
		{icmpError{fromLocal: true, kind: 3, code: 13, errno: unix.EMSGSIZE}, Failed},
		{icmpError{fromLocal: true, errno: unix.EPERM}, Drop},
	} {
		require.Equal(t, c.want, c.e.verdict().Verdict, "%+v", c.e)
	}
}

func TestMatrixFoldsFamilies(t *testing.T) {
	both := []netip.Addr{addr("10.0.0.1"), addr("fd00::1")}
	spec := &Spec{Pods: []Pod{
		{Namespace: "b", Name: "a", Addrs: both},
		{Namespace: "a-b", Name: "z", Addrs: []netip.Addr{addr("10.0.0.2"), addr("fd00::2")}},
		{Namespace: "a", Name: "six", Addrs: []netip.Addr{addr("fd00::3")}},
		{Namespace: "a", Name: "four", Addrs: []netip.Addr{addr("10.0.0.4")}},
		{Namespace: "a", Name: "none"},
	}}
	plan := newMatrixPlan(spec, MatrixRequest{Ports: []Port{{TCP, 80}}})
	results := make([]ProbeResult, len(plan.probes))
	for i, p := range plan.probes { // IPv4 passes, IPv6 does not; to b/a nothing does
		switch {
		case p.To == both[0], p.To == both[1]:
			results[i].Verdict = Reject
		case p.To.Is4():
			results[i].Verdict = Allow
		default:
			results[i].Verdict = Drop
		}
	}
	m, err := plan.fold(results)
	require.NoError(t, err)
	text, err := json.Marshal(m)
	require.NoError(t, err)
	require.JSONEq(t, `{"pods": ["a/four", "a/six", "a-b/z", "b/a"], "ports": {"TCP/80": [
		["allow", "none", "allow", "reject"],
		["none", "allow", "drop", "reject"],
		["allow", "drop", "allow", "reject"],
		["allow", "drop", "mixed", "allow"]]}}`, string(text))

	four := newMatrixPlan(spec, MatrixRequest{Ports: []Port{{TCP, 80}}, Families: []int{4}, Pods: []string{"b/a", "a/four"}})
	require.Len(t, four.probes, 2)

	results[0] = ProbeResult{Verdict: Failed, Detail: "no route"}
	_, err = plan.fold(results)
	require.ErrorContains(t, err, "no route")
}

func TestFrames(t *testing.T) {
	ours, theirs, err := socketPair()
	require.NoError(t, err)
	a, err := net.FileConn(ours)
	require.NoError(t, err)
	b, err := net.FileConn(theirs)
	require.NoError(t, err)
	defer b.Close()
	long := strings.Repeat("x", 1<<20)
	go func() {
		writeFrame(a.(*net.UnixConn), request{Op: long}, ours, theirs)
		a.Write([]byte{0xff, 0xff, 0xff, 0xff})
		a.Close()
	}()
	var got request
	files, err := readFrame(b.(*net.UnixConn), &got)
	require.NoError(t, err)
	require.Len(t, files, 2)
	closeAll(files)
	require.Equal(t, long, got.Op)
	_, err = readFrame(b.(*net.UnixConn), &got)
	require.ErrorContains(t, err, "too long")
	closeAll([]*os.File{ours, theirs})
}

func TestFromProgram(t *testing.T) {
	four, six := addr("10.1.1.2"), addr("fd00::2")
	program := &ir.Program{
		Nodes: []*ir.Node{{Name: "n", Addrs: []netip.Addr{addr("192.168.0.1")}, PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.1.1.0/24")}}},
		Endpoints: []*ir.Endpoint{
			{Namespace: "a", Name: "p", Node: "n", Addrs: []netip.Addr{four, six}, Listens: []ir.L4{
				ir.DstL4(ir.ProtoTCP, ir.OnePort(80)), ir.DstL4(ir.ProtoUDP, ir.OnePort(53)), ir.DstL4(ir.ProtoTCP, ir.OnePort(80)),
				ir.DstL4(ir.ProtoTCP, ir.PortRange{From: 1, To: 9}), ir.AnyL4(), ir.DstL4(ir.ProtoSCTP, ir.OnePort(9)),
			}},
			{Namespace: "a", Name: "unscheduled", Addrs: []netip.Addr{addr("10.1.1.3")}},
			{Namespace: "a", Name: "pending", Node: "n"},
		},
	}
	require.Equal(t, Spec{
		Target: NFTables,
		Nodes:  []Node{{Name: "n", Addrs: []netip.Addr{addr("192.168.0.1")}, PodCIDRs: program.Nodes[0].PodCIDRs}},
		Pods: []Pod{{
			Namespace: "a", Name: "p", Node: "n", Addrs: []netip.Addr{four, six}, Ports: []Port{{TCP, 80}, {UDP, 53}, {SCTP, 9}},
		}},
	}, FromProgram(program, NFTables))
}

func TestStateDirectories(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	base := t.TempDir() + "/base"
	first := Spec{Target: NFTables}
	dir, lock, err := claim(base, &first)
	require.NoError(t, err)
	require.Equal(t, "lab-1", first.Name)
	second := Spec{Name: "lab-1"}
	_, _, err = claim(base, &second)
	require.True(t, errors.Is(err, ErrRunning))
	second.Name = ""
	_, other, err := claim(base, &second)
	require.NoError(t, err)
	require.Equal(t, "lab-2", second.Name)
	require.NoError(t, reclaim(dir))
	require.DirExists(t, dir, "it is in use")
	require.NoError(t, lock.Close())
	require.NoError(t, reclaim(dir))
	require.NoDirExists(t, dir)
	require.NoError(t, other.Close())
	require.NoError(t, withBase(base, func() error {
		names, err := sweep(base)
		require.Empty(t, names)
		return err
	}))
	require.NoDirExists(t, base, "the last lab's end removes it")
}
