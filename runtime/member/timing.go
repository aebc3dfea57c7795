package member

import (
	"fmt"
	"log"
	"time"

	"github.com/hashicorp/memberlist"
)

// Timing says how patient a member is. A zero is the default. All members of a cluster should have the same.
//
// How long it takes until a member that vanishes is missed, among few: Interval until some member asks it, on average; Interval again
// until that one, and those that it asked to ask, know that there is no answer; and Suspicion times Interval for it to object; then it is
// asked once more, for Answer. Another
// member has to find the same in that time, or it takes up to three times as long. Among more than ten members Suspicion counts
// times log10 of their number.
type Timing struct {
	Interval  time.Duration // how often a member asks another one whether it is there: 200 ms
	Answer    time.Duration // after this time without an answer others are asked to ask, too: 2/5 of Interval
	Suspicion int           // how many Intervals one that does not answer has to object: 3
	Gossip    time.Duration // how often news are passed on that did not fit elsewhere: a quarter of Interval
	Grace     time.Duration // from Start on, for peers that have not answered yet: 10 s
	Settle    time.Duration // see Members.Ready: 1 s
	Rejoin    time.Duration // the longest time between two attempts to reach a peer that does not answer: 2 s
}

// DefaultInterval is Timing's Interval unless one says otherwise.
const DefaultInterval = 200 * time.Millisecond

func (t Timing) withDefaults() Timing {
	or := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	or(&t.Interval, DefaultInterval)
	or(&t.Answer, t.Interval*2/5)
	or(&t.Gossip, t.Interval/4)
	or(&t.Grace, 10*time.Second)
	or(&t.Settle, time.Second)
	or(&t.Rejoin, 2*time.Second)
	if t.Suspicion == 0 {
		t.Suspicion = 3
	}
	return t
}

// streamTimeout is how long members may take to exchange all they know.
const streamTimeout = time.Second

// config is what the library is told.
func (m *Members) config(sink *sink) *memberlist.Config {
	t := m.options.Timing
	c := memberlist.DefaultLANConfig()
	c.Name = m.options.Name
	c.Label = label
	c.Transport = m.transport
	c.AdvertiseAddr, c.AdvertisePort = m.options.Advertise.Addr().String(), int(m.options.Advertise.Port())
	c.BindAddr, c.BindPort = m.options.Bind.Addr().String(), int(m.options.Bind.Port())
	c.Keyring = m.keys
	c.Logger = log.New(sink, "", 0)
	c.Delegate, c.Events, c.Alive, c.Conflict = &exchange{m}, &events{m}, &admission{m}, &admission{m}

	c.ProbeInterval, c.ProbeTimeout = t.Interval, t.Answer
	c.SuspicionMult, c.SuspicionMaxTimeoutMult = t.Suspicion, 3
	c.GossipInterval = t.Gossip
	// Who finds that it hears nothing itself asks at most half as often: on the smaller side of a partition that is the case, too.
	c.AwarenessMaxMultiplier = 2
	// A node that answers over TCP alone forwards nothing.
	c.DisableTcpPings = true
	c.TCPTimeout = streamTimeout
	c.PushPullInterval = 10 * time.Second
	// A node may come back with another address.
	c.DeadNodeReclaimTime = time.Millisecond
	c.EnableCompression = false
	return c
}

// label is in every message, so that members of other clusters of the library with the same key stay apart.
const label = "headgate"

// String tells the time that it takes to miss a member, among few.
func (t Timing) String() string {
	t = t.withDefaults()
	return fmt.Sprintf("about %v", t.Interval*time.Duration(2+t.Suspicion))
}
