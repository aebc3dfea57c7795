package manifest

import (
	"net/netip"

	"github.com/headgate-net/headgate/internal/source"
)

// RankedPolicy is a policy whose rules are judged in order: crd.antrea.io/v1beta1 ClusterNetworkPolicy and NetworkPolicy,
// policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy, v1alpha1 AdminNetworkPolicy and BaselineAdminNetworkPolicy. Meta.Kind
// and Meta.Group tell which.
//
// Tier is the name of the Antrea tier, in lower case and defaulted to "application"; for the upstream kinds it is "admin" or
// "baseline". Priority is spec.priority, 0 for a BaselineAdminNetworkPolicy.
type RankedPolicy struct {
	Meta
	Tier         string
	TierPos      source.Pos // of the tier's name; of the object where it states none
	Priority     float64
	AppliedTo    []RankedPeer // the union; empty where every rule has its own
	IngressRules []RankedRule
	EgressRules  []RankedRule
}

// RankedRule is one rule. Action is Allow, Drop, Reject or Pass; Accept and Deny of the upstream kinds are Allow and Drop.
type RankedRule struct {
	Field      string // "spec.ingress[0]"
	Pos        source.Pos
	Name       string // may be empty
	Action     string
	AppliedTo  []RankedPeer // of the rule; empty: the policy's
	AnyPeer    bool         // Peers is not consulted
	Peers      []RankedPeer
	Ports      []RankedPort // the union; empty: all traffic
	ToServices []ServiceRef // egress only; Peers and Ports are empty then, and AnyPeer is not set
	Logging    Logging
}

// RankedPeer names one side of traffic: a peer of a rule, an entry of appliedTo, or what a group consists of. Peer's selectors go
// together as in a NetworkPolicy; of everything else one is set. PodSelector alone means the policy's namespace for a namespaced
// policy, and every namespace for a cluster-wide one.
type RankedPeer struct {
	Peer
	Namespaces             *NamespaceMatch // with PodSelector, or alone
	NodeSelector           *Selector
	ExternalEntitySelector *Selector // with NamespaceSelector, or alone: the policy's namespace
	ServiceAccount         *ObjectRef
	Service                *ServiceRef // appliedTo, and serviceReference of groups
	Group                  string      // a ClusterGroup of a cluster-wide policy or group, a Group of a namespaced one
	FQDN                   string      // in lower case, without a final dot; may have * wildcards
}

// NamespaceMatch relates the peer's namespace to the subject's: the same one, or one with the same values of all the labels.
type NamespaceMatch struct {
	Self       bool
	SameLabels []string // sorted, distinct
}

// ObjectRef names an object of a known kind.
type ObjectRef struct{ Namespace, Name string }

// ServiceRef names a Service.
type ServiceRef struct {
	Field string
	Pos   source.Pos
	ObjectRef
}

// RankedPort is one entry of a rule's ports or protocols. Protocol is TCP, UDP, SCTP, ICMP, ICMPv6, IGMP, or "" for any (a port of
// the upstream kinds that is given by name alone). An entry "icmp" of Antrea's protocols becomes two, ICMP and ICMPv6 with the same
// numbers. The source range is 0..65535 where the rule states none.
type RankedPort struct {
	Port
	SourceFrom, SourceTo uint16
	ICMPType, ICMPCode   *uint8     // nil: any. A code without a type is refused
	IGMPType             *uint8     // nil: queries in ingress rules, every report in egress rules
	MulticastGroup       netip.Addr // of IGMP; the zero Addr: any
}

// Logging says whether packets that meet a rule are logged, and under which label.
type Logging struct {
	On    bool
	Label string
}

// Tier is a crd.antrea.io/v1beta1 Tier.
type Tier struct {
	Meta
	Priority uint8
}

// Group is a crd.antrea.io/v1beta1 ClusterGroup or Group. Members has one entry, or one for each of ipBlocks or childGroups.
type Group struct {
	Meta
	Members []RankedPeer
}

// ExternalNode is a crd.antrea.io/v1alpha1 ExternalNode: a machine that is no node of the cluster.
type ExternalNode struct {
	Meta
	Interfaces []ExternalInterface
}

// ExternalInterface is one interface of an ExternalNode.
type ExternalInterface struct {
	Name  string
	Addrs []netip.Addr
}

// ExternalEntity is a crd.antrea.io/v1alpha2 ExternalEntity. Node is the ExternalNode in the same namespace, "" if there is none.
type ExternalEntity struct {
	Meta
	Addrs []netip.Addr
	Ports []ContainerPort
	Node  string
}
