package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/sourcegraph/jsonrpc2"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/golden"
)

// Each file of testdata is a folder, what a client sends, one message a line, and what it is sent. ROOT is where the folder is. The last
// line of what comes out is how the server ended.
func TestExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { exchange(t, file) })
	}
}

func exchange(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	root := t.TempDir()
	var in, want string
	for _, f := range archive.Files {
		switch f.Name {
		case "in":
			in = strings.ReplaceAll(string(f.Data), "ROOT", root)
		case "out":
			want = string(f.Data)
		default:
			path := filepath.Join(root, f.Name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, f.Data, 0o644))
		}
	}
	got := strings.ReplaceAll(talk(t, in), root, "ROOT")
	if golden.Updating() {
		for i := range archive.Files {
			if archive.Files[i].Name == "out" {
				archive.Files[i].Data = []byte(got)
			}
		}
		require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o644))
		return
	}
	require.Equal(t, want, got)
}

// atOnce waits for nothing.
func atOnce(do func()) func() {
	do()
	return func() {}
}

// talk sends messages and gives what is sent back.
func talk(t *testing.T, in string) string {
	var sent, out, errors bytes.Buffer
	for line := range strings.Lines(in) {
		require.NoError(t, jsonrpc2.VSCodeObjectCodec{}.WriteObject(&sent, json.RawMessage(strings.TrimSpace(line))))
	}
	end := "nil"
	if err := serve(t.Context(), pipe{&sent, &out}, &errors, "test", atOnce); err != nil {
		end = err.Error()
	}
	require.Empty(t, errors.String())
	var got strings.Builder
	for r := bufio.NewReader(&out); ; {
		var message map[string]any
		err := jsonrpc2.VSCodeObjectCodec{}.ReadObject(r, &message)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		delete(message, "jsonrpc")
		text := &bytes.Buffer{}
		encoder := json.NewEncoder(text)
		encoder.SetEscapeHTML(false)
		require.NoError(t, encoder.Encode(message))
		got.WriteString(text.String())
	}
	return got.String() + end + "\n"
}

// TestDefectsEndNothing: a request that makes the server panic is answered with an error.
func TestDefectsEndNothing(t *testing.T) {
	params := json.RawMessage(`{"textDocument":{"uri":"file:///a.hg"},"position":{"line":0,"character":0}}`)
	s := &server{ready: true} // without a workspace nothing can be looked up
	_, err := s.handle(t.Context(), &jsonrpc2.Request{Method: "textDocument/hover", Params: &params})
	var refused *jsonrpc2.Error
	require.ErrorAs(t, err, &refused)
	require.EqualValues(t, jsonrpc2.CodeInternalError, refused.Code)
	_, err = s.handle(t.Context(), &jsonrpc2.Request{Method: "shutdown"})
	require.NoError(t, err)
}
