package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/internal/source"
)

// there and back: the texts that one text becomes.
type journey struct {
	yaml, program, back, again string
	fallbacks                  map[string]int
	findings                   []diag.Finding // of the first conversion
}

func travel(t *testing.T, text string) journey {
	t.Helper()
	j := journey{yaml: text}
	c := &conversion{report: &diag.Report{}}
	c.read("x.yaml", text)
	r := c.raise("default")
	j.fallbacks, j.program, j.findings = r.Fallbacks(), r.Print(), c.report.Findings()
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
				require.Equal(t, sliceKind, kind, j.program)
			}
		})
	}
}

// sliceKind is the kind that has no sentence of its own.
const sliceKind = "discovery.k8s.io/v1 EndpointSlice"

// Every case means the same in the policy language: those in YAML there and back, those in the language in YAML.
// spec: 12.16
func TestConvertCases(t *testing.T) {
	files, err := filepath.Glob("../../test/case/testdata/*.txtar")
	require.NoError(t, err)
	require.Greater(t, len(files), 100)
	fallbacks := map[string]int{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a := golden.Open(t, file)
			var parts []string
			for _, name := range a.Names("") {
				if strings.HasSuffix(name, ".yaml") {
					text, _ := a.Section(name)
					parts = append(parts, text)
				}
			}
			require.NotEmpty(t, parts)
			for kind, n := range sameBothWays(t, strings.Join(parts, "\n---\n")).fallbacks {
				fallbacks[kind] += n
			}
		})
	}
	// Said field by field are what no sentence says: slices, an Egress for nobody, a label of what is not logged, and rules of a
	// direction that does not count.
	require.Positive(t, fallbacks[sliceKind])
	delete(fallbacks, sliceKind)
	require.Equal(t, map[string]int{"crd.antrea.io/v1beta1 Egress": 1, "crd.antrea.io/v1beta1 ClusterNetworkPolicy": 1, "networking.k8s.io/v1 NetworkPolicy": 1}, fallbacks)
}

// Whatever a cluster has means the same in the policy language. Of what the generators make, the reader refuses little, and sentences say
// nearly everything else but slices.
func TestConvertRandom(t *testing.T) {
	const seeds = 25
	refused, fallbacks := map[string]int{}, map[string]int{}
	for seed := range uint64(seeds) {
		o, ranked := workload.RandomLeaving(seed), workload.Random(seed, workload.AllPeers)
		o.Tiers, o.Groups, o.RankedPolicies = ranked.Tiers, ranked.Groups, ranked.RankedPolicies
		o.ExternalNodes, o.ExternalEntities = ranked.ExternalNodes, ranked.ExternalEntities
		var text bytes.Buffer
		for _, write := range []func(io.Writer, *manifest.Objects) error{workload.WriteYAML, workload.WriteServices, workload.WriteLeaving} {
			require.NoError(t, write(&text, o))
		}
		report := &diag.Report{}
		if manifest.Parse("x.yaml", text.Bytes(), report); report.HasErrors() {
			for _, f := range report.Findings() {
				if f.Severity == diag.Error {
					refused[string(f.Code)+" "+f.Message]++
				}
			}
			continue
		}
		for kind, n := range sameBothWays(t, text.String()).fallbacks {
			fallbacks[kind] += n
		}
	}
	require.Empty(t, refused)
	require.Positive(t, fallbacks[sliceKind])
	delete(fallbacks, sliceKind)
	delete(fallbacks, "crd.antrea.io/v1beta1 Egress")         // for nobody
	delete(fallbacks, "crd.antrea.io/v1beta1 ExternalIPPool") // without addresses
	require.Empty(t, fallbacks)
}

// What kubectl prints of a cluster becomes sentences, with a note for each kind of what is left out.
func TestConvertWhatKubectlPrints(t *testing.T) {
	text := manifestsOf(t, "testdata/kubectl.yaml")
	j := sameBothWays(t, text)
	require.Equal(t, map[string]int{sliceKind: 1}, j.fallbacks)
	want, err := os.ReadFile("testdata/kubectl.hg")
	require.NoError(t, err)
	require.Equal(t, string(want), j.program)
	var said strings.Builder
	require.NoError(t, diag.WriteText(&said, j.findings))
	want, err = os.ReadFile("testdata/kubectl.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), said.String())
}
