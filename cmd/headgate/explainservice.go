package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// sight is what somebody has seen of a Service on a node: an address, and if they are known a port and a protocol.
type sight struct {
	addr  netip.Addr
	port  uint16 // 0: any
	proto ir.Proto
}

// explainService explains a group or something with an address. False: the thing is neither.
func (in *evalInput) explainService(result *compiler.Result, thing string) ([]explanation, bool, error) {
	if id, is := parseGroup(thing); is {
		list := explainGroup(result, thing, id)
		if len(list) == 0 {
			return nil, true, fmt.Errorf("%q: no node has this group", thing)
		}
		return list, true, nil
	}
	what, is := parseSight(thing)
	if !is {
		return nil, false, nil
	}
	list := slices.Concat(in.explainDialled(result, thing, what), in.explainBackend(thing, what))
	if what.port == 0 {
		list = append(list, explainHeld(result, thing, what)...)
	}
	if len(list) > 0 {
		return list, true, nil
	}
	for _, s := range in.program.Services {
		if slices.Contains(slices.Concat(s.ClusterIPs, s.LoadBalancers, s.ExternalIPs), what.addr) {
			return nil, true, fmt.Errorf("%q: %s is an address of %s, but no such port%s", thing, what.addr, ruleOf(&s.Origin), havePorts(s))
		}
	}
	return nil, true, fmt.Errorf("%q: no Service has this address and port, or such a node port or backend, and no Egress or pool the address", thing)
}

// parseGroup reads "group:ID", "group_id=ID" and the like, decimal or with 0x.
func parseGroup(thing string) (uint32, bool) {
	at := strings.IndexAny(thing, ":=")
	if at < 0 || thing[:at] != "group" && thing[:at] != "group_id" {
		return 0, false
	}
	id, err := strconv.ParseUint(thing[at+1:], 0, 32)
	return uint32(id), err == nil
}

// parseSight reads ADDRESS, ADDRESS:PORT[/PROTOCOL], an element of a set or map, or a flow.
func parseSight(thing string) (sight, bool) {
	thing = strings.Trim(strings.TrimSpace(thing), `{},`)
	text, proto, _ := strings.Cut(thing, "/")
	if to, err := netip.ParseAddrPort(text); err == nil {
		return newSight(to.Addr(), to.Port(), proto)
	}
	if addr, err := netip.ParseAddr(thing); err == nil {
		return newSight(addr, 0, "")
	}
	if parts := strings.Split(strings.Split(thing, " : ")[0], " . "); len(parts) > 1 {
		addr, err := netip.ParseAddr(parts[0])
		if len(parts) == 2 { // no protocol
			parts = slices.Insert(parts, 1, "")
		}
		port, portErr := strconv.ParseUint(parts[2], 10, 16)
		if err == nil && portErr == nil {
			return newSight(addr, uint16(port), parts[1])
		}
	}
	return parseFlow(thing)
}

// parseFlow reads what a flow of OpenFlow matches.
func parseFlow(text string) (sight, bool) {
	s := sight{proto: ir.ProtoAny}
	match, _, _ := strings.Cut(text, " actions=")
	for _, term := range strings.FieldsFunc(match, func(r rune) bool { return r == ',' || r == ' ' }) {
		key, value, _ := strings.Cut(term, "=")
		switch key {
		case "nw_dst", "ipv6_dst", "ip_dst":
			s.addr, _ = netip.ParseAddr(value)
		case "tp_dst", "tcp_dst", "udp_dst", "sctp_dst":
			port, _ := strconv.ParseUint(value, 0, 16)
			s.port = uint16(port)
		case "tcp", "udp", "sctp", "tcp6", "udp6", "sctp6":
			s.proto, _ = ir.ParseProto(strings.TrimSuffix(key, "6"))
		}
	}
	return s, s.addr.IsValid()
}

func newSight(addr netip.Addr, port uint16, proto string) (sight, bool) {
	s := sight{addr.Unmap(), port, ir.ProtoAny}
	if proto == "" {
		return s, true
	}
	var err error
	s.proto, err = ir.ParseProto(strings.ToLower(proto))
	return s, err == nil
}

// fits reports whether a port may be what was seen.
func (s sight) fits(proto ir.Proto, port uint16) bool {
	return (s.port == 0 || s.port == port) && (s.proto == ir.ProtoAny || s.proto == proto)
}

// explainDialled finds the ports that are dialled so.
func (in *evalInput) explainDialled(result *compiler.Result, thing string, what sight) []explanation {
	at := slices.IndexFunc(in.program.Nodes, func(n *ir.Node) bool { return slices.Contains(n.Addrs, what.addr) })
	var out []explanation
	for _, s := range in.program.Services {
		for i := range s.Ports {
			p := &s.Ports[i]
			by := ""
			switch {
			case slices.Contains(s.ClusterIPs, what.addr) && what.fits(p.Proto, p.Port):
				by = "cluster address"
			case slices.Contains(s.LoadBalancers, what.addr) && what.fits(p.Proto, p.Port):
				by = "load balancer's address"
			case slices.Contains(s.ExternalIPs, what.addr) && what.fits(p.Proto, p.Port):
				by = "external address"
			case at >= 0 && p.NodePort != 0 && what.port != 0 && what.fits(p.Proto, p.NodePort) && s.Serves(ir.FamilyOf(what.addr)):
				by = fmt.Sprintf("node port %d on %s", p.NodePort, in.program.Nodes[at].Name)
			default:
				continue
			}
			e := explanation{Thing: thing, Kind: "service", Means: fmt.Sprintf("%s of Service %s, port %s, with %s", by, s, portText(p), plural(countOf(p, what.addr), "backend"))}
			e.Sources = []rule{ruleOf(&s.Origin)}
			for _, placed := range result.Placed {
				e.Nodes = append(e.Nodes, placed.Node)
			}
			out = append(out, e)
		}
	}
	return out
}

