package manifest

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
		for i := range v.Len() {
			placeless(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[source.Pos]() {
			v.SetZero()
			return
		}
		if places, ok := v.Addr().Interface().(*Places); ok {
			*places = nil
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

// The programs in examples/language mean what the YAML of the example of the same name means, and are shorter.
func TestProgramsOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/language/*.hg")
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
