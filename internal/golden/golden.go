// Package golden compares what a test produced with what a file says it should be, byte for byte.
//
// Guarantees: without -update nothing is written; with it only whole golden files, or the sections of a txtar archive whose
// name starts with "out/", are rewritten. Every other section (inputs, tables worked out by hand) is left as it was found.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

// update is read only; the flag package sets it once, before the first test runs.
var update = flag.Bool("update", false, "rewrite golden files; read the difference before committing it")

// Updating reports whether the test was started with -update.
func Updating() bool { return *update }

// File fails the test unless the file holds exactly got; with -update it writes got there instead.
func File(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	Equal(t, path, string(want), got)
}

// Equal fails the test with a unified diff unless want and got are the same text. The name says what is compared.
func Equal(t testing.TB, name, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	t.Errorf("%s differs (run with -update to accept, after reading it):\n%s", name,
		diff.Diff("want "+name, []byte(want), "got", []byte(got)))
}

// Archive is a txtar file whose out/ sections are golden.
type Archive struct {
	path    string
	archive *txtar.Archive
	changed bool
}

// Open reads an archive. With -update, changed out/ sections are written back when the test ends.
func Open(t testing.TB, path string) *Archive {
	t.Helper()
	parsed, err := txtar.ParseFile(path)
	require.NoError(t, err)
	a := &Archive{path: path, archive: parsed}
	t.Cleanup(func() {
		if a.changed {
			require.NoError(t, os.WriteFile(path, txtar.Format(a.archive), 0o644))
		}
	})
	return a
}

// Comment is the text before the first section.
func (a *Archive) Comment() string { return string(a.archive.Comment) }

// Section returns a section's text and whether the archive has it.
func (a *Archive) Section(name string) (string, bool) {
	if i := a.index(name); i >= 0 {
		return string(a.archive.Files[i].Data), true
	}
	return "", false
}

// Names returns the names of the sections that start with prefix, in file order.
func (a *Archive) Names(prefix string) []string {
	var names []string
	for _, f := range a.archive.Files {
		if strings.HasPrefix(f.Name, prefix) {
			names = append(names, f.Name)
		}
	}
	return names
}

// Want compares an out/ section with got. An absent section counts as empty; with -update it is added at the end. Text that
// does not end in a newline gets one, since txtar cannot hold it otherwise.
func (a *Archive) Want(t testing.TB, name, got string) {
	t.Helper()
	require.True(t, strings.HasPrefix(name, "out/"), "section %q is not an output: it is never rewritten", name)
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	want, _ := a.Section(name)
	if !*update {
		Equal(t, a.path+" "+name, want, got)
		return
	}
	a.set(name, got)
}

func (a *Archive) set(name, got string) {
	i := a.index(name)
	if i < 0 {
		a.archive.Files = append(a.archive.Files, txtar.File{Name: name})
		i, a.changed = len(a.archive.Files)-1, true
	}
	if string(a.archive.Files[i].Data) != got {
		a.archive.Files[i].Data, a.changed = []byte(got), true
	}
}

func (a *Archive) index(name string) int {
	return slices.IndexFunc(a.archive.Files, func(f txtar.File) bool { return f.Name == name })
}
