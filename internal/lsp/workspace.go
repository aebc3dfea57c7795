package lsp

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/syntax"
	"github.com/headgate-net/headgate/internal/diag"
)

// maxFiles bounds how many files of a folder are looked at: an editor may be opened on a whole disk.
const maxFiles = 5000

// workspace is what the editor has opened.
type workspace struct {
	folders  []string
	open     map[string]document // by path
	reader   *manifest.Reader
	objects  *manifest.Objects
	findings []diag.Finding
}

// document is an open file.
type document struct {
	uri     string
	version int
	text    string
}

func newWorkspace() *workspace {
	return &workspace{open: map[string]document{}, reader: manifest.NewReader(""), objects: &manifest.Objects{}}
}

// pathOf gives the path of a file's URI; "" for those that are no file.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || !filepath.IsAbs(u.Path) {
		return ""
	}
	return filepath.Clean(u.Path)
}

// uri names a file as the editor did, or else by its path.
func (w *workspace) uri(path string) string {
	if d, ok := w.open[path]; ok {
		return d.uri
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// isProgram reports whether a file is in the policy language.
func isProgram(path string) bool { return filepath.Ext(path) == manifest.ProgramExtension }

// isManifest reports whether headgate reads files of this name.
func isManifest(path string) bool {
	return slices.Contains([]string{manifest.ProgramExtension, ".yaml", ".yml", ".json"}, filepath.Ext(path))
}

// files lists what is in the folders, hidden directories left out, and the directories of open files outside of them.
func (w *workspace) files() []string {
	found := map[string]bool{}
	for _, folder := range w.folders {
		_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			hidden := err == nil && strings.HasPrefix(entry.Name(), ".") && path != folder
			switch {
			case len(found) >= maxFiles:
				return fs.SkipAll
			case err != nil: // what cannot be read is not there
				return nil
			case entry.IsDir() && hidden:
				return fs.SkipDir
			case entry.Type().IsRegular() && !hidden && isManifest(path):
				found[path] = true
			}
			return nil
		})
	}
	for path := range w.open {
		if isManifest(path) {
			found[path] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// read reads everything anew; files that are as before are not parsed again.
func (w *workspace) read(ctx context.Context) {
	texts := map[string]string{}
	for path, d := range w.open {
		texts[path] = d.text
	}
	w.reader.Overlay(texts)
	report := &diag.Report{}
	w.objects = w.reader.Read(ctx, w.files(), report)
	w.findings = slices.DeleteFunc(report.Findings(), foreign)
}

// foreign tells findings that are none of a folder: that a file has no objects, that there are other kinds, and that two directories, each
// of which may well be applied alone, declare the same.
func foreign(f diag.Finding) bool {
	switch f.Code {
	case diag.NoManifests, diag.UnknownKind:
		return true
	case diag.DuplicateObject:
		return len(f.Related) > 0 && filepath.Dir(f.Related[0].Origin.Pos.File) != filepath.Dir(f.Origin.Pos.File)
	}
	return false
}

// text gives what a file says.
func (w *workspace) text(path string) (string, bool) {
	if d, ok := w.open[path]; ok {
		return d.text, true
	}
	text, err := os.ReadFile(path)
	return string(text), err == nil
}

// program parses an open file, or one on disk.
func (w *workspace) program(path string) (*syntax.File, lines, bool) {
	text, ok := w.text(path)
	if !ok || !isProgram(path) {
		return nil, nil, false
	}
	file, _ := syntax.Parse(path, text)
	return file, linesOf(text), true
}

// directory reads what a program imports; see syntax.Directory.
func (w *workspace) directory(from, dir string) ([]*syntax.File, error) {
	names, err := filepath.Glob(filepath.Join(filepath.Dir(from), filepath.FromSlash(dir), "*"+manifest.ProgramExtension))
	if err == nil && len(names) == 0 {
		err = errors.New("the directory has no " + manifest.ProgramExtension + " files")
	}
	var out []*syntax.File
	for _, name := range names {
		if file, _, ok := w.program(name); ok && !strings.HasPrefix(filepath.Base(name), ".") {
			out = append(out, file)
		}
	}
	return out, err
}
