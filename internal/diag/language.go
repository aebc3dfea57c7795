package diag

import "strings"

// programExtension is what the names of files in the policy language end with.
const programExtension = ".hg"

// hintFor gives a way out in the words of the policy language, for files in it. Others, and hints that say the same in both, stay.
func hintFor(file, hint string) string {
	if !strings.HasSuffix(file, programExtension) {
		return hint
	}
	if own, ok := languageHints()[hint]; ok {
		return own
	}
	if strings.HasPrefix(hint, "remove the Tier, which exists") {
		return "leave the tier out: it exists without being declared"
	}
	return hint
}

// languageHints gives what hints that speak of the fields of manifests are in the policy language.
//
//headgate:table
func languageHints() map[string]string {
	return map[string]string{
		Lookup(ExceptOutside).Hint:    "addresses behind except must lie within those before it, and be fewer",
		Lookup(BadPortRange).Hint:     "write the smaller port first, as in tcp 8000-8080",
		Lookup(BadPeer).Hint:          "write pods (...), namespaces (...) or addresses",
		Lookup(BadAppliedTo).Hint:     "write for and whom: behind the policy's priority, or behind every rule",
		Lookup(BadICMP).Hint:          "write icmp TYPE or icmp TYPE/CODE, with numbers from 0 to 255",
		Lookup(BadGroup).Hint:         "write members of one kind: pods, machines, nodes, a service, addresses or other groups",
		Lookup(BadEgress).Hint:        "write as ADDRESS, from pool NAME, or both",
		Lookup(BadPool).Hint:          "write prefixes, ranges and addresses of one family, within the subnet of the gateway",
		Lookup(DuplicateAddress).Hint: "remove the stale pod, or write { status.phase = Succeeded } behind it",
		Lookup(UnknownNode).Hint:      "declare it, as in node NAME at ADDRESS",
		Lookup(UnresolvedPort).Hint:   "declare the port of the pods, as in ports (http = tcp 8080), with the same protocol",
		Lookup(UnknownTier).Hint:      "declare it, as in tier NAME priority NUMBER, or use emergency, securityops, networkops, platform, application or baseline",
		Lookup(UnknownGroup).Hint:     "declare the group: for a policy of a namespace in that namespace, for others outside of namespaces",
		Lookup(UnknownService).Hint:   "declare the service, or add its manifest",
		Lookup(GroupReachesOut).Hint:  "let the group have pods of its own namespace alone, or write the policy outside of namespaces",
		Lookup(EnforcedNowhere).Hint:  "name its machine, as in entity NAME of MACHINE, or declare a machine instead",
		Lookup(UnknownPool).Hint:      "declare it, as in pool NAME = ADDRESSES, or name another one",
		Lookup(PassLeadsNowhere).Hint: "write allow if that is meant",
		Lookup(LocksOut).Hint:         `allow this traffic in an earlier rule, or write annotated (headgate-net.github.io/allow-lockout = "true") behind the policy's name`,

		"add appliedTo to spec, or to every rule":                       "write for and whom: behind the policy's priority, or behind every rule",
		"sourceEndPort must not be smaller than sourcePort":             "write the smaller port first, as in source 1024-65535",
		"remove it from childGroups":                                    "leave it out",
		"exchange start and end":                                        "write the smaller address first",
		"write name: default":                                           "call it default",
		"use Allow or Deny":                                             "write allow or drop",
		"use Accept or Deny":                                            "write allow or drop",
		"write the DNS name that the Service stands for":                "write { spec.externalName = NAME } behind it",
		"add ports, for instance [{port: 80}]":                          "write its ports, as in ports (tcp 80)",
		"name each port: a Service with several has to tell them apart": "name each port, as in ports (http = tcp 80, https = tcp 443), to tell them apart",
		"write two entries, one for IPv4 and one for IPv6, or use the fields for one address":                                                                             "write one address, or two: one for IPv4 and one for IPv6",
		"write labels in podSelector or namespaceSelector; for all pods, {namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: Exists}]}}": "write pods (LABEL = VALUE); for all pods, namespaces (kubernetes.io/metadata.name)",
		"select the Service's pods with podSelector, and their ports":                                                                                                     "write pods (LABEL = VALUE), and their ports",
	}
}
