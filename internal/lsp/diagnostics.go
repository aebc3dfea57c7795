package lsp

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// publish reads everything and tells what is wrong: of all programs, and of open files. Of a file of which the same was told
// before, in the same version, nothing is told.
func (s *server) publish(ctx context.Context) error {
	s.workspace.read(ctx)
	now := map[string][]diag.Finding{}
	for path := range s.workspace.open {
		now[path] = nil
	}
	for _, f := range s.workspace.findings {
		path := f.Origin.Pos.File
		if _, open := s.workspace.open[path]; open || isProgram(path) {
			now[path] = append(now[path], f)
		}
	}
	for path := range s.told {
		if _, still := now[path]; !still {
			now[path] = nil
		}
	}
	for _, path := range slices.Sorted(maps.Keys(now)) {
		_, open := s.workspace.open[path]
		params := s.workspace.diagnostics(path, now[path])
		text, err := json.Marshal(params)
		if err != nil {
			return err
		}
		before, told := s.told[path]
		if before == string(text) || len(now[path]) == 0 && !told && !open {
			continue
		}
		if err := s.notify(ctx, "textDocument/publishDiagnostics", params); err != nil {
			return err
		}
		delete(s.told, path)
		if open || len(now[path]) > 0 {
			s.told[path] = string(text)
		}
	}
	return nil
}

func (w *workspace) diagnostics(path string, findings []diag.Finding) publishParams {
	out := publishParams{URI: w.uri(path), Version: w.open[path].version, Diagnostics: []diagnostic{}}
	text, _ := w.text(path)
	own := linesOf(text)
	for _, f := range findings {
		d := diagnostic{Range: own.word(f.Origin.Pos.Line, f.Origin.Pos.Col), Severity: 3 - int(f.Severity), Code: string(f.Code),
			Source: "headgate", Message: f.Message}
		if f.Hint != "" {
			d.Message += "\n" + f.Hint
		}
		for _, r := range f.Related {
			d.Related = append(d.Related, related{w.location(r.Origin.Pos), r.Message})
		}
		out.Diagnostics = append(out.Diagnostics, d)
	}
	return out
}

// location is a place in any file.
func (w *workspace) location(pos source.Pos) location {
	text, _ := w.text(pos.File)
	return location{w.uri(pos.File), linesOf(text).word(pos.Line, pos.Col)}
}
