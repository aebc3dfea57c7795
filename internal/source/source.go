// Package source names places in input files: positions and the objects that stand there.
//
// Values are small, comparable and immutable; the zero value of each means "nowhere".
package source

import "strconv"

// Pos is a place in an input file. Line and Col count from 1; 0 means unknown. Col counts bytes.
type Pos struct {
	File string
	Line int32
	Col  int32
}

// IsValid reports whether the position names a line.
func (p Pos) IsValid() bool { return p.Line > 0 }

// String gives file:line:col, leaving out what is unknown; "-" for nowhere.
func (p Pos) String() string {
	if p.File == "" && p.Line == 0 {
		return "-"
	}
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(int(p.Line))
		if p.Col > 0 {
			s += ":" + strconv.Itoa(int(p.Col))
		}
	}
	return s
}

// Compare orders positions by file, line, column.
func (p Pos) Compare(q Pos) int {
	switch {
	case p.File != q.File:
		if p.File < q.File {
			return -1
		}
		return 1
	case p.Line != q.Line:
		return int(p.Line - q.Line)
	}
	return int(p.Col - q.Col)
}

// Origin is a declaration that something in a later stage came from: an object, a field path in it, and where that field
// stands. Object is "Kind namespace/name" or "Kind name"; Field is a path such as "spec.ingress[0]".
type Origin struct {
	Object string
	Field  string
	Pos    Pos
}

// String gives "Kind namespace/name field (file:line:col)".
func (o Origin) String() string {
	s := o.Label()
	if o.Pos.IsValid() {
		s += " (" + o.Pos.String() + ")"
	}
	return s
}

// Label gives "Kind namespace/name field", without what is unknown: the identity of the declaration, which does not change
// when lines move.
func (o Origin) Label() string {
	switch {
	case o.Field == "":
		return o.Object
	case o.Object == "":
		return o.Field
	}
	return o.Object + " " + o.Field
}

// Compare orders origins by identity, then by position.
func (o Origin) Compare(q Origin) int {
	switch {
	case o.Object != q.Object:
		if o.Object < q.Object {
			return -1
		}
		return 1
	case o.Field != q.Field:
		if o.Field < q.Field {
			return -1
		}
		return 1
	}
	return o.Pos.Compare(q.Pos)
}
