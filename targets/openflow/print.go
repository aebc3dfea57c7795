package openflow

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Key is the flow's identity on the bridge in ovs-ofctl syntax: "table=10,priority=100,arp,reg0=0x1".
func (f *Flow) Key() string { return string(f.appendKey(nil)) }

// String is the flow in ovs-ofctl syntax, "cookie=0x...,table=10,priority=100,arp,reg0=0x1 actions=...". ovs-ofctl can read it
// once the flow has no Ref any more.
func (f *Flow) String() string {
	b := append(make([]byte, 0, 160), "cookie=0x"...)
	b = strconv.AppendUint(b, f.Cookie, 16)
	if f.IdleTimeout != 0 {
		b = strconv.AppendUint(append(b, ",idle_timeout="...), uint64(f.IdleTimeout), 10)
	}
	b = f.appendKey(append(b, ','))
	return string(f.appendActions(append(b, " actions="...)))
}

func (f *Flow) appendKey(b []byte) []byte {
	b = strconv.AppendUint(append(b, "table="...), uint64(f.Table), 10)
	b = strconv.AppendUint(append(b, ",priority="...), uint64(f.Priority), 10)
	rest := f.Match
	if word, n := shorthand(f.Match); n > 0 {
		b = append(append(b, ','), word...)
		rest = rest[n:]
	}
	for _, t := range rest {
		b = t.append(append(b, ','))
	}
	return b
}

// shorthand gives the word for the Ethernet type and IP protocol at the beginning of a match and how many terms it stands for.
func shorthand(match []Term) (string, int) {
	if len(match) == 0 || match[0].Field != EthType {
		return "", 0
	}
	proto, n := uint64(0), 1
	if len(match) > 1 && match[1].Field == IPProto {
		proto, n = match[1].Value.Lo, 2
	}
	word := ""
	for _, w := range protoWords() {
		if w.eth != match[0].Value.Lo {
			continue
		}
		if w.proto == proto && n == 2 {
			return w.word, 2
		}
		if w.proto == 0 {
			word = w.word
		}
	}
	if word == "" {
		return "", 0
	}
	return word, 1
}

func (t Term) append(b []byte) []byte {
	info := t.Field.info()
	b = append(append(b, info.match...), '=')
	if t.Ref != "" {
		return append(b, t.Ref...)
	}
	exact := t.Mask == t.Field.full()
	switch {
	case info.format == states:
		return appendStates(b, t.Value.Lo, t.Mask.Lo)
	case exact && info.format == ports:
		return strconv.AppendUint(b, t.Value.Lo, 10)
	}
	b = appendValue(b, info.format, t.Value)
	if !exact {
		b = append(b, '/')
		if n, ok := prefixLen(t.Mask, info.bits); ok && (info.format == ipv4 || info.format == ipv6) {
			return strconv.AppendInt(b, int64(n), 10)
		}
		b = appendValue(b, info.format, t.Mask)
	}
	return b
}

// prefixLen returns n if mask is that of the upper n bits.
func prefixLen(mask Value, bits int) (int, bool) {
	for n := range bits + 1 {
		if ones(n, bits) == mask {
			return n, true
		}
	}
	return 0, false
}

func appendStates(b []byte, value, mask uint64) []byte {
	for i, name := range ctStateNames() {
		switch bit := uint64(1) << i; {
		case mask&bit == 0:
			continue
		case value&bit != 0:
			b = append(b, '+')
		default:
			b = append(b, '-')
		}
		b = append(b, name...)
	}
	return b
}

func appendValue(b []byte, f format, v Value) []byte {
	switch f {
	case decimal:
		return strconv.AppendUint(b, v.Lo, 10)
	case mac:
		var m [8]byte
		binary.BigEndian.PutUint64(m[:], v.Lo)
		return append(b, MAC(m[2:]).String()...)
	case ipv4, ipv6:
		return v.addr(f).AppendTo(b)
	}
	return strconv.AppendUint(append(b, "0x"...), v.Lo, 16)
}

func (v Value) addr(f format) netip.Addr {
	if f == ipv4 {
		return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(v.Lo))))
	}
	return netip.AddrFrom16([16]byte(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, v.Hi), v.Lo)))
}

func (f *Flow) appendActions(b []byte) []byte {
	if len(f.Actions) == 0 && len(f.Conjunctions) == 0 {
		return append(b, "drop"...)
	}
	for i, c := range f.Conjunctions {
		b = c.append(comma(b, i))
	}
	for i, a := range f.Actions {
		b = a.append(comma(b, i))
	}
	return b
}

func comma(b []byte, i int) []byte {
	if i == 0 {
		return b
	}
	return append(b, ',')
}

func (c Conjunction) append(b []byte) []byte {
	b = strconv.AppendUint(append(b, "conjunction("...), uint64(c.ID), 10)
	b = strconv.AppendUint(append(b, ','), uint64(c.Clause), 10)
	b = strconv.AppendUint(append(b, '/'), uint64(c.Of), 10)
	return append(b, ')')
}

