package ovs

import (
	"context"
	"time"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
)

// # What others change
//
// A bridge tells of changes that were not asked for by the connection itself: of flows, groups and meters. So the connection that carries
// bundles is kept up and watches, and its own bundles are no news. A connection that breaks is news, too: the daemon may have started anew, without
// flows, or has been told to drop what it had. What a new connection finds has to be looked at.

// watchOver keeps the connection up until ctx ends, and calls changed whenever somebody else may have changed anything: at once when a
// connection is there, and then after each change. changed must not block.
func (c *Conn) watchOver(ctx context.Context, changed func()) {
	pause := firstPause
	for ctx.Err() == nil {
		var watched *link
		err := c.do(ctx, func(l *link) error {
			if !l.follow(changed) {
				return l.lost()
			}
			watched = l
			return nil
		})
		if err == nil {
			pause = firstPause
			changed()
			select {
			case <-ctx.Done():
				return
			case <-watched.down:
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, mostPause/2)
	}
}

// follow asks for what others change, once. It reports whether the connection is up.
func (l *link) follow(changed func()) bool {
	l.mu.Lock()
	known := l.changed != nil
	l.changed = changed
	l.mu.Unlock()
	return known || l.write(wire.AppendWatchRequest(nil, l.xids(2)))
}
