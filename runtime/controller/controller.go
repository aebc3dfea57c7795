// Package controller writes to the API server what agents do not: the status of policies, Egresses, pools and Services, and Events for
// objects with errors.
//
// One of several controllers writes, the one that has the Lease. It writes fields of its own alone, by server-side apply, and nothing
// where what is there says the same already. What nodes enforce does not depend on any of it: agents give out the same addresses by
// themselves. It does not compile: a View tells it what the objects come to.
package controller

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// Manager is who owns the fields that a controller writes.
const Manager = "headgate-controller"

// View is what the objects of a cluster come to at a moment. Documents are named as those of package kube. What is in none of the lists keeps
// the status that it has. It must not be changed.
type View struct {
	Policies []Policy
	Groups   []Group
	Egresses []Egress
	Pools    []Pool
	Services []Service
	Refusals []Refusal
}

// Policy is a policy that is in force, whatever kind it is of.
type Policy struct {
	Document string
	Nodes    []string // where it applies to something, sorted
}

// Group is a ClusterGroup or Group that is in force. It is computed unless it names others that are not there.
type Group struct {
	Document string
	Computed bool
}

// Egress is an Egress, and the address that it has; invalid: none.
type Egress struct {
	Document string
	Addr     netip.Addr
	Pooled   bool // it wants one of a pool
}

// Pool is a pool of addresses, and how many of them somebody has.
type Pool struct {
	Document    string
	Total, Used uint64
}

// Service is a Service that has its addresses from a pool. With Kept they are those that its status says, for the pool is not there.
type Service struct {
	Document string
	Addrs    []netip.Addr
	Kept     bool
}

// Refusal is an object with an error, or one that does not get an address.
type Refusal struct {
	Document string
	What     Trouble
	Code     string // of the diagnostic
	Message  string
	Field    string // where in the object it lies; "" is the object itself
	Hint     string // the way out
}

// Trouble is what is the matter with an object.
type Trouble uint8

// The troubles.
const (
	Rejected  Trouble = iota // it has errors: what it said before, if anything, is in force
	NoAddress                // it is in force, but the address that it wants cannot be had
)

// Meter counts what a controller does.
type Meter interface {
	Wrote(resource string, err error)
	Recorded(err error)
}

// Options say how a Controller works.
type Options struct {
	Client   *rest.Config
	Identity string        // of this controller, among others
	Pause    time.Duration // at least so long between two looks at everything; 0: 200 ms
	Log      *slog.Logger  // nil: nothing is said
	Meter    Meter         // nil: nothing is counted
}

// Controller knows what there is, and writes while Run works. Its methods may be called concurrently.
type Controller struct {
	options Options
	objects dynamic.Interface
	log     *slog.Logger
	now     func() time.Time
	wake    chan struct{} // a token: something has changed

	mu      sync.Mutex
	records map[string]*record // by document
	nodes   map[string]*nodestatus.NodeStatus
	view    *View
	told    map[string]bool // Events that were recorded, of what still is so
}

// New makes a Controller that knows nothing yet.
func New(o Options) (*Controller, error) {
	config := rest.CopyConfig(o.Client)
	config.QPS = -1 // there are few that write, and the server has its own ways to be fair
	config.WarningHandler = rest.NoWarnings{}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return over(objects, o), nil
}

// over makes a Controller of a client.
func over(objects dynamic.Interface, o Options) *Controller {
	if o.Pause == 0 {
		o.Pause = 200 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Meter == nil {
		o.Meter = uncounted{}
	}
	return &Controller{options: o, objects: objects, log: o.Log, now: time.Now, wake: make(chan struct{}, 1), records: map[string]*record{},
		nodes: map[string]*nodestatus.NodeStatus{}, told: map[string]bool{}}
}

// Show tells what the objects come to now.
func (c *Controller) Show(v *View) {
	c.mu.Lock()
	c.view = v
	c.mu.Unlock()
	c.changed()
}

func (c *Controller) changed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run writes until ctx ends, and returns when nothing is being written any more. What others have told or written before is found in what
// was observed.
func (c *Controller) Run(ctx context.Context) {
	c.changed()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	wait := time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-retry.C:
		}
		if c.write(ctx) {
			wait = time.Second
		} else {
			retry.Reset(wait)
			wait = min(2*wait, 30*time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(c.options.Pause):
		}
	}
}

type uncounted struct{}

func (uncounted) Wrote(string, error) {}
func (uncounted) Recorded(error)      {}
