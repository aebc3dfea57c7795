// Package pass rewrites Pipelines without changing what they mean: every pass leaves Eval as it is, for every packet.
//
// The passes are rows of a table. Those of scope Cluster see each rule list as the whole cluster has it and change each by
// itself alone; those of scope Node see what one node runs, after Place, and may look at all of it at once. So what a node
// gets does not depend on what else was compiled. A pass never changes its argument: it returns another Pipeline that shares
// what stayed the same.
package pass

import (
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Scope is what a pass may look at.
type Scope uint8

// The scopes, in the order in which they run.
const (
	Cluster Scope = iota // each rule list by itself, before Place
	Node                 // everything on one node, after Place
)

// String gives "cluster" or "node".
func (s Scope) String() string { return [...]string{"cluster", "node"}[s] }

// Pass is a row of the table. A required pass establishes a form that targets rely on; the others only make the result
// smaller or find something out, and any of them can be left away.
type Pass struct {
	Name     string
	Func     func(*ir.Pipeline, *diag.Report) *ir.Pipeline
	Required bool
	Scope    Scope
	Doc      string
}

// Table lists the passes in the order in which they run.
func Table() []Pass {
	return []Pass{
		{"canonicalize", canonicalize, true, Cluster, "one form for rules that are written differently; any peer where peers are every address"},
		{"isolate", isolate, true, Cluster, "one drop at the end of each list that isolates, with the origins of all policies that do"},
		{"dedup", dedup, false, Cluster, "of equal rules the first, with the origins of all"},
		{"shadow", shadow, false, Cluster, "away with rules that others cover, and a warning at both places"},
		{"merge", merge, false, Cluster, "one rule for rules that differ in peers only, or in layer 4 only"},
		{"prune", prune, false, Node, "away with rules, lists and sets that can never matter"},
		{"factor", factor, false, Node, "one set for sets that always occur together"},
		{"name", name, true, Node, "short names for sets and lists, ids for rules"},
	}
}

// Optional lists the names of the passes that can be left away.
func Optional() []string {
	var names []string
	for _, p := range Table() {
		if !p.Required {
			names = append(names, p.Name)
		}
	}
	return names
}

// Constraint says that one pass must come before another, and why.
type Constraint struct{ Before, After, Why string }

// Constraints lists what the order of the table must satisfy.
func Constraints() []Constraint {
	return []Constraint{
		{"canonicalize", "isolate", "isolate knows a catch-all by its canonical form"},
		{"canonicalize", "dedup", "dedup compares rules by form"},
		{"isolate", "dedup", "dedup would keep the first policy's place for the drop, and isolate must see them all"},
		{"dedup", "shadow", "shadow tells equal declarations by their being one rule"},
		{"shadow", "merge", "a merged rule is dead only if all its parts are, and findings are about declarations"},
		{"dedup", "merge", "equal rules need no joining; merge compares more"},
		{"prune", "factor", "a set that only dead rules name, or that is empty, must not keep others apart"},
		{"factor", "name", "factor makes sets, which need names"},
		{"merge", "name", "a rule's id covers all its origins"},
	}
}
