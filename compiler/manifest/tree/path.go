package tree

import "strconv"

// Path names a place below an object's root, from the leaf upwards. It costs nothing until it is printed. A nil Path is
// the root.
type Path struct {
	Up    *Path
	Key   string // a field or a map's key; "" for a list's item
	Index int
}

// Field is the path of a mapping's key below p.
func (p *Path) Field(key string) Path { return Path{Up: p, Key: key} }

// Item is the path of a list's item below p.
func (p *Path) Item(i int) Path { return Path{Up: p, Index: i} }

// String gives "spec.ingress[0].from"; keys that are no identifiers are quoted: metadata.labels["example.com/a"].
func (p *Path) String() string { return string(p.Append(nil)) }

// Append appends the text of String to buf.
func (p *Path) Append(buf []byte) []byte {
	if p == nil {
		return buf
	}
	buf = p.Up.Append(buf)
	switch {
	case p.Key == "":
		buf = append(buf, '[')
		buf = strconv.AppendInt(buf, int64(p.Index), 10)
		return append(buf, ']')
	case !identifier(p.Key):
		buf = append(buf, '[')
		buf = strconv.AppendQuote(buf, p.Key)
		return append(buf, ']')
	}
	if len(buf) > 0 {
		buf = append(buf, '.')
	}
	return append(buf, p.Key...)
}

// Last gives the path's nearest field or key, without the indices behind it.
func (p *Path) Last() string {
	for ; p != nil; p = p.Up {
		if p.Key != "" {
			return p.Key
		}
	}
	return ""
}

func identifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
