package manifest

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// A stream is cut into pieces of about one window, which workers read independently of each other:
//
//	piece    text                                  made where
//	docs     whole documents                       a document marker, the end of a JSON text
//	items    items of a list larger than a window  a line "- " in the list's column, a comma of its JSON array
//	tail     what follows the items, and the head  behind the last item
//	broken   none: why reading cannot go on
//	whole    a program in the policy language      nowhere
//
// Only a list is ever cut inside, and only if it does not fit a window; so memory is bounded by the windows in flight and
// one object of at most limit bytes. Cutting by lines is sound because YAML wants whatever belongs to an item indented
// more than its dash; a text that breaks this rule within quotes or brackets is refused in lists of such a size.

const (
	defaultWindow = 512 << 10
	defaultLimit  = 32 << 20
)

type pieceKind uint8

const (
	docs pieceKind = iota
	items
	tail
	broken
	whole
)

type piece struct {
	kind   pieceKind
	text   string
	at     tree.Start
	head   string // of tails: the list's text before its items
	headAt tree.Start
	list   gvk // of items: what the head says
	code   diag.Code
	reason string
}

// splitter cuts one stream. The text not yet given out is buf[off:]; at is where it begins.
type splitter struct {
	r      io.Reader
	window int
	limit  int
	buf    []byte
	off    int
	at     tree.Start
	eof    bool
	err    error
	begun  bool
	list   *openList
}

// openList is the list that is being cut.
type openList struct {
	json   bool
	indent int // of the dashes
	ended  bool
	id     gvk
	head   string
	headAt tree.Start
}

func newSplitter(r io.Reader) *splitter {
	return &splitter{r: r, window: defaultWindow, limit: defaultLimit, at: tree.Start{Line: 1, Col: 1}}
}

// rest returns the text at hand, at least n bytes of it unless the stream ends before.
func (s *splitter) rest(n int) []byte {
	for len(s.buf)-s.off < n && !s.eof {
		if s.off > 0 {
			s.buf = s.buf[:copy(s.buf, s.buf[s.off:])]
			s.off = 0
		}
		// Small streams get a small buffer; it doubles as long as more comes.
		size := min(n, max(2*len(s.buf), 32<<10))
		s.buf = slices.Grow(s.buf, size-len(s.buf))
		got, err := s.r.Read(s.buf[len(s.buf):min(cap(s.buf), max(n, s.window))])
		s.buf = s.buf[:len(s.buf)+got]
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.err = err
			}
		}
	}
	return s.buf[s.off:]
}

// take gives out n bytes.
func (s *splitter) take(n int) (string, tree.Start) {
	text, at := string(s.buf[s.off:s.off+n]), s.at
	s.off += n
	s.at = at.After(text)
	return text, at
}

func (s *splitter) docs(n int) (piece, bool) {
	text, at := s.take(n)
	return piece{kind: docs, text: text, at: at}, true
}

func (s *splitter) broken(code diag.Code, reason string) (piece, bool) {
	p := piece{kind: broken, at: s.at, code: code, reason: reason}
	s.skipDocument()
	return p, true
}

// skipDocument drops the text up to the next document marker.
func (s *splitter) skipDocument() {
	s.list = nil
	for {
		text := s.rest(s.window)
		if i := markerLine(string(text), 0); i >= 0 {
			s.take(i)
			return
		}
		if s.eof {
			s.take(len(text))
			return
		}
		s.take(len(text) - min(len(text), 4)) // a marker may begin in what is left
	}
}

