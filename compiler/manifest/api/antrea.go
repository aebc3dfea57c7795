// Package api has the Go form of Antrea's custom resources that headgate reads, so that package schema can tell their fields.
//
// Guarantees: a type has exactly the fields that Antrea's resource definition of the kind has, from v1.15 on, with those
// that only one direction of a rule or only one scope of a policy has in types of their own; status is of any shape.
// headgate reads two fields more: nodeSelector and externalEntitySelector also in the appliedTo of a rule.
package api

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// ClusterNetworkPolicy is a crd.antrea.io/v1beta1 ClusterNetworkPolicy.
type ClusterNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ClusterNetworkPolicySpec `json:"spec"`
	Status            any                      `json:"status"`
}

// ClusterNetworkPolicySpec is its spec.
type ClusterNetworkPolicySpec struct {
	Tier      string               `json:"tier"`
	Priority  float64              `json:"priority"`
	AppliedTo []ClusterAppliedTo   `json:"appliedTo"`
	Ingress   []ClusterIngressRule `json:"ingress"`
	Egress    []ClusterEgressRule  `json:"egress"`
}

// ClusterAppliedTo is an entry of appliedTo in a ClusterNetworkPolicy's spec or ingress rule.
type ClusterAppliedTo struct {
	ClusterEgressAppliedTo `json:",inline"`
	Service                *NamespacedName `json:"service"`
}

// ClusterEgressAppliedTo is an entry of appliedTo in an egress rule: no Service has egress.
type ClusterEgressAppliedTo struct {
	PodSelector       *metav1.LabelSelector `json:"podSelector"`
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
	Group             string                `json:"group"`
	ServiceAccount    *NamespacedName       `json:"serviceAccount"`
	NodeSelector      *metav1.LabelSelector `json:"nodeSelector"`
}

// RuleCommon is what every rule has.
type RuleCommon struct {
	Action        string       `json:"action"`
	Ports         []RulePort   `json:"ports"`
	L7Protocols   []L7Protocol `json:"l7Protocols"`
	Protocols     []Protocol   `json:"protocols"`
	Name          string       `json:"name"`
	EnableLogging bool         `json:"enableLogging"`
	LogLabel      string       `json:"logLabel"`
}

// ClusterIngressRule is an ingress rule of a ClusterNetworkPolicy.
type ClusterIngressRule struct {
	RuleCommon `json:",inline"`
	AppliedTo  []ClusterAppliedTo   `json:"appliedTo"`
	From       []ClusterIngressPeer `json:"from"`
}

// ClusterEgressRule is an egress rule of a ClusterNetworkPolicy.
type ClusterEgressRule struct {
	RuleCommon `json:",inline"`
	AppliedTo  []ClusterEgressAppliedTo `json:"appliedTo"`
	To         []ClusterEgressPeer      `json:"to"`
	ToServices []PeerService            `json:"toServices"`
}

// ClusterPeer is what the peers of both directions of a ClusterNetworkPolicy have.
type ClusterPeer struct {
	PeerCommon     `json:",inline"`
	Namespaces     *PeerNamespaces `json:"namespaces"`
	ServiceAccount *NamespacedName `json:"serviceAccount"`
}

// ClusterIngressPeer is an entry of from.
type ClusterIngressPeer struct {
	ClusterPeer `json:",inline"`
	Scope       string `json:"scope"`
}

// ClusterEgressPeer is an entry of to.
type ClusterEgressPeer struct {
	ClusterPeer `json:",inline"`
	FQDN        string `json:"fqdn"`
}

// PeerCommon is what every peer has.
type PeerCommon struct {
	PodSelector       *metav1.LabelSelector `json:"podSelector"`
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
	IPBlock           *IPBlock              `json:"ipBlock"`
	Group             string                `json:"group"`
	NodeSelector      *metav1.LabelSelector `json:"nodeSelector"`
}

