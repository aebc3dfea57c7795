package nft

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/nft"
)

// The numbers by which nft knows the types of keys, in the order of nft.Type. A concatenation has those of its parts in 6 bits
// each.
const (
	keyTypeBits     = 6
	keyTypeVerdict  = 0xffffff00 // NFT_DATA_VERDICT
	keyAlign        = 4
	setElemKeyEnd   = 10 // NFTA_SET_ELEM_KEY_END
	intervalEnd     = 1  // NFT_SET_ELEM_INTERVAL_END
	elementsPerMsg  = 500
	userdataOpenEnd = 1 // NFTNL_UDATA_SET_ELEM_FLAGS: nft marks the last interval with it
)

func typeNumber(t nft.Type) uint32 { return [...]uint32{7, 8, 12, 13, 4, 19, 8}[t] }

func keyType(types []nft.Type) uint32 {
	n := uint32(0)
	for _, t := range types {
		n = n<<keyTypeBits | typeNumber(t)
	}
	return n
}

// parseKeyType is the inverse of keyType.
func parseKeyType(n uint32) ([]nft.Type, error) {
	var out []nft.Type
	for ; n > 0; n >>= keyTypeBits {
		i := slices.IndexFunc([]nft.Type{nft.IPv4Addr, nft.IPv6Addr, nft.InetProto, nft.InetService, nft.Number, nft.MarkValue}, func(t nft.Type) bool {
			return typeNumber(t) == n&(1<<keyTypeBits-1)
		})
		if i < 0 {
			return nil, errForeign
		}
		out = append(out, nft.Type(i))
	}
	slices.Reverse(out)
	return out, nil
}

// keyLen is the length of a key in the kernel: the fields of a concatenation are padded to 4 bytes.
func keyLen(types []nft.Type) int {
	if len(types) == 1 {
		return types[0].Len()
	}
	n := 0
	for _, t := range types {
		n += (t.Len() + keyAlign - 1) / keyAlign * keyAlign
	}
	return n
}

// pad gives a key as the kernel has it; unpad is its inverse.
func pad(types []nft.Type, v nft.Value) []byte {
	if len(types) == 1 {
		out := []byte(v)
		if types[0] == nft.MarkValue {
			swapNumber(out)
		}
		return out
	}
	out := make([]byte, keyLen(types))
	rest := out
	for _, t := range types {
		n := t.Len()
		if copy(rest, v[:n]); t == nft.Number {
			swapNumber(rest)
		}
		v, rest = v[n:], rest[(n+keyAlign-1)/keyAlign*keyAlign:]
	}
	return out
}

// swapNumber turns a number from network byte order into that of the machine, which the kernel has it in, or back.
func swapNumber(b []byte) { binary.NativeEndian.PutUint32(b, binary.BigEndian.Uint32(b)) }

func unpad(types []nft.Type, data []byte) (nft.Value, error) {
	if len(data) != keyLen(types) {
		return "", errForeign
	}
	if len(types) == 1 {
		out := slices.Clone(data)
		if types[0] == nft.MarkValue {
			swapNumber(out)
		}
		return nft.Value(out), nil
	}
	var out []byte
	for _, t := range types {
		n := t.Len()
		out = append(out, data[:n]...)
		if t == nft.Number {
			swapNumber(out[len(out)-n:])
		}
		data = data[(n+keyAlign-1)/keyAlign*keyAlign:]
	}
	return nft.Value(out), nil
}

func setFlags(s *nft.Set) uint32 {
	var flags uint32
	if s.Interval {
		flags |= unix.NFT_SET_INTERVAL
	}
	switch {
	case s.Limits:
		flags |= unix.NFT_SET_OBJECT
	case s.IsMap():
		flags |= unix.NFT_SET_MAP
	}
	if s.Timeout {
		flags |= unix.NFT_SET_TIMEOUT
	}
	if s.Lifetime > 0 {
		flags |= unix.NFT_SET_TIMEOUT | unix.NFT_SET_EVAL
	}
	return flags
}

