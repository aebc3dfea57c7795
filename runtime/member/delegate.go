package member

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/hashicorp/memberlist"
)

// events takes in which members answer. The library holds its lock meanwhile.
type events struct{ m *Members }

// NotifyJoin says that a member answers.
func (e *events) NotifyJoin(n *memberlist.Node) { e.m.turned(n.Name, true) }

// NotifyLeave says that a member has been found not to.
func (e *events) NotifyLeave(n *memberlist.Node) { e.m.turned(n.Name, false) }

// NotifyUpdate says nothing of that.
func (e *events) NotifyUpdate(*memberlist.Node) {}

// turned takes in what the library has found. Who is back is alive at once.
func (m *Members) turned(name string, alive bool) {
	if name == m.options.Name {
		return
	}
	m.mu.Lock()
	m.left[name] = !alive
	if alive {
		delete(m.left, name)
		m.alive[name] = true
		if _, declared := m.peers[name]; declared {
			m.seen[name] = true
			delete(m.gone, name)
		}
	} else if !m.closed {
		m.work.Go(func() { m.confirm(name) })
	}
	m.mu.Unlock()
	m.judge()
	signal(m.wake)
}

// objections is how often a member that is said to be gone, but answers, is asked again until that counts.
const objections = 20

// confirm makes sure that a member is gone. A member that was cut off thinks that all others are, and says so when it is back; they
// object, but that takes a moment in which nothing must move. So who still answers here stays, for as long as an objection may take.
func (m *Members) confirm(name string) {
	for range objections {
		m.mu.Lock()
		at, declared := m.peers[name]
		left, closed, list := m.left[name], m.closed, m.list
		m.mu.Unlock()
		if !left || closed {
			return
		}
		if !declared || list == nil {
			break
		}
		if _, err := list.Ping(name, net.UDPAddrFromAddrPort(at)); err != nil {
			break
		}
		time.Sleep(m.options.Timing.Gossip)
	}
	m.mu.Lock()
	if m.left[name] {
		delete(m.alive, name)
	}
	m.mu.Unlock()
	m.judge()
	signal(m.wake)
}

// admission lets only those in that are declared, at the addresses that are declared. The library holds its lock meanwhile.
type admission struct{ m *Members }

// NotifyAlive refuses a member with an error.
func (a *admission) NotifyAlive(n *memberlist.Node) error {
	ip, ok := netip.AddrFromSlice(n.Addr)
	if !ok {
		return fmt.Errorf("%q is no address", n.Addr)
	}
	at := netip.AddrPortFrom(ip.Unmap(), n.Port)
	a.m.mu.Lock()
	defer a.m.mu.Unlock()
	if !slices.ContainsFunc(a.m.known[n.Name], func(k netip.AddrPort) bool { return plain(k) == at }) {
		return fmt.Errorf("%s at %s is not declared", n.Name, at)
	}
	return nil
}

// NotifyConflict says that somebody has the name of another member.
func (a *admission) NotifyConflict(existing, other *memberlist.Node) {
	a.m.log.Debug("a node's name is said to be at another address", "node", existing.Name, "at", existing.Address(), "also", other.Address())
}

// word is what members tell each other beside what the library does: a member that has been there for long knows who has not been, and
// one that has just started does not.
type word struct {
	Settled bool     `json:"settled"` // whether Down is what was found, and no guess
	Down    []string `json:"down,omitempty"`
}

// exchange is what is said whenever two members exchange all they know.
type exchange struct{ m *Members }

// LocalState is what this member says.
func (e *exchange) LocalState(bool) []byte {
	m := e.m
	m.mu.Lock()
	w := word{Settled: time.Since(m.started) >= m.options.Timing.Grace, Down: m.downNow()}
	m.mu.Unlock()
	out, _ := json.Marshal(w)
	return out
}

// MergeRemoteState takes in what another member says.
func (e *exchange) MergeRemoteState(buf []byte, _ bool) {
	var w word
	if err := json.Unmarshal(buf, &w); err != nil {
		return
	}
	m := e.m
	m.mu.Lock()
	for _, name := range w.Down {
		if _, declared := m.peers[name]; w.Settled && declared && !m.seen[name] {
			m.gone[name] = true
		}
	}
	m.mu.Unlock()
	m.judge()
	m.settled()
}

// NodeMeta is nothing.
func (e *exchange) NodeMeta(int) []byte { return nil }

// NotifyMsg is never called: members send no other messages.
func (e *exchange) NotifyMsg([]byte) {}

// GetBroadcasts gives nothing.
func (e *exchange) GetBroadcasts(int, int) [][]byte { return nil }
