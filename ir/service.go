package ir

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/internal/source"
)

// Service is what clients dial instead of the endpoints behind it: addresses, ports, and the backends of each port. A headless
// Service, one of type ExternalName and one that another proxy serves are none.
type Service struct {
	Namespace string
	Name      string
	Origin    source.Origin

	ClusterIPs    []netip.Addr  // sorted; for clients inside the cluster
	ExternalIPs   []netip.Addr  // sorted; spec.externalIPs
	LoadBalancers []netip.Addr  // sorted; those of status.loadBalancer that are not the load balancer's own business (ipMode VIP)
	Sources       AddrSet       // who may dial LoadBalancers
	Ports         []ServicePort // by Proto, Port
	LocalInside   bool          // internalTrafficPolicy Local: ClusterIPs lead to backends on the client's node alone
	LocalOutside  bool          // externalTrafficPolicy Local: the others lead clients from outside to backends on the node that they dial
	Affinity      time.Duration // how long a client that comes back gets the backend that it had; 0: not at all
	HealthPort    uint16        // healthCheckNodePort; 0: none
}

// Compare orders Services by namespace, then name.
func (s *Service) Compare(o *Service) int {
	return cmp.Or(cmp.Compare(s.Namespace, o.Namespace), cmp.Compare(s.Name, o.Name))
}

// String gives "namespace/name".
func (s *Service) String() string { return s.Namespace + "/" + s.Name }

// Serves reports whether anything of a family leads to the Service: cluster addresses say which families it has, if there are any.
func (s *Service) Serves(f Family) bool {
	return len(s.ClusterIPs) == 0 || slices.ContainsFunc(s.ClusterIPs, func(a netip.Addr) bool { return FamilyOf(a) == f })
}

// ServicePort is one port of a Service.
type ServicePort struct {
	Name     string // may be empty
	Proto    Proto  // TCP, UDP or SCTP
	Port     uint16
	NodePort uint16    // of every node; 0: none
	Backends []Backend // by Compare, distinct
}

// Backend is one endpoint behind a port of a Service, ready or on its way out. Those that are neither are not listed.
type Backend struct {
	Addr     netip.Addr
	Port     uint16
	Node     string   // "" if it is unknown
	Draining bool     // it terminates, and still serves: used while there are none that are ready
	Zones    []string // sorted; the zones whose clients are to use it, by a hint; none: no hint
	Nodes    []string // sorted; likewise the nodes
}

// Compare orders backends by address, then port.
func (b Backend) Compare(o Backend) int {
	return cmp.Or(b.Addr.Compare(o.Addr), cmp.Compare(b.Port, o.Port))
}

// Target returns where packets for the backend go.
func (b Backend) Target() netip.AddrPort { return netip.AddrPortFrom(b.Addr, b.Port) }

// Usable returns the backends of a family that clients on a node may get: the ready ones, or while there are none those that drain.
// Of the ready ones hints leave a part: those for the node, if every ready one has such hints and one of them is for it; else those
// for the node's zone likewise. Source: KEP-1669 (terminating endpoints), KEP-2433 (hints), KEP-3015 (hints for nodes).
func (s *ServicePort) Usable(f Family, node *Node) []Backend {
	ready := s.where(f, func(b *Backend) bool { return !b.Draining })
	if len(ready) == 0 {
		return s.where(f, func(b *Backend) bool { return b.Draining })
	}
	if node == nil {
		return ready
	}
	if near, ok := hinted(ready, node.Name, func(b *Backend) []string { return b.Nodes }); ok {
		return near
	}
	if near, ok := hinted(ready, node.Zone, func(b *Backend) []string { return b.Zones }); ok {
		return near
	}
	return ready
}

// Local returns the backends of a family on a node: the ready ones, or while there are none those that drain.
func (s *ServicePort) Local(f Family, node *Node) []Backend {
	here := func(b *Backend) bool { return node != nil && b.Node == node.Name }
	ready := s.where(f, func(b *Backend) bool { return here(b) && !b.Draining })
	if len(ready) == 0 {
		return s.where(f, func(b *Backend) bool { return here(b) && b.Draining })
	}
	return ready
}

func (s *ServicePort) where(f Family, holds func(*Backend) bool) []Backend {
	var out []Backend
	for i := range s.Backends {
		if b := &s.Backends[i]; FamilyOf(b.Addr) == f && holds(b) {
			out = append(out, *b)
		}
	}
	return out
}

// hinted returns the backends with a hint for a name; false if one has no hint, or none is for the name.
func hinted(from []Backend, name string, hints func(*Backend) []string) ([]Backend, bool) {
	var out []Backend
	for i := range from {
		given := hints(&from[i])
		if len(given) == 0 {
			return nil, false
		}
		if slices.Contains(given, name) {
			out = append(out, from[i])
		}
	}
	return out, len(out) > 0
}

// Side is where a client is, seen from the node that it dials on or through.
type Side uint8

// The sides.
const (
	OwnPod      Side = iota // a pod of the node, on a network of its own
	OwnNode                 // the node itself, host-network pods included
	Inside                  // a pod of another node
	OutsideSide             // anything else, other nodes themselves included
)

// NumSides is the number of sides.
const NumSides = 4

// Sides returns the sides in order.
func Sides() [NumSides]Side { return [NumSides]Side{OwnPod, OwnNode, Inside, OutsideSide} }

