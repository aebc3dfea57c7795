package nft

import (
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/nft"
)

// What the payload expression has for checksums.
const (
	payloadChecksums path   = 8  // NFTA_PAYLOAD_CSUM_FLAGS
	pseudoHeader     uint32 = 1  // NFT_PAYLOAD_L4CSUM_PSEUDOHDR
	ipv4Checksum     uint32 = 10 // where it is in the header
)

// loop sends a packet to a loopback address.
func (c *compiler) loop(kind nft.VerdictKind) {
	field, to, checksum, at := nft.DstAddr4, "\x7f\x00\x00\x01", uint32(unix.NFT_PAYLOAD_CSUM_INET), ipv4Checksum
	if kind == nft.Loop6 {
		field, to, checksum, at = nft.DstAddr6, string(make([]byte, 15))+"\x01", unix.NFT_PAYLOAD_CSUM_NONE, 0
	}
	p, _ := placeOf(field)
	c.require(p.family)
	c.add(expression{"immediate", map[path]string{unix.NFTA_IMMEDIATE_DREG: register(0), pathImmediate: to}},
		expression{"payload", map[path]string{unix.NFTA_PAYLOAD_SREG: register(0), unix.NFTA_PAYLOAD_BASE: be32(p.base),
			unix.NFTA_PAYLOAD_OFFSET: be32(p.offset), unix.NFTA_PAYLOAD_LEN: be32(p.length), unix.NFTA_PAYLOAD_CSUM_TYPE: be32(checksum),
			unix.NFTA_PAYLOAD_CSUM_OFFSET: be32(at), payloadChecksums: be32(pseudoHeader)}},
		verdictExpr(verdictAccept, ""))
}

// loop reads that a packet is sent to a loopback address.
func (d *decompiler) loop(to string) bool {
	_, written := d.next("payload")
	_, accepted := d.next("immediate")
	d.rule.Verdict.Kind = nft.Loop4
	if len(to) == nft.IPv6Addr.Len() {
		d.rule.Verdict.Kind = nft.Loop6
	}
	return written && accepted
}
