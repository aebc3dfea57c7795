package lab

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Target says which dataplane the lab's nodes have.
type Target string

// The targets.
const (
	NFTables Target = "nftables"
	OpenFlow Target = "openflow"
)

// Datapath says what moves the packets of an openflow node.
type Datapath string

// The datapaths. The kernel's needs its module, openvswitch, to be loaded.
const (
	Userspace Datapath = "netdev" // ovs-vswitchd itself; the default
	Kernel    Datapath = "system"
)

// Proto is the protocol of a port or a probe.
type Proto string

// The protocols. ICMP stands for an echo request, of version 6 when the address is an IPv6 one; it has no port.
const (
	TCP  Proto = "TCP"
	UDP  Proto = "UDP"
	SCTP Proto = "SCTP"
	ICMP Proto = "ICMP"
)

// Port is a protocol and a port number.
type Port struct {
	Proto Proto  `json:"proto"`
	Port  uint16 `json:"port"`
}

// String gives "TCP/80", or "ICMP".
func (p Port) String() string {
	if p.Proto == ICMP {
		return string(p.Proto)
	}
	return fmt.Sprintf("%s/%d", p.Proto, p.Port)
}

// Compare orders ports by protocol, then number.
func (p Port) Compare(q Port) int {
	return cmp.Or(cmp.Compare(p.Proto, q.Proto), cmp.Compare(p.Port, q.Port))
}

// ParsePort reads "TCP/80", "udp/53", "80" (TCP) or "ICMP".
func ParsePort(s string) (Port, error) {
	proto, number, found := strings.Cut(strings.ToUpper(s), "/")
	if !found {
		if proto == string(ICMP) {
			return Port{Proto: ICMP}, nil
		}
		proto, number = string(TCP), proto
	}
	n, err := strconv.ParseUint(number, 10, 16)
	switch {
	case err != nil || n == 0:
		return Port{}, fmt.Errorf("port %q: %q is not a number from 1 to 65535", s, number)
	case !slices.Contains([]Proto{TCP, UDP, SCTP}, Proto(proto)):
		return Port{}, fmt.Errorf("port %q: protocol %q is not one of TCP, UDP, SCTP", s, proto)
	}
	return Port{Proto: Proto(proto), Port: uint16(n)}, nil
}

// Spec describes a lab. Orders do not matter; addresses are unique within a lab.
type Spec struct {
	Name   string `json:"name,omitempty"` // "" lets Up choose one; else lower case letters, digits and "-"
	Target Target `json:"target"`
	Nodes  []Node `json:"nodes"`
	Pods   []Pod  `json:"pods,omitempty"`
	Hosts  []Host `json:"hosts,omitempty"`

	Datapath Datapath `json:"datapath,omitempty"` // of openflow nodes; "" is Userspace

	// Virtual are addresses that nobody has, and that nodes translate: nodes have a route for them. Those of External hosts outside
	// send to a node.
	Virtual  []netip.Addr `json:"virtual,omitempty"`
	External []netip.Addr `json:"external,omitempty"`

	// Held are addresses in the nodes' own network that some node holds: hosts ask on the underlay who it is.
	Held []netip.Addr `json:"held,omitempty"`

	// Masquerade has what pods send to hosts leave with their node's address unless somebody has translated it before, as most
	// clusters' networks do: by a table of nftables of another name than ours, at priority 100.
	Masquerade bool `json:"masquerade,omitempty"`
}

// Node is a machine of the cluster. Addrs are its addresses on the underlay; the first address of each pod prefix is its
// gateway address when the target is openflow. Every port gets a responder on each of Addrs.
type Node struct {
	Name     string         `json:"name"`
	Addrs    []netip.Addr   `json:"addrs"`
	PodCIDRs []netip.Prefix `json:"podCIDRs,omitempty"`
	Ports    []Port         `json:"ports,omitempty"`
}

