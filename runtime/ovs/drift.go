package ovs

import (
	"context"
	"fmt"
	"time"

	"github.com/ovn-kubernetes/libovsdb/model"
	"github.com/ovn-kubernetes/libovsdb/ovsdb"

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

// # A switch that waits
//
// Who restarts the daemon of Open vSwitch may have it wait for flows: with other_config:flow-restore-wait=true it handles no packet
// that it has not met before, so that its datapath goes on with what it has instead of dropping what no flow allows yet. Somebody has to take that
// away when the flows are there. Until then the daemon does not say either that changes are in force, so that there is no use in asking.

// restoreWait is the key of other_config.
const restoreWait = "flow-restore-wait"

// resume has a switch go on that waits for flows. While the database is away nobody can say so; when it is back, that is news of which
// there is another look.
func (p *Ports) resume(ctx context.Context) error {
	db, err := p.database()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var rows []switchRow
	if err := p.list(ctx, &rows); err != nil {
		return err
	}
	for i := range rows {
		value, waits := rows[i].OtherConfig[restoreWait]
		if !waits || value == "false" {
			continue
		}
		mutation := model.Mutation{Field: &rows[i].OtherConfig, Mutator: ovsdb.MutateOperationDelete, Value: map[string]string{restoreWait: value}}
		operations, err := db.Where(&rows[i]).Mutate(&rows[i], mutation)
		if err != nil {
			return fmt.Errorf("OVSDB: %w", err)
		}
		results, err := db.Transact(ctx, operations...)
		if err == nil {
			_, err = ovsdb.CheckOperationResults(results, operations)
		}
		if err != nil {
			return fmt.Errorf("the flows are in force, but Open vSwitch goes on waiting for them: %w", err)
		}
	}
	return nil
}

// goOn has a switch go on that waits for the flows that it has now.
func (d *Dataplane) goOn(ctx context.Context) error {
	if d.resume == nil {
		return nil
	}
	return d.resume(ctx)
}
