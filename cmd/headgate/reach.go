package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

// reachOptions are the flags of reach.
type reachOptions struct {
	input      inputs
	out        output
	ports      []string
	family     string
	sourcePort uint16
}

func newReach() *cobra.Command {
	var o reachOptions
	cmd := &cobra.Command{
		Use:   "reach",
		Short: "Print who reaches whom",
		Long: `Reach judges every pair of pods on the given ports and prints a matrix: rows are sources, columns are destinations, both
sorted by namespace, then name. A pair is judged in every address family that both pods have; mixed means that the families
differ, none that there is no common one. A pod reaches itself. Without --port the ports are those that containers declare.`,
		Example: `    headgate reach -f examples/three-tier --port TCP/8080 --port TCP/5432`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	o.selection(cmd)
	return cmd
}

// selection declares the flags that say what to judge.
func (o *reachOptions) selection(cmd *cobra.Command) {
	portsFlag(cmd, &o.ports)
	cmd.Flags().Uint16Var(&o.sourcePort, "source-port", place.DefaultSource, "source port of the packets")
	enumFlag(cmd, &o.family, "family", "", "address families to judge", "all", "ipv4", "ipv6")
}

func portsFlag(cmd *cobra.Command, ports *[]string) {
	cmd.Flags().StringArrayVar(ports, "port", nil, "port to judge: TCP/80, 80, UDP/53, SCTP/7777 or ICMP; repeatable")
}

func (o *reachOptions) run(cmd *cobra.Command) error {
	program, err := o.input.program(cmd)
	if err != nil {
		return err
	}
	m, err := o.matrix(program)
	if err != nil {
		return err
	}
	return o.out.write(cmd.OutOrStdout(), m, func() string {
		return gridOf(m).Text(signPainter(newPalette(o.input.diagnostics.color, cmd.OutOrStdout())))
	})
}

// signPainter colours the signs of a grid.
func signPainter(colors palette) func(string) string {
	return func(sign string) string {
		switch sign {
		case ".":
			return colors.paint(green, sign)
		case "X", "R":
			return colors.paint(red, sign)
		}
		return colors.paint(yellow, sign)
	}
}

// declaredPorts lists what containers declare, by protocol and number.
func declaredPorts(programs ...*ir.Program) []string {
	var ports []string
	for _, p := range programs {
		for _, e := range p.Endpoints {
			for _, l := range e.Listens {
				ports = append(ports, fmt.Sprintf("%s/%d", strings.ToUpper(l.Proto.String()), l.Dst.From))
			}
		}
	}
	slices.SortFunc(ports, grid.ComparePorts)
	return slices.Compact(ports)
}

// reachMatrix is who reaches whom, as printed: Ports["TCP/80"][i][j] is the verdict from Pods[i] to Pods[j].
type reachMatrix struct {
	Pods  []string              `json:"pods"`
	Ports map[string][][]string `json:"ports"`
}

func gridOf(m *reachMatrix) grid.Grid { return grid.Of(m.Pods, m.Ports) }

// matrix judges every pair of the program's endpoints that have an address.
func (o *reachOptions) matrix(p *ir.Program) (*reachMatrix, error) {
	ports, err := labPorts(o.ports, p)
	if err != nil {
		return nil, err
	}
	m := &reachMatrix{Pods: []string{}, Ports: map[string][][]string{}}
	var places []place.Place
	for _, e := range p.Endpoints {
		if len(e.Addrs) > 0 {
			m.Pods = append(m.Pods, e.String())
			places = append(places, place.Place{Name: e.String(), Addrs: e.Addrs, Endpoint: e})
		}
	}
	evaluator := p.Evaluator()
	for _, port := range ports {
		traffic, err := place.ParseTraffic(port.String())
		if err != nil {
			return nil, err
		}
		if traffic.Proto.HasPorts() && o.sourcePort != 0 {
			traffic.Src = o.sourcePort
		}
		rows := make([][]string, len(places))
		for i, from := range places {
			for _, to := range places {
				rows[i] = append(rows[i], o.cell(evaluator, traffic, from, to))
			}
		}
		m.Ports[port.String()] = rows
	}
	return m, nil
}

// cell is the common verdict of the families that are asked for and that both places have.
func (o *reachOptions) cell(e *ir.ProgramEvaluator, traffic place.Traffic, from, to place.Place) string {
	if from.Endpoint == to.Endpoint {
		return ir.Allow.String()
	}
	word := "none"
	for _, p := range traffic.Packets(from, to) {
		if o.family != "all" && ir.FamilyOf(p.Dst).String() != o.family {
			continue
		}
		switch got := e.Eval(p).Action.String(); {
		case word == "none":
			word = got
		case word != got:
			return "mixed"
		}
	}
	return word
}
