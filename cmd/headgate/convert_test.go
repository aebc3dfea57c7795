package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// there and back: the texts that one text becomes.
type journey struct {
	yaml, program, back, again string
	fallbacks                  map[string]int
}

func travel(t *testing.T, text string) journey {
	t.Helper()
	j := journey{yaml: text}
	c := &conversion{report: &diag.Report{}}
	c.read("x.yaml", text)
	r := c.raise("default")
	j.fallbacks, j.program = r.Fallbacks(), r.Print()
	require.False(t, c.report.HasErrors(), "%v", c.report.Findings())
	c = &conversion{report: &diag.Report{}}
	c.read("x.hg", j.program)
	require.False(t, c.report.HasErrors(), "%v\n%s", c.report.Findings(), j.program)
	j.back = c.yaml()
	c = &conversion{report: &diag.Report{}}
	c.read("x.yaml", j.back)
	require.False(t, c.report.HasErrors(), "%v\n%s", c.report.Findings(), j.back)
	j.again = c.raise("default").Print()
	return j
}

// meaning is what compiles of a text, without places.
func meaning(t *testing.T, name, text string) string {
	t.Helper()
	report := &diag.Report{}
	objects := manifest.Parse(name, []byte(text), report)
	unplaced(reflect.ValueOf(objects))
	return compiler.Compile(objects, compiler.Options{}, report).Program.String()
}

// unplaced takes all places away.
func unplaced(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if !v.IsNil() {
			unplaced(v.Elem())
		}
	case v.Type() == reflect.TypeFor[manifest.Places]() || v.Type() == reflect.TypeFor[source.Pos]():
		v.SetZero()
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			unplaced(v.Index(i))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				unplaced(v.Field(i))
			}
		}
	}
}

// sameBothWays requires that a text means the same in the policy language and back, and that what was converted converts to itself.
func sameBothWays(t *testing.T, text string) journey {
	t.Helper()
	j := travel(t, text)
	want := meaning(t, "x.yaml", text)
	require.Equal(t, want, meaning(t, "x.hg", j.program), j.program)
	require.Equal(t, want, meaning(t, "x.yaml", j.back), j.back)
	require.Equal(t, uncommented(j.program), uncommented(j.again))
	return j
}

// uncommented leaves comments out: in a program all expectations, and the parts of a namespace, stand together.
func uncommented(text string) string {
	return regexp.MustCompile(`(?m)^ *//.*\n`).ReplaceAllString(text, "")
}

func manifestsOf(t *testing.T, files ...string) string {
	var out []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		out = append(out, string(text))
	}
	return strings.Join(out, "\n---\n")
}

// The examples mean the same in the policy language, and each of their policies is a sentence of it.
func TestConvertExamples(t *testing.T) {
	dirs, err := filepath.Glob("../../examples/*/cluster.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(dirs), 12)
	for _, cluster := range dirs {
		dir := filepath.Dir(cluster)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			files, err := filepath.Glob(dir + "/*.yaml")
			require.NoError(t, err)
			j := sameBothWays(t, manifestsOf(t, files...))
			for kind := range j.fallbacks {
				require.Contains(t, []string{"discovery.k8s.io/v1 EndpointSlice", "v1 Namespace"}, kind, j.program)
			}
		})
	}
}
