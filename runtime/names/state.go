package names

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// stateVersion is the version of the form in which Save writes.
const stateVersion = 1

// maxState is more than Save writes at the default limits.
const maxState = 64 << 20

// state is the form in which Save writes.
type state struct {
	Version int                                 `json:"version"`
	Saved   time.Time                           `json:"saved,omitzero"` // by the clock that the times below are of
	Names   map[string]map[netip.Addr]time.Time `json:"names"`          // when each address of a name is to be forgotten
}

// Save writes what is known, so that Restore finds it when the program starts again: one JSON object, sorted, with absolute times by the
// clock on the wall as it is now, which may have been set since something was learned.
func (c *Cache) Save(w io.Writer, now time.Time) error {
	return json.NewEncoder(w).Encode(c.state(now))
}

func (c *Cache) state(now time.Time) state {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall := now.UTC().Truncate(time.Millisecond)
	out := state{stateVersion, wall, make(map[string]map[netip.Addr]time.Time, len(c.names))}
	for text, n := range c.names {
		addrs := make(map[netip.Addr]time.Time, len(n.addrs))
		for a, e := range n.addrs {
			addrs[a] = wall.Add(e.until.Sub(now).Truncate(time.Millisecond))
		}
		out.Names[text] = addrs
	}
	return out
}

// Restore adds what Save wrote, without what is to be forgotten by now, and within the limits. Where the clock was put back since, no time
// counts as passed. It is best called before SetPatterns: what matches no pattern then goes. What Save cannot have written is an error,
// and nothing is added.
func (c *Cache) Restore(r io.Reader, now time.Time) error {
	var s state
	if err := json.NewDecoder(io.LimitReader(r, maxState)).Decode(&s); err != nil {
		return fmt.Errorf("known names: %w", err)
	}
	if s.Version != stateVersion {
		return fmt.Errorf("known names: version %d, want %d", s.Version, stateVersion)
	}
	for text, addrs := range s.Names {
		for a := range addrs {
			if !isSpellable(text) || !learnable(a) {
				return fmt.Errorf("known names: %q cannot have address %s", text, a)
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.Saved.IsZero() {
		s.Saved = now
	}
	passed := max(now.UTC().Truncate(time.Millisecond).Sub(s.Saved), 0)
	latest := now.Add(max(MaxTTL, c.options.MinTTL) + c.options.Grace) // the clock may have been wrong when it was saved
	for _, text := range slices.Sorted(maps.Keys(s.Names)) {
		addrs := s.Names[text]
		for _, a := range slices.SortedFunc(maps.Keys(addrs), netip.Addr.Compare) {
			if rest := addrs[a].Sub(s.Saved); rest > passed {
				until := now.Add(rest - passed) // by the monotonic clock, if now has it
				if until.After(latest) {
					until = latest
				}
				c.add(text, a, until)
			}
		}
	}
	return nil
}
