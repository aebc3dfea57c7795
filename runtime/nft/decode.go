package nft

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/nft"
)

// nestedIn lists which attributes of an expression hold others; the kernel does not mark them.
func nestedIn(name string, p path) bool {
	switch name {
	case "immediate":
		return p == unix.NFTA_IMMEDIATE_DATA || p == unix.NFTA_IMMEDIATE_DATA<<8|unix.NFTA_DATA_VERDICT
	case "cmp":
		return p == unix.NFTA_CMP_DATA
	case "bitwise":
		return p == unix.NFTA_BITWISE_MASK || p == unix.NFTA_BITWISE_XOR
	}
	return false
}

// eachExpression calls f for every expression of a rule, in order.
func eachExpression(list []byte, f func(expression)) error {
	return each(list, func(_ uint16, elem []byte) error {
		a, err := parseAttrs(elem)
		if err != nil {
			return err
		}
		e := expression{a.str(unix.NFTA_EXPR_NAME), map[path]string{}}
		if err := e.read(0, a[unix.NFTA_EXPR_DATA]); err != nil {
			return err
		}
		f(e)
		return nil
	})
}

// readExpressions reads the expressions of a rule. What its counter has counted is no part of it.
func readExpressions(list []byte) ([]expression, error) {
	var out []expression
	err := eachExpression(list, func(e expression) {
		if _, counted := e.count(); counted {
			e = counter()
		}
		e.settable()
		out = append(out, e)
	})
	return out, err
}

func (e *expression) read(outer path, data []byte) error {
	return each(data, func(typ uint16, value []byte) error {
		p := outer<<8 | path(typ)
		if nestedIn(e.name, p) {
			return e.read(p, value)
		}
		e.attrs[p] = string(value)
		return nil
	})
}

// count gives what a counter has counted.
func (e *expression) count() (c agent.Count, ok bool) {
	packets, bytes := e.attrs[counterPackets], e.attrs[counterBytes]
	if e.name != "counter" || len(packets) != 8 || len(bytes) != 8 {
		return c, false
	}
	return agent.Count{Packets: binary.BigEndian.Uint64([]byte(packets)), Bytes: binary.BigEndian.Uint64([]byte(bytes))}, true
}

func sameExpressions(a, b []expression) bool {
	return slices.EqualFunc(a, b, func(x, y expression) bool { return x.name == y.name && maps.Equal(x.attrs, y.attrs) })
}

// errForeign means that a rule or an element is none that we make.
var errForeign = errors.New("not of our making")

// decompile is the inverse of compile. Whatever it may guess, the result compiles to exactly the given expressions.
func decompile(list []expression) (*nft.Rule, error) {
	d := decompiler{rest: list, rule: &nft.Rule{Verdict: nft.Verdict{Kind: nft.Continue}}}
	for len(d.rest) > 0 {
		if !d.step() {
			return nil, errForeign
		}
	}
	again, err := compile(d.rule)
	if err != nil || !sameExpressions(again, list) {
		return nil, errForeign
	}
	return d.rule, nil
}

type decompiler struct {
	rest    []expression
	rule    *nft.Rule
	proto   byte   // of the last comparison of the protocol
	modulus uint32 // of the random number that is the last part of the key
	mask    string // of the connection's mark that is the key
}

// next takes the next expression if it has the name.
func (d *decompiler) next(name string) (expression, bool) {
	if len(d.rest) == 0 || d.rest[0].name != name {
		return expression{}, false
	}
	e := d.rest[0]
	d.rest = d.rest[1:]
	return e, true
}

func (d *decompiler) add(m nft.Match) bool {
	d.rule.Matches = append(d.rule.Matches, m)
	return true
}

