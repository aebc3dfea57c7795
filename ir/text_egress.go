package ir

import (
	"net/netip"
	"strconv"

	"github.com/headgate-net/headgate/internal/source"
)

// departures writes what a Program says of how packets leave the cluster.
func (w *printer) departures(p *Program) {
	if len(p.Egresses)+len(p.Holdings) > 0 || !p.Except.IsEmpty() {
		w.text.WriteByte('\n')
	}
	w.addrLine("except", p.Except)
	for i := range p.Holdings {
		w.holding(&p.Holdings[i])
	}
	for _, e := range p.Egresses {
		words := []string{"leave", word(e.Name), "who=" + groupWord(e.Who)}
		for _, l := range e.Leases {
			words = append(words, l.Family.String()+"="+addrWord(l.Addr))
		}
		w.words(append(words, limitWord(e.Limit), originAttr(e.Origin))...)
	}
}

// placedDepartures writes what a Pipeline says of it.
func (w *printer) placedDepartures(p *Pipeline) {
	if len(p.SNATs)+len(p.Holdings) > 0 {
		w.text.WriteByte('\n')
	}
	w.addrLine("inside", p.Inside)
	for i := range p.Holdings {
		w.holding(&p.Holdings[i])
	}
	for i := range p.SNATs {
		s := &p.SNATs[i]
		w.words("snat", word(s.Egress), s.Family.String()+"="+addrWord(s.Addr), opt("node", word(s.Node), s.Node != ""),
			"sources="+list(s.Sources, netip.Addr.String), limitWord(s.Limit), originAttr(*s.Origin))
	}
}

// addrLine writes a line for a set, unless that is empty.
func (w *printer) addrLine(keyword string, addrs AddrSet) {
	if !addrs.IsEmpty() {
		w.words(keyword, addrs.String())
	}
}

func (w *printer) holding(h *Holding) {
	w.words("holding", h.Addr.String(), opt("node", word(h.Node), h.Node != ""), opt("static", "yes", h.Static),
		opt("subnet", subnetWord(h.Subnet), !h.Subnet.IsZero()), originAttr(h.Origin))
}

func addrWord(a netip.Addr) string {
	if !a.IsValid() {
		return "none"
	}
	return a.String()
}

func subnetWord(s Subnet) string {
	return s.Gateway.String() + "/" + strconv.Itoa(s.Bits) + "/" + strconv.Itoa(int(s.VLAN))
}

func limitWord(l Limit) string {
	return opt("limit", strconv.FormatUint(l.Rate, 10)+"/"+strconv.FormatUint(l.Burst, 10), l != Limit{})
}

// leave reads an Egress of a Program.
func (p *programParser) leave(l *line) {
	e := &EgressIP{Name: l.unword(l.next()), Who: p.groupNamed(l)(l.attr("who"))}
	for _, f := range Families() {
		if text, ok := l.opt(f.String()); ok {
			e.Leases = append(e.Leases, Lease{f, l.addrOrNone(text)})
		}
	}
	e.Limit, e.Origin = l.limit(), l.mustOrigin()
	p.prog.Egresses = append(p.prog.Egresses, e)
}

func (p *pipelineParser) snat(l *line) {
	s := SNAT{Egress: l.unword(l.next())}
	for _, f := range Families() {
		if text, ok := l.opt(f.String()); ok {
			s.Family, s.Addr = f, l.addrOrNone(text)
		}
	}
	s.Node, s.Sources, s.Limit = l.optWord("node"), items(l, l.attr("sources"), l.addr), l.limit()
	s.Origin = l.originRef()
	p.pipe.SNATs = append(p.pipe.SNATs, s)
}

func (l *line) originRef() *source.Origin {
	o := l.mustOrigin()
	return &o
}

func (l *line) holding() Holding {
	h := Holding{Addr: l.addr(l.next()), Node: l.optWord("node")}
	if text, ok := l.opt("static"); ok {
		h.Static = true
		if text != "yes" {
			l.fail("static=%s is not static=yes", text)
		}
	}
	if text, ok := l.opt("subnet"); ok {
		h.Subnet = l.subnet(text)
	}
	h.Origin = l.mustOrigin()
	return h
}

func (l *line) subnet(text string) Subnet {
	parts := l.split(text, '/')
	if len(parts) != 3 {
		l.fail("%q is not GATEWAY/BITS/VLAN", text)
		return Subnet{}
	}
	return Subnet{l.addr(parts[0]), int(l.number(parts[1], 9)), uint16(l.number(parts[2], 17))}
}

func (l *line) addrOrNone(text string) netip.Addr {
	if text == "none" {
		return netip.Addr{}
	}
	return l.addr(text)
}

func (l *line) limit() (out Limit) {
	text, ok := l.opt("limit")
	if !ok {
		return out
	}
	rate, burst := l.cut(text, '/')
	var err error
	out.Rate, err = strconv.ParseUint(rate, 10, 64)
	l.check(err)
	out.Burst, err = strconv.ParseUint(burst, 10, 64)
	l.check(err)
	return out
}
