package ir

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/internal/source"
)

// Frontend is something that clients dial on or through a node, and what becomes of it for clients on each side. On a placed
// Pipeline there is one for every address and port of every Service, one of each family for every node port, and one for the rest of
// every cluster address.
type Frontend struct {
	Entry    Entry
	Service  string // "namespace/name"
	Routes   [NumSides]Route
	Sources  AddrSet // clients with other addresses are dropped
	Affinity time.Duration
	Origin   *source.Origin
}

// Entry is what a Frontend is dialled by. Without Addr it is any of the node's own addresses of a family. One with ProtoAny has no
// port: it is everything sent to Addr, with ports or without, that no other one is about.
type Entry struct {
	Addr   netip.Addr // the zero value: a node port
	Family Family
	Proto  Proto
	Port   uint16
}

// IsRest reports whether the entry is what others leave of an address.
func (e Entry) IsRest() bool { return e.Proto == ProtoAny }

// Compare orders entries: node ports first, then by address, family, protocol, port.
func (e Entry) Compare(o Entry) int {
	return cmp.Or(e.Addr.Compare(o.Addr), cmp.Compare(e.Family, o.Family), cmp.Compare(e.Proto, o.Proto), cmp.Compare(e.Port, o.Port))
}

// String gives "10.96.0.1/tcp/80", for a node port "node4/tcp/30080", for the rest of an address "10.96.0.1/any/0".
func (e Entry) String() string {
	if !e.Addr.IsValid() {
		return fmt.Sprintf("node%d/%s/%d", e.Family, e.Proto, e.Port)
	}
	return Dial{e.Addr, e.Proto, e.Port}.String()
}

// Route is what a Frontend does for clients on one side. Pool, one of the Pipeline's, and Masquerade count for Outcome Balance
// only. With Masquerade the source becomes the node's own address towards backends that are neither the node nor one of its pods: the
// others' replies pass the node anyway.
type Route struct {
	Outcome    Outcome
	Pool       *Pool
	Masquerade bool
}

// Pool is what connections are spread over, each target as likely as the others. Frontends with equal targets share one. Key is its
// identity: the targets.
type Pool struct {
	Key     string
	Targets []netip.AddrPort // by Compare, distinct, of one family; at least one
}

// SideOf tells where a client is, seen from the node that the Pipeline was placed on.
func (e *PipelineEvaluator) SideOf(client netip.Addr) Side {
	client = client.Unmap()
	if ep := e.at(client); ep != nil && ep.Kind == PodEndpoint {
		return OwnPod
	}
	switch n := e.nodeAt[client]; {
	case n != nil && n.Name == e.pipeline.Node:
		return OwnNode
	case n != nil:
		return OutsideSide
	}
	inPrefix := slices.ContainsFunc(e.pipeline.Nodes, func(n *Node) bool { return n.leadsTo(client) })
	stray := slices.ContainsFunc(e.pipeline.Remote, func(ep *Endpoint) bool { return slices.Contains(ep.Addrs, client) })
	if inPrefix || stray {
		return Inside
	}
	return OutsideSide
}

// Dial tells what becomes of a packet's Dst and DstPort on the Pipeline's node. Service has a namespace and a name only.
func (e *PipelineEvaluator) Dial(side Side, pkt Packet) Balanced {
	dst := pkt.Dst.Unmap()
	entries := []Entry{{dst, FamilyOf(dst), pkt.Proto, pkt.DstPort}}
	if n := e.nodeAt[dst]; n != nil && n.Name == e.pipeline.Node {
		entries = append(entries, Entry{Family: FamilyOf(dst), Proto: pkt.Proto, Port: pkt.DstPort})
	}
	entries = append(entries, Entry{Addr: dst, Family: FamilyOf(dst), Proto: ProtoAny})
	for _, entry := range entries {
		if at, found := slices.BinarySearchFunc(e.pipeline.Frontends, entry, func(f *Frontend, k Entry) int { return f.Entry.Compare(k) }); found {
			return e.pipeline.Frontends[at].balance(side, pkt.Src).unmask(e.isHere)
		}
	}
	return Balanced{}
}

func (f *Frontend) balance(side Side, client netip.Addr) Balanced {
	route := f.Routes[side]
	switch {
	case !f.Sources.Contains(client):
		return Balanced{Outcome: Discard}
	case route.Outcome != Balance:
		return Balanced{Outcome: route.Outcome}
	}
	b := Balanced{Outcome: Balance, Targets: route.Pool.Targets, Affinity: f.Affinity}
	if route.Masquerade {
		b.Masked = b.Targets
	}
	return b
}

// isHere reports whether an address is the node's, or one of its pods'.
func (e *PipelineEvaluator) isHere(a netip.Addr) bool {
	if n := e.nodeAt[a]; n != nil && n.Name == e.pipeline.Node {
		return true
	}
	ep := e.at(a)
	return ep != nil && ep.Kind == PodEndpoint && ep.Node == e.pipeline.Node
}
