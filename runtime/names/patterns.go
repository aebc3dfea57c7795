package names

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// pattern is a pattern in force and what is known of its names.
type pattern struct {
	text  string
	names map[netip.Addr]int      // how many names have the address
	stale map[netip.Addr]struct{} // what addrs does not tell yet
	addrs ir.AddrSet
	edits uint64
}

// gain counts one more name for an address, and reports whether it is the first.
func (p *pattern) gain(a netip.Addr) bool {
	p.names[a]++
	if p.names[a] > 1 {
		return false
	}
	p.touch(a)
	return true
}

// lose counts one name less for an address, and reports whether it was the last.
func (p *pattern) lose(a netip.Addr) bool {
	p.names[a]--
	if p.names[a] > 0 {
		return false
	}
	delete(p.names, a)
	p.touch(a)
	return true
}

func (p *pattern) touch(a netip.Addr) {
	p.stale[a] = struct{}{}
	p.edits++
}

// known brings addrs up to date. It costs a copy of the set, however many addresses have come and gone.
func (p *pattern) known() ir.AddrSet {
	if len(p.stale) == 0 {
		return p.addrs
	}
	var more, less []netip.Addr
	for a := range p.stale {
		if p.names[a] > 0 {
			more = append(more, a)
		} else {
			less = append(less, a)
		}
	}
	p.addrs = p.addrs.Union(ir.AddrSetOf(more...)).Subtract(ir.AddrSetOf(less...))
	clear(p.stale)
	return p.addrs
}

// union is what is known of several patterns together.
type union struct {
	edits uint64 // the sum over the patterns, which only grows
	addrs ir.AddrSet
}

func (c *Cache) known(texts []string) ir.AddrSet {
	var patterns []*pattern
	var edits uint64
	for _, text := range texts {
		if p := c.patterns[text]; p != nil {
			patterns = append(patterns, p)
			edits += p.edits
		}
	}
	if len(patterns) == 0 {
		return ir.AddrSet{}
	}
	if len(patterns) == 1 {
		return patterns[0].known()
	}
	key := strings.Join(texts, " ")
	if u, found := c.unions[key]; found && u.edits == edits {
		return u.addrs
	}
	sets := make([]ir.AddrSet, len(patterns))
	for i, p := range patterns {
		sets[i] = p.known()
	}
	if len(c.unions) > 2*len(c.patterns) {
		clear(c.unions) // somebody asks for ever new combinations
	}
	u := union{edits, ir.UnionAll(sets...)}
	c.unions[key] = u
	return u.addrs
}

// SetPatterns puts patterns in force, as ir.MatchesName understands them, in place of those of the call before. What is known of
// names that match none of them is forgotten. While a node goes over from one set of policies to another, the patterns of both
// should be in force. An address that a client has from an answer before the first pattern for its name is not known: the
// client has to ask again.
func (c *Cache) SetPatterns(patterns []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := make(map[string]*pattern, len(patterns))
	same := c.told
	for _, text := range patterns {
		p := c.patterns[text]
		if p == nil {
			same = false
			p = &pattern{text: text, names: map[netip.Addr]int{}, stale: map[netip.Addr]struct{}{}}
		}
		next[text] = p
	}
	if same && len(next) == len(c.patterns) {
		return
	}
	c.told, c.patterns = true, next
	c.matcher = newMatcher(next)
	clear(c.unions)
	for _, n := range c.names {
		c.rematch(n)
	}
}

// rematch finds the patterns of a name anew, and forgets it if there are none.
func (c *Cache) rematch(n *name) {
	before := n.patterns
	n.patterns = c.matcher.match(n.text)
	for _, p := range n.patterns {
		if !slices.Contains(before, p) {
			for a := range n.addrs {
				p.gain(a)
			}
		}
	}
	if len(n.patterns) == 0 {
		for _, e := range n.addrs {
			c.forget(e)
		}
	}
}

// matcher finds the patterns that stand for a name, without a look at most of the others: patterns without a "*" by the name
// itself, the rest by what follows their last "*", which the name must end with.
type matcher struct {
	exact map[string]*pattern
	tails map[string][]*pattern
	sizes []int // of the tails, ascending
}

func newMatcher(patterns map[string]*pattern) matcher {
	m := matcher{exact: map[string]*pattern{}, tails: map[string][]*pattern{}}
	for text, p := range patterns {
		star := strings.LastIndexByte(text, '*')
		if star < 0 {
			m.exact[text] = p
			continue
		}
		tail := text[star+1:]
		m.tails[tail] = append(m.tails[tail], p)
		if at, found := slices.BinarySearch(m.sizes, len(tail)); !found {
			m.sizes = slices.Insert(m.sizes, at, len(tail))
		}
	}
	return m
}

func (m *matcher) match(text string) []*pattern {
	var out []*pattern
	if p := m.exact[text]; p != nil {
		out = append(out, p)
	}
	for _, size := range m.sizes {
		if size > len(text) {
			break
		}
		for _, p := range m.tails[text[len(text)-size:]] {
			if ir.MatchesName(p.text, text) {
				out = append(out, p)
			}
		}
	}
	return out
}
