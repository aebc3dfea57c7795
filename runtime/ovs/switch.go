// Package ovs makes one Open vSwitch bridge hold what the target openflow generates.
//
// Guarantees: a generation, or the difference between two, is one OpenFlow 1.5 bundle: all of it is in force or nothing; only
// what changed is sent; flows without headgate's cookie are neither read nor written, but for those that hold answers of DNS, which
// have a cookie of their own and go by themselves; nor are those that the bridge has learned from packets, until a backend goes that they
// lead to; what is read back is in
// the words in which the target generates it, port names included; flows of a port that does not exist yet are held back, and loaded
// when it appears.
package ovs

import (
	"context"
	"fmt"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Command is what a Mod does. Each speaks of exactly one entry: the group or meter of an ID, or the flow of a table, priority and match.
type Command uint8

// The commands.
const (
	Add    Command = iota // a flow replaces the one that is there, and its counters start anew
	Modify                // changes what is done, of a flow of the same cookie, a group or a meter; counters stay
	Delete
)

// Entry is a flow or, if Group or Meter is not nil, a group or a meter. Foreign is the text of one that has more to it than the target
// openflow writes; Flow, Group or Meter is then what could be read of it. Counted is what has met a flow by the time it was dumped.
type Entry struct {
	Flow    openflow.Flow
	Group   *openflow.Group
	Meter   *openflow.Meter
	Foreign string
	Counted wire.Counters

	match []byte // of a foreign flow, as the switch wrote it
}

// Mod is one change. Entry is bound: it has no refs. A foreign one can only be deleted.
type Mod struct {
	Command Command
	Entry
}

// Switch changes and reads a bridge.
type Switch interface {
	// Bundle carries out the mods in order as one transaction. If the switch refuses one, nothing has changed and the error is
	// a *ModError. Meters are changed before and deleted after all that refers to them; that is no part of the transaction, but those
	// that were added go if it fails.
	Bundle(ctx context.Context, mods []Mod) error
	// Settle waits until what a bundle has changed is in force for every packet, those of known connections included.
	Settle(ctx context.Context) error
	// Dump returns all flows that have CookieMarker, all groups that have GroupMarker and all meters that have MeterMarker, in no
	// particular order.
	Dump(ctx context.Context) ([]Entry, error)
}

// ModError says which mod of a bundle a switch refused: mods[Index], or an unknown one if Index is -1.
type ModError struct {
	Index  int
	Reason string
}

// Error tells the place and the switch's reason.
func (e *ModError) Error() string {
	if e.Index < 0 {
		return "bundle refused: " + e.Reason
	}
	return fmt.Sprintf("bundle refused at %d: %s", e.Index, e.Reason)
}
