package nft

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Artifact lists the ruleset's objects in load order: the table, limits, sets, rule lists, levels, maps, chains. An object's Value is its
// *Limit, *Set or *Chain, whose elements or rules are parallel to Items; the table has none.
func Artifact(rs *Ruleset) artifact.Artifact {
	a := artifact.Artifact{Target: Target, Node: rs.Node, Objects: []artifact.Object{{Key: TableKey, Head: "table inet " + TableName}}}
	for _, l := range rs.Limits {
		a.Objects = append(a.Objects, LimitObject(l))
	}
	for _, s := range rs.Sets {
		a.Objects = append(a.Objects, SetObject(s))
	}
	for _, c := range rs.Lists {
		a.Objects = append(a.Objects, ChainObject(c))
	}
	for _, level := range rs.Levels {
		for _, s := range level.Maps {
			a.Objects = append(a.Objects, SetObject(s))
		}
		for _, c := range level.Lists {
			a.Objects = append(a.Objects, ChainObject(c))
		}
	}
	for _, s := range rs.Maps {
		a.Objects = append(a.Objects, SetObject(s))
	}
	for _, c := range rs.Chains {
		a.Objects = append(a.Objects, ChainObject(c))
	}
	return a
}

// TableKey is the key of the table's object; SetKey and ChainKey give those of the others.
const TableKey = "table"

// LimitObject prints a limit as an object: its key is "limit NAME".
func LimitObject(l *Limit) artifact.Object {
	return artifact.Object{Key: "limit " + l.Name, Head: "limit " + l.Name + " { " + l.text() + " }", Value: l}
}

// SetKey gives "set NAME" or "map NAME".
func SetKey(s *Set) string {
	if s.IsMap() {
		return "map " + s.Name
	}
	return "set " + s.Name
}

// ChainKey gives "chain NAME".
func ChainKey(c *Chain) string { return "chain " + c.Name }

// SetObject prints a set or map as an object. Its elements must be in the order of their texts.
func SetObject(s *Set) artifact.Object {
	o := artifact.Object{Key: SetKey(s), Head: SetKey(s) + " { " + strings.Join(setSpec(s), "; ") + "; }", Volatile: VolatilityOf(s.Name), Value: s}
	for _, e := range s.Elements {
		o.Items = append(o.Items, ElementText(s, e))
	}
	return o
}

// ChainObject prints a chain as an object.
func ChainObject(c *Chain) artifact.Object {
	o := artifact.Object{Key: ChainKey(c), Head: ChainKey(c), Ordered: true, Value: c}
	if c.Hook != NoHook {
		o.Head += " { " + hookSpec(c) + " }"
	}
	for _, r := range c.Rules {
		o.Items = append(o.Items, RuleText(r))
	}
	return o
}

func setSpec(s *Set) []string {
	spec := []string{"type " + typesText(s.Key)}
	if s.Verdicts {
		spec[0] += " : verdict"
	}
	if len(s.Data) > 0 {
		spec[0] += " : " + typesText(s.Data)
	}
	if s.Limits {
		spec[0] += " : limit"
	}
	// The type of a number has no name.
	if s.Modulus > 0 {
		spec[0] = "typeof " + typeofText(s.Key, s.Modulus) + " : " + typeofText(s.Data, 0)
	}
	// Nor has that of a label.
	if s.Key[0] == Label {
		spec[0] = "typeof " + typeofText(s.Key, 0)
	}
	if s.Counts {
		spec = append(spec, "counter")
	}
	if s.Lifetime > 0 {
		spec = append(spec, fmt.Sprintf("size %d", s.Size), "flags dynamic,timeout", "timeout "+seconds(s.Lifetime))
	}
	if s.Interval {
		spec = append(spec, "flags interval")
	}
	if s.Timeout {
		spec = append(spec, "flags timeout")
	}
	return spec
}

func typesText(types []Type) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = [...]string{"ipv4_addr", "ipv6_addr", "inet_proto", "inet_service", "integer", "mark", "label"}[t]
	}
	return strings.Join(words, " . ")
}

// typeofText names fields that have the types.
func typeofText(types []Type, modulus uint32) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = [...]string{"ip daddr", "ip6 daddr", "meta l4proto", "th dport", randomText(modulus), "mark", "ct label"}[t]
	}
	return strings.Join(words, " . ")
}

func randomText(modulus uint32) string { return fmt.Sprintf("numgen random mod %d", modulus) }

// String gives the hook's word.
func (h Hook) String() string {
	return [...]string{"none", "prerouting", "input", "forward", "output", "postrouting"}[h]
}

