package openflow

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// levels gives each rule of a list its level: 0 for the last one, and for every rule one more than the highest among the later
// rules that conflict with it. Rules of one level never conflict. Cost: O(n·k) comparisons, k being the number of later rules
// with another action that have to be looked at before one conflicts.
func levels(p *ir.Pipeline, rules []ir.Rule) []int {
	out := make([]int, len(rules))
	peers := make([]ir.AddrSet, len(rules))
	var byLevel [][]int // the rules of each level, among those seen
	for i := len(rules) - 1; i >= 0; i-- {
		r := &rules[i]
		peers[i] = p.PeerSet(r)
		level := 0
		for at := len(byLevel) - 1; at >= 0; at-- {
			if slices.ContainsFunc(byLevel[at], func(j int) bool {
				return rules[j].Action != r.Action && rules[j].L4.Overlaps(r.L4) && peers[j].Overlaps(peers[i])
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

// spread renumbers levels so that no flow gets more than maxClauses conjunctions. cs is in order of level; it stays so.
func spread(cs []*conj, d ir.Direction, ph ir.Phase) {
	next := 0
	for from := 0; from < len(cs); {
		upTo := from
		for upTo < len(cs) && cs[upTo].level == cs[from].level {
			upTo++
		}
		next += spreadLevel(cs[from:upTo], next, regList(ph))
		from = upTo
	}
}

// spreadLevel puts each conjunction of one level into the first part, from base on, in which all of its flows have room, and
// returns the number of parts. Almost always that is one.
func spreadLevel(cs []*conj, base int, reg Field) int {
	if len(cs) <= maxClauses {
		for _, c := range cs {
			c.level = base
		}
		return 1
	}
	var parts []map[string]int
	var buf []byte
	for _, c := range cs {
		keys := make([]string, 0, 64)
		for _, matches := range c.dimensions(reg) {
			for _, match := range matches {
				f := Flow{Match: match}
				buf = f.appendKey(buf[:0])
				keys = append(keys, string(buf))
			}
		}
		at := slices.IndexFunc(parts, func(used map[string]int) bool {
			return !slices.ContainsFunc(keys, func(k string) bool { return used[k] >= maxClauses })
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
		text := fmt.Sprintf("%s %s %d %x %s", d, ph, c.level, uint64(c.rule.ID), c.rule.Action)
		at := place{c.rule.ID, c.level, c.rule.Action}
		if seen[at] {
			text += " " + content(c.rule)
		}
		seen[at] = true
		for salt := 0; ; salt++ {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", text, salt))
			if c.id = binary.BigEndian.Uint32(sum[:]); !taken[c.id] {
				break
			}
		}
		taken[c.id] = true
	}
}
