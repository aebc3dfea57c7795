package journal_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/journal"
)

func at(ms int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC).Add(time.Duration(ms) * time.Millisecond)
}

// The rules of the pipeline below.
const (
	web = 0x1 + iota
	joined
	isolation
	quiet
)

// pipeline has a node's rules, with ids.
func pipeline(t *testing.T) *ir.Pipeline {
	p, err := ir.ParsePipeline(`pipeline node=n1
endpoint x/a node=n1 addrs=10.0.0.5,fd00::5 from="Pod x/a",-,-
endpoint x/b node=n1 addrs=10.0.0.6 from="Pod x/b",-,-
set blocks blocks=192.0.2.0/24

list egress admin l1 endpoints=x/a,x/b
  reject peers=blocks l4=tcp/443 log=label:"out & away" from="AdminNetworkPolicy tenants","spec.egress[0]",-
  drop peers=blocks l4=any log=yes from="NetworkPolicy x/one","spec.egress[1]",- from="NetworkPolicy x/two","spec.egress[0]",-
  pass peers=any l4=icmp from=o,-,-

list egress namespace l1 endpoints=x/a
  drop peers=any l4=any log=yes from="NetworkPolicy x/one","spec.policyTypes",-

list ingress namespace l1 endpoints=x/a,x/b
  drop peers=any l4=any log=yes from="NetworkPolicy x/one","spec.policyTypes",-
`)
	require.NoError(t, err)
	ids := []ir.RuleID{web, joined, quiet}
	for i := range ids {
		p.Classifier(ir.Egress, ir.Admin).Lists[0].Rules[i].ID = ids[i]
	}
	p.Classifier(ir.Egress, ir.Namespace).Lists[0].Rules[0].ID = isolation
	p.Classifier(ir.Ingress, ir.Namespace).Lists[0].Rules[0].ID = isolation
	return p
}

// program names the first rule.
func program() *ir.Program {
	return &ir.Program{Policies: []*ir.Policy{{Rules: [2][]ir.PolicyRule{
		{{Name: "no-web", Origin: source.Origin{Object: "AdminNetworkPolicy tenants", Field: "spec.egress[0]"}}}, nil}}}}
}

func ip(src, dst string, proto ir.Proto, payload ...byte) []byte {
	from, to := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	b := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+len(payload)))
	b = append(b, 0, 0, 0, 0, 64, byte(proto), 0, 0)
	if from.Is6() {
		b = binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(len(payload)))
		b = append(b, byte(proto), 64)
	}
	return append(append(append(b, from.AsSlice()...), to.AsSlice()...), payload...)
}

func ports(src, dst uint16) []byte {
	return append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, src), dst), make([]byte, 16)...)
}

func record(rule ir.RuleID, ms int, packet []byte) journal.Record {
	return journal.Record{Rule: rule, Time: at(ms), Packet: packet}
}

