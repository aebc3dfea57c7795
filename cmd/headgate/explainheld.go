package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/allot"
)

// explainHeld explains an address that nodes hold for the cluster, or that a pool could hand out.
func explainHeld(result *compiler.Result, thing string, what sight) []explanation {
	a := result.Allotted
	e := explanation{Thing: thing, Kind: "address"}
	var of []string
	for c := range a.Claims {
		if claim := &a.Claims[c]; slices.Contains(a.Given.Addrs[c], what.addr) {
			of = append(of, fmt.Sprintf("%s %s", claim.Kind, claim.Name))
			e.Sources = append(e.Sources, ruleOf(&claim.Origin))
		}
	}
	pool := poolOf(a.Pools, what)
	if pool != nil {
		e.Sources = append(e.Sources, ruleOf(&pool.Origin))
	}
	switch {
	case len(of) > 0:
		h := holdingOf(result.Program, what.addr)
		e.Means = fmt.Sprintf("address of %s, held by nobody", strings.Join(of, ", "))
		if h != nil && h.Node != "" {
			e.Means = fmt.Sprintf("address of %s, held by %s", strings.Join(of, ", "), h.Node)
			if h.Subnet.VLAN != 0 {
				e.Means += fmt.Sprintf(" on VLAN %d", h.Subnet.VLAN)
			}
			if h.Static {
				e.Means += ", whose own it is"
			}
			e.Nodes = []string{h.Node}
		}
	case pool != nil && what.addr == pool.Gateway:
		e.Means = fmt.Sprintf("gateway of the pool %s, which nobody gets", pool.Name)
	case pool != nil:
		e.Means = fmt.Sprintf("address of the pool %s, which nobody has", pool.Name)
	default:
		return nil
	}
	return []explanation{e}
}

// poolOf finds the pool that has an address in a range, or as its gateway.
func poolOf(pools []allot.Pool, what sight) *allot.Pool {
	at := slices.IndexFunc(pools, func(p allot.Pool) bool {
		return p.Gateway == what.addr || slices.ContainsFunc(p.Ranges, func(r allot.Range) bool {
			return r.First.Is4() == what.addr.Is4() && !what.addr.Less(r.First) && !r.Last.Less(what.addr)
		})
	})
	if at < 0 {
		return nil
	}
	return &pools[at]
}
