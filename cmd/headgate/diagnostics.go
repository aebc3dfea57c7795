package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/diag"
)

// diagnostics prints findings and decides whether they fail the command.
type diagnostics struct {
	format string // text, json
	failOn string // error, warn
	color  string // auto, always, never
	quiet  bool
}

func (d *diagnostics) flags(cmd *cobra.Command) {
	enumFlag(cmd, &d.format, "diagnostics", "", "format of the findings on standard error", "text", "json")
	d.limits(cmd)
}

// limits are the flags beside the format.
func (d *diagnostics) limits(cmd *cobra.Command) {
	enumFlag(cmd, &d.failOn, "fail-on", "", "least severity that makes the exit status 2", "error", "warn")
	enumFlag(cmd, &d.color, "color", "", "when to use colours; NO_COLOR is honoured", "auto", "always", "never")
	cmd.Flags().BoolVarP(&d.quiet, "quiet", "q", false, "print no notes, only warnings and errors")
}

// report prints everything that the report holds. The error carries exit status 2 if the worst finding is as bad as --fail-on,
// or an error in any case.
func (d *diagnostics) report(w io.Writer, report *diag.Report) error {
	if err := d.print(w, d.shown(report)); err != nil {
		return err
	}
	return d.verdict(report)
}

// shown returns the findings to print.
func (d *diagnostics) shown(report *diag.Report) []diag.Finding {
	return slices.DeleteFunc(report.Findings(), func(f diag.Finding) bool { return d.quiet && f.Severity == diag.Note })
}

// verdict returns an error with exit status 2 if a finding is bad enough.
func (d *diagnostics) verdict(report *diag.Report) error {
	limit := diag.Error
	if d.failOn == "warn" {
		limit = diag.Warning
	}
	if worst, any := report.Max(); any && worst >= limit {
		failed := &exit{code: exitFindings}
		if d.format == "text" { // anything else must stay parseable
			failed.err = errors.New(count(report.Findings()))
		}
		return failed
	}
	return nil
}

func (d *diagnostics) print(w io.Writer, findings []diag.Finding) error {
	if d.format == "json" {
		if findings == nil {
			findings = []diag.Finding{}
		}
		return writeStructured(w, findings, "json")
	}
	colors := newPalette(d.color, w)
	if !colors.on {
		return diag.WriteText(w, findings)
	}
	for _, f := range findings {
		var b strings.Builder
		if err := diag.WriteText(&b, []diag.Finding{f}); err != nil {
			return err
		}
		word := f.Severity.String() + " " + string(f.Code)
		color := map[diag.Severity]int{diag.Note: cyan, diag.Warning: yellow, diag.Error: red}[f.Severity]
		if _, err := io.WriteString(w, strings.Replace(b.String(), word, colors.paint(color, word), 1)); err != nil {
			return err
		}
	}
	return nil
}

// count gives "2 errors, 1 warning".
func count(findings []diag.Finding) string {
	var n [3]int
	for _, f := range findings {
		n[f.Severity]++
	}
	var parts []string
	for _, s := range []diag.Severity{diag.Error, diag.Warning} {
		switch {
		case n[s] == 1:
			parts = append(parts, "1 "+s.String())
		case n[s] > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n[s], s))
		}
	}
	return strings.Join(parts, ", ")
}
