package manifest

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

func mebibytes(n int) string { return strconv.Itoa(n>>20) + " MiB" }

// yamlItemsKey finds the line "items:" in the first column with a list below it: where the line begins, where the line
// of the first item begins, and in which column (from 0) its dash stands; first is 0 if there is none.
func yamlItemsKey(text []byte) (line, first, indent int) {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte("items:"))
		if i < 0 {
			return 0, 0, 0
		}
		i += from
		from = i + len("items:")
		if i > 0 && text[i-1] != '\n' {
			continue
		}
		end := bytes.IndexByte(text[from:], '\n')
		if end < 0 {
			return 0, 0, 0
		}
		if behind := bytes.TrimLeft(text[from:from+end], " \t\r"); len(behind) > 0 && behind[0] != '#' {
			continue
		}
		next := from + end + 1
		content := contentStart(text[next:]) + next
		first = bytes.LastIndexByte(text[:content], '\n') + 1
		if content+1 < len(text) && text[content] == '-' && strings.IndexByte(" \r\n", text[content+1]) >= 0 {
			return i, first, content - first
		}
	}
}

func (s *splitter) openYAML(line, first, indent int) {
	list := &openList{indent: indent}
	list.head, list.headAt = s.take(line)
	s.take(first - line)
	list.id = headID(list.head)
	s.list = list
}

// headID is what the text before the items says about the list; it may say nothing yet.
func headID(head string) gvk {
	var arena tree.Arena
	root, _, err := tree.Parse(head, tree.Start{Line: 1, Col: 1}, &arena)
	if err != nil || root == nil || root.Kind != tree.Mapping {
		return gvk{}
	}
	return gvk{strings.Clone(str(root.Get("apiVersion"))), strings.Clone(str(root.Get("kind")))}
}

// itemsPiece gives out n bytes of the open list.
func (s *splitter) itemsPiece(n int, ended bool) (piece, bool) {
	text, at := s.take(n)
	s.list.ended = ended
	if s.list.json {
		// A piece begins with the bracket before its first item or with the comma there.
		text = "[" + text[1:] + "]"
	}
	return piece{kind: items, text: text, at: at, list: s.list.id}, true
}

func (s *splitter) yamlItems() (piece, bool) {
	for size := s.window; size <= s.limit; size *= 2 {
		text := s.rest(size)
		cut, end := yamlCut(text, s.list.indent, s.eof)
		switch {
		case end >= 0:
			return s.itemsPiece(end, true)
		case cut > 0:
			return s.itemsPiece(cut, false)
		}
	}
	return s.broken(diag.TooLarge, "an item of the list is larger than "+mebibytes(s.limit))
}

// yamlCut finds the last line that begins an item, 0 if it is only the first; and where the list ends, -1 if it does not
// end within the text.
func yamlCut(text []byte, indent int, eof bool) (cut, end int) {
	for i := 0; i < len(text); {
		n := bytes.IndexByte(text[i:], '\n')
		if n < 0 {
			if !eof {
				return cut, -1 // the line may not be complete
			}
			n = len(text) - i
		}
		line := text[i:min(i+n+1, len(text))]
		spaces := 0
		for spaces < len(line) && line[spaces] == ' ' && spaces <= indent {
			spaces++
		}
		if spaces <= indent && spaces < len(line) && strings.IndexByte("\r\n#", line[spaces]) < 0 {
			dash := line[spaces] == '-' && (spaces+1 == len(line) || strings.IndexByte(" \r\n", line[spaces+1]) >= 0)
			if spaces < indent || !dash || documentMarker(line) {
				return cut, i
			}
			cut = i
		}
		i += len(line)
	}
	if eof {
		return cut, len(text)
	}
	return cut, -1
}

// jsonItemsKey finds the key "items" of the mapping that begins at content, with a list behind it: where the key and the
// list's bracket stand; open is 0 if there is none.
func jsonItemsKey(text []byte, content int) (key, open int) {
	depth := 0
	for i := content; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := jsonString(text, i)
			if end < 0 {
				return 0, 0
			}
			if depth == 1 && string(text[i:end]) == `"items"` {
				behind := bytes.TrimLeft(text[end:], " \t\r\n")
				if value := bytes.TrimLeft(bytes.TrimPrefix(behind, []byte(":")), " \t\r\n"); len(value) < len(behind) &&
					len(value) > 0 && behind[0] == ':' && value[0] == '[' {
					return i, len(text) - len(value)
				}
			}
			i = end - 1
		}
	}
	return 0, 0
}

// jsonString returns the offset behind the string that begins at i, -1 if it does not end.
func jsonString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

func (s *splitter) openJSON(text []byte, content, key, open int) {
	list := &openList{json: true}
	head := string(text[content:key]) + "}"
	s.take(content)
	list.head, list.headAt = head, s.at
	s.take(open - content)
	list.id = headID(head)
	s.list = list
}

func (s *splitter) jsonItems() (piece, bool) {
	for size := s.window; size <= s.limit; size *= 2 {
		text := s.rest(size)
		cut, end := jsonCut(text)
		switch {
		case end >= 0:
			return s.itemsPiece(end, true)
		case cut > 0:
			return s.itemsPiece(cut, false)
		case s.eof:
			return s.broken(diag.Syntax, "the list of items does not end")
		}
	}
	return s.broken(diag.TooLarge, "an item of the list is larger than "+mebibytes(s.limit))
}

// jsonCut finds, behind the first character, the last comma between items, 0 if there is none; and the bracket that ends
// the list, -1 if the text ends before.
func jsonCut(text []byte) (cut, end int) {
	depth := 0
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return cut, i
			}
		case ',':
			if depth == 0 {
				cut = i
			}
		case '"':
			next := jsonString(text, i)
			if next < 0 {
				return cut, -1
			}
			i = next - 1
		}
	}
	return cut, -1
}

// jsonTail turns the text from the bracket that ends the items into a mapping of the keys behind it.
func jsonTail(text string) string {
	if text == "" {
		return ""
	}
	body := text[1:]
	if rest := strings.TrimLeft(body, " \t\r\n"); strings.HasPrefix(rest, ",") {
		i := len(body) - len(rest)
		body = body[:i] + " " + body[i+1:]
	}
	return "{" + body
}
