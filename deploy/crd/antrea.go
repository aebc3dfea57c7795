package crd

import "fmt"

// antrea describes the types of package compiler/manifest/api. The limits are those of Antrea's own definitions; where
// those are silent, the ones of Antrea's documentation and of the Kubernetes API for the same field.
func antrea() map[string]object {
	table := map[string]object{}
	for _, part := range []map[string]object{antreaPolicies(), antreaAppliedTo(), antreaRules(), antreaPeers(), antreaTraffic(), antreaGroups(), antreaMachines(), antreaEgress(), antreaPools()} {
		for name, row := range part {
			table[name] = row
		}
	}
	return table
}

const (
	ruleNameDoc  = "A name for the rule, unique in the policy."
	namespaceDoc = "Its namespace."
)

func named(doc string) field { return field{doc: doc} }

func antreaPolicies() map[string]object {
	spec := func(subject string) object {
		return object{
			required: []string{"priority"},
			fields: map[string]field{
				"tier":      named("The tier that the policy is in, by name; upper and lower case are the same. Default: application."),
				"priority":  {doc: "The place within the tier; the lowest is first.", check: between(1, 10000)},
				"appliedTo": named(subject + " Empty where every rule has its own."),
				"ingress":   named("What is said of connections to the subjects, in order: the first rule that matches decides."),
				"egress":    named("What is said of connections from the subjects, in order: the first rule that matches decides."),
			},
			more: antreaPolicyRules(),
		}
	}
	return map[string]object{
		"api.ClusterNetworkPolicy":     {doc: "A policy for the whole cluster whose rules are judged in order, before (in the baseline tier: after) those of namespaces.", required: []string{"spec"}},
		"api.NetworkPolicy":            {doc: "A policy for one namespace whose rules are judged in order, before (in the baseline tier: after) those of networking.k8s.io.", required: []string{"spec"}},
		"api.ClusterNetworkPolicySpec": spec("The pods, nodes or services that the policy is about."),
		"api.NetworkPolicySpec":        spec("The pods or external entities that the policy is about."),
	}
}

// antreaPolicyRules holds what concerns a whole policy and can be said without looking into the lists of a rule: the API
// server refuses expressions that might look at too many things. The rest is in admission.go.
func antreaPolicyRules() props {
	const own = "(has(r.appliedTo) && size(r.appliedTo) > 0)"
	const inSpec = "has(self.appliedTo) && size(self.appliedTo) > 0"
	all := func(what string) string {
		return "(!has(self.ingress) || self.ingress.all(r, " + what + ")) && (!has(self.egress) || self.egress.all(r, " + what + "))"
	}
	some := "(has(self.ingress) && size(self.ingress) > 0 || has(self.egress) && size(self.egress) > 0)"
	return rules(
		cel("!("+inSpec+") || ("+all("!"+own)+")", "appliedTo is either in spec or in the rules, not in both"),
		cel(inSpec+" || "+some, "appliedTo is missing: set it in spec or in every rule"),
		cel(inSpec+" || ("+all(own)+")", "appliedTo is missing: set it in spec or in every rule"),
		cel("!has(self.tier) || self.tier.lowerAscii() != 'baseline' || ("+all("r.action != 'Pass'")+")",
			"a rule in the baseline tier cannot Pass: nothing comes after it"),
	)
}

func antreaAppliedTo() map[string]object {
	const exclusive = " It goes with no other field."
	return map[string]object{
		"api.ClusterAppliedTo": {
			doc: "The subjects that one entry selects.",
			fields: map[string]field{
				"service": named("A Service of type NodePort whose clients from outside the cluster are meant. For ingress only; the peers can be blocks only." + exclusive),
			},
		},
		"api.ClusterEgressAppliedTo": {
			doc: "The subjects that one entry selects.",
			fields: map[string]field{
				"podSelector":       named("Pods by their labels, of all namespaces or of those that namespaceSelector selects."),
				"namespaceSelector": named("Namespaces by their labels; without podSelector, all their pods."),
				"group":             {doc: "A ClusterGroup by name." + exclusive, check: orEmpty(objectName())},
				"serviceAccount":    named("The pods that run with a service account." + exclusive),
				"nodeSelector":      named("Nodes by their labels: the policy is about the nodes' own traffic." + exclusive),
			},
		},
		"api.AppliedTo": {
			doc: "The subjects that one entry selects; an empty one selects all pods of the namespace.",
			fields: map[string]field{
				"podSelector":            named("Pods of the policy's namespace by their labels."),
				"externalEntitySelector": named("External entities of the policy's namespace by their labels."),
				"group":                  {doc: "A Group of the policy's namespace by name." + exclusive, check: orEmpty(objectName())},
			},
		},
		"api.NamespacedName": {
			doc:      "The name of an object in a namespace.",
			required: []string{"name", "namespace"},
			fields:   map[string]field{"name": {doc: "Its name.", check: objectName()}, "namespace": {doc: namespaceDoc, check: namespaceName()}},
		},
	}
}