// newSet creates a set without elements. id distinguishes it in its transaction.
func newSet(s *nft.Set, id uint32) message {
	var w buffer
	w.str(unix.NFTA_SET_TABLE, nft.TableName)
	w.str(unix.NFTA_SET_NAME, s.Name)
	w.u32(unix.NFTA_SET_FLAGS, setFlags(s))
	w.u32(unix.NFTA_SET_KEY_TYPE, keyType(s.Key))
	w.u32(unix.NFTA_SET_KEY_LEN, uint32(keyLen(s.Key)))
	w.u32(unix.NFTA_SET_ID, id)
	if s.Verdicts {
		w.u32(unix.NFTA_SET_DATA_TYPE, keyTypeVerdict)
		w.u32(unix.NFTA_SET_DATA_LEN, 0)
	}
	if len(s.Data) > 0 {
		w.u32(unix.NFTA_SET_DATA_TYPE, keyType(s.Data))
		w.u32(unix.NFTA_SET_DATA_LEN, uint32(keyLen(s.Data)))
	}
	if s.Limits {
		w.u32(unix.NFTA_SET_OBJ_TYPE, objectLimit)
	}
	if s.Lifetime > 0 {
		desc := w.open(unix.NFTA_SET_DESC | nested)
		w.u32(unix.NFTA_SET_DESC_SIZE, s.Size)
		w.close(desc)
		w.u64(unix.NFTA_SET_TIMEOUT, uint64(s.Lifetime.Milliseconds()))
	}
	switch s.Key[0] {
	case nft.MarkValue:
		w.attr(unix.NFTA_SET_USERDATA, hostOrder())
	case nft.Label:
		w.attr(unix.NFTA_SET_USERDATA, labelUserdata())
	}
	if s.Counts {
		writeSetCounter(&w)
	}
	if s.Modulus > 0 {
		w.attr(unix.NFTA_SET_USERDATA, typeofUserdata(s))
	}
	return message{unix.NFT_MSG_NEWSET, unix.NLM_F_CREATE | unix.NLM_F_EXCL, w.b}
}

// readSet reads a set's head. ok is false for the unnamed sets of foreign rules, which come and go with these.
func readSet(a attrs) (s *nft.Set, head string, ok bool) {
	flags := a.u32(unix.NFTA_SET_FLAGS)
	if flags&unix.NFT_SET_ANONYMOUS != 0 {
		return nil, "", false
	}
	s = &nft.Set{Name: a.str(unix.NFTA_SET_NAME), Interval: flags&unix.NFT_SET_INTERVAL != 0,
		Limits: flags&unix.NFT_SET_OBJECT != 0 && a.u32(unix.NFTA_SET_OBJ_TYPE) == objectLimit}
	isMap, dataType := flags&unix.NFT_SET_MAP != 0, a.u32(unix.NFTA_SET_DATA_TYPE)
	s.Verdicts = isMap && dataType == keyTypeVerdict
	var err, noData error
	s.Key, err = readKey(a)
	s.Counts = isCounter(a[setExpr])
	if isMap && !s.Verdicts {
		s.Data, noData = parseKeyType(dataType)
	}
	s.Lifetime = time.Duration(a.u64(unix.NFTA_SET_TIMEOUT)) * time.Millisecond
	if s.Lifetime > 0 {
		desc, bad := parseAttrs(a[unix.NFTA_SET_DESC])
		s.Size, noData = desc.u32(unix.NFTA_SET_DESC_SIZE), errors.Join(noData, bad)
	} else {
		s.Timeout = flags&unix.NFT_SET_TIMEOUT != 0
	}
	isOurs := err == nil && noData == nil && flags == setFlags(s) && (isMap || s.Limits) == s.IsMap() && (!s.Interval || len(s.Key) == 1) && (len(s.Data) == 0 || !s.Interval) &&
		int(a.u32(unix.NFTA_SET_KEY_LEN)) == keyLen(s.Key) && readModulus(s, a[unix.NFTA_SET_USERDATA])
	if !isOurs {
		key := nft.SetKey(&nft.Set{Name: s.Name, Verdicts: isMap})
		return &nft.Set{Name: s.Name, Verdicts: isMap}, fmt.Sprintf("%s { foreign type %#x flags %#x }", key, a.u32(unix.NFTA_SET_KEY_TYPE), flags), true
	}
	return s, nft.SetObject(s).Head, true
}

