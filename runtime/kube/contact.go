package kube

import (
	"errors"
	"log/slog"
	"net/url"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// contact logs once that something cannot be asked, and that it can again. Its methods may be called concurrently.
type contact struct {
	log  *slog.Logger
	mu   sync.Mutex
	lack map[string]lack // what is wrong, by resource; "" is which kinds there are
}

// lack is what is wrong with a resource.
type lack struct {
	text   string
	denied bool // the server answers, and does not give it
}

func newContact(log *slog.Logger) *contact { return &contact{log: log, lack: map[string]lack{}} }

// lost notes that a resource cannot be asked for. What is wrong with all of them is logged once.
func (c *contact) lost(resource string, err error) {
	now := lack{reason(err), apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err)}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.knows(now)
	c.lack[resource] = now
	switch {
	case known:
	case now.denied:
		c.log.Error("the API server does not give what the agent has to read; the last good rules stay in force", "error", now.text)
	default:
		c.log.Error("the API server does not answer; the last good rules stay in force", "error", now.text)
	}
}

func (c *contact) knows(what lack) bool {
	for _, other := range c.lack {
		if other == what {
			return true
		}
	}
	return false
}

// any reports whether something is denied, or is not answered.
func (c *contact) any(denied bool) bool {
	for _, l := range c.lack {
		if l.denied == denied {
			return true
		}
	}
	return false
}

// found notes that a resource can be asked for.
func (c *contact) found(resource string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, lacked := c.lack[resource]
	delete(c.lack, resource)
	switch {
	case !lacked || c.any(was.denied):
	case was.denied:
		c.log.Info("the API server gives all that the agent has to read")
	default:
		c.log.Info("the API server answers again")
	}
}

// reason is an error without the address that was asked for, which differs between requests.
func reason(err error) string {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}
