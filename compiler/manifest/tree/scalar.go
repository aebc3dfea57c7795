package tree

import (
	"math"
	"strconv"
	"strings"
)

// Type is what a scalar means in the YAML 1.1 that Kubernetes tools read.
type Type uint8

// The types of scalars.
const (
	String Type = iota
	Null
	Bool
	Int
	Float
)

// String gives the type's word in messages.
func (t Type) String() string {
	return [...]string{"string", "null", "boolean", "integer", "number"}[t]
}

// Type resolves a scalar as kubectl does (YAML 1.1: an unquoted y, yes, on is a boolean, 010 is octal). Anything quoted is
// a String, and so is an unquoted timestamp. The result has no meaning for collections.
func (n *Node) Type() Type {
	if n.Style != Plain {
		return String
	}
	return resolve(n.Text)
}

// IsNull reports whether the node is an unquoted null, or nothing.
func (n *Node) IsNull() bool {
	return n == nil || n.Kind == Scalar && n.Style == Plain && resolve(n.Text) == Null
}

// resolve types a plain scalar. Source of the words: YAML 1.1 types bool, null, int, float, as far as the Go YAML
// libraries that kubectl uses take them (no sexagesimals).
func resolve(s string) Type {
	if s == "" {
		return Null
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		return resolveNumber(s)
	}
	if len(s) > 5 {
		return String
	}
	switch s {
	case "~", "null", "Null", "NULL":
		return Null
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
		"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return Bool
	}
	return String
}

func resolveNumber(s string) Type {
	switch s {
	case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return Float
	}
	plain := s
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F', c == 'x', c == 'X',
			c == 'o', c == 'O':
		case c == '_':
			if len(plain) == len(s) {
				plain = strings.ReplaceAll(s, "_", "")
			}
		default:
			return String
		}
	}
	switch {
	case s[0] == '.':
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			return Float
		}
		return String
	case isInt(plain):
		return Int
	case isFloat(plain):
		if _, err := strconv.ParseFloat(plain, 64); err == nil {
			return Float
		}
	}
	return String
}

// isInt matches [-+]?(0|[1-9][0-9]*|0x[0-9a-f]+|0o?[0-7]+|0b[01]+), letters in either case.
func isInt(s string) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	last := byte('9')
	if len(s) > 1 && s[0] == '0' {
		last = '7'
		switch s[1] {
		case 'x', 'X':
			return len(s) > 2 && strings.Trim(s[2:], "0123456789abcdefABCDEF") == ""
		case 'b', 'B':
			s, last = s[2:], '1'
		case 'o', 'O':
			s = s[2:]
		}
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > last {
			return false
		}
	}
	return s != ""
}

// isFloat matches [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
func isFloat(s string) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	sign := func() {
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
	}
	sign()
	whole := digits()
	if i < len(s) && s[i] == '.' {
		i++
		if frac := digits(); !whole && !frac {
			return false
		}
	} else if !whole {
		return false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		sign()
		if !digits() {
			return false
		}
	}
	return i == len(s)
}

// parseInt reads decimal, 0x, 0b, 0o and 0-octal numbers with optional underscores.
func parseInt(s string) (int64, bool) {
	plain := s
	if strings.Contains(plain, "_") {
		plain = strings.ReplaceAll(plain, "_", "")
	}
	if !isInt(plain) {
		return 0, false
	}
	v, _ := strconv.ParseInt(plain, 0, 64) // out of range gives the nearest value, which is beyond every field's range
	return v, true
}

// Int gives the value of a scalar that a Go integer field would take: an Int, or a Float without fraction, as JSON has
// but one kind of number.
func (n *Node) Int() (int64, bool) {
	if n == nil || n.Kind != Scalar {
		return 0, false
	}
	switch n.Type() {
	case Int:
		return parseInt(n.Text)
	case Float:
		f, err := strconv.ParseFloat(strings.ReplaceAll(n.Text, "_", ""), 64)
		if err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			return int64(f), true
		}
	}
	return 0, false
}

// Float gives the value of a number; false if it is none. It may be infinite or no number.
func (n *Node) Float() (float64, bool) {
	if n == nil || n.Kind != Scalar {
		return 0, false
	}
	switch n.Type() {
	case Int:
		v, ok := parseInt(n.Text)
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil && (v == math.MaxInt64 || v == math.MinInt64) {
			return f, ok // it is beyond those, as parseInt cannot say
		}
		return float64(v), ok
	case Float:
		text := strings.ReplaceAll(n.Text, "_", "")
		if special := strings.TrimLeft(text, "+-"); len(special) == 4 && special[0] == '.' && (special[1]|0x20) > '9' {
			text = strings.Replace(text, ".", "", 1)
		}
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	}
	return 0, false
}

// Bool gives the value of a boolean scalar; false if it is none.
func (n *Node) Bool() (value, ok bool) {
	if n == nil || n.Kind != Scalar || n.Type() != Bool {
		return false, false
	}
	switch n.Text[0] {
	case 'y', 'Y', 't', 'T':
		return true, true
	case 'o', 'O':
		return len(n.Text) == 2, true
	}
	return false, true
}

// Canonical reports whether an unquoted number, taken as text, is what it would be after kubectl has read and written it:
// 80 is, 080, 1_0, 0x10 and 1.10 are not.
func (n *Node) Canonical() bool {
	v, ok := parseInt(n.Text)
	return ok && n.Text == strconv.FormatInt(v, 10)
}
