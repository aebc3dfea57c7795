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
	stale    bool                // something was changed since they were read
	programs map[string]*program // by path, as they were looked at last
}

// document is an open file.
type document struct {
	uri     string
	version int
	text    string
}

func newWorkspace() *workspace {
	return &workspace{open: map[string]document{}, reader: manifest.NewReader(""), objects: &manifest.Objects{},
		programs: map[string]*program{}}
}

// pathOf gives the path of a file's URI; "" for those that are no file.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	path := u.Path
	if u.Host != "" && u.Host != "localhost" { // a share of another machine
		path = "//" + u.Host + path
	}
	if drive(path) { // editors write it in either case
		path = "/" + strings.ToLower(path[1:2]) + path[2:]
		if filepath.Separator == '\\' {
			path = path[1:]
		}
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// drive reports whether the path of a URI begins with the letter of a drive.
func drive(path string) bool {
	letter := len(path) > 2 && (path[1] >= 'a' && path[1] <= 'z' || path[1] >= 'A' && path[1] <= 'Z')
	return letter && path[2] == ':' && (len(path) == 3 || path[3] == '/')
}

// uri names a file as the editor did, or else by its path.
func (w *workspace) uri(path string) string {
	if d, ok := w.open[path]; ok {
		return d.uri
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
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
	objects := w.reader.Read(ctx, w.files(), report)
	if ctx.Err() != nil {
		return // not all was read
	}
	w.objects, w.findings, w.stale = objects, slices.DeleteFunc(report.Findings(), foreign), false
}

// refresh reads everything if an open file has changed since it was read.
func (w *workspace) refresh(ctx context.Context) {
	if w.stale {
		w.read(ctx)
	}
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

// program parses an open file, or one on disk; nil if there is none, or it is none. One whose text is as before is the same as before.
func (w *workspace) program(path string) *program {
	text, ok := w.text(path)
	if !ok || !isProgram(path) {
		delete(w.programs, path)
		return nil
	}
	p := w.programs[path]
	if p == nil || p.text != text {
		file, _ := syntax.Parse(path, text)
		p = &program{path: path, text: text, lines: linesOf(text), file: file, symbols: syntax.Symbols(file), named: map[syntax.Span]*syntax.Symbol{}}
		for i := range p.symbols {
			p.named[p.symbols[i].Span] = &p.symbols[i]
		}
		w.programs[path] = p
	}
	return p
}

// directory reads what a program imports; see syntax.Directory. Files that are open count though they are not on disk.
func (w *workspace) directory(from, dir string) ([]*syntax.File, error) {
	path := filepath.Join(filepath.Dir(from), filepath.FromSlash(dir))
	names := map[string]bool{}
	entries, _ := os.ReadDir(path)
	for _, e := range entries {
		names[filepath.Join(path, e.Name())] = !e.IsDir()
	}
	for name := range w.open {
		names[name] = names[name] || filepath.Dir(name) == path
	}
	var out []*syntax.File
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !names[name] || strings.HasPrefix(filepath.Base(name), ".") {
			continue
		}
		if p := w.program(name); p != nil {
			out = append(out, p.file)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the directory has no " + manifest.ProgramExtension + " files")
	}
	return out, nil
}
