package schema

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// Problem is one deviation of a tree from a Type.
type Problem struct {
	Code    diag.Code
	Path    string
	Node    *tree.Node // where it stands: the key of an unknown field, else the value
	Message string
	Hint    string
}

// Check walks the tree below root and reports every problem, in the order of the text. A null stands for the type's zero
// value, as it does in the API server.
func (t *Type) Check(root *tree.Node, report func(Problem)) {
	c := checker{report: report, path: make(tree.Steps, 0, 32)}
	c.value(t, root)
}

type checker struct {
	report func(Problem)
	path   tree.Steps
	outer  []*Type // the structures around the value, outermost first
}

func (c *checker) problem(code diag.Code, at *tree.Node, message, hint string) {
	c.report(Problem{Code: code, Path: c.path.String(), Node: at, Message: message, Hint: hint})
}

// below checks a value one step further down.
func (c *checker) below(step tree.Step, t *Type, n *tree.Node) {
	c.path = append(c.path, step)
	c.value(t, n)
	c.path = c.path[:len(c.path)-1]
}

func (c *checker) push(key string) { c.path = append(c.path, tree.Step{Key: key}) }

func (c *checker) pop() { c.path = c.path[:len(c.path)-1] }

func (c *checker) value(t *Type, n *tree.Node) {
	if t.form == anything || n.IsNull() {
		return
	}
	want := tree.Scalar
	switch t.form {
	case structure, mapOf:
		want = tree.Mapping
	case listOf:
		want = tree.Sequence
	}
	if n.Kind != want {
		c.wrongKind(t, n)
		return
	}
	switch t.form {
	case structure:
		c.structure(t, n)
	case mapOf:
		c.mapping(t, n)
	case listOf:
		for i, item := range n.Items() {
			if t.custom && item.IsNull() {
				c.nullItem(t, i, item)
				continue
			}
			c.below(tree.Step{Index: i}, t.elem, item)
		}
	default:
		c.scalar(t, n)
	}
}

func (c *checker) nullItem(t *Type, i int, item *tree.Node) {
	c.path = append(c.path, tree.Step{Index: i})
	c.problem(diag.WrongType, item, fmt.Sprintf("%s must be %s, not null", c.subject(), t.elem.noun()), "remove the item, or write what it is to be")
	c.path = c.path[:len(c.path)-1]
}

func (c *checker) structure(t *Type, n *tree.Node) {
	c.outer = append(c.outer, t)
	for k, v := range n.Pairs() {
		if field, ok := t.fields[k.Text]; ok {
			c.below(tree.Step{Key: k.Text}, field, v)
			continue
		}
		c.push(k.Text)
		c.problem(diag.UnknownField, k, fmt.Sprintf("unknown field %q in %s", k.Text, t.name), c.spelling(t, k.Text))
		c.pop()
	}
	for _, name := range t.required {
		_, v := n.Lookup(name)
		if v == nil || v.IsNull() && (t.custom || t.fields[name].form != listOf) {
			c.push(name)
			c.problem(diag.MissingField, n, fmt.Sprintf("%s has no %s", t.name, name), "")
			c.pop()
		}
	}
	c.outer = c.outer[:len(c.outer)-1]
}

