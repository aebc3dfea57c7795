// Package iproute lowers a placed Pipeline to what a node's own network stack is to have for Egresses and for addresses that the node
// holds: links, addresses, neighbours, routes, rules and sysctls.
//
// Guarantees:
//
//   - Generate is pure, and its artifact is byte-stable. A node that no SNAT concerns and that holds nothing has no object at all.
//   - Everything has its name, number or address by identity, never by position: a node more adds its own items and touches no others.
//   - Stack.Leave says what the kernel does with a packet; for every source and destination it agrees with ir.Pipeline.Depart, and never
//     lets a packet with a mark go elsewhere: an address whose holder cannot be reached is unreachable (tested).
//   - Script is a shell script of the programs ip, bridge and sysctl with the same effect as loading the artifact, but for what the
//     runtime alone does: the tunnel's MTU, lifetimes of addresses, and telling neighbours about them.
//
// Packets carry in their mark by which address they leave (package mark, set by nftables): a rule for each address leads to the table of
// the way that packets take there, which is the tunnel to the node that holds it or, on that node, the address's subnet. Addresses in
// the nodes' own network need no table on their node: packets leave as all others do. Replies that must go back through the tunnel carry
// a mark of their own.
package iproute

import (
	"net/netip"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// The numbers by which what is ours is told from what is not.
const (
	// Protocol is the routing protocol of our routes and rules, and the origin of our addresses: "h". No list of iproute2 (rt_protos)
	// or of the kernel (rtnetlink.h) has it.
	Protocol = 104
	// Priority is that of all our rules. They exclude each other, so one will do; it comes after the table local and before main, and
	// is used by no overlay network that is known to us.
	Priority = 8670
	// tables is where the numbers of our tables begin, 65536 of them: "hg" in the upper half, because small numbers are people's.
	tables = 0x68670000
	// GenerationTable is a table that no rule leads to. What was applied last is written down in it.
	GenerationTable = tables
)

// What the tunnel between nodes is.
const (
	// Tunnel is the name of the device.
	Tunnel = "hg-egress"
	// VNI is "hg": a number that is unlikely to be anybody's, because a port may be shared by accident.
	VNI = 0x6867
	// DefaultPort is the UDP port. It is none of those that other overlays use: 4789 (IANA, Open vSwitch), 8472 (Linux's own, flannel,
	// Cilium), 6081 (Geneve).
	DefaultPort = 8670
	// Prefix is what the names of all our devices begin with.
	Prefix = "hg-"
)

// Transport stands for the name of the interface that has the node's own address, which only the node knows.
const Transport = "$TRANSPORT"

// Stack is what a node's network stack is to have. Lists are in no order.
type Stack struct {
	Node       string
	Links      []Link
	Addresses  []Address
	Neighbours []Neighbour
	Forwards   []Forward
	Routes     []Route
	Rules      []Rule
	Sysctls    []Sysctl
	// Own are the addresses of the node by which the interface is found that Transport stands for.
	Own []netip.Addr
}

// MAC is an Ethernet address.
type MAC [6]byte

// Link is a device that is ours: the tunnel, or one for a VLAN if VLAN is not 0.
type Link struct {
	Name    string
	VLAN    uint16 // on Transport
	VXLAN   VXLAN
	Origins []*source.Origin
	Odd     string // as of entries
}

// VXLAN is a tunnel that learns nothing: every peer has a Forward.
type VXLAN struct {
	VNI   uint32
	Port  uint16
	Local netip.Addr // the node's
	MAC   MAC
}

// Entry is something that can be added and deleted by itself: an Address, Neighbour, Forward, Route, Rule or Sysctl. Text is its
// command; entries with equal texts are the same.
type Entry interface{ Text() string }

// Address is one that the node holds.
type Address struct {
	Device  string
	Prefix  netip.Prefix // with its host's bits
	Origins []*source.Origin
	Odd     string // what differs from all that Lower makes, in words; from runtimes alone
}

// Neighbour is a permanent entry: who has an address on a device.
type Neighbour struct {
	Device string
	Addr   netip.Addr
	MAC    MAC
	Odd    string // what differs from all that Lower makes, in words; from runtimes alone
}

// Forward is a permanent entry of the tunnel's forwarding database: behind which node a MAC is.
type Forward struct {
	Device string
	MAC    MAC
	Remote netip.Addr
	Odd    string // what differs from all that Lower makes, in words; from runtimes alone
}

// RouteType is what a route does.
type RouteType uint8

// The types of routes.
const (
	Unicast     RouteType = iota
	Throw                 // the lookup goes on after the rule
	Unreachable           // refused
)

// Route is an entry of a table of ours. Those with a Device have a next hop or, without Via, lead to what is on the link.
type Route struct {
	Table   uint32
	Type    RouteType
	Dst     netip.Prefix
	Via     netip.Addr // may be of IPv6 in a route of IPv4
	Device  string
	Origins []*source.Origin
	Odd     string // what differs from all that Lower makes, in words; from runtimes alone
}

// Rule leads packets to a table: those with a mark or, if From is valid, those from it.
type Rule struct {
	Family  ir.Family
	Mark    uint32
	Mask    uint32
	From    netip.Addr
	Table   uint32
	Origins []*source.Origin
	Odd     string // what differs from all that Lower makes, in words; from runtimes alone
}

// Sysctl is a setting of a device of ours, with the path below /proc/sys: names of devices may have dots.
type Sysctl struct {
	Device string
	Path   string
	Value  string
}
