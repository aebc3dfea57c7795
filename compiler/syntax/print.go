package syntax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Print writes a program in the layout of Format: objects are separated by empty lines, and sentences that are too long are broken. The
// File need not have been parsed; words that cannot stand alone are written as strings.
func Print(f *File) string {
	p := &printer{}
	for _, i := range f.Imports {
		p.sentence(0, "import", i.Path.quoted())
	}
	p.decls(f.Decls, 0)
	text := string(p.out)
	if formatted, problems := Format(f.Name, text); len(problems) == 0 {
		return formatted // where lines are broken, Format knows how deep they are
	}
	return text
}

// Name makes a word of a text, quoted where it has to be.
func Name(text string) Word { return Word{Text: text, Quoted: !isName(text)} }

// isName reports whether a text is one token that a name may be.
func isName(text string) bool { return isWord(text) || isNumber(text) }

// isWord reports whether a text is a WORD of the grammar, or a keyword.
func isWord(text string) bool {
	return text != "" && (letter(text[0]) || text[0] == '_' || text[0] == '*') && isTail(text[1:])
}

// isNumber reports whether a text is a NUMBER of the grammar.
func isNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	return text != "" && digit(text[0]) && isTail(text[1:])
}

func isTail(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case letter(c) || digit(c) || c == '_' || c == '*' || c == '.' || c == '-':
		case c == '/' && i+1 < len(text) && (letter(text[i+1]) || digit(text[i+1]) || text[i+1] == '_' || text[i+1] == '*'):
		default:
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// isKeyword reports whether a text is a keyword of the grammar.
func isKeyword(text string) bool {
	for _, word := range keywords() {
		if word == text {
			return letter(text[0])
		}
	}
	return false
}

// name is the word where a name stands.
func (w Word) name() string {
	if w.Quoted || !isName(w.Text) {
		return w.quoted()
	}
	return w.Text
}

// portName is the word where the name of a port stands, or its number.
func (w Word) portName() string {
	if w.Quoted || !isName(w.Text) || isKeyword(w.Text) {
		return w.quoted()
	}
	return w.Text
}

// word is the word where an address may stand, too.
func (w Word) word() string {
	if !w.Quoted && strings.Count(w.Text, ":") >= 2 {
		return w.Text
	}
	return w.name()
}

func (w Word) quoted() string { return strconv.Quote(w.Text) }

// comma stands between the items of a list: a line may be broken behind it.
const comma = ",\x00"

// printer writes sentences.
type printer struct{ out []byte }

// sentence writes words, of which empty ones are left out, and breaks lines that are too long behind commas.
func (p *printer) sentence(depth int, words ...string) {
	const longest = 110
	indent := strings.Repeat("  ", depth)
	words = slices.DeleteFunc(words, func(word string) bool { return word == "" })
	p.out = append(p.out, indent...)
	width := len(indent)
	for i, part := range strings.Split(strings.Join(words, " "), "\x00") {
		switch {
		case i == 0:
		case width+1+len(part) > longest:
			p.out = append(p.out, "\n  "+indent...)
			width = len(indent) + 2
		default:
			p.out = append(p.out, ' ')
			width++
		}
		p.out = append(p.out, part...)
		width += len(part)
	}
	p.out = append(p.out, '\n')
}

// decls writes declarations. Those of one kind that have no block stand together.
func (p *printer) decls(decls []Decl, depth int) {
	before := ""
	for _, d := range decls {
		kind := lineKind(d)
		if len(p.out) > 0 && !strings.HasSuffix(string(p.out[max(0, len(p.out)-2):]), "{\n") && (kind == "" || kind != before) {
			p.out = append(p.out, '\n')
		}
		p.decl(d, depth)
		before = kind
	}
}

// lineKind tells the kind of a declaration without a block, "" for others.
func lineKind(d Decl) string {
	block := len(fieldsOf(d)) > 0
	switch d := d.(type) {
	case *Namespace:
		block = d.Block
	case *Policy, *Object:
		block = true
	}
	if block {
		return ""
	}
	return fmt.Sprintf("%T", d)
}

func (p *printer) decl(d Decl, depth int) {
	switch d := d.(type) {
	case *Let:
		p.sentence(depth, "let", d.Name.Text, "=", peers(d.Peers)+ports(d.Ports))
	case *Namespace:
		words := append([]string{"namespace"}, d.Head.words()...)
		if !d.Block {
			p.sentence(depth, words...)
			return
		}
		p.block(depth, words, len(d.Decls) == 0, func() { p.decls(d.Decls, depth+1) })
	case *Policy:
		p.block(depth, d.words(), len(d.Rules) == 0, func() {
			for _, r := range d.Rules {
				p.sentence(depth+1, r.words()...)
			}
		})
	case *Tier:
		p.sentence(depth, head("tier", d.Head, clause("priority", d.Priority.Text), stated(d.Description, Word.quoted))...)
	case *Group:
		p.sentence(depth, head("group", d.Head, "=", peers(d.Peers))...)
	case *Pool:
		p.sentence(depth, head("pool", d.Head, "=", words(d.Ranges), clause("gateway", d.Gateway.Text), clause("vlan", d.VLAN.Text),
			when(d.Limited, "on nodes"), when(d.Limited, d.Nodes.text()))...)
	case *Machine:
		p.sentence(depth, head("machine", d.Head, "interfaces", "("+faces(d.Faces)+")")...)
	case *Expect:
		p.sentence(depth, "expect", d.Verdict.Text, "from", peers(d.From), "to", peers(d.To), clause("on", ports(d.Ports)))
	default:
		p.object(d, depth)
	}
}

// object writes declarations that may have fields.
func (p *printer) object(d Decl, depth int) {
	switch d := d.(type) {
	case *Egress:
		p.fields(depth, head("egress", d.Head, "for", peers(d.For), clause("as", words(d.As)), clause("from pool", words(d.Pools)),
			clause("limit", d.Rate.Text), clause("burst", d.Burst.Text)), d.Fields, false)
	case *Node:
		p.fields(depth, head("node", d.Head, clause("at", words(d.Addrs)), clause("pods", words(d.Pods))), d.Fields, false)
	case *Pod:
		p.fields(depth, head("pod", d.Head, clause("on", stated(d.Node, Word.name)), clause("at", words(d.Addrs)), listens(d.Ports)), d.Fields, false)
	case *Service:
		p.fields(depth, head("service", d.Head, clause("type", stated(d.Type, Word.name)), when(d.Selects, "for pods"), when(d.Selects, d.Pods.text()),
			clause("at", words(d.Addrs)), listens(d.Ports)), d.Fields, false)
	case *Entity:
		p.fields(depth, head("entity", d.Head, clause("of", stated(d.Machine, Word.name)), clause("at", words(d.Addrs)), listens(d.Ports)), d.Fields, false)
	case *Object:
		p.fields(depth, append([]string{"object", d.Version.name(), d.Kind.name()}, d.Head.words()...), d.Fields, true)
	}
}

// block writes a sentence with braces.
func (p *printer) block(depth int, words []string, empty bool, inner func()) {
	if empty {
		p.sentence(depth, append(words, "{}")...)
		return
	}
	p.sentence(depth, append(words, "{")...)
	inner()
	p.sentence(depth, "}")
}

func (p *printer) fields(depth int, words []string, list []Field, braces bool) {
	if len(list) == 0 && !braces {
		p.sentence(depth, words...)
		return
	}
	p.block(depth, words, len(list) == 0, func() {
		for _, f := range list {
			p.sentence(depth+1, f.Path.name(), "=", f.Value.text())
		}
	})
}

// head begins a declaration.
func head(keyword string, h Head, more ...string) []string {
	return append(append([]string{keyword}, h.words()...), more...)
}

func (h Head) words() []string {
	return []string{h.Name.name(), when(len(h.Labels) > 0, pairList(h.Labels)), when(len(h.Annotations) > 0, "annotated "+pairList(h.Annotations))}
}

func pairList(list []Pair) string {
	return "(" + join(list, func(p Pair) string { return p.Key.name() + " = " + p.Value.name() }) + ")"
}

// join writes a list.
func join[T any](list []T, text func(T) string) string {
	var out []string
	for _, item := range list {
		out = append(out, text(item))
	}
	return strings.Join(out, comma)
}

// clause is a keyword and what follows it, or nothing.
func clause(keyword, text string) string {
	if text == "" {
		return ""
	}
	return keyword + " " + text
}

func when(is bool, text string) string {
	if !is {
		return ""
	}
	return text
}

// stated is a word's text, "" for one that is absent.
func stated(w Word, text func(Word) string) string {
	if !w.Stated() {
		return ""
	}
	return text(w)
}

func words(list []Word) string { return join(list, Word.word) }
