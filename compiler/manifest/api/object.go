package api

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Tier is a crd.antrea.io/v1beta1 Tier.
type Tier struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              TierSpec `json:"spec"`
}

// TierSpec is its spec.
type TierSpec struct {
	Priority    int32  `json:"priority"`
	Description string `json:"description"`
}

// ClusterGroup is a crd.antrea.io/v1beta1 ClusterGroup.
type ClusterGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ClusterGroupSpec `json:"spec"`
	Status            any              `json:"status"`
}

// ClusterGroupSpec is its spec.
type ClusterGroupSpec struct {
	GroupSpec    `json:",inline"`
	NodeSelector *metav1.LabelSelector `json:"nodeSelector"`
}

// Group is a crd.antrea.io/v1beta1 Group.
type Group struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              GroupSpec `json:"spec"`
	Status            any       `json:"status"`
}

// GroupSpec is its spec.
type GroupSpec struct {
	PodSelector            *metav1.LabelSelector `json:"podSelector"`
	NamespaceSelector      *metav1.LabelSelector `json:"namespaceSelector"`
	ExternalEntitySelector *metav1.LabelSelector `json:"externalEntitySelector"`
	IPBlocks               []IPBlock             `json:"ipBlocks"`
	ServiceReference       *ServiceReference     `json:"serviceReference"`
	ChildGroups            []string              `json:"childGroups"`
}

// ServiceReference names the Service whose endpoints a group consists of.
type ServiceReference struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// ExternalNode is a crd.antrea.io/v1alpha1 ExternalNode.
type ExternalNode struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ExternalNodeSpec `json:"spec"`
}

// ExternalNodeSpec is its spec.
type ExternalNodeSpec struct {
	Interfaces []NetworkInterface `json:"interfaces"`
}

// NetworkInterface is an interface of an ExternalNode.
type NetworkInterface struct {
	Name string   `json:"name"`
	IPs  []string `json:"ips"`
}

// ExternalEntity is a crd.antrea.io/v1alpha2 ExternalEntity.
type ExternalEntity struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ExternalEntitySpec `json:"spec"`
}

// ExternalEntitySpec is its spec.
type ExternalEntitySpec struct {
	Endpoints    []ExternalEndpoint `json:"endpoints"`
	Ports        []NamedPort        `json:"ports"`
	ExternalNode string             `json:"externalNode"`
}

// ExternalEndpoint is an address of an ExternalEntity.
type ExternalEndpoint struct {
	IP   string `json:"ip"`
	Name string `json:"name"`
}

// NamedPort is a port of an ExternalEntity.
type NamedPort struct {
	Protocol string `json:"protocol"`
	Port     int32  `json:"port"`
	Name     string `json:"name"`
}
