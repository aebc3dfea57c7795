package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
	"github.com/headgate-net/headgate/targets/artifact"
)

// diffOptions are the flags of diff.
type diffOptions struct {
	input    inputs
	out      output
	host     hostFlags
	reach    bool
	ports    []string
	exitCode int
}

func newDiff() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff [-f COMMON] OLD NEW | diff -f NEW",
		Short: "Show how the rules of each node change, and who can newly talk to whom",
		Long: `Diff compiles two inputs and prints what changes in each node's rules; with --reach also which pods can newly reach which,
and which no longer can. OLD and NEW are files or directories; what -f and -k name belongs to both sides, for instance the
cluster's pods. Without OLD and NEW the input is compared with what this host runs. What changes through Services counts for --reach:
who reaches their cluster addresses, as in 'headgate reach --to', and which backends come and go; so do the addresses outside the
cluster that come, go or move to other nodes, and the pods that leave by other addresses.

The exit status is 0 if nothing differs, 1 (or --diff-exit-code) if something does, and more on errors.`,
		Example: `    headgate diff --reach -f cluster.yaml main/policies branch/policies
    headgate diff -f policies/`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	o.host.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&o.reach, "reach", false, "also compare who reaches whom, on the ports of --port or on those that containers declare")
	flags.StringArrayVar(&o.ports, "port", nil, "port for --reach, as in reach; repeatable")
	flags.IntVar(&o.exitCode, "diff-exit-code", exitDifferent, "exit status if something differs")
	return cmd
}

// nodeDiff is what changes on one node.
type nodeDiff struct {
	Node    string           `json:"node"`
	Summary artifact.Summary `json:"summary"`
	Plan    artifact.Plan    `json:"plan"`
}

// diffReport is all of diff's output.
type diffReport struct {
	Target string           `json:"target"`
	Old    string           `json:"old"`
	New    string           `json:"new"`
	Nodes  []nodeDiff       `json:"nodes"` // those that change
	Same   int              `json:"nodesUnchanged"`
	Total  artifact.Summary `json:"summary"`
	Reach  *reachDiff       `json:"reach,omitempty"`
}

// reachDiff is who can newly talk to whom, and who no longer can.
type reachDiff struct {
	Changes  []reachChange   `json:"changes"`
	Added    []string        `json:"podsAdded,omitempty"`
	Removed  []string        `json:"podsRemoved,omitempty"`
	Services []serviceChange `json:"services,omitempty"`
	Holders  []holderChange  `json:"addresses,omitempty"` // outside the cluster
	Leaving  []leavingChange `json:"leaving,omitempty"`
}

func (r *reachDiff) isEmpty() bool {
	return len(r.Changes)+len(r.Added)+len(r.Removed)+len(r.Services)+len(r.Holders)+len(r.Leaving) == 0
}

