package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/diag"
)

func newEgress() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "egress",
		Short: "Look into how packets leave the cluster",
		Args:  cobra.ArbitraryArgs,
		RunE:  group,
	}
	cmd.AddCommand(newEgressPlan())
	return cmd
}

// egressPlanOptions are the flags of egress plan.
type egressPlanOptions struct {
	input inputs
	out   output
	fail  []string
}

func newEgressPlan() *cobra.Command {
	var o egressPlanOptions
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show which node holds which address, and which one would if a node failed",
		Long: `Plan prints the addresses by which pods leave the cluster and those that Services have from pools: whose they are, the pool, the
network, the node that holds them, and the node that would if that one failed. The failure of another node moves an address only
where nodes hold as many as they may; such moves are listed below, then how much of each pool is used. A Service whose pool is not
declared has the addresses that its status says, which nobody here holds, and is not listed.

With --fail it prints what changes if these nodes fail at once: the addresses that move, and whose packets are dropped then because
no node can hold their address. With --down the plan itself is made without these nodes.`,
		Example: `    headgate egress plan -f examples/egress
    headgate egress plan -f examples/egress --fail node-2`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	cmd.Flags().StringArrayVar(&o.fail, "fail", nil, "print what changes if this node fails; repeatable, for nodes that fail at once")
	return cmd
}

func (o *egressPlanOptions) run(cmd *cobra.Command) error {
	result, err := o.input.compile(cmd, compiler.Options{Nodes: []string{}})
	if err != nil {
		return err
	}
	if err := knownNodes(result.Program, "--fail", o.fail); err != nil {
		return err
	}
	plan := newEgressPlanOf(result, o.input.cluster.down)
	if len(o.fail) == 0 {
		return o.out.write(cmd.OutOrStdout(), plan, plan.text)
	}
	report := &diag.Report{}
	failed := plan.fail(o.fail, report)
	if err := o.out.write(cmd.OutOrStdout(), failed, failed.text); err != nil {
		return err
	}
	return o.input.diagnostics.report(cmd.ErrOrStderr(), report)
}

// none stands where a table has nothing to tell.
const none = "-"

// table lines up the cells of rows, the first of which are heads.
func table(rows [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if cell == "" {
				row[i] = none
			}
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

func (p *egressPlan) text() string {
	var b strings.Builder
	rows := [][]string{{"ADDRESS", "FOR", "POOL", "SUBNET", "VLAN", "NODE", "IF IT FAILS"}}
	for i := range p.Addresses {
		a := &p.Addresses[i]
		vlan := ""
		if a.Subnet != nil && a.Subnet.VLAN != 0 {
			vlan = strconv.Itoa(int(a.Subnet.VLAN))
		}
		rows = append(rows, []string{a.addr(), enough(a.For), a.Pool, a.Subnet.String(), vlan, a.Node, a.next()})
	}
	if len(p.Addresses) == 0 {
		return "no Egress and no Service of the input wants an address of a pool or a node\n"
	}
	b.WriteString(table(rows))
	p.othersText(&b)
	strandedText(&b, p.Stranded)
	if len(p.Pools) > 0 {
		b.WriteString("\n" + table(poolRows(p.Pools)))
	}
	return b.String()
}

// othersText lists what moves when a node fails that does not hold it.
func (p *egressPlan) othersText(w io.Writer) {
	rows := [][]string{{"IF", "ADDRESS", "FROM", "TO"}}
	for i := range p.Addresses {
		a := &p.Addresses[i]
		for _, f := range a.Failures {
			if f.Node != a.Node {
				rows = append(rows, []string{f.Node + " fails", a.addr(), a.Node, f.To})
			}
		}
	}
	if len(rows) > 1 {
		slices.SortStableFunc(rows[1:], func(x, y []string) int { return strings.Compare(x[0], y[0]) })
		fmt.Fprintf(w, "\n%s", table(rows))
	}
}

func strandedText(w io.Writer, owners []string) {
	for i, o := range owners {
		if i == 0 {
			fmt.Fprintln(w)
		}
		what := "is not reached from outside by that address"
		if strings.HasPrefix(o, egressPrefix) {
			what = "sends nothing outside: it is dropped"
		}
		fmt.Fprintf(w, "stranded: %s %s\n", o, what)
	}
}

func poolRows(pools []poolUse) [][]string {
	rows := [][]string{{"POOL", "TOTAL", "USED"}}
	for _, u := range pools {
		rows = append(rows, []string{u.Name, strconv.FormatUint(u.Total, 10), strconv.FormatUint(u.Used, 10)})
	}
	return rows
}

func (f *failurePlan) text() string {
	var b strings.Builder
	if len(f.Moves) == 0 {
		fmt.Fprintf(&b, "nothing changes: %s\n", f.kept())
		return b.String()
	}
	rows := [][]string{{"ADDRESS", "FOR", "FROM", "TO"}}
	for _, m := range f.Moves {
		rows = append(rows, []string{m.Address, enough(m.For), m.From, m.To})
	}
	b.WriteString(table(rows))
	strandedText(&b, f.Stranded)
	fmt.Fprintf(&b, "\n%s\n", f.kept())
	return b.String()
}

// kept says how many addresses stay.
func (f *failurePlan) kept() string {
	if f.Kept == 1 {
		return "1 address stays where it is"
	}
	return fmt.Sprintf("%d addresses stay where they are", f.Kept)
}
