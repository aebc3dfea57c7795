package member

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// firstRejoin is the time between the first attempts to reach a peer.
const firstRejoin = 100 * time.Millisecond

// joiners is how many peers are tried at a time.
const joiners = 3

// attempt is when a peer is tried next, and how long to wait after that.
type attempt struct {
	at   time.Time
	wait time.Duration
}

// keepJoining tries to reach the peers that do not answer, until ctx ends. Reaching one member of a group that works together reaches all
// of them, so few are tried at a time.
func (m *Members) keepJoining(ctx context.Context) {
	attempts := map[string]attempt{}
	for ctx.Err() == nil {
		missing := m.unreached()
		next := m.due(missing, attempts)
		var group sync.WaitGroup
		for _, p := range next {
			group.Go(func() { m.reach(p) })
		}
		group.Wait()
		if len(next) > 0 {
			continue
		}
		if !m.rest(ctx, missing, attempts) {
			return
		}
	}
}

// reach tries to exchange everything with a peer.
func (m *Members) reach(p Peer) {
	if _, err := m.list.Join([]string{p.Name + "/" + p.Addr.String()}); err != nil {
		m.log.Debug("a node cannot be reached", "node", p.Name, "at", p.Addr, "error", err)
	}
}

// due chooses whom to try now, and notes when to try them again. Attempts at peers that are not missing are forgotten.
func (m *Members) due(missing []Peer, attempts map[string]attempt) []Peer {
	for name := range attempts {
		if !slices.ContainsFunc(missing, func(p Peer) bool { return p.Name == name }) {
			delete(attempts, name)
		}
	}
	now := time.Now()
	missing = slices.DeleteFunc(slices.Clone(missing), func(p Peer) bool { return attempts[p.Name].at.After(now) })
	rand.Shuffle(len(missing), func(i, j int) { missing[i], missing[j] = missing[j], missing[i] })
	missing = missing[:min(len(missing), joiners)]
	for _, p := range missing {
		wait := max(attempts[p.Name].wait, firstRejoin)
		// Those that start together must not go on together.
		attempts[p.Name] = attempt{now.Add(wait/2 + rand.N(wait/2)), min(wait*3/2, m.options.Timing.Rejoin)}
	}
	return missing
}

// rest waits until the next attempt is due, or the peers have changed. It reports whether ctx goes on.
func (m *Members) rest(ctx context.Context, missing []Peer, attempts map[string]attempt) bool {
	var due <-chan time.Time
	if len(missing) > 0 {
		next := slices.MinFunc(missing, func(a, b Peer) int { return attempts[a.Name].at.Compare(attempts[b.Name].at) })
		timer := time.NewTimer(time.Until(attempts[next.Name].at))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-m.wake:
	case <-due:
	}
	return true
}