func hookSpec(c *Chain) string {
	kind := "filter"
	switch {
	case c.NAT:
		kind = "nat"
	case c.Reroutes:
		kind = "route"
	}
	return fmt.Sprintf("type %s hook %s priority %d; policy accept;", kind, c.Hook, c.Priority)
}

// Script prints an artifact of this target as input for nft -f that replaces our table whole, in one transaction, and stores
// the generation as Apply of runtime/nft does. The artifact must have its Values.
func Script(a artifact.Artifact) string {
	var b strings.Builder
	defineLabels(&b, a)
	fmt.Fprintf(&b, "table inet %s\ndelete table inet %s\ntable inet %s {\n", TableName, TableName, TableName)
	generation := GenerationSet(artifact.Generation(a))
	scriptSet(&b, generation, SetObject(generation).Items)
	for _, o := range a.Objects {
		switch v := o.Value.(type) {
		case *Limit:
			scriptLimit(&b, v)
		case *Set:
			scriptSet(&b, v, o.Items)
		case *Chain:
			scriptChain(&b, v, o.Items)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// generationName is the name of the set that stores the generation. It is no object of the artifact.
const generationName = "generation"

// GenerationSet is the set that tells which generation the table holds: its only element is an IPv6 address whose first 8
// bytes are the 16 hexadecimal digits. Elements are what the kernel changes with the least ado: no transaction that changes
// nothing else touches a chain.
func GenerationSet(generation string) *Set {
	bytes, err := hex.DecodeString(generation)
	v := Value(append(bytes, make([]byte, IPv6Addr.Len())...)[:IPv6Addr.Len()])
	s := &Set{Name: generationName, Key: []Type{IPv6Addr}}
	if err == nil {
		s.Elements = []*Element{{From: v, To: v}}
	}
	return s
}

// ParseGeneration gives the generation that a set stores, which has the name of GenerationSet; "" if it stores none.
func ParseGeneration(s *Set) string {
	if len(s.Elements) != 1 || len(s.Elements[0].From) != IPv6Addr.Len() {
		return ""
	}
	return hex.EncodeToString([]byte(s.Elements[0].From[:IPv6Addr.Len()/2]))
}

func scriptSet(b *strings.Builder, s *Set, items []string) {
	fmt.Fprintf(b, "\n\t%s {\n", SetKey(s))
	for _, line := range setSpec(s) {
		fmt.Fprintf(b, "\t\t%s\n", line)
	}
	if len(items) > 0 {
		fmt.Fprintf(b, "\t\telements = {\n\t\t\t%s\n\t\t}\n", strings.Join(items, ",\n\t\t\t"))
	}
	b.WriteString("\t}\n")
}

func scriptChain(b *strings.Builder, c *Chain, items []string) {
	fmt.Fprintf(b, "\n\t%s {\n", ChainKey(c))
	if c.Hook != NoHook {
		fmt.Fprintf(b, "\t\t%s\n", hookSpec(c))
	}
	for i, item := range items {
		if IsBeyondText(c.Rules[i]) {
			item = "# " + item
		}
		fmt.Fprintf(b, "\t\t%s\n", item)
	}
	b.WriteString("\t}\n")
}

// IsBeyondText reports whether nft 1.0.6 fails to read a rule that the kernel takes: one that learns by a key of more than 16 bytes.
// It has no registers for such a key beside an address of 16 bytes and a port, however the two are spelt. Script has such rules as comments only, so that what is loaded from it works but for the affinity of clients by IPv6.
func IsBeyondText(r *Rule) bool { return slices.Contains(r.Learn.Key, SrcAddr6) }

// ElementText prints an element of a set: its fields joined by " . ", ranges as CIDR where they are one, else FROM-TO, and the
// verdict after " : ".
func ElementText(s *Set, e *Element) string {
	text := valuesText(s.Key, e.From, e.To)
	switch {
	case s.Verdicts:
		text += " : " + verdictText(e.Verdict)
	case len(s.Data) > 0:
		text += " : " + valuesText(s.Data, e.Data, e.Data)
	case s.Limits:
		text += ` : "` + e.Limit + `"`
	}
	return text
}

func valuesText(types []Type, from, to Value) string {
	var text []byte
	for i, t := range types {
		n := t.Len()
		if len(from) < n || len(to) < n {
			return fmt.Sprintf("malformed %x", from)
		}
		if i > 0 {
			text = append(text, " . "...)
		}
		text = append(text, rangeText(t, from[:n], to[:n])...)
		from, to = from[n:], to[n:]
	}
	return string(text)
}

func rangeText(t Type, from, to Value) string {
	if t == IPv4Addr || t == IPv6Addr {
		return addrRange(from, to).String()
	}
	if from == to {
		return valueText(t, from)
	}
	return valueText(t, from) + "-" + valueText(t, to)
}

// addrRange reads a range of addresses: 4 or 16 bytes each.
func addrRange(from, to Value) ir.AddrRange {
	a, _ := netip.AddrFromSlice([]byte(from))
	b, _ := netip.AddrFromSlice([]byte(to))
	return ir.AddrRange{From: a, To: b}
}

func valueText(t Type, v Value) string {
	switch t {
	case InetProto:
		return protoText(v)
	case Number:
		return strconv.Itoa(int(binary.BigEndian.Uint32([]byte(v))))
	case Label:
		return labelText(v)
	case MarkValue:
		return bitsText(binary.BigEndian.Uint32([]byte(v)))
	}
	return strconv.Itoa(int(binary.BigEndian.Uint16([]byte(v))))
}

// protoText uses the names that are words of the nft language; others would depend on /etc/protocols.
func protoText(v Value) string {
	switch p := ir.Proto(v[0]); p {
	case ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP, ir.ProtoICMP, ir.ProtoICMPv6:
		return p.String()
	default:
		return strconv.Itoa(int(p))
	}
}

// RuleText prints a rule in the nft language.
func RuleText(r *Rule) string {
	var words []string
	for i, m := range r.Matches {
		if i+1 < len(r.Matches) && impliesProto(m, r.Matches[i+1]) {
			continue
		}
		words = append(words, matchText(m, portWord(r.Matches[:i])))
	}
	if r.Counts {
		words = append(words, "counter")
	}
	if r.Log != (Log{}) {
		words = append(words, logText(r.Log))
	}
	if r.Mark != 0 {
		words = append(words, fmt.Sprintf("meta mark set meta mark | 0x%08x", r.Mark))
	}
	if r.Marking != (Marking{}) {
		words = append(words, r.Marking.text())
	}
	if r.Label != "" {
		words = append(words, "ct label set "+labelText(r.Label))
	}
	if r.Learn.Map != "" {
		words = append(words, fmt.Sprintf("update @%s { %s : %s }", r.Learn.Map, fieldsText(r.Learn.Key, "th"), fieldsText(r.Learn.Data, "th")))
	}
	if r.Verdict.Kind != Continue {
		words = append(words, verdictText(r.Verdict))
	}
	if r.Comment != "" {
		words = append(words, `comment "`+r.Comment+`"`)
	}
	return strings.Join(words, " ")
}

func logText(l Log) string {
	if l.Prefix == "" {
		return fmt.Sprintf("log group %d", l.Group)
	}
	return fmt.Sprintf("log prefix \"%s\" group %d", l.Prefix, l.Group)
}

// impliesProto reports whether next prints as "tcp dport" or the like, which says what m says.
func impliesProto(m, next Match) bool {
	return isPort(next) && portWord([]Match{m}) != "th"
}

func isPort(m Match) bool {
	return len(m.Fields) == 1 && (m.Fields[0] == SrcPort || m.Fields[0] == DstPort)
}

// portWord is the header that port fields are read from: that of the protocol that the matches before require, or "th".
func portWord(before []Match) string {
	for _, m := range before {
		if m.Fields[0] == L4Proto && m.Set == "" && m.From == m.To && len(m.From) == 1 && ir.Proto(m.From[0]).HasPorts() {
			return ir.Proto(m.From[0]).String()
		}
	}
	return "th"
}

func matchText(m Match, port string) string {
	if len(m.Fields) == 1 {
		if text := stateText(m.Fields[0]); text != "" {
			return text
		}
	}
	text := fieldsText(m.Fields, port) + " "
	switch {
	case m.Limit != "":
		return "limit name " + text + "map @" + m.Limit
	case m.Mask != "":
		return text + "& " + labelText(m.Mask) + " @" + m.Set
	case m.Set != "":
		return text + "@" + m.Set
	case m.Fields[0] == Mark || m.Fields[0] == CtMark:
		bits := bitsText(binary.BigEndian.Uint32([]byte(m.From)))
		return text + "& " + bits + " == " + bits
	case m.Fields[0] == CtMarkAny || m.Fields[0] == MarkAny:
		return text + "& " + bitsText(binary.BigEndian.Uint32([]byte(m.From))) + " != " + bitsText(0)
	}
	return text + fieldRange(m.Fields[0], m.From, m.To)
}

func fieldsText(fields []Field, port string) string {
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = fieldText(f, port)
	}
	return strings.Join(words, " . ")
}

// stateText is the whole match of a field that has no values, "" for any other.
func stateText(f Field) string {
	switch f {
	case CtState:
		return "ct state established,related"
	case FibIif:
		return "fib saddr . iif oif missing"
	case SrcLocal:
		return "fib saddr type local"
	case DstLocal:
		return "fib daddr type local"
	case InLoopback:
		return "meta iiftype loopback"
	case OutLoopback:
		return "meta oiftype loopback"
	case CtReply:
		return "ct direction reply"
	case InPutBack:
		return `iifname "` + PutBack + `"`
	case CtNew:
		return "ct state new"
	case CtDNAT:
		return "ct status dnat"
	case CtConfirmed:
		return "ct status confirmed"
	case CtNone:
		return "ct state invalid,untracked"
	case CtUntracked:
		return "ct state untracked"
	case InPutBackRaw:
		return `iifname "` + PutBackRaw + `"`
	case CtInvalid:
		return "ct state invalid"
	case InTunnel:
		return `iifname "` + Tunnel + `"`
	case OutTunnel:
		return `oifname "` + Tunnel + `"`
	case NoSYN:
		return "@th,104,8 & 0x02 == 0x00"
	case SYN:
		return "@th,104,8 & 0x02 != 0x00"
	}
	return ""
}

func fieldText(f Field, port string) string {
	switch f {
	case SrcPort:
		return port + " sport"
	case DstPort:
		return port + " dport"
	}
	return [...]string{NFProto: "meta nfproto", L4Proto: "meta l4proto", SrcAddr4: "ip saddr", DstAddr4: "ip daddr",
		SrcAddr6: "ip6 saddr", DstAddr6: "ip6 daddr", ICMPType: "@th,0,8", ICMPTypeCode: "@th,0,16",
		CtSrc4: "ct original ip saddr", CtSrc6: "ct original ip6 saddr", CtDst4: "ct original ip daddr", CtDst6: "ct original ip6 daddr",
		CtDstPort: "ct original proto-dst", Mark: "meta mark", CtMark: "ct mark", CtMarkAny: "ct mark", MarkAny: "meta mark", CtLabel: "ct label"}[f]
}

func fieldRange(f Field, from, to Value) string {
	switch f {
	case NFProto:
		return map[Value]string{NFProtoIPv4: "ipv4", NFProtoIPv6: "ipv6"}[from]
	case L4Proto:
		return rangeText(InetProto, from, to)
	case ICMPType:
		return numbers([]byte("\x00"+from), []byte("\x00"+to))
	case ICMPTypeCode, SrcPort, DstPort, CtDstPort:
		return numbers([]byte(from), []byte(to))
	}
	return addrRange(from, to).String()
}

func numbers(from, to []byte) string {
	text := strconv.Itoa(int(binary.BigEndian.Uint16(from)))
	if !slices.Equal(from, to) {
		text += "-" + strconv.Itoa(int(binary.BigEndian.Uint16(to)))
	}
	return text
}

func (k *Key) text() string {
	if k.Mask != 0 {
		return fieldsText(k.Fields, "th") + " & " + bitsText(k.Mask)
	}
	if n := len(k.Fields) - 1; k.Fields[n] == Random {
		return fieldsText(k.Fields[:n], "th") + " . " + randomText(k.Modulus)
	}
	return fieldsText(k.Fields, "th")
}

func verdictText(v Verdict) string {
	switch v.Kind {
	case Jump:
		return "jump " + v.Target
	case Goto:
		return "goto " + v.Target
	case Reset:
		return "reject with tcp reset"
	case Prohibit4:
		return "reject with icmp host-prohibited"
	case Prohibit6:
		return "reject with icmpv6 admin-prohibited"
	case Refuse:
		return "reject with icmpx port-unreachable"
	case Masquerade:
		return "masquerade fully-random"
	case Loop4:
		return "ip daddr set 127.0.0.1 accept"
	case Loop6:
		return "ip6 daddr set ::1 accept"
	case Dispatch:
		return v.Key.text() + " vmap @" + v.Target
	case Translate4:
		return "dnat ip to " + v.Key.text() + " map @" + v.Target
	case Translate6:
		return "dnat ip6 to " + v.Key.text() + " map @" + v.Target
	case Source4:
		return "snat ip to " + v.Key.text() + " map @" + v.Target
	case Source6:
		return "snat ip6 to " + v.Key.text() + " map @" + v.Target
	case Keep4:
		return "snat ip to ip saddr"
	case Keep6:
		return "snat ip6 to ip6 saddr"
	case Untrack:
		return "notrack"
	case Fit:
		return "tcp option maxseg size set rt mtu"
	}
	return [...]string{Accept: "accept", Drop: "drop", Return: "return"}[v.Kind]
}
