package ir

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
)

// ParseProgram reads what Program.String prints; blank lines and lines that begin with # are skipped. It does not Check the
// result. The error names the line.
func ParseProgram(text string) (*Program, error) {
	p := &programParser{prog: &Program{}, reader: newReader(), groups: map[string]*Group{}}
	err := eachLine(text, "program", func(l *line, keyword string) {
		switch keyword {
		case "program":
		case "node":
			p.prog.Nodes = append(p.prog.Nodes, l.node())
		case "endpoint":
			p.prog.Endpoints = append(p.prog.Endpoints, p.endpoint(l))
		case "group":
			p.group(l)
		case "policy":
			p.policy(l)
		case "ingress", "egress":
			p.rule(l, keyword)
		case "service":
			p.prog.Services = append(p.prog.Services, l.service())
		case "port":
			p.servicePort(l)
		case "except":
			p.prog.Except = l.addrSet(l.next())
		case "holding":
			p.prog.Holdings = append(p.prog.Holdings, l.holding())
		case "leave":
			p.leave(l)
		default:
			l.fail("unknown keyword %q", keyword)
		}
	})
	if err != nil {
		return nil, err
	}
	return p.prog, nil
}

// eachLine splits the text into lines and words and calls f with each line's keyword. The first line must have the given
// keyword, and no other line.
func eachLine(text, first string, f func(l *line, keyword string)) error {
	number, begun := 0, false
	for raw := range strings.SplitSeq(text, "\n") {
		number++
		trimmed := strings.TrimPrefix(raw, "  ")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		l := &line{indented: trimmed != raw}
		l.words = l.split(trimmed, ' ')
		if keyword := l.next(); l.err == nil {
			if (keyword == first) == begun {
				l.fail("%q must be the first line, and no other", first)
			} else {
				begun = true
				f(l, keyword)
			}
		}
		if l.err == nil && len(l.words) > 0 {
			l.fail("unexpected %q", l.words[0])
		}
		if l.err != nil {
			return fmt.Errorf("line %d: %w", number, l.err)
		}
	}
	if !begun {
		return fmt.Errorf("%q is missing", first)
	}
	return nil
}

// line is what is left of a line to read, and the first error.
type line struct {
	words    []string
	indented bool
	err      error
}

func (l *line) fail(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
}

func (l *line) check(err error) {
	if err != nil {
		l.fail("%w", err)
	}
}

// split cuts the text at every separator that is not within quotes.
func (l *line) split(text string, sep byte) []string {
	var out []string
	start := 0
	for i := 0; i < len(text); {
		switch text[i] {
		case '"':
			quoted, err := strconv.QuotedPrefix(text[i:])
			if err != nil {
				l.fail("a quote is not closed")
				return nil
			}
			i += len(quoted)
		case sep:
			out = append(out, text[start:i])
			i++
			start = i
		default:
			i++
		}
	}
	return append(out, text[start:])
}

// cut splits the text into exactly two at the first separator that is not within quotes.
func (l *line) cut(text string, sep byte) (before, after string) {
	parts := l.split(text, sep)
	if len(parts) != 2 {
		l.fail("%q is not two words with %q between them", text, sep)
		return "", ""
	}
	return parts[0], parts[1]
}

// unword undoes quoteUnless.
func (l *line) unword(text string) string {
	switch {
	case text == "-":
		return ""
	case strings.HasPrefix(text, `"`):
		s, err := strconv.Unquote(text)
		if err != nil {
			l.fail("%s is not a quoted word", text)
		}
		return s
	case text == "" || strings.Contains(text, `"`):
		l.fail("%q is not a word", text)
	}
	return text
}

// next takes the next word as it stands.
func (l *line) next() string {
	if len(l.words) == 0 {
		l.fail("the line is too short")
		return ""
	}
	w := l.words[0]
	l.words = l.words[1:]
	return w
}

// opt takes the value of the attribute if it comes next.
func (l *line) opt(key string) (string, bool) {
	if len(l.words) > 0 {
		if value, ok := strings.CutPrefix(l.words[0], key+"="); ok {
			l.words = l.words[1:]
			return value, true
		}
	}
	return "", false
}

// optWord takes the attribute's value as one word, "" if the attribute does not come next.
func (l *line) optWord(key string) string {
	if value, ok := l.opt(key); ok {
		return l.unword(value)
	}
	return ""
}

