package pass

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

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
	ids := map[ir.RuleID][]*source.Origin{}
	var text []byte
	places(named, func(_ place, l *ir.List) {
		l.Name = shortName(l.Key)
		for i := range l.Rules {
			r := &l.Rules[i]
			text = appendLabels(text[:0], r.Origins)
			r.ID = ruleID(text)
			other, known := ids[r.ID]
			if known && string(appendLabels(nil, other)) != string(text) {
				report.Add(diag.IDCollision, *r.Origins[0], "the rules of this and of %s have the same id %012x", other[0].Label(), uint64(r.ID))
			}
			ids[r.ID] = r.Origins
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

// claim reports that two different things hash to one name.
func claim(taken map[string]string, name, by string, report *diag.Report) {
	if other, known := taken[name]; known && other != by {
		report.Add(diag.IDCollision, source.Origin{}, "%s and %s have the same name %s", other, by, name)
	}
	taken[name] = by
}

func shortName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:6])
}

// appendLabels appends the labels of origins, which are sorted, each on a line and each once.
func appendLabels(text []byte, origins []*source.Origin) []byte {
	for i, o := range origins {
		if i > 0 && origins[i-1].Object == o.Object && origins[i-1].Field == o.Field {
			continue
		}
		if i > 0 {
			text = append(text, '\n')
		}
		text = append(text, o.Object...)
		if o.Field != "" {
			text = append(text, ' ')
			text = append(text, o.Field...)
		}
	}
	return text
}

func ruleID(labels []byte) ir.RuleID {
	sum := sha256.Sum256(labels)
	return max(ir.RuleID(binary.BigEndian.Uint64(sum[:8])>>16), 1)
}
