package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/lint"
	"github.com/headgate-net/headgate/internal/diag"
)

// lintOptions are the flags of lint.
type lintOptions struct {
	input  inputs
	out    output
	target string
}

func newLint() *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Find rules that do not do what they seem to, and show it with a packet",
		Long: `Lint prints every finding about the input, on standard output: all that compile says, and an exact analysis of the rules.
It finds rules that never decide, because rules before them decide all their traffic; rules that add nothing; rules of equal
rank that decide the same traffic differently, so that only their policies' names tell which comes first; a Pass after which
nothing comes; and rules that no packet matches. Each is held against all other rules together, over all tiers and for every
endpoint of the input, and comes with a packet that shows it: give the words after "witness" to eval.

The analysis is about the pods of the input: without pods there is nothing to say about rules.`,
		Example: `    headgate lint -f examples/three-tier --fail-on warn
    headgate lint -R -f manifests/ -o sarif > headgate.sarif`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.sources(cmd)
	o.input.diagnostics.limits(cmd)
	o.out.flags(cmd, "text", "json", "sarif")
	targetFlag(cmd, &o.target)
	return cmd
}

func (o *lintOptions) run(cmd *cobra.Command) error {
	report := &diag.Report{}
	objects, err := o.input.read(cmd, report)
	if err != nil {
		return err
	}
	// The pass "shadow" finds a part of what lint does.
	options, err := o.input.cluster.complete(compiler.Options{Disable: []string{"shadow"}}, report)
	if err != nil {
		return err
	}
	g, err := generate(objects, o.target, options, report)
	if err != nil {
		return err
	}
	if err := o.input.cluster.check(g.result.Program); err != nil {
		return err
	}
	checkExpectations(objects, g.result, report)
	lint.Analyse(g.result.Program, flatten.Flatten(g.result.Program), report)
	return o.print(cmd.OutOrStdout(), report)
}

// print writes the findings as data; the exit status is that of other commands.
func (o *lintOptions) print(stdout io.Writer, report *diag.Report) error {
	d := o.input.diagnostics
	shown := d.shown(report)
	d.format = o.out.format
	var err error
	switch o.out.format {
	case "sarif":
		err = writeSARIF(stdout, shown)
	default:
		err = d.print(stdout, shown)
	}
	if err != nil {
		return err
	}
	return d.verdict(report)
}
