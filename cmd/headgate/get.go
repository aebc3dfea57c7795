package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/allot"
)

func newGet() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get",
		Short: "List what the input declares, with what it comes to",
		Args:  cobra.ArbitraryArgs,
		RunE:  group,
	}
	cmd.AddCommand(newGetEgress(), newGetExternalIPPool(), newGetFeatureGates())
	return cmd
}

// getOptions are the flags of get's commands.
type getOptions struct {
	input inputs
	out   output
}

// command completes a command that lists things: all of them, or those that are named. Its list gives the names, and for an index the
// row of a table and a value.
func (o *getOptions) command(cmd *cobra.Command, list func(*compiler.Result) *listing) *cobra.Command {
	cmd.Use += " [NAME...]"
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		result, err := o.input.compile(cmd, compiler.Options{Nodes: []string{}})
		if err != nil {
			return err
		}
		l := list(result)
		if err := l.only(names); err != nil {
			return err
		}
		return o.out.write(cmd.OutOrStdout(), map[string][]any{"items": l.values()}, l.text)
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	return cmd
}

// listing is what a get command prints.
type listing struct {
	kind  string
	heads []string
	items []gotItem
}

// gotItem is one thing: its cells, the first of which is its name, and the value that stands for it where values are printed.
type gotItem struct {
	cells []string
	value any
}

// only leaves those that are named, if any are.
func (l *listing) only(names []string) error {
	var known []string
	for _, i := range l.items {
		known = append(known, i.cells[0])
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no %s %s%s", l.kind, name, likeWords(name, known))
		}
	}
	if len(names) > 0 {
		l.items = slices.DeleteFunc(l.items, func(i gotItem) bool { return !slices.Contains(names, i.cells[0]) })
	}
	return nil
}

func (l *listing) values() []any {
	out := []any{}
	for _, i := range l.items {
		out = append(out, i.value)
	}
	return out
}

func (l *listing) text() string {
	if len(l.items) == 0 {
		return "the input has no " + l.kind + "\n"
	}
	rows := [][]string{l.heads}
	for _, i := range l.items {
		rows = append(rows, i.cells)
	}
	return table(rows)
}

func newGetEgress() *cobra.Command {
	var o getOptions
	return o.command(&cobra.Command{
		Use:     "egress",
		Aliases: []string{"egresses", "eg"},
		Short:   "List Egresses with their addresses and the nodes that hold them",
		Long: `Egress lists the Egresses: their addresses as headgate gives them out, which are those of their status while these are valid; the
nodes that hold them; their pools; and how many pods they select. Addresses, nodes and pools of two families are separated by commas.
See 'headgate egress plan' for what happens when nodes fail.`,
		Example: "    headgate get egress -f examples/egress",
	}, listEgresses)
}

// gotEgress is an Egress as a value.
type gotEgress struct {
	Name      string     `json:"name"`
	Addresses []gotLease `json:"addresses"`
	Pods      int        `json:"pods"`
	Declared  rule       `json:"declared"`
}

type gotLease struct {
	Address string `json:"address,omitempty"` // none: there is none
	Node    string `json:"node,omitempty"`    // none: nobody holds it
	Pool    string `json:"pool,omitempty"`
}

func listEgresses(result *compiler.Result) *listing {
	l := &listing{kind: "Egress", heads: []string{"NAME", "EGRESSIP", "NODE", "POOL", "PODS"}}
	pods := map[string]int{}
	for _, e := range result.Program.Egresses {
		pods[e.Name] = len(e.Who.Members)
	}
	a := result.Allotted
	for c := range a.Claims {
		claim := &a.Claims[c]
		if claim.Kind != allot.Egress {
			continue
		}
		e := gotEgress{Name: claim.Name, Addresses: []gotLease{}, Pods: pods[claim.Name], Declared: ruleOf(&claim.Origin)}
		var addrs, nodes, pools []string
		for w, want := range claim.Wants {
			lease := gotLease{Pool: want.Pool}
			if addr := a.Given.Addrs[c][w]; addr.IsValid() {
				lease.Address, lease.Node = addr.String(), result.Program.Holder(addr)
			}
			e.Addresses = append(e.Addresses, lease)
			addrs, nodes, pools = append(addrs, cmp.Or(lease.Address, none)), append(nodes, cmp.Or(lease.Node, none)), append(pools, cmp.Or(lease.Pool, none))
		}
		l.items = append(l.items, gotItem{[]string{e.Name, joined(addrs), joined(nodes), joined(pools), fmt.Sprint(e.Pods)}, e})
	}
	slices.SortFunc(l.items, func(a, b gotItem) int { return strings.Compare(a.cells[0], b.cells[0]) })
	return l
}

// joined lists the words, once if they are all the same.
func joined(words []string) string {
	return strings.Join(slices.Compact(words), ",")
}

func newGetExternalIPPool() *cobra.Command {
	var o getOptions
	return o.command(&cobra.Command{
		Use:     "externalippool",
		Aliases: []string{"externalippools", "eip"},
		Short:   "List pools of addresses, and how much of each is used",
		Example: "    headgate get externalippool -f examples/egress",
	}, listPools)
}

func listPools(result *compiler.Result) *listing {
	l := &listing{kind: "ExternalIPPool", heads: []string{"NAME", "TOTAL", "USED"}}
	for i, u := range result.Allotted.Given.Usage {
		use := poolUse{result.Allotted.Pools[i].Name, u.Total, u.Used}
		l.items = append(l.items, gotItem{[]string{use.Name, fmt.Sprint(use.Total), fmt.Sprint(use.Used)}, use})
	}
	return l
}
