// Package ovs makes one Open vSwitch bridge hold what the target openflow generates.
//
// Guarantees: a generation, or the difference between two, is one OpenFlow 1.5 bundle: all of it is in force or nothing; only
// what changed is sent; flows without headgate's cookie are neither read nor written; what is read back is in the words in which
// the target generates it, port names included; flows of a port that does not exist yet are held back, and loaded when it
// appears.
package ovs

import (
	"context"
	"fmt"

	"github.com/headgate-net/headgate/targets/openflow"
)

// Command is what a Mod does. Each speaks of exactly one flow: that of the given table, priority and match.
type Command uint8

// The commands.
const (
	Add    Command = iota // replaces a flow that is there; its counters start anew
	Modify                // changes the actions of a flow of the same cookie; its counters stay
	Delete
)

// String gives the command's name in the syntax of bundle files.
func (c Command) String() string { return [...]string{"add", "modify_strict", "delete_strict"}[c] }

// Mod is one change of a flow table. Flow is bound: it has no refs. Foreign is for Delete only: the text of a flow that was
// dumped as such, which then is the one that is meant.
type Mod struct {
	Command Command
	Flow    openflow.Flow
	Foreign string
}

// Switch changes and reads the flow tables of a bridge.
type Switch interface {
	// Bundle carries out the mods in order as one transaction. If the switch refuses one, nothing has changed and the error is
	// a *ModError.
	Bundle(ctx context.Context, mods []Mod) error
	// Dump returns all flows that have CookieMarker, in no particular order.
	Dump(ctx context.Context) ([]Dumped, error)
}

// Dumped is a flow that the bridge holds. A flow that has more to it than this package's target writes has Foreign: its text,
// of which Flow is what could be read.
type Dumped struct {
	Flow    openflow.Flow
	Foreign string
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