// Pod is a workload with a network namespace of its own. Its addresses need not lie in its node's pod prefixes. Every port
// gets a responder.
type Pod struct {
	Namespace string       `json:"namespace"`
	Name      string       `json:"name"`
	Node      string       `json:"node"`
	Addrs     []netip.Addr `json:"addrs,omitempty"`
	Ports     []Port       `json:"ports,omitempty"`
}

// String gives "namespace/name".
func (p *Pod) String() string { return p.Namespace + "/" + p.Name }

// Where gives "pod/namespace/name".
func (p *Pod) Where() string { return "pod/" + p.String() }

// Compare orders pods by namespace, then name.
func (p *Pod) Compare(q *Pod) int {
	return cmp.Or(cmp.Compare(p.Namespace, q.Namespace), cmp.Compare(p.Name, q.Name))
}

// Host is a machine on the underlay that does not belong to the cluster. If it enforces policies, Machine is the name,
// "namespace/name", under which rules are placed on it. Via is the node to which it sends what is for addresses that are External;
// "" is the first one.
// Nets are networks on the underlay in which it is besides; it answers on Addrs only.
type Host struct {
	Name    string       `json:"name"`
	Machine string       `json:"machine,omitempty"`
	Via     string       `json:"via,omitempty"`
	Addrs   []netip.Addr `json:"addrs"`
	Nets    []Net        `json:"nets,omitempty"`
	Ports   []Port       `json:"ports,omitempty"`
}

// Net is a network in which a host is: with an address of its own, and with a route to everybody there.
type Net struct {
	VLAN uint16       `json:"vlan,omitempty"` // its tag; 0: none
	Addr netip.Prefix `json:"addr"`           // the host's address, with the length of the network's prefix
}

// Where gives "node/name".
func (n *Node) Where() string { return "node/" + n.Name }

// Where gives "host/name".
func (h *Host) Where() string { return "host/" + h.Name }

// gateway returns the address that pods of the family use as their default gateway on an openflow node: the first address of
// the node's first prefix of that family, or a link-local one when it has none.
func (n *Node) gateway(is4 bool) netip.Addr {
	for _, prefix := range n.PodCIDRs {
		if prefix.Addr().Is4() == is4 {
			return firstAddr(prefix)
		}
	}
	if is4 {
		return netip.AddrFrom4([4]byte{169, 254, 1, 1})
	}
	return netip.MustParseAddr("fe80::1")
}

// firstAddr returns the address after the network address, or the only one of a single-address prefix.
func firstAddr(prefix netip.Prefix) netip.Addr {
	first := prefix.Masked().Addr()
	if prefix.IsSingleIP() {
		return first
	}
	return first.Next()
}

// isLabName accepts 1 to 40 lower case letters, digits and inner dashes: what a directory and a host may be called.
func isLabName(name string) bool {
	inside := strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	return inside && name != "" && len(name) <= 40 && name[0] != '-' && name[len(name)-1] != '-'
}

// Check reports everything that keeps the spec from being built, joined.
func (s *Spec) Check() error {
	c := specCheck{spec: s, places: map[string]bool{}, addrs: map[netip.Addr]string{}}
	if s.Name != "" && !isLabName(s.Name) {
		c.failf("lab name %q: want 1 to 40 lower case letters, digits and inner dashes", s.Name)
	}
	if s.Target != NFTables && s.Target != OpenFlow {
		c.failf("target %q: want %q or %q", s.Target, NFTables, OpenFlow)
	}
	if s.Datapath != "" && s.Datapath != Userspace && s.Datapath != Kernel {
		c.failf("datapath %q: want %q or %q", s.Datapath, Userspace, Kernel)
	}
	if len(s.Nodes) == 0 {
		c.failf("a lab needs at least one node")
	}
	c.members()
	c.pods()
	return errors.Join(c.errs...)
}

// specCheck gathers complaints about a spec.
type specCheck struct {
	spec   *Spec
	places map[string]bool
	addrs  map[netip.Addr]string
	errs   []error
}

