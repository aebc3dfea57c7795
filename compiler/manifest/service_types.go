package manifest

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/headgate-net/headgate/internal/source"
)

// Service is a v1 Service after the API's defaulting. What the API server would allocate (cluster addresses, node ports, the port
// of the health check) is there only if the manifest has it.
type Service struct {
	Meta
	Created  time.Time // metadata.creationTimestamp; the zero value if absent
	Type     ServiceType
	Headless bool // clusterIP is None: there is nothing to balance

	// ClusterIPs are the virtual addresses, the primary family's first, at most one of each family; none if the Service is
	// headless or an ExternalName, or has none yet.
	ClusterIPs     []netip.Addr
	IPFamilies     []IPFamily // as stated, completed from ClusterIPs; none: those that the cluster prefers
	IPFamilyPolicy IPFamilyPolicy
	Selector       Labels
	Ports          []ServicePort
	ExternalIPs    []netip.Addr
	ExternalName   string // as stated, a trailing dot included; "" for other types

	InternalTrafficPolicy TrafficPolicy // "" for ExternalName
	ExternalTrafficPolicy TrafficPolicy // "" if nothing outside the cluster can reach the Service
	TrafficDistribution   TrafficDistribution
	TopologyMode          string // of the annotation service.kubernetes.io/topology-mode, or of topology-aware-hints, its older name
	AffinitySeconds       int32  // how long a client keeps its endpoint; 0: no affinity

	// PublishNotReadyAddresses is for those who make EndpointSlices: they then call every endpoint ready. It has no influence
	// on what nodes do.
	PublishNotReadyAddresses bool
	LoadBalancer             LoadBalancer
	Places                   Places // of all fields below spec and status, and of the annotations that are read
}

// LoadBalancer is what only Services of type LoadBalancer have.
type LoadBalancer struct {
	IP                  netip.Addr     // spec.loadBalancerIP: the address that is asked for; invalid if none
	Class               string         // spec.loadBalancerClass; who assigns the addresses. It has no influence on what nodes do
	SourceRanges        []netip.Prefix // masked; none: everybody
	AllocateNodePorts   bool
	HealthCheckNodePort uint16 // 0 if there is none, or none yet
	Ingress             []LoadBalancerIngress
	Pool                string // of the annotation service.antrea.io/external-ip-pool
	SharesIP            bool   // of the annotation service.antrea.io/allow-shared-load-balancer-ip
}

// LoadBalancerIngress is one entry of status.loadBalancer.ingress: an address, a name or both. Mode is that of the address, "" if
// there is none. What the entry says of single ports is a report to people, and is not read.
type LoadBalancerIngress struct {
	Addr     netip.Addr
	Hostname string
	Mode     LoadBalancerMode
}

// ServicePort is one port of a Service. TargetPort is a number or a name, as text. NodePort 0 is none, or none yet. AppProtocol
// has no influence on what nodes do.
type ServicePort struct {
	Name        string
	Protocol    string // TCP, UDP, SCTP
	Port        uint16
	TargetPort  string
	NodePort    uint16
	AppProtocol string
}

// ServiceType is spec.type.
type ServiceType string

// The types of Services.
const (
	ClusterIP    ServiceType = "ClusterIP"
	NodePort     ServiceType = "NodePort"
	LoadBalanced ServiceType = "LoadBalancer"
	ExternalName ServiceType = "ExternalName"
)

// IPFamily is one of spec.ipFamilies, and the address type of EndpointSlices.
type IPFamily string

// The families, and what takes a family's place in EndpointSlices of names.
const (
	IPv4 IPFamily = "IPv4"
	IPv6 IPFamily = "IPv6"
	FQDN IPFamily = "FQDN"
)

// FamilyOf returns the family of an address.
func FamilyOf(a netip.Addr) IPFamily {
	if a.Unmap().Is4() {
		return IPv4
	}
	return IPv6
}

// IPFamilyPolicy is spec.ipFamilyPolicy; "" for ExternalName.
type IPFamilyPolicy string

// The policies about families.
const (
	SingleStack      IPFamilyPolicy = "SingleStack"
	PreferDualStack  IPFamilyPolicy = "PreferDualStack"
	RequireDualStack IPFamilyPolicy = "RequireDualStack"
)

// TrafficPolicy is spec.internalTrafficPolicy or spec.externalTrafficPolicy.
type TrafficPolicy string

// Which endpoints traffic goes to: all, or those on the node that it has reached.
const (
	ClusterWide TrafficPolicy = "Cluster"
	NodeLocal   TrafficPolicy = "Local"
)

// TrafficDistribution is spec.trafficDistribution, "" if absent. Whoever makes EndpointSlices turns it into hints; nodes follow
// the hints.
type TrafficDistribution string

// The preferences. PreferClose is the older name of PreferSameZone (KEP-3015).
const (
	PreferClose    TrafficDistribution = "PreferClose"
	PreferSameZone TrafficDistribution = "PreferSameZone"
	PreferSameNode TrafficDistribution = "PreferSameNode"
)

// LoadBalancerMode is the ipMode of an address of a load balancer (KEP-1860).
type LoadBalancerMode string

// Whether packets for the address reach a node as they are, or the balancer sends them on from an address of its own, so that nodes
// must leave those to it that they see.
const (
	VIPMode   LoadBalancerMode = "VIP"
	ProxyMode LoadBalancerMode = "Proxy"
)

// The labels that tell service proxies what to leave alone, whatever their value.
const (
	ProxyNameLabel = "service.kubernetes.io/service-proxy-name"
	HeadlessLabel  = "service.kubernetes.io/headless"
)

// leftAlone reports whether another proxy looks after an object, or none (Kubernetes documentation, "Labels, Annotations and
// Taints").
func (m *Meta) leftAlone() bool {
	_, other := m.Labels.Get(ProxyNameLabel)
	_, headless := m.Labels.Get(HeadlessLabel)
	return other || headless
}

// LeftAlone reports whether a node has nothing to do for the Service: it is headless or an ExternalName, or a label says that
// another proxy sees to it.
func (s *Service) LeftAlone() bool {
	return s.Headless || s.Type == ExternalName || s.leftAlone()
}

// ExternallyReachable reports whether clients outside the cluster have an address to dial.
func (s *Service) ExternallyReachable() bool {
	return s.Type == NodePort || s.Type == LoadBalanced || s.Type == ClusterIP && len(s.ExternalIPs) > 0
}

// NeedsHealthCheck reports whether nodes tell load balancers on a port whether they have endpoints.
func (s *Service) NeedsHealthCheck() bool {
	return s.Type == LoadBalanced && s.ExternalTrafficPolicy == NodeLocal
}

// Where returns the origin of a field, such as "spec.ports[0].nodePort". If the manifest does not state it, the place is that of
// the innermost part around it that there is.
func (s *Service) Where(field string) source.Origin {
	return s.Origin(field, s.Places.find(field, s.Pos))
}

// Places says where the fields of an object stand in its file, sorted by field.
type Places []Place

// Place is where one field stands.
type Place struct {
	Field     string // "spec.ports[0].nodePort"
	Line, Col int32
}

// find returns the position of a field or of what it is in; object is that of the whole.
func (p Places) find(field string, object source.Pos) source.Pos {
	for field != "" {
		i, found := slices.BinarySearchFunc(p, field, func(at Place, field string) int { return strings.Compare(at.Field, field) })
		if found {
			return source.Pos{File: object.File, Line: p[i].Line, Col: p[i].Col}
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return object
}
