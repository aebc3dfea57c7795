package agent

import (
	"context"
	"time"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Live is the side of a dataplane that packets move: what they count, what they teach, what they leave behind.
type Live interface {
	// Learn changes volatile objects and items of what was applied last, without a look at the dataplane: plan is the Diff of their
	// old and new states alone. The generation stays. It is all or nothing, and takes as long as the change is large.
	Learn(ctx context.Context, plan artifact.Plan) error
	// Counts tells what each rule has decided since its dataplane has it. Rules that have decided nothing may be left out.
	Counts(ctx context.Context) (map[ir.RuleID]Count, error)
	// Watch tells the listener what happens, until ctx ends, and then returns nil. Calls are made one after the other. While nobody
	// watches, answers of DNS pass unseen and records are lost.
	Watch(ctx context.Context, l Listener) error
}

// Cleaner is a dataplane that remembers connections to what Services had.
type Cleaner interface {
	// Clean has it forget those that would go on to backends that are gone. It is called after Apply has carried out the change from
	// one Pipeline to another; the first one may be empty.
	Clean(ctx context.Context, old, new *ir.Pipeline) error
}

// Keeper is a dataplane of which something goes by itself unless it is kept: what another node may have after this one.
type Keeper interface {
	// Keep keeps what there is, until ctx ends. It is called once.
	Keep(ctx context.Context)
	// Found says that a state that Observe gave is the one that is wanted, so that Apply is not called for it.
	Found(s State)
	// Announce tells the neighbours anew what the node has. It does not wait for that.
	Announce()
}

// Health is what load balancers ask about a node, as a health.Server is.
type Health interface {
	// Queued says that a change is about to be put in force.
	Queued()
	// InForce says that it is: what was placed on the node. After a change that failed the last good one is in force, and nothing is said.
	InForce(p *ir.Pipeline)
}

// Count is what rules decided. Bytes are counted from the IP header on. For a rule that refuses, or leaves the decision to others, every
// packet counts by itself, as a session, too: it is an attempt. For one that allows, a session is a connection, and what else is counted depends on the dataplane:
//
//	nftables      the packets of whole connections in both directions, while they last
//	Open vSwitch  the packets that begin them, until there is an answer; each of those is a session
type Count struct {
	Sessions uint64 `json:"sessions"`
	Packets  uint64 `json:"packets"`
	Bytes    uint64 `json:"bytes"`
}

// Listener is told what happens on a dataplane.
type Listener interface {
	// Logged gets a packet that a rule with Logging decided.
	Logged(r Record)
	// Answered gets an IP packet with an answer of DNS, or a part of one over TCP, for an endpoint that is Watched. The packet goes on
	// its way once Answered returns: addresses that Learn has put in by then are there before the client can use them.
	Answered(packet []byte)
}

// Record is a packet that a rule decided.
type Record struct {
	Rule   ir.RuleID
	Time   time.Time
	Packet []byte // from its IP header on; long ones are cut
	Lost   uint64 // records that were lost since the one before, as far as the dataplane can tell
}