// attr takes the value of an attribute that must come next.
func (l *line) attr(key string) string {
	value, ok := l.opt(key)
	if !ok {
		l.fail("%s= is missing", key)
	}
	return value
}

// items reads a list that printer's list wrote; nil for "none".
func items[T any](l *line, text string, f func(string) T) []T {
	if text == "none" {
		return nil
	}
	var out []T
	for _, item := range l.split(text, ',') {
		out = append(out, f(item))
	}
	return out
}

// optItems reads the list of an attribute; nil if the attribute does not come next.
func optItems[T any](l *line, key string, f func(string) T) []T {
	if value, ok := l.opt(key); ok {
		return items(l, value, f)
	}
	return nil
}

func (l *line) addr(text string) netip.Addr {
	a, err := netip.ParseAddr(text)
	l.check(err)
	if a.Zone() != "" {
		l.fail("%q has a zone", text)
	}
	return a
}

func (l *line) prefix(text string) netip.Prefix {
	p, err := netip.ParsePrefix(text)
	l.check(err)
	return p
}

func (l *line) addrSet(text string) AddrSet {
	s, err := ParseAddrSet(text)
	l.check(err)
	return s
}

func (l *line) l4(text string) L4 {
	b, err := ParseL4(text)
	l.check(err)
	return b
}

func (l *line) number(text string, bits int) int64 {
	n, err := strconv.ParseInt(text, 10, bits)
	l.check(err)
	return n
}

func (l *line) namedPort(text string) NamedPort {
	name, rest := l.cut(text, ':')
	proto, number := l.cut(rest, '/')
	p, err := ParseProto(proto)
	l.check(err)
	port, err := strconv.ParseUint(number, 10, 16)
	l.check(err)
	return NamedPort{l.unword(name), p, uint16(port)}
}

func (l *line) portSpec(text string) PortSpec {
	parts := l.split(text, ':')
	if len(parts) != 2 {
		return PortSpec{Box: l.l4(text)}
	}
	rest := l.split(parts[1], '<')
	p, err := ParseProto(parts[0])
	l.check(err)
	s := PortSpec{Box: DstL4(p, AllPorts()), Name: l.unword(rest[0])}
	if s.Name == "" || len(rest) > 2 {
		l.fail("%q is not a named port", text)
	}
	if len(rest) == 2 {
		s.Box.Src, err = parsePortRange(rest[1])
		l.check(err)
	}
	return s
}

// origin takes an origin if one comes next.
func (l *line) origin() (source.Origin, bool) {
	value, ok := l.opt("from")
	if !ok {
		return source.Origin{}, false
	}
	parts := l.split(value, ',')
	if len(parts) != 3 {
		l.fail("%q is not object, field and position", value)
		return source.Origin{}, true
	}
	o := source.Origin{Object: l.unword(parts[0]), Field: l.unword(parts[1])}
	if parts[2] == "-" {
		return o, true
	}
	pos := l.split(parts[2], ':')
	if len(pos) != 3 {
		l.fail("%q is not file, line and column", parts[2])
		return o, true
	}
	o.Pos = source.Pos{File: l.unword(pos[0]), Line: int32(l.number(pos[1], 32)), Col: int32(l.number(pos[2], 32))}
	return o, true
}

// mustOrigin takes the origin that must come next.
func (l *line) mustOrigin() source.Origin {
	o, ok := l.origin()
	if !ok {
		l.fail("from= is missing")
	}
	return o
}

func (l *line) node() *Node {
	return &Node{Name: l.unword(l.next()), Zone: l.optWord("zone"), Addrs: items(l, l.attr("addrs"), l.addr), PodCIDRs: optItems(l, "cidrs", l.prefix),
		Leaving: l.isLeaving(), Origin: l.mustOrigin()}
}

func (l *line) direction(text string) Direction {
	for _, d := range Directions() {
		if d.String() == text {
			return d
		}
	}
	l.fail("%q is not a direction", text)
	return 0
}

func (l *line) phase(text string) Phase {
	for _, ph := range Phases() {
		if ph.String() == text {
			return ph
		}
	}
	l.fail("%q is not a phase", text)
	return 0
}

func (l *line) action(text string) Action {
	for a := Allow; a <= Pass; a++ {
		if a.String() == text {
			return a
		}
	}
	l.fail("%q is not an action", text)
	return 0
}
