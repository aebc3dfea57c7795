package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// cidrs is a flag's value that collects blocks of addresses.
type cidrs []netip.Prefix

func (c *cidrs) String() string {
	words := make([]string, len(*c))
	for i, p := range *c {
		words[i] = p.String()
	}
	return strings.Join(words, ",")
}

// Type is what --help calls it.
func (c *cidrs) Type() string { return "CIDR" }

// Set adds a block.
func (c *cidrs) Set(s string) error {
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return fmt.Errorf("want a block of addresses, such as 192.0.2.0/24")
	case p != p.Masked():
		return fmt.Errorf("bits are set behind the prefix: did you mean %s?", p.Masked())
	}
	*c = append(*c, p)
	return nil
}

// set is what is in any of the blocks.
func (c cidrs) set() ir.AddrSet { return ir.PrefixSet(c...) }

// exceptFlag declares --except-cidrs.
func exceptFlag(cmd *cobra.Command, value *cidrs) {
	cmd.Flags().Var(value, "except-cidrs", "block of addresses outside the cluster that pods reach as if there were no Egress; repeatable")
}

// clusterFlags say of the cluster what no manifest does.
type clusterFlags struct {
	needs  string
	except cidrs
	down   []string
}

func (c *clusterFlags) flags(cmd *cobra.Command) {
	needsFlag(cmd, &c.needs)
	exceptFlag(cmd, &c.except)
	cmd.Flags().StringArrayVar(&c.down, "down", nil, "node that is not alive, and holds no address of an Egress or Service; repeatable")
}

// complete adds them to options. What is wrong with the list of needs is in the report.
func (c *clusterFlags) complete(o compiler.Options, report *diag.Report) (compiler.Options, error) {
	var err error
	o.Needs, err = readNeeds(c.needs, report)
	o.Except, o.Down = c.except.set(), c.down
	return o, err
}

// check refuses nodes that are not there.
func (c *clusterFlags) check(p *ir.Program) error { return knownNodes(p, "--down", c.down) }

// knownNodes refuses names that are no nodes'.
func knownNodes(p *ir.Program, flag string, names []string) error {
	nodes := namesOfNodes(p)
	for _, name := range names {
		if !slices.Contains(nodes, name) {
			return fmt.Errorf("%s: there is no node %q: the input has %s", flag, name, listOr(nodes, "none"))
		}
	}
	return nil
}
