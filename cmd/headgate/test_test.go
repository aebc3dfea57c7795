package main

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is written as JUnit's XML parses, with the counts and texts that went in, whatever characters they have.
func TestJUnitParses(t *testing.T) {
	r := &testReport{Expectations: 2, Failed: 1, Results: []tested{
		{Expected: "allow from a to b", Holds: true},
		{Expected: `drop from <a> & "b"`, Problem: "no packet <tests> it", At: rule{Object: "Expectations e", File: "e.hg", Line: 3}},
	}}
	var b strings.Builder
	require.NoError(t, r.junit(&b))
	var got struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal([]byte(b.String()), &got))
	require.Len(t, got.Suites, 1)
	require.Equal(t, [2]int{2, 1}, [2]int{got.Suites[0].Tests, got.Suites[0].Failures})
	require.Len(t, got.Suites[0].Cases, 2)
	require.Nil(t, got.Suites[0].Cases[0].Failure)
	c := got.Suites[0].Cases[1]
	require.Equal(t, `drop from <a> & "b"`, c.Name)
	require.Equal(t, "e.hg", c.File)
	require.Equal(t, &junitFailure{"no packet <tests> it", "no packet <tests> it\n"}, c.Failure)
}

// Packets of which becomes something else are told apart from expectations that fail.
func TestPacketsThatDiffer(t *testing.T) {
	differ := []packetsDiffer{{From: "a/x (10.0.0.1)", To: "a/y (10.0.0.2)", Traffic: "tcp/80", Got: "drop", Want: "allow"}}
	r := &testReport{Expectations: 2, Failed: 1, Lab: &played{Target: "openflow", Sent: 3, NotSent: 1, Differ: 1}, Results: []tested{
		{Expected: "allow from x to y", Holds: true, Packets: 4, Sent: 3, Differ: differ, At: rule{Object: "Expectations e", File: "e.hg", Line: 3, Column: 1}},
		{Expected: "drop from x to z", Problem: "no packet tests it", At: rule{Object: "Expectations e", File: "e.hg", Line: 4, Column: 1}},
	}}
	require.False(t, r.isGood())
	require.Equal(t, `DIFFERS  allow from x to y
  expected in Expectations e (e.hg:3:1)
  sent a/x (10.0.0.1) -> a/y (10.0.0.2) tcp/80: got drop, want allow
FAIL  drop from x to z
  expected in Expectations e (e.hg:4:1)
  no packet tests it
2 expectations, 1 failed; 3 packets sent on openflow, 1 not sent, 1 differ from what the policies say
`, r.text(palette{}))
	require.Contains(t, r.tap(), "not ok 1 - allow from x to y\n# Expectations e (e.hg:3:1)\n# sent a/x")
	var b strings.Builder
	require.NoError(t, r.junit(&b))
	require.Contains(t, b.String(), `tests="2" failures="1" errors="1"`)
	require.Contains(t, b.String(), `<error message="sent a/x (10.0.0.1) -&gt; a/y (10.0.0.2) tcp/80: got drop, want allow">`)
	r.Failed, r.Results = 0, r.Results[:1]
	require.False(t, r.isGood())
	r.Lab.Differ = 0
	require.True(t, r.isGood())
}

// Of many packets as many are kept at even distances as there is room for.
func TestChoiceOfPackets(t *testing.T) {
	for n, want := range map[int]struct{ kept, step int }{1: {1, 1}, 256: {256, 1}, 257: {129, 2}, 1000: {250, 4}} {
		c := &choice{step: 1}
		for i := range n {
			p := &sentPacket{}
			p.Packet.DstPort = uint16(i)
			c.add(p)
		}
		require.Equal(t, n, c.seen)
		require.Len(t, c.kept, want.kept, "%d", n)
		for i, p := range c.kept {
			require.EqualValues(t, i*want.step, p.Packet.DstPort, "%d", n)
		}
	}
}
