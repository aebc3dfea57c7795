package workload

import (
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// admit has a policy be one that the API takes: what it would refuse says something else.
func admit(p *manifest.RankedPolicy) {
	for i := range p.IngressRules {
		admitRule(p, &p.IngressRules[i], true)
	}
	for i := range p.EgressRules {
		admitRule(p, &p.EgressRules[i], false)
	}
	for _, rules := range [][]manifest.RankedRule{p.IngressRules, p.EgressRules} {
		seen := map[string]bool{}
		for i := range rules {
			text := fmt.Sprint(antreaRule(&rules[i], ""))
			if seen[text] {
				rules[i].Name = fmt.Sprintf("again-%d", i) // equal rules have to have names
			}
			seen[text] = true
		}
	}
}

func admitRule(p *manifest.RankedPolicy, r *manifest.RankedRule, ingress bool) {
	if p.Kind == "BaselineAdminNetworkPolicy" && r.Action == "Pass" {
		r.Action = "Drop"
	}
	for i := range r.Peers {
		admitPeer(p, r, &r.Peers[i], ingress)
	}
	if at := slices.IndexFunc(r.Ports, func(p manifest.RankedPort) bool { return p.Protocol == "IGMP" }); at >= 0 {
		if r.Ports, r.Peers, r.AnyPeer = r.Ports[at:at+1], nil, true; r.Action == "Pass" {
			r.Action = "Drop"
		}
	}
	outside := func(e manifest.RankedPeer) bool { return e.IPBlock != nil || e.NodeSelector != nil || e.FQDN != "" }
	for i := range r.Ports {
		if port := &r.Ports[i]; p.Group == upstream && port.Name != "" && slices.ContainsFunc(r.Peers, outside) {
			port.Name, port.Protocol, port.From, port.To = "", "TCP", 80, 80
		}
	}
}

func admitPeer(p *manifest.RankedPolicy, r *manifest.RankedRule, e *manifest.RankedPeer, ingress bool) {
	anywhere := func() {
		*e = manifest.RankedPeer{Peer: manifest.Peer{Field: e.Field, Pos: e.Pos, NamespaceSelector: &manifest.Selector{}}}
	}
	switch {
	case p.Group == antrea && p.Namespace == "" && e.ExternalEntitySelector != nil:
		e.PodSelector, e.ExternalEntitySelector = e.ExternalEntitySelector, nil
	case p.Group != upstream:
	case ingress && (e.IPBlock != nil || e.NodeSelector != nil):
		anywhere()
	case e.FQDN != "" && (r.Action != "Allow" || p.Kind == "BaselineAdminNetworkPolicy"):
		anywhere()
	case e.FQDN == "*":
		e.FQDN = "*.example.com"
	}
}