type reachChange struct {
	Port string `json:"port"`
	From string `json:"from"`
	To   string `json:"to"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

func (o *diffOptions) run(cmd *cobra.Command, args []string) error {
	var r *diffReport
	var err error
	switch {
	case len(args) == 2:
		r, err = o.compareInputs(cmd, args[0], args[1])
	case len(args) == 0:
		r, err = o.compareHost(cmd)
	default:
		err = usageError(cmd, errors.New("want OLD and NEW, or -f NEW to compare with what this host runs"))
	}
	if err != nil {
		return err
	}
	err = o.out.write(cmd.OutOrStdout(), r, func() string {
		return r.text(newPalette(o.input.diagnostics.color, cmd.OutOrStdout()))
	})
	if err == nil && r.differs() {
		return &exit{code: o.exitCode}
	}
	return err
}

func (r *diffReport) differs() bool {
	return len(r.Nodes) > 0 || r.Reach != nil && !r.Reach.isEmpty()
}

func (o *diffOptions) compareInputs(cmd *cobra.Command, oldPath, newPath string) (*diffReport, error) {
	sides := [2]*generation{}
	var errs []error
	for i, path := range []string{oldPath, newPath} {
		in := o.input
		in.files = append(slices.Clone(o.input.files), path)
		in.expects = i == 1 // what was may have been wrong
		g, err := in.generate(cmd, o.host.target, compiler.Options{})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
		sides[i] = g
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	r := &diffReport{Target: o.host.target, Old: oldPath, New: newPath}
	r.compare(sides[0].artifacts, sides[1].artifacts)
	if !o.reach {
		return r, nil
	}
	var err error
	r.Reach, err = compareReach(sides[0].result.Program, sides[1].result.Program, o.ports)
	return r, err
}

// compareHost compares the input's rules for this node with what is loaded.
func (o *diffOptions) compareHost(cmd *cobra.Command) (*diffReport, error) {
	if o.reach {
		return nil, usageError(cmd, errors.New("--reach needs OLD and NEW: what a host runs does not tell who its peers are"))
	}
	_, parts, done, err := o.host.wanted(cmd, &o.input)
	if err != nil {
		return nil, err
	}
	defer done()
	var have, want []artifact.Artifact
	for _, p := range parts {
		state, err := p.plane.Observe(cmd.Context())
		if err != nil {
			return nil, needsRoot(err)
		}
		state.Artifact.Node = p.want.Node
		if len(state.Artifact.Objects)+len(p.want.Objects) > 0 || p.want.Target == o.host.target {
			have, want = append(have, state.Artifact), append(want, p.want)
		}
	}
	r := &diffReport{Target: o.host.target, Old: "this host", New: strings.Join(slices.Concat(o.input.files, o.input.kustomize), " ")}
	r.compare(have, want)
	return r, nil
}

// compare diffs node by node; a node that one side lacks is empty there.
func (r *diffReport) compare(olds, news []artifact.Artifact) {
	byNode := map[string][2]artifact.Artifact{}
	var names []string
	for side, list := range [][]artifact.Artifact{olds, news} {
		for _, a := range list {
			name := placeOf(a, r.Target)
			pair, known := byNode[name]
			if !known {
				names = append(names, name)
				pair = [2]artifact.Artifact{{Target: a.Target, Node: a.Node}, {Target: a.Target, Node: a.Node}}
			}
			pair[side] = a
			byNode[name] = pair
		}
	}
	slices.Sort(names)
	r.Nodes = []nodeDiff{}
	for _, name := range names {
		plan := artifact.Diff(byNode[name][0], byNode[name][1])
		if plan.IsEmpty() {
			r.Same++
			continue
		}
		d := nodeDiff{name, plan.Summary(), plan}
		r.Nodes = append(r.Nodes, d)
		r.Total = add(r.Total, d.Summary)
	}
}

func add(a, b artifact.Summary) artifact.Summary {
	return artifact.Summary{
		ObjectsAdded:    a.ObjectsAdded + b.ObjectsAdded,
		ObjectsDeleted:  a.ObjectsDeleted + b.ObjectsDeleted,
		ObjectsReplaced: a.ObjectsReplaced + b.ObjectsReplaced,
		ObjectsModified: a.ObjectsModified + b.ObjectsModified,
		ItemsAdded:      a.ItemsAdded + b.ItemsAdded,
		ItemsDeleted:    a.ItemsDeleted + b.ItemsDeleted,
	}
}

func (r *diffReport) text(colors palette) string {
	var b strings.Builder
	for _, n := range r.Nodes {
		fmt.Fprintf(&b, "--- %s (node %s)\n+++ %s (node %s)\n", r.Old, n.Node, r.New, n.Node)
		paintDiff(&b, n.Plan.Text(), colors)
		b.WriteByte('\n')
	}
	for _, n := range r.Nodes {
		fmt.Fprintf(&b, "node %s: %s\n", n.Node, n.Summary)
	}
	if r.Same > 0 {
		fmt.Fprintf(&b, "%s unchanged\n", plural(r.Same, "node"))
	}
	if r.Reach != nil {
		r.Reach.text(&b, colors)
	}
	return b.String()
}

func paintDiff(b *strings.Builder, text string, colors palette) {
	for line := range strings.Lines(text) {
		color := map[byte]int{'+': green, '-': red, '~': cyan}[line[0]]
		if color == 0 {
			b.WriteString(line)
			continue
		}
		b.WriteString(colors.paint(color, strings.TrimSuffix(line, "\n")))
		b.WriteByte('\n')
	}
}

func (r *reachDiff) text(w io.Writer, colors palette) {
	if r.isEmpty() {
		fmt.Fprintln(w, "nobody can newly talk to anybody, and everybody who could still can")
		return
	}
	for _, pod := range r.Added {
		fmt.Fprintf(w, "pod %s is new\n", pod)
	}
	for _, pod := range r.Removed {
		fmt.Fprintf(w, "pod %s is gone\n", pod)
	}
	for i := range r.Services {
		r.Services[i].text(w, colors)
	}
	for i := range r.Holders {
		r.Holders[i].text(w)
	}
	for i := range r.Leaving {
		r.Leaving[i].text(w, colors)
	}
	for _, c := range r.Changes {
		color := red
		if c.New == "allow" {
			color = green
		}
		fmt.Fprintln(w, colors.paint(color, fmt.Sprintf("%s -> %s %s: %s, was %s", c.From, c.To, c.Port, c.New, c.Old)))
	}
}

// plural gives "1 node", "2 nodes".
func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func rank(word string) int {
	if word == "allow" {
		return 0
	}
	return 1
}

// compareReach judges both programs on the same ports, those of either if none are asked for, and lists what differs: what
// became allowed first.
func compareReach(old, now *ir.Program, ports []string) (*reachDiff, error) {
	if len(ports) == 0 {
		for _, p := range declaredPorts(old, now) {
			ports = append(ports, p.String())
		}
	}
	o := reachOptions{ports: ports}
	before, err := o.matrix(old)
	if err != nil {
		return nil, err
	}
	after, err := o.matrix(now)
	if err != nil {
		return nil, err
	}
	r := &reachDiff{Changes: []reachChange{}, Added: without(after.Pods, before.Pods), Removed: without(before.Pods, after.Pods)}
	for _, c := range reach.Diff(before, after) {
		if c.Before != reach.Absent && c.After != reach.Absent {
			r.Changes = append(r.Changes, reachChange{c.Port.String(), c.Source, c.Destination, c.Before.String(), c.After.String()})
		}
	}
	r.compareServices(old, now)
	r.compareLeaving(old, now)
	slices.SortStableFunc(r.Changes, func(a, b reachChange) int { return cmp.Compare(rank(a.New), rank(b.New)) })
	return r, nil
}

// without lists the words that are not in drop.
func without(words, drop []string) []string {
	in := make(map[string]bool, len(drop))
	for _, w := range drop {
		in[w] = true
	}
	var out []string
	for _, w := range words {
		if !in[w] {
			out = append(out, w)
		}
	}
	return out
}