func (c *specCheck) failf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *specCheck) members() {
	for i := range c.spec.Nodes {
		n := &c.spec.Nodes[i]
		c.place(n.Where(), n.Name, n.Addrs)
		if len(n.Addrs) == 0 {
			c.failf("%s has no address", n.Where())
		}
		for _, prefix := range n.PodCIDRs {
			if !prefix.IsValid() || prefix != prefix.Masked() {
				c.failf("%s: pod prefix %s is not a network", n.Where(), prefix)
				continue
			}
			if c.spec.Target == OpenFlow {
				c.addr("the gateway of "+n.Where(), firstAddr(prefix))
			}
		}
		c.ports(n.Where(), n.Ports)
	}
	for i := range c.spec.Hosts {
		h := &c.spec.Hosts[i]
		c.place(h.Where(), h.Name, h.Addrs)
		if len(h.Addrs) == 0 {
			c.failf("%s has no address", h.Where())
		}
		if h.Via != "" && !c.places["node/"+h.Via] {
			c.failf("%s: there is no node %q", h.Where(), h.Via)
		}
		c.nets(h)
		c.ports(h.Where(), h.Ports)
	}
}

func (c *specCheck) nets(h *Host) {
	const lastVLAN = 4094 // IEEE 802.1Q
	for _, n := range h.Nets {
		if !n.Addr.IsValid() || n.VLAN > lastVLAN {
			c.failf("%s: %s with tag %d is no network", h.Where(), n.Addr, n.VLAN)
			continue
		}
		if !slices.Contains(h.Addrs, n.Addr.Addr()) {
			c.addr(h.Where(), n.Addr.Addr())
		}
	}
}

func (c *specCheck) pods() {
	for i := range c.spec.Pods {
		p := &c.spec.Pods[i]
		c.place(p.Where(), p.Name, p.Addrs)
		if !c.places["node/"+p.Node] {
			c.failf("%s: there is no node %q", p.Where(), p.Node)
		}
		c.ports(p.Where(), p.Ports)
	}
}

func (c *specCheck) place(where, name string, addrs []netip.Addr) {
	if name == "" || strings.ContainsAny(name, "/ \x00") {
		c.failf("%s: %q is not a name", where, name)
	}
	if c.places[where] {
		c.failf("%s is declared twice", where)
	}
	c.places[where] = true
	for _, addr := range addrs {
		c.addr(where, addr)
	}
}

func (c *specCheck) addr(where string, addr netip.Addr) {
	if other, taken := c.addrs[addr]; taken {
		c.failf("%s and %s both have address %s", other, where, addr)
	}
	c.addrs[addr] = where
	if !addr.IsValid() || addr.Is4In6() || addr.Zone() != "" || addr.IsUnspecified() || addr.IsLoopback() || addr.IsMulticast() {
		c.failf("%s: %s cannot be an address of a machine", where, addr)
	}
}

func (c *specCheck) ports(where string, ports []Port) {
	for _, p := range ports {
		if _, err := ParsePort(p.String()); err != nil {
			c.failf("%s: %w", where, err)
		}
	}
}

// Addrs returns the addresses of a place: "node/NAME", "host/NAME" or "pod/NAMESPACE/NAME".
func (s *Spec) Addrs(where string) ([]netip.Addr, error) {
	for i := range s.Nodes {
		if s.Nodes[i].Where() == where {
			return s.Nodes[i].Addrs, nil
		}
	}
	for i := range s.Hosts {
		if s.Hosts[i].Where() == where {
			return s.Hosts[i].Addrs, nil
		}
	}
	for i := range s.Pods {
		if s.Pods[i].Where() == where {
			return s.Pods[i].Addrs, nil
		}
	}
	return nil, fmt.Errorf("%w: %q (want node/NAME, pod/NAMESPACE/NAME or host/NAME)", ErrNoPlace, where)
}

// sortedPods returns the pods that have an address, by namespace, then name.
func (s *Spec) sortedPods() []*Pod {
	pods := make([]*Pod, 0, len(s.Pods))
	for i := range s.Pods {
		if len(s.Pods[i].Addrs) > 0 {
			pods = append(pods, &s.Pods[i])
		}
	}
	slices.SortFunc(pods, (*Pod).Compare)
	return pods
}
