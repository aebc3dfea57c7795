package openflow

import (
	"math/bits"

	"github.com/headgate-net/headgate/ir"
)

// block is a 16-bit value of which only the bits of mask count.
type block struct{ value, mask uint16 }

// portBlocks covers a range with the fewest aligned blocks.
func portBlocks(r ir.PortRange) []block {
	var out []block
	for from, end := uint32(r.From), uint32(r.To)+1; from < end; {
		n := min(bits.TrailingZeros32(from|1<<16), bits.Len32(end-from)-1)
		out = append(out, block{uint16(from), ^uint16(0) << n})
		from += 1 << n
	}
	return out
}

// terms is the condition that a 16-bit field lies in the block: none if every value does.
func (b block) terms(f Field) []Term {
	if b.mask == 0 {
		return nil
	}
	return []Term{IsMasked(f, Uint(uint64(b.value)), Uint(uint64(b.mask)))}
}

// l4Matches lists the matches for a set of boxes in a family. Each begins with the Ethernet type.
func l4Matches(f ir.Family, set ir.L4Set) [][]Term {
	var out [][]Term
	for _, box := range set {
		head := []Term{ethOf(f)}
		if box.Proto != ir.ProtoAny {
			head = append(head, Is(IPProto, uint64(box.Proto)))
		}
		switch {
		case box.Proto.HasPorts():
			for _, src := range portBlocks(box.Src) {
				for _, dst := range portBlocks(box.Dst) {
					out = append(out, terms(terms(head, src.terms(L4Src)...), dst.terms(L4Dst)...))
				}
			}
		case box.Dst.IsAll():
			out = append(out, head)
		case box.Proto == ir.ProtoICMP && f == ir.IPv4, box.Proto == ir.ProtoICMPv6 && f == ir.IPv6:
			out = append(out, icmpMatches(head, box.Dst)...)
		}
		// Other families' ICMP has no type and code that a flow could match: such a box has no packets.
	}
	return out
}

// icmpMatches covers a range of type<<8|code: whole types, and single codes at the ends. Neither field can be masked.
func icmpMatches(head []Term, r ir.PortRange) [][]Term {
	var out [][]Term
	for v := uint32(r.From); v <= uint32(r.To); {
		kind := Is(ICMPType, uint64(v>>8))
		if v&0xff == 0 && v|0xff <= uint32(r.To) {
			out = append(out, terms(head, kind))
			v += 0x100
			continue
		}
		out = append(out, terms(head, kind, Is(ICMPCode, uint64(v&0xff))))
		v++
	}
	return out
}