// rawElement is an element as the kernel has it. An interval is two of them: its first value, and the value after its last
// one, marked as an end; the latter is missing where there is no value after.
type rawElement struct {
	key     nft.Value
	end     bool
	verdict nft.Verdict
	data    nft.Value
	limit   string
}

func rawElements(s *nft.Set, e *nft.Element) []rawElement {
	out := []rawElement{{key: e.From, verdict: e.Verdict, data: e.Data}}
	if after, ok := successor(e.To); s.Interval && ok {
		out = append(out, rawElement{key: after, end: true})
	}
	return out
}

func successor(v nft.Value) (nft.Value, bool) {
	b := []byte(v)
	for i := len(b) - 1; i >= 0; i-- {
		b[i]++
		if b[i] != 0 {
			return nft.Value(b), true
		}
	}
	return "", false
}

func predecessor(v nft.Value) nft.Value {
	b := []byte(v)
	for i := len(b) - 1; i >= 0; i-- {
		b[i]--
		if b[i] != 0xff {
			break
		}
	}
	return nft.Value(b)
}

// elementMessages adds or deletes elements, in chunks that fit an attribute.
func elementMessages(typ uint16, s *nft.Set, elements []*nft.Element) ([]message, error) {
	flags := uint16(0)
	if typ == unix.NFT_MSG_NEWSETELEM {
		flags = unix.NLM_F_CREATE
	}
	raw := make([]rawElement, 0, len(elements))
	for _, e := range elements {
		if s.Interval {
			raw = append(raw, rawElements(s, e)...)
		} else {
			raw = append(raw, rawElement{key: e.From, verdict: e.Verdict, data: e.Data, limit: e.Limit})
		}
	}
	var out []message
	for chunk := range slices.Chunk(raw, elementsPerMsg) {
		w := buffer{make([]byte, 0, 64+len(chunk)*96)}
		w.str(unix.NFTA_SET_ELEM_LIST_TABLE, nft.TableName)
		w.str(unix.NFTA_SET_ELEM_LIST_SET, s.Name)
		list := w.open(unix.NFTA_SET_ELEM_LIST_ELEMENTS | nested)
		for _, e := range chunk {
			if err := writeElement(&w, s, e, typ); err != nil {
				return nil, err
			}
		}
		w.close(list)
		out = append(out, message{typ, flags, w.b})
	}
	return out, nil
}

func writeElement(w *buffer, s *nft.Set, e rawElement, typ uint16) error {
	elem := w.open(unix.NFTA_LIST_ELEM | nested)
	if e.end {
		w.u32(unix.NFTA_SET_ELEM_FLAGS, intervalEnd)
	}
	key := w.open(unix.NFTA_SET_ELEM_KEY | nested)
	w.attr(unix.NFTA_DATA_VALUE, pad(s.Key, e.key))
	w.close(key)
	if s.Timeout && typ == unix.NFT_MSG_NEWSETELEM {
		w.u64(unix.NFTA_SET_ELEM_TIMEOUT, uint64(aliveTime.Milliseconds()))
	}
	if len(s.Data) > 0 && typ == unix.NFT_MSG_NEWSETELEM {
		data := w.open(unix.NFTA_SET_ELEM_DATA | nested)
		w.attr(unix.NFTA_DATA_VALUE, pad(s.Data, e.data))
		w.close(data)
	}
	if s.Limits && typ == unix.NFT_MSG_NEWSETELEM {
		w.str(unix.NFTA_SET_ELEM_OBJREF, e.limit)
	}
	if s.Verdicts && !e.end && typ == unix.NFT_MSG_NEWSETELEM {
		code, err := verdictCode(e.verdict.Kind)
		if err != nil {
			return err
		}
		data := w.open(unix.NFTA_SET_ELEM_DATA | nested)
		verdict := w.open(unix.NFTA_DATA_VERDICT | nested)
		w.u32(unix.NFTA_VERDICT_CODE, uint32(code))
		if e.verdict.Target != "" {
			w.str(unix.NFTA_VERDICT_CHAIN, e.verdict.Target)
		}
		w.close(verdict)
		w.close(data)
	}
	w.close(elem)
	return nil
}

