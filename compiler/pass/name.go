package pass

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Problem: keys of sets and lists are as long as the selectors and policies they name, and dataplanes have short names.
//
// Idea: names are hashes of keys, so that they depend on identity alone: not on position, members or other names. A set or
// list has the first 12 hexadecimal digits of the SHA-256 of its key, a rule the first 48 bits of the SHA-256 of its origins'
// labels; rules of one declaration share an id. Two that collide are an error which names both.
//
// Cost: one hash for each set, list and rule of a node.
func name(p *ir.Pipeline, report *diag.Report) *ir.Pipeline {
	out := *p
	out.Sets = slices.Clone(p.Sets)
	names := map[string]string{}
	for i := range out.Sets {
		s := &out.Sets[i]
		s.Name = shortName(s.Key)
		claim(names, s.Name, "set "+s.Key, report)
	}
	named := rewrite(&out, func(_ place, rules []ir.Rule) []ir.Rule { return slices.Clone(rules) })
	ids := map[ir.RuleID]string{}
	places(named, func(at place, l *ir.List) {
		l.Name = shortName(l.Key)
		for i := range l.Rules {
			r := &l.Rules[i]
			var by string
			r.ID, by = ruleID(r.Origins)
			claim(ids, r.ID, by, report)
		}
	})
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			clear(names)
			for _, l := range named.Classifier(d, ph).Lists {
				claim(names, l.Name, "list "+l.Key, report)
			}
		}
	}
	return named
}

// claim reports that two different things hash to one value.
func claim[K comparable](taken map[K]string, hash K, by string, report *diag.Report) {
	if other, known := taken[hash]; known && other != by {
		report.Add(diag.IDCollision, source.Origin{}, "%s and %s both hash to %v", other, by, hash)
	}
	taken[hash] = by
}

func shortName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:6])
}

// ruleID hashes the origins' labels, and returns the text that it hashed.
func ruleID(origins []*source.Origin) (ir.RuleID, string) {
	labels := make([]string, len(origins))
	for i, o := range origins {
		labels[i] = o.Label()
	}
	slices.Sort(labels)
	text := strings.Join(slices.Compact(labels), "\n")
	sum := sha256.Sum256([]byte(text))
	id := ir.RuleID(binary.BigEndian.Uint64(sum[:8]) >> 16)
	return max(id, 1), text
}