func antreaRules() map[string]object {
	const subjects = "The subjects of this rule; if one rule has its own, every rule has, and spec.appliedTo is empty."
	ingress := func() object {
		return object{
			doc:      "What happens to some of the connections to the subjects.",
			required: []string{"action"},
			fields: map[string]field{
				"appliedTo": named(subjects),
				"from":      named("Where the connections come from, one or another of the peers; empty: anywhere."),
			},
			more: rules(l7Action()),
		}
	}
	egress := func() object {
		return object{
			doc:      "What happens to some of the connections from the subjects.",
			required: []string{"action"},
			fields: map[string]field{
				"appliedTo":  named(subjects),
				"to":         named("Where the connections go to, one or another of the peers; empty: anywhere."),
				"toServices": named("Services whose cluster address the connections were opened to. It excludes to, ports and protocols."),
			},
			more: rules(l7Action(),
				cel("!has(self.toServices) || !(has(self.to) && size(self.to) > 0 || has(self.ports) || has(self.protocols))", "toServices excludes to, ports and protocols"),
				cel("!has(self.toServices) || size(self.toServices) == 0 || !has(self.l7Protocols) || size(self.l7Protocols) == 0", "toServices excludes l7Protocols"),
			),
		}
	}
	return map[string]object{
		"api.ClusterIngressRule": ingress(),
		"api.IngressRule":        ingress(),
		"api.ClusterEgressRule":  egress(),
		"api.EgressRule":         egress(),
		"api.RuleCommon": {fields: map[string]field{
			"action":        {doc: "Allow; Drop, which is silent; Reject, which tells the sender; Pass, which leaves it to the namespaces' policies.", check: enum("Allow", "Drop", "Reject", "Pass")},
			"ports":         named("The ports that are meant, one or another; empty: every port of every protocol."),
			"l7Protocols":   named("The application protocols that are allowed; for action Allow only."),
			"protocols":     named("Protocols without ports, one or another, beside ports."),
			"name":          named(ruleNameDoc),
			"enableLogging": named("Whether packets that meet the rule are logged."),
			"logLabel":      {doc: "A label for the lines of the log.", check: props{"pattern": labelValue}},
		}},
	}
}

func l7Action() props {
	return cel("!has(self.l7Protocols) || size(self.l7Protocols) == 0 || self.action == 'Allow'", "l7Protocols go with action Allow only")
}

func antreaPeers() map[string]object {
	cluster := map[string]field{"scope": {doc: "How far selectors reach: this cluster, or the set of clusters it belongs to.", check: enum("Cluster", "ClusterSet")}}
	fqdn := field{doc: "A domain name, whose addresses are learned from DNS; * stands for any characters.", check: props{"maxLength": 254, "pattern": `^([-a-zA-Z0-9*]{1,63}\.)*[-0-9]{0,62}[a-zA-Z*][-a-zA-Z0-9*]{0,62}\.?$`}}
	entities := named("External entities by their labels, of the policy's namespace or of those that namespaceSelector selects.")
	const doc = "One kind of peer."
	return map[string]object{
		"api.ClusterPeer": {fields: map[string]field{
			"namespaces":     named("The peer's namespace by its relation to the subject's. It excludes namespaceSelector."),
			"serviceAccount": named("The pods that run with a service account. It goes with no other field."),
		}},
		"api.ClusterIngressPeer": {doc: doc, fields: cluster},
		"api.ClusterEgressPeer":  {doc: doc, fields: map[string]field{"fqdn": fqdn}},
		"api.IngressPeer":        {doc: doc, fields: map[string]field{"scope": cluster["scope"], "externalEntitySelector": entities}},
		"api.EgressPeer":         {doc: doc, fields: map[string]field{"fqdn": fqdn, "externalEntitySelector": entities}},
		"api.PeerCommon": {fields: map[string]field{
			"podSelector":       named("Pods by their labels; see namespaceSelector."),
			"namespaceSelector": named("Namespaces by their labels; without podSelector, all their pods. Without it, pods of the policy's namespace, for a policy of the cluster of all namespaces."),
			"ipBlock":           named("Addresses in a block."),
			"group":             {doc: "A group by name: a ClusterGroup for a policy of the cluster, a Group of the same namespace for others. It goes with no other field.", check: orEmpty(objectName())},
			"nodeSelector":      named("The addresses of nodes, by their labels. It goes with no other field."),
		}},
		"api.PeerNamespaces": {
			doc: "How the peer's namespace relates to the subject's: one of the two.",
			fields: map[string]field{
				"match":      {doc: "Self: it is the same namespace.", check: enum("Self")},
				"sameLabels": {doc: "Both have these labels, with the same values.", check: merge(props{"minItems": 1}, items(props{"type": "string", "maxLength": maxLabelKey, "pattern": labelKey}))},
			},
			more: one(),
		},
		"api.IPBlock": {
			doc:      "The addresses of a block without those of some smaller blocks in it.",
			required: []string{"cidr"},
			fields: map[string]field{
				"cidr":   {doc: "The block.", check: props{"format": "cidr"}},
				"except": {doc: "Blocks inside cidr that are left out.", check: items(props{"type": "string", "format": "cidr"})},
			},
		},
		"api.PeerService": {
			doc:      "A Service.",
			required: []string{"name", "namespace"},
			fields:   map[string]field{"name": {doc: "Its name.", check: namespaceName()}, "namespace": {doc: namespaceDoc, check: namespaceName()}, "scope": cluster["scope"]},
		},
		"api.LocalPeerService": {
			doc:      "A Service.",
			required: []string{"name"},
			fields:   map[string]field{"name": {doc: "Its name.", check: namespaceName()}, "namespace": {doc: "Its namespace; default: the policy's.", check: namespaceName()}, "scope": cluster["scope"]},
		},
	}
}

