package tree

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dump prints a tree with everything that is in it.
func dump(n *Node) string {
	var b strings.Builder
	var walk func(n *Node, depth int)
	walk = func(n *Node, depth int) {
		fmt.Fprintf(&b, "%s%d:%d %s", strings.Repeat("  ", depth), n.Line, n.Col, n.Kind)
		if n.Kind == Scalar {
			fmt.Fprintf(&b, " %d %q", n.Style, n.Text)
		}
		b.WriteByte('\n')
		for c := n.First; c != nil; c = c.Next {
			walk(c, depth+1)
		}
	}
	if n != nil {
		walk(n, 0)
	}
	return b.String()
}

// both reads a text with both readers. fast is "" if the scanner has doubts.
func both(text string) (fast, slow string, slowErr *Error) {
	var a1, a2 Arena
	at := Start{Line: 3, Col: 1}
	root, length, doubt := scanDocument(text, at, &a1)
	if doubt == nil {
		fast = "tree\n" + dump(root)
		text = text[:length]
	}
	root, slowErr = parseSlow(text, at, &a2, &Error{})
	if root.IsNull() {
		root = nil
	}
	return fast, "tree\n" + dump(root), slowErr
}

// corpus is YAML as people and tools write it; the scanner takes all of it without doubt.
func corpus() []string {
	return []string{
		"a: b\n", "---\na: b", "---   # d\n# e\na: b\n", "a:\n", "a:\nb:   \n\nc: # x\n  - \n  -\n  - a\n  -\nd:\n- x\n- \ne:\n",
		"- - a\n  - b\n-   c: d\n    e:\n    - f\n    - g: h\n      i: j\n- k\n",
		"a: {b: c, 'd': \"e\", \"f\":1, g: [1, 2,3 , {h: i}], j: {}, k: [],}\n",
		"{\"a\":\n\t{\"b\": [1,\n2]}}\n", "{\n  \"a\": null,\n  \"b\": \"\\u00e9\\n\\\"\"\n}\n",
		"a: |\n  foo\n   bar\n\n  baz\nb: |-\n  x\n\n\nc: |+\n  y\n\nd: e\n", "a: |\n  foo", "a: |\n\n\nb: |+\n\n", "a:\n- |\n  b\n   c\n- d\n",
		"a: b\n  c\n\n  d # x\ne: f\n", "a: 'it''s'\nb: \"x\n  y\n\n  z\"\nc: 'x\n  y'\n", "a: x:y\nb: http://c#d # e\n",
		"a : b\n'c': d\n\"e\" : f\n", "a:\n    b\n", "a:\n  b: 1\n  # c\n # d\n# e\n  f: g\n", "a: -1\nb: - c\n"[:6], "a: ?b\nc: :d\n",
		"é: ü\na: {é: x, y: z}\n", "a: [\n  b, # c\n  d\n]\n", "a:\n  - b: |\n      c\n    d: e\n", "key: \"a\\tb\\x41\\u0041\"\n",
		"a: b\n\n\n", "a: |\n  x\n # comment\nb: c\n", "a: \"\"\nb: ''\nc: ~\n", "a:\n- b:\n  - c\n  d: e\n", "# only\n", "\n", "",
		"a: &b\n"[:3] + "\n", "a: b   \nc:   d  # e\n", "- {a: b}\n- [c]\n- \"d\"\n", "a:\n\n  - b\n\n  - c\n\nd: e\n",
	}
}

// doubtful is YAML, well-formed or not, that is left to yaml.v3.
func doubtful() []string {
	return []string{
		"a: &x b\nc: *x\n", "a: !!str 1\n", "%YAML 1.1\n---\na: b\n", "? a\n: b\n", "a: >\n  b\n  c\n", "a: >-\n", "a:\tb\n", "\ta: b\n", "a: b\n\tc: d\n",
		"a: {b: , c: d}\n", "a: {b, c}\n", "a: [b: c]\n", "a: {b: c d\n  e}\n", "a: b: c\n", "a: - b\n", "a: [x]]\n", "x: {a: b}#foo\n",
		"a: \"b\n", "a: {b\n", "a: |2\n   b\n", "a: |\n    \n  b\n", "a\n", "- a\nb: c\n", "a: b\n c: d\n", "a: b\nc\n", "<<: {a: b}\n", "a: {<<: {b: c}}\n",
		"a: \"b\\\n  c\"\n", "a: \"\\_\"\n", "a: 'b'c\n", "a: @b\n", "a: `b\n", "a: %b\n", "a: \x01\n", "a: \xff\n", "a: \u0085\n", "\ufeffa: b\n", "a: b\r\nc: d\r\n",
		"a: \u2028\n", "# c\n---\na: b\n", "{a: b}\nc: d\n", "a: {b: c}}\n", "a: [?b]\n", "a: [-]\n", "a: \"\\ud800\"\n", "a:\n- b\n c: d\n", "--- a\n", "a: b\n---\n",
		"a: b\n...\n", "a: b\n--- c\n", "a: \"x\n--- y\"\n", "a: x\n  y: z\n", "a: {b:c}\n", "a: {\"b\"c}\n", "- a: b\n   c: d\n",
	}
}

