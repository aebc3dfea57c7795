package manifest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
)

// refusal is what a case expects of one line.
type refusal struct {
	line  int32
	code  diag.Code
	field string
}

var expected = regexp.MustCompile(`# (HG\d{4}) (\S+)`)

// wanted finds the comments "# CODE FIELD" of a text; a line may have several. Field "-" is the object itself.
func wanted(text string) (out []refusal) {
	line := int32(0)
	for s := range strings.Lines(text) {
		line++
		for _, m := range expected.FindAllStringSubmatch(s, -1) {
			out = append(out, refusal{line, diag.Code(m[1]), strings.TrimPrefix(m[2], "-")})
		}
	}
	return out
}

// spec: 8.8
//
// TestRefused reads each section of testdata/refused/*.txtar after the section "header" of its archive: it is refused for
// exactly the reasons that its comments state, each at the comment's line, and there is a way out.
func TestRefused(t *testing.T) {
	paths, err := filepath.Glob("testdata/refused/*.txtar")
	require.NoError(t, err)
	count := 0
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		require.NoError(t, err)
		require.Equal(t, "header", archive.Files[0].Name, path)
		header := string(archive.Files[0].Data)
		var names []string
		for _, file := range archive.Files[1:] {
			names = append(names, file.Name)
			count++
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar")+"/"+file.Name, func(t *testing.T) { refused(t, header+string(file.Data)) })
		}
		slices.Sort(names)
		require.Len(t, slices.Compact(names), len(archive.Files)-1, "%s has a name twice", path)
	}
	require.GreaterOrEqual(t, count, 120)
}

func refused(t *testing.T, text string) {
	want := wanted(text)
	require.NotEmpty(t, want, "the case expects nothing")
	var report diag.Report
	objects := Parse("x.yaml", []byte(text), &report)
	var got []refusal
	for _, f := range report.Findings() {
		got = append(got, refusal{f.Origin.Pos.Line, f.Code, f.Origin.Field})
		require.NotEmpty(t, f.Hint, f.Message)
		if f.Severity == diag.Error {
			require.Empty(t, objects.RankedPolicies)
			require.Empty(t, objects.Groups)
			require.Empty(t, objects.Tiers)
			require.Empty(t, objects.ExternalNodes)
			require.Empty(t, objects.ExternalEntities)
			require.Empty(t, objects.Egresses)
			require.Empty(t, objects.ExternalIPPools)
		}
	}
	order := func(a, b refusal) int { return strings.Compare(key(a), key(b)) }
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if !slices.Equal(want, got) {
		var said strings.Builder
		require.NoError(t, diag.WriteText(&said, report.Findings()))
		require.Equal(t, want, got, "%s\n%s", text, said.String())
	}
}

func key(r refusal) string { return strconv.Itoa(int(r.line)) + " " + string(r.code) + " " + r.field }
