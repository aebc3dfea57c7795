package repo

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// frozenVars allows a package-level variable only if nothing can change after it was initialized. That is decided from
// how its value may be reached, not from a convention:
//
//   - The variable is never assigned, its address is never taken, and no method with a pointer receiver is called on it.
//   - A type without references (numbers, strings, functions, arrays and structs of such, addresses of net/netip, errors)
//     may then be read freely: every reader has a copy.
//   - A map, a slice or a structure that holds some must be written as a literal, stay in its package, and be read only in
//     place: indexed, ranged over, measured, or given to a function of package slices or maps that only reads.
//   - A flag is a pointer that only the flag package writes; reading through it is fine.
//
// It speaks of the program, not of tests.
func frozenVars(t *Tree) []string {
	c, err := t.check()
	if err != nil {
		return []string{err.Error()}
	}
	declared := t.packageVars(c)
	out := slices.Clone(c.problems)
	t.each(false, func(p *Package, f *File) {
		if p.Nested {
			return
		}
		var stack []ast.Node
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := c.info.Uses[id].(*types.Var); ok && declared[v] {
					if why := (use{c.info, stack}).harm(v.Type()); why != "" {
						out = append(out, t.at(id.Pos(), "package-level variable %s: %s", id.Name, why))
					}
				}
			}
			return true
		})
	})
	slices.Sort(out)
	return slices.Compact(append(out, t.badInitializers(c)...))
}

// packageVars collects the variables that the rule is about.
func (t *Tree) packageVars(c *checked) map[*types.Var]bool {
	declared := map[*types.Var]bool{}
	t.eachVar(func(name *ast.Ident, _ *ast.ValueSpec) {
		if v, ok := c.info.Defs[name].(*types.Var); ok {
			declared[v] = true
		}
	})
	return declared
}

func (t *Tree) eachVar(f func(*ast.Ident, *ast.ValueSpec)) {
	t.each(false, func(p *Package, file *File) {
		for _, decl := range file.AST.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR || p.Nested {
				continue
			}
			for _, spec := range d.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if name.Name != "_" {
						f(name, spec.(*ast.ValueSpec))
					}
				}
			}
		}
	})
}

// badInitializers finds variables whose value somebody else may hold, and exported ones, which anybody may assign. Errors
// are exported by long custom.
func (t *Tree) badInitializers(c *checked) []string {
	var out []string
	t.eachVar(func(name *ast.Ident, spec *ast.ValueSpec) {
		v, ok := c.info.Defs[name].(*types.Var)
		switch {
		case !ok || isError(v.Type()):
		case name.IsExported():
			out = append(out, t.at(name.Pos(), "package-level variable %s is exported: make it a function", name.Name))
		case isValue(v.Type()):
		case len(spec.Values) != len(spec.Names):
			out = append(out, t.at(name.Pos(), "package-level variable %s has no literal value", name.Name))
		case !isLiteral(spec.Values[slices.Index(spec.Names, name)]) && !isFlag(c.info, spec.Values[slices.Index(spec.Names, name)]):
			out = append(out, t.at(name.Pos(), "package-level variable %s holds references and is not a literal: make it a function", name.Name))
		}
	})
	return out
}

func isLiteral(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.CompositeLit)
	return ok
}

// isFlag reports whether e is a call such as flag.Bool("update", ...).
func isFlag(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && calledPackage(info, call) == "flag"
}

