package crd

// The kinds of sigs.k8s.io/network-policy-api: limits and rules are those of its resource definitions, v0.2.0 for v1alpha2
// and v0.1.7 for v1alpha1, experimental channel.

// domainName is the API's pattern, but that the last label has a letter, so that it is no address.
const domainName = `^(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+([0-9][-0-9_]*)?[a-zA-Z]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$`

const (
	nodesDoc    = "The addresses of nodes, by their labels."
	networksDoc = "Blocks of addresses, which mean what is outside the cluster."
	domainsDoc  = "Domain names, whose addresses are learned from DNS; *. at the beginning stands for one or more labels. For Accept and Allow only."
	namesDoc    = "A name for the rule, for people and logs."
)

func networks() field {
	block := merge(props{"type": "string", "maxLength": 43}, rules(cel("isCIDR(self)", "not a CIDR, such as 192.0.2.0/24")))
	return field{doc: networksDoc, check: merge(list(1, 25), props{"x-kubernetes-list-type": "set", "items": block})}
}

func domains() field {
	return field{doc: domainsDoc, check: merge(list(1, 25), props{"x-kubernetes-list-type": "set", "items": props{"type": "string", "pattern": domainName}})}
}

func ruleName() field { return field{doc: namesDoc, check: props{"maxLength": 100}} }

// domainActions refuses domain names in rules that do not allow: their addresses are never all known.
func domainActions(allow string) props {
	return cel("!self.to.exists(p, has(p.domainNames)) || self.action == '"+allow+"'", "domainNames go with action "+allow+" only")
}

// namedPortPeers refuses ports by name where peers cannot have named ports.
func namedPortPeers(peers, list, name string) props {
	return cel("!(self.to.exists(p, "+peers+") && has(self."+list+") && self."+list+".exists(p, has(p."+name+")))",
		"a port can be named for pods only: other peers have no named ports")
}

func setOf(doc string) object { return object{doc: doc, more: one()} }

func chooser(doc, pods string) object {
	o := setOf(doc)
	o.fields = map[string]field{"namespaces": named("All pods of the namespaces that have these labels."), "pods": named(pods)}
	return o
}

