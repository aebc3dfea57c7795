// Package diag carries what headgate has to say about its input: stable codes, severities, places and ways out.
//
// A Report collects everything; nothing stops at the first complaint. Rendering is byte-stable: findings are sorted by
// place, then code, and equal findings are said once.
package diag

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/headgate-net/headgate/internal/source"
)

// Severity ranks findings. An Error means that no artifact may be produced from the object.
type Severity uint8

// The severities, least first.
const (
	Note Severity = iota
	Warning
	Error
)

// String gives "note", "warning" or "error".
func (s Severity) String() string { return [...]string{"note", "warning", "error"}[s] }

// MarshalText gives the word of String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Related is a second place that belongs to a finding, for instance the rule that shadows another.
type Related struct {
	Origin  source.Origin `json:"origin"`
	Message string        `json:"message"`
}

// Finding is one complaint: what is wrong, where, and the way out. Severity is that of the code unless raised.
type Finding struct {
	Code     Code          `json:"code"`
	Severity Severity      `json:"severity"`
	Origin   source.Origin `json:"origin"`
	Message  string        `json:"message"`
	Hint     string        `json:"hint,omitempty"`
	Related  []Related     `json:"related,omitempty"`
	Witness  *Witness      `json:"witness,omitempty"`
	Excerpt  string        `json:"-"` // the line of the text and what is meant of it, as Underline makes it; "" for none
}

// Witness is a packet that shows what a finding says, in the words of `headgate eval`.
type Witness struct {
	From       string `json:"from"`
	To         string `json:"to"`
	Port       string `json:"port"`
	SourcePort uint16 `json:"sourcePort,omitempty"` // 0: as eval chooses it
	Family     string `json:"family,omitempty"`     // where From and To have both: ipv4 or ipv6
	Shows      string `json:"shows"`                // what becomes of it
}

// Args gives the flags of `headgate eval` that make the packet.
func (w *Witness) Args() string {
	s := "--from " + w.From + " --to " + w.To + " --port " + w.Port
	if w.SourcePort != 0 {
		s += fmt.Sprintf(" --source-port %d", w.SourcePort)
	}
	if w.Family != "" {
		s += " --family " + w.Family
	}
	return s
}

// Report collects findings. The zero value is ready; it is safe for concurrent use.
type Report struct {
	mu       sync.Mutex
	findings []Finding
	rows     map[Code]Row // of the codes that were said
}

// Add records a finding with the severity and the standard hint that the code's table row states.
func (r *Report) Add(code Code, at source.Origin, format string, args ...any) {
	r.AddFinding(Finding{Code: code, Origin: at, Message: fmt.Sprintf(format, args...)})
}

// AddFinding records f. An empty Hint is filled from the code's row, and Severity is never below the row's.
func (r *Report) AddFinding(f Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := r.row(f.Code)
	f.Severity = max(f.Severity, row.Severity)
	if f.Hint == "" {
		f.Hint = row.Hint
	}
	f.Hint = hintFor(f.Origin.Pos.File, f.Hint)
	r.findings = append(r.findings, f)
}

// row is Lookup, which makes the whole table each time.
func (r *Report) row(c Code) Row {
	row, known := r.rows[c]
	if !known {
		if r.rows == nil {
			r.rows = map[Code]Row{}
		}
		row = Lookup(c)
		r.rows[c] = row
	}
	return row
}

// Findings returns everything said so far, sorted by position, object, field and code, without repetitions.
func (r *Report) Findings() []Finding {
	r.mu.Lock()
	out := slices.Clone(r.findings)
	r.mu.Unlock()
	slices.SortStableFunc(out, compare)
	return slices.CompactFunc(out, func(a, b Finding) bool { return compare(a, b) == 0 })
}

// Drop takes back what was said, where a later stage says the same better.
func (r *Report) Drop(superseded func(Finding) bool) {
	r.mu.Lock()
	r.findings = slices.DeleteFunc(r.findings, superseded)
	r.mu.Unlock()
}

// Max returns the highest severity said so far and whether anything was said.
func (r *Report) Max() (Severity, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := Note
	for _, f := range r.findings {
		m = max(m, f.Severity)
	}
	return m, len(r.findings) > 0
}

// HasErrors reports whether any finding is an Error.
func (r *Report) HasErrors() bool {
	m, _ := r.Max()
	return m == Error
}

func compare(a, b Finding) int {
	return cmp.Or(a.Origin.Pos.Compare(b.Origin.Pos), a.Origin.Compare(b.Origin),
		cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
}

// WriteText prints each finding in the manner of a compiler:
//
//	file:line:col: error HG1103: message
//	        the line of the text
//	            ^~~~
//	    in NetworkPolicy shop/web spec.ingress[0].from[1].ipBlock.cidr
//	    see other/file:9:3: NetworkPolicy shop/api spec.ingress[0]: what it has to do with it
//	    witness: --from shop/web --to shop/db --port tcp/80: what becomes of it
//	    hint: the way out
func WriteText(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%s: %s %s: %s\n", f.Origin.Pos, f.Severity, f.Code, f.Message); err != nil {
			return err
		}
		if f.Excerpt != "" {
			fmt.Fprintf(w, "%s\n", f.Excerpt)
		}
		if label := f.Origin.Label(); label != "" {
			fmt.Fprintf(w, "    in %s\n", label)
		}
		for _, rel := range f.Related {
			label := rel.Origin.Label()
			if label != "" {
				label += ": "
			}
			fmt.Fprintf(w, "    see %s: %s%s\n", rel.Origin.Pos, label, rel.Message)
		}
		if f.Witness != nil {
			fmt.Fprintf(w, "    witness: %s: %s\n", f.Witness.Args(), f.Witness.Shows)
		}
		if f.Hint != "" {
			fmt.Fprintf(w, "    hint: %s\n", f.Hint)
		}
	}
	return nil
}

// Underline shows a part of a line: the line and, below it, a caret at the column, in bytes from 1, and tildes up to the width. A line
// that is too long for that is cut around the column.
func Underline(line string, col, width int) string {
	const longest, before = 160, 60
	col = max(1, min(col, len(line)+1))
	if len(line) > longest {
		from := max(0, col-1-before)
		to := min(len(line), from+longest)
		line, col = strings.ToValidUTF8(line[from:to], "?"), col-from
		col = min(col, len(line)+1)
	}
	width = max(1, min(width, len(line)-col+1))
	blank := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line[:col-1])
	return "        " + line + "\n        " + blank + "^" + strings.Repeat("~", width-1)
}
