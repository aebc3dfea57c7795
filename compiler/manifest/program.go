package manifest

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/compiler/syntax"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// ProgramExtension is what the names of files in the policy language end with.
const ProgramExtension = ".hg"

// isProgram reports whether an input is in the policy language: by its name, and standard input by how it begins.
func isProgram(name string, r *bufio.Reader) bool {
	if name != StdinName {
		return filepath.Ext(name) == ProgramExtension
	}
	const enough = 4 << 10
	begin, _ := r.Peek(enough)
	return syntax.Likely(string(begin))
}

// program gives a whole program out as one piece.
func (f *front) program(r io.Reader) piece {
	text, err := io.ReadAll(io.LimitReader(r, syntax.MaxSize+1))
	if err != nil {
		return piece{kind: broken, code: diag.Unreadable, reason: "cannot read: " + err.Error()}
	}
	return piece{kind: whole, text: string(text), at: tree.Start{Line: 1, Col: 1}}
}

// program reads a program: its sentences become the documents that they stand for, and these objects as any.
func (b *builder) program(text string) {
	file, problems := syntax.Parse(b.file, text)
	parsed := len(problems)
	documents, more := syntax.Translate(file, b.directory)
	problems = append(problems, more...)
	if len(file.Decls)+parsed > 0 {
		b.out.documents++
	}
	b.problems(b.file, text, problems)
	said := len(b.out.findings)
	for _, root := range documents {
		b.document(root)
	}
	found := slices.DeleteFunc(once(b.out.findings[said:]), func(f diag.Finding) bool {
		return f.Code == diag.DuplicateRule && len(problems) > 0 // of which rules something is missing is not known
	})
	b.out.findings = append(b.out.findings[:said], found...)
	lines := strings.Split(text, "\n")
	for i := said; i < len(b.out.findings); i++ {
		f := &b.out.findings[i]
		f.Excerpt = syntax.Excerpt(lines, f.Origin.Pos, 0)
	}
	if len(problems) > 0 {
		b.out.objects = nil // of which object something is missing is not known
	}
}

// once leaves out what is said twice of one word, which may stand for several fields.
func once(list []diag.Finding) []diag.Finding {
	type said struct {
		pos     source.Pos
		message string
	}
	seen := map[said]bool{}
	return slices.DeleteFunc(list, func(f diag.Finding) bool {
		this := said{f.Origin.Pos, f.Message}
		again := seen[this]
		seen[this] = true
		return again
	})
}

// problems reports what is wrong with a program.
func (b *builder) problems(file, text string, problems []syntax.Problem) {
	for _, f := range syntax.Findings(file, text, problems) {
		b.failed = b.failed || f.Severity == diag.Error
		b.out.findings = append(b.out.findings, f)
	}
}

// directory reads the programs of an imported directory; see syntax.Directory.
func (b *builder) directory(from, dir string) ([]*syntax.File, error) {
	if from == StdinName {
		return nil, errors.New("standard input is in no directory")
	}
	path := filepath.Join(filepath.Dir(from), filepath.FromSlash(dir))
	if b.libraries.within != "" && !isWithin(b.libraries.within, path) {
		return nil, errors.New("only what is in " + b.libraries.within + " is watched: no name may begin with a dot, nor be a link to a directory")
	}
	imported := b.libraries.get(path)
	if b.out.imports == nil {
		b.out.imports = map[string][sha256.Size]byte{}
	}
	b.out.imports[path] = imported.sum
	for i, f := range imported.files {
		b.problems(f.Name, imported.texts[i], imported.problems[i])
	}
	return imported.files, imported.err
}

// libraries are the directories that programs import, each read once in a reading.
type libraries struct {
	mu    sync.Mutex
	dirs  map[string]*libraryDir
	texts map[string]string // see Reader.Overlay

	within string // see Reader.Within
}

// libraryDir is what was read of a directory.
type libraryDir struct {
	files    []*syntax.File
	texts    []string
	problems [][]syntax.Problem // of each file
	sum      [sha256.Size]byte  // of names and texts
	err      error
}

func (l *libraries) get(path string) *libraryDir {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := l.dirs[path]; d != nil {
		return d
	}
	d := readLibrary(path, l.texts)
	if l.dirs == nil {
		l.dirs = map[string]*libraryDir{}
	}
	l.dirs[path] = d
	return d
}

// isWithin reports whether a directory belongs to a tree as package runtime/source sees it: what is hidden does not, nor what links to
// directories lead to.
func isWithin(root, path string) bool {
	rest, err := filepath.Rel(root, path)
	if err != nil {
		return false
	}
	if rest == "." {
		return true
	}
	at := root
	for name := range strings.SplitSeq(rest, string(filepath.Separator)) {
		if strings.HasPrefix(name, ".") {
			return false
		}
		at = filepath.Join(at, name)
		if info, err := os.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return false
		}
	}
	return true
}

// libraryTexts gives the names of a directory's programs, their texts, and the sum of both. Of files
// that other texts stand for, these count, and such a file need not be there.
func libraryTexts(path string, instead map[string]string) (names, texts []string, sum [sha256.Size]byte, err error) {
	found := map[string]bool{}
	for name := range instead {
		found[filepath.Base(name)] = filepath.Dir(name) == path || found[filepath.Base(name)]
	}
	entries, err := os.ReadDir(path)
	if err != nil && !slices.Contains(slices.Collect(maps.Values(found)), true) {
		return nil, nil, sum, err
	}
	for _, e := range entries {
		found[e.Name()] = !e.IsDir()
	}
	hash := sha256.New()
	for _, base := range slices.Sorted(maps.Keys(found)) {
		if !found[base] || filepath.Ext(base) != ProgramExtension || strings.HasPrefix(base, ".") {
			continue
		}
		name := filepath.Join(path, base)
		text, other := instead[name]
		if !other {
			read, err := os.ReadFile(name)
			if err != nil {
				return nil, nil, sum, err
			}
			text = string(read)
		}
		names, texts = append(names, name), append(texts, text)
		fmt.Fprintf(hash, "%q %q\n", name, text)
	}
	return names, texts, [sha256.Size]byte(hash.Sum(nil)), nil
}

func readLibrary(path string, instead map[string]string) *libraryDir {
	names, texts, sum, err := libraryTexts(path, instead)
	d := &libraryDir{texts: texts, sum: sum, err: err}
	var pathErr *fs.PathError
	switch {
	case errors.As(err, &pathErr):
		d.err = pathErr.Err
	case err == nil && len(names) == 0:
		d.err = errors.New("the directory has no " + ProgramExtension + " files")
	}
	for i, name := range names {
		file, problems := syntax.Parse(name, texts[i])
		d.files, d.problems = append(d.files, file), append(d.problems, problems)
	}
	return d
}

// unchanged reports whether what programs imported is as it was.
func unchanged(batches []batch, instead map[string]string) bool {
	return !slices.ContainsFunc(batches, func(b batch) bool {
		for path, sum := range b.imports {
			if _, _, now, _ := libraryTexts(path, instead); now != sum {
				return true
			}
		}
		return false
	})
}
