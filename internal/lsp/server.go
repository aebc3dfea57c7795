package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/headgate-net/headgate/compiler/syntax"
)

// ErrNoShutdown says that the client left, or sent exit, without shutdown before.
var ErrNoShutdown = errors.New("the client left without shutdown")

// The codes of errors that are not JSON-RPC's own.
const (
	notInitialized   = -32002
	requestCancelled = -32800
)

// pause is how long a client has to write nothing until it is told what is wrong.
const pause = 200 * time.Millisecond

// delay does something later, unless it is stopped before.
type delay func(do func()) (stop func())

func later(do func()) func() {
	t := time.AfterFunc(pause, do)
	return func() { t.Stop() }
}

// server is one connection.
type server struct {
	version   string
	stderr    io.Writer
	conn      *jsonrpc2.Conn
	workspace *workspace
	queue     *queue
	delay     delay
	stop      func()            // what was to be told later
	told      map[string]string // what was told last, by path
	ready     bool              // initialize has come
	down      bool              // shutdown has come
}

// Serve answers a client until it exits, leaves, or the context ends: nil after shutdown and exit, else ErrNoShutdown or the context's
// error. What the JSON-RPC library has to say goes to stderr. The version is what the client is told.
func Serve(ctx context.Context, in io.Reader, out, stderr io.Writer, version string) error {
	return serve(ctx, pipe{in, out}, stderr, version, later)
}

func serve(ctx context.Context, with pipe, stderr io.Writer, version string, delay delay) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{version: version, stderr: stderr, workspace: newWorkspace(), queue: newQueue(), delay: delay, stop: func() {}, told: map[string]string{}}
	messages := stream{jsonrpc2.NewBufferedStream(with, jsonrpc2.VSCodeObjectCodec{}), s.queue}
	begun := make(chan struct{})
	s.queue.add(func() { <-begun })
	go s.queue.run(ctx)
	s.conn = jsonrpc2.NewConn(ctx, messages, s, jsonrpc2.SetLogger(log.New(stderr, "", 0)))
	close(begun)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.queue.ended:
	case <-s.conn.DisconnectNotify():
	}
	select {
	case <-s.queue.ended:
		if s.down {
			return nil
		}
	default:
	}
	return ErrNoShutdown
}

// pipe makes one stream of two.
type pipe struct {
	io.Reader
	io.Writer
}

// Close leaves both open: they are not the server's.
func (pipe) Close() error { return nil }

func (s *server) notify(ctx context.Context, method string, params any) error {
	return s.conn.Notify(ctx, method, params)
}

// answer does what a message asks for.
func (s *server) answer(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) {
	jsonrpc2.HandlerWithError(func(ctx context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
		if r.Method == "exit" {
			close(s.queue.ended) // nothing is answered after it
			return nil, nil
		}
		result, err := s.handle(ctx, r)
		if context.Cause(ctx) == errCancelled {
			return nil, refusal(r, requestCancelled, errCancelled.Error())
		}
		return result, err
	}).SuppressErrClosed().Handle(ctx, conn, r)
}

// handle answers one message. Panics are defects, and end nothing but the answer.
func (s *server) handle(ctx context.Context, r *jsonrpc2.Request) (result any, err error) {
	defer func() {
		if defect := recover(); defect != nil {
			result, err = nil, refusal(r, jsonrpc2.CodeInternalError, fmt.Sprintf("a defect of headgate: %v", defect))
		}
	}()
	switch {
	case ctx.Err() != nil: // while it waited
		return nil, ctx.Err()
	case s.down:
		return nil, refusal(r, jsonrpc2.CodeInvalidRequest, "after shutdown, only exit may come")
	case r.Method == "initialize" && s.ready:
		return nil, refusal(r, jsonrpc2.CodeInvalidRequest, "initialize comes once")
	case r.Method == "initialize":
		return with(r, s.initialize)
	case !s.ready:
		return nil, refusal(r, notInitialized, "initialize comes first")
	}
	switch r.Method {
	case "shutdown":
		s.down = true
		return nil, nil
	case "initialized", "textDocument/didSave", "workspace/didChangeWatchedFiles":
		return nil, s.publish(ctx)
	case "textDocument/didOpen":
		return with(r, func(p openParams) (any, error) { return nil, s.take(ctx, p.Document) })
	case "textDocument/didChange":
		return with(r, func(p changeParams) (any, error) { return nil, s.change(ctx, p) })
	case "textDocument/didClose":
		return with(r, func(p documentParams) (any, error) {
			path := pathOf(p.Document.URI)
			if _, open := s.workspace.open[path]; open {
				s.told[path] = "" // what was told is taken back, or told of the file on disk
				delete(s.workspace.open, path)
			}
			return nil, s.publish(ctx)
		})
	}
	return s.ask(ctx, r)
}

