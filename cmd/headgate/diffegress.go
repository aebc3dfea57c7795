package main

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// holderChange is an address that another node holds. The old or the new node is missing where nobody held it, or does now.
type holderChange struct {
	Address string `json:"address"`
	Added   bool   `json:"added,omitempty"`
	Removed bool   `json:"removed,omitempty"`
	Old     string `json:"old,omitempty"`
	New     string `json:"new,omitempty"`
}

func (c *holderChange) text(w io.Writer) {
	switch {
	case c.Added:
		fmt.Fprintf(w, "address %s is new, on %s\n", c.Address, cmp.Or(c.New, "no node"))
	case c.Removed:
		fmt.Fprintf(w, "address %s is gone from %s\n", c.Address, cmp.Or(c.Old, "no node"))
	default:
		fmt.Fprintf(w, "address %s moves from %s to %s\n", c.Address, cmp.Or(c.Old, "no node"), cmp.Or(c.New, "no node"))
	}
}

// leavingChange is a pod that leaves the cluster by another address.
type leavingChange struct {
	Pod    string   `json:"pod"`
	Family string   `json:"family"`
	Old    leavesBy `json:"old"`
	New    leavesBy `json:"new"`
}

// leavesBy is by what a pod leaves. Without an Egress it is as if there were none; without an Address what it sends is dropped.
type leavesBy struct {
	Egress  string     `json:"egress,omitempty"`
	Address netip.Addr `json:"address,omitzero"`
}

// String gives "by 192.0.2.9 (Egress out)".
func (l leavesBy) String() string {
	switch {
	case l.Egress == "":
		return "as without Egress"
	case !l.Address.IsValid():
		return fmt.Sprintf("not at all (Egress %s has no address that a node holds)", l.Egress)
	}
	return fmt.Sprintf("by %s (Egress %s)", l.Address, l.Egress)
}

func (c *leavingChange) text(w io.Writer, colors palette) {
	color := yellow
	if c.New.Egress != "" && !c.New.Address.IsValid() {
		color = red
	}
	fmt.Fprintln(w, colors.paint(color, fmt.Sprintf("%s leaves %s, was %s (%s)", c.Pod, c.New, c.Old, c.Family)))
}

// compareLeaving adds what changes of addresses outside the cluster, and of who leaves by which.
func (r *reachDiff) compareLeaving(old, now *ir.Program) {
	r.Holders = holderChanges(old, now)
	before, after := leaving(old), leaving(now)
	for _, e := range now.Pods() {
		pod := e.String()
		if slices.Contains(r.Added, pod) || slices.Contains(r.Removed, pod) {
			continue // they are told as such
		}
		for _, f := range ir.Families() {
			if !slices.ContainsFunc(e.Addrs, func(a netip.Addr) bool { return ir.FamilyOf(a) == f }) {
				continue
			}
			key := leaver{pod, f}
			if before[key] != after[key] {
				r.Leaving = append(r.Leaving, leavingChange{pod, f.String(), before[key], after[key]})
			}
		}
	}
	slices.SortStableFunc(r.Leaving, func(a, b leavingChange) int {
		return cmp.Or(compareNames(a.Pod, b.Pod), cmp.Compare(a.Family, b.Family))
	})
}

// holderChanges lists the addresses that come, go or move, in order.
func holderChanges(old, now *ir.Program) []holderChange {
	var out []holderChange
	for _, h := range now.Holdings {
		switch was := holdingOf(old, h.Addr); {
		case was == nil:
			out = append(out, holderChange{Address: h.Addr.String(), Added: true, New: h.Node})
		case was.Node != h.Node:
			out = append(out, holderChange{Address: h.Addr.String(), Old: was.Node, New: h.Node})
		}
	}
	for _, h := range old.Holdings {
		if holdingOf(now, h.Addr) == nil {
			out = append(out, holderChange{Address: h.Addr.String(), Removed: true, Old: h.Node})
		}
	}
	slices.SortFunc(out, func(a, b holderChange) int {
		return netip.MustParseAddr(a.Address).Compare(netip.MustParseAddr(b.Address))
	})
	return out
}

// leaver is a pod and a family.
type leaver struct {
	pod    string
	family ir.Family
}

// leaving tells by what the pods leave that an Egress selects: what Program.Depart says of destinations outside.
func leaving(p *ir.Program) map[leaver]leavesBy {
	out := map[leaver]leavesBy{}
	for _, e := range p.Egresses {
		for _, l := range e.Leases {
			by := leavesBy{Egress: e.Name}
			if p.Holder(l.Addr) != "" {
				by.Address = l.Addr
			}
			for _, m := range e.Who.Members {
				key := leaver{m.String(), l.Family}
				if _, taken := out[key]; !taken && m.Kind == ir.PodEndpoint {
					out[key] = by
				}
			}
		}
	}
	return out
}
