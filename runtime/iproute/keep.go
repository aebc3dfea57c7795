package iproute

import (
	"context"
	"net/netip"
	"time"
)

// tries is how often in its lifetime an address gets a new one.
const tries = 3

// Keep gives our addresses their lifetime anew, until ctx ends, tells the neighbours once more who has them, and has the tunnel follow
// what fits between nodes. Neighbours are told again and again because another node may have told them otherwise without this one
// noticing: it missed this node for a moment, and took over what it held. It does nothing if
// addresses have no lifetime. An address that is gone is not brought
// back here, because what goes with it may be gone too: Changes tells.
func (d *Dataplane) Keep(ctx context.Context) {
	if d.options.Lifetime == 0 {
		return
	}
	ticker := time.NewTicker(max(d.options.Lifetime/tries, 100*time.Millisecond))
	defer ticker.Stop()
	for {
		if err := d.renew(ctx); err != nil && ctx.Err() == nil {
			d.alarm()
		}
		d.remind(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// remind announces our addresses, once.
func (d *Dataplane) remind(ctx context.Context) {
	d.mu.Lock()
	want := d.want
	d.mu.Unlock()
	if len(want) > 0 {
		_ = d.announceOnce(ctx, want) // the next time comes soon
	}
}

func (d *Dataplane) alarm() {
	select {
	case d.changes <- struct{}{}:
	default:
	}
}

// renew gives every address of ours that is there its lifetime anew, whoever put it there: after a new start, what the process before
// left must not go while the new one makes up its mind.
func (d *Dataplane) renew(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.with(ctx, func(s *stack) error {
		list, err := s.addresses()
		if err != nil {
			return err
		}
		there := map[netip.Prefix]bool{}
		for _, a := range list {
			if !a.isOurs() {
				continue
			}
			there[a.prefix] = true
			if err := s.setAddress(a.index, a.prefix); err != nil {
				return err
			}
		}
		for _, a := range d.want {
			if !there[a.Prefix] {
				d.alarm()
			}
		}
		return s.fitTunnel()
	})
}