// TestLines shows each kind of line as docs/logs.md has it.
func TestLines(t *testing.T) {
	var out bytes.Buffer
	j := journal.New("n1", &out, journal.Options{})
	j.SetRules(pipeline(t), program())
	j.Record(record(web, 0, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(40000, 443)...)))
	j.Record(record(web, 100, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(40000, 443)...)))
	j.Record(record(joined, 200, ip("10.0.0.6", "192.0.2.7", ir.ProtoUDP, ports(40000, 53)...)))
	j.Record(record(isolation, 300, ip("fd00::5", "2001:db8::1", ir.ProtoICMPv6, 128, 0)))
	j.Record(record(isolation, 400, ip("192.0.2.9", "10.0.0.6", ir.Proto(47), 1, 2)))
	j.Record(record(isolation, 450, ip("10.0.0.6", "10.0.0.5", ir.ProtoTCP, ports(1, 2)...)))
	j.Record(record(isolation, 460, ip("10.0.0.5", "10.0.0.6", ir.ProtoTCP, ports(1, 2)...)))
	j.Record(journal.Record{Rule: 0xabc, Time: at(500), Packet: []byte("no packet"), Lost: 3})
	require.NoError(t, j.Flush(at(999)))
	require.NotContains(t, out.String(), "policy", "windows are open yet")
	require.NoError(t, j.Flush(at(2000)))
	require.Equal(t, `{"time":"2026-03-01T12:00:01.122456Z","node":"n1","lost":3}
{"time":"2026-03-01T12:00:00.123456Z","node":"n1","direction":"egress","policy":"AdminNetworkPolicy tenants","rule":"spec.egress[0]","name":"no-web","id":"000000000001","action":"reject","label":"out \u0026 away","protocol":"tcp","source":"10.0.0.5","sourcePort":40000,"destination":"192.0.2.7","destinationPort":443,"packets":2}
{"time":"2026-03-01T12:00:00.323456Z","node":"n1","direction":"egress","policy":"NetworkPolicy x/one","rule":"spec.egress[1]","id":"000000000002","also":["NetworkPolicy x/two spec.egress[0]"],"action":"drop","protocol":"udp","source":"10.0.0.6","sourcePort":40000,"destination":"192.0.2.7","destinationPort":53,"packets":1}
{"time":"2026-03-01T12:00:00.423456Z","node":"n1","direction":"egress","policy":"NetworkPolicy x/one","rule":"spec.policyTypes","id":"000000000003","action":"drop","protocol":"icmpv6","source":"fd00::5","destination":"2001:db8::1","icmpType":128,"icmpCode":0,"packets":1}
{"time":"2026-03-01T12:00:00.523456Z","node":"n1","direction":"ingress","policy":"NetworkPolicy x/one","rule":"spec.policyTypes","id":"000000000003","action":"drop","protocol":"47","source":"192.0.2.9","destination":"10.0.0.6","packets":1}
{"time":"2026-03-01T12:00:00.573456Z","node":"n1","direction":"ingress","policy":"NetworkPolicy x/one","rule":"spec.policyTypes","id":"000000000003","action":"drop","protocol":"tcp","source":"10.0.0.6","sourcePort":1,"destination":"10.0.0.5","destinationPort":2,"packets":1}
{"time":"2026-03-01T12:00:00.583456Z","node":"n1","direction":"egress","policy":"NetworkPolicy x/one","rule":"spec.policyTypes","id":"000000000003","action":"drop","protocol":"tcp","source":"10.0.0.5","sourcePort":1,"destination":"10.0.0.6","destinationPort":2,"packets":1}
{"time":"2026-03-01T12:00:00.623456Z","node":"n1","id":"000000000abc","packets":1}
`, out.String())
	require.Equal(t, journal.Stats{Lines: 8, Packets: 8, Lost: 3}, j.Stats())
}

func lines(t *testing.T, text string) (out []map[string]any) {
	for line := range strings.Lines(text) {
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		out = append(out, e)
	}
	return out
}

func TestRuleHasSoManyLinesASecond(t *testing.T) {
	var out bytes.Buffer
	j := journal.New("n1", &out, journal.Options{Rate: 3})
	j.SetRules(pipeline(t), nil)
	for i := range 10 {
		j.Record(record(web, i, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(uint16(1000+i), 443)...)))
		j.Record(record(web, i, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(1000, 443)...)))
	}
	j.Record(record(joined, 50, ip("10.0.0.5", "192.0.2.7", ir.ProtoUDP, ports(1, 2)...)))
	j.Record(record(web, 1100, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(5, 443)...)))
	require.NoError(t, j.Close(at(1200)))
	got := lines(t, out.String())
	require.Len(t, got, 6)
	require.Equal(t, map[string]any{"time": "2026-03-01T12:00:00.123456Z", "node": "n1", "direction": "egress", "policy": "AdminNetworkPolicy tenants",
		"rule": "spec.egress[0]", "id": "000000000001", "action": "reject", "label": "out & away", "suppressed": 7.0}, got[0])
	var packets float64
	for _, e := range got {
		if n, ok := e["packets"].(float64); ok {
			packets += n
		}
	}
	require.Equal(t, 22.0, packets+7)
	require.EqualValues(t, 7, j.Stats().Suppressed)
}

func TestSuppressedIsToldWithoutMorePackets(t *testing.T) {
	var out bytes.Buffer
	j := journal.New("n1", &out, journal.Options{Rate: 1})
	j.Record(record(web, 0, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(1, 443)...)))
	j.Record(record(web, 0, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(2, 443)...)))
	require.NoError(t, j.Flush(at(1000)))
	got := lines(t, out.String())
	require.Len(t, got, 2)
	require.Equal(t, 1.0, got[1]["suppressed"])
	require.NoError(t, j.Flush(at(5000)))
	require.Len(t, lines(t, out.String()), 2)
}

