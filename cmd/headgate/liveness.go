package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/member"
)

// gossipFlags say how agents find out which of them are alive.
type gossipFlags struct {
	bind     string
	keyFile  string
	interval time.Duration
}

func (g *gossipFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&g.keyFile, "gossip-key-file", "", "file with the keys of agents that watch each other, one a line; without it, addresses of Egresses and Services stay with nodes that fail")
	flags.StringVar(&g.bind, "gossip-bind", "", fmt.Sprintf("ADDRESS:PORT on which other agents reach this one; all have the same port (default: the node's first address, port %d, UDP and TCP)", member.DefaultPort))
	flags.DurationVar(&g.interval, "gossip-interval", member.DefaultInterval, "how often an agent asks another one whether it is alive; one that vanishes is missed after about five times that; the same for all")
}

// check refuses what cannot be meant.
func (g *gossipFlags) check() error {
	at, err := netip.ParseAddrPort(g.bind)
	switch {
	case g.bind == "":
	case err != nil:
		return fmt.Errorf("--gossip-bind: %w", err)
	case at.Port() == 0:
		return errors.New("--gossip-bind: the port must be more than 0")
	case g.keyFile == "":
		return errors.New("--gossip-bind needs --gossip-key-file")
	}
	if g.interval < minInterval || g.interval > time.Minute {
		return fmt.Errorf("--gossip-interval must be %v to 1m", minInterval)
	}
	if g.keyFile == "" {
		return nil
	}
	if _, err := member.ReadKeys(g.keyFile); err != nil {
		return fmt.Errorf("--gossip-key-file: %w", err)
	}
	return nil
}

// minInterval leaves an answer time to arrive on a machine that has other things to do.
const minInterval = 20 * time.Millisecond

// liveness finds out which nodes are alive: it is a member among those that the last tree declares.
type liveness struct {
	gossipFlags
	node    string
	log     *slog.Logger
	changes chan struct{} // receives a value when down may have changed, or meet is to be called again
	members *member.Members
	at      member.Options // what it was started with
	stop    func()
	told    string
	warned  bool
}

func newLiveness(flags gossipFlags, node string, log *slog.Logger) *liveness {
	return &liveness{gossipFlags: flags, node: node, log: log, changes: make(chan struct{}, 1), stop: func() {}}
}

// down lists the nodes that are not alive; none as long as that cannot be found out.
func (l *liveness) down() []string {
	if l.members == nil {
		return nil
	}
	return l.members.Down()
}

// meet takes in which nodes there are. It reports whether that changes which ones are down.
func (l *liveness) meet(ctx context.Context, p *ir.Program) bool {
	if l.keyFile == "" {
		l.warn(p)
		return false
	}
	before := l.down()
	at, ok := l.options(p)
	switch {
	case !ok:
		l.close() // a machine outside the cluster holds nothing
	case l.members != nil && at.Bind == l.at.Bind && at.Advertise == l.at.Advertise:
		l.members.SetPeers(at.Peers)
	default:
		l.close()
		l.start(at)
		l.await(ctx, p)
	}
	return !slices.Equal(before, l.down())
}

// warn says that nothing moves, once there is something that could.
func (l *liveness) warn(p *ir.Program) {
	if len(p.Holdings)+len(p.Egresses) > 0 && !l.warned {
		l.warned = true
		l.log.Warn("addresses outside the cluster stay with nodes that fail: there is no --gossip-key-file")
	}
}

// options are those of a member at this node; false if it is not among the nodes, or has no address.
func (l *liveness) options(p *ir.Program) (o member.Options, ok bool) {
	o = member.Options{Name: l.node, KeyFile: l.keyFile, Timing: member.Timing{Interval: l.interval}, Log: l.log}
	o.Bind, _ = netip.ParseAddrPort(l.bind)
	port := o.Bind.Port()
	if port == 0 {
		port = member.DefaultPort
	}
	for _, n := range p.Nodes {
		addr, has := first(n.Addrs)
		switch {
		case !has:
		case n.Name == l.node:
			o.Advertise, ok = netip.AddrPortFrom(addr, port), true
		default:
			o.Peers = append(o.Peers, member.Peer{Name: n.Name, Addr: netip.AddrPortFrom(addr, port)})
		}
	}
	if !o.Bind.IsValid() {
		o.Bind = o.Advertise
	}
	return o, ok
}

// first is the address by which nodes reach each other: the first of IPv4, or else the first one.
func first(addrs []netip.Addr) (netip.Addr, bool) {
	if i := slices.IndexFunc(addrs, netip.Addr.Is4); i >= 0 {
		return addrs[i], true
	}
	if len(addrs) == 0 {
		return netip.Addr{}, false
	}
	return addrs[0], true
}

// start makes this node a member. If it fails it is tried again.
func (l *liveness) start(o member.Options) {
	members, err := member.Start(o)
	if err != nil {
		if err.Error() != l.told {
			l.told = err.Error()
			l.log.Error("which nodes are alive cannot be found out; all count as alive", "error", err)
		}
		timer := time.AfterFunc(retryAfter, l.signal)
		l.stop = func() { timer.Stop() }
		return
	}
	l.log.Info("watching which nodes are alive", "at", o.Advertise.String(), "peers", len(o.Peers), "missed after", o.Timing.String())
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-ended:
				return
			case <-members.Changes():
				l.signal()
			}
		}
	}()
	l.members, l.at, l.told = members, o, ""
	l.stop = func() {
		close(ended)
		if err := members.Close(); err != nil {
			l.log.Warn("the agent's socket could not be closed", "error", err)
		}
	}
}

// await waits until others have said whom they miss, so that an agent that starts anew goes on where the last one ended.
func (l *liveness) await(ctx context.Context, p *ir.Program) {
	if l.members == nil || len(p.Holdings)+len(p.Egresses) == 0 {
		return
	}
	select {
	case <-l.members.Ready():
	case <-ctx.Done():
	}
}

func (l *liveness) signal() {
	select {
	case l.changes <- struct{}{}:
	default:
	}
}

// close ends the membership without a word: an agent that is back soon is not missed.
func (l *liveness) close() {
	l.stop()
	l.members, l.stop = nil, func() {}
}
