package diag

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
)

func TestCodesAreInOrderAndHaveAWayOut(t *testing.T) {
	last := Code("")
	for _, row := range Codes() {
		require.Greater(t, row.Code, last, "codes are distinct and sorted")
		last = row.Code
		require.Regexp(t, `^HG\d{4}$`, row.Code)
		require.NotEmpty(t, row.Title, row.Code)
		if row.Severity != Note {
			require.NotEmpty(t, row.Hint, row.Code)
		}
		require.Equal(t, row, Lookup(row.Code))
	}
	require.Equal(t, Error, Lookup("no code").Severity)
}

func at(file string, line int32, object, field string) source.Origin {
	return source.Origin{Object: object, Field: field, Pos: source.Pos{File: file, Line: line, Col: 3}}
}

func TestFindingsAreSortedAndSaidOnce(t *testing.T) {
	var r Report
	_, any := r.Max()
	require.False(t, any)
	require.False(t, r.HasErrors())
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			r.Add(HostBits, at("b.yaml", 2, "Pod a/b", "x"), "second %d", 1)
			r.Add(UnknownKind, at("b.yaml", 2, "Pod a/b", "x"), "second %d", 1)
			r.Add(BadPort, at("a.yaml", 10, "Pod a/b", "x"), "first")
		})
	}
	wait.Wait()
	findings := r.Findings()
	require.Len(t, findings, 3)
	require.Equal(t, []Code{BadPort, UnknownKind, HostBits}, []Code{findings[0].Code, findings[1].Code, findings[2].Code})
	require.True(t, r.HasErrors())
}

func TestSeverityIsNeverBelowTheCodes(t *testing.T) {
	var r Report
	r.AddFinding(Finding{Code: BadPort, Severity: Note})
	r.AddFinding(Finding{Code: UnknownKind, Severity: Error, Hint: "own"})
	findings := r.Findings()
	require.Equal(t, []Severity{Error, Error}, []Severity{findings[0].Severity, findings[1].Severity})
	require.Equal(t, "own", findings[0].Hint)
	require.Equal(t, Lookup(BadPort).Hint, findings[1].Hint)
}

func TestWriteText(t *testing.T) {
	var out strings.Builder
	require.NoError(t, WriteText(&out, []Finding{
		{Code: ExceptOutside, Severity: Error, Origin: at("a/b.yaml", 7, "NetworkPolicy shop/web", "spec.x"), Message: "what is wrong", Hint: "the way out",
			Witness: &Witness{From: "shop/web", To: "203.0.113.1", Port: "tcp/80", SourcePort: 9, Family: "ipv4", Shows: "dropped"},
			Related: []Related{{at("c.yaml", 9, "NetworkPolicy shop/api", ""), "the other one"}}},
		{Code: UnknownKind, Severity: Note, Message: "nowhere"},
		{Code: Unreadable, Severity: Error, Origin: source.Origin{Field: "kind", Pos: source.Pos{File: "x"}}, Message: "m", Hint: "h"},
	}))
	require.Equal(t, `a/b.yaml:7:3: error HG1103: what is wrong
    in NetworkPolicy shop/web spec.x
    see c.yaml:9:3: NetworkPolicy shop/api: the other one
    witness: --from shop/web --to 203.0.113.1 --port tcp/80 --source-port 9 --family ipv4: dropped
    hint: the way out
-: note HG1007: nowhere
x: error HG1009: m
    in kind
    hint: h
`, out.String())
}

func TestDrop(t *testing.T) {
	var r Report
	r.Add(Syntax, source.Origin{Object: "a"}, "one")
	r.Add(UnknownKind, source.Origin{Object: "b"}, "two")
	r.Drop(func(f Finding) bool { return f.Code == Syntax })
	require.Len(t, r.Findings(), 1)
	require.False(t, r.HasErrors())
}