// spelling is the way out for an unknown field: a field with a similar name, the level at which the name is right, or
// the fields that there are.
func (c *checker) spelling(t *Type, name string) string {
	if near := Nearest(name, t.names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	var homes []string
	for _, child := range t.names {
		switch inner := t.fields[child]; {
		case inner.form == structure && inner.fields[name] != nil:
			homes = append(homes, child)
		case inner.form == listOf && inner.elem.form == structure && inner.elem.fields[name] != nil:
			homes = append(homes, "an item of "+child)
		}
	}
	if len(homes) > 0 && len(homes) <= 3 {
		return fmt.Sprintf("%s belongs inside %s; check the indentation", name, strings.Join(homes, " or "))
	}
	for i := len(c.outer) - 2; i >= 0; i-- {
		if c.outer[i].fields[name] != nil {
			return fmt.Sprintf("%s is a field of %s, further out; check the indentation", name, c.outer[i].name)
		}
	}
	if len(t.names) <= 8 {
		return fmt.Sprintf("the fields of %s are %s", t.name, strings.Join(t.names, ", "))
	}
	return ""
}

func (c *checker) mapping(t *Type, n *tree.Node) {
	for k, v := range n.Pairs() {
		if typ := k.Type(); typ != tree.String && !(typ == tree.Int && k.Canonical()) {
			c.push(k.Text)
			c.problem(diag.WrongType, k, fmt.Sprintf("the key %s is %s to YAML, but keys are strings", show(k), article(typ)),
				"quote it: "+strconv.Quote(k.Text))
			c.pop()
		}
		c.below(tree.Step{Key: k.Text}, t.elem, v)
	}
}

func (c *checker) wrongKind(t *Type, n *tree.Node) {
	what := "a " + n.Kind.String()
	if n.Kind == tree.Scalar {
		what = "the " + n.Type().String() + " " + show(n)
	}
	hint := ""
	switch {
	case t.form == listOf:
		hint = "write a list: begin each item with '- '"
	case t.form == structure && n.Kind == tree.Sequence:
		hint = "remove the '-': this is one " + t.name + ", not a list"
	}
	c.problem(diag.WrongType, n, fmt.Sprintf("%s must be %s, not %s", c.subject(), t.noun(), what), hint)
}

func (c *checker) subject() string {
	if last := c.path.Last(); last != "" {
		if c.path.IsItem() {
			return "an item of " + last
		}
		return last
	}
	return "the object"
}

func article(t tree.Type) string {
	switch t {
	case tree.Int:
		return "an integer"
	case tree.Null:
		return "null"
	}
	return "a " + t.String()
}

// noun names the type with its article.
func (t *Type) noun() string {
	switch t.form {
	case structure:
		return "a mapping (" + t.name + ")"
	case mapOf:
		return "a mapping"
	case listOf:
		return "a list"
	case boolean:
		return "a boolean"
	case integer:
		return "an integer"
	case float:
		return "a number"
	case intOrString:
		return "an integer or a string"
	case quantity:
		return "a quantity"
	case timestamp:
		return "a timestamp"
	case duration:
		return "a duration"
	}
	return "a string"
}

func (c *checker) scalar(t *Type, n *tree.Node) {
	typ := n.Type()
	ok := false
	hint := ""
	switch t.form {
	case text:
		if ok = typ == tree.String; !ok {
			hint = "quote it: " + strconv.Quote(n.Text)
		}
	case boolean:
		if ok = typ == tree.Bool; !ok {
			hint = "write true or false, without quotes"
		}
	case integer:
		c.integer(t, n)
		return
	case float:
		if ok = typ == tree.Int || typ == tree.Float; !ok {
			hint = "write a number, without quotes"
		}
	case intOrString:
		v, whole := n.Int()
		if ok = typ == tree.String || whole; whole && (v < math.MinInt32 || v > math.MaxInt32) {
			c.outOfRange(n, math.MinInt32, math.MaxInt32)
		}
	case quantity:
		ok, hint = quantityOK(n, typ)
	case timestamp:
		_, err := time.Parse(t.layout, n.Text)
		if ok = typ == tree.String && (err == nil || n.Text == ""); !ok {
			hint = "write it like 2006-01-02T15:04:05Z"
		}
	case duration:
		_, err := time.ParseDuration(n.Text)
		ok = typ == tree.String && err == nil
	}
	if !ok {
		c.mistyped(t, n, hint)
	}
}

func (c *checker) mistyped(t *Type, n *tree.Node, hint string) {
	message := fmt.Sprintf("%s must be %s, but %s is %s", c.subject(), t.noun(), show(n), article(n.Type()))
	if n.Type() == tree.String && (t.form == quantity || t.form == timestamp || t.form == duration) {
		message = fmt.Sprintf("%s must be %s, which %s is not", c.subject(), t.noun(), show(n))
	}
	c.problem(diag.WrongType, n, message, hint)
}

func (c *checker) integer(t *Type, n *tree.Node) {
	v, ok := n.Int()
	switch {
	case !ok:
		hint := "write an integer"
		plain := tree.Node{Text: n.Text}
		if _, whole := plain.Int(); whole && n.Style != tree.Plain {
			hint = "remove the quotes: " + n.Text
		}
		c.mistyped(t, n, hint)
	case v < t.min || v > t.max:
		c.outOfRange(n, t.min, t.max)
	}
}

func (c *checker) outOfRange(n *tree.Node, least, most int64) {
	c.problem(diag.WrongType, n, fmt.Sprintf("%s cannot be %s, which is not in the range %d to %d", c.subject(), n.Text, least, most),
		"write a number in this range")
}

func quantityOK(n *tree.Node, typ tree.Type) (ok bool, hint string) {
	if typ == tree.Int {
		return true, ""
	}
	if typ != tree.String && typ != tree.Float {
		return false, "write a quantity such as 500m or 64Mi"
	}
	if plainQuantity(n.Text) {
		return true, ""
	}
	_, err := resource.ParseQuantity(strings.TrimSpace(n.Text))
	return err == nil, "write a quantity such as 500m or 64Mi"
}

// plainQuantity recognises digits with at most one of the usual suffixes, nearly all that is ever written.
func plainQuantity(s string) bool {
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	return digits > 0 && slices.Contains([]string{"", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti"}, s[digits:])
}

// show quotes a scalar the way it was written, shortened.
func show(n *tree.Node) string {
	s := n.Text
	const longest = 40
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "..."
	}
	switch n.Style {
	case tree.Plain:
		if s == "" {
			return "null"
		}
		return s
	case tree.SingleQuoted:
		return "'" + s + "'"
	}
	return strconv.Quote(s)
}
