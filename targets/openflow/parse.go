package openflow

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a flow as `ovs-ofctl dump-flows` of Open vSwitch 3.1 prints it (-O OpenFlow15 --no-names, with or without
// statistics), or as String does. It knows the words that this package writes; an error means that the flow has others, so it
// is not, or no longer, one of ours.
func Parse(line string) (Flow, error) {
	head, tail, ok := strings.Cut(strings.TrimSpace(line), " actions=")
	if !ok {
		return Flow{}, fmt.Errorf("%q has no actions", line)
	}
	f := Flow{Priority: defaultFlowPriority}
	for word := range strings.FieldsFuncSeq(head, func(r rune) bool { return r == ',' || r == ' ' }) {
		if err := f.parseWord(word); err != nil {
			return Flow{}, err
		}
	}
	slices.SortFunc(f.Match, compareTerms)
	return f, f.parseActions(tail)
}

// statistics are the words that a dump has besides the flow itself.
func isStatistic(name string) bool {
	return slices.Contains([]string{"duration", "n_packets", "n_bytes", "idle_age", "hard_age"}, name)
}

func (f *Flow) parseWord(word string) error {
	name, value, hasValue := strings.Cut(word, "=")
	if !hasValue {
		for _, w := range protoWords() {
			if w.word == name {
				f.Match = append(f.Match, Is(EthType, w.eth))
				if w.proto != 0 {
					f.Match = append(f.Match, Is(IPProto, w.proto))
				}
				return nil
			}
		}
		return fmt.Errorf("unknown word %q", word)
	}
	var err error
	var n uint64
	switch name {
	case "cookie":
		f.Cookie, err = strconv.ParseUint(value, 0, 64)
	case "table":
		n, err = strconv.ParseUint(value, 10, 8)
		f.Table = Table(n)
	case "priority":
		n, err = strconv.ParseUint(value, 10, 16)
		f.Priority = uint16(n)
	case "idle_timeout":
		n, err = strconv.ParseUint(value, 10, 16)
		f.IdleTimeout = uint16(n)
	default:
		if isStatistic(name) {
			return nil
		}
		return f.parseTerm(name, value)
	}
	return err
}

func (f *Flow) parseTerm(name, value string) error {
	for field := range numFields {
		info := field.info()
		if info.match != name {
			continue
		}
		if info.format == states {
			t, err := parseStates(value)
			f.Match = append(f.Match, t)
			return err
		}
		text, maskText, masked := strings.Cut(value, "/")
		v, err := parseValue(info, text)
		mask := field.full()
		if masked && err == nil {
			mask, err = parseMask(info, maskText)
		}
		f.Match = append(f.Match, IsMasked(field, v, mask))
		return err
	}
	return fmt.Errorf("unknown field %q", name)
}

// parseStates reads "+est-new+trk".
func parseStates(text string) (Term, error) {
	var value, mask uint64
	for text != "" {
		sign := text[0]
		end := strings.IndexAny(text[1:], "+-") + 1
		if end == 0 {
			end = len(text)
		}
		i := slices.Index(ctStateNames(), text[1:end])
		if i < 0 || sign != '+' && sign != '-' {
			return Term{}, fmt.Errorf("unknown connection state %q", text)
		}
		mask |= 1 << i
		if sign == '+' {
			value |= 1 << i
		}
		text = text[end:]
	}
	if mask == 0 {
		return Term{}, errors.New("no connection state")
	}
	return IsMasked(CTState, Uint(value), Uint(mask)), nil
}

func parseValue(info fieldInfo, text string) (Value, error) {
	switch info.format {
	case mac:
		return parseMAC(text)
	case ipv4, ipv6:
		a, err := netip.ParseAddr(text)
		if err == nil && a.BitLen() != info.bits {
			err = fmt.Errorf("%s is of the wrong family for %s", text, info.match)
		}
		if err != nil {
			return Value{}, err
		}
		return AddrValue(a), nil
	}
	n, err := strconv.ParseUint(text, 0, info.bits)
	return Uint(n), err
}

func parseMask(info fieldInfo, text string) (Value, error) {
	if info.format == ipv4 || info.format == ipv6 {
		if n, err := strconv.ParseUint(text, 10, 8); err == nil && int(n) <= info.bits {
			return ones(int(n), info.bits), nil
		}
	}
	return parseValue(info, text)
}

// ParseMAC reads six pairs of hexadecimal digits with colons between them.
func ParseMAC(text string) (MAC, error) {
	v, err := parseMAC(text)
	var m MAC
	for i := range m {
		m[i] = byte(v.Lo >> (40 - 8*i))
	}
	return m, err
}

func parseMAC(text string) (Value, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 6 {
		return Value{}, fmt.Errorf("%q is not a MAC address", text)
	}
	var n uint64
	for _, p := range parts {
		b, err := strconv.ParseUint(p, 16, 8)
		if err != nil {
			return Value{}, fmt.Errorf("%q is not a MAC address", text)
		}
		n = n<<8 | b
	}
	return Uint(n), nil
}

func (f *Flow) parseActions(text string) error {
	if text == "drop" {
		return nil
	}
	for _, word := range splitActions(text) {
		if args, ok := call(word, "conjunction"); ok {
			c, err := parseConjunction(args)
			if err != nil {
				return err
			}
			f.Conjunctions = append(f.Conjunctions, c)
			continue
		}
		a, err := parseAction(word)
		if err != nil {
			return err
		}
		f.Actions = append(f.Actions, a)
	}
	slices.SortFunc(f.Conjunctions, Conjunction.compare)
	return nil
}

// splitActions splits at commas outside of parentheses.
func splitActions(text string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out = append(out, text[from:i])
			from = i + 1
		}
	}
	return append(out, text[from:])
}

