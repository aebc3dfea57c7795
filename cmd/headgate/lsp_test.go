package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program, on its standard streams: it answers, tells nothing else there, and says by its exit status how the client left.
func TestLSP(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	talk := func(messages ...string) (string, int) {
		var in, out, faults bytes.Buffer
		for _, m := range messages {
			fmt.Fprintf(&in, "Content-Length: %d\r\n\r\n%s", len(m), m)
		}
		cmd := &exec.Cmd{Path: self, Args: []string{"headgate", "lsp"}, Stdin: &in, Stdout: &out, Stderr: &faults, Dir: t.TempDir()}
		_ = cmd.Run()
		return out.String(), cmd.ProcessState.ExitCode()
	}
	const (
		initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`
		open       = `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///none/a.hg","languageId":"headgate","version":1,"text":"let a = b\n"}}}`
		shutdown   = `{"jsonrpc":"2.0","id":2,"method":"shutdown"}`
		leave      = `{"jsonrpc":"2.0","method":"exit"}`
	)
	out, status := talk(initialize, `{"jsonrpc":"2.0","method":"initialized","params":{}}`, open, shutdown, leave)
	require.Zero(t, status, out)
	require.Regexp(t, `(?s)^Content-Length: \d+\r\n\r\n\{.*"id":1,.*publishDiagnostics.*b is not declared.*"id":2`, out)
	out, status = talk(initialize, shutdown)
	require.Equal(t, exitFailed, status, "the client left without exit")
	require.Contains(t, out, `"id":2`)
	_, status = talk(initialize, leave)
	require.Equal(t, exitFailed, status)
}