// flushSet deletes all elements of a set.
func flushSet(name string) message {
	var w buffer
	w.str(unix.NFTA_SET_ELEM_LIST_TABLE, nft.TableName)
	w.str(unix.NFTA_SET_ELEM_LIST_SET, name)
	return message{unix.NFT_MSG_DELSETELEM, 0, w.b}
}

// readElement reads one element; an element with anything that we do not give ours is foreign.
func readElement(s *nft.Set, data []byte) (rawElement, error) {
	var e rawElement
	err := each(data, func(typ uint16, value []byte) error {
		switch typ {
		case unix.NFTA_SET_ELEM_KEY:
			a, err := parseAttrs(value)
			if err != nil {
				return err
			}
			e.key, err = unpad(s.Key, a[unix.NFTA_DATA_VALUE])
			return err
		case unix.NFTA_SET_ELEM_FLAGS:
			e.end = attrs{typ: value}.u32(typ) == intervalEnd
			if !e.end {
				return errForeign
			}
		case unix.NFTA_SET_ELEM_DATA:
			return readElementData(s, &e, value)
		case unix.NFTA_SET_ELEM_OBJREF:
			if !s.Limits {
				return errForeign
			}
			e.limit = attrs{typ: value}.str(typ)
		case unix.NFTA_SET_ELEM_EXPR:
			if !s.Counts || !isCounter(value) {
				return errForeign
			}
		case unix.NFTA_SET_ELEM_USERDATA:
			if len(value) == 0 || value[0] != userdataOpenEnd {
				return errForeign
			}
		case unix.NFTA_SET_ELEM_TIMEOUT, unix.NFTA_SET_ELEM_EXPIRATION:
			if s.Lifetime == 0 {
				return errForeign
			}
		case unix.NFTA_SET_ELEM_PAD:
		default:
			return errForeign
		}
		return nil
	})
	return e, err
}

// readElementData reads a map's verdict or value.
func readElementData(s *nft.Set, e *rawElement, data []byte) error {
	outer, err := parseAttrs(data)
	if err != nil {
		return err
	}
	if len(s.Data) > 0 {
		e.data, err = unpad(s.Data, outer[unix.NFTA_DATA_VALUE])
		return err
	}
	inner, err := parseAttrs(outer[unix.NFTA_DATA_VERDICT])
	if err != nil {
		return err
	}
	e.verdict, err = readVerdict(string(inner[unix.NFTA_VERDICT_CODE]), string(inner[unix.NFTA_VERDICT_CHAIN]))
	return err
}

// joinElements makes elements of what the kernel listed. In a set of intervals a value marked as end that follows no beginning
// is nft's mark that the space before the first interval is not in the set.
func joinElements(s *nft.Set, raw []rawElement) []*nft.Element {
	if !s.Interval {
		out := make([]*nft.Element, len(raw))
		for i, e := range raw {
			out[i] = &nft.Element{From: e.key, To: e.key, Verdict: e.verdict, Data: e.data, Limit: e.limit}
		}
		return out
	}
	slices.SortFunc(raw, func(a, b rawElement) int {
		if c := cmp.Compare(a.key, b.key); c != 0 || a.end == b.end {
			return c
		}
		if a.end {
			return -1
		}
		return 1
	})
	var out []*nft.Element
	isOpen := false
	for _, e := range raw {
		switch {
		case !e.end:
			out = append(out, &nft.Element{From: e.key, To: last(e.key), Verdict: e.verdict})
		case isOpen:
			out[len(out)-1].To = predecessor(e.key)
		}
		isOpen = !e.end
	}
	return out
}

// last is the greatest value of the length.
func last(v nft.Value) nft.Value {
	b := make([]byte, len(v))
	for i := range b {
		b[i] = 0xff
	}
	return nft.Value(b)
}