// call reads NAME(ARGS).
func call(word, name string) (args string, ok bool) {
	args, ok = strings.CutPrefix(word, name+"(")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(args, ")")
}

func parseConjunction(args string) (Conjunction, error) {
	id, rest, _ := strings.Cut(args, ",")
	clause, of, _ := strings.Cut(rest, "/")
	n, err1 := strconv.ParseUint(id, 0, 32)
	k, err2 := strconv.ParseUint(clause, 10, 8)
	m, err3 := strconv.ParseUint(of, 10, 8)
	if err1 != nil || err2 != nil || err3 != nil {
		return Conjunction{}, fmt.Errorf("cannot read conjunction(%s)", args)
	}
	return Conjunction{uint32(n), uint8(k), uint8(m)}, nil
}

func parseAction(word string) (Action, error) {
	name, arg, _ := strings.Cut(word, ":")
	switch name {
	case "dec_ttl":
		return Action{Op: DecTTL}, nil
	case "IN_PORT":
		return Action{Op: Hairpin}, nil
	case "goto_table":
		n, err := strconv.ParseUint(arg, 10, 8)
		return Action{Op: Goto, Table: Table(n)}, err
	case "group":
		n, err := strconv.ParseUint(arg, 10, 32)
		return Action{Op: ToGroup, Value: Uint(n)}, err
	case "meter":
		n, err := strconv.ParseUint(arg, 10, 32)
		return Action{Op: Metered, Value: Uint(n)}, err
	case "output":
		f, err := movable(arg)
		return Action{Op: OutputReg, Field: f}, err
	case "move":
		from, to, _ := strings.Cut(arg, "->")
		src, err := movable(from)
		if err != nil {
			return Action{}, err
		}
		dst, err := movable(to)
		return Action{Op: Move, Field: dst, From: src}, err
	case "set_field":
		return parseSet(arg)
	case "load":
		f, v, err := parseLoad(arg)
		return Action{Op: SetField, Field: f, Value: v}, err
	}
	if args, ok := call(word, "ct"); ok {
		return parseTrack(args)
	}
	if args, ok := call(word, "resubmit"); ok {
		port, table, _ := strings.Cut(args, ",")
		n, err := strconv.ParseUint(table, 10, 8)
		if err != nil || port != "" {
			return Action{}, fmt.Errorf("cannot read %q", word)
		}
		return Action{Op: Resubmit, Table: Table(n)}, nil
	}
	if args, ok := call(word, "learn"); ok {
		l, err := parseLearn(args)
		return Action{Op: LearnFlow, Learn: l}, err
	}
	switch word {
	case refuseWord():
		return Action{Op: Refuse}, nil
	case rejectWord():
		return Action{Op: Reject}, nil
	case holdWord():
		return Action{Op: HoldBack}, nil
	case logWord():
		return Action{Op: Log}, nil
	}
	return Action{}, fmt.Errorf("unknown action %q", word)
}

