package lab

import (
	"context"
	"fmt"
	"slices"

	"github.com/vishvananda/netlink"
)

// Faults are what is wrong with a lab's underlay. The zero value is nothing. Places are "node/NAME" or "host/NAME".
type Faults struct {
	Off   []string `json:"off,omitempty"`   // their link is down, as of a machine without power
	Apart []string `json:"apart,omitempty"` // they reach each other, and nobody else reaches them
}

// Inflict makes the faults of the underlay exactly these: what was wrong before and is not named is mended.
func (l *Lab) Inflict(ctx context.Context, f Faults) error {
	return l.call(ctx, opFault, f, nil)
}

// apartBridge joins those who are apart; it is there once somebody is.
const apartBridge = "apart"

func (c *cluster) inflict(f Faults) error {
	for _, where := range slices.Concat(f.Off, f.Apart) {
		if !slices.ContainsFunc(c.underlay, func(m *member) bool { return m.where == where }) {
			return fmt.Errorf("%w: %q (want node/NAME or host/NAME)", ErrNoPlace, where)
		}
	}
	return c.fabric().in(func(l *links) {
		bridges := map[bool]int{false: l.index(fabricBridge)}
		if len(f.Apart) > 0 {
			if _, err := l.h.LinkByName(apartBridge); err != nil {
				l.bridge(apartBridge)
			}
			bridges[true] = l.index(apartBridge)
		}
		for _, m := range c.underlay {
			l.fabricPort(m, bridges[slices.Contains(f.Apart, m.where)], slices.Contains(f.Off, m.where))
		}
	})
}

// fabricPort joins a member's link to a bridge, and brings it up or down. What is so already stays untouched.
func (l *links) fabricPort(m *member, bridge int, off bool) {
	if l.err != nil {
		return
	}
	link, err := l.h.LinkByName(m.fabricPort())
	if err != nil {
		l.note(err, "find link %s", m.fabricPort())
		return
	}
	if link.Attrs().MasterIndex != bridge {
		l.note(l.h.LinkSetMasterByIndex(link, bridge), "join link %s", m.fabricPort())
	}
	set := l.h.LinkSetUp
	if off {
		set = l.h.LinkSetDown
	}
	l.note(set(&netlink.Device{LinkAttrs: *link.Attrs()}), "switch link %s", m.fabricPort())
}
