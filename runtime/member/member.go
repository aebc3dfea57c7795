// Package member tells which of the nodes that work together are alive.
//
// The members watch each other: there is no central point, and none of them has to be there for the others. What they say is
// encrypted with a key that they share, and goes to the declared addresses of peers alone, never to a broadcast address. A partition
// heals by itself: each side goes on trying to reach the other. A member that ends says nothing; one that is back before it is missed
// has never been down.
package member

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// DefaultPort is the port, of UDP and of TCP, on which members listen. IANA has not assigned it; it is not among those of node ports
// or ephemeral ports, and next to those of Kubernetes' own components. 7946, which the library proposes, is what others take.
const DefaultPort = 10261

// Peer is another member, as it is declared.
type Peer struct {
	Name string
	Addr netip.AddrPort // where it listens, seen from here
}

// Options say who a member is and with whom it works.
type Options struct {
	Name      string                   // of this member; unlike all others'
	Bind      netip.AddrPort           // where it listens
	Advertise netip.AddrPort           // where the others reach it; the zero value: at Bind, which then has to be no unspecified address
	Peers     []Peer                   // at first; see SetPeers
	KeyFile   string                   // see ReadKeys; looked at every second from then on
	Timing    Timing                   // zeros are the defaults
	Within    func(func() error) error // calls a function that makes sockets on a thread that is where they belong; nil: anywhere
	Log       *slog.Logger             // nil: nothing is said
}

// Members is a member, and what it knows of the others. Its methods may be called concurrently.
type Members struct {
	options   Options
	log       *slog.Logger
	list      *memberlist.Memberlist
	keys      *memberlist.Keyring
	transport *transport
	started   time.Time
	cancel    context.CancelFunc
	work      sync.WaitGroup
	grace     *time.Timer
	settle    *time.Timer
	changes   chan struct{}
	ready     chan struct{}
	wake      chan struct{} // a token: there may be somebody new to reach

	// mu may be taken while the library holds its own lock, so that the library must not be called under it.
	mu     sync.Mutex
	closed bool
	peers  map[string]netip.AddrPort
	known  map[string][]netip.AddrPort // where each member was ever declared, this one included
	alive  map[string]bool             // members that answer, declared or not
	left   map[string]bool             // members that somebody has found gone
	seen   map[string]bool             // peers that have answered, ever
	gone   map[string]bool             // peers that others have missed for long, and that have not answered here yet
	down   []string                    // what was last told
}

// Start begins to listen and to look for the peers. It fails if the keys cannot be read, or if it cannot listen.
func Start(o Options) (*Members, error) {
	o.Timing = o.Timing.withDefaults()
	if !o.Advertise.IsValid() {
		o.Advertise = o.Bind
	}
	switch {
	case o.Name == "":
		return nil, errors.New("a member needs a name")
	case !o.Bind.IsValid():
		return nil, errors.New("a member needs an address to listen on")
	case o.Advertise.Addr().IsUnspecified() || o.Advertise.Port() == 0:
		return nil, fmt.Errorf("other members cannot reach %s", o.Advertise)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Members{options: o, log: o.Log, started: time.Now(), changes: make(chan struct{}, 1), ready: make(chan struct{}), wake: make(chan struct{}, 1),
		known: map[string][]netip.AddrPort{o.Name: {o.Advertise}}, alive: map[string]bool{}, left: map[string]bool{}, seen: map[string]bool{}, gone: map[string]bool{}}
	if err := m.open(); err != nil {
		return nil, err
	}
	return m, nil
}

// open reads the keys, listens and starts everything.
func (m *Members) open() error {
	keys, err := ReadKeys(m.options.KeyFile)
	if err != nil {
		return err
	}
	if m.keys, err = memberlist.NewKeyring(keys, keys[0]); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	sink := newSink(m.log)
	if m.transport, err = listen(ctx, m.options, sink); err != nil {
		cancel()
		return err
	}
	m.SetPeers(m.options.Peers)
	list, err := memberlist.Create(m.config(sink))
	if err != nil {
		cancel()
		return errors.Join(err, m.transport.Shutdown())
	}
	m.mu.Lock()
	m.list = list
	m.mu.Unlock()
	m.grace = time.AfterFunc(m.options.Timing.Grace, m.judge)
	m.settle = time.AfterFunc(m.options.Timing.Settle, m.settled)
	m.work.Go(func() { m.keepKeys(ctx, keys) })
	m.work.Go(func() { m.keepJoining(ctx) })
	return nil
}

// Close ends the member without a word to the others: they miss it after a while, unless it is back by then.
func (m *Members) Close() error {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.cancel()
	m.grace.Stop()
	m.settle.Stop()
	err := m.list.Shutdown()
	m.work.Wait()
	return err
}

// SetPeers says which members there are. An entry with this member's own name is ignored. Members that are no longer declared do not
// count any more; as long as they answer, they stay among those that are asked for what they know.
func (m *Members) SetPeers(peers []Peer) {
	m.mu.Lock()
	m.peers = map[string]netip.AddrPort{}
	for _, p := range peers {
		if p.Name == m.options.Name || !p.Addr.IsValid() {
			continue
		}
		m.peers[p.Name] = p.Addr
		if !slices.Contains(m.known[p.Name], p.Addr) {
			m.known[p.Name] = append(m.known[p.Name], p.Addr)
		}
		if m.alive[p.Name] {
			m.seen[p.Name] = true
		}
	}
	m.transport.allow(m.known)
	alone := len(m.peers) == 0
	m.mu.Unlock()
	signal(m.wake)
	m.judge()
	if alone {
		m.settled()
	}
}

// Down returns the names of the peers that are not alive, sorted.
//
// A peer that has answered is down when the members have found that it answers nobody any more. One that has not answered yet counts as
// alive for a time after this member's own start (Timing.Grace), so that members that start one after the other do not take
// everything for themselves; unless a member that has been there for longer says that it is down. After that time it is down until it
// answers. So one that is declared later is down at first.
func (m *Members) Down() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.downNow()
}

// downNow is Down for who holds the lock.
func (m *Members) downNow() []string {
	out := []string{}
	patient := time.Since(m.started) < m.options.Timing.Grace
	for name := range m.peers {
		if !m.alive[name] && (m.seen[name] || m.gone[name] || !patient) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Changes receives a value when Down may have changed.
func (m *Members) Changes() <-chan struct{} { return m.changes }

// Ready is closed when what Down tells is more than a guess: some peer has answered, or there is none, or none has answered for a
// while (Timing.Settle).
func (m *Members) Ready() <-chan struct{} { return m.ready }

// settled closes Ready.
func (m *Members) settled() {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.ready:
	default:
		close(m.ready)
	}
}

// judge tells if Down has changed.
func (m *Members) judge() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.downNow()
	if m.closed || slices.Equal(m.down, now) {
		return
	}
	for _, name := range now {
		if !slices.Contains(m.down, name) {
			m.log.Warn("a node is not alive", "node", name)
		}
	}
	for _, name := range m.down {
		if _, declared := m.peers[name]; declared && !slices.Contains(now, name) {
			m.log.Info("a node is alive again", "node", name)
		}
	}
	m.down = now
	signal(m.changes)
}

// unreached lists the peers that do not answer.
func (m *Members) unreached() []Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Peer
	for name, addr := range m.peers {
		if !m.alive[name] {
			out = append(out, Peer{name, addr})
		}
	}
	return out
}

// signal leaves a token, unless there is one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
