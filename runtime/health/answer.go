package health

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// service answers for the Service that has a port now.
type service struct {
	server *Server
	at     place
}

// serviceAnswer is what load balancers are told of a Service. They look at the status alone.
type serviceAnswer struct {
	Service struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"service"`
	LocalEndpoints int  `json:"localEndpoints"`
	ProxyHealthy   bool `json:"serviceProxyHealthy"`
}

// ServeHTTP answers whatever is asked for.
func (h service) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	check := h.server.view.Load().checks[h.at]
	if check == nil {
		// The port is about to be closed.
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var a serviceAnswer
	a.Service.Namespace, a.Service.Name, _ = strings.Cut(check.Service, "/")
	a.LocalEndpoints, a.ProxyHealthy = check.Local, h.server.condition().healthy
	w.Header().Set("X-Load-Balancing-Endpoint-Weight", strconv.Itoa(a.LocalEndpoints))
	text, err := json.MarshalIndent(a, "", "\t")
	answer(w, a.LocalEndpoints > 0 && a.ProxyHealthy, text, err)
}

// answer writes an answer in JSON.
func answer(w http.ResponseWriter, good bool, text []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// A client that is gone is no reason to stop.
	_, _ = w.Write(text)
}

// condition is how the node is.
type condition struct {
	now, updated time.Time
	healthy      bool
}

func (s *Server) condition() condition {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	return condition{now: now, updated: s.updated, healthy: s.queued.IsZero() || now.Sub(s.queued) < s.options.Timeout}
}

// ownAnswer is what the node says of itself. Both families change together.
type ownAnswer struct {
	LastUpdated  time.Time               `json:"lastUpdated"` // of one that is well: now, as kube-proxy does for those who look for a recent time
	CurrentTime  time.Time               `json:"currentTime"`
	NodeEligible *bool                   `json:"nodeEligible,omitempty"`
	Healthy      bool                    `json:"healthy"`
	Status       map[string]familyAnswer `json:"status"`
}

type familyAnswer struct {
	LastUpdated time.Time `json:"lastUpdated"`
	Healthy     bool      `json:"healthy"`
}

// own answers for the node: /healthz whether load balancers may choose it, /livez whether it works.
func (s *Server) own() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		eligible := s.view.Load().eligible
		s.answerOwn(w, &eligible)
	})
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) { s.answerOwn(w, nil) })
	return mux
}

// answerOwn says how the node is, and if that counts whether it is eligible.
func (s *Server) answerOwn(w http.ResponseWriter, eligible *bool) {
	c := s.condition()
	of := familyAnswer{c.updated, c.healthy}
	a := ownAnswer{LastUpdated: c.updated, CurrentTime: c.now, NodeEligible: eligible, Healthy: c.healthy, Status: map[string]familyAnswer{"IPv4": of, "IPv6": of}}
	good := c.healthy && (eligible == nil || *eligible)
	if good {
		a.LastUpdated = c.now
	}
	text, err := json.Marshal(a)
	answer(w, good, text, err)
}