// String gives "pod", "node", "inside" or "outside".
func (s Side) String() string { return [...]string{"pod", "node", "inside", "outside"}[s] }

// Outcome is what happens to a connection that dials a Service.
type Outcome uint8

// The outcomes.
const (
	NotService Outcome = iota // nothing: what was dialled is no Service, or not for this client
	Balance                   // it goes to one of the backends
	Refuse                    // there is no backend, or no such port: it is refused
	Discard                   // it is dropped: no backend on this node may have it, or its source may not dial
)

// String gives "none", "balance", "refuse" or "discard".
func (o Outcome) String() string { return [...]string{"none", "balance", "refuse", "discard"}[o] }

// Balanced says what dialling comes to. The zero value: what was dialled is no Service.
type Balanced struct {
	Outcome  Outcome
	Service  *Service
	Targets  []netip.AddrPort // sorted; what the connection may get, each as likely as the others
	Masked   []netip.AddrPort // those of Targets that see the node's own address as source; so it is, always, where a backend dials itself
	Affinity time.Duration
}

// Dial tells what becomes of a packet's Dst and DstPort on a node: the definition of what Services mean. side is where its source is.
// What no port of any Service has, in whatever protocol, is refused if it is sent to a cluster address.
func (p *Program) Dial(node *Node, side Side, pkt Packet) Balanced {
	for _, s := range p.Services {
		for i := range s.Ports {
			if b := s.dial(&s.Ports[i], node, side, pkt); b.Outcome != NotService {
				b.Service = s
				return p.unmask(b, node)
			}
		}
	}
	for _, s := range p.Services {
		if slices.Contains(s.ClusterIPs, pkt.Dst.Unmap()) && len(s.Ports) > 0 {
			return Balanced{Outcome: Refuse, Service: s}
		}
	}
	return Balanced{}
}

// dial is Dial for one port. The three ways in differ in who may use them and in what may answer.
func (s *Service) dial(port *ServicePort, node *Node, side Side, pkt Packet) Balanced {
	dst, f := pkt.Dst.Unmap(), FamilyOf(pkt.Dst.Unmap())
	if pkt.Proto != port.Proto {
		return Balanced{}
	}
	if !s.Serves(f) {
		return Balanced{}
	}
	external := pkt.DstPort == port.NodePort && port.NodePort != 0 && node != nil && slices.Contains(node.Addrs, dst)
	if pkt.DstPort == port.Port {
		switch {
		case slices.Contains(s.ClusterIPs, dst):
			return s.balance(port, node, f, s.LocalInside).masked(side)
		case slices.Contains(s.LoadBalancers, dst) && !s.Sources.Contains(pkt.Src):
			return Balanced{Outcome: Discard}
		}
		external = external || slices.Contains(s.LoadBalancers, dst) || slices.Contains(s.ExternalIPs, dst)
	}
	if !external {
		return Balanced{}
	}
	if s.LocalOutside && side == OutsideSide {
		return s.balance(port, node, f, true)
	}
	return s.balance(port, node, f, false).masked(side)
}

// masked is how backends see clients whose replies have to come back through the node: all that are neither the node nor its pods.
func (b Balanced) masked(side Side) Balanced {
	if side >= Inside {
		b.Masked = b.Targets
	}
	return b
}

// unmask lets backends on the node, whose replies pass it anyway, see clients as they are.
func (p *Program) unmask(b Balanced, node *Node) Balanced {
	if len(b.Masked) == 0 || node == nil {
		return b
	}
	here := map[netip.Addr]bool{}
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			here[a.Unmap()] = here[a.Unmap()] || e.Kind == PodEndpoint && e.Node == node.Name
		}
	}
	return b.unmask(func(a netip.Addr) bool { return here[a] || slices.Contains(node.Addrs, a) })
}

// unmask takes out of Masked what is on the node.
func (b Balanced) unmask(isHere func(netip.Addr) bool) Balanced {
	var masked []netip.AddrPort
	for _, t := range b.Masked {
		if !isHere(t.Addr().Unmap()) {
			masked = append(masked, t)
		}
	}
	b.Masked = masked
	return b
}

// balance chooses the backends. With local those of the node alone: a connection that finds none there is dropped, since others may
// have some, and refused if there are none at all.
func (s *Service) balance(port *ServicePort, node *Node, f Family, local bool) Balanced {
	usable := port.Usable(f, node)
	if len(usable) == 0 {
		return Balanced{Outcome: Refuse}
	}
	if local {
		if usable = port.Local(f, node); len(usable) == 0 {
			return Balanced{Outcome: Discard}
		}
	}
	out := Balanced{Outcome: Balance, Affinity: s.Affinity}
	for _, b := range usable {
		out.Targets = append(out.Targets, b.Target())
	}
	return out
}

// String gives "10.0.1.1:8080@n1", with "!" behind it if the backend drains, and its hints.
func (b Backend) String() string {
	text := b.Target().String()
	if b.Node != "" {
		text += "@" + word(b.Node)
	}
	if b.Draining {
		text += "!"
	}
	for _, z := range b.Zones {
		text += "~" + word(z)
	}
	for _, n := range b.Nodes {
		text += "^" + word(n)
	}
	return text
}

// String gives "tcp/80".
func (s *ServicePort) String() string { return fmt.Sprintf("%s/%d", s.Proto, s.Port) }
