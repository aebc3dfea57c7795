package manifest

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	for _, p := range problems {
		b.problem(p)
	}
	for _, root := range documents {
		b.document(root)
	}
	b.excerpts(text, problems)
}

// problem reports what is wrong with a program.
func (b *builder) problem(p syntax.Problem) {
	b.meta = nil
	b.addField(p.Code, &tree.Node{Line: p.Line, Col: p.Col}, "", p.Hint, p.Message)
	last := &b.out.findings[len(b.out.findings)-1]
	last.Origin.Pos = b.problemPos(p)
	if p.Other != nil {
		last.Related = []diag.Related{{Origin: source.Origin{Pos: b.problemPos(*p.Other)}, Message: p.Other.Message}}
	}
}

func (b *builder) problemPos(p syntax.Problem) source.Pos {
	pos := source.Pos{File: b.file, Line: p.Line, Col: p.Col}
	if p.File != "" {
		pos.File = p.File
	}
	return pos
}

// excerpts gives findings the line that they are about.
func (b *builder) excerpts(text string, problems []syntax.Problem) {
	lines := strings.Split(text, "\n")
	for i := range b.out.findings {
		f := &b.out.findings[i]
		pos := f.Origin.Pos
		if pos.File != b.file || pos.Line < 1 || int(pos.Line) > len(lines) {
			continue
		}
		width := int32(1)
		for _, p := range problems {
			if p.File == "" && p.Line == pos.Line && p.Col == pos.Col && p.EndLine == p.Line {
				width = max(width, p.EndCol-p.Col)
			}
		}
		f.Excerpt = diag.Underline(strings.TrimRight(lines[pos.Line-1], "\r"), int(pos.Col), int(width))
	}
}

// directory reads the programs of an imported directory; see syntax.Directory.
func (b *builder) directory(from, dir string) ([]*syntax.File, error) {
	if from == StdinName {
		return nil, errors.New("standard input is in no directory")
	}
	path := filepath.Join(filepath.Dir(from), filepath.FromSlash(dir))
	imported := b.libraries.get(path)
	if b.out.imports == nil {
		b.out.imports = map[string][sha256.Size]byte{}
	}
	b.out.imports[path] = imported.sum
	for i, f := range imported.files {
		sub := builder{front: b.front, file: f.Name}
		for _, p := range imported.problems[i] {
			sub.problem(p)
		}
		b.out.findings = append(b.out.findings, sub.out.findings...)
		b.failed = b.failed || sub.failed
	}
	return imported.files, imported.err
}

// libraries are the directories that programs import, each read once in a reading.
type libraries struct {
	mu   sync.Mutex
	dirs map[string]*libraryDir
}

// libraryDir is what was read of a directory.
type libraryDir struct {
	files    []*syntax.File
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
	d := readLibrary(path)
	if l.dirs == nil {
		l.dirs = map[string]*libraryDir{}
	}
	l.dirs[path] = d
	return d
}

// libraryTexts gives the names of a directory's programs, their texts, and the sum of both.
func libraryTexts(path string) (names, texts []string, sum [sha256.Size]byte, err error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, sum, err
	}
	hash := sha256.New()
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ProgramExtension || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := filepath.Join(path, e.Name())
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, sum, err
		}
		names, texts = append(names, name), append(texts, string(text))
		fmt.Fprintf(hash, "%q %q\n", name, text)
	}
	return names, texts, [sha256.Size]byte(hash.Sum(nil)), nil
}

func readLibrary(path string) *libraryDir {
	names, texts, sum, err := libraryTexts(path)
	d := &libraryDir{sum: sum, err: err}
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
func unchanged(batches []batch) bool {
	return !slices.ContainsFunc(batches, func(b batch) bool {
		for path, sum := range b.imports {
			if _, _, now, _ := libraryTexts(path); now != sum {
				return true
			}
		}
		return false
	})
}