// alpha2 describes package v1alpha2.
//
//headgate:table one row for each Go type
func alpha2() map[string]object {
	const pods = "Some pods of some namespaces."
	protocol := func(name string) object {
		return object{doc: name + " to some ports.", fields: map[string]field{"destinationPort": named("The destination ports; default: all.")}, more: props{"minProperties": 1}}
	}
	to := chooser("Where connections go to: one of these.", pods)
	to.fields["nodes"], to.fields["networks"], to.fields["domainNames"] = named(nodesDoc), networks(), domains()
	actions := enum("Accept", "Deny", "Pass")
	action := field{doc: "Accept; Deny; or Pass, which leaves it to what comes next: the namespaces' policies, or the default.", check: actions}
	protocols := field{doc: "The protocols and ports that are meant, one or another; default: all.", check: list(1, 25)}
	return map[string]object{
		"v1alpha2.ClusterNetworkPolicy": {doc: "A policy of the cluster's administrators, judged before (tier Admin) or after (tier Baseline) those of namespaces.", required: []string{"spec"}},
		"v1alpha2.ClusterNetworkPolicySpec": {
			required: []string{"tier", "priority", "subject"},
			fields: map[string]field{
				"tier":     {doc: "Admin comes before NetworkPolicies, Baseline after them.", check: enum("Admin", "Baseline")},
				"priority": {doc: "The place within the tier; the lowest is first.", check: between(0, 1000)},
				"subject":  named("The pods that the policy is about; host-network ones never are."),
				"ingress":  {doc: "What is said of connections to the subjects, in order: the first rule that matches decides.", check: props{"maxItems": 25}},
				"egress":   {doc: "What is said of connections from the subjects, in order: the first rule that matches decides.", check: props{"maxItems": 25}},
			},
		},
		"v1alpha2.ClusterNetworkPolicySubject": chooser("The pods that the policy is about: one of these.", pods),
		"v1alpha2.ClusterNetworkPolicyIngressRule": {
			doc:      "What happens to some of the connections to the subjects.",
			required: []string{"action", "from"},
			fields:   map[string]field{"name": ruleName(), "action": action, "protocols": protocols, "from": {doc: "Where they come from, one or another of the peers.", check: list(1, 25)}},
		},
		"v1alpha2.ClusterNetworkPolicyEgressRule": {
			doc:      "What happens to some of the connections from the subjects.",
			required: []string{"action", "to"},
			fields:   map[string]field{"name": ruleName(), "action": action, "protocols": protocols, "to": {doc: "Where they go to, one or another of the peers.", check: list(1, 25)}},
			more:     rules(namedPortPeers("has(p.networks) || has(p.nodes) || has(p.domainNames)", "protocols", "destinationNamedPort"), domainActions("Accept")),
		},
		"v1alpha2.ClusterNetworkPolicyIngressPeer": chooser("Where connections come from: one of these.", pods),
		"v1alpha2.ClusterNetworkPolicyEgressPeer":  to,
		"v1alpha2.NamespacedPod":                   namespacedPod("podSelector"),
		"v1alpha2.ClusterNetworkPolicyProtocol": {
			doc: "A protocol or port: one of these.",
			fields: map[string]field{
				"tcp": named("TCP."), "udp": named("UDP."), "sctp": named("SCTP."),
				"destinationNamedPort": {doc: "The destination port by the name that the destination's container gives it, of that port's protocol.", check: portLabel()},
			},
			more: one(),
		},
		"v1alpha2.ClusterNetworkPolicyProtocolTCP":  protocol("TCP"),
		"v1alpha2.ClusterNetworkPolicyProtocolUDP":  protocol("UDP"),
		"v1alpha2.ClusterNetworkPolicyProtocolSCTP": protocol("SCTP"),
		"v1alpha2.Port": {
			doc:    "Some ports: one of these.",
			fields: map[string]field{"number": {doc: "One port.", check: port()}, "range": named("Several ports in a row.")},
			more:   one(),
		},
		"v1alpha2.PortRange": {
			doc:      "The ports from start to end, both among them.",
			required: []string{"start", "end"},
			fields:   map[string]field{"start": {doc: "The first port.", check: port()}, "end": {doc: "The last port.", check: port()}},
			more:     rules(cel("self.start < self.end", "start must be less than end")),
		},
		"v1alpha2.ClusterNetworkPolicyStatus": conditionsOnly(),
	}
}

func namespacedPod(required ...string) object {
	return object{
		doc:      "Some pods of some namespaces.",
		required: required,
		fields: map[string]field{
			"namespaceSelector": named("The namespaces by their labels; empty: all."),
			"podSelector":       named("The pods by their labels; empty: all."),
		},
	}
}

func conditionsOnly() object {
	return object{
		required: []string{"conditions"},
		fields: map[string]field{"conditions": {doc: "The aspects of the object's state.", check: props{
			"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": []string{"type"},
		}}},
	}
}

