package workload

import (
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// upstreamSpec is the spec of a policy of policy.networking.k8s.io: v1alpha2 for a ClusterNetworkPolicy, v1alpha1 for the others.
func upstreamSpec(p *manifest.RankedPolicy) tree {
	current := p.Kind == "ClusterNetworkPolicy"
	rules := func(list []manifest.RankedRule, side string) []tree {
		var out []tree
		for i := range list {
			out = append(out, upstreamRule(&list[i], side, current))
		}
		return out
	}
	out := stated(tree{"ingress": rules(p.IngressRules, "from"), "egress": rules(p.EgressRules, "to")})
	for i := range p.AppliedTo {
		out["subject"] = upstreamPeer(&p.AppliedTo[i])
	}
	if p.Kind != "BaselineAdminNetworkPolicy" {
		out["priority"] = p.Priority
	}
	if current {
		out["tier"] = map[string]string{"admin": "Admin", "baseline": "Baseline"}[p.Tier]
	}
	return out
}

func upstreamRule(r *manifest.RankedRule, side string, current bool) tree {
	action := map[string]string{"Drop": "Deny", "Allow": "Allow", "Pass": "Pass"}[r.Action]
	if current && action == "Allow" {
		action = "Accept"
	}
	var peers, ports []tree
	for i := range r.Peers {
		peers = append(peers, upstreamPeer(&r.Peers[i]))
	}
	for i := range r.Ports {
		if current {
			ports = append(ports, protocolOf(&r.Ports[i]))
		} else {
			ports = append(ports, portOf(&r.Ports[i]))
		}
	}
	return stated(tree{"name": r.Name, "action": action, side: peers, map[bool]string{true: "protocols", false: "ports"}[current]: ports})
}

func upstreamPeer(p *manifest.RankedPeer) tree {
	switch {
	case p.IPBlock != nil:
		return tree{"networks": []any{p.IPBlock.CIDR}}
	case p.FQDN != "":
		return tree{"domainNames": []string{p.FQDN}}
	case p.NodeSelector != nil:
		return tree{"nodes": labelSelector(*p.NodeSelector)}
	case p.PodSelector != nil:
		return tree{"pods": tree{"podSelector": labelSelector(*p.PodSelector), "namespaceSelector": labelSelector(*p.NamespaceSelector)}}
	}
	return tree{"namespaces": labelSelector(*p.NamespaceSelector)}
}

// protocolOf is an entry of protocols in v1alpha2.
func protocolOf(p *manifest.RankedPort) tree {
	if p.Name != "" {
		return tree{"destinationNamedPort": p.Name}
	}
	port := tree{"number": p.From}
	if from, to := bounds(p); to > from {
		port = tree{"range": tree{"start": from, "end": to}}
	}
	return tree{strings.ToLower(p.Protocol): tree{"destinationPort": port}}
}

// portOf is an entry of ports in v1alpha1.
func portOf(p *manifest.RankedPort) tree {
	from, to := bounds(p)
	switch {
	case p.Name != "":
		return tree{"namedPort": p.Name}
	case to > from:
		return tree{"portRange": tree{"protocol": p.Protocol, "start": from, "end": to}}
	}
	return tree{"portNumber": tree{"protocol": p.Protocol, "port": p.From}}
}

// bounds is the range of a port; all ports have no shorter form.
func bounds(p *manifest.RankedPort) (from, to uint16) {
	if p.From == 0 {
		return 1, 65535
	}
	return p.From, p.To
}
