package crd

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headgate-net/headgate/compiler/manifest/api"
)

// A definition's own rules must be cheap for the largest object that the API server would take, and Antrea's lists have no limits:
// what takes a look into the lists of a rule is therefore a ValidatingAdmissionPolicy, whose cost is what it turns out to be.

// Admissions returns a ValidatingAdmissionPolicy and its binding for each kind that needs one, one file for each kind, sorted by
// name. They need Kubernetes 1.31 or later.
func Admissions() []File {
	var out []File
	for _, k := range kinds() {
		t := reflect.TypeOf(k.value)
		name := k.plural + "." + k.group
		checks := append(admission(t), each(t, "a label's key is a name of up to 63 letters, digits, -, _ and ., after a domain and a slash or alone", predicate[metav1.LabelSelector](labelKeys)))
		policy := props{
			"apiVersion": "admissionregistration.k8s.io/v1",
			"kind":       "ValidatingAdmissionPolicy",
			"metadata":   props{"name": name},
			"spec": props{
				"failurePolicy": "Fail",
				"matchConstraints": props{"resourceRules": []props{{
					"apiGroups": []string{k.group}, "apiVersions": []string{k.version}, "resources": []string{k.plural},
					"operations": []string{"CREATE", "UPDATE"},
				}}},
				"validations": present(checks),
			},
		}
		if len(present(checks)) == 0 {
			continue
		}
		binding := props{
			"apiVersion": "admissionregistration.k8s.io/v1",
			"kind":       "ValidatingAdmissionPolicyBinding",
			"metadata":   props{"name": name},
			"spec":       props{"policyName": name, "validationActions": []string{"Deny"}},
		}
		f := file(k.group+"_"+k.plural+".yaml", policy)
		f.YAML = bytes.Join([][]byte{f.YAML, file("", binding).YAML}, []byte("---\n"))
		out = append(out, f)
	}
	return out
}

// check is one validation of an admission policy; an empty one has no expression.
type check struct{ expression, message string }

func present(checks []check) []props {
	var out []props
	for _, c := range checks {
		if c.expression != "" {
			out = append(out, props{"expression": c.expression, "message": c.message})
		}
	}
	return out
}

// predicate says in CEL what holds of the value that an expression names.
type predicate[T any] func(value string) string

// each is the check that a predicate holds of every value of type T in the spec of a kind; it is empty if there can be none.
func each[T any](kind reflect.Type, message string, holds predicate[T]) check {
	spec, has := kind.FieldByName("Spec")
	if !has {
		return check{}
	}
	return check{everywhere(spec.Type, reflect.TypeFor[T](), "object.spec", 0, holds), message}
}

// everywhere writes a predicate out for the values of the type target below a value of type t, or returns "".
func everywhere(t, target reflect.Type, value string, depth int, holds func(string) string) string {
	switch {
	case t == target:
		return "(" + holds(value) + ")"
	case t.Kind() == reflect.Pointer:
		return everywhere(t.Elem(), target, value, depth, holds)
	case t.Kind() == reflect.Slice:
		item := fmt.Sprintf("v%d", depth)
		if inner := everywhere(t.Elem(), target, item, depth+1, holds); inner != "" {
			return value + ".all(" + item + ", " + inner + ")"
		}
	case t.Kind() == reflect.Struct:
		var parts []string
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous && name == "" {
				// An embedded struct may be the target itself: its fields are the value's own.
				if inner := everywhere(f.Type, target, value, depth, holds); inner != "" {
					parts = append(parts, inner)
				}
				continue
			}
			if inner := everywhere(f.Type, target, value+"."+name, depth, holds); inner != "" {
				parts = append(parts, "(!has("+value+"."+name+") || "+inner+")")
			}
		}
		return strings.Join(parts, " && ")
	}
	return ""
}

