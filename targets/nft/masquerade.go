package nft

import (
	"fmt"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/mark"
)

// Check returns an error unless MasqueradeBit is one bit, and none of those that say by which address a packet leaves
// (mark.RouteMask).
func (o Options) Check() error {
	switch bit := o.MasqueradeBit; {
	case bit == 0 || bit&(bit-1) != 0:
		return fmt.Errorf("%#x is not one bit", bit)
	case bit&mark.RouteMask != 0:
		return fmt.Errorf("the bits of %#x say by which address a packet leaves", mark.RouteMask)
	}
	return nil
}

// masquerade makes the rules for sources of one family. Who goes to one of the node's pods keeps his address, for policies to judge, those
// in a bridge as well; his replies pass the node anyway. A pod that goes to itself does not.
func (b *balancing) masquerade(f ir.Family) {
	own := b.localSet(f)
	if own == nil {
		return
	}
	self := Match{Fields: []Field{subject(ir.Egress, f), subject(ir.Ingress, f)}, Set: b.selfSet(f).Name}
	b.sources = append(b.sources, &Rule{Matches: []Match{{Fields: []Field{CtDNAT}}, self}, Verdict: Verdict{Kind: Masquerade}},
		&Rule{Matches: []Match{{Fields: []Field{subject(ir.Ingress, f)}, Set: own.Name}}, Verdict: Verdict{Kind: Return}})
}
