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
	switch o.out.format {
	case "json", "yaml":
		return writeStructured(w, map[string][]artifact.Artifact{"nodes": g.artifacts}, o.out.format)
	}
	for i, a := range g.artifacts {
		text := script(a)
		if o.out.format == "ir" {
			text = g.result.Placed[i].String()
		}
		if len(g.artifacts) > 1 {
			text = fmt.Sprintf("%s# node %s\n%s", [...]string{"", "\n"}[min(i, 1)], a.Node, text)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

func (o *compileOptions) writeFiles(g *generation) error {
	if err := os.MkdirAll(o.outDir, 0o755); err != nil {
		return err
	}
	var errs []error
	for i, a := range g.artifacts {
		name, text, err := o.file(g, i)
		if err == nil {
			err = os.WriteFile(filepath.Join(o.outDir, a.Node+name), []byte(text), 0o644)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// file gives the extension and the contents of a node's file.
func (o *compileOptions) file(g *generation, i int) (ext, text string, err error) {
	switch o.out.format {
	case "ir":
		return ".ir", g.result.Placed[i].String(), nil
	case "json", "yaml":
		var b strings.Builder
		err = writeStructured(&b, g.artifacts[i], o.out.format)
		return "." + o.out.format, b.String(), err
	}
	return extension(o.target), script(g.artifacts[i]), nil
}
