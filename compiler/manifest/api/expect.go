package api

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Expectations is headgate's own kind: a headgate-net.github.io/v1alpha1 Expectations says what shall become of packets. No API server
// has it; `headgate test` reads it from files.
type Expectations struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ExpectationsSpec `json:"spec"`
}

// ExpectationsSpec is its spec.
type ExpectationsSpec struct {
	Expect []Expectation `json:"expect"`
}

// Expectation is one of them.
type Expectation struct {
	Verdict   string           `json:"verdict"`
	From      []ExpectEndpoint `json:"from"`
	To        []ExpectEndpoint `json:"to"`
	Ports     []RulePort       `json:"ports"`
	Protocols []Protocol       `json:"protocols"`
}

// ExpectEndpoint is an entry of from or to: one endpoint by name, those that selectors select, or addresses outside.
type ExpectEndpoint struct {
	Pod                    *NamespacedName       `json:"pod"`
	Node                   string                `json:"node"`
	PodSelector            *metav1.LabelSelector `json:"podSelector"`
	NamespaceSelector      *metav1.LabelSelector `json:"namespaceSelector"`
	NodeSelector           *metav1.LabelSelector `json:"nodeSelector"`
	ExternalEntitySelector *metav1.LabelSelector `json:"externalEntitySelector"`
	IPBlock                *IPBlock              `json:"ipBlock"`
}
