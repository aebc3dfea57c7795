package manifest

import (
	"net/netip"

	"github.com/headgate-net/headgate/internal/source"
)

// Objects is everything that was read, each list in input order. Strings are interned.
type Objects struct {
	Namespaces       []*Namespace
	Nodes            []*Node
	Pods             []*Pod
	NetworkPolicies  []*NetworkPolicy
	Services         []*Service
	EndpointSlices   []*EndpointSlice
	RankedPolicies   []*RankedPolicy
	Tiers            []*Tier
	Groups           []*Group // ClusterGroups and Groups
	ExternalNodes    []*ExternalNode
	ExternalEntities []*ExternalEntity
	Egresses         []*Egress
	ExternalIPPools  []*ExternalIPPool
	Expectations     []*Expectations
}

// Meta is what every object has. Namespace is "default" where a namespaced object states none. Group is the API group of kinds
// that are not Kubernetes' own, "" for those that are: their names are not unique.
type Meta struct {
	Kind        string
	Group       string
	Namespace   string
	Name        string
	Labels      Labels
	Annotations Labels // only those that headgate reads
	Pos         source.Pos
}

// Origin names a field of the object; field "" is the object itself.
func (m *Meta) Origin(field string, pos source.Pos) source.Origin {
	return source.Origin{Object: m.ID(), Field: field, Pos: pos}
}

// ID gives "Kind namespace/name", or "Kind name" for cluster-wide kinds; with a Group, "Kind.group" stands for the kind.
func (m *Meta) ID() string {
	kind := m.Kind
	if m.Group != "" {
		kind += "." + m.Group
	}
	if m.Namespace == "" {
		return kind + " " + m.Name
	}
	return kind + " " + m.Namespace + "/" + m.Name
}

// Label is one key and value.
type Label struct{ Key, Value string }

// Labels is sorted by Key, without repetitions.
type Labels []Label

// Namespace is a v1 Namespace.
type Namespace struct{ Meta }

// Node is a v1 Node. Addrs are its InternalIP and ExternalIP addresses in declared order.
type Node struct {
	Meta
	Addrs    []netip.Addr
	PodCIDRs []netip.Prefix
	Leaving  bool // it is being deleted, or about to be
}

// Pod is a v1 Pod. Terminated is phase Succeeded or Failed.
type Pod struct {
	Meta
	NodeName       string
	ServiceAccount string
	HostNetwork    bool
	Terminated     bool
	Addrs          []netip.Addr    // status.podIPs, or status.podIP; in declared order
	Ports          []ContainerPort // of containers, then of init containers with restartPolicy Always
}

// ContainerPort is one declared port; Name may be empty.
type ContainerPort struct {
	Name     string
	Protocol string // TCP, UDP, SCTP
	Port     uint16
}

// NetworkPolicy is a networking.k8s.io/v1 NetworkPolicy after defaulting: Ingress and Egress are the policy types.
type NetworkPolicy struct {
	Meta
	PodSelector  Selector
	Ingress      bool
	Egress       bool
	IngressRules []Rule
	EgressRules  []Rule
}

// Rule is one ingress or egress rule. Absent or empty Peers means everything (AnyPeer), absent or empty Ports all traffic.
type Rule struct {
	Field   string // "spec.ingress[0]"
	Pos     source.Pos
	AnyPeer bool
	Peers   []Peer
	Ports   []Port
}

// Peer is either an IPBlock or selectors: PodSelector alone (same namespace), NamespaceSelector alone (all its pods), or both.
type Peer struct {
	Field             string // "spec.ingress[0].from[1]"
	Pos               source.Pos
	IPBlock           *IPBlock
	PodSelector       *Selector
	NamespaceSelector *Selector
}

// IPBlock is a prefix without some prefixes inside it; all masked.
type IPBlock struct {
	CIDR   netip.Prefix
	Except []netip.Prefix
}

// Port is one entry of a rule's ports. Either Name, or a range From..To of numbers; neither (From 0) means every port of the
// protocol.
type Port struct {
	Field    string // "spec.ingress[0].ports[0]"
	Pos      source.Pos
	Protocol string // TCP, UDP, SCTP; defaulted
	Name     string
	From, To uint16
}

// Selector is a label selector in canonical form: requirements sorted by key, operator and values, matchLabels turned into In
// with one value. No requirements selects everything. Two selectors that are written differently but mean the same by this
// rule are equal.
type Selector struct {
	Requirements []Requirement
}

// Requirement is one condition on a label.
type Requirement struct {
	Key    string
	Op     Operator
	Values []string // sorted, distinct
}

// Operator is a selector's comparison.
type Operator string

// The operators of label selectors.
const (
	In           Operator = "In"
	NotIn        Operator = "NotIn"
	Exists       Operator = "Exists"
	DoesNotExist Operator = "DoesNotExist"
)
