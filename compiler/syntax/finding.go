package syntax

import (
	"cmp"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// Findings words problems as findings, with the severity of their codes and the lines that they are about. The file and its text are
// those that were parsed.
func Findings(file, text string, problems []Problem) []diag.Finding {
	var out []diag.Finding
	lines := strings.Split(text, "\n")
	for _, p := range problems {
		row := diag.Lookup(p.Code)
		f := diag.Finding{Code: p.Code, Severity: row.Severity, Origin: source.Origin{Pos: p.pos(file)}, Message: strings.ToValidUTF8(p.Message, "\uFFFD"),
			Hint: cmp.Or(p.Hint, row.Hint)}
		if p.Other != nil {
			f.Related = []diag.Related{{Origin: source.Origin{Pos: p.Other.pos(file)}, Message: p.Other.Message}}
		}
		if p.File == "" {
			width := int32(1)
			if p.EndLine == p.Line {
				width = p.EndCol - p.Col
			}
			f.Excerpt = Excerpt(lines, f.Origin.Pos, int(width))
		}
		out = append(out, f)
	}
	return out
}

func (p *Problem) pos(file string) source.Pos {
	return source.Pos{File: cmp.Or(p.File, file), Line: p.Line, Col: p.Col}
}

// Excerpt shows a place in one of the lines; "" if there is no such line. A width of 0 stands for that of the word there.
func Excerpt(lines []string, pos source.Pos, width int) string {
	if pos.Line < 1 || int(pos.Line) > len(lines) {
		return ""
	}
	line := strings.TrimRight(lines[pos.Line-1], "\r")
	if width == 0 {
		rest := line[min(max(int(pos.Col)-1, 0), len(line)):]
		if width = strings.IndexAny(rest, " \t,()[]{}="); width < 0 {
			width = len(rest)
		}
	}
	return diag.Underline(line, int(pos.Col), width)
}
