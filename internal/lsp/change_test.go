package lsp

import (
	"bufio"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sourcegraph/jsonrpc2"
	"github.com/stretchr/testify/require"
)

// edit is what a change does, by the definition: in UTF-16 code units, line by line. A place within a pair is behind it.
func edit(text string, c change) string {
	if c.Range == nil {
		return c.Text
	}
	var all []uint16
	var begins []int
	for _, line := range strings.SplitAfter(text, "\n") {
		begins = append(begins, len(all))
		all = append(all, utf16.Encode([]rune(line))...)
	}
	at := func(p position) int {
		switch {
		case p.Line < 0:
			return 0
		case p.Line >= len(begins):
			return len(all)
		}
		end := len(all)
		if p.Line+1 < len(begins) {
			if end = begins[p.Line+1] - 1; end > begins[p.Line] && all[end-1] == '\r' {
				end--
			}
		} else if end > begins[p.Line] && all[end-1] == '\r' {
			end--
		}
		n := min(begins[p.Line]+max(p.Character, 0), end)
		if n > 0 && n < len(all) && utf16.IsSurrogate(rune(all[n])) && all[n] >= 0xdc00 {
			n++
		}
		return n
	}
	from, to := at(c.Range.Start), at(c.Range.End)
	return string(utf16.Decode(all[:min(from, to)])) + c.Text + string(utf16.Decode(all[max(from, to):]))
}

// Changes piece by piece give the same text as the whole, with which everything that can be asked is answered the same, and nothing panics.
func FuzzChanges(f *testing.F) {
	const begin = "// 😀é\r\nlet a = any\npolicy p priority 5 for a {\n  allow from a\n}\n"
	for _, seed := range []struct {
		text           string
		l1, c1, l2, c2 int
		with           string
	}{
		{begin, 0, 4, 0, 5, ""}, {begin, 0, 3, 0, 5, "ü😀"}, {begin, 1, 8, 1, 11, "pods (b"}, {begin, 9, 9, 0, 0, "let"}, {begin, -1, -5, 3, 999, "\r\n"},
		{begin, 3, 13, 3, 13, "😀"}, {begin, 4, 0, 5, 0, ""}, {"", 0, 0, 0, 0, "\ufefftier x priority 5"}, {"a\r", 0, 1, 0, 2, "b"}, {"😀", 0, 1, 0, 1, "{"},
	} {
		f.Add(seed.text, seed.l1, seed.c1, seed.l2, seed.c2, seed.with)
	}
	f.Fuzz(judge)
}

// Whatever is changed in a program, many times and anywhere.
func TestRandomChanges(t *testing.T) {
	raw, err := os.ReadFile("../../docs/language/default-deny-dns.hg")
	require.NoError(t, err)
	pieces := []string{"", "", "}", "{", "\n", "let ", "😀", "\"", "(", "for", "\r\n", "é", ",", "policy p {", " = "}
	random := rand.New(rand.NewPCG(7, 7))
	text := string(raw)
	for range 25 {
		lines := strings.Count(text, "\n")
		l := random.IntN(lines + 2)
		c := change{&span{position{l, random.IntN(40)}, position{l + random.IntN(2), random.IntN(40)}}, pieces[random.IntN(len(pieces))]}
		judge(t, text, c.Range.Start.Line, c.Range.Start.Character, c.Range.End.Line, c.Range.End.Character, c.Text)
		if text = edit(text, c); len(text) < 200 {
			text = string(raw)
		}
	}
}

// judge makes a change, and asks.
func judge(t *testing.T, text string, l1, c1, l2, c2 int, with string) {
	if len(text)+len(with) > 2<<10 || !utf8.ValidString(text) || !utf8.ValidString(with) {
		return // JSON has no other
	}
	c := change{&span{position{l1, c1}, position{l2, c2}}, with}
	want := edit(text, c)
	require.Equal(t, want, c.apply(text))
	answers := func(texts ...string) []any {
		w := newWorkspace()
		s := &server{workspace: w, stop: func() {}, delay: func(func()) func() { return func() {} }}
		w.open["/x/a.hg"] = document{uri: "file:///x/a.hg", text: texts[0]}
		if len(texts) > 1 {
			require.NoError(t, s.change(t.Context(), changeParams{versioned{URI: "file:///x/a.hg"}, []change{c}}))
		}
		w.refresh(t.Context())
		w.read(t.Context())
		p := here("/x/a.hg", l1, c1)
		l := w.look(t.Context())
		all := []any{w.open["/x/a.hg"].text, w.diagnostics("/x/a.hg", w.findings)}
		for _, ask := range []func() (any, error){func() (any, error) { return l.hover(p) }, func() (any, error) { return l.definition(p) },
			func() (any, error) { return l.completion(p) }, func() (any, error) { return l.references(referenceParams{positionParams: p}) },
			func() (any, error) { return l.outline(documentParams{p.Document}) }, func() (any, error) { return w.format(documentParams{p.Document}) }} {
			answer, err := ask()
			require.NoError(t, err)
			all = append(all, answer)
		}
		return all
	}
	require.Equal(t, answers(want), answers(text, want))
}