func antreaTraffic() map[string]object {
	octet := between(0, 255)
	return map[string]object{
		"api.RulePort": {doc: "Some ports of a transport protocol.", fields: map[string]field{
			"protocol":      {doc: "The protocol; default: TCP.", check: enum("TCP", "UDP", "SCTP")},
			"port":          {doc: "The destination port by number, or by the name that the destination's container gives it; default: all.", check: merge(port(), portLabel())},
			"endPort":       {doc: "The last port of a range that begins with port.", check: port()},
			"sourcePort":    {doc: "The source port; default: all.", check: between(0, maxPort)},
			"sourceEndPort": {doc: "The last port of a range that begins with sourcePort.", check: between(0, maxPort)},
		}},
		"api.Protocol": {
			doc: "A protocol without ports: one of these.",
			fields: map[string]field{
				"icmp": named("ICMP, and ICMPv6 between IPv6 addresses."),
				"igmp": named("IGMP. It excludes peers and all other protocols, and its rules can only Allow or Drop."),
			},
			more: one(),
		},
		"api.ICMP": {doc: "Some ICMP messages.", fields: map[string]field{
			"icmpType": {doc: "The type; default: all.", check: octet},
			"icmpCode": {doc: "The code; default: all.", check: octet},
		}},
		"api.IGMP": {doc: "Some IGMP messages.", fields: map[string]field{
			"igmpType": {
				doc: "The type; default: all.",
				in:  merge(enum(0x11), props{"description": "The type: 17, a query. Default: all."}),
				out: merge(enum(0x12, 0x16, 0x22), props{"description": "The type: 18, 22 or 34, a report of version 1, 2 or 3. Default: all."}),
			},
			"groupAddress": {doc: "The multicast group; default: all.", check: props{"oneOf": []any{props{"format": "ipv4"}, props{"format": "ipv6"}}}},
		}},
		"api.L7Protocol": {
			doc:    "An application protocol: one of these.",
			fields: map[string]field{"http": named("HTTP requests."), "tls": named("TLS handshakes.")},
			more:   one(),
		},
		"api.HTTP": {doc: "Some HTTP requests.", fields: map[string]field{
			"host":   named("The host of the URL or header; default: all."),
			"method": {doc: "The method; default: all.", check: enum("GET", "POST", "PUT", "HEAD", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH")},
			"path":   named("The path of the URL; default: all."),
		}},
		"api.TLS": {doc: "Some TLS handshakes.", fields: map[string]field{"sni": named("The server's name as the client asks for it; default: all.")}},
	}
}

func antreaGroups() map[string]object {
	const excludes = " It goes with no other field."
	const selectors = "has(self.podSelector) || has(self.namespaceSelector) || has(self.externalEntitySelector)"
	const others = "has(self.ipBlocks), has(self.serviceReference), has(self.childGroups)"
	one := func(more string) props {
		return cel("["+selectors+", "+others+more+"].filter(x, x).size() == 1", "a group has members of one kind: what selectors select, ipBlocks, serviceReference or childGroups")
	}
	mixed := cel("!(has(self.podSelector) && has(self.externalEntitySelector))", "podSelector and externalEntitySelector do not go together")
	located := cel("!has(self.serviceReference) || has(self.serviceReference.namespace)", "the Service of a ClusterGroup has a namespace")
	itself := rules(cel("!has(self.spec.childGroups) || !(self.metadata.name in self.spec.childGroups)", "a group cannot be its own child"))
	return map[string]object{
		"api.Tier": {doc: "A place in the order in which policies are judged.", required: []string{"spec"}, more: rules(
			cel(fmt.Sprintf("!(self.metadata.name in %[1]s) || self.spec.priority == %[1]s[self.metadata.name]", builtinTiers), "a tier that there always is has its own priority"),
		)},
		"api.TierSpec": {
			required: []string{"priority"},
			fields: map[string]field{
				"priority": {doc: "The place; the lowest is first. It cannot be changed.", check: merge(between(0, 255), rules(
					cel("self == oldSelf", "the priority of a tier cannot be changed"),
					cel("!(self in [220, 251, 252, 254, 255])", "220, 251, 252, 254 and 255 are taken by the policies of policy.networking.k8s.io and by Kubernetes' own"),
				))},
				"description": named("What the tier is for."),
			},
		},
		"api.ClusterGroup": {doc: "A name for a set of pods, nodes, addresses or external entities that policies of the cluster can refer to.", required: []string{"spec"}, more: itself},
		"api.Group":        {doc: "A name for a set of pods, addresses or external entities that policies of its namespace can refer to.", required: []string{"spec"}, more: itself},
		"api.ClusterGroupSpec": {
			fields: map[string]field{"nodeSelector": named("Nodes by their labels." + excludes)},
			more:   rules(one(", has(self.nodeSelector)"), mixed, located),
		},
		"api.GroupSpec": {
			fields: map[string]field{
				"podSelector":            named("Pods by their labels; see namespaceSelector."),
				"namespaceSelector":      named("Namespaces by their labels; alone, all their pods. Without it: a Group's own namespace, for a ClusterGroup all namespaces."),
				"externalEntitySelector": named("External entities by their labels; see namespaceSelector."),
				"ipBlocks":               {doc: "Addresses in blocks." + excludes, check: props{"minItems": 1}},
				"serviceReference":       named("The endpoints of a Service." + excludes),
				"childGroups":            {doc: "Other groups of the same kind, by name, which have no child groups themselves." + excludes, check: merge(props{"minItems": 1}, items(merge(props{"type": "string"}, objectName())))},
			},
			more: rules(one(""), mixed),
		},
		"api.ServiceReference": {
			doc:      "A Service.",
			required: []string{"name"},
			fields:   map[string]field{"name": {doc: "Its name.", check: namespaceName()}, "namespace": {doc: "Its namespace; for a Group, its own by default.", check: namespaceName()}},
		},
	}
}

func antreaMachines() map[string]object {
	return map[string]object{
		"api.ExternalNode": {doc: "A machine outside the cluster on which headgate's agent enforces policies.", required: []string{"spec"}},
		"api.ExternalNodeSpec": {
			required: []string{"interfaces"},
			fields:   map[string]field{"interfaces": {doc: "The machine's network interface: one, so far.", check: list(1, 1)}},
		},
		"api.NetworkInterface": {
			doc:      "A network interface.",
			required: []string{"ips"},
			fields: map[string]field{
				"name": named("Its name on the machine."),
				"ips":  {doc: "Its addresses.", check: merge(list(1, 256), items(merge(props{"type": "string"}, address())), rules(cel("self.all(a, !isIP(a) || self.exists_one(b, isIP(b) && ip(a) == ip(b)))", "an address is there once")))},
			},
		},
		"api.ExternalEntity": {doc: "An endpoint outside the cluster, for policies to select by its labels."},
		"api.ExternalEntitySpec": {
			fields: map[string]field{
				"endpoints":    {doc: "Its addresses.", check: props{"maxItems": 1024}},
				"ports":        named("Its ports, with the names that policies can call them by."),
				"externalNode": {doc: "The ExternalNode of the same namespace that it is an interface of, if any.", check: orEmpty(objectName())},
			},
		},
		"api.ExternalEndpoint": {
			doc:      "An address.",
			required: []string{"ip"},
			fields:   map[string]field{"ip": {doc: "The address.", check: address()}, "name": named("A name for it.")},
		},
		"api.NamedPort": {
			doc:      "A port with a name.",
			required: []string{"port"},
			fields: map[string]field{
				"protocol": {doc: "The protocol; default: TCP.", check: enum("TCP", "UDP", "SCTP")},
				"port":     {doc: "The number.", check: port()},
				"name":     {doc: "The name.", check: orEmpty(portLabel())},
			},
		},
	}
}