// TestSetClocks: lines come out, and rules have their lines a second, while the clock by which packets are dated is put back and forward.
func TestSetClocks(t *testing.T) {
	for _, day := range []int{-86_400_000, 86_400_000} {
		var out bytes.Buffer
		j := journal.New("n1", &out, journal.Options{Rate: 2})
		packet := func(ms int, port uint16) {
			j.Record(record(web, ms, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(port, 443)...)))
		}
		packet(0, 1)
		packet(10, 2)
		packet(day+20, 1) // is no packet of the first line, and the rule has two lines again
		packet(day+30, 3)
		require.NoError(t, j.Flush(at(day+40)))
		require.Len(t, lines(t, out.String()), 2)
		require.NoError(t, j.Flush(at(day+1040)))
		require.Len(t, lines(t, out.String()), 4)
		require.Zero(t, j.Stats().Suppressed)
	}
}

func TestIdsOfTheRulesBeforeAreUnderstood(t *testing.T) {
	var out bytes.Buffer
	j := journal.New("n1", &out, journal.Options{})
	empty, err := ir.ParsePipeline("pipeline node=n1\n")
	require.NoError(t, err)
	packet := ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(1, 443)...)
	j.SetRules(pipeline(t), nil)
	j.SetRules(empty, nil)
	j.Record(record(web, 0, packet))
	j.SetRules(empty, nil)
	j.Record(record(web, 1000, packet))
	require.NoError(t, j.Close(at(1000)))
	got := lines(t, out.String())
	require.Equal(t, "AdminNetworkPolicy tenants", got[0]["policy"])
	require.NotContains(t, got[1], "policy")
}

// disk fails when it is full, after it has written what still fits.
type disk struct {
	bytes.Buffer
	room int
}

func (d *disk) Write(b []byte) (int, error) {
	n := min(len(b), d.room)
	d.room -= n
	d.Buffer.Write(b[:n])
	if n < len(b) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func TestFullDisk(t *testing.T) {
	d := &disk{room: 250}
	j := journal.New("n1", d, journal.Options{Rate: 1 << 20})
	j.SetRules(pipeline(t), nil)
	const many = 40_000
	for i := range many {
		j.Record(record(web, i, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(uint16(i), 443)...)))
		if i%1000 == 0 {
			require.Equal(t, i >= 1000, j.Flush(at(i)) != nil, i)
		}
	}
	require.Error(t, j.Flush(at(2*many)))
	s := j.Stats()
	require.EqualValues(t, many, s.Packets)
	require.EqualValues(t, 40, s.Errors)
	require.Equal(t, "no space left on device", s.LastError)
	require.Greater(t, s.Lost, uint64(many/4))
	require.Less(t, s.Lost, uint64(many))
	d.room = 1 << 30
	require.NoError(t, j.Flush(at(2*many)))
	written, lost := 0, 0.0
	for _, e := range lines(t, d.String()) {
		if n, ok := e["lost"].(float64); ok {
			lost += n
		} else {
			written++
		}
	}
	require.EqualValues(t, j.Stats().Lost, lost)
	require.Equal(t, many-int(lost), written)
}

// hanging never returns from a write until it is let go.
type hanging struct{ entered, letGo chan struct{} }

func (h *hanging) Write(b []byte) (int, error) {
	h.entered <- struct{}{}
	<-h.letGo
	return len(b), nil
}

func TestRecordDoesNotWaitForADiskThatHangs(t *testing.T) {
	h := &hanging{make(chan struct{}), make(chan struct{})}
	j := journal.New("n1", h, journal.Options{})
	j.Record(record(web, 0, nil))
	var wg sync.WaitGroup
	wg.Go(func() { _ = j.Flush(at(1000)) })
	<-h.entered
	for i := range 100_000 {
		j.Record(record(ir.RuleID(i), 1000+i, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(uint16(i), 443)...)))
	}
	s := j.Stats()
	require.EqualValues(t, 100_001, s.Packets)
	require.Greater(t, s.Suppressed, uint64(80_000), "what waits is limited")
	close(h.letGo)
	wg.Wait()
}

func TestFileRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logs", "policy.log")
	out := journal.File{Path: path, MaxSize: 1, MaxFiles: 2}.Open()
	j := journal.New("n1", out, journal.Options{Rate: 1 << 20})
	j.SetRules(pipeline(t), nil)
	for i := range 5 * 4000 {
		j.Record(record(web, i, ip("10.0.0.5", "192.0.2.7", ir.ProtoTCP, ports(uint16(i), 443)...)))
		if i%1000 == 0 {
			require.NoError(t, j.Flush(at(i)))
		}
	}
	require.NoError(t, j.Close(at(100_000)))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.Eventually(t, func() bool {
		files, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		return len(files) == 3
	}, 10*time.Second, 10*time.Millisecond, "the newest, and two older ones")
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "policy*.log"))
	require.NoError(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.LessOrEqual(t, len(b), 1<<20)
		require.NotEmpty(t, lines(t, string(b)), "no line is torn")
	}
}
