package repo

// Rule is something that the whole repository keeps. Check returns complaints in the form "path:line: what", sorted by
// place; a tree that keeps the rule yields none. A tree that lacks the files a rule is about keeps it.
type Rule struct {
	Name  string
	Why   string
	Check func(*Tree) []string
}

// Rules returns every rule.
func Rules() []Rule {
	return []Rule{
		{"imports", "imports go one way: front ends, IR, targets, runtime", importDirection},
		{"pure", "compiling depends on its input alone: no clock, environment, kernel or network", pureImports},
		{"testcode", "code for tests stays out of the program", testImports},
		{"packagedoc", "a package says in one place what it is and what it guarantees", packageDocs},
		{"documented", "exported identifiers say shapes, units and errors", documented},
		{"init", "nothing happens before main", noInit},
		{"vars", "a package has no state; a table that never changes is fine", frozenVars},
		{"length", "functions and files stay readable", lengths},
		{"interfaces", "small interfaces", smallInterfaces},
		{"bools", "f(true, false) cannot be read", adjacentBools},
		{"names", "a package is a noun, not a drawer", packageNames},
		{"gofmt", "one format", formatted},
		{"words", "the repository stands alone and is finished", forbiddenWords},
		{"layers", "each layer uses its own words", layerWords},
		{"structured", "rules are values until they are printed", structuredRules},
		{"skips", "a test is skipped for a known reason or not at all", knownSkips},
		{"codes", "every error code is documented and has an example", errorCodes},
		{"spec", "what spec.md promises is tested", specCoverage},
	}
}
