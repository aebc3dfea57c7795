package crd

// What relates an Egress to its pool, or a range to that of another pool, is for others to say.

// antreaEgress describes Egress.
func antreaEgress() map[string]object {
	const pairs = " In pairs, one of IPv4 and one of IPv6; it excludes egressIP and externalIPPool."
	return map[string]object{
		"api.Egress": {doc: "The address by which some pods' connections leave the cluster.", required: []string{"spec"}},
		"api.EgressSpec": {
			required: []string{"appliedTo"},
			fields: map[string]field{
				"appliedTo":       named("The pods that are meant."),
				"egressIP":        {doc: "The address. Without externalIPPool a node has it already; with it, it lies in that pool.", check: outside("")},
				"egressIPs":       {doc: "Addresses." + pairs, check: merge(pair(families()), items(outside("self == '' || ")))},
				"externalIPPool":  named("The pool that the address is taken from, or lies in. A node that the pool selects has it then."),
				"externalIPPools": {doc: "Pools." + pairs, check: pair()},
				"bandwidth":       named("How much may be sent in all."),
			},
			more: rules(
				cel("(has(self.egressIP) || has(self.externalIPPool)) != (has(self.egressIPs) || has(self.externalIPPools))",
					"set egressIP or externalIPPool or both; or, for both families, egressIPs or externalIPPools or both"),
				cel("!(has(self.egressIPs) && size(self.egressIPs) > 0 && has(self.externalIPPools) && size(self.externalIPPools) > 0) || size(self.egressIPs) == size(self.externalIPPools)",
					"egressIPs and externalIPPools have the same length"),
			),
		},
		"api.EgressAppliedTo": {
			fields: map[string]field{
				"podSelector":       named("Pods by their labels, of all namespaces or of those that namespaceSelector selects. If both selectors are empty, nothing is meant."),
				"namespaceSelector": named("Namespaces by their labels; without podSelector, all their pods."),
			},
		},
		"api.Bandwidth": {
			required: []string{"rate", "burst"},
			fields: map[string]field{
				"rate":  {doc: "Bits per second, such as 500k or 10M.", check: quantity()},
				"burst": {doc: "How many bits may be sent at once.", check: quantity()},
			},
		},
	}
}

// antreaPools describes ExternalIPPool.
func antreaPools() map[string]object {
	return map[string]object{
		"api.ExternalIPPool": {doc: "Addresses outside of the cluster's own networks that nodes can be given.", required: []string{"spec"}},
		"api.ExternalIPPoolSpec": {
			required: []string{"ipRanges", "nodeSelector"},
			fields: map[string]field{
				"ipRanges":     named("The addresses. A range can be added, but not taken away."),
				"subnetInfo":   named("The network of the addresses, where that is not the nodes' own."),
				"nodeSelector": named("The nodes that can have the addresses, by their labels; an empty one selects all."),
			},
		},
		"api.IPRange": {
			doc: "A block or a range of addresses.",
			fields: map[string]field{
				"cidr":  {doc: "A block; its first and, for IPv4, its last address are not used.", check: props{"format": "cidr"}},
				"start": {doc: "The first address of a range.", check: anAddress()},
				"end":   {doc: "The last one.", check: anAddress()},
			},
			more: props{"oneOf": []any{props{"required": []string{"cidr"}}, props{"required": []string{"start", "end"}}}},
		},
		"api.SubnetInfo": {
			required: []string{"gateway", "prefixLength"},
			fields: map[string]field{
				"gateway":      {doc: "The router's address, which is not given to anybody.", check: address()},
				"prefixLength": {doc: "The length of the network's prefix.", check: between(1, 127)},
				"vlan":         {doc: "The tag of the VLAN that the network is; 0: none.", check: between(0, 4094)},
			},
			more: rules(cel("!isIP(self.gateway) || ip(self.gateway).family() == 6 || self.prefixLength < 32", "the prefix of an IPv4 network is shorter than 32")),
		},
	}
}

// anAddress is an address in a list without a limit, where a rule would be too expensive.
func anAddress() props {
	return props{"type": "string", "oneOf": []any{props{"format": "ipv4"}, props{"format": "ipv6"}}}
}

// outside is an address that the world outside can answer to; what precedes makes exceptions.
func outside(except string) props {
	return merge(props{"maxLength": 45}, rules(cel(except+"isIP(self)", "not an IP address"),
		cel("!isIP(self) || ip(self).isGlobalUnicast()", "nothing outside can answer to this address")))
}

// pair is a list of two, or of none.
func pair(more ...props) props {
	return merge(props{"maxItems": 2}, rules(append([]props{cel("size(self) % 2 == 0", "entries come in pairs")}, more...)...))
}

// families says that the addresses of a pair are of different ones.
func families() props {
	return cel("size(self) != 2 || !isIP(self[0]) || !isIP(self[1]) || ip(self[0]).family() != ip(self[1]).family()", "one address of IPv4 and one of IPv6")
}

// quantity is a Kubernetes quantity of bits, within the bounds that Kubernetes has for the bandwidth of pods.
func quantity() props {
	const reasonable = "quantity(self).compareTo(quantity('1k')) >= 0 && quantity(self).compareTo(quantity('1P')) <= 0"
	return merge(props{"maxLength": 32}, rules(cel("isQuantity(self)", "not a quantity, such as 10M"), cel("!isQuantity(self) || "+reasonable, "from 1k to 1P")))
}

func egressStatus() props {
	return props{
		"type":        "object",
		"description": "What has become of it.",
		"properties": props{
			"egressNode": props{"type": "string", "description": "The node that has the address."},
			"egressIP":   props{"type": "string", "description": "The address."},
			"conditions": conditions(),
		},
	}
}

func poolStatus() props {
	count := func(doc string) props { return props{"type": "integer", "description": doc} }
	return props{
		"type":        "object",
		"description": "What has become of it.",
		"properties": props{
			"usage": props{"type": "object", "description": "How many addresses there are.", "properties": props{"total": count("All of them."), "used": count("Those that somebody has.")}},
		},
	}
}

// ranges returns the checks of a pool's ranges: each is of one family and within the subnet, and an update keeps those that there
// were. That a range does not end before it begins cannot be said here: addresses have no order in CEL.
func ranges() []check {
	const subnet = "object.spec.subnetInfo"
	const network = "cidr(" + subnet + ".gateway + '/' + string(" + subnet + ".prefixLength))"
	const inside = "has(r.cidr) ? !isCIDR(r.cidr) || " + network + ".containsCIDR(r.cidr) : !isIP(r.start) || !isIP(r.end) || " + network + ".containsIP(r.start) && " + network + ".containsIP(r.end)"
	const usable = "(!has(r.cidr) || !isCIDR(r.cidr) || cidr(r.cidr).masked().ip().isGlobalUnicast()) && (has(r.cidr) || " +
		"(!isIP(r.start) || ip(r.start).isGlobalUnicast()) && (!isIP(r.end) || ip(r.end).isGlobalUnicast()))"
	return []check{
		{"object.spec.ipRanges.all(r, " + usable + ")", "nothing outside can answer to some of the addresses"},
		{"object.spec.ipRanges.all(r, !has(r.start) || !has(r.end) || !isIP(r.start) || !isIP(r.end) || ip(r.start).family() == ip(r.end).family())", "a range is of one family"},
		{"!has(" + subnet + ") || !isIP(" + subnet + ".gateway) || object.spec.ipRanges.all(r, " + inside + ")", "the ranges lie in the subnet"},
		{"oldObject == null || oldObject.spec.ipRanges.all(r, r in object.spec.ipRanges)", "a range cannot be taken away"},
	}
}