// step reads one match, or the verdict.
func (d *decompiler) step() bool {
	if e, ok := d.next("meta"); ok {
		return d.meta(e)
	}
	if e, ok := d.next("payload"); ok {
		return d.payload(e, nil)
	}
	if e, ok := d.next("ct"); ok {
		return d.ct(e)
	}
	if e, ok := d.next("fib"); ok {
		_, compared := d.next("cmp")
		field, known := map[string]nft.Field{be32(fibSaddrIif): nft.FibIif, be32(fibSaddr): nft.SrcLocal,
			be32(fibDaddr): nft.DstLocal}[e.attrs[unix.NFTA_FIB_FLAGS]]
		return compared && known && d.add(nft.Match{Fields: []nft.Field{field}})
	}
	if _, ok := d.next("notrack"); ok {
		d.rule.Verdict.Kind = nft.Untrack
		return true
	}
	if _, ok := d.next("rt"); ok {
		return d.fit()
	}
	if _, ok := d.next("counter"); ok {
		d.rule.Counts = true
		return true
	}
	if e, ok := d.next("log"); ok {
		return d.log(e)
	}
	if e, ok := d.next("immediate"); ok {
		if to, isValue := e.attrs[pathImmediate]; isValue {
			return d.value(to)
		}
		v, err := readVerdict(e.attrs[pathJumpCode], e.attrs[pathJumpChain])
		d.rule.Verdict = v
		return err == nil
	}
	if _, ok := d.next("masq"); ok {
		d.rule.Verdict.Kind = nft.Masquerade
		return true
	}
	if e, ok := d.next("reject"); ok {
		if e.attrs[unix.NFTA_REJECT_TYPE] == be32(rejectICMPX) {
			d.rule.Verdict.Kind = nft.Refuse
			return true
		}
		kinds := map[string]nft.VerdictKind{string([]byte{hostProhibited}): nft.Prohibit4, string([]byte{adminProhibited}): nft.Prohibit6}
		kind, known := kinds[e.attrs[unix.NFTA_REJECT_ICMP_CODE]]
		if e.attrs[unix.NFTA_REJECT_TYPE] == be32(rejectTCPReset) {
			kind, known = nft.Reset, true
		}
		d.rule.Verdict.Kind = kind
		return known
	}
	return false
}

// trackedField tells which field of connection tracking an expression loads.
func trackedField(e expression) (nft.Field, bool) {
	for _, f := range []nft.Field{nft.CtSrc4, nft.CtSrc6, nft.CtDst4, nft.CtDst6, nft.CtDstPort} {
		if key, _, _ := tracked(f); e.name == "ct" && e.attrs[unix.NFTA_CT_KEY] == be32(key) {
			return f, true
		}
	}
	return 0, false
}

func (d *decompiler) ct(e expression) bool {
	switch e.attrs[unix.NFTA_CT_KEY] {
	case be32(unix.NFT_CT_STATE), be32(unix.NFT_CT_STATUS):
		m, masked := d.next("bitwise")
		_, compared := d.next("cmp")
		fields := map[string]nft.Field{native32(ctEstRelated): nft.CtState, native32(ctNew): nft.CtNew, native32(ctNone): nft.CtNone, native32(ctInvalid): nft.CtInvalid, native32(ctUntracked): nft.CtUntracked}
		if e.attrs[unix.NFTA_CT_KEY] == be32(unix.NFT_CT_STATUS) {
			fields = map[string]nft.Field{native32(ctDNAT): nft.CtDNAT, native32(ctConfirmed): nft.CtConfirmed}
		}
		field, known := fields[m.attrs[pathMask]]
		return masked && compared && known && d.add(nft.Match{Fields: []nft.Field{field}})
	case be32(unix.NFT_CT_LABELS):
		return d.labelLookup()
	case be32(unix.NFT_CT_MARK):
		return d.ctMark()
	case be32(unix.NFT_CT_DIRECTION):
		_, compared := d.next("cmp")
		return compared && d.add(nft.Match{Fields: []nft.Field{nft.CtReply}})
	}
	var fields []nft.Field
	for ok := true; ok; e, ok = d.next("ct") {
		f, known := trackedField(e)
		if !known {
			return false
		}
		fields = append(fields, f)
	}
	if c, ok := d.next("cmp"); ok && len(fields) == 1 {
		v := nft.Value(c.attrs[pathCmpData])
		return d.add(nft.Match{Fields: fields, From: v, To: v})
	}
	return d.lookup(fields)
}

func (d *decompiler) log(e expression) bool {
	group := e.attrs[logGroup]
	if len(group) != 2 {
		return false
	}
	d.rule.Log = nft.Log{Group: binary.BigEndian.Uint16([]byte(group)), Prefix: attrs{0: []byte(e.attrs[logPrefix])}.str(0)}
	return true
}

