package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// statsOptions are the flags of stats.
type statsOptions struct {
	input    inputs
	out      output
	host     hostFlags
	stateDir string
}

// sharedNote explains the last column of the table.
const sharedNote = `For a rule that allows, sessions are connections. With nftables their packets and bytes are counted whole and while they last, in both
directions together; with Open vSwitch those that begin a connection, up to the first answer, each of them as a session. What is refused, or
passed on to other rules, counts packet by packet. A connection may count for a rule of egress and for one of ingress; bytes are those of
IP packets. Rules that the compiler made one of count together: each of them shows the count, with the others; the total has it once.`

func newStats() *cobra.Command {
	var o statsOptions
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Print what each rule has decided on this host",
		Long: `Stats reads the counters of this host's dataplane and maps them back to the rules of the policies. What the rules are is known
from the 'headgate agent' or 'headgate apply' that loaded them, or is compiled from the input given with -f.

Counts begin when a rule is loaded, and may begin anew when the rule itself changes or everything is loaded anew; neither the end of an agent
nor changes of other rules touch them. As JSON there are node, rules, total and unknown; of each rule policy, rule, name, at (where it is declared), directions, actions, sessions,
packets, bytes, and shared: with (the other rules), sessions, packets, bytes. In unknown is what rules counted that are not declared.

` + sharedNote,
		Example: `    headgate stats
    headgate stats -f policies/ --node node-1 -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	o.host.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.stateDir, "state-dir", defaultStateDir, "directory of what was loaded last")
	return cmd
}

func (o *statsOptions) run(cmd *cobra.Command) error {
	p, declared, err := o.loaded(cmd)
	if err != nil {
		return err
	}
	o.host.node = p.Node
	planes, done := o.host.counters()
	defer done()
	counts, err := agent.CountsOf(cmd.Context(), planes...)
	if err != nil {
		return needsRoot(err)
	}
	s := agent.StatisticsOf(p, declared, counts)
	return o.out.write(cmd.OutOrStdout(), s, func() string { return statsText(s) })
}

// loaded is what is loaded on this host: what the input says, or what was noted when it was loaded. The Program may be nil.
func (o *statsOptions) loaded(cmd *cobra.Command) (*ir.Pipeline, *ir.Program, error) {
	if len(o.input.files)+len(o.input.kustomize) == 0 {
		k, err := recall(o.stateDir, o.host.target)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("nothing was loaded for target %s by an agent or apply with the state directory %s; say with -f what is loaded",
				o.host.target, o.stateDir)
		}
		return k.pipeline, nil, err
	}
	if err := o.host.settle(); err != nil {
		return nil, nil, err
	}
	g, err := o.input.generate(cmd, o.host.target, compiler.Options{Nodes: []string{o.host.node}})
	if err != nil {
		return nil, nil, err
	}
	p, err := o.host.placed(g)
	return p, g.result.Program, err
}

// statsText prints a table, and the total.
func statsText(s agent.Statistics) string {
	var b strings.Builder
	if len(s.Rules) > 0 {
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "POLICY\tRULE\tDIRECTION\tACTION\tSESSIONS\tPACKETS\tBYTES\tSHARED WITH")
		for _, r := range s.Rules {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", r.Policy, ruleWord(r), strings.Join(r.Directions, ","), strings.Join(r.Actions, ","),
				r.Sessions, r.Packets, r.Bytes, shareWord(r))
		}
		w.Flush()
	}
	fmt.Fprintf(&b, "total: %s, %s, %s\n", plural(int(s.Total.Sessions), "session"), plural(int(s.Total.Packets), "packet"), plural(int(s.Total.Bytes), "byte"))
	if s.Unknown.Packets > 0 {
		fmt.Fprintf(&b, "other rules: %s, %s, %s\n", plural(int(s.Unknown.Sessions), "session"), plural(int(s.Unknown.Packets), "packet"), plural(int(s.Unknown.Bytes), "byte"))
	}
	return trimLines(b.String())
}

// trimLines takes the blanks off the ends of lines, which a table has where its last cells are empty.
func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// ruleWord is a rule's place in its policy, with its name if that is known.
func ruleWord(r agent.RuleStat) string {
	word := strings.TrimPrefix(r.Rule, "spec.")
	if r.Name != "" {
		word += " (" + r.Name + ")"
	}
	return word
}

// shareWord says how many sessions were counted together with which other rules.
func shareWord(r agent.RuleStat) string {
	var parts []string
	for _, s := range r.Shared {
		parts = append(parts, fmt.Sprintf("%d with %s", s.Sessions, strings.Join(s.With, ", ")))
	}
	return strings.Join(parts, "; ")
}

func newLabStats() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "stats NAME",
		Short: "Print what each rule has decided on the nodes of a lab",
		Long:  "Stats reads the counters of every node's dataplane and maps them back to the rules of the policies.\n\n" + sharedNote,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lab.Attach(args[0])
			if err != nil {
				return err
			}
			all, err := enforce.Statistics(cmd.Context(), l)
			if err != nil {
				return err
			}
			return out.write(cmd.OutOrStdout(), map[string][]agent.Statistics{"nodes": all}, func() string { return labStatsText(all) })
		},
	}
	out.flags(cmd, "text", "json", "yaml")
	return cmd
}

func labStatsText(all []agent.Statistics) string {
	var b strings.Builder
	for i, s := range all {
		fmt.Fprintf(&b, "%s# node %s\n%s", [...]string{"", "\n"}[min(i, 1)], s.Node, statsText(s))
	}
	return b.String()
}

func newLabLogs() *cobra.Command {
	return &cobra.Command{
		Use:   "logs NAME",
		Short: "Print the packets that rules with logging decided in a lab",
		Long: `Logs prints one line for each packet that a rule with logging decided, as JSON, in the form that 'headgate agent --log-file' writes:
see docs/logs.md. The file is part of the lab, and goes with it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lab.Attach(args[0])
			if err != nil {
				return err
			}
			return enforce.Records(cmd.Context(), l, cmd.OutOrStdout())
		},
	}
}
