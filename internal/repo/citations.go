package repo

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// code is a row of the table of error codes in internal/diag/codes.go.
type code struct {
	ident *ast.Ident // the constant
	value string     // "HG1001"
	row   []ast.Expr // code, severity, title, hint; nil if the table lacks it
}

// errorCodes checks the table of internal/diag: every constant has one row, in order, with a title and, unless it is a
// note, a way out; every code is produced in some test; and no text speaks of a code that does not exist.
func errorCodes(t *Tree) []string {
	codes, out := t.diagCodes()
	if len(codes) == 0 {
		return out
	}
	known, examples := map[string]bool{}, t.examples()
	for i, c := range codes {
		known[c.value] = true
		switch {
		case !regexp.MustCompile(`^HG\d{4}$`).MatchString(c.value):
			out = append(out, t.at(c.ident.Pos(), "code %q is not HG and four digits", c.value))
		case i > 0 && codes[i-1].value >= c.value:
			out = append(out, t.at(c.ident.Pos(), "code %s does not come after %s", c.value, codes[i-1].value))
		}
		if c.row == nil {
			out = append(out, t.at(c.ident.Pos(), "code %s has no row in the table", c.value))
			continue
		}
		severity, _ := c.row[1].(*ast.Ident)
		if literal(c.row[2]) == "" || severity == nil || severity.Name != "Note" && literal(c.row[3]) == "" {
			out = append(out, t.at(c.row[0].Pos(), "code %s lacks a title or a way out", c.value))
		}
		// A defect of headgate itself has no input that produces it.
		if !examples[c.value] && !examples["diag."+c.ident.Name] && !strings.HasPrefix(c.value, "HG9") {
			out = append(out, t.at(c.ident.Pos(), "code %s is produced in no test", c.value))
		}
	}
	mention := regexp.MustCompile(`\bHG\d{4}\b`)
	for _, text := range t.Texts {
		if within(text.Path, "internal/repo") {
			continue
		}
		for number, line := range strings.Split(string(text.Data), "\n") {
			for _, found := range mention.FindAllString(line, -1) {
				if !known[found] {
					out = append(out, fmt.Sprintf("%s:%d: %s is not a code", text.Path, number+1, found))
				}
			}
		}
	}
	return out
}

// diagCodes reads the constants of type Code and the rows of the function Codes.
func (t *Tree) diagCodes() ([]code, []string) {
	var codes []code
	var rows []*ast.CompositeLit
	t.each(false, func(p *Package, f *File) {
		if f.Path != "internal/diag/codes.go" {
			return
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if typ, ok := n.Type.(*ast.Ident); ok && typ.Name == "Code" && len(n.Values) == 1 {
					codes = append(codes, code{ident: n.Names[0], value: literal(n.Values[0])})
				}
			case *ast.CompositeLit:
				if n.Type == nil && len(n.Elts) == 4 {
					rows = append(rows, n)
				}
			}
			return true
		})
	})
	var out []string
	for _, row := range rows {
		id, _ := row.Elts[0].(*ast.Ident)
		i := slices.IndexFunc(codes, func(c code) bool { return id != nil && c.ident.Name == id.Name })
		if i < 0 || codes[i].row != nil {
			out = append(out, t.at(row.Pos(), "a row for no code, or a second one"))
			continue
		}
		codes[i].row = row.Elts
	}
	return codes, out
}

// examples collects what tests name, in their text or their path: codes by number ("HG1001") and by constant
// ("diag.Syntax").
func (t *Tree) examples() map[string]bool {
	mention := regexp.MustCompile(`\bHG\d+\b|\bdiag\.[A-Z]\w*`)
	found := map[string]bool{}
	for _, text := range t.Texts {
		if isTestFile(text.Path) {
			for _, name := range mention.FindAllString(text.Path+"\n"+string(text.Data), -1) {
				found[name] = true
			}
		}
	}
	return found
}

// isTestFile reports whether a file is part of a test of headgate. This package's own data is not, nor are the tests of
// internal/diag, which name codes without producing them.
func isTestFile(name string) bool {
	if within(name, "internal/repo") || path.Dir(name) == "internal/diag" {
		return false
	}
	return strings.HasSuffix(name, "_test.go") || path.Ext(name) == ".txtar" || slices.Contains(strings.Split(name, "/"), "testdata")
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

// specCoverage reads the numbered headings of spec.md. A section without numbered sections of its own promises something
// that a test can check, unless its heading ends in "(informative)". A test cites sections in a comment or a line of a
// txtar file that says "spec: 4.2", "spec: 4.2 4.3" or "spec: 4.2, 4.3"; it may cite only what exists.
func specCoverage(t *Tree) []string {
	heading := regexp.MustCompile(`^#{2,6} (\d+(?:\.\d+)*)\.? (.*)$`)
	type section struct {
		number, title string
		line          int
	}
	var sections []section
	for number, line := range strings.Split(string(t.text("spec.md")), "\n") {
		if m := heading.FindStringSubmatch(line); m != nil {
			sections = append(sections, section{m[1], m[2], number + 1})
		}
	}
	if len(sections) == 0 {
		return nil
	}
	cited, out := t.citations(func(number string) bool {
		return slices.ContainsFunc(sections, func(s section) bool { return s.number == number })
	})
	for _, s := range sections {
		parent := slices.ContainsFunc(sections, func(other section) bool { return strings.HasPrefix(other.number, s.number+".") })
		if !parent && !cited[s.number] && !strings.HasSuffix(s.title, "(informative)") {
			out = append(out, fmt.Sprintf("spec.md:%d: section %s is cited by no test", s.line, s.number))
		}
	}
	return out
}

// citations collects the sections that tests cite, and complains about those that do not exist.
func (t *Tree) citations(exists func(string) bool) (map[string]bool, []string) {
	citation := regexp.MustCompile(`\bspec: (\d+(?:\.\d+)*(?:,? \d+(?:\.\d+)*)*)`)
	cited := map[string]bool{}
	var out []string
	for _, text := range t.Texts {
		if !isTestFile(text.Path) {
			continue
		}
		for number, line := range strings.Split(string(text.Data), "\n") {
			for _, m := range citation.FindAllStringSubmatch(line, -1) {
				for _, s := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' }) {
					cited[s] = true
					if !exists(s) {
						out = append(out, fmt.Sprintf("%s:%d: spec.md has no section %s", text.Path, number+1, s))
					}
				}
			}
		}
	}
	return cited, out
}