func (d *decompiler) meta(e expression) bool {
	switch e.attrs[unix.NFTA_META_KEY] {
	case be32(unix.NFT_META_IIFNAME), be32(unix.NFT_META_OIFNAME):
		return d.iface(e)
	case be32(unix.NFT_META_IIFTYPE), be32(unix.NFT_META_OIFTYPE):
		field := nft.InLoopback
		if e.attrs[unix.NFTA_META_KEY] == be32(unix.NFT_META_OIFTYPE) {
			field = nft.OutLoopback
		}
		_, compared := d.next("cmp")
		return compared && d.add(nft.Match{Fields: []nft.Field{field}})
	case be32(unix.NFT_META_MARK):
		return d.mark()
	}
	if e.attrs[unix.NFTA_META_KEY] == be32(unix.NFT_META_NFPROTO) {
		c, ok := d.next("cmp")
		if !ok || len(d.rest) == 0 {
			return false
		}
		if _, isValue := d.rest[0].attrs[pathImmediate]; isValue && d.rest[0].name == "immediate" {
			return true // implied by the header that is written to
		}
		if field, _, ok := fieldOf(d.rest[0], 0); ok {
			if p, _ := placeOf(field); p.family != "" {
				return true // implied by the address field
			}
		}
		family := nft.Value(c.attrs[pathCmpData])
		return d.add(nft.Match{Fields: []nft.Field{nft.NFProto}, From: family, To: family})
	}
	if c, ok := d.next("cmp"); ok {
		v := c.attrs[pathCmpData]
		if len(v) != 1 {
			return false
		}
		d.proto = v[0]
		return d.add(nft.Match{Fields: []nft.Field{nft.L4Proto}, From: nft.Value(v), To: nft.Value(v)})
	}
	if p, ok := d.next("payload"); ok {
		return d.payload(p, []nft.Field{nft.L4Proto})
	}
	return d.lookup([]nft.Field{nft.L4Proto})
}

// fieldOf tells which field a payload expression loads, and how many bytes of it. Transport fields depend on the protocol.
func fieldOf(e expression, proto byte) (f nft.Field, length int, ok bool) {
	base, offset, size := e.attrs[unix.NFTA_PAYLOAD_BASE], e.attrs[unix.NFTA_PAYLOAD_OFFSET], e.attrs[unix.NFTA_PAYLOAD_LEN]
	if len(offset) != 4 || len(size) != 4 || e.name != "payload" {
		return 0, 0, false
	}
	length = int(binary.BigEndian.Uint32([]byte(size)))
	fields := []nft.Field{nft.SrcAddr4, nft.DstAddr4, nft.SrcAddr6, nft.DstAddr6, nft.SrcPort, nft.DstPort}
	if isICMP := proto == unix.IPPROTO_ICMP || proto == unix.IPPROTO_ICMPV6; length == 1 && (isICMP || proto == unix.IPPROTO_IGMP) {
		fields = []nft.Field{nft.ICMPType}
	} else if isICMP {
		fields = []nft.Field{nft.ICMPTypeCode}
	}
	for _, f := range append(fields, nft.SrcAddr4, nft.DstAddr4, nft.SrcAddr6, nft.DstAddr6) {
		if p, _ := placeOf(f); base == be32(p.base) && offset == be32(p.offset) {
			return f, length, length <= int(p.length)
		}
	}
	return 0, 0, false
}

func isPortPair(e expression) bool {
	return e.attrs[unix.NFTA_PAYLOAD_BASE] == be32(unix.NFT_PAYLOAD_TRANSPORT_HEADER) && e.attrs[unix.NFTA_PAYLOAD_LEN] == be32(portPairLen)
}

// payload reads a match that loads a payload field, after the given fields of a concatenation.
func (d *decompiler) payload(e expression, before []nft.Field) bool {
	if isPortPair(e) && len(before) == 0 {
		c, ok := d.next("cmp")
		v := nft.Value(c.attrs[pathCmpData])
		return ok && len(v) == portPairLen && d.add(nft.Match{Fields: []nft.Field{nft.SrcPort}, From: v[:2], To: v[:2]}) &&
			d.add(nft.Match{Fields: []nft.Field{nft.DstPort}, From: v[2:], To: v[2:]})
	}
	if e.attrs[unix.NFTA_PAYLOAD_BASE] == be32(unix.NFT_PAYLOAD_TRANSPORT_HEADER) && e.attrs[unix.NFTA_PAYLOAD_OFFSET] == be32(tcpFlags) {
		return d.syn()
	}
	field, length, ok := fieldOf(e, d.proto)
	if !ok {
		return false
	}
	fields := append(before, field)
	if len(d.rest) > 0 && isFurther(d.rest[0]) {
		return d.key(fields)
	}
	if b, ok := d.next("bitwise"); ok {
		c, ok := d.next("cmp")
		return ok && d.prefix(field, c.attrs[pathCmpData], b.attrs[pathMask])
	}
	c, ok := d.next("cmp")
	if !ok {
		return d.lookup(fields)
	}
	from := c.attrs[pathCmpData]
	if p, _ := placeOf(field); length < int(p.length) {
		if len(from) > int(p.length) {
			return false
		}
		zeros := string(make([]byte, int(p.length)-len(from)))
		return d.prefix(field, from+zeros, leadingOnes(8*len(from), int(p.length)))
	}
	to := from
	if c.attrs[unix.NFTA_CMP_OP] != be32(unix.NFT_CMP_EQ) {
		upper, ok := d.next("cmp")
		if !ok {
			return false
		}
		to = upper.attrs[pathCmpData]
	}
	return d.add(nft.Match{Fields: fields, From: nft.Value(from), To: nft.Value(to)})
}

