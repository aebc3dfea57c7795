package kube

import (
	"errors"
	"log/slog"
	"net/url"
	"sync"
)

// contact logs once that something cannot be asked, and that it can again. Its methods may be called concurrently.
type contact struct {
	log  *slog.Logger
	mu   sync.Mutex
	lack map[string]string // what is wrong, by resource; "" is which kinds there are
}

func newContact(log *slog.Logger) *contact { return &contact{log: log, lack: map[string]string{}} }

// lost notes that a resource cannot be asked for. What is wrong with all of them is logged once.
func (c *contact) lost(resource string, err error) {
	text := reason(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.knows(text)
	c.lack[resource] = text
	if !known {
		c.log.Error("the API server does not answer; the last good rules stay in force", "error", text)
	}
}

func (c *contact) knows(text string) bool {
	for _, other := range c.lack {
		if other == text {
			return true
		}
	}
	return false
}

// found notes that a resource can be asked for.
func (c *contact) found(resource string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lack) == 0 {
		return
	}
	if delete(c.lack, resource); len(c.lack) == 0 {
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
