package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// junitSuite is the form of a test report that CI systems read: one suite, a case for each expectation, named by its text and, as its
// class, by its object. Times are left out: they would differ from run to run.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int32         `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Error   *junitFailure `xml:"error"` // packets that differ although the expectation holds
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junit writes the report as JUnit's XML, a testsuites with one testsuite.
func (r *testReport) junit(w io.Writer) error {
	suite := junitSuite{Name: "headgate", Tests: r.Expectations, Failures: r.Failed}
	for i := range r.Results {
		t := &r.Results[i]
		c := junitCase{Class: t.At.Object, Name: t.Expected, File: t.At.File, Line: t.At.Line}
		switch {
		case !t.Holds:
			c.Failure = &junitFailure{t.reason(), t.plain()}
		case len(t.Differ) > 0:
			c.Error = &junitFailure{t.reason(), t.plain()}
			suite.Errors++
		}
		suite.Cases = append(suite.Cases, c)
	}
	text, err := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []junitSuite
	}{Suites: []junitSuite{suite}}, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	}
	return err
}

// tap gives the report as version 13 of the Test Anything Protocol.
func (r *testReport) tap() string {
	var b strings.Builder
	fmt.Fprintf(&b, "TAP version 13\n1..%d\n", r.Expectations)
	for i := range r.Results {
		t := &r.Results[i]
		word, good := "ok", t.Holds && len(t.Differ) == 0
		if !good {
			word = "not ok"
		}
		fmt.Fprintf(&b, "%s %d - %s\n", word, i+1, strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(t.Expected))
		if !good {
			for line := range strings.Lines(fmt.Sprintf("%s\n%s", t.At, t.plain())) {
				b.WriteString("# " + line)
			}
		}
	}
	fmt.Fprintf(&b, "# %s\n", r.summary())
	return b.String()
}

// reason is why an expectation does not hold, or what differs, in a line.
func (t *tested) reason() string {
	switch {
	case t.Holds:
		return "sent " + t.Differ[0].String()
	case len(t.Examples) == 0:
		return t.Problem
	}
	return t.Examples[0].Verdict + ": " + t.Examples[0].head
}

func (t *tested) plain() string {
	var b strings.Builder
	t.why(&b, palette{}, "")
	return b.String()
}