// client is the other end of a server, which a test holds in its hands: nothing is read that it does not read.
type client struct {
	t    *testing.T
	in   io.WriteCloser
	out  *bufio.Reader
	fire chan func()
	end  chan error
}

func newClient(t *testing.T) *client {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c := &client{t, inW, bufio.NewReader(outR), make(chan func(), 100), make(chan error, 1)}
	held := func(do func()) func() {
		c.fire <- do
		return func() {}
	}
	go func() { c.end <- serve(t.Context(), pipe{inR, outW}, io.Discard, "test", held) }()
	t.Cleanup(func() { inW.Close() })
	return c
}

func (c *client) send(message string) {
	require.NoError(c.t, jsonrpc2.VSCodeObjectCodec{}.WriteObject(c.in, json.RawMessage(message)))
}

func (c *client) read() string {
	var message json.RawMessage
	require.NoError(c.t, jsonrpc2.VSCodeObjectCodec{}.ReadObject(c.out, &message))
	return string(message)
}

// A request that is cancelled while it waits is answered by that, those around it are not touched, and what has an answer cannot be cancelled.
func TestCancel(t *testing.T) {
	c := newClient(t)
	c.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)
	require.Contains(t, c.read(), `"id":1`)
	ask := func(id string) {
		c.send(`{"jsonrpc":"2.0","id":` + id + `,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///none.hg"},"position":{"line":0,"character":0}}}`)
	}
	ask("2") // nobody reads the answer, so that the server stands still
	ask("3")
	ask(`"four"`)
	ask("5")
	c.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}`)
	c.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"four"}}`)
	c.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}`)
	c.send(`{"jsonrpc":"2.0","method":"$/cancelRequest"}`)
	c.send(`{"jsonrpc":"2.0","method":"$/whatever","params":{}}`) // when it has been taken in, the others have been
	c.send(`{"jsonrpc":"2.0","id":6,"method":"shutdown"}`)
	require.JSONEq(t, `{"jsonrpc":"2.0","id":2,"result":null}`, c.read())
	require.JSONEq(t, `{"jsonrpc":"2.0","id":3,"error":{"code":-32800,"message":"the client has cancelled the request"}}`, c.read())
	require.JSONEq(t, `{"jsonrpc":"2.0","id":"four","error":{"code":-32800,"message":"the client has cancelled the request"}}`, c.read())
	require.JSONEq(t, `{"jsonrpc":"2.0","id":5,"result":null}`, c.read())
	require.Contains(t, c.read(), `"id":6`)
	c.send(`{"jsonrpc":"2.0","method":"exit"}`)
	require.NoError(t, <-c.end)
}

// While somebody writes nothing is told; then it is, of the last version, in which every change counts.
func TestPause(t *testing.T) {
	c := newClient(t)
	c.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)
	require.Contains(t, c.read(), `"change":2`)
	c.send(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///none/x.hg","version":1,"text":"// 😀\nlet a = any\n"}}}`)
	require.Contains(t, c.read(), `"diagnostics":[]`)
	change := func(version, line, from, to, text string) {
		c.send(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///none/x.hg","version":` + version +
			`},"contentChanges":[{"range":{"start":{"line":` + line + `,"character":` + from + `},"end":{"line":` + line + `,"character":` + to + `}},"text":"` + text + `"}]}}`)
	}
	change("2", "1", "8", "11", "b")
	change("3", "1", "8", "9", "c")
	change("4", "0", "3", "5", "é")
	c.send(`{"jsonrpc":"2.0","id":2,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":"file:///none/x.hg"}}}`)
	require.Contains(t, c.read(), `"id":2`) // and no diagnostics before
	first, second, last := <-c.fire, <-c.fire, <-c.fire
	last()
	told := c.read()
	require.Contains(t, told, `"version":4`)
	require.Contains(t, told, "c is not declared")
	first() // stopped too late: nothing new is told
	second()
	c.send(`{"jsonrpc":"2.0","id":3,"method":"shutdown"}`)
	require.Contains(t, c.read(), `"id":3`)
	c.send(`{"jsonrpc":"2.0","method":"exit"}`)
	require.NoError(t, <-c.end)
}
