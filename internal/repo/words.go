package repo

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

// forbiddenWords looks at every text file. The words are put together here so that this file keeps the rule itself.
func forbiddenWords(t *Tree) []string {
	words := []struct{ pattern, why string }{
		{`(^|[\s"'(=:` + "`" + `])/` + `work/`, "a path of one particular machine"},
		{`/` + `root/`, "a path of one particular machine"},
		{`\bproxy\.` + `golang\.org|\bsum\.` + `golang\.org|\bregistry\.` + `npmjs\.org|\bdeb\.` + `debian\.org|\bpypi\.` + `org\b`, "the host of a package registry"},
		{`\bTO` + `DO\b|\bFIX` + `ME\b|\bXX` + `X\b`, "unfinished work"},
	}
	var out []string
	for _, w := range words {
		pattern := regexp.MustCompile(w.pattern)
		for _, text := range t.Texts {
			if !pattern.Match(text.Data) {
				continue
			}
			for number, line := range strings.Split(string(text.Data), "\n") {
				if found := pattern.FindString(line); found != "" {
					out = append(out, fmt.Sprintf("%s:%d: %q is %s", text.Path, number+1, strings.TrimSpace(found), w.why))
				}
			}
		}
	}
	return out
}

// layerWords looks at the identifiers that a layer declares, comments and strings left out: to explain a form by what a
// back end does with it is fine, to build it that way is not.
func layerWords(t *Tree) []string {
	nft := regexp.MustCompile(`(?i)^nft|nft(ables|rule|set|chain)|vmap|pipapo|netlink`)
	openflow := regexp.MustCompile(`(?i)openflow|ovs(db)?|megaflow|oxm|conjunction|flowmod`)
	rows := []struct {
		dirs  []string
		words *regexp.Regexp
	}{
		{[]string{"ir", "compiler", "targets/openflow", "runtime/ovs"}, nft},
		{[]string{"ir", "compiler", "targets/nft", "runtime/nft"}, openflow},
	}
	var out []string
	t.each(false, func(p *Package, f *File) {
		for _, row := range rows {
			if !slices.ContainsFunc(row.dirs, func(dir string) bool { return within(p.Dir, dir) }) {
				continue
			}
			for _, id := range declaredNames(f.AST) {
				if row.words.MatchString(id.Name) {
					out = append(out, t.at(id.Pos(), "%s is a word of another layer than %s", id.Name, p.Dir))
				}
			}
		}
	})
	return out
}

// declaredNames lists the identifiers that a file declares at package level, with fields, methods and their parameters.
func declaredNames(f *ast.File) []*ast.Ident {
	var names []*ast.Ident
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field:
			names = append(names, n.Names...)
		}
		return true
	})
	return names
}

// structuredRules keeps rule text out of the lowering: in a target, a format with several words belongs to the files called
// print*.go (a name such as "set%d" is one word), and regular expressions, which would read text back, to none. Errors and
// panics may say what they like.
func structuredRules(t *Tree) []string {
	var out []string
	t.each(false, func(p *Package, f *File) {
		if !within(p.Dir, "targets/nft") && !within(p.Dir, "targets/openflow") && !within(p.Dir, "targets/iproute") || forTests(p, f) {
			return
		}
		for _, spec := range f.AST.Imports {
			if importPath(spec) == "regexp" {
				out = append(out, t.at(spec.Pos(), "a target works with values, not with text: regexp"))
			}
		}
		if strings.HasPrefix(path.Base(f.Path), "print") {
			return
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
				return false
			}
			if name := formatter(call); name != "" && slices.ContainsFunc(call.Args, hasWords) {
				out = append(out, t.at(call.Pos(), "%s of several words outside print*.go", name))
			}
			return true
		})
	})
	return out
}

// formatter is the name of the function of package fmt that a call formats text with, "" for other calls.
func formatter(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok || id.Name != "fmt" || sel.Sel.Name == "Errorf" {
		return ""
	}
	return "fmt." + sel.Sel.Name
}

// hasWords reports whether an argument is a string that has a word, not only verbs, before or after a blank.
func hasWords(e ast.Expr) bool {
	return regexp.MustCompile(`(^|[^%\w])[a-z_]{2,} \S|\S [a-z_]{2,}`).MatchString(literal(e))
}

// knownSkips allows two kinds of skipped tests: what -short leaves out, and what runs on the second kernel alone. No test is
// skipped because a tool is missing.
func knownSkips(t *Tree) []string {
	reasons := []string{"runs in make test-vm", "runs inside make test-vm"}
	var out []string
	t.each(true, func(_ *Package, f *File) {
		if !f.Test {
			return
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if branch, ok := n.(*ast.IfStmt); ok && isShort(branch.Cond) && branch.Else == nil {
				return false
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
				return true
			}
			if len(call.Args) != 1 || !slices.Contains(reasons, literal(call.Args[0])) {
				out = append(out, t.at(call.Pos(), "skipped for another reason than testing.Short() or %q", reasons))
			}
			return true
		})
	})
	return out
}

// isShort reports whether a condition is testing.Short().
func isShort(cond ast.Expr) bool {
	call, ok := cond.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == "testing" && sel.Sel.Name == "Short"
}
