// Package nft turns a node's ir.Pipeline into nftables: one table, inet headgate.
//
// Rules are structured values until print.go. What it generates needs nothing that nft 1.0.6 or kernel 5.15 lacks, is
// byte-stable, and judges every packet as the Pipeline does (eval.go; tests compare the two). The number of rules and lookups
// that a packet meets depends on the policies of its own two endpoints only.
//
// # Shape
//
// Egress and ingress have base chains of their own on the forward hook, egress first, because accept ends a base chain and
// not the hook: an egress rule that allows hands the packet to ingress. Packets from a pod to its own node pass the input
// hook, where egress is judged too. Each direction and phase has a verdict map per family from the endpoint's address to the chain of its
// rule list; endpoints with equal policies share the chain. In it, accept allows, return passes or misses and leads to the
// next phase's map, and falling off the last one leaves the base chain, whose policy is to accept.
//
// What the node itself sends passes the output hook, and what it receives the input hook. If the node is an endpoint there are
// two more base chains, one for each: egress_output, which lets everything pass to the node's own pods, and ingress_input, after
// egress_input. They never see what is forwarded. All addresses that the kernel calls local are the node's, the declared ones
// and others, such as the address of its pods' gateway: a rule that held for some of them would be no rule. On a machine outside
// the cluster these two chains are all there is; there they dispatch by address, since each address is an endpoint of its own.
package nft

