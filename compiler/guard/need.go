package guard

import (
	"net/netip"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/ir"
)

// Need is traffic that a node or a machine outside the cluster needs, seen from there: In comes from the peers, Out goes to them.
type Need struct {
	Name  string // for people
	L4    ir.L4  // of one protocol
	Way   Way
	Of    Party // whose need it is: nodes or machines
	Peers Party // with whom it must be possible
	// Checks has the need stand for one of each port on which nodes tell load balancers whether they have backends of a Service
	// (healthCheckNodePort), in place of L4.
	Checks bool
}

// Way says on which side of a need the node is.
type Way uint8

// The ways.
const (
	In Way = 1 << iota
	Out
	Both = In | Out
)

// Party is who takes part in a need.
type Party struct {
	Role     Role
	Selector manifest.Selector // for Nodes only: those whose labels it selects
	Block    netip.Prefix      // for Addresses only; masked
}

// Role tells what a Party consists of.
type Role uint8

// The roles. As peers, of nodes each must be within reach by one of its addresses, of addresses each one; of Outside somebody must
// be, for where a node is managed from is not known.
const (
	Nodes        Role = iota // nodes, but for the one that has the need
	ControlPlane             // the nodes that run the control plane, by their label; if none has it, every node, except as peers of machines
	Machines                 // machines outside the cluster; only Of may be that
	Outside                  // addresses that are no node's and no pod's; only Peers may be that
	Addresses                // those of a block; only Peers may be that
	Balanced                 // the nodes that load balancers may choose, by their label, while there are load balancers; only Of may be that
)

// unbalancedLabel is the key of the label that says that load balancers must not choose a node. Source: Kubernetes' documentation of
// well-known labels.
const unbalancedLabel = "node.kubernetes.io/exclude-from-external-load-balancers"

// controlPlaneLabels are the keys of the labels that say that a node runs the control plane. Source: Kubernetes' documentation of
// well-known labels; the second one was kubeadm's until v1.24.
func controlPlaneLabels() []string {
	return []string{"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"}
}

// Default is what nodes and machines need unless one says otherwise. Sources: the ports that Kubernetes' documentation lists for the
// control plane and for nodes, with who uses them; IANA for ssh, DHCP and the tunnels (VXLAN also on the port that Linux used before
// there was one). By gossip the agents on nodes tell each other that they are alive (member.DefaultPort). A load balancer gives up a
// node that does not answer it: about itself at kube-proxy's port for that, and about each Service with externalTrafficPolicy Local.
//
// The kubelet asks for the health of what runs on its own node, the agent and host-network pods included, from that node itself;
// that no policy can drop.
func Default() []Need {
	tcp := func(from, to uint16) ir.L4 { return ir.DstL4(ir.ProtoTCP, ir.PortRange{From: from, To: to}) }
	udp := func(port uint16) ir.L4 { return ir.DstL4(ir.ProtoUDP, ir.OnePort(port)) }
	nodes, control, machines, outside := Party{Role: Nodes}, Party{Role: ControlPlane}, Party{Role: Machines}, Party{Role: Outside}
	balanced := Party{Role: Balanced}
	need := func(name string, l4 ir.L4, way Way, of, peers Party) Need {
		return Need{Name: name, L4: l4, Way: way, Of: of, Peers: peers}
	}
	return []Need{
		need("kubelet", tcp(10250, 10250), In, nodes, control),
		need("API server", tcp(6443, 6443), In, control, nodes),
		need("API server", tcp(6443, 6443), Out, nodes, control),
		need("etcd", tcp(2379, 2380), Both, control, control),
		need("ssh", tcp(22, 22), In, nodes, outside),
		need("DHCP", udp(67), Out, nodes, outside),
		need("DHCP", udp(68), In, nodes, outside),
		need("VXLAN", udp(4789), Both, nodes, nodes),
		need("VXLAN", udp(8472), Both, nodes, nodes),
		need("Geneve", udp(6081), Both, nodes, nodes),
		need("gossip", tcp(10261, 10261), Both, nodes, nodes),
		need("gossip", udp(10261), Both, nodes, nodes),
		need("health for load balancers", tcp(10256, 10256), In, balanced, outside),
		{Name: "health of Services for load balancers", Checks: true, Way: In, Of: balanced, Peers: outside},
		need("ssh", tcp(22, 22), In, machines, outside),
		need("DHCP", udp(67), Out, machines, outside),
		need("DHCP", udp(68), In, machines, outside),
		need("API server", tcp(6443, 6443), Out, machines, control),
	}
}
