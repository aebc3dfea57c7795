package openflow

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// levels gives each rule of a list its level: 0 for the last one, and for every rule one more than the highest among the later
// rules that conflict with it. Rules of one level never conflict. Cost: O(n·k) comparisons, k being the number of later rules
// with another action that have to be looked at before one conflicts. Rules conflict if some packet may match both and it matters which
// one it meets: because they act differently, or because one of them logs.
func levels(p *ir.Pipeline, rules []ir.Rule) []int {
	out := make([]int, len(rules))
	peers := make([]ir.AddrSet, len(rules))
	var byLevel [][]int // the rules of each level, among those seen
	for i := len(rules) - 1; i >= 0; i-- {
		r := &rules[i]
		peers[i] = p.MayMatch(r)
		level := 0
		for at := len(byLevel) - 1; at >= 0; at-- {
			if slices.ContainsFunc(byLevel[at], func(j int) bool {
				return differ(&rules[j], r) && rules[j].L4.Overlaps(r.L4) && peers[j].Overlaps(peers[i])
			}) {
				level = at + 1
				break
			}
		}
		if level == len(byLevel) {
			byLevel = append(byLevel, nil)
		}
		byLevel[level] = append(byLevel[level], i)
		out[i] = level
	}
	return out
}

// differ reports whether it can be told which of two rules a packet met.
func differ(a, b *ir.Rule) bool { return a.Action != b.Action || a.Logging.On || b.Logging.On }

// spread renumbers levels so that no flow gets more than MaxClauses conjunctions. cs is in order of level; it stays so.
func (l *lowering) spread(cs []*conj, ph ir.Phase) {
	next := 0
	for from := 0; from < len(cs); {
		upTo := from
		for upTo < len(cs) && cs[upTo].level == cs[from].level {
			upTo++
		}
		next += l.spreadLevel(cs[from:upTo], next, regList(ph))
		from = upTo
	}
}

// spreadLevel puts each conjunction of one level into the first part, from base on, in which all of its flows have room, and
// returns the number of parts. Almost always that is one.
func (l *lowering) spreadLevel(cs []*conj, base int, reg Field) int {
	if len(cs) <= MaxClauses || l.mostClauses(cs, reg) <= MaxClauses {
		for _, c := range cs {
			c.level = base
		}
		return 1
	}
	var parts []map[string]int
	for _, c := range cs {
		keys := l.keys(reg, c)
		at := slices.IndexFunc(parts, func(used map[string]int) bool {
			return !slices.ContainsFunc(keys, func(k string) bool { return used[k] >= MaxClauses })
		})
		if at < 0 {
			at = len(parts)
			parts = append(parts, map[string]int{})
		}
		for _, k := range keys {
			parts[at][k]++
		}
		c.level = base + at
	}
	return len(parts)
}

// mostClauses is the number of conjunctions that the fullest flow would have.
func (l *lowering) mostClauses(cs []*conj, reg Field) int {
	uses := map[*alternatives]int{}
	for _, c := range cs {
		for _, dimension := range l.dimensions(reg, c) {
			for _, as := range dimension {
				uses[as]++
			}
		}
	}
	most, load := 0, map[string]int{}
	for as, n := range uses {
		for _, match := range as.matches {
			f := Flow{Match: match}
			load[f.Key()] += n
			most = max(most, load[f.Key()])
		}
	}
	return most
}

// keys lists the matches of all of a conjunction's flows.
func (l *lowering) keys(reg Field, c *conj) []string {
	var keys []string
	for _, dimension := range l.dimensions(reg, c) {
		for _, match := range matches(dimension) {
			f := Flow{Match: match}
			keys = append(keys, f.Key())
		}
	}
	return keys
}

// identify gives every conjunction an identity that stays while its rule and level do: 32 bits of a hash of them, and of the
// rule's content too where rules of one ID differ in it. Two that hash alike are told apart by hashing again.
func identify(cs []*conj, d ir.Direction, ph ir.Phase) {
	type place struct {
		id     ir.RuleID
		level  int
		action ir.Action
	}
	seen := make(map[place]bool, len(cs))
	taken := map[uint32]bool{0: true}
	for _, c := range cs {
		text := strings.Join([]string{d.String(), ph.String(), strconv.Itoa(c.level), strconv.FormatUint(uint64(c.rule.ID), 16), c.rule.Action.String()}, " ")
		at := place{c.rule.ID, c.level, c.rule.Action}
		if seen[at] {
			text += " " + content(c.rule)
		}
		seen[at] = true
		for salt := 0; ; salt++ {
			sum := sha256.Sum256([]byte(text + " " + strconv.Itoa(salt)))
			if c.id = binary.BigEndian.Uint32(sum[:]); !taken[c.id] {
				break
			}
		}
		taken[c.id] = true
	}
}
