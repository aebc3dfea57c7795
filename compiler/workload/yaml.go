package workload

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// WriteYAML writes the objects as a stream of YAML documents that manifest.Read reads back, positions aside; Services and
// EndpointSlices are for WriteServices.
func WriteYAML(w io.Writer, o *manifest.Objects) error {
	y := &yaml{Writer: bufio.NewWriter(w)}
	for _, n := range o.Namespaces {
		y.object("v1", &n.Meta)
	}
	for _, n := range o.Nodes {
		y.node(n)
	}
	for _, p := range o.Pods {
		y.pod(p)
	}
	for _, p := range o.NetworkPolicies {
		y.policy(p)
	}
	if err := y.ranked(o); err != nil {
		return err
	}
	return y.Flush()
}

// yaml prints lines; errors stay in the writer until Flush.
type yaml struct {
	*bufio.Writer
	failed error // the first object that could not be written
}

func (y *yaml) line(indent int, format string, args ...any) {
	y.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(y, format, args...)
	y.WriteByte('\n')
}

func (y *yaml) object(version string, m *manifest.Meta) {
	y.line(0, "---")
	y.line(0, "apiVersion: %s", version)
	y.line(0, "kind: %s", m.Kind)
	y.line(0, "metadata:")
	y.line(1, "name: %s", m.Name)
	if m.Namespace != "" {
		y.line(1, "namespace: %s", m.Namespace)
	}
	if len(m.Labels) > 0 {
		y.line(1, "labels:")
		for _, l := range m.Labels {
			y.line(2, "%s: %q", l.Key, l.Value)
		}
	}
}

func (y *yaml) node(n *manifest.Node) {
	y.object("v1", &n.Meta)
	if len(n.PodCIDRs) > 0 {
		y.line(0, "spec:")
		y.line(1, "podCIDR: %s", n.PodCIDRs[0])
		y.line(1, "podCIDRs:")
		for _, c := range n.PodCIDRs {
			y.line(1, "- %s", c)
		}
	}
	y.line(0, "status:")
	y.line(1, "addresses:")
	for _, a := range n.Addrs {
		y.line(1, "- type: InternalIP")
		y.line(2, "address: %s", a)
	}
}

func (y *yaml) pod(p *manifest.Pod) {
	y.object("v1", &p.Meta)
	y.line(0, "spec:")
	if p.NodeName != "" {
		y.line(1, "nodeName: %s", p.NodeName)
	}
	if p.HostNetwork {
		y.line(1, "hostNetwork: true")
	}
	if p.ServiceAccount != "default" {
		y.line(1, "serviceAccountName: %s", p.ServiceAccount)
	}
	y.line(1, "containers:")
	y.line(1, "- name: main")
	y.line(2, "image: example.org/main:1")
	if len(p.Ports) > 0 {
		y.line(2, "ports:")
	}
	for _, c := range p.Ports {
		y.line(2, "- containerPort: %d", c.Port)
		y.line(3, "protocol: %s", c.Protocol)
		if c.Name != "" {
			y.line(3, "name: %s", c.Name)
		}
	}
	y.line(0, "status:")
	y.line(1, "phase: %s", map[bool]string{false: "Running", true: "Succeeded"}[p.Terminated])
	if len(p.Addrs) > 0 {
		y.line(1, "podIP: %s", p.Addrs[0])
		y.line(1, "podIPs:")
		for _, a := range p.Addrs {
			y.line(1, "- ip: %s", a)
		}
	}
}

func (y *yaml) policy(p *manifest.NetworkPolicy) {
	y.object("networking.k8s.io/v1", &p.Meta)
	y.line(0, "spec:")
	y.line(1, "podSelector:%s", inline(p.PodSelector))
	y.selector(2, p.PodSelector)
	y.line(1, "policyTypes:")
	if p.Ingress {
		y.line(1, "- Ingress")
	}
	if p.Egress {
		y.line(1, "- Egress")
	}
	y.rules("ingress", "from", p.IngressRules)
	y.rules("egress", "to", p.EgressRules)
}

// inline gives what follows the key of a selector on its line.
func inline(s manifest.Selector) string {
	if len(s.Requirements) == 0 {
		return " {}"
	}
	return ""
}

func (y *yaml) selector(indent int, s manifest.Selector) {
	if len(s.Requirements) > 0 {
		y.line(indent, "matchExpressions:")
	}
	for _, r := range s.Requirements {
		y.line(indent, "- key: %s", r.Key)
		y.line(indent+1, "operator: %s", r.Op)
		if len(r.Values) > 0 {
			y.line(indent+1, "values:")
			for _, v := range r.Values {
				y.line(indent+1, "- %q", v)
			}
		}
	}
}

func (y *yaml) rules(key, side string, rules []manifest.Rule) {
	if len(rules) == 0 {
		return
	}
	y.line(1, "%s:", key)
	for i := range rules {
		r := &rules[i]
		if len(r.Peers)+len(r.Ports) == 0 {
			y.line(1, "- {}")
			continue
		}
		dash := "- "
		if len(r.Peers) > 0 {
			y.line(1, "%s%s:", dash, side)
			dash = "  "
			for j := range r.Peers {
				y.peer(&r.Peers[j])
			}
		}
		if len(r.Ports) > 0 {
			y.line(1, "%sports:", dash)
			for _, p := range r.Ports {
				y.port(p)
			}
		}
	}
}

func (y *yaml) peer(p *manifest.Peer) {
	if p.IPBlock != nil {
		y.line(2, "- ipBlock:")
		y.line(4, "cidr: %s", p.IPBlock.CIDR)
		if len(p.IPBlock.Except) > 0 {
			y.line(4, "except:")
			for _, e := range p.IPBlock.Except {
				y.line(4, "- %s", e)
			}
		}
		return
	}
	dash := "- "
	if s := p.NamespaceSelector; s != nil {
		y.line(2, "%snamespaceSelector:%s", dash, inline(*s))
		y.selector(4, *s)
		dash = "  "
	}
	if s := p.PodSelector; s != nil {
		y.line(2, "%spodSelector:%s", dash, inline(*s))
		y.selector(4, *s)
	}
}

func (y *yaml) port(p manifest.Port) {
	y.line(2, "- protocol: %s", p.Protocol)
	switch {
	case p.Name != "":
		y.line(3, "port: %s", p.Name)
	case p.From != 0:
		y.line(3, "port: %d", p.From)
		if p.To > p.From {
			y.line(3, "endPort: %d", p.To)
		}
	}
}
