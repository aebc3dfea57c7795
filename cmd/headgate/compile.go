package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// compileOptions are the flags of compile.
type compileOptions struct {
	input   inputs
	out     output
	target  string
	nodes   []string
	outDir  string
	dump    string
	disable []string
}

func newCompile() *cobra.Command {
	var o compileOptions
	cmd := &cobra.Command{
		Use:   "compile",
		Short: "Print the rules of every node",
		Long: `Compile prints what each node's dataplane will run. -o text is the dataplane's own language (input for nft -f; flows as
ovs-ofctl writes them, with the names of ports in place of their numbers), json and yaml are the same as keyed objects, ir is
the intermediate representation before any target.`,
		Example: `    headgate compile -f examples/three-tier --node node-3
    headgate compile -f examples/three-tier --target openflow --out-dir rules/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml", "ir")
	targetFlag(cmd, &o.target)
	masqueradeFlag(cmd, &o.input.bit)
	flags := cmd.Flags()
	flags.StringArrayVar(&o.nodes, "node", nil, "only this node; repeatable")
	flags.StringVar(&o.outDir, "out-dir", "", "write a file for each node into this directory instead of printing")
	flags.StringVar(&o.dump, "dump", "", "print the intermediate representation after this pass instead")
	flags.StringArrayVar(&o.disable, "disable", nil, "leave this optional pass away; repeatable")
	for _, name := range []string{"dump", "disable"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(passNames(), cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

func (o *compileOptions) run(cmd *cobra.Command) error {
	var dumped strings.Builder
	o.input.expects = true
	options := compiler.Options{Nodes: o.nodes, Disable: o.disable}
	if o.dump != "" {
		if !slices.Contains(passNames(), o.dump) {
			return fmt.Errorf("there is no pass %q: they are %s", o.dump, strings.Join(passNames(), ", "))
		}
		options.Dump = func(pass string, p *ir.Pipeline) {
			if pass == o.dump {
				dumped.WriteString(p.String())
			}
		}
	}
	g, err := o.input.generate(cmd, o.target, options)
	if err != nil {
		return err
	}
	if err := o.checkNodes(g); err != nil {
		return err
	}
	switch {
	case o.dump != "":
		_, err = io.WriteString(cmd.OutOrStdout(), dumped.String())
	case o.outDir != "":
		err = o.writeFiles(g)
	default:
		err = o.print(cmd.OutOrStdout(), g)
	}
	return err
}

// checkNodes refuses nodes that nothing mentions.
func (o *compileOptions) checkNodes(g *generation) error {
	known := nodeNames(g.result.Program)
	for _, name := range o.nodes {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no node %q: the input has %s", name, listOr(known, "none"))
		}
	}
	return nil
}

// listOr lists words, the first few if there are many.
func listOr(words []string, none string) string {
	const most = 8
	switch {
	case len(words) == 0:
		return none
	case len(words) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}

func (o *compileOptions) print(w io.Writer, g *generation) error {
	if o.out.format == "json" || o.out.format == "yaml" {
		return writeStructured(w, map[string][]artifact.Artifact{"nodes": g.artifacts}, o.out.format)
	}
	var heads, texts []string
	if o.out.format == "ir" {
		for _, p := range g.result.Placed {
			heads, texts = append(heads, p.Node), append(texts, p.String())
		}
	} else {
		for _, a := range g.artifacts {
			heads, texts = append(heads, placeOf(a, o.target)), append(texts, script(a))
		}
	}
	for i, text := range texts {
		if len(texts) > 1 {
			text = fmt.Sprintf("%s# node %s\n%s", [...]string{"", "\n"}[min(i, 1)], heads[i], text)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// placeOf names an artifact's node, and its target if that is another than the pods'.
func placeOf(a artifact.Artifact, target string) string {
	if a.Target != target {
		return a.Node + " (" + a.Target + ")"
	}
	return a.Node
}

func (o *compileOptions) writeFiles(g *generation) error {
	if err := os.MkdirAll(o.outDir, 0o755); err != nil {
		return err
	}
	var errs []error
	write := func(stem, ext, text string) {
		name := strings.ReplaceAll(stem, "/", "_") + ext // of a machine outside the cluster: no name in Kubernetes has a "_"
		errs = append(errs, os.WriteFile(filepath.Join(o.outDir, name), []byte(text), 0o644))
	}
	if o.out.format == "ir" {
		for _, p := range g.result.Placed {
			write(p.Node, ".ir", p.String())
		}
		return errors.Join(errs...)
	}
	for _, a := range g.artifacts {
		switch o.out.format {
		case "json", "yaml":
			var b strings.Builder
			errs = append(errs, writeStructured(&b, a, o.out.format))
			stem := a.Node
			if a.Target != o.target {
				stem += "." + a.Target
			}
			write(stem, "."+o.out.format, b.String())
		default:
			write(a.Node, extension(a.Target), script(a))
		}
	}
	return errors.Join(errs...)
}
