package manifest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/syntax"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// placeless takes all positions away, which differ between a program and the YAML that means the same.
func placeless(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			placeless(v.Elem())
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[Places]() {
			v.SetZero()
			return
		}
		for i := range v.Len() {
			placeless(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[source.Pos]() {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				placeless(v.Field(i))
			}
		}
	}
}

// same requires that two inputs mean the same objects.
func same(t *testing.T, want, got *Objects) {
	t.Helper()
	placeless(reflect.ValueOf(want))
	placeless(reflect.ValueOf(got))
	require.Equal(t, want, got)
}

// The programs in docs/language mean what the YAML of the example of the same name means, and are shorter.
func TestProgramsOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../docs/language/*.hg")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 10)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := "../../examples/" + strings.TrimSuffix(filepath.Base(file), ".hg")
			twins := []string{dir + "/policies.yaml"}
			switch filepath.Base(dir) {
			case "egress":
				twins = append(twins, dir+"/egress.yaml")
			}
			report := &diag.Report{}
			want := Read(context.Background(), Options{Files: twins}, report)
			got := Read(context.Background(), Options{Files: []string{file}}, report)
			require.Empty(t, report.Findings())
			if filepath.Base(dir) == "external-node" {
				require.Len(t, got.ExternalNodes, 2)
				cluster := Read(context.Background(), Options{Files: []string{dir + "/cluster.yaml"}}, report)
				want.ExternalNodes = cluster.ExternalNodes
			}
			same(t, want, got)
			size := 0
			for _, f := range twins {
				size += code(t, f, "#")
			}
			require.Less(t, 2*code(t, file, "//"), size+size/2, "it is not much shorter")
		})
	}
}

// code counts the characters of a file without comments, blanks and line breaks.
func code(t *testing.T, file, comment string) int {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	count := 0
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, comment) {
			count += len(strings.ReplaceAll(line, " ", ""))
		}
	}
	return count
}

// block is an example of the specification.
type block struct {
	section, language, file, text string
	line                          int
}

// examplesOf reads the examples of a section of spec.md.
func examplesOf(t *testing.T, section string) []block {
	text, err := os.ReadFile("../../spec.md")
	require.NoError(t, err)
	var out []block
	var now *block
	heading := ""
	for i, line := range strings.Split(string(text), "\n") {
		switch info, fence := strings.CutPrefix(line, "```"); {
		case fence && now != nil:
			out = append(out, *now)
			now = nil
		case fence:
			now = &block{section: heading, line: i + 2}
			now.language, now.file, _ = strings.Cut(info, " file=")
		case now != nil:
			now.text += line + "\n"
		case strings.HasPrefix(line, "### "):
			heading, _, _ = strings.Cut(strings.TrimPrefix(line, "### "), " ")
		}
	}
	require.Nil(t, now)
	return slices.DeleteFunc(out, func(b block) bool { return !strings.HasPrefix(b.section, section+".") })
}

// The examples of the specification are programs without errors, laid out as all are, and mean what the YAML behind them means.
// spec: 12.1 12.2 12.3 12.4 12.5 12.6 12.7 12.8 12.9 12.10 12.11 12.12 12.13 12.15
func TestExamplesOfLanguage(t *testing.T) {
	blocks := examplesOf(t, "12")
	dir := t.TempDir()
	programs, twins := 0, 0
	for _, b := range blocks {
		name := filepath.Join(dir, "program.hg")
		if b.file != "" {
			name = filepath.Join(dir, b.file)
		}
		if b.language == "hg" {
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
			require.NoError(t, os.WriteFile(name, []byte(b.text), 0o644))
		}
	}
	for i, b := range blocks {
		if b.language != "hg" {
			continue
		}
		programs++
		t.Run(fmt.Sprintf("%s line %d", b.section, b.line), func(t *testing.T) {
			name := filepath.Join(dir, cmp.Or(b.file, "program.hg"))
			require.NoError(t, os.WriteFile(name, []byte(b.text), 0o644))
			report := &diag.Report{}
			got := Read(context.Background(), Options{Files: []string{name}}, report)
			require.Empty(t, slices.DeleteFunc(report.Findings(), func(f diag.Finding) bool { return f.Code == diag.NoManifests }))
			formatted, problems := syntax.Format(name, b.text)
			require.Empty(t, problems)
			require.Equal(t, b.text, formatted)
			if i+1 < len(blocks) && blocks[i+1].language == "yaml" {
				twins++
				want := Parse("x.yaml", []byte(blocks[i+1].text), report)
				require.Empty(t, report.Findings())
				same(t, want, got)
			}
		})
	}
	require.GreaterOrEqual(t, programs, 15)
	require.GreaterOrEqual(t, twins, 7)
}
