package compiler_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
)

func oddities(s *compiler.Session) []diag.Finding {
	report := &diag.Report{}
	s.Oddities(report)
	return report.Findings()
}

// An object that is tried is found as faulty as if it were there for good, and leaves no trace. What a survey says is what compiling
// everything does.
func TestTry(t *testing.T) {
	changed := 0
	for seed := range seeds() / 12 {
		peers := workload.Peers(seed % 2)
		objects := workload.Random(seed, peers)
		s := compiler.NewSession(compiler.Options{})
		s.Replace(objects)
		before := oddities(s)
		for step := range uint64(10) {
			next := *objects
			object, kind, namespace, name := workload.Edit(seed*1000+step, peers, &next)
			fresh := compiler.NewSession(compiler.Options{})
			fresh.Replace(&next)
			try := func() {
				now := oddities(s)
				require.Equal(t, oddities(fresh), now)
				if len(now) != len(before) {
					changed++
				}
			}
			if object != nil {
				s.Try(object.(manifest.Object), try)
			} else {
				s.TryWithout(kind, namespace, name, try)
			}
			require.Equal(t, before, oddities(s))
			if step%3 == 0 {
				requireSameAsCompile(t, s, objects, compiler.Options{}, fmt.Sprintf("seed %d step %d", seed, step))
			}
		}
		survey, full := s.Survey(), compiler.Compile(objects, compiler.Options{}, &diag.Report{})
		require.Equal(t, full.Program.String(), survey.Program.String())
		require.Equal(t, full.Allotted.Nodes, survey.Allotted.Nodes)
		require.Equal(t, full.Allotted.Given, survey.Allotted.Given)
	}
	require.Positive(t, changed, "some of what is tried makes a difference")
}
