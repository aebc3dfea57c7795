package syntax

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// YAML writes documents as one writes them by hand: in blocks, strings bare where nothing else can be meant, and lists as deep as their
// field. comments gives the comments before a line, without what begins them; nil stands for none. Reading what it writes gives the same trees.
func YAML(documents []*tree.Node, comments func(line int32) []string) string {
	y := &yamlWriter{comments: comments}
	for i, root := range documents {
		if i > 0 {
			y.out.WriteString("---\n")
		}
		y.comment(0, root.Line)
		y.mapping(0, root)
	}
	return y.out.String()
}

type yamlWriter struct {
	out      strings.Builder
	comments func(line int32) []string
}

func (y *yamlWriter) comment(depth int, line int32) {
	if y.comments == nil {
		return
	}
	for _, c := range y.comments(line) {
		y.indent(depth)
		y.out.WriteString(strings.TrimRight("# "+c, " ") + "\n")
	}
}

func (y *yamlWriter) indent(depth int) { y.out.WriteString(strings.Repeat("  ", depth)) }

// mapping writes pairs, each on lines of its own. The first one begins where the writer is.
func (y *yamlWriter) mapping(depth int, n *tree.Node) {
	first := true
	for key, value := range n.Pairs() {
		if !first {
			y.indent(depth)
		}
		first = false
		y.out.WriteString(yamlText(key.Text) + ":")
		switch {
		case value.Kind == tree.Scalar || value.First == nil:
			y.out.WriteString(" " + yamlScalar(value) + "\n")
		case value.Kind == tree.Mapping:
			y.out.WriteString("\n")
			y.indent(depth + 1)
			y.mapping(depth+1, value)
		default:
			y.out.WriteString("\n")
			y.list(depth, value)
		}
	}
}

func (y *yamlWriter) list(depth int, n *tree.Node) {
	for _, item := range n.Items() {
		if item.Kind == tree.Mapping {
			y.comment(depth, item.Line)
		}
		y.indent(depth)
		switch {
		case item.Kind == tree.Scalar || item.First == nil:
			y.out.WriteString("- " + yamlScalar(item) + "\n")
		case item.Kind == tree.Mapping:
			y.out.WriteString("- ")
			y.mapping(depth+1, item)
		default:
			y.out.WriteString("-\n")
			y.list(depth+1, item)
		}
	}
}

// yamlScalar writes a scalar, or an empty collection.
func yamlScalar(n *tree.Node) string {
	switch {
	case n.Kind == tree.Mapping:
		return "{}"
	case n.Kind == tree.Sequence:
		return "[]"
	case n.Style == tree.Plain && n.Type() != tree.String:
		return n.Text
	case n.IsNull():
		return "null"
	}
	return yamlText(n.Text)
}

// yamlText writes a string, in quotes if any reader of YAML could take it for something else.
func yamlText(text string) string {
	old := []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"} // to readers of YAML 1.1
	plain := &tree.Node{Text: text}
	bare := text != "" && plain.Type() == tree.String && !plain.IsNull() && !slices.Contains(old, strings.ToLower(text)) &&
		(letter(text[0]) || digit(text[0]) || text[0] == '/') && strings.Trim(text, "0123456789.:_-") != "" || isAddressText(text)
	for i := 0; bare && i < len(text); i++ {
		c := text[i]
		space := c == ' ' && i+1 < len(text) && text[i+1] != '#' && text[i+1] != ' '
		colon := c == ':' && i+1 < len(text) && text[i+1] != ' '
		bare = letter(c) || digit(c) || strings.IndexByte("._/-+@=", c) >= 0 || space || colon
	}
	if bare {
		return text
	}
	var quoted strings.Builder
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return ""
	}
	return strings.TrimSuffix(quoted.String(), "\n")
}

// isAddressText reports whether a text is an IPv4 address or prefix: with three dots it is no number to anybody.
func isAddressText(text string) bool { return strings.Count(text, ".") == 3 && isAddress(text) }