// countOf counts the backends of the family of an address.
func countOf(p *ir.ServicePort, like netip.Addr) int {
	n := 0
	for _, b := range p.Backends {
		if ir.FamilyOf(b.Addr) == ir.FamilyOf(like) {
			n++
		}
	}
	return n
}

// explainBackend finds the ports behind which the endpoint is.
func (in *evalInput) explainBackend(thing string, what sight) []explanation {
	var out []explanation
	for _, s := range in.program.Services {
		for i := range s.Ports {
			p := &s.Ports[i]
			for _, b := range p.Backends {
				if b.Addr != what.addr || !what.fits(p.Proto, b.Port) {
					continue
				}
				e := explanation{Thing: thing, Kind: "backend", Means: fmt.Sprintf("%s is a backend of Service %s, port %s", in.candidate(b.Target(), b.Node), s, portText(p))}
				if b.Draining {
					e.Means += ", on its way out"
				}
				e.Sources = []rule{ruleOf(&s.Origin)}
				out = append(out, e)
			}
		}
	}
	return out
}

// explainGroup finds a group on each node; on nodes where it spreads over the same backends it is the same.
func explainGroup(result *compiler.Result, thing string, id uint32) []explanation {
	var out []explanation
	for _, p := range result.Placed {
		for _, g := range openflow.Lower(p, &diag.Report{}).Groups {
			if g.ID != id {
				continue
			}
			means := groupText(&g)
			at := slices.IndexFunc(out, func(e explanation) bool { return e.Means == means })
			if at < 0 {
				out, at = append(out, explanation{Thing: thing, Kind: "group", Means: means}), len(out)
			}
			out[at].add(p.Node, ir.SortOrigins(slices.Clone(g.Origins)))
		}
	}
	return out
}

// groupText says over which backends a group spreads. In the buckets of large groups, and where clients are remembered, are but numbers.
func groupText(g *openflow.Group) string {
	var targets []string
	numbers := map[string]bool{}
	for _, b := range g.Buckets {
		numbers[fmt.Sprint(b.Actions)] = true
		for _, a := range b.Actions {
			if text := a.To.String(); a.Op == openflow.Balance && !slices.Contains(targets, text) {
				targets = append(targets, text)
			}
		}
	}
	if len(targets) == 0 {
		return fmt.Sprintf("group of %s", plural(len(numbers), "backend"))
	}
	return fmt.Sprintf("group that spreads connections over %s", enough(targets))
}

// describeElements says of which Services the elements of sets and maps are.
func (in *evalInput) describeElements(e *explanation, held []artifact.Object) {
	owners, nodes := in.owners()
	var of []*source.Origin
	for _, o := range held {
		for _, item := range o.Items {
			what, is := parseSight(item)
			if nodes[what.addr] && owners[what] == nil {
				what.addr = netip.Addr{}
			}
			if s := owners[what]; is && s != nil {
				of = append(of, &s.Origin)
			}
		}
	}
	if of = ir.SortOrigins(of); len(of) == 0 {
		return
	}
	e.Means = fmt.Sprintf("%s, with elements of %s", strings.Split(e.Means, ",")[0], plural(len(of), "Service"))
	e.Hint = "ask about a single element to learn whose it is"
	for _, o := range of[:min(len(of), listed)] {
		e.Sources = append(e.Sources, ruleOf(o))
	}
}

// owners finds Services by what is dialled, by node ports without an address, and tells which addresses are nodes'.
func (in *evalInput) owners() (map[sight]*ir.Service, map[netip.Addr]bool) {
	owners, nodes := map[sight]*ir.Service{}, map[netip.Addr]bool{}
	for _, s := range in.program.Services {
		for i := range s.Ports {
			p := &s.Ports[i]
			for _, a := range slices.Concat(s.ClusterIPs, s.LoadBalancers, s.ExternalIPs) {
				owners[sight{a, p.Port, p.Proto}], owners[sight{a, p.Port, ir.ProtoAny}] = s, s
			}
			if p.NodePort != 0 {
				owners[sight{port: p.NodePort, proto: p.Proto}], owners[sight{port: p.NodePort, proto: ir.ProtoAny}] = s, s
			}
		}
	}
	for _, n := range in.program.Nodes {
		for _, a := range n.Addrs {
			nodes[a] = true
		}
	}
	return owners, nodes
}

// flowHint says how to ask about a flow of the tables that serve Services.
func flowHint(cookie uint64) string {
	switch openflow.Table(cookie &^ openflow.CookieMask) {
	case openflow.Service, openflow.Comeback, openflow.Affinity, openflow.Balanced:
		return "ask about the address and port that the flow matches, or about its group, to learn which Service it is for"
	}
	return ""
}
