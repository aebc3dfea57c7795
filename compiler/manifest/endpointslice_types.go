package manifest

import (
	"fmt"
	"net/netip"

	"github.com/headgate-net/headgate/internal/source"
)

// EndpointSlice is a discovery.k8s.io/v1 EndpointSlice. Service is the value of its kubernetes.io/service-name label, the name of a
// Service in the slice's own namespace.
type EndpointSlice struct {
	Meta
	Service     string
	AddressType IPFamily
	Ports       []EndpointPort  // each name once
	Endpoints   []SliceEndpoint // in declared order, none left out
}

// EndpointPort is a port that every endpoint of a slice has. Name is the Service port's, and may be empty. Port 0 means that there
// is no number: such a port stands for nothing that a node could send to. AppProtocol has no influence on what nodes do.
type EndpointPort struct {
	Name        string
	Protocol    string // TCP, UDP, SCTP
	Port        uint16
	AppProtocol string
}

// SliceEndpoint is one endpoint of a slice; conditions are defaulted as the API documents: ready, serving, not terminating.
type SliceEndpoint struct {
	Pos         source.Pos
	Addrs       []netip.Addr // of the slice's family; none in a slice of names. Only the first has a meaning to nodes
	Hostname    string       // for DNS; it has no influence on what nodes do
	NodeName    string       // "" if it is on none, or nobody knows
	Zone        string
	Ready       bool
	Serving     bool
	Terminating bool
	ForZones    []string // hints: the zones that should use it; none: no hint
	ForNodes    []string // hints: the nodes that should use it; none: no hint
	Target      TargetRef
}

// TargetRef names the object that an endpoint is, most often a Pod; all empty if the endpoint does not say.
type TargetRef struct{ Kind, Namespace, Name string }

// LeftAlone reports whether a node has nothing to do for the slice: it belongs to no Service, it has names instead of addresses,
// or a label says that another proxy sees to it, or none.
func (s *EndpointSlice) LeftAlone() bool {
	return s.Service == "" || s.AddressType == FQDN || s.leftAlone()
}

// Where returns the origin of the i-th endpoint.
func (s *EndpointSlice) Where(i int) source.Origin {
	return s.Origin(fmt.Sprintf("endpoints[%d]", i), s.Endpoints[i].Pos)
}
