package nft

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
)

// staleFilter finds what is stale, as netlink.CustomConntrackFilter wants it.
type staleFilter struct{ *agent.Stale }

// MatchConntrackFlow is Has for an entry of connection tracking.
func (s staleFilter) MatchConntrackFlow(flow *netlink.ConntrackFlow) bool {
	if flow.Forward.Protocol != unix.IPPROTO_UDP {
		return false
	}
	dialled, ok1 := netip.AddrFromSlice(flow.Forward.DstIP)
	target, ok2 := netip.AddrFromSlice(flow.Reverse.SrcIP)
	return ok1 && ok2 && s.Has(netip.AddrPortFrom(dialled.Unmap(), flow.Forward.DstPort), netip.AddrPortFrom(target.Unmap(), flow.Reverse.SrcPort))
}

// Clean forgets what is stale after a change from one Pipeline to another.
func (d *Dataplane) Clean(ctx context.Context, old, new *ir.Pipeline) error {
	_, err := d.Forget(ctx, agent.StaleAfter(old, new))
	return err
}

// Forget deletes what is stale from connection tracking, and tells how many entries that were. It is called after Apply has carried
// out the change: what begins anew then is led right.
func (d *Dataplane) Forget(ctx context.Context, stale *agent.Stale) (deleted int, err error) {
	if stale.IsEmpty() || ctx.Err() != nil {
		return 0, ctx.Err()
	}
	deleted, err = d.forgetAll(staleFilter{stale})
	if err != nil {
		err = fmt.Errorf("forget connections: %w", err)
	}
	return deleted, err
}

// forget deletes the entries of a family that a filter finds. While others come and go some may be left out: then it looks again.
func forget(handle *netlink.Handle, f netlink.InetFamily, filter netlink.CustomConntrackFilter) (deleted int, err error) {
	for range readAttempts {
		var n uint
		n, err = handle.ConntrackDeleteFilters(netlink.ConntrackTable, f, filter)
		deleted += int(n)
		if !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return deleted, err
}
