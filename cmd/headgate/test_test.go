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