// next returns the next piece, false at the end.
func (s *splitter) next() (piece, bool) {
	if !s.begun {
		s.begun = true
		switch bom := s.rest(3); {
		case bytes.HasPrefix(bom, []byte("\xef\xbb\xbf")):
			s.off += 3
		case bytes.HasPrefix(bom, []byte("\xff\xfe")), bytes.HasPrefix(bom, []byte("\xfe\xff")):
			s.eof, s.off = true, len(s.buf)
			return piece{kind: broken, at: s.at, code: diag.Syntax, reason: "the text is UTF-16; save it as UTF-8"}, true
		}
	}
	if s.list != nil {
		if s.list.ended {
			return s.listTail()
		}
		if s.list.json {
			return s.jsonItems()
		}
		return s.yamlItems()
	}
	text := s.rest(s.window)
	switch {
	case s.err != nil:
		p := piece{kind: broken, at: s.at, code: diag.Unreadable, reason: "cannot read: " + s.err.Error()}
		s.err, s.off = nil, len(s.buf)
		return p, true
	case len(text) == 0:
		return piece{}, false
	case s.eof && len(text) <= s.window:
		return s.docs(len(text))
	}
	if i := lastMarker(text); i > 0 {
		return s.docs(i)
	}
	return s.large(text)
}

// lastMarker finds the last line that begins with a document marker and has more than directives before it; 0 if there
// is none.
func lastMarker(text []byte) int {
	for end := len(text); ; {
		i := bytes.LastIndex(text[:end], []byte("\n---"))
		if i < 0 {
			return 0
		}
		before := bytes.TrimRight(text[:i], " \t\r\n")
		line := before[bytes.LastIndexByte(before, '\n')+1:]
		if i+4 < len(text) && strings.IndexByte(" \t\r\n", text[i+4]) >= 0 && !bytes.HasPrefix(line, []byte("%")) {
			return i + 1
		}
		end = i
	}
}

// large handles a window without a document marker: JSON texts, the beginning of a large list, or one large document.
func (s *splitter) large(text []byte) (piece, bool) {
	content := contentStart(text)
	if content < len(text) && text[content] == '{' {
		end, rest := 0, string(text[content:])
		for n := tree.JSONEnd(rest); n > 0; n = tree.JSONEnd(rest[end:]) {
			end += n
		}
		if end > 0 {
			return s.docs(content + end)
		}
		if key, open := jsonItemsKey(text, content); open > 0 {
			s.openJSON(text, content, key, open)
			return s.jsonItems()
		}
	} else if line, first, indent := yamlItemsKey(text); first > 0 {
		s.openYAML(line, first, indent)
		return s.yamlItems()
	}
	for size := 2 * s.window; size <= s.limit; size *= 2 {
		text = s.rest(size)
		if i := markerLine(string(text), 0); i > 0 {
			return s.docs(i)
		}
		if n := tree.JSONEnd(string(text[content:])); n > 0 {
			return s.docs(content + n)
		}
		if s.eof {
			return s.docs(len(text))
		}
	}
	return s.broken(diag.TooLarge, "the document is larger than "+mebibytes(s.limit))
}

// contentStart skips marker lines, empty lines and comments.
func contentStart(text []byte) int {
	for i := 0; i < len(text); {
		end := len(text)
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		line := bytes.TrimLeft(text[i:end], " \t\r\n")
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(bytes.TrimRight(line, " \t\r\n"), []byte("---")) {
			return end - len(line)
		}
		i = end
	}
	return len(text)
}

// listTail gives out what stands behind the items, to the end of the document.
func (s *splitter) listTail() (piece, bool) {
	for size := s.window; size <= s.limit; size *= 2 {
		text := s.rest(size)
		end := 0
		if s.list.json {
			// The bracket that closes the items stands for the one that opens the rest of the mapping.
			end = tree.JSONEnd("{" + string(text[1:]))
		} else {
			end = markerLine(string(text), 0)
			if len(text) > 0 && documentMarker(text) {
				end = -1
			}
		}
		switch {
		case end > 0:
		case end < 0 && !s.list.json && documentMarker(text):
			end = 0
		case s.eof:
			end = len(text)
		default:
			continue
		}
		body, at := s.take(end)
		if s.list.json {
			body = jsonTail(body)
		}
		p := piece{kind: tail, text: body, at: at, head: s.list.head, headAt: s.list.headAt}
		s.list = nil
		return p, true
	}
	return s.broken(diag.TooLarge, "the document is larger than "+mebibytes(s.limit))
}

func documentMarker(line []byte) bool {
	return len(line) >= 3 && (string(line[:3]) == "---" || string(line[:3]) == "...") &&
		(len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0)
}
