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
	return Step{p.Key, p.Index}.append(p.Up.Append(buf))
}

// Step is one step of a path: a field or a map's key, or an index where there is no key.
type Step struct {
	Key   string
	Index int
}

func (s Step) append(buf []byte) []byte {
	switch {
	case s.Key == "":
		buf = append(buf, '[')
		buf = strconv.AppendInt(buf, int64(s.Index), 10)
		return append(buf, ']')
	case !identifier(s.Key):
		buf = append(buf, '[')
		buf = strconv.AppendQuote(buf, s.Key)
		return append(buf, ']')
	}
	if len(buf) > 0 {
		buf = append(buf, '.')
	}
	return append(buf, s.Key...)
}

// Steps is a path from the root downwards, for walks over whole trees: a stack that is printed only if there is something
// to report.
type Steps []Step

// String gives the same text as Path.
func (s Steps) String() string {
	var buf []byte
	for _, step := range s {
		buf = step.append(buf)
	}
	return string(buf)
}

// Last gives the path's nearest field or key, without the indices behind it.
func (s Steps) Last() string {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i].Key != "" {
			return s[i].Key
		}
	}
	return ""
}

// IsItem reports whether the path ends with an index.
func (s Steps) IsItem() bool { return len(s) > 0 && s[len(s)-1].Key == "" }

func identifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