// calledPackage is the import path of the package whose function a call names, "" for any other call.
func calledPackage(info *types.Info, call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	f, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || f.Signature().Recv() != nil {
		return ""
	}
	return f.Pkg().Path()
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// isValue reports whether a copy of a value shares nothing that can change with the original.
func isValue(t types.Type) bool {
	if isError(t) {
		return true
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		switch name := named.Obj().Pkg().Path() + "." + named.Obj().Name(); name {
		case "net/netip.Addr", "net/netip.Prefix", "net/netip.AddrPort", "time.Time", "embed.FS":
			return true
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Signature:
		return true
	case *types.Array:
		return isValue(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if !isValue(f.Type()) {
				return false
			}
		}
		return true
	}
	return false
}

// use is an occurrence of a variable: stack leads from the file down to its identifier.
type use struct {
	info  *types.Info
	stack []ast.Node
}

// harm says what is wrong with the use, "" if it only reads. It climbs from the identifier through what selects a part of
// the variable, as long as that part is still the variable's own storage, and then looks at what is done with the part.
func (u use) harm(t types.Type) string {
	i := len(u.stack) - 1
	for ; i > 0; i-- {
		child, parent := u.stack[i], u.stack[i-1]
		switch p := parent.(type) {
		case *ast.ParenExpr:
			continue
		case *ast.SelectorExpr:
			if p.Sel == child { // package.Variable
				continue
			}
			selection := u.info.Selections[p]
			if selection == nil || selection.Kind() != types.FieldVal {
				return methodHarm(selection, t)
			}
			t = selection.Type()
			continue
		case *ast.IndexExpr:
			if p.X == child {
				t = u.info.Types[p].Type
				continue
			}
		case *ast.StarExpr:
			t = u.info.Types[p].Type
			continue
		}
		return u.consumer(t, child, parent)
	}
	return ""
}

func methodHarm(selection *types.Selection, t types.Type) string {
	if selection == nil {
		return ""
	}
	receiver := selection.Obj().(*types.Func).Signature().Recv().Type()
	if _, pointer := receiver.(*types.Pointer); pointer {
		return "a method with a pointer receiver may change it"
	}
	return readHarm(t)
}

// readHarm judges a use that copies the part.
func readHarm(t types.Type) string {
	if isValue(t) {
		return ""
	}
	return "what it refers to leaves the package's sight and may be changed there"
}

// consumer judges what parent does with child, a part of the variable that has type t.
func (u use) consumer(t types.Type, child, parent ast.Node) string {
	switch p := parent.(type) {
	case *ast.AssignStmt:
		for _, left := range p.Lhs {
			if left == child {
				return "it is assigned"
			}
		}
	case *ast.IncDecStmt:
		return "it is assigned"
	case *ast.UnaryExpr:
		if p.Op == token.AND {
			return "its address is taken"
		}
		return ""
	case *ast.SliceExpr:
		if basic, ok := t.Underlying().(*types.Basic); p.X == child && (!ok || basic.Info()&types.IsString == 0) {
			return "a slice of it may be changed"
		}
		return ""
	case *ast.RangeStmt:
		if p.X != child {
			return "it is assigned"
		}
		if _, isMap := t.Underlying().(*types.Map); p.Value == nil && !isMap {
			return ""
		}
		return readHarm(element(t))
	case *ast.BinaryExpr, *ast.IndexExpr:
		return ""
	case *ast.CallExpr:
		if p.Fun == child || u.onlyReads(p) && isValue(element(t)) {
			return ""
		}
	}
	return readHarm(t)
}

// onlyReads reports whether the function called keeps and changes nothing of its arguments.
func (u use) onlyReads(call *ast.CallExpr) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		_, builtin := u.info.Uses[id].(*types.Builtin)
		return builtin && (id.Name == "len" || id.Name == "cap" || id.Name == "append" && len(call.Args) == 2 && call.Ellipsis.IsValid() && !u.within(call.Args[0]))
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	readers := map[string]string{
		"slices":  " All BinarySearch BinarySearchFunc Clone Compare Concat Contains ContainsFunc Equal Index IndexFunc Max Min Sorted Values ",
		"maps":    " All Clone Equal Keys Values ",
		"strings": " Join NewReplacer ",
	}
	return strings.Contains(readers[calledPackage(u.info, call)], " "+sel.Sel.Name+" ")
}

// within reports whether the variable occurs inside e.
func (u use) within(e ast.Node) bool { return slices.Contains(u.stack, e) }

// element is the type of what a collection holds; for anything else the type itself.
func element(t types.Type) types.Type {
	switch c := t.Underlying().(type) {
	case *types.Array:
		return c.Elem()
	case *types.Slice:
		return c.Elem()
	case *types.Map:
		if !isValue(c.Key()) {
			return c.Key()
		}
		return c.Elem()
	case *types.Basic:
		return types.Typ[types.Rune]
	}
	return t
}