func labelKeys(v string) string {
	return fmt.Sprintf("!has(%[1]s.matchLabels) || %[1]s.matchLabels.all(k, size(k) <= %[2]d && k.matches('%[3]s'))", v, maxLabelKey, strings.ReplaceAll(labelKey, `\`, `\\`))
}

// count counts which of the conditions hold.
func count(conditions ...string) string {
	return "[" + strings.Join(conditions, ", ") + "].filter(x, x).size()"
}

func has(v string, names ...string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "has(" + v + "." + n + ")"
		if n == "group" {
			out[i] += " && " + v + "." + n + " != ''" // as if it were not there
		}
	}
	return strings.Join(out, " || ")
}

// filled says that a list is there and not empty.
func filled(v string) string { return "has(" + v + ") && size(" + v + ") > 0" }

// admission returns the checks of a kind beyond those of its labels.
func admission(t reflect.Type) []check {
	switch t {
	case reflect.TypeFor[api.ClusterGroup](), reflect.TypeFor[api.Group]():
		return append(blocks(t), check{
			"!has(object.spec.ipBlocks) || !object.spec.ipBlocks.exists(b, " + multicast("b.cidr") + ") || object.spec.ipBlocks.all(b, " + multicast("b.cidr") + ")",
			"multicast and other addresses do not go together in ipBlocks",
		})
	case reflect.TypeFor[api.ExternalIPPool]():
		return ranges()
	case reflect.TypeFor[api.ClusterNetworkPolicy](), reflect.TypeFor[api.NetworkPolicy]():
		checks := append(append(subjects(t), peers(t)...), blocks(t)...)
		return append(append(checks, traffic(t)...), names()...)
	}
	return nil
}

func subjects(t reflect.Type) []check {
	const alone = "an entry of appliedTo selects pods (by podSelector, namespaceSelector or both), or has one other field"
	const services = "spec.appliedTo.exists(s, has(s.service))"
	cluster := func(v string) []string {
		return []string{has(v, "podSelector", "namespaceSelector"), has(v, "group"), has(v, "serviceAccount"), has(v, "nodeSelector")}
	}
	checks := []check{
		each(t, alone, predicate[api.ClusterEgressAppliedTo](func(v string) string { return count(cluster(v)...) + " <= 1" })),
		each(t, alone, predicate[api.ClusterAppliedTo](func(v string) string { return count(append(cluster(v), has(v, "service"))...) + " == 1" })),
		each(t, "an entry of appliedTo has one field", predicate[api.AppliedTo](func(v string) string {
			return count(has(v, "podSelector"), has(v, "externalEntitySelector"), has(v, "group")) + " <= 1"
		})),
	}
	if t != reflect.TypeFor[api.ClusterNetworkPolicy]() {
		return checks
	}
	mixed := func(list string) string {
		return fmt.Sprintf("!has(%[1]s) || !%[1]s.exists(s, has(s.service)) || %[1]s.all(s, has(s.service))", list)
	}
	blocksOnly := "(!has(r.from) || r.from.all(p, has(p.ipBlock)))"
	return append(checks,
		each(t, "an entry of appliedTo is not empty", predicate[api.ClusterEgressRule](func(v string) string {
			return "!has(" + v + ".appliedTo) || " + v + ".appliedTo.all(s, " + has("s", "podSelector", "namespaceSelector", "group", "serviceAccount", "nodeSelector") + ")"
		})),
		check{mixed("object.spec.appliedTo"), "appliedTo names Services alone or none"},
		each(t, "appliedTo names Services alone or none", predicate[api.ClusterIngressRule](func(v string) string { return mixed(v + ".appliedTo") })),
		check{"!has(object.spec.appliedTo) || !object." + services + " || !(" + filled("object.spec.egress") + ")", "a Service has no egress rules"},
		check{"!has(object.spec.ingress) || object.spec.ingress.all(r, " + blocksOnly +
			" || !(has(object.spec.appliedTo) && object." + services + " || has(r.appliedTo) && r.appliedTo.exists(s, has(s.service))))",
			"the peers of a rule that is applied to a Service are blocks"},
	)
}

func peers(t reflect.Type) []check {
	const alone = "a peer is one of: pods, namespaces or entities by selectors; ipBlock; group; nodeSelector; serviceAccount; fqdn"
	single := func(v string, selectors []string, others ...string) string {
		of := []string{has(v, selectors...)}
		for _, o := range others {
			of = append(of, has(v, o))
		}
		return count(of...) + " == 1"
	}
	ofCluster, ofNamespace := []string{"podSelector", "namespaceSelector", "namespaces"}, []string{"podSelector", "namespaceSelector", "externalEntitySelector"}
	scope := func(v string) string {
		return "!has(" + v + ".scope) || " + has(v, "podSelector", "namespaceSelector", "ipBlock")
	}
	entities := func(v string) string {
		return "!(has(" + v + ".externalEntitySelector) && has(" + v + ".podSelector))"
	}
	const scopeDoc, entityDoc = "scope goes with selectors only", "podSelector and externalEntitySelector do not go together"
	return []check{
		each(t, alone, predicate[api.ClusterIngressPeer](func(v string) string {
			return single(v, ofCluster, "ipBlock", "group", "serviceAccount", "nodeSelector")
		})),
		each(t, alone, predicate[api.ClusterEgressPeer](func(v string) string {
			return single(v, ofCluster, "ipBlock", "group", "serviceAccount", "nodeSelector", "fqdn")
		})),
		each(t, alone, predicate[api.IngressPeer](func(v string) string {
			return single(v, ofNamespace, "ipBlock", "group", "nodeSelector")
		})),
		each(t, alone, predicate[api.EgressPeer](func(v string) string {
			return single(v, ofNamespace, "ipBlock", "group", "nodeSelector", "fqdn")
		})),
		each(t, "namespaces and namespaceSelector do not go together", predicate[api.ClusterPeer](func(v string) string {
			return "!(has(" + v + ".namespaces) && has(" + v + ".namespaceSelector))"
		})),
		each(t, scopeDoc, predicate[api.ClusterIngressPeer](scope)),
		each(t, scopeDoc, predicate[api.IngressPeer](scope)),
		each(t, entityDoc, predicate[api.IngressPeer](entities)),
		each(t, entityDoc, predicate[api.EgressPeer](entities)),
	}
}

func blocks(t reflect.Type) []check {
	return []check{
		each(t, "not a CIDR, such as 192.0.2.0/24", predicate[api.IPBlock](func(v string) string {
			return "isCIDR(" + v + ".cidr) && (!has(" + v + ".except) || " + v + ".except.all(e, isCIDR(e)))"
		})),
		each(t, "what an ipBlock excepts lies inside its cidr and is not all of it", predicate[api.IPBlock](func(v string) string {
			return fmt.Sprintf("!has(%[1]s.except) || !isCIDR(%[1]s.cidr) || %[1]s.except.all(e, !isCIDR(e) || "+
				"cidr(%[1]s.cidr).containsCIDR(e) && cidr(%[1]s.cidr).prefixLength() < cidr(e).prefixLength())", v)
		})),
	}
}

// multicast says that a block's address is a multicast address.
func multicast(block string) string {
	return fmt.Sprintf("isCIDR(%[1]s) && (cidr('224.0.0.0/4').containsIP(cidr(%[1]s).ip()) || cidr('ff00::/8').containsIP(cidr(%[1]s).ip()))", block)
}

func traffic(t reflect.Type) []check {
	checks := []check{
		each(t, "endPort needs a port by number that is not above it", predicate[api.RulePort](func(v string) string {
			return fmt.Sprintf("!has(%[1]s.endPort) || has(%[1]s.port) && type(%[1]s.port) == int && %[1]s.port <= %[1]s.endPort", v)
		})),
		each(t, "sourceEndPort needs a sourcePort that is not above it", predicate[api.RulePort](func(v string) string {
			return fmt.Sprintf("!has(%[1]s.sourceEndPort) || has(%[1]s.sourcePort) && %[1]s.sourcePort <= %[1]s.sourceEndPort", v)
		})),
		each(t, "groupAddress is a multicast address", predicate[api.IGMP](func(v string) string {
			a := v + ".groupAddress"
			return fmt.Sprintf("!has(%[1]s) || isIP(%[1]s) && (cidr('224.0.0.0/4').containsIP(%[1]s) || cidr('ff00::/8').containsIP(%[1]s))", a)
		})),
	}
	checks = append(checks, ruleTraffic("object.spec.ingress", filled("r.ports")+" || "+filled("r.from"))...)
	checks = append(checks, ruleTraffic("object.spec.egress", filled("r.ports")+" || "+filled("r.to")+" || "+filled("r.toServices"))...)
	const quiet = "r.action in ['Allow', 'Drop']"
	group := "(has(p.ipBlock) && " + multicast("p.ipBlock.cidr") + ")"
	out := "!has(object.spec.egress) || object.spec.egress.all(r, !has(r.to) || !r.to.exists(p, " + group + ") || "
	return append(checks,
		check{out + quiet + ")", "traffic to multicast addresses can only be allowed or dropped"},
		check{out + "r.to.all(p, !has(p.ipBlock) || " + group + "))", "multicast and other addresses do not go together in one rule"},
	)
}

// ruleTraffic checks the rules of a list; more says what IGMP does not go with.
func ruleTraffic(list, more string) []check {
	rules := func(holds string) string { return "!has(" + list + ") || " + list + ".all(r, " + holds + ")" }
	const igmp = "!has(r.protocols) || !r.protocols.exists(p, has(p.igmp)) || "
	const http = "!has(r.l7Protocols) || !r.l7Protocols.exists(p, has(p.http)) || "
	return []check{
		{rules(igmp + "r.action in ['Allow', 'Drop']"), "IGMP can only be allowed or dropped"},
		{rules(igmp + "!(" + more + " || r.protocols.exists(p, has(p.icmp)))"),
			"IGMP goes with no peers, ports or other protocols"},
		{rules(http + "!(" + filled("r.protocols") + ") && (!has(r.ports) || r.ports.all(p, !has(p.protocol) || p.protocol == 'TCP'))"), "HTTP is over TCP"},
	}
}

// maxNamed bounds the number of rules whose names are compared with each other, because of what that costs.
const maxNamed = 200

func names() []check {
	const in = "(has(object.spec.ingress) ? object.spec.ingress : [])"
	const out = "(has(object.spec.egress) ? object.spec.egress : [])"
	of := func(list string) string { return list + ".filter(r, has(r.name)).map(r, r.name)" }
	twice := func(list string) string {
		return fmt.Sprintf("size(%[1]s) > %[2]d || %[1]s.all(r, has(r.name) || %[1]s.filter(o, o == r).size() == 1)", list, maxNamed/2)
	}
	return []check{
		{fmt.Sprintf("size(%[1]s) + size(%[2]s) > %[3]d || [%[4]s + %[5]s].all(l, l.all(n, l.filter(o, o == n).size() == 1))", in, out, maxNamed, of(in), of(out)),
			"no two rules of a policy have the same name"},
		{twice(in), "two equal rules without names would have the same name"},
		{twice(out), "two equal rules without names would have the same name"},
	}
}