import (
	"slices"
	"time"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// TableName is the name of our table, of family inet. Nothing outside of it is ever touched.
const TableName = "headgate"

// Ruleset is the content of our table. The lists come in load order: Lists refer to Sets, Maps to Lists, Chains to all.
type Ruleset struct {
	Node   string
	Limits []*Limit // that maps lead to, by name
	Sets   []*Set   // of addresses and of layer-4 values, and maps to such values, by name
	Lists  []*Chain // rule lists and parts of long ones, by name; the chain that rejects, first
	Levels []Level  // long rule lists, which lead to parts of themselves: to Lists, and to those of levels before
	Maps   []*Set   // from endpoints' addresses to Lists, by direction, phase, family
	Chains []*Chain // what packets enter first, and the dispatch to Maps
}

// Level is a level of long rule lists: chains, and the maps that they use, each by name.
type Level struct {
	Maps  []*Set
	Lists []*Chain
}

// AllChains lists all chains in load order.
func (rs *Ruleset) AllChains() []*Chain {
	out := slices.Clone(rs.Lists)
	for _, level := range rs.Levels {
		out = append(out, level.Lists...)
	}
	return append(out, rs.Chains...)
}

// AllSets lists all sets and maps in load order.
func (rs *Ruleset) AllSets() []*Set {
	out := slices.Clone(rs.Sets)
	for _, level := range rs.Levels {
		out = append(out, level.Maps...)
	}
	return append(out, rs.Maps...)
}

// Type is the type of a value in a set's key.
type Type uint8

// The types, with their lengths in bytes: 4, 16, 1, 2, 4, 4, 16.
const (
	IPv4Addr Type = iota
	IPv6Addr
	InetProto
	InetService
	Number    // in keys only, as their last part: of Random
	MarkValue // in keys only: of CtMark
	Label     // in keys only: of CtLabel
)

// Len is the length of the type's values in bytes.
func (t Type) Len() int { return [...]int{4, 16, 1, 2, 4, 4, 16}[t] }

// Value is a value, or the values of several fields one after the other, in network byte order without padding.
type Value string

// Limit is a rate that packets of several sources have together. What exceeds it is told by a Match.
type Limit struct {
	Name  string
	Rate  uint64 // bytes a second
	Burst uint32 // bytes; the kernel lets as much as that and what is due in a second pass at once
}

// Set is a named set, or with Verdicts a map from keys to verdicts, with Data from keys to values, with Limits from keys to limits.
type Set struct {
	Name     string
	Key      []Type // one type, or a concatenation
	Interval bool   // elements are ranges; pairwise disjoint, and not adjacent unless their verdicts differ. Key has one type then
	Timeout  bool   // elements may end by themselves
	Counts   bool   // each element counts the packets that were looked up and found it, and their bytes
	Verdicts bool
	Data     []Type // of a map's values
	Limits   bool
	Modulus  uint32        // what the Number in Key is below, where there is one
	Lifetime time.Duration // packets put elements in, which end after it; at most Size
	Size     uint32        // only with Lifetime
	Elements []*Element    // in the order of their texts; they do not change, and sets that differ little share them
	Source   string        // ir.Set.Key, where it holds one
}

// IsMap reports whether the set is a map.
func (s *Set) IsMap() bool { return s.Verdicts || s.Limits || len(s.Data) > 0 }

// Element is a member of a set: the values From..To (equal unless the set has intervals), and a map's verdict, value or limit.
type Element struct {
	From, To Value
	Verdict  Verdict
	Data     Value
	Limit    string // its name
}

// Hook is where a base chain stands in the kernel's packet path.
type Hook uint8

// The hooks; NoHook marks a chain that packets only reach by jump.
const (
	NoHook Hook = iota
	Prerouting
	Input
	Forward
	Output
	Postrouting
)

// Chain is a list of rules. A base chain has a Hook and a Priority; its policy is to accept.
type Chain struct {
	Name     string
	Hook     Hook
	Priority int32
	NAT      bool // a base chain that only sees what begins a connection, and may translate it
	Reroutes bool // a base chain of what the machine sends; what changes there is routed anew
	Rules    []*Rule
	Source   string // ir.List.Key, for a rule list
}

// Rule is a rule: if all matches hold, the packet is counted, logged, marked and learned, and the verdict is given.
type Rule struct {
	Matches []Match
	Counts  bool // packets and bytes; so do all rules that have an ID
	Log     Log
	Mark    uint32 // bits that are set in the packet's mark
	Marking Marking
	Label   Value // bits that are set in the connection's label, "" for none
	Learn   Learn
	Verdict Verdict
	ID      ir.RuleID        // 0 for rules that every node has
	Origins []*source.Origin // as in ir.Rule
	Comment string           // see comment
}

// Marking gives bits of the mark of the packet, or of its connection, values. The zero value does not.
type Marking struct {
	Connection bool
	Mask, Bits uint32 // Bits are in Mask; of the packet's mark they are not all of it: that is Rule.Mark
}

// Learn puts an element into a map, or makes the one that is there last for its whole lifetime again. The zero value does not.
type Learn struct {
	Map       string
	Key, Data []Field
}

// Log hands packets to whoever listens to a group in the rule's network namespace, under a prefix. The zero value does not.
type Log struct {
	Group  uint16
	Prefix string // at most 127 bytes
}

// The groups to which packets are handed: by rules with Logging, under LogPrefix; and answers of DNS for endpoints that are
// watched, which are held back until they are put back through the interface PutBack, or PutBackRaw if they come under RawPrefix,
// unless they come under SeenPrefix.
const (
	LogGroup    = 18504
	AnswerGroup = 18503
	SeenPrefix  = "seen "
	PutBack     = "hg-dns"
	RawPrefix   = "raw "
	PutBackRaw  = "hg-dns-raw"
)

// Field is something of a packet that a rule looks at.
type Field uint8

// The fields. An address field of a family holds for packets of that family only. The port fields and those of ICMP (and IGMP, which
// has its type in the same place) are read from the transport header whatever the protocol is; a match of L4Proto stands before them.
const (
	NFProto      Field = iota // 1 byte: the address family, as in NFProtoIPv4
	L4Proto                   // InetProto
	SrcAddr4                  // IPv4Addr
	DstAddr4                  // IPv4Addr
	SrcAddr6                  // IPv6Addr
	DstAddr6                  // IPv6Addr
	SrcPort                   // InetService
	DstPort                   // InetService
	ICMPType                  // 1 byte
	ICMPTypeCode              // 2 bytes
	CtState                   // established or related; Match has no values
	FibIif                    // no route leads back through the interface; Match has no values
	SrcLocal                  // the source is an address of this machine; Match has no values
	DstLocal                  // the destination is an address of this machine; Match has no values
	InLoopback                // it came by a loopback interface; Match has no values
	OutLoopback               // it goes to a loopback interface; Match has no values
	CtReply                   // sent by the one that was dialled; Match has no values
	CtSrc4                    // IPv4Addr: who dialled
	CtSrc6                    // IPv6Addr: who dialled
	CtDst4                    // IPv4Addr: what was dialled, before any translation
	CtDst6                    // IPv6Addr: what was dialled, before any translation
	CtDstPort                 // InetService: what was dialled, before any translation; a match of L4Proto stands before it
	InPutBack                 // it came by the interface PutBack; Match has no values
	CtNew                     // it begins a connection; Match has no values
	CtDNAT                    // the destination of its connection is translated; Match has no values
	Mark                      // 4 bytes: bits that are all set in the packet's mark
	Random                    // Number: a random one below the modulus of the map that is looked up
	CtMark                    // 4 bytes: bits that are all set in the connection's mark
	CtMarkAny                 // 4 bytes: bits of which some are set in the connection's mark
	CtConfirmed               // its connection has had a packet before; Match has no values
	CtNone                    // connection tracking cannot make anything of it, or must not; Match has no values
	CtUntracked               // connection tracking must not make anything of it; Match has no values
	InPutBackRaw              // it came by the interface PutBackRaw; Match has no values
	CtInvalid                 // connection tracking cannot make anything of it; Match has no values
	InTunnel                  // it came by the interface Tunnel; Match has no values
	OutTunnel                 // it leaves by the interface Tunnel; Match has no values
	NoSYN                     // a TCP segment does not begin a connection; a match of L4Proto stands before it; Match has no values
	SYN                       // a TCP segment begins a connection, or answers one that does; as NoSYN
	MarkAny                   // 4 bytes: bits of which some are set in the packet's mark
	CtLabel                   // Label: the bits of the connection's label that Match.Mask has; looked up in a Set
)

// The values of NFProto.
const (
	NFProtoIPv4 Value = "\x02"
	NFProtoIPv6 Value = "\x0a"
)

// Match is a condition on one field, or on a concatenation of fields.
type Match struct {
	Fields   []Field
	From, To Value  // the closed range in which the value must lie; empty if Set is given
	Set      string // the set that must have the value
	Mask     Value  // of CtLabel: the bits that count
	Limit    string // the map that has a limit for the value, which must be exceeded
}

// VerdictKind says what happens to a packet.
type VerdictKind uint8

// The kinds of verdicts.
const (
	Accept     VerdictKind = iota // ends the base chain
	Drop                          // ends everything
	Return                        // to the calling chain
	Jump                          // to Target, and back
	Goto                          // to Target
	Reset                         // answer with a TCP reset, drop
	Prohibit4                     // answer an IPv4 packet with ICMP "host administratively prohibited" (type 3, code 10), drop
	Prohibit6                     // answer an IPv6 packet with ICMPv6 "administratively prohibited" (type 1, code 1), drop
	Dispatch                      // what the map Target holds for the key; no entry: the next rule
	Continue                      // none: the next rule
	Refuse                        // answer with ICMP or ICMPv6 "port unreachable", drop
	Translate4                    // the destination of the connection becomes what the map Target holds for the key, and it is accepted; no entry: the next rule
	Translate6                    // likewise, for IPv6
	Masquerade                    // the source of the connection becomes an address of this machine; it is accepted
	Loop4                         // the destination of this packet alone becomes a loopback address; it is accepted
	Loop6                         // likewise, for IPv6
	Source4                       // the source of the connection becomes what the map Target holds for the key, and it is accepted; no entry: the next rule
	Source6                       // likewise, for IPv6
	Keep4                         // the source of an IPv4 connection stays, whatever would be made of it later; it is accepted
	Keep6                         // likewise, for IPv6
	Untrack                       // connection tracking must not make anything of it; the next rule
	Fit                           // a TCP segment's MSS becomes what fits its way, there and back, unless it is smaller; the next rule
)

// Verdict is what a rule or a map's element does.
type Verdict struct {
	Kind   VerdictKind
	Target string // of Jump, Goto, Dispatch, Translate4 and Translate6, Source4 and Source6
	Key    *Key   // of Dispatch, Translate4 and Translate6, Source4 and Source6
}

// Key is what is looked up in a map: a field, or a concatenation of fields.
type Key struct {
	Fields  []Field
	Modulus uint32 // of Random, which stands last
	Mask    uint32 // of CtMark, which stands alone: the bits that count
}
