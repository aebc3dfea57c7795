package lint

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// report says what was found, in words.
func (a *analysis) report(report *diag.Report) {
	for _, f := range a.found {
		out := diag.Finding{Origin: f.decl.origin}
		word := ""
		out.Code, out.Message, word = f.words()
		for _, o := range f.by {
			out.Related = append(out.Related, diag.Related{Origin: *o, Message: word})
		}
		if f.packet.peer.endpoint != nil {
			out.Witness = a.witness(f)
		}
		report.AddFinding(out)
	}
	var limited []source.Origin
	for _, c := range a.classes {
		if c.isLimited && !slices.Contains(limited, *c.rules[0].Origins[0]) {
			limited = append(limited, *c.rules[0].Origins[0])
		}
	}
	for _, o := range limited {
		report.Add(diag.AnalysisLimited, o, "the rules of some endpoints, of which this is the first, were not analysed to their end: that would take too many steps")
	}
}

// words gives the code and message of a finding, and what it says of the other declarations.
func (f *finding) words() (code diag.Code, message, related string) {
	switch f.kind {
	case shadowed:
		return diag.ShadowedRule, "this rule never decides: rules before it decide all its traffic, some of it otherwise",
			"decides some or all of it first"
	case redundant:
		message = "this rule adds nothing: without it, all traffic has the same verdict"
		if len(f.by) == 0 {
			message += ", for nothing else says anything about what it matches"
		}
		return diag.RedundantRule, message, "gives the verdict for some or all of it"
	case passesNowhere:
		return diag.PassLeadsNowhere, "this Pass leads nowhere: nothing comes after it for any of its traffic, so that it means Allow", ""
	case ambiguous:
		return diag.AmbiguousOrder, "only the policies' names put this rule after " + others(len(f.by)) +
			" of the same rank and some of the same traffic, with another verdict", "comes first by its policy's name"
	}
	return diag.MatchesNothing, "no packet matches this rule: " + f.whyNothing(), ""
}

func others(n int) string {
	switch n {
	case 1:
		return "another"
	case maxRelated:
		return fmt.Sprintf("%d others, or more,", n)
	}
	return fmt.Sprintf("%d others", n)
}

func (f *finding) whyNothing() string {
	switch {
	case !f.decl.peers:
		return "none of its peers has an address"
	case len(f.decl.uses) == 0:
		return "no endpoint that it could be about has a port of that name"
	}
	return "its addresses are of a family that its endpoints lack, or always allowed"
}

// witness gives the packet of a finding as `headgate eval` wants it.
func (a *analysis) witness(f finding) *diag.Witness {
	p := f.packet.ir()
	from, fromBoth := a.name(p.Src)
	to, toBoth := a.name(p.Dst)
	w := &diag.Witness{From: from, To: to, Port: portText(p)}
	if p.Proto.HasPorts() && p.SrcPort != defaultSource {
		w.SourcePort = p.SrcPort
	}
	if fromBoth && toBoth {
		w.Family = ir.FamilyOf(p.Dst).String()
	}
	switch f.kind {
	case shadowed:
		w.Shows = fmt.Sprintf("%s %s, this rule says %s", f.packet.direction, f.verdict, f.other)
	case redundant:
		w.Shows = fmt.Sprintf("%s %s with or without this rule", f.packet.direction, f.verdict)
	case ambiguous:
		w.Shows = fmt.Sprintf("%s %s, but %s if this rule came first", f.packet.direction, f.verdict, f.other)
	default:
		w.Shows = fmt.Sprintf("%s %s by default", f.packet.direction, f.verdict)
	}
	return w
}

// name gives an address as eval reads it, by the name of what has it if that means this address, and whether the name stands
// for an address of the other family too.
func (a *analysis) name(addr netip.Addr) (name string, both bool) {
	if e := a.world.endpoints[addr]; e != nil && e.Kind == ir.PodEndpoint && isFirst(e.Addrs, addr) {
		return e.Namespace + "/" + e.Name, hasBoth(e.Addrs)
	}
	for _, n := range a.program.Nodes {
		if isFirst(n.Addrs, addr) {
			return "node/" + n.Name, hasBoth(n.Addrs)
		}
	}
	return addr.String(), false
}

func isFirst(addrs []netip.Addr, addr netip.Addr) bool {
	i := slices.IndexFunc(addrs, func(a netip.Addr) bool { return a.Is4() == addr.Is4() })
	return i >= 0 && addrs[i] == addr
}

func hasBoth(addrs []netip.Addr) bool {
	return slices.ContainsFunc(addrs, netip.Addr.Is4) && slices.ContainsFunc(addrs, netip.Addr.Is6)
}

func portText(p ir.Packet) string {
	switch {
	case p.Proto.HasPorts():
		return fmt.Sprintf("%s/%d", p.Proto, p.DstPort)
	case p.Proto == ir.ProtoICMP || p.Proto == ir.ProtoICMPv6:
		return fmt.Sprintf("%s/%d/%d", p.Proto, p.DstPort>>8, p.DstPort&0xff)
	case p.Proto == ir.ProtoIGMP && p.DstPort != 0:
		return fmt.Sprintf("igmp/%#x", p.DstPort>>8)
	}
	return "proto/" + p.Proto.String()
}
