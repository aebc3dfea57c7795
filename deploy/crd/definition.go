package crd

import (
	"fmt"
	"reflect"
	"strings"

	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
	"sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/compiler/manifest/api"
	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// File is one YAML document that kubectl apply takes.
type File struct {
	Name string // as "crd.antrea.io_tiers.yaml"
	YAML []byte
}

// kind is a custom resource.
type kind struct {
	value      any // the zero value of its Go type
	group      string
	version    string
	plural     string
	shortNames []string
	namespaced bool
	columns    []props
	stateless  bool // it has no status, or none of its own: one that is written with everything else
	status     props
	table      map[string]object
}

const (
	antreaGroup   = "crd.antrea.io"
	upstreamGroup = "policy.networking.k8s.io"
)

// Definitions returns the CustomResourceDefinitions, one file for each kind, sorted by name. It panics if the tables of this
// package do not describe just the fields that there are.
func Definitions() []File {
	var out []File
	var builders []*builder
	of := map[string]*builder{} // by Go package
	for _, k := range kinds() {
		name := reflect.TypeOf(k.value).PkgPath()
		if of[name] == nil {
			of[name] = newBuilder(k.table)
			builders = append(builders, of[name])
		}
		out = append(out, file(k.group+"_"+k.plural+".yaml", k.definition(of[name])))
	}
	var mistakes []string
	for _, b := range builders {
		b.unused()
		mistakes = append(mistakes, b.mistakes...)
	}
	if len(mistakes) > 0 {
		panic("internal error: deploy/crd: " + strings.Join(mistakes, "; "))
	}
	return out
}

func file(name string, value any) File {
	text, err := yaml.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("internal error: deploy/crd: %s: %v", name, err))
	}
	return File{Name: name, YAML: text}
}

func (k kind) definition(b *builder) props {
	t := reflect.TypeOf(k.value)
	names := props{"kind": t.Name(), "listKind": t.Name() + "List", "plural": k.plural, "singular": strings.ToLower(t.Name()), "shortNames": k.shortNames}
	scope := "Cluster"
	if k.namespaced {
		scope = "Namespaced"
	}
	version := props{"name": k.version, "served": true, "storage": true, "schema": props{"openAPIV3Schema": b.root(t, k.status)}}
	if len(k.columns) > 0 {
		version["additionalPrinterColumns"] = k.columns
	}
	if !k.stateless {
		version["subresources"] = props{"status": props{}}
	}
	metadata := props{"name": k.plural + "." + k.group}
	if k.group == upstreamGroup {
		metadata["annotations"] = approval(k.version)
	}
	return props{
		"apiVersion": "apiextensions.k8s.io/v1",
		"kind":       "CustomResourceDefinition",
		"metadata":   metadata,
		"spec":       props{"group": k.group, "scope": scope, "names": names, "versions": []props{version}},
	}
}

// approval returns the annotations without which the API server takes no definition in a group of Kubernetes, and those by
// which tools tell the release of the API.
func approval(version string) props {
	pull, bundle := "300", "v0.1.7"
	if version == "v1alpha2" {
		pull, bundle = "347", "v0.2.0"
	}
	return props{
		"api-approved.kubernetes.io":              "https://github.com/kubernetes-sigs/network-policy-api/pull/" + pull,
		"policy.networking.k8s.io/bundle-version": bundle,
		"policy.networking.k8s.io/channel":        "experimental",
	}
}

func column(name, kind, path, doc string) props {
	c := props{"name": name, "type": kind, "jsonPath": path}
	if doc != "" {
		c["description"] = doc
	}
	return c
}

func kinds() []kind {
	age := column("Age", "date", ".metadata.creationTimestamp", "")
	tier := column("Tier", "string", ".spec.tier", "The tier that the policy is in.")
	policy := []props{
		tier,
		column("Priority", "number", ".spec.priority", "The place within the tier."),
		column("Desired Nodes", "number", ".status.desiredNodesRealized", "How many nodes have to enforce the policy."),
		column("Current Nodes", "number", ".status.currentNodesRealized", "How many nodes enforce it."),
		age,
	}
	place := column("Priority", "integer", ".spec.priority", "The place in the order.")
	egress := []props{
		column("EgressIP", "string", ".status.egressIP", "The address by which connections leave."),
		age,
		column("Node", "string", ".status.egressNode", "The node that has the address."),
	}
	pool := []props{
		column("Total", "integer", ".status.usage.total", "How many addresses there are."),
		column("Used", "integer", ".status.usage.used", "How many of them somebody has."),
		age,
	}
	a, one, two := antrea(), alpha1(), alpha2()
	beta := func(k kind) kind { k.group, k.table = antreaGroup, a; return k }
	upstream := func(k kind) kind { k.group = upstreamGroup; return k }
	return []kind{
		beta(kind{value: api.ClusterGroup{}, version: "v1beta1", plural: "clustergroups", shortNames: []string{"cg"}, status: groupStatus()}),
		beta(kind{value: api.ClusterNetworkPolicy{}, version: "v1beta1", plural: "clusternetworkpolicies", shortNames: []string{"acnp"}, columns: policy, status: policyStatus()}),
		beta(kind{value: api.Egress{}, version: "v1beta1", plural: "egresses", shortNames: []string{"eg"}, columns: egress, status: egressStatus()}),
		beta(kind{value: api.ExternalEntity{}, version: "v1alpha2", plural: "externalentities", shortNames: []string{"ee"}, namespaced: true, stateless: true}),
		beta(kind{value: api.ExternalIPPool{}, version: "v1beta1", plural: "externalippools", shortNames: []string{"eip"}, columns: pool, status: poolStatus()}),
		beta(kind{value: api.ExternalNode{}, version: "v1alpha1", plural: "externalnodes", shortNames: []string{"en"}, namespaced: true, stateless: true}),
		beta(kind{value: api.Group{}, version: "v1beta1", plural: "groups", shortNames: []string{"grp"}, namespaced: true, status: groupStatus()}),
		beta(kind{value: api.NetworkPolicy{}, version: "v1beta1", plural: "networkpolicies", shortNames: []string{"annp"}, namespaced: true, columns: policy, status: policyStatus()}),
		beta(kind{value: api.Tier{}, version: "v1beta1", plural: "tiers", shortNames: []string{"tr"}, columns: []props{place, age}, stateless: true}),
		{value: nodestatus.NodeStatus{}, group: nodestatus.Group, version: nodestatus.Version, plural: nodestatus.Resource, shortNames: []string{"hns"}, columns: nodeColumns(age), stateless: true, table: headgate()},
		upstream(kind{value: v1alpha1.AdminNetworkPolicy{}, version: "v1alpha1", plural: "adminnetworkpolicies", shortNames: []string{"anp"}, columns: []props{place, age}, table: one}),
		upstream(kind{value: v1alpha1.BaselineAdminNetworkPolicy{}, version: "v1alpha1", plural: "baselineadminnetworkpolicies", shortNames: []string{"banp"}, columns: []props{age}, table: one}),
		upstream(kind{value: v1alpha2.ClusterNetworkPolicy{}, version: "v1alpha2", plural: "clusternetworkpolicies", shortNames: []string{"cnp"}, columns: []props{tier, place, age}, table: two}),
	}
}