// prefix adds a match of the addresses that have the bits of from where mask has ones.
func (d *decompiler) prefix(f nft.Field, from, mask string) bool {
	if len(from) != len(mask) {
		return false
	}
	to := []byte(from)
	for i := range to {
		to[i] |= ^mask[i]
	}
	return d.add(nft.Match{Fields: []nft.Field{f}, From: nft.Value(from), To: nft.Value(to)})
}

// lookup reads the end of a match against a set, or a dispatch by a map.
func (d *decompiler) lookup(fields []nft.Field) bool {
	if e, ok := d.next("objref"); ok {
		return d.add(nft.Match{Fields: fields, Limit: attrs{0: []byte(e.attrs[unix.NFTA_OBJREF_SET_NAME])}.str(0)})
	}
	if _, ok := d.next("nat"); ok {
		return d.keep(fields)
	}
	e, ok := d.next("lookup")
	if !ok {
		return false
	}
	set := attrs{unix.NFTA_LOOKUP_SET: []byte(e.attrs[unix.NFTA_LOOKUP_SET])}.str(unix.NFTA_LOOKUP_SET)
	if len(fields) == 1 && fields[0] == nft.CtMark {
		return d.markLookup(e, set)
	}
	if to, isMap := e.attrs[unix.NFTA_LOOKUP_DREG]; isMap {
		d.rule.Verdict = nft.Verdict{Kind: nft.Dispatch, Key: &nft.Key{Fields: fields, Modulus: d.modulus}, Target: set}
		return to == be32(unix.NFT_REG_VERDICT) || d.translation()
	}
	return d.add(nft.Match{Fields: fields, Set: set})
}

func readVerdict(code, chain string) (nft.Verdict, error) {
	if len(code) != 4 {
		return nft.Verdict{}, errForeign
	}
	v := nft.Verdict{Target: attrs{0: []byte(chain)}.str(0)}
	switch int32(binary.BigEndian.Uint32([]byte(code))) {
	case verdictAccept:
		v.Kind = nft.Accept
	case verdictDrop:
		v.Kind = nft.Drop
	case unix.NFT_RETURN:
		v.Kind = nft.Return
	case unix.NFT_JUMP:
		v.Kind = nft.Jump
	case unix.NFT_GOTO:
		v.Kind = nft.Goto
	default:
		return v, errForeign
	}
	return v, nil
}

// foreign gives a text for something that we did not make, which changes with its content.
func foreign(what string, content []byte) string {
	sum := sha256.Sum256(content)
	return "foreign " + what + " " + hex.EncodeToString(sum[:8])
}

// userdataComment is the type of a rule's comment in its user data (NFTNL_UDATA_RULE_COMMENT).
const userdataComment = 0

// writeComment gives a rule's user data; it is a list of type, length, value with one byte each for the first two.
func writeComment(comment string) []byte {
	return append([]byte{userdataComment, byte(len(comment) + 1)}, cstr(comment)...)
}

func readComment(data []byte) (string, error) {
	if len(data) == 0 {
		return "", nil
	}
	if len(data) < 3 || data[0] != userdataComment || int(data[1]) != len(data)-2 || data[len(data)-1] != 0 {
		return "", errForeign
	}
	return string(data[2 : len(data)-1]), nil
}

// readRule gives a rule's text, or that of a foreign one.
func readRule(a attrs) string {
	list, err := readExpressions(a[unix.NFTA_RULE_EXPRESSIONS])
	if err == nil {
		var rule *nft.Rule
		if rule, err = decompile(list); err == nil {
			rule.Comment, err = readComment(a[unix.NFTA_RULE_USERDATA])
		}
		if err == nil {
			return nft.RuleText(rule)
		}
	}
	return foreign("rule", slices.Concat(a[unix.NFTA_RULE_EXPRESSIONS], a[unix.NFTA_RULE_USERDATA]))
}
