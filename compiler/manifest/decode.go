package manifest

import (
	"context"
	"io"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// decode reads every input and hands over its batches in order.
func (f *front) decode(ctx context.Context, inputs func(yield func(input) bool), take func(input, batch)) {
	for in := range inputs {
		b := builder{front: f, file: in.name}
		r, err := in.open()
		if err == nil {
			var text []byte
			if text, err = io.ReadAll(r); err == nil {
				b.text(string(text), tree.Start{Line: 1, Col: 1})
			}
			r.Close()
		}
		if err != nil {
			b.out.findings = append(b.out.findings, diag.Finding{Code: diag.Unreadable, Message: "cannot read: " + err.Error(),
				Origin: source.Origin{Pos: source.Pos{File: in.name}}})
		}
		take(in, b.out)
		if ctx.Err() != nil {
			return
		}
	}
}

// text reads whole documents.
func (b *builder) text(text string, at tree.Start) {
	for text != "" {
		doc, rest := nextDocument(text)
		for doc != "" {
			b.arena.Reset()
			root, length, err := tree.Parse(doc, at, &b.arena)
			switch {
			case err != nil:
				b.syntax(err)
			case root != nil:
				b.document(root)
			}
			at = at.After(doc[:length])
			doc = doc[length:]
		}
		text = rest
	}
}

func (b *builder) syntax(err *tree.Error) {
	b.meta = nil
	b.out.documents++
	code := diag.Syntax
	if err.Reason == tree.Excessive {
		code = diag.TooLarge
	}
	b.addField(code, &tree.Node{Line: err.Line, Col: err.Col}, "", err.Hint, err.Message)
}

// nextDocument cuts off the first document: up to the next line that begins with a document marker. Directives belong to
// the document that follows them. YAML allows no marker inside a document, whatever the context (YAML 1.2, c-forbidden).
func nextDocument(text string) (doc, rest string) {
	from := 0
	for {
		i := markerLine(text, from)
		if i < 0 {
			return text, ""
		}
		if !onlyDirectives(text[:i]) {
			return text[:i], text[i:]
		}
		from = i + 3
	}
}

// markerLine finds the first line from "from" on, except the text's very first, that begins with "---" or "...".
func markerLine(text string, from int) int {
	for from < len(text) {
		i := strings.Index(text[from:], "\n---")
		upTo := text[from:]
		if i >= 0 {
			upTo = upTo[:i+1] // or else each document would cost a look at all that follow
		}
		if dots := strings.Index(upTo, "\n..."); dots >= 0 {
			i = dots
		}
		if i < 0 {
			return -1
		}
		i += from + 1
		if i+3 == len(text) || strings.IndexByte(" \t\r\n", text[i+3]) >= 0 {
			return i
		}
		from = i
	}
	return -1
}

func onlyDirectives(text string) bool {
	some := false
	for line := range strings.Lines(text) {
		switch line[0] {
		case '%':
			some = true
		case '\n', '\r', '#':
		default:
			return false
		}
	}
	return some
}
