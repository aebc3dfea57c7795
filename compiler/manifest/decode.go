package manifest

import (
	"bufio"
	"context"
	"runtime"
	"strings"
	"sync"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// job is one piece on its way through a worker.
type job struct {
	in    input
	piece piece
	done  chan batch // holds one
}

// decode reads every input and hands over its batches in order, whatever order the workers finish in. When the context is
// cancelled it hands over nothing more.
func (f *front) decode(ctx context.Context, inputs func(yield func(input) bool), take func(input, batch)) {
	workers := runtime.GOMAXPROCS(0)
	jobs, order := make(chan job), make(chan job, 2*workers)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			b := builder{front: f}
			for j := range jobs {
				j.done <- b.piece(j.in, j.piece)
			}
		})
	}
	running.Go(func() {
		defer close(order)
		defer close(jobs)
		inputs(func(in input) bool {
			return f.split(in, func(p piece) bool {
				j := job{in, p, make(chan batch, 1)}
				select {
				case order <- j:
				case <-ctx.Done():
					return false
				}
				jobs <- j
				return true
			})
		})
	})
	var held []batch
	for j := range order {
		out := <-j.done
		if ctx.Err() != nil {
			continue
		}
		if out.partial {
			held = append(held, out)
			continue
		}
		if out.refuted {
			held = nil // it was no list after all
		}
		for _, part := range held {
			take(j.in, part)
		}
		held = nil
		take(j.in, out)
	}
	running.Wait()
}

// split gives out the pieces of one input until yield returns false. An input without any text has one empty piece.
func (f *front) split(in input, yield func(piece) bool) bool {
	r, err := in.open()
	if err != nil {
		return yield(piece{kind: broken, code: diag.Unreadable, reason: "cannot read: " + err.Error()})
	}
	defer r.Close()
	buffered := bufio.NewReader(r)
	if isProgram(in.name, buffered) {
		return yield(f.program(buffered))
	}
	s := newSplitter(buffered)
	if f.window > 0 {
		s.window, s.limit = f.window, 16*f.window
	}
	for any := false; ; any = true {
		p, ok := s.next()
		if !ok {
			return any || yield(piece{kind: docs})
		}
		if !yield(p) {
			return false
		}
	}
}

// piece reads one piece.
func (b *builder) piece(in input, p piece) batch {
	b.file, b.locate, b.out = in.name, in.locate, batch{}
	b.meta, b.failed = nil, false
	if p.kind == whole {
		b.program(p.text)
		return b.out
	}
	// YAML takes "\r\n" for one line break; so no position changes, and the scanner need not know it.
	p.text, p.head = strings.ReplaceAll(p.text, "\r\n", "\n"), strings.ReplaceAll(p.head, "\r\n", "\n")
	switch p.kind {
	case docs:
		b.text(p.text, p.at)
	case items:
		b.out.partial = true
		b.items(p)
	case tail:
		b.tail(p)
	case broken:
		b.out.documents++
		pos := source.Pos{File: b.file, Line: p.at.Line, Col: p.at.Col}
		row := diag.Lookup(p.code)
		b.out.findings = append(b.out.findings, diag.Finding{Code: p.code, Severity: row.Severity, Message: p.reason, Hint: row.Hint,
			Origin: source.Origin{Pos: pos}})
	}
	return b.out
}

// text reads whole documents.
func (b *builder) text(text string, at tree.Start) {
	for text != "" {
		doc, rest := nextDocument(text)
		if strings.HasPrefix(doc, "...") && documentMarker([]byte(doc[:min(4, len(doc))])) {
			doc = "   " + doc[3:] // it ended the document before
		}
		for doc != "" {
			root, length := b.parse(doc, at)
			if root != nil {
				if b.locate != nil {
					b.locate(root)
				}
				b.document(root)
			}
			at = at.After(doc[:length])
			doc = doc[length:]
		}
		text = rest
	}
}

func (b *builder) parse(text string, at tree.Start) (root *tree.Node, length int) {
	b.arena.Reset()
	root, length, err := tree.Parse(text, at, &b.arena)
	if err == nil {
		return root, length
	}
	b.meta = nil
	b.out.documents++
	code := diag.Syntax
	if err.Reason == tree.Excessive {
		code = diag.TooLarge
	}
	b.addField(code, &tree.Node{Line: err.Line, Col: err.Col}, "", err.Hint, err.Message)
	return nil, length
}

// items reads a part of a large list.
func (b *builder) items(p piece) {
	root, _ := b.parse(p.text, p.at)
	id := gvk{}
	if p.list.kind != "" {
		id = itemID(p.list)
	}
	for _, item := range root.Items() {
		b.object(item, id, 1)
	}
}

// tail reads what a large list has beside its items. It must be a list indeed.
func (b *builder) tail(p piece) {
	b.out.documents++
	var heads tree.Arena
	head, _, _ := tree.Parse(p.head, p.headAt, &heads)
	root, _ := b.parse(p.text, p.at)
	if (head == nil || head.First == nil) && (root == nil || root.First == nil) {
		root = &tree.Node{Kind: tree.Mapping, Line: p.headAt.Line, Col: p.headAt.Col}
	}
	if head != nil && head.Kind == tree.Mapping && head.First != nil {
		last := head.First
		for last.Next != nil {
			last = last.Next
		}
		if root != nil && root.Kind == tree.Mapping {
			last.Next = root.First
		}
		root = head
	}
	id, ok := b.identify(root, gvk{})
	b.repeated(root, nil)
	switch {
	case !ok:
	case strings.HasSuffix(id.kind, "List"):
		for k, v := range root.Pairs() {
			b.listField(k, v, id)
		}
	default:
		b.out.refuted = true
		b.unknown(id, root)
	}
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

// markerLine finds the first line from "from" on, except the text's very first, that begins with "---" or "..."; -1 if
// there is none.
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
		case '.': // the marker that ended the document before
			if strings.TrimSpace(line) != "..." {
				return false
			}
		default:
			return false
		}
	}
	return some
}