// NetworkPolicy is a crd.antrea.io/v1beta1 NetworkPolicy.
type NetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              NetworkPolicySpec `json:"spec"`
	Status            any               `json:"status"`
}

// NetworkPolicySpec is its spec.
type NetworkPolicySpec struct {
	Tier      string        `json:"tier"`
	Priority  float64       `json:"priority"`
	AppliedTo []AppliedTo   `json:"appliedTo"`
	Ingress   []IngressRule `json:"ingress"`
	Egress    []EgressRule  `json:"egress"`
}

// AppliedTo is an entry of appliedTo in a NetworkPolicy.
type AppliedTo struct {
	PodSelector            *metav1.LabelSelector `json:"podSelector"`
	ExternalEntitySelector *metav1.LabelSelector `json:"externalEntitySelector"`
	Group                  string                `json:"group"`
}

// IngressRule is an ingress rule of a NetworkPolicy.
type IngressRule struct {
	RuleCommon `json:",inline"`
	AppliedTo  []AppliedTo   `json:"appliedTo"`
	From       []IngressPeer `json:"from"`
}

// EgressRule is an egress rule of a NetworkPolicy.
type EgressRule struct {
	RuleCommon `json:",inline"`
	AppliedTo  []AppliedTo        `json:"appliedTo"`
	To         []EgressPeer       `json:"to"`
	ToServices []LocalPeerService `json:"toServices"`
}

// IngressPeer is an entry of from in a NetworkPolicy.
type IngressPeer struct {
	PeerCommon             `json:",inline"`
	ExternalEntitySelector *metav1.LabelSelector `json:"externalEntitySelector"`
	Scope                  string                `json:"scope"`
}

// EgressPeer is an entry of to in a NetworkPolicy.
type EgressPeer struct {
	PeerCommon             `json:",inline"`
	ExternalEntitySelector *metav1.LabelSelector `json:"externalEntitySelector"`
	FQDN                   string                `json:"fqdn"`
}

// NamespacedName names a namespaced object.
type NamespacedName struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// PeerService names a Service that traffic is sent to.
type PeerService struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Scope     string `json:"scope"`
}

// LocalPeerService is the same in a NetworkPolicy, whose own namespace is the default.
type LocalPeerService struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Scope     string `json:"scope"`
}

// PeerNamespaces relates the namespaces of a peer to the subject's.
type PeerNamespaces struct {
	Match      string   `json:"match"`
	SameLabels []string `json:"sameLabels"`
}

// IPBlock is a CIDR without some others in it.
type IPBlock struct {
	CIDR   string   `json:"cidr"`
	Except []string `json:"except"`
}

// RulePort is an entry of ports.
type RulePort struct {
	Protocol      string             `json:"protocol"`
	Port          intstr.IntOrString `json:"port"`
	EndPort       int32              `json:"endPort"`
	SourcePort    int32              `json:"sourcePort"`
	SourceEndPort int32              `json:"sourceEndPort"`
}

// Protocol is an entry of protocols.
type Protocol struct {
	ICMP *ICMP `json:"icmp"`
	IGMP *IGMP `json:"igmp"`
}

// ICMP selects ICMP messages, ICMPv6 ones among them.
type ICMP struct {
	ICMPType *int32 `json:"icmpType"`
	ICMPCode *int32 `json:"icmpCode"`
}

// IGMP selects IGMP messages.
type IGMP struct {
	IGMPType     *int32 `json:"igmpType"`
	GroupAddress string `json:"groupAddress"`
}

// L7Protocol is an entry of l7Protocols.
type L7Protocol struct {
	HTTP *HTTP `json:"http"`
	TLS  *TLS  `json:"tls"`
}

// HTTP selects requests.
type HTTP struct {
	Host   string `json:"host"`
	Method string `json:"method"`
	Path   string `json:"path"`
}

// TLS selects handshakes.
type TLS struct {
	SNI string `json:"sni"`
}
