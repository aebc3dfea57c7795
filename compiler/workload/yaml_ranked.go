package workload

import (
	"fmt"
	"net/netip"

	sigsyaml "sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// tree is a part of a manifest.
type tree = map[string]any

// ranked writes the kinds that have to do with policies judged in order.
func (y *yaml) ranked(o *manifest.Objects) error {
	for _, t := range o.Tiers {
		y.spec("v1beta1", &t.Meta, tree{"priority": t.Priority})
	}
	for _, g := range o.Groups {
		y.spec("v1beta1", &g.Meta, groupSpec(g))
	}
	for _, n := range o.ExternalNodes {
		var interfaces []tree
		for _, i := range n.Interfaces {
			interfaces = append(interfaces, stated(tree{"name": i.Name, "ips": i.Addrs}))
		}
		y.spec("v1alpha1", &n.Meta, tree{"interfaces": interfaces})
	}
	for _, e := range o.ExternalEntities {
		var endpoints, ports []tree
		for _, a := range e.Addrs {
			endpoints = append(endpoints, tree{"ip": a})
		}
		for _, p := range e.Ports {
			ports = append(ports, stated(tree{"name": p.Name, "protocol": p.Protocol, "port": p.Port}))
		}
		y.spec("v1alpha2", &e.Meta, stated(tree{"endpoints": endpoints, "ports": ports, "externalNode": e.Node}))
	}
	for _, p := range o.RankedPolicies {
		switch {
		case p.Group == antrea:
			y.spec("v1beta1", &p.Meta, antreaSpec(p))
		case p.Kind == "ClusterNetworkPolicy":
			y.spec("v1alpha2", &p.Meta, upstreamSpec(p))
		default:
			y.spec("v1alpha1", &p.Meta, upstreamSpec(p))
		}
	}
	return y.failed
}

// spec writes one object of an API group of its own.
func (y *yaml) spec(version string, m *manifest.Meta, spec tree) {
	labels, annotations := tree{}, tree{}
	for _, l := range m.Labels {
		labels[l.Key] = l.Value
	}
	for _, a := range m.Annotations {
		annotations[a.Key] = a.Value
	}
	metadata := stated(tree{"name": m.Name, "namespace": m.Namespace, "labels": labels, "annotations": annotations})
	text, err := sigsyaml.Marshal(tree{"apiVersion": m.Group + "/" + version, "kind": m.Kind, "metadata": metadata, "spec": spec})
	if err != nil && y.failed == nil {
		y.failed = fmt.Errorf("%s: %w", m.ID(), err)
	}
	y.line(0, "---")
	y.Write(text)
}

// stated leaves away what is empty.
func stated(t tree) tree {
	for k, v := range t {
		empty := v == nil
		switch v := v.(type) {
		case string:
			empty = v == ""
		case bool:
			empty = !v
		case tree:
			empty = len(v) == 0
		case []tree:
			empty = len(v) == 0
		case []netip.Prefix:
			empty = len(v) == 0
		}
		if empty {
			delete(t, k)
		}
	}
	return t
}

func labelSelector(s manifest.Selector) tree {
	var out []tree
	for _, r := range s.Requirements {
		e := tree{"key": r.Key, "operator": r.Op}
		if len(r.Values) > 0 {
			e["values"] = r.Values
		}
		out = append(out, e)
	}
	return stated(tree{"matchExpressions": out})
}

func reference(r manifest.ObjectRef) tree {
	return stated(tree{"name": r.Name, "namespace": r.Namespace})
}

func blockOf(b *manifest.IPBlock) tree {
	return stated(tree{"cidr": b.CIDR, "except": b.Except})
}

// peerOf is a peer, an entry of appliedTo or a group's members, as Antrea writes them.
func peerOf(p *manifest.RankedPeer) tree {
	out := stated(tree{"group": p.Group, "fqdn": p.FQDN})
	for name, s := range map[string]*manifest.Selector{"podSelector": p.PodSelector, "namespaceSelector": p.NamespaceSelector,
		"nodeSelector": p.NodeSelector, "externalEntitySelector": p.ExternalEntitySelector} {
		if s != nil {
			out[name] = labelSelector(*s)
		}
	}
	if p.IPBlock != nil {
		out["ipBlock"] = blockOf(p.IPBlock)
	}
	if p.ServiceAccount != nil {
		out["serviceAccount"] = reference(*p.ServiceAccount)
	}
	if p.Service != nil {
		out["service"] = reference(p.Service.ObjectRef)
	}
	switch n := p.Namespaces; {
	case n != nil && n.Self:
		out["namespaces"] = tree{"match": "Self"}
	case n != nil:
		out["namespaces"] = tree{"sameLabels": n.SameLabels}
	}
	return out
}

func peersOf(list []manifest.RankedPeer) []tree {
	var out []tree
	for i := range list {
		out = append(out, peerOf(&list[i]))
	}
	return out
}

func groupSpec(g *manifest.Group) tree {
	out := tree{}
	var blocks []tree
	var children []string
	for i := range g.Members {
		m := peerOf(&g.Members[i])
		switch {
		case m["ipBlock"] != nil:
			blocks = append(blocks, m["ipBlock"].(tree))
		case m["group"] != nil:
			children = append(children, g.Members[i].Group)
		case m["service"] != nil:
			out["serviceReference"] = m["service"]
		default:
			out = m
		}
	}
	if len(children) > 0 {
		out["childGroups"] = children
	}
	if len(blocks) > 0 {
		out["ipBlocks"] = blocks
	}
	return out
}

func antreaSpec(p *manifest.RankedPolicy) tree {
	rules := func(list []manifest.RankedRule, side string) []tree {
		var out []tree
		for i := range list {
			out = append(out, antreaRule(&list[i], side))
		}
		return out
	}
	return stated(tree{"tier": p.Tier, "priority": p.Priority, "appliedTo": peersOf(p.AppliedTo),
		"ingress": rules(p.IngressRules, "from"), "egress": rules(p.EgressRules, "to")})
}

func antreaRule(r *manifest.RankedRule, side string) tree {
	var ports, protocols, services []tree
	for i := range r.Ports {
		switch p := &r.Ports[i]; p.Protocol {
		case "ICMPv6": // written beside ICMP
		case "ICMP":
			protocols = append(protocols, tree{"icmp": numbers(map[string]*uint8{"icmpType": p.ICMPType, "icmpCode": p.ICMPCode})})
		case "IGMP":
			igmp := numbers(map[string]*uint8{"igmpType": p.IGMPType})
			if p.MulticastGroup.IsValid() {
				igmp["groupAddress"] = p.MulticastGroup
			}
			protocols = append(protocols, tree{"igmp": igmp})
		default:
			ports = append(ports, antreaPort(p))
		}
	}
	for _, s := range r.ToServices {
		services = append(services, reference(s.ObjectRef))
	}
	return stated(tree{"name": r.Name, "action": r.Action, "appliedTo": peersOf(r.AppliedTo), side: peersOf(r.Peers), "ports": ports,
		"protocols": protocols, "toServices": services, "enableLogging": r.Logging.On, "logLabel": r.Logging.Label})
}

func numbers(of map[string]*uint8) tree {
	out := tree{}
	for name, n := range of {
		if n != nil {
			out[name] = *n
		}
	}
	return out
}

func antreaPort(p *manifest.RankedPort) tree {
	out := tree{"protocol": p.Protocol}
	switch {
	case p.Name != "":
		out["port"] = p.Name
	case p.From != 0:
		out["port"] = p.From
	}
	if p.To > p.From {
		out["endPort"] = p.To
	}
	if p.SourceTo != 65535 || p.SourceFrom != 0 {
		out["sourcePort"], out["sourceEndPort"] = p.SourceFrom, p.SourceTo
	}
	return out
}
