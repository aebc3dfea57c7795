package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
)

// knownNames is what --fqdn says of DNS names.
type knownNames struct{ items []string }

func (k *knownNames) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&k.items, "fqdn", nil, "NAME=ADDRESS[,ADDRESS]: what DNS gives for a name; repeatable")
}

// read reads and resolves with what is known of names, and tells which patterns of rules by name stand for nothing that is known.
func (k *knownNames) read(cmd *cobra.Command, in *inputs) (*evalInput, error) {
	known, err := place.Known(k.items)
	if err != nil {
		return nil, fmt.Errorf("--fqdn: %w", err)
	}
	g, err := in.generate(cmd, string(lab.NFTables), compiler.Options{Nodes: []string{}, Known: known})
	if err != nil {
		return nil, err
	}
	read := newEvalInput(g)
	if in.diagnostics.quiet {
		return read, nil
	}
	if unknown := unknownNames(read.program, known); len(unknown) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: no address is known of %s: rules by these names match nothing here; see --fqdn\n", strings.Join(unknown, ", "))
	}
	return read, nil
}

// noteServices tells that rules by Service are judged as if nobody dialled one.
func noteServices(cmd *cobra.Command, p *ir.Program) {
	if slices.ContainsFunc(p.Groups, func(g *ir.Group) bool { return g.Kind == ir.Dialled }) {
		fmt.Fprintln(cmd.ErrOrStderr(), "note: rules with toServices match only what is sent to a Service; see --to")
	}
}

// unknownNames lists the patterns that no known name matches.
func unknownNames(p *ir.Program, known map[string][]netip.Addr) []string {
	var unknown []string
	for _, g := range p.Groups {
		for _, pattern := range g.Patterns {
			matches := false
			for name := range known {
				matches = matches || ir.MatchesName(pattern, name)
			}
			if !matches && !slices.Contains(unknown, pattern) {
				unknown = append(unknown, pattern)
			}
		}
	}
	slices.Sort(unknown)
	return unknown
}
