package manifest

import "strings"

// formerly is the way out for a field that the kind has elsewhere, or had in an earlier version of its API; "" if there is
// nothing to say beside what package schema says.
func formerly(k kind, path string) string {
	steps := strings.Split(withoutIndices(path), ".")
	last, parent := steps[len(steps)-1], ""
	if len(steps) > 1 {
		parent = steps[len(steps)-2]
	}
	switch k.group {
	case antreaGroup:
		return formerAntrea(k, last, parent)
	case upstreamGroup:
		return formerUpstream(k, last, parent)
	}
	return ""
}

func withoutIndices(path string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(path, "[")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		_, path, _ = strings.Cut(rest, "]")
	}
}

func formerAntrea(k kind, last, parent string) string {
	switch {
	case last == "ipBlock" && strings.HasSuffix(k.name, "Group"):
		return "write ipBlocks: [{cidr: ...}]; v1beta1 has a list"
	case last == "ipBlock" && parent == "appliedTo":
		return "appliedTo selects workloads; addresses go in from and to"
	case last == "namespaceSelector" && parent == "appliedTo" && !k.clusterWide:
		return "a NetworkPolicy applies to its own namespace; use a ClusterNetworkPolicy"
	case last == "serviceAccount" && !k.clusterWide, last == "namespaces" && !k.clusterWide:
		return "only a ClusterNetworkPolicy has " + last
	case last == "externalEntitySelector" && k.clusterWide:
		return "only a NetworkPolicy has externalEntitySelector"
	case last == "service" && parent == "appliedTo":
		return "only the ingress rules of a ClusterNetworkPolicy apply to a Service"
	case last == "fqdn" && parent == "from":
		return "domain names are for egress rules; traffic that comes in has none"
	case last == "toServices" && parent == "ingress":
		return "toServices is for egress rules"
	case last == "from" && parent == "egress":
		return "an egress rule has to instead of from"
	case last == "to" && parent == "ingress":
		return "an ingress rule has from instead of to"
	case parent == "protocols" && (last == "tcp" || last == "udp" || last == "sctp"):
		return "write ports: [{protocol: " + strings.ToUpper(last) + ", port: 80}]"
	case last == "scope" && parent == "to":
		return "only from and toServices have scope"
	case last == "nodeSelector" && k.name == "Group":
		return "only a ClusterGroup has nodeSelector"
	}
	return ""
}

func formerUpstream(k kind, last, parent string) string {
	switch {
	case parent == "namespaces" && last == "namespaceSelector":
		return "write namespaces: {matchLabels: {...}}, the selector itself"
	case parent == "namespaces" && (last == "sameLabels" || last == "notSameLabels" || last == "self"):
		return "no version of the API has " + last + " any more; write namespaces: {matchLabels: {...}}"
	case parent == "pods" && (last == "namespaces" || last == "namespaceSet"):
		return "write pods: {namespaceSelector: {...}, podSelector: {...}}"
	case parent == "from" && (last == "networks" || last == "nodes" || last == "domainNames"):
		return "only egress rules have " + last
	case last == "from" && parent == "egress":
		return "an egress rule has to instead of from"
	case last == "to" && parent == "ingress":
		return "an ingress rule has from instead of to"
	case last == "appliedTo" && parent == "spec":
		return "write subject: {namespaces: {...}} or subject: {pods: {...}}"
	case last == "ports" && k.version == "v1alpha2":
		return "write protocols: [{tcp: {destinationPort: {number: 80}}}]"
	case last == "protocols" && k.version == "v1alpha1":
		return "write ports: [{portNumber: {protocol: TCP, port: 80}}]"
	case last == "portNumber" || last == "namedPort" || last == "portRange":
		return "write tcp, udp, sctp or destinationNamedPort; this field is v1alpha1's"
	case last == "priority" && k.name == "BaselineAdminNetworkPolicy":
		return "there is only one BaselineAdminNetworkPolicy, without a priority"
	case last == "tier" && k.version == "v1alpha1":
		return "AdminNetworkPolicies are all of one tier; remove it, or write a ClusterNetworkPolicy of v1alpha2"
	}
	return ""
}
