package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// The log is valid by the schema of the standard, and has no field that the standard does not know.
func TestSARIFIsValid(t *testing.T) {
	at := func(file string, line int32) source.Origin {
		return source.Origin{Object: "NetworkPolicy a/b", Field: "spec.ingress[0]", Pos: source.Pos{File: file, Line: line, Col: 5}}
	}
	var report diag.Report
	report.AddFinding(diag.Finding{Code: diag.ShadowedRule, Origin: at("./dir/a b.yaml", 7), Message: "first",
		Related: []diag.Related{{Origin: at("/abs/c.yaml", 9), Message: "why"}},
		Witness: &diag.Witness{From: "a/b", To: "1.2.3.4", Port: "tcp/80", Shows: "ingress drop"}})
	report.Add(diag.BadCIDR, at("dir/a:b.yaml", 3), "second")
	report.Add(diag.NoManifests, source.Origin{Pos: source.Pos{File: "empty"}}, "third")
	report.Add(diag.PassLeadsNowhere, source.Origin{}, "fourth")
	var out bytes.Buffer
	require.NoError(t, writeSARIF(&out, report.Findings()))

	log := requireValid(t, out.Bytes())
	require.Len(t, log.Runs, 1)
	run := log.Runs[0]
	require.Len(t, run.Results, 4)
	require.Len(t, run.Tool.Driver.Rules, 4)
	levels := map[string]string{}
	for _, r := range run.Results {
		require.Equal(t, *r.RuleID, *run.Tool.Driver.Rules[r.RuleIndex].ID)
		require.NotEmpty(t, *run.Tool.Driver.Rules[r.RuleIndex].Help.Text)
		levels[*r.RuleID] = r.Level
	}
	require.Equal(t, map[string]string{"HG1010": "error", "HG1101": "error", "HG3001": "warning", "HG3005": "note"}, levels)
	for _, part := range []string{`"uri": "dir/a%20b.yaml"`, `"uri": "file:///abs/c.yaml"`, `"uri": "dir/a:b.yaml"`, `"startLine": 7`,
		`"startColumn": 5`, "Witness: headgate eval --from a/b --to 1.2.3.4 --port tcp/80: ingress drop."} {
		require.Contains(t, out.String(), part)
	}
}

// requireValid reads a log strictly and holds it against the schema. The library fills in what it does not read with empty
// values, of which the schema does not take three.
func requireValid(t *testing.T, log []byte) *sarif.Report {
	strict := json.NewDecoder(bytes.NewReader(log))
	strict.DisallowUnknownFields()
	require.NoError(t, strict.Decode(&sarif.Report{}))
	out, err := sarif.FromBytes(log)
	require.NoError(t, err)
	for _, run := range out.Runs {
		run.Language, run.Tool.Driver.Language, run.NewlineSequences = "en-US", "en-US", []string{"\n"}
	}
	require.NoError(t, out.Validate())
	return out
}

func TestSARIFOfNothingIsValid(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, writeSARIF(&out, nil))
	requireValid(t, out.Bytes())
	require.Contains(t, out.String(), `"results": []`)
}
