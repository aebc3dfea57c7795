// Package names keeps what one node knows of DNS names: the addresses that answers of DNS gave, while they last.
//
// It learns from the packets that its node's clients are about to receive, never asks by itself, and knows no dataplane. What
// one answer teaches is known when the call returns. Memory is bounded whatever the packets contain: in names, addresses and
// TCP streams. No packet, however broken, makes it panic or forget what it knows. It has no clock: time comes with each call.
// A Cache may be used by several goroutines at once.
//
// An A or AAAA record of an answer teaches that its address belongs to the name that was asked for and to every name of the
// chain of CNAME records that leads to it from there. Records off that chain, other sections, and answers with an error code
// teach nothing. Names are compared in lower case as they are on the wire: internationalised ones as A-labels (xn--...). Names
// that no policy can spell, with a dot or a byte outside of printable ASCII within a label, may be links of a chain but are
// not kept.
//
// Who is asked is not judged here: a client that may ask any server can have any address said to belong to a name. A policy
// that is to hold against the client itself restricts the servers that it may ask, too.
package names

import (
	"container/heap"
	"net/netip"
	"sync"
	"time"

	"github.com/headgate-net/headgate/ir"
)

// Defaults and limits of time.
const (
	// DefaultGrace is how long an address outlives its TTL. Clients keep an answer to the very end of its TTL and may connect in
	// its last moment; their TTL begins when they receive the answer, which is later than when it is learned here; caches on the
	// way count whole seconds; and a connection's first packet may have to be sent again, after one second and then after two
	// more (RFC 6298).
	DefaultGrace = 5 * time.Second
	// MaxTTL is the longest TTL that is believed, as RFC 8767 recommends.
	MaxTTL = 7 * 24 * time.Hour
)

// Defaults of Options: at most about 50 MiB.
const (
	DefaultMaxNames = 10_000
	DefaultMaxAddrs = 512
	DefaultMaxTotal = 200_000
)

// Options bound what a Cache keeps. The zero value is good.
type Options struct {
	Grace    time.Duration // how long an address outlives its TTL; 0: DefaultGrace; negative: not at all
	MinTTL   time.Duration // shorter TTLs are taken for this, for clients that keep answers longer than they should
	MaxNames int           // names that are kept; 0: DefaultMaxNames
	MaxAddrs int           // addresses of one name; 0: DefaultMaxAddrs
	MaxTotal int           // addresses of all names together; 0: DefaultMaxTotal
}

func (o Options) withDefaults() Options {
	set := func(n *int, to int) {
		if *n <= 0 {
			*n = to
		}
	}
	set(&o.MaxNames, DefaultMaxNames)
	set(&o.MaxAddrs, DefaultMaxAddrs)
	set(&o.MaxTotal, DefaultMaxTotal)
	if o.Grace == 0 {
		o.Grace = DefaultGrace
	}
	o.Grace = max(o.Grace, 0)
	return o
}

// Stats tells how much a Cache holds and what it had to give up.
type Stats struct {
	Names, Addrs, Streams int    // held now; an address counts once for each of its names
	Evicted               uint64 // addresses that had to go before their time, because of a limit
	Refused               uint64 // addresses that are never learned: see Message
	Broken                uint64 // messages, and streams, that are no DNS
	Dropped               uint64 // streams given up because of a limit, or of a gap that nothing filled
}

// Cache is what is known. Use New.
type Cache struct {
	mu       sync.Mutex
	options  Options
	told     bool // SetPatterns was called
	patterns map[string]*pattern
	matcher  matcher
	names    map[string]*name
	byName   heapOf[*name]
	byAddr   heapOf[*entry]
	unions   map[string]union
	streams  streams
	stats    Stats
}

// name is a DNS name with addresses, at least one between calls.
type name struct {
	place
	text     string
	addrs    map[netip.Addr]*entry
	patterns []*pattern
}

// entry is an address of a name.
type entry struct {
	place
	owner *name
	addr  netip.Addr
}