// alpha1 describes package v1alpha1.
func alpha1() map[string]object {
	const pods = "Some pods of some namespaces."
	table := map[string]object{
		"v1alpha1.AdminNetworkPolicySubject":        chooser("The pods that the policy is about: one of these.", pods),
		"v1alpha1.AdminNetworkPolicyIngressPeer":    chooser("Where connections come from: one of these.", pods),
		"v1alpha1.NamespacedPod":                    namespacedPod("namespaceSelector", "podSelector"),
		"v1alpha1.AdminNetworkPolicyStatus":         conditionsOnly(),
		"v1alpha1.BaselineAdminNetworkPolicyStatus": conditionsOnly(),
		"v1alpha1.AdminNetworkPolicyPort": {
			doc: "Some ports: one of these.",
			fields: map[string]field{
				"portNumber": named("One port."),
				"portRange":  named("Several ports in a row."),
				"namedPort":  {doc: "A port by the name that the destination's container gives it, of that port's protocol.", check: portLabel()},
			},
			more: one(),
		},
		"v1alpha1.Port": {
			doc:      "One port.",
			required: []string{"port", "protocol"},
			fields:   map[string]field{"protocol": transport(), "port": {doc: "The number.", check: port()}},
		},
		"v1alpha1.PortRange": {
			doc:      "The ports from start to end, both among them.",
			required: []string{"start", "end"},
			fields:   map[string]field{"protocol": transport(), "start": {doc: "The first port.", check: port()}, "end": {doc: "The last port.", check: port()}},
			more:     rules(cel("self.start <= self.end", "end must not be less than start")),
		},
	}
	to := chooser("Where connections go to: one of these.", pods)
	to.fields["nodes"], to.fields["networks"] = named(nodesDoc), networks()
	table["v1alpha1.BaselineAdminNetworkPolicyEgressPeer"] = to
	to = chooser("Where connections go to: one of these.", pods)
	to.fields["nodes"], to.fields["networks"], to.fields["domainNames"] = named(nodesDoc), networks(), domains()
	table["v1alpha1.AdminNetworkPolicyEgressPeer"] = to
	alpha1Policies(table)
	return table
}

// transport may be empty, as the API's own definition lets it be anything.
func transport() field {
	return field{doc: "The protocol.", check: merge(enum("TCP", "UDP", "SCTP", ""), props{"default": "TCP"})}
}

// alpha1Policies adds the two kinds, which differ in priority, Pass and domain names.
func alpha1Policies(table map[string]object) {
	add := func(kind, doc string, more props, priority, action field, egress ...props) {
		rule := func(doc, list, peersDoc string, more props) object {
			return object{
				doc:      doc,
				required: []string{"action", list},
				fields: map[string]field{
					"name": ruleName(), "action": action, list: {doc: peersDoc, check: props{"minItems": 1, "maxItems": 100}},
					"ports": {doc: "The ports that are meant, one or another; default: all.", check: props{"minItems": 1, "maxItems": 100}},
				},
				more: more,
			}
		}
		table["v1alpha1."+kind] = object{doc: doc, required: []string{"spec"}, more: more}
		specRow := object{
			required: []string{"subject"},
			fields: map[string]field{
				"subject": {doc: "The pods that the policy is about; host-network ones never are."},
				"ingress": {doc: "What is said of connections to the subjects, in order: the first rule that matches decides.", check: props{"maxItems": 100}},
				"egress":  {doc: "What is said of connections from the subjects, in order: the first rule that matches decides.", check: props{"maxItems": 100}},
			},
		}
		if priority.doc != "" {
			specRow.fields["priority"] = priority
			specRow.required = []string{"priority", "subject"}
		}
		table["v1alpha1."+kind+"Spec"] = specRow
		table["v1alpha1."+kind+"IngressRule"] = rule("What happens to some of the connections to the subjects.", "from", "Where they come from, one or another of the peers.", nil)
		table["v1alpha1."+kind+"EgressRule"] = rule("What happens to some of the connections from the subjects.", "to", "Where they go to, one or another of the peers.", rules(egress...))
	}
	add("AdminNetworkPolicy", "A policy of the cluster's administrators, judged before those of namespaces.", nil,
		field{doc: "The place in the order of AdminNetworkPolicies; the lowest is first.", check: between(0, 1000)},
		field{doc: "Allow; Deny; or Pass, which leaves it to the namespaces' policies.", check: enum("Allow", "Deny", "Pass")},
		namedPortPeers("has(p.networks) || has(p.nodes) || has(p.domainNames)", "ports", "namedPort"), domainActions("Allow"))
	add("BaselineAdminNetworkPolicy", "The policy of the cluster's administrators that is judged after those of namespaces: one, named default.",
		rules(cel("self.metadata.name == 'default'", "the one BaselineAdminNetworkPolicy is named default")),
		field{},
		field{doc: "Allow or Deny.", check: enum("Allow", "Deny")},
		namedPortPeers("has(p.networks) || has(p.nodes)", "ports", "namedPort"))
}