func TestScannerReadsTheCorpusAsYAMLv3Does(t *testing.T) {
	for _, text := range corpus() {
		fast, slow, err := both(text)
		require.Nil(t, err, "%q", text)
		require.Equal(t, slow, fast, "%q", text)
	}
}

func TestScannerLeavesTheRestToYAMLv3(t *testing.T) {
	for _, text := range doubtful() {
		fast, _, _ := both(text)
		require.Empty(t, fast, "%q", text)
	}
}

// jsonOnly tells the texts that JSON allows and yaml.v3 refuses: "\/", surrogates, a line end between key and colon.
func jsonOnly(text string) bool {
	return strings.Contains(text, `\/`) || strings.Contains(text, `\u`) || regexp.MustCompile(`"\s*\n\s*(#.*\n\s*)*:`).MatchString(text)
}

// FuzzParse holds the scanner to yaml.v3: where it has no doubt, the trees are equal, and nothing panics.
func FuzzParse(f *testing.F) {
	for _, text := range append(corpus(), doubtful()...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return // yaml.v3 takes long for some large texts
		}
		if doc, _, _ := strings.Cut(text, "\n---"); len(doc) < len(text) {
			text = doc + "\n" // Parse is given one document
		}
		fast, slow, err := both(text)
		if fast != "" && !(err != nil && jsonOnly(text)) {
			require.Nil(t, err, "%q", text)
			require.Equal(t, slow, fast, "%q", text)
		}
		var a Arena
		root, length, _ := Parse(text, Start{1, 1}, &a)
		require.LessOrEqual(t, length, len(text))
		require.True(t, length > 0 || text == "")
		Repeated(root, nil, func(Steps, *Node, *Node) {})
	})
}

// agree holds the scanner to yaml.v3 on one text and reports whether the scanner had no doubt.
func agree(t *testing.T, text string) bool {
	fast, slow, err := both(text)
	if fast == "" {
		return false
	}
	if !(err != nil && jsonOnly(text)) {
		require.Nil(t, err, "%q", text)
		require.Equal(t, slow, fast, "%q", text)
	}
	return true
}

func TestScannerAgreesOnMutations(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	texts := append(corpus(), doubtful()...)
	const letters = "ab: -\n\t\"'{}[],#|>?!&*%\\é~<."
	sure := 0
	for range 20_000 {
		text := texts[r.IntN(len(texts))]
		for range 1 + r.IntN(4) {
			i := r.IntN(len(text) + 1)
			piece := string(letters[r.IntN(len(letters))])
			if r.IntN(4) == 0 {
				piece = texts[r.IntN(len(texts))]
			}
			text = text[:i] + piece + text[min(len(text), i+r.IntN(2)):]
		}
		if doc, _, _ := strings.Cut(text, "\n---"); agree(t, doc) {
			sure++
		}
	}
	require.Greater(t, sure, 1500, "the comparison would say little")
}

func TestScannerTakesTheExamples(t *testing.T) {
	count := 0
	err := filepath.WalkDir("../../../examples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" || strings.Contains(path, "testdata") {
			return err
		}
		content, err := os.ReadFile(path)
		for i, doc := range strings.Split("\n"+string(content), "\n---") {
			count++
			require.True(t, agree(t, strings.TrimPrefix(doc, "\n")), "document %d of %s is left to yaml.v3", i, path)
		}
		return err
	})
	require.NoError(t, err)
	require.Greater(t, count, 20)
}
