// Package nodestatus is what agents say of their nodes: the kind NodeStatus of headgate-net.github.io/v1alpha1, and its one writer.
//
// There is one object for each node of the cluster, under the node's name, and its agent alone writes it. It belongs to the Node: it goes
// when that goes. What it says was in force on the node at the time of Renewed; where that is long ago nobody knows what has become of the
// agent, while the rules stay in force. A policy is realised on a node if Status.Includes its version and Status.RejectionOf finds nothing.
package nodestatus

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// What the kind is called.
const (
	Group    = "headgate-net.github.io"
	Version  = "v1alpha1"
	Kind     = "NodeStatus"
	Resource = "nodestatuses"
)

// GroupVersionResource is where the API server has the objects.
func GroupVersionResource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: Group, Version: Version, Resource: Resource}
}

// ConditionReady is the type of the condition that says whether all that is declared is in force on the node. Its reasons are InForce,
// NotInForce (see Status.Error) and Nothing (nothing was loaded yet). Objects that are rejected alone do not make a node unready.
const ConditionReady = "Ready"

// The reasons of ConditionReady.
const (
	ReasonInForce    = "InForce"
	ReasonNotInForce = "NotInForce"
	ReasonNothing    = "Nothing"
)

// MaxRejected is how many objects are listed at most.
const MaxRejected = 100

// RenewEvery is how often an agent that has nothing new to say renews its object, and StaleAfter how old Renewed is when that was
// missed twice: then nobody knows what has become of the agent.
const (
	RenewEvery = time.Minute
	StaleAfter = 150 * time.Second
)

// NodeStatus is what one node has in force. It has no spec: nobody but the node's agent writes it.
type NodeStatus struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Status Status `json:"status,omitempty"`
}

// Status says what is in force.
type Status struct {
	Generation    int64              `json:"generation"`           // the number of the generation in force, which each node counts for itself; 0: none yet
	Hash          string             `json:"hash,omitempty"`       // of what all dataplanes hold together, 16 hexadecimal digits; equal rules have equal ones
	Targets       []string           `json:"targets,omitempty"`    // the dataplanes: nftables, openflow
	Since         *metav1.Time       `json:"since,omitempty"`      // when the generation was put in force; nil: before the agent started, or there is none
	Renewed       metav1.Time        `json:"renewed"`              // when the agent last said that this is how it is
	Agent         string             `json:"agent,omitempty"`      // the agent's version
	Seen          []Seen             `json:"seen,omitempty"`       // what of the API the generation in force includes, by Resource
	Counts        Counts             `json:"counts"`               // of what is in force
	Rejected      []Rejected         `json:"rejected,omitempty"`   // objects whose last text is not in force, by Kind, Namespace and Name; MaxRejected of them at most
	RejectedTotal int64              `json:"rejectedTotal"`        // how many there are
	Error         string             `json:"error,omitempty"`      // why what is declared last could not be put in force; "" if it is
	Addresses     []string           `json:"addresses,omitempty"`  // of Egresses and Services, that the node holds, in the order of addresses
	Conditions    []metav1.Condition `json:"conditions,omitempty"` // ConditionReady
}

// Seen is the newest version of a resource that is included.
type Seen struct {
	Resource string `json:"resource"` // with its group, as in networkpolicies.networking.k8s.io, or pods
	Version  string `json:"version"`  // a resourceVersion: of an object, of a list or of a bookmark
}

// Counts are of one node. What its dataplanes hold is counted without what they learn from packets.
type Counts struct {
	Policies  int64 `json:"policies"`  // that have a rule, or isolate a pod, on the node
	Rules     int64 `json:"rules"`     // of nftables
	Sets      int64 `json:"sets"`      // of nftables, maps included
	Elements  int64 `json:"elements"`  // of these
	Flows     int64 `json:"flows"`     // of OpenFlow
	Services  int64 `json:"services"`  // that the node serves
	Endpoints int64 `json:"endpoints"` // to which it leads their clients
}

// Rejected is an object whose last text is not in force.
type Rejected struct {
	Kind      string `json:"kind"` // with its group, as in NetworkPolicy.networking.k8s.io, or Pod
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Code      string `json:"code"` // of the diagnostic, such as HG1003
	Message   string `json:"message"`
	Field     string `json:"field,omitempty"` // where it lies, such as spec.ingress[0]
	Previous  bool   `json:"previous"`        // what the object said before is in force, also if it is gone now; false: nothing of it is
}

// Includes reports whether the generation in force includes a version of a resource, such as networkpolicies.networking.k8s.io. Versions
// compare as the Kubernetes API says that they do (KEP-5504).
func (s *Status) Includes(resource, version string) bool {
	i := slices.IndexFunc(s.Seen, func(v Seen) bool { return v.Resource == resource })
	if i < 0 {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(s.Seen[i].Version, version)
	return err == nil && order >= 0
}

// RejectionOf finds what is said of an object; nil if its last text is in force as far as the generation includes it. Kind has its group,
// as in NetworkPolicy.networking.k8s.io.
func (s *Status) RejectionOf(kind, namespace, name string) *Rejected {
	for i := range s.Rejected {
		if r := &s.Rejected[i]; r.Kind == kind && r.Namespace == namespace && r.Name == name {
			return r
		}
	}
	return nil
}

// Ready reports whether all that is declared is in force on the node, as far as it was not rejected.
func (s *Status) Ready() bool { return meta.IsStatusConditionTrue(s.Conditions, ConditionReady) }

// IsStale reports whether the agent has not renewed this for so long that it may not run any more.
func (s *Status) IsStale(now time.Time) bool { return now.Sub(s.Renewed.Time) > StaleAfter }

// Parse reads an object that the API server gave.
func Parse(o *unstructured.Unstructured) (*NodeStatus, error) {
	out := &NodeStatus{}
	return out, runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, out)
}

// Unstructured is the object as a dynamic client takes it.
func (n *NodeStatus) Unstructured() (*unstructured.Unstructured, error) {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(n)
	if err != nil {
		return nil, err
	}
	o := &unstructured.Unstructured{Object: object}
	o.SetAPIVersion(Group + "/" + Version)
	o.SetKind(Kind)
	return o, nil
}
