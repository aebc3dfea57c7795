// Package nft observes and changes our table in one network namespace's nftables, over netlink.
//
// Guarantees:
//
//   - Only the table inet headgate is touched; beside it there are the interfaces hg-dns and hg-dns-raw while Watch holds answers of DNS.
//   - Apply is one transaction of the kernel: it happens whole or not at all, and no packet sees a half of it. A refusal names
//     the rule and the declarations that it came from.
//   - Observe reads what the kernel really holds, in the texts that targets/nft generates. Whatever it cannot read as such
//     shows as an object or item that nothing generates, so that it is drift.
//   - What Apply leaves is what nft -f leaves of the script that targets/nft prints (tested).
//
// The messages are encoded here and not by a library, because three things matter that none offers: which message of a batch
// was refused, bulk encoding of elements, and reading rules back exactly.
package nft
