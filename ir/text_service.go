package ir

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// service writes a Service and, indented, its ports.
func (w *printer) service(s *Service) {
	local := func(key string, is bool) string { return opt(key, "local", is) }
	w.text.WriteByte('\n')
	w.words("service", word(s.Namespace)+"/"+word(s.Name),
		opt("cluster", list(s.ClusterIPs, netip.Addr.String), len(s.ClusterIPs) > 0),
		opt("external", list(s.ExternalIPs, netip.Addr.String), len(s.ExternalIPs) > 0),
		opt("balancers", list(s.LoadBalancers, netip.Addr.String), len(s.LoadBalancers) > 0),
		opt("sources", s.Sources.String(), !s.Sources.Equal(AnyAddr())),
		local("inside", s.LocalInside), local("outside", s.LocalOutside),
		opt("affinity", s.Affinity.String(), s.Affinity != 0),
		opt("health", portWord(s.HealthPort), s.HealthPort != 0), originAttr(s.Origin))
	for i := range s.Ports {
		p := &s.Ports[i]
		w.words(" ", "port", p.String(), opt("name", word(p.Name), p.Name != ""), opt("node", portWord(p.NodePort), p.NodePort != 0),
			"backends="+list(p.Backends, Backend.String))
	}
}

// service reads a Service's own line.
func (l *line) service() *Service {
	namespace, name := l.cut(l.next(), '/')
	s := &Service{Namespace: l.unword(namespace), Name: l.unword(name), ClusterIPs: optItems(l, "cluster", l.addr),
		ExternalIPs: optItems(l, "external", l.addr), LoadBalancers: optItems(l, "balancers", l.addr), Sources: l.sources()}
	s.LocalInside, s.LocalOutside = l.isLocal("inside"), l.isLocal("outside")
	s.Affinity = l.affinity()
	if port, ok := l.opt("health"); ok {
		s.HealthPort = l.port(port)
	}
	s.Origin = l.mustOrigin()
	return s
}

// servicePort reads a line under a Service.
func (l *line) servicePort() ServicePort {
	proto, number := l.cut(l.next(), '/')
	p := ServicePort{Proto: l.proto(proto), Port: l.port(number), Name: l.optWord("name")}
	if port, ok := l.opt("node"); ok {
		p.NodePort = l.port(port)
	}
	p.Backends = items(l, l.attr("backends"), l.backend)
	return p
}

func (p *programParser) servicePort(l *line) {
	if !l.indented || len(p.prog.Services) == 0 {
		l.fail("a port without a service")
		return
	}
	s := p.prog.Services[len(p.prog.Services)-1]
	s.Ports = append(s.Ports, l.servicePort())
}

// backend reads what Backend.String prints. The marks cannot stand in words unless these are quoted.
func (l *line) backend(text string) Backend {
	cutAt := func(mark byte) (out []string) {
		parts := l.split(text, mark)
		text = parts[0]
		for _, p := range parts[1:] {
			out = append(out, l.unword(p))
		}
		return out
	}
	b := Backend{Nodes: cutAt('^'), Zones: cutAt('~')}
	text, b.Draining = strings.CutSuffix(text, "!")
	if node := cutAt('@'); len(node) == 1 {
		b.Node = node[0]
	} else if len(node) > 1 {
		l.fail("a backend is on two nodes")
	}
	target := l.target(text)
	b.Addr, b.Port = target.Addr(), target.Port()
	return b
}

// pool and frontend write what a placed Pipeline has for Services.
func (w *printer) pool(p *Pool) {
	w.words("pool", keyWord(p.Key), "targets="+list(p.Targets, netip.AddrPort.String))
}

func (w *printer) frontend(f *Frontend) {
	words := []string{"frontend", f.Entry.String(), keyWord(f.Service)}
	for side, r := range f.Routes {
		route := r.Outcome.String()
		if r.Outcome == Balance {
			if route = keyWord(r.Pool.Key); r.Masquerade {
				route += "/masquerade"
			}
		}
		words = append(words, opt(Side(side).String(), route, r.Outcome != NotService))
	}
	w.words(append(words, opt("sources", f.Sources.String(), !f.Sources.Equal(AnyAddr())),
		opt("affinity", f.Affinity.String(), f.Affinity != 0), originAttr(*f.Origin))...)
}

func (p *pipelineParser) pool(l *line) {
	pool := &Pool{Key: l.unword(l.next()), Targets: items(l, l.attr("targets"), l.target)}
	if _, twice := p.pools[pool.Key]; twice {
		l.fail("pool %q is there already", pool.Key)
	}
	p.pools[pool.Key] = pool
	p.pipe.Pools = append(p.pipe.Pools, pool)
}

func (p *pipelineParser) frontend(l *line) {
	f := &Frontend{Entry: l.entry(l.next()), Service: l.unword(l.next())}
	for _, side := range Sides() {
		if route, ok := l.opt(side.String()); ok {
			f.Routes[side] = p.route(l, route)
		}
	}
	f.Sources, f.Affinity = l.sources(), l.affinity()
	o := l.mustOrigin()
	f.Origin = &o
	p.pipe.Frontends = append(p.pipe.Frontends, f)
}

func (p *pipelineParser) route(l *line, text string) Route {
	switch text {
	case Refuse.String():
		return Route{Outcome: Refuse}
	case Discard.String():
		return Route{Outcome: Discard}
	}
	r := Route{Outcome: Balance}
	text, r.Masquerade = strings.CutSuffix(text, "/masquerade")
	pool, ok := p.pools[l.unword(text)]
	if !ok {
		l.fail("there is no pool %s", text)
	}
	r.Pool = pool
	return r
}

// entry reads what Entry.String prints.
func (l *line) entry(text string) Entry {
	for _, f := range Families() {
		prefix := "node" + f.String()[len("ipv"):] + "/"
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			proto, number := l.cut(rest, '/')
			return Entry{Family: f, Proto: l.proto(proto), Port: l.port(number)}
		}
	}
	d := l.dial(text)
	return Entry{d.Addr, FamilyOf(d.Addr), d.Proto, d.Port}
}

func (l *line) target(text string) netip.AddrPort {
	t, err := netip.ParseAddrPort(text)
	l.check(err)
	return t
}

func portWord(port uint16) string { return strconv.Itoa(int(port)) }

func (l *line) port(text string) uint16 {
	port, err := strconv.ParseUint(text, 10, 16)
	l.check(err)
	return uint16(port)
}

func (l *line) proto(text string) Proto {
	p, err := ParseProto(text)
	l.check(err)
	return p
}

func (l *line) sources() AddrSet {
	if text, ok := l.opt("sources"); ok {
		return l.addrSet(text)
	}
	return AnyAddr()
}

func (l *line) affinity() (d time.Duration) {
	if text, ok := l.opt("affinity"); ok {
		var err error
		d, err = time.ParseDuration(text)
		l.check(err)
	}
	return d
}

func (l *line) isLocal(key string) bool {
	text, ok := l.opt(key)
	if ok && text != "local" {
		l.fail("%s=%s is not %s=local", key, text, key)
	}
	return ok
}
