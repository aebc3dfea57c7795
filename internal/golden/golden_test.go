package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorder is a testing.TB that keeps failures to itself.
type recorder struct {
	testing.TB
	failed   bool
	cleanups []func()
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) FailNow()              { r.failed = true }
func (r *recorder) Helper()               {}
func (r *recorder) Cleanup(f func())      { r.cleanups = append(r.cleanups, f) }
func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}

func setUpdate(t *testing.T, value string) {
	old := flag.Lookup("update").Value.String()
	require.NoError(t, flag.Set("update", value))
	t.Cleanup(func() { require.NoError(t, flag.Set("update", old)) })
}

const sample = `comment
-- input.yaml --
kind: Pod
-- packets --
a -> b allow
-- out/ir --
old
`

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "case.txtar")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestArchiveComparesOutputs(t *testing.T) {
	setUpdate(t, "false")
	r := &recorder{TB: t}
	a := Open(r, write(t, sample))
	a.Want(r, "out/ir", "old\n")
	require.False(t, r.failed)
	a.Want(r, "out/ir", "new\n")
	require.True(t, r.failed)
}

func TestUpdateRewritesOutputsOnly(t *testing.T) {
	setUpdate(t, "true")
	path := write(t, sample)
	r := &recorder{TB: t}
	a := Open(r, path)
	a.Want(r, "out/ir", "new")
	a.Want(r, "out/stats", "rules 1\n")
	require.False(t, r.failed)
	a.set("packets", "a -> b allow\n") // unchanged text does not mark the file as changed by itself
	r.end()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, `comment
-- input.yaml --
kind: Pod
-- packets --
a -> b allow
-- out/ir --
new
-- out/stats --
rules 1
`, string(got))
}

func TestUpdateRefusesInputs(t *testing.T) {
	setUpdate(t, "true")
	r := &recorder{TB: t}
	a := Open(r, write(t, sample))
	a.Want(r, "packets", "a -> b drop\n")
	require.True(t, r.failed)
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "golden.txt")
	setUpdate(t, "true")
	File(t, path, "text\n")
	setUpdate(t, "false")
	File(t, path, "text\n")
	r := &recorder{TB: t}
	File(r, path, "other\n")
	require.True(t, r.failed)
}

func TestSections(t *testing.T) {
	a := Open(t, write(t, sample))
	require.Equal(t, "comment\n", a.Comment())
	require.Equal(t, []string{"out/ir"}, a.Names("out/"))
	_, has := a.Section("absent")
	require.False(t, has)
}