// New returns an empty Cache. Until SetPatterns is called for the first time it keeps every name.
func New(o Options) *Cache {
	return &Cache{options: o.withDefaults(), patterns: map[string]*pattern{}, names: map[string]*name{}, unions: map[string]union{},
		streams: newStreams()}
}

// Stats returns the state of the counters.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Names, s.Addrs, s.Streams = len(c.names), len(c.byAddr), c.streams.len()
	return s
}

// Next returns when Expire has something to do next. It reports false if nothing is known.
func (c *Cache) Next() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byAddr) == 0 {
		return time.Time{}, false
	}
	return c.byAddr[0].until, true
}

// Expire forgets the addresses whose time has come, and reports whether Known has changed.
func (c *Cache) Expire(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Dropped += c.streams.expire(now)
	changed := false
	for len(c.byAddr) > 0 && !now.Before(c.byAddr[0].until) {
		changed = c.forget(c.byAddr[0]) || changed
	}
	return changed
}

// add makes an address belong to a name until a moment, or later if that was known, and reports whether Known has changed. Where
// a limit is reached, what would be forgotten soonest makes room.
func (c *Cache) add(text string, a netip.Addr, until time.Time) bool {
	n, changed := c.names[text], false
	if n == nil {
		patterns := c.matcher.match(text)
		if len(patterns) == 0 && c.told {
			return false
		}
		if len(c.names) >= c.options.MaxNames {
			for last := c.byName[0]; len(last.addrs) > 0; {
				changed = c.evict(last.soonest()) || changed
			}
		}
		n = &name{text: text, addrs: map[netip.Addr]*entry{}, patterns: patterns}
	}
	e := n.addrs[a]
	if e == nil {
		if len(n.addrs) >= c.options.MaxAddrs {
			changed = c.evict(n.soonest()) || changed
		}
		if len(c.byAddr) >= c.options.MaxTotal {
			changed = c.evict(c.byAddr[0]) || changed
		}
		return c.insert(n, a, until) || changed
	}
	if e.until.Before(until) {
		e.until = until
		heap.Fix(&c.byAddr, e.index)
		c.prolong(n, until)
	}
	return false
}

// insert adds an address that the name does not have. The name may be new, or have lost its last address just now.
func (c *Cache) insert(n *name, a netip.Addr, until time.Time) bool {
	if c.names[n.text] == nil {
		n.until = until
		c.names[n.text] = n
		heap.Push(&c.byName, n)
	}
	e := &entry{place: place{until: until}, owner: n, addr: a}
	n.addrs[a] = e
	heap.Push(&c.byAddr, e)
	c.prolong(n, until)
	changed := false
	for _, p := range n.patterns {
		changed = p.gain(a) || changed
	}
	return changed
}

func (c *Cache) prolong(n *name, until time.Time) {
	if n.until.Before(until) {
		n.until = until
		heap.Fix(&c.byName, n.index)
	}
}

func (c *Cache) evict(e *entry) bool {
	c.stats.Evicted++
	return c.forget(e)
}

// forget removes an address, and its name with the last one, and reports whether Known has changed.
func (c *Cache) forget(e *entry) bool {
	n, changed := e.owner, false
	heap.Remove(&c.byAddr, e.index)
	delete(n.addrs, e.addr)
	for _, p := range n.patterns {
		changed = p.lose(e.addr) || changed
	}
	if len(n.addrs) == 0 {
		heap.Remove(&c.byName, n.index)
		delete(c.names, n.text)
	}
	return changed
}

// soonest returns the address that will be forgotten first.
func (n *name) soonest() *entry {
	var first *entry
	for _, e := range n.addrs {
		if first == nil || e.until.Before(first.until) || e.until.Equal(first.until) && e.addr.Less(first.addr) {
			first = e
		}
	}
	return first
}

// Known returns the addresses of all names that match one of the patterns, which are in force: it is what Pipeline.WithNames
// asks for. Patterns that are not in force have none. It is a look-up unless something has changed since the last call.
func (c *Cache) Known(patterns []string) ir.AddrSet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known(patterns)
}
