package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// departure is how a packet of a pod leaves the cluster.
type departure struct {
	Way      string     `json:"way"` // "plain": as if there were no Egress; "through"; "stranded"
	Egress   string     `json:"egress,omitempty"`
	Address  netip.Addr `json:"address,omitzero"` // its source outside; of "stranded", the one that nobody holds, if there is one
	Node     string     `json:"node,omitempty"`   // from which it leaves
	VLAN     uint16     `json:"vlan,omitempty"`
	Reason   string     `json:"reason,omitempty"` // of "plain"
	Declared *rule      `json:"declared,omitempty"`
}

// depart adds how a packet leaves the cluster: of new connections from pods to outside, if there are Egresses. A stranded one is dropped.
func (j *judgement) depart(p *ir.Program, packet ir.Packet) {
	fromPod := j.From.Endpoint != nil && j.From.Endpoint.Kind == ir.PodEndpoint
	excepted := j.To.Endpoint == nil && j.To.Node == nil && p.Except.Contains(packet.Dst)
	if len(p.Egresses) == 0 || !fromPod || packet.Established || !excepted && p.Inside().Contains(packet.Dst) {
		return
	}
	d := p.Depart(packet.Src, packet.Dst)
	j.Departs = &departure{Way: d.Way.String(), Egress: d.Egress, Address: d.Addr, Node: d.Node}
	switch {
	case excepted:
		j.Departs.Reason = "--except-cidrs has the destination"
	case d.Way == ir.Plain:
		j.Departs.Reason = "none that wants an address of " + ir.FamilyOf(packet.Dst).String() + " selects the pod"
	}
	if i := slices.IndexFunc(p.Egresses, func(e *ir.EgressIP) bool { return e.Name == d.Egress }); i >= 0 {
		at := ruleOf(&p.Egresses[i].Origin)
		j.Departs.Declared = &at
		if lease, wants := p.Egresses[i].Lease(ir.FamilyOf(packet.Dst)); wants && d.Way == ir.Stranded {
			j.Departs.Address = lease.Addr
		}
	}
	if h := holdingOf(p, d.Addr); h != nil {
		j.Departs.VLAN = h.Subnet.VLAN
	}
	if d.Way == ir.Stranded && j.Verdict == ir.Allow {
		j.Verdict = ir.Drop
	}
}

// holdingOf finds an address that nodes hold for the cluster, nil if it is none.
func holdingOf(p *ir.Program, a netip.Addr) *ir.Holding {
	for i := range p.Holdings {
		if p.Holdings[i].Addr == a {
			return &p.Holdings[i]
		}
	}
	return nil
}

// String gives "from node-2 as 172.18.181.40 on VLAN 181: Egress out (egress.yaml:3:1)".
func (d *departure) String() string {
	switch {
	case d.Way == ir.Plain.String():
		return "as if there were no Egress: " + d.Reason
	case d.Way == ir.Stranded.String() && d.Address.IsValid():
		return fmt.Sprintf("not at all: no node holds %s of %s", d.Address, d.Declared)
	case d.Way == ir.Stranded.String():
		return fmt.Sprintf("not at all: there is no address for %s", d.Declared)
	}
	out := fmt.Sprintf("from %s as %s", d.Node, d.Address)
	if d.VLAN != 0 {
		out += fmt.Sprintf(" on VLAN %d", d.VLAN)
	}
	return fmt.Sprintf("%s: %s", out, d.Declared)
}

// same compares two departures, either of which may be missing.
func (d *departure) same(o *departure) bool {
	return (d == nil) == (o == nil) && (d == nil || d.String() == o.String())
}

func (d *departure) text(b *strings.Builder, colors palette, indent string) {
	if d == nil {
		return
	}
	action := ir.Allow
	if d.Way == ir.Stranded.String() {
		action = ir.Drop
	}
	fmt.Fprintf(b, "%sdeparts  %s  %s\n", indent, painted(colors, action), d)
}
