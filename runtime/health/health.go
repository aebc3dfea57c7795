// Package health tells load balancers about a node over HTTP, as kube-proxy does.
//
// What is answered changes with what is in force, all at once, and ports that are neither new nor gone stay open meanwhile. A port
// that cannot be had is told once and tried again; it keeps nothing else from working. What is answered follows kube-proxy 1.37
// (pkg/proxy/healthcheck), status, headers and body.
package health

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/headgate-net/headgate/ir"
)

// DefaultAddress is where kube-proxy answers for itself unless it is told otherwise.
const DefaultAddress = "0.0.0.0:10256"

// DefaultTimeout is how long a change may wait before the node counts as unhealthy: twice the time after which kube-proxy tries again.
const DefaultTimeout = time.Minute

// retryAfter is how long to wait before a port that could not be had is tried again.
const retryAfter = 2 * time.Second

// headerTimeout is how long a client may take for its question.
const headerTimeout = 10 * time.Second

// Options say where a Server answers, and with what it works.
type Options struct {
	Address string        // of /healthz and /livez, host:port; "": these are not answered
	Always  bool          // they are answered in any case, not only while the node serves Services
	Timeout time.Duration // how long a change may wait; 0: DefaultTimeout
	Log     *slog.Logger  // nil: nothing is said

	Listen func(network, address string) (net.Listener, error) // nil: net.Listen
	Now    func() time.Time                                    // nil: time.Now
}

// Server answers for a node. Its methods may be called concurrently.
type Server struct {
	options Options
	view    atomic.Pointer[view] // what is answered

	mu      sync.Mutex
	open    map[place]*http.Server
	told    map[place]string // why a place cannot be had
	ended   bool
	queued  time.Time // since when a change waits; zero: none does
	updated time.Time // when one was last put in force
}

// place is where a Server listens, in the words of net.Listen.
type place struct{ network, address string }

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.address, o.address), cmp.Compare(p.network, o.network))
}

// view is one state of what is answered. It does not change.
type view struct {
	own      bool // the node answers for itself
	eligible bool // load balancers may choose the node
	checks   map[place]*ir.HealthCheck
	refused  map[place]*ir.HealthCheck // those whose port another Service has
}

// New makes a Server that waits for Run.
func New(o Options) *Server {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Listen == nil {
		o.Listen = net.Listen
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{options: o, open: map[place]*http.Server{}, told: map[place]string{}, updated: o.Now(), ended: true}
	s.view.Store(&view{own: o.Always})
	return s
}

// Run answers until ctx ends. It is called once.
func (s *Server) Run(ctx context.Context) {
	s.mu.Lock()
	s.ended = false
	s.settle(s.view.Load())
	s.mu.Unlock()
	ticker := time.NewTicker(retryAfter)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			s.end()
			return
		case <-ticker.C:
			s.mu.Lock()
			s.settle(s.view.Load())
			s.mu.Unlock()
		}
	}
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for at := range s.open {
		s.close(at)
	}
}

// Queued says that there is a change to be put in force.
func (s *Server) Queued() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queued.IsZero() {
		s.queued = s.options.Now()
	}
}

// InForce says that what waited is in force: a Pipeline that was placed on the node. Once it returns, that is what is answered.
func (s *Server) InForce(p *ir.Pipeline) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued, s.updated = time.Time{}, s.options.Now()
	s.settle(s.newView(p))
}

func (s *Server) newView(p *ir.Pipeline) *view {
	v := &view{own: s.options.Always || len(p.Frontends) > 0, eligible: ir.IsMachine(p.Node),
		checks: map[place]*ir.HealthCheck{}, refused: map[place]*ir.HealthCheck{}}
	for _, n := range p.Nodes {
		v.eligible = v.eligible || n.Name == p.Node && !n.Leaving
	}
	for i := range p.Health {
		h := &p.Health[i]
		if at := placeOf(h); v.checks[at] == nil {
			v.checks[at] = h
		} else if v.refused[at] == nil {
			v.refused[at] = h
		}
	}
	return v
}

// placeOf is every address of a family: those of the node, also where its Node object does not list them.
func placeOf(h *ir.HealthCheck) place {
	port := strconv.Itoa(int(h.Port))
	if h.Family == ir.IPv4 {
		return place{"tcp4", net.JoinHostPort("0.0.0.0", port)}
	}
	return place{"tcp6", net.JoinHostPort("::", port)}
}

// handlers says who answers where.
func (s *Server) handlers(v *view) map[place]http.Handler {
	out := make(map[place]http.Handler, len(v.checks)+1)
	for at := range v.checks {
		out[at] = service{s, at}
	}
	if v.own && s.options.Address != "" {
		out[place{"tcp", s.options.Address}] = s.own()
	}
	return out
}

// settle answers a view from now on, and has the ports open that this takes.
func (s *Server) settle(v *view) {
	handlers := s.handlers(v)
	maps.DeleteFunc(s.told, func(at place, _ string) bool { return handlers[at] == nil })
	fresh := map[place]net.Listener{}
	for _, at := range slices.SortedFunc(maps.Keys(handlers), place.compare) {
		if s.open[at] != nil || s.ended {
			continue
		}
		l, err := s.options.Listen(at.network, at.address)
		if err != nil {
			s.tell(at, v.checks[at], err.Error())
			continue
		}
		fresh[at] = l
		delete(s.told, at)
	}
	s.view.Store(v)
	for at := range s.open {
		if handlers[at] == nil {
			s.close(at)
		}
	}
	for at, l := range fresh {
		server := &http.Server{Handler: handlers[at], ReadHeaderTimeout: headerTimeout, ErrorLog: slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug)}
		s.open[at] = server
		go server.Serve(l)
	}
	for _, at := range slices.SortedFunc(maps.Keys(v.refused), place.compare) {
		if s.open[at] != nil {
			s.tell(at, v.refused[at], "the port is that of "+v.checks[at].Service)
		}
	}
}

// tell says why a port cannot be had, once. check is nil where that is the node's own.
func (s *Server) tell(at place, check *ir.HealthCheck, why string) {
	key := why
	attrs := []any{"address", at.address, "network", at.network, "error", why}
	if check != nil {
		attrs = append(attrs, "service", check.Service)
		key += " " + check.Service
	}
	if s.told[at] == key {
		return
	}
	s.told[at] = key
	s.options.Log.Warn("load balancers cannot ask for the node's health", attrs...)
}

// close closes a port, and the connections to it.
func (s *Server) close(at place) {
	// What a client has not heard by then it will not miss.
	_ = s.open[at].Close()
	delete(s.open, at)
}