// ask answers what changes nothing.
func (s *server) ask(ctx context.Context, r *jsonrpc2.Request) (any, error) {
	look := s.workspace.look(ctx)
	switch r.Method {
	case "textDocument/formatting":
		return with(r, s.workspace.format)
	case "textDocument/hover":
		return with(r, look.hover)
	case "textDocument/definition":
		return with(r, look.definition)
	case "textDocument/references":
		return with(r, look.references)
	case "textDocument/completion":
		return with(r, look.completion)
	case "textDocument/documentSymbol":
		return with(r, look.outline)
	case "workspace/symbol":
		return with(r, look.everywhere)
	}
	return nil, refusal(r, jsonrpc2.CodeMethodNotFound, "there is no method "+r.Method)
}

// refusal is the error of a request; notifications have none.
func refusal(r *jsonrpc2.Request, code int64, message string) error {
	if r.Notif {
		return nil
	}
	return &jsonrpc2.Error{Code: code, Message: message}
}

// with reads the parameters.
func with[P any](r *jsonrpc2.Request, answer func(P) (any, error)) (any, error) {
	var params P
	if r.Params == nil {
		return nil, refusal(r, jsonrpc2.CodeInvalidParams, r.Method+" needs parameters")
	}
	if err := json.Unmarshal(*r.Params, &params); err != nil {
		return nil, refusal(r, jsonrpc2.CodeInvalidParams, err.Error())
	}
	return answer(params)
}

func (s *server) initialize(p initializeParams) (any, error) {
	s.ready = true
	for _, folder := range p.Folders {
		if path := pathOf(folder.URI); path != "" {
			s.workspace.folders = append(s.workspace.folders, path)
		}
	}
	if root := pathOf(p.RootURI); root != "" && len(s.workspace.folders) == 0 {
		s.workspace.folders = []string{root}
	}
	const incremental = 2 // changes are sent, not documents
	return map[string]any{
		"serverInfo": map[string]any{"name": "headgate", "version": s.version},
		"capabilities": map[string]any{
			"positionEncoding":           "utf-16",
			"textDocumentSync":           map[string]any{"openClose": true, "change": incremental, "save": true},
			"documentFormattingProvider": true,
			"hoverProvider":              true,
			"definitionProvider":         true,
			"referencesProvider":         true,
			"completionProvider":         map[string]any{},
			"documentSymbolProvider":     true,
			"workspaceSymbolProvider":    true,
		},
	}, nil
}

// take is told of a document's text.
func (s *server) take(ctx context.Context, v versioned) error {
	path := pathOf(v.URI)
	if path == "" {
		return nil // an editor may well have files that are nowhere yet
	}
	s.workspace.open[path] = document{uri: v.URI, version: v.Version, text: v.Text}
	return s.publish(ctx)
}

// change is told of changes to a document. What is wrong with it is told when no more changes come.
func (s *server) change(ctx context.Context, p changeParams) error {
	path := pathOf(p.Document.URI)
	d, open := s.workspace.open[path]
	if !open {
		return nil // it is nowhere, or the client has not said what it holds
	}
	for _, c := range p.Changes {
		d.text = c.apply(d.text)
	}
	d.uri, d.version = p.Document.URI, p.Document.Version
	s.workspace.open[path], s.workspace.stale = d, true
	s.stop()
	s.stop = s.delay(func() {
		s.queue.first(func() {
			if err := s.publish(ctx); err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
				log.New(s.stderr, "", 0).Print(err)
			}
		})
	})
	return nil
}

// format lays a program out: one edit, or none if nothing changes or there are errors.
func (w *workspace) format(p documentParams) (any, error) {
	edits := []textEdit{}
	path := pathOf(p.Document.URI)
	text, ok := w.text(path)
	if !ok || !isProgram(path) {
		return edits, nil
	}
	formatted, problems := syntax.Format(path, text)
	if len(problems) == 0 && formatted != text {
		edits = append(edits, textEdit{linesOf(text).all(), formatted})
	}
	return edits, nil
}