func (a Action) append(b []byte) []byte {
	info := a.Field.info()
	switch a.Op {
	case SetField:
		b = append(b, "set_field:"...)
		if a.Ref != "" {
			b = append(b, a.Ref...)
		} else {
			b = appendValue(b, info.format, a.Value)
		}
		return append(append(b, "->"...), info.set...)
	case Move:
		b = append(append(b, "move:"...), a.From.info().move...)
		return append(append(b, "->"...), info.move...)
	case DecTTL:
		return append(b, "dec_ttl"...)
	case Track:
		b = strconv.AppendUint(append(b, "ct(table="...), uint64(a.Table), 10)
		return append(strconv.AppendUint(append(b, ",zone="...), uint64(a.Zone), 10), ')')
	case TrackNew:
		return append(strconv.AppendUint(append(b, "ct(commit,zone="...), uint64(a.Zone), 10), ')')
	case OutputReg:
		return append(append(b, "output:"...), info.move...)
	case Hairpin:
		return append(b, "IN_PORT"...)
	case ToGroup:
		return strconv.AppendUint(append(b, "group:"...), a.Value.Lo, 10)
	case Goto:
		return strconv.AppendUint(append(b, "goto_table:"...), uint64(a.Table), 10)
	case Resubmit:
		return append(strconv.AppendUint(append(b, "resubmit(,"...), uint64(a.Table), 10), ')')
	case LearnFlow:
		return a.Learn.append(b)
	case Reject:
		return append(b, rejectWord()...)
	case HoldBack:
		return append(b, holdWord()...)
	case Log:
		return append(b, logWord()...)
	case Refuse:
		return append(b, refuseWord()...)
	case Metered:
		return strconv.AppendUint(append(b, "meter:"...), a.Value.Lo, 10)
	case TrackBack, Balance, Admit, Masquerade, Depart, Arrive:
		return a.appendTranslation(b)
	}
	return b
}

// appendTranslation is an action of connection tracking that translates addresses or sets marks.
func (a Action) appendTranslation(b []byte) []byte {
	b = append(b, "ct("...)
	if a.Op != TrackBack {
		b = append(b, "commit,"...)
	}
	if a.Op != Admit && a.Op != Depart && a.Op != Arrive {
		b = append(strconv.AppendUint(append(b, "table="...), uint64(a.Table), 10), ',')
	}
	b = strconv.AppendUint(append(b, "zone="...), uint64(a.Zone), 10)
	switch a.Op {
	case TrackBack:
		return append(b, ",nat)"...)
	case Balance:
		return append(a.To.AppendTo(append(b, ",nat(dst="...)), fmt.Sprintf("),exec(set_field:0x%x->ct_mark))", Pending)...)
	case Masquerade:
		return append(a.To.Addr().AppendTo(append(b, ",nat(src="...)), "))"...)
	case Arrive:
		return fmt.Appendf(b, ",exec(set_field:0x%[1]x/0x%[1]x->ct_mark))", FromGateway)
	case Depart:
		value := "0"
		if a.Value.Lo != 0 {
			value = fmt.Sprintf("0x%x", a.Value.Lo)
		}
		return fmt.Appendf(b, ",exec(set_field:%s/0x%x->ct_mark))", value, DepartureMask)
	}
	return fmt.Appendf(b, ",exec(set_field:0/0x%x->ct_mark))", Pending)
}

// refuseWord is the action with RefuseMark.
func refuseWord() string { return "controller(userdata=" + dotted(RefuseMark()) + ")" }

// rejectWord is the action with RejectMark.
func rejectWord() string { return "controller(userdata=" + dotted(RejectMark()) + ")" }

// holdWord is the action with HoldMark.
func holdWord() string { return "controller(userdata=" + dotted(HoldMark()) + ")" }

// logWord is the action with LogMark.
func logWord() string {
	return fmt.Sprintf("controller(max_len=%d,userdata=%s,meter_id=%d)", LogBytes, dotted(LogMark()), LogMeter)
}

// dotted is bytes in hexadecimal digits.
func dotted(b []byte) string {
	var digits []string
	for _, c := range b {
		digits = append(digits, fmt.Sprintf("%02x", c))
	}
	return strings.Join(digits, ".")
}

func (l *Learn) append(b []byte) []byte {
	number := func(name string, n uint64, unless uint64) {
		if n != unless {
			b = strconv.AppendUint(append(b, name...), n, 10)
		}
	}
	number("learn(table=", uint64(l.Table), noTable)
	number(",idle_timeout=", uint64(l.IdleTimeout), 0)
	number(",priority=", uint64(l.Priority), defaultFlowPriority)
	if l.Cookie != 0 {
		b = strconv.AppendUint(append(b, ",cookie=0x"...), l.Cookie, 16)
	}
	for _, t := range l.Match {
		name := t.Field.info().match
		if t.Field == EthType {
			name = learnedEthType
		}
		b = append(append(append(b, ','), name...), '=')
		b = appendValue(b, t.Field.info().format, t.Value)
	}
	for _, c := range l.Copies {
		b = append(append(b, ','), c.Field.info().move...)
		if c.From != c.Field {
			b = append(append(b, '='), c.From.info().move...)
		}
	}
	b = appendValue(append(b, ",load:"...), hexadecimal, l.Value)
	b = append(append(b, "->"...), l.Field.info().move...)
	return append(b, ')')
}

const (
	noTable             = 0xff  // of all tables the one that there cannot be
	defaultFlowPriority = 32768 // not printed by ovs-ofctl in a learn action, and only there
	learnedEthType      = "eth_type"
)

// Text prints the pipeline for people: the groups and meters, then each table with its number, name and purpose, and its flows in order.
func (p *Pipeline) Text() string {
	var b strings.Builder
	for i := range p.Groups {
		b.WriteString(p.Groups[i].String())
		b.WriteByte('\n')
	}
	for i := range p.Meters {
		b.WriteString(p.Meters[i].String() + "\n")
	}
	last := -1
	for i := range p.Flows {
		f := &p.Flows[i]
		if int(f.Table) != last {
			last = int(f.Table)
			info, _ := f.Table.Info()
			b.WriteString("# table " + strconv.Itoa(last) + " " + info.Name + ": " + info.Purpose + "\n")
		}
		b.WriteString(f.String())
		b.WriteByte('\n')
	}
	return b.String()
}
