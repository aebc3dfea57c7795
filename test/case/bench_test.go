package testcase

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/targets"
)

// BenchmarkExamples takes each example from its files to the artifacts of all nodes.
func BenchmarkExamples(b *testing.B) {
	entries, err := os.ReadDir(examples)
	require.NoError(b, err)
	for _, e := range entries {
		for _, target := range targets.All() {
			b.Run(e.Name()+"/"+target.Name, func(b *testing.B) {
				objects := 0
				for b.Loop() {
					report := &diag.Report{}
					input := manifest.Read(b.Context(), manifest.Options{Files: []string{filepath.Join(examples, e.Name())}}, report)
					objects = 0
					for _, p := range compiler.Compile(input, compiler.Options{}, report).Placed {
						objects += len(target.Generate(p, report).Objects)
					}
				}
				b.ReportMetric(float64(objects), "objects")
			})
		}
	}
}
