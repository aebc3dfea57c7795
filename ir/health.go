package ir

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"github.com/headgate-net/headgate/internal/source"
)

// HealthCheck is a port on which a node tells load balancers how many backends of a Service it has. On a placed Pipeline there is one
// of each family that both the node and the Service have, for every Service with a HealthPort.
type HealthCheck struct {
	Service string // "namespace/name"
	Family  Family
	Port    uint16
	Local   int // the Service's backends on the node that are ready, of the family
	Origin  *source.Origin
}

// Compare orders by port, family, then Service.
func (h *HealthCheck) Compare(o *HealthCheck) int {
	return cmp.Or(cmp.Compare(h.Port, o.Port), cmp.Compare(h.Family, o.Family), cmp.Compare(h.Service, o.Service))
}

// String gives "ipv4/32000".
func (h *HealthCheck) String() string { return h.Family.String() + "/" + portWord(h.Port) }

// ReadyOn counts what load balancers are told of a node: the addresses of a family that backends there have which are ready. Those that
// drain do not count, so that load balancers turn away while these still serve. Source: KEP-1669 (terminating endpoints).
func (s *Service) ReadyOn(node *Node, f Family) int {
	var seen []netip.Addr
	for i := range s.Ports {
		for _, b := range s.Ports[i].Backends {
			if FamilyOf(b.Addr) == f && b.Node == node.Name && !b.Draining {
				seen = append(seen, b.Addr)
			}
		}
	}
	slices.SortFunc(seen, netip.Addr.Compare)
	return len(slices.Compact(seen))
}

// HealthOn returns the Service's health checks on a node, by family.
func (s *Service) HealthOn(node *Node) []HealthCheck {
	var out []HealthCheck
	for _, f := range Families() {
		has := slices.ContainsFunc(node.Addrs, func(a netip.Addr) bool { return FamilyOf(a) == f })
		if s.HealthPort != 0 && has && s.Serves(f) {
			out = append(out, HealthCheck{Service: s.String(), Family: f, Port: s.HealthPort, Local: s.ReadyOn(node, f), Origin: &s.Origin})
		}
	}
	return out
}

func (w *printer) healthCheck(h *HealthCheck) {
	w.words("health", h.String(), keyWord(h.Service), "local="+strconv.Itoa(h.Local), originAttr(*h.Origin))
}

func (p *pipelineParser) healthCheck(l *line) {
	family, port := l.cut(l.next(), '/')
	h := HealthCheck{Family: l.family(family), Port: l.port(port), Service: l.unword(l.next()), Local: int(l.number(l.attr("local"), 32))}
	o := l.mustOrigin()
	h.Origin = &o
	p.pipe.Health = append(p.pipe.Health, h)
}

func (l *line) family(text string) Family {
	for _, f := range Families() {
		if f.String() == text {
			return f
		}
	}
	l.fail("no family %q", text)
	return 0
}

// isLeaving reads the attribute of a node.
func (l *line) isLeaving() bool {
	text, ok := l.opt("leaving")
	if ok && text != "yes" {
		l.fail("leaving is yes, or left out")
	}
	return ok
}

// health checks what a Pipeline has for load balancers.
func (c *checker) health(p *Pipeline) {
	for i := range p.Health {
		h := &p.Health[i]
		object := any("health check " + h.String())
		c.expect(p.Node != "" && !IsMachine(p.Node), object, "is on no node")
		c.expect(i == 0 || p.Health[i-1].Compare(h) < 0, object, "health checks are not in order")
		c.expect(h.Port != 0 && h.Service != "" && h.Local >= 0, object, "no port, no service or a negative count")
		c.expect(h.Family == IPv4 || h.Family == IPv6, object, "unknown family")
		c.expect(h.Origin != nil && h.Origin.Object != "", object, "no origin")
	}
}
