package api

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Egress is a crd.antrea.io/v1beta1 Egress.
type Egress struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              EgressSpec `json:"spec"`
	Status            any        `json:"status"`
}

// EgressSpec is its spec.
type EgressSpec struct {
	AppliedTo       EgressAppliedTo `json:"appliedTo"`
	EgressIP        string          `json:"egressIP"`
	EgressIPs       []string        `json:"egressIPs"`
	ExternalIPPool  string          `json:"externalIPPool"`
	ExternalIPPools []string        `json:"externalIPPools"`
	Bandwidth       *Bandwidth      `json:"bandwidth"`
}

// EgressAppliedTo is appliedTo in an Egress.
type EgressAppliedTo struct {
	PodSelector       *metav1.LabelSelector `json:"podSelector"`
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
}

// Bandwidth limits what an Egress sends; both are quantities of bits per second.
type Bandwidth struct {
	Rate  string `json:"rate"`
	Burst string `json:"burst"`
}

// ExternalIPPool is a crd.antrea.io/v1beta1 ExternalIPPool.
type ExternalIPPool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ExternalIPPoolSpec `json:"spec"`
	Status            any                `json:"status"`
}

// ExternalIPPoolSpec is its spec.
type ExternalIPPoolSpec struct {
	IPRanges     []IPRange            `json:"ipRanges"`
	SubnetInfo   *SubnetInfo          `json:"subnetInfo"`
	NodeSelector metav1.LabelSelector `json:"nodeSelector"`
}

// IPRange is either a block or a range of addresses.
type IPRange struct {
	CIDR  string `json:"cidr"`
	Start string `json:"start"`
	End   string `json:"end"`
}

// SubnetInfo is the network that a pool's addresses are in.
type SubnetInfo struct {
	Gateway      string `json:"gateway"`
	PrefixLength int32  `json:"prefixLength"`
	VLAN         *int32 `json:"vlan"`
}
