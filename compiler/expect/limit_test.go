package expect

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// What is about too much does not hold, and says so.
// spec: 12.13
func TestLimits(t *testing.T) {
	report := &diag.Report{}
	objects := manifest.Parse("x.hg", []byte(`
node n1 at 192.168.0.1

namespace shop {
  pod web on n1 at 10.0.0.1
  pod db on n1 at 10.0.0.2
  policy db for pods { allow from 203.0.113.1, 203.0.113.3, 203.0.113.5 on tcp 80, 82, 84 }
  expect drop from pod web to pod db on tcp 80-89
  expect drop from 203.0.113.0/24 to pod web on tcp 81
}
`), report)
	require.False(t, report.HasErrors(), "%v", report.Findings())
	j := newJudge(objects, compiler.Compile(objects, compiler.Options{}, report).Program)
	e := objects.Expectations[0]
	require.Equal(t, Limit, j.limit)
	require.Equal(t, maxCells, j.world.cells)
	for _, c := range []struct {
		limit, cells int
		problem      [2]string
	}{
		{6, 4, [2]string{}},
		{5, 4, [2]string{"it is about more than 5 packets that rules can tell apart: say it of fewer endpoints or ports at a time", ""}},
		{6, 3, [2]string{"", "rules tell more than 3 parts of 203.0.113.0/24 apart: say it of a smaller block"}},
	} {
		j.limit, j.world.cells = c.limit, c.cells
		for i := range e.Expect {
			r := j.judge(e, &e.Expect[i])
			require.Equal(t, c.problem[i], r.Problem)
			require.Equal(t, c.problem[i] == "", r.Holds())
		}
	}
}
