package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
	"github.com/headgate-net/headgate/targets/artifact"
)

// labRunOptions are the flags of lab run.
type labRunOptions struct {
	labInput
	reach reachOptions
}

func newLabRun() *cobra.Command {
	var o labRunOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Build a lab, load the rules, send packets between all pods, compare with the policies, and tear it down",
		Long: `Run does everything once: it builds the cluster of the input from network namespaces, loads each node's real rules, sends
real packets between all pods on the given ports (or on those that containers declare), prints who reached whom, and compares
every cell with what the policies mean. Without --port it also dials every port of the Services from all pods, by their cluster
addresses, and compares what becomes of that with what 'headgate reach --to' says. The exit status is 1 if anything differs.

What the input lacks is made up: pods for the selectors of the policies if there are none at all, two nodes, places and
addresses.`,
		Example: `    headgate lab run -f examples/three-tier
    headgate lab run -f policies/ --target openflow --port TCP/80
    headgate lab run -f policies/ --target openflow --datapath kernel`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.labInput.flags(cmd)
	o.reach.out.flags(cmd, "text", "json", "yaml")
	o.reach.selection(cmd)
	return cmd
}

// labReport is what lab run prints as JSON or YAML.
type labReport struct {
	Target      string            `json:"target"`
	Nodes       []labNode         `json:"nodes"`
	Probed      *lab.Matrix       `json:"probed"`
	Differences []grid.Difference `json:"differences"`
	Dialled     []clientsTable    `json:"dialled"` // the ports of Services
	Elsewhere   []dialDifference  `json:"dialDifferences"`
	NotDialled  int               `json:"notDialled"` // ports of Services for which nobody in the lab would answer
}

type labNode struct {
	Node       string `json:"node"`
	Target     string `json:"target"`
	Generation string `json:"generation"`
	Loaded     string `json:"loaded"`
}

func (o *labRunOptions) run(cmd *cobra.Command) error {
	if err := o.check(cmd); err != nil {
		return err
	}
	g, err := o.labInput.generate(cmd)
	if err != nil {
		return err
	}
	want, err := o.reach.matrix(g.result.Program)
	if err != nil {
		return err
	}
	report, err := o.inLab(cmd, g, viewOf(want).Grid())
	if err != nil {
		return err
	}
	colors := newPalette(o.input.diagnostics.color, cmd.OutOrStdout())
	err = o.reach.out.write(cmd.OutOrStdout(), report, func() string { return report.text(g.result.Program, colors) })
	if err == nil && len(report.Differences)+len(report.Elsewhere) > 0 {
		return &exit{code: exitDifferent} // they have been printed
	}
	return err
}

// inLab builds the lab, loads the rules, sends the packets and ends the lab, whatever happened.
func (o *labRunOptions) inLab(cmd *cobra.Command, g *generation, want grid.Grid) (report *labReport, err error) {
	ctx := cmd.Context()
	progress(cmd, "building the lab")
	spec, err := o.spec(g.result.Program)
	if err != nil {
		return nil, err
	}
	l, err := lab.Up(ctx, spec, lab.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, takeDown(ctx, l)) }()
	progress(cmd, "loading the rules")
	if _, err := enforce.Load(ctx, l, g.result.Placed...); err != nil {
		return nil, err
	}
	progress(cmd, "sending packets")
	got, err := o.reach.probe(cmd, l)
	if err != nil {
		return nil, err
	}
	report = &labReport{Target: o.target, Probed: got, Differences: labGrid(got).Compare(want.Only(got.Pods)),
		Dialled: []clientsTable{}, Elsewhere: []dialDifference{}}
	if report.Differences == nil {
		report.Differences = []grid.Difference{}
	}
	if err := o.dial(cmd, l, g.result.Program, report); err != nil {
		return nil, err
	}
	for _, a := range g.artifacts {
		report.Nodes = append(report.Nodes, labNode{a.Node, a.Target, artifact.Generation(a), describe(a)})
	}
	return report, nil
}

// dial dials the Services, unless --port asks for something else.
func (o *labRunOptions) dial(cmd *cobra.Command, l *lab.Lab, p *ir.Program, report *labReport) error {
	to := reach.ServicePorts(p)
	if len(to) == 0 || len(o.reach.ports) > 0 {
		return nil
	}
	progress(cmd, "dialling Services")
	d := newLabDials(l.Spec().Target, p, reach.PodClients(p), to, reach.Options{Families: o.reach.families()})
	if err := d.run(cmd.Context(), l); err != nil {
		return err
	}
	report.Dialled, report.Elsewhere, report.NotDialled = d.report().Services, d.differences(), d.outside
	return nil
}

func (r *labReport) text(p *ir.Program, colors palette) string {
	var b strings.Builder
	fmt.Fprintf(&b, "compiled %s for %s on %s\n", plural(len(p.Policies), "policy"), plural(len(p.Pods()), "pod"), plural(len(p.Nodes), "node"))
	for _, n := range r.Nodes {
		fmt.Fprintf(&b, "loaded %s on %s: %s\n", n.Target, n.Node, n.Loaded)
	}
	fmt.Fprintf(&b, "sent packets between all pods on %s:\n\n", plural(len(r.Probed.Ports), "port"))
	b.WriteString(labGrid(r.Probed).Text(signPainter(colors)))
	cells := len(r.Probed.Pods) * len(r.Probed.Pods) * len(r.Probed.Ports)
	color := green
	if len(r.Differences) > 0 {
		color = red
	}
	b.WriteString("\n" + colors.paint(color, fmt.Sprintf("%d of %d cells differ from what the policies say", len(r.Differences), cells)) + "\n")
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "  %s\n", d)
	}
	r.dialledText(&b, colors)
	return b.String()
}

// dialledText prints what became of dials to Services, if there were any.
func (r *labReport) dialledText(b *strings.Builder, colors palette) {
	if len(r.Dialled)+r.NotDialled == 0 {
		return
	}
	fmt.Fprintf(b, "\ndialled %s of Services from all pods:\n\n", plural(len(r.Dialled), "port"))
	b.WriteString((&clientsReport{r.Dialled}).text(colors))
	words, color := 0, green
	for _, t := range r.Dialled {
		words += len(t.Clients)
	}
	if len(r.Elsewhere) > 0 {
		color = red
	}
	b.WriteString("\n" + colors.paint(color, fmt.Sprintf("%d of %d clients meet something else than the policies say", len(r.Elsewhere), words)) + "\n")
	for _, d := range r.Elsewhere {
		fmt.Fprintf(b, "  %s\n", d)
	}
	if r.NotDialled > 0 {
		fmt.Fprintf(b, "not dialled: %s for which nobody in the lab would answer\n", plural(r.NotDialled, "port"))
	}
}