func movable(name string) (Field, error) {
	for f := range numFields {
		if m := f.info().move; m != "" && m == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("unknown field %q", name)
}

func parseSet(arg string) (Action, error) {
	text, name, _ := strings.Cut(arg, "->")
	for f := range numFields {
		if info := f.info(); info.set != "" && info.set == name {
			v, err := parseValue(info, text)
			return Action{Op: SetField, Field: f, Value: v}, err
		}
	}
	return Action{}, fmt.Errorf("unknown field %q", name)
}

func parseTrack(args string) (Action, error) {
	a := Action{Op: Track}
	if strings.Contains(args, "nat") || strings.Contains(args, "exec(") {
		return parseTranslation(args)
	}
	for word := range strings.SplitSeq(args, ",") {
		name, value, _ := strings.Cut(word, "=")
		n, err := strconv.ParseUint(value, 10, 16)
		switch {
		case name == "commit":
			a.Op = TrackNew
		case name == "zone" && err == nil:
			a.Zone = uint16(n)
		case name == "table" && err == nil && n < 255:
			a.Table = Table(n)
		default:
			return Action{}, fmt.Errorf("unknown part %q of ct", word)
		}
	}
	return a, nil
}

// parseLoad reads "0x1->NXM_NX_REG3[]".
func parseLoad(arg string) (Field, Value, error) {
	text, name, _ := strings.Cut(arg, "->")
	f, err := movable(name)
	if err != nil {
		return 0, Value{}, err
	}
	n, err := strconv.ParseUint(text, 0, min(f.info().bits, 64))
	return f, Uint(n), err
}

// parseLearn reads the arguments of a learn action that sets one field.
func parseLearn(args string) (*Learn, error) {
	l := &Learn{Table: noTable, Priority: defaultFlowPriority}
	loads := 0
	for word := range strings.SplitSeq(args, ",") {
		arg, isLoad := strings.CutPrefix(word, "load:")
		var err error
		if isLoad {
			loads++
			l.Field, l.Value, err = parseLoad(arg)
		} else {
			err = l.parseWord(word)
		}
		if err != nil {
			return nil, err
		}
	}
	if loads != 1 || l.Table == noTable {
		return nil, fmt.Errorf("learn(%s) does not set one field of one table's flow", args)
	}
	return l, nil
}

func (l *Learn) parseWord(word string) error {
	name, value, hasValue := strings.Cut(word, "=")
	number := func(bits int) uint64 {
		n, err := strconv.ParseUint(value, 0, bits)
		if err != nil {
			hasValue = false
		}
		return n
	}
	switch name {
	case "table":
		l.Table = Table(number(8))
	case "idle_timeout":
		l.IdleTimeout = uint16(number(16))
	case "priority":
		l.Priority = uint16(number(16))
	case "cookie":
		l.Cookie = number(64)
	case learnedEthType:
		l.Match = append(l.Match, Is(EthType, number(EthType.info().bits)))
	case IPProto.info().match:
		l.Match = append(l.Match, Is(IPProto, number(IPProto.info().bits)))
	default:
		return l.parseCopy(word)
	}
	if !hasValue {
		return fmt.Errorf("unknown part %q of learn", word)
	}
	return nil
}

// parseCopy reads "NXM_OF_IP_SRC[]=NXM_OF_IP_DST[]", or "NXM_OF_IP_SRC[]" if both are the same.
func (l *Learn) parseCopy(word string) error {
	to, from, differ := strings.Cut(word, "=")
	if !differ {
		from = to
	}
	dst, err := movable(to)
	if err != nil {
		return err
	}
	src, err := movable(from)
	l.Copies = append(l.Copies, Copy{dst, src})
	return err
}
