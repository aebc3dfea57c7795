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
	Names   map[string]map[netip.Addr]time.Time `json:"names"` // when each address of a name is to be forgotten
}

// Save writes what is known, so that Restore finds it when the program starts again: one JSON object, sorted, with absolute times.
func (c *Cache) Save(w io.Writer) error {
	return json.NewEncoder(w).Encode(c.state())
}

func (c *Cache) state() state {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := state{stateVersion, make(map[string]map[netip.Addr]time.Time, len(c.names))}
	for text, n := range c.names {
		addrs := make(map[netip.Addr]time.Time, len(n.addrs))
		for a, e := range n.addrs {
			addrs[a] = e.until.UTC().Truncate(time.Millisecond)
		}
		out.Names[text] = addrs
	}
	return out
}

// Restore adds what Save wrote, without what is to be forgotten by now, and within the limits. It is best called before
// SetPatterns: what matches no pattern then goes. What Save cannot have written is an error, and nothing is added.
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
	latest := now.Add(max(MaxTTL, c.options.MinTTL) + c.options.Grace) // the clock may have been wrong when it was saved
	for _, text := range slices.Sorted(maps.Keys(s.Names)) {
		addrs := s.Names[text]
		for _, a := range slices.SortedFunc(maps.Keys(addrs), netip.Addr.Compare) {
			if until := addrs[a]; now.Before(until) {
				if until.After(latest) {
					until = latest
				}
				c.add(text, a, until)
			}
		}
	}
	return nil
}
