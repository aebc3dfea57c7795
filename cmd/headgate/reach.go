package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
	"github.com/headgate-net/headgate/runtime/lab"
)

// reachOptions are the flags of reach.
type reachOptions struct {
	input      inputs
	out        output
	ports      []string
	family     string
	sourcePort uint16
	known      knownNames
	to         string
	from       []string
}

func newReach() *cobra.Command {
	var o reachOptions
	cmd := &cobra.Command{
		Use:   "reach",
		Short: "Print who reaches whom",
		Long: `Reach judges every pair of pods on the given ports and prints a matrix: rows are sources, columns are destinations, both
sorted by namespace, then name. A pair is judged in every address family that both pods have; mixed means that the families
differ, none that there is no common one. A pod reaches itself. Without --port the ports are those that containers declare. Rules
by DNS name match the addresses that --fqdn gives; rules by Service match nothing, since every pod is dialled by its own address.

With --to service/NAMESPACE/NAME:PORT it prints who reaches that port of the Service by its cluster addresses, every pod or those
places that --from names: allow if policies allow all backends that the client may get, drop or reject if they allow none, mixed if
backends or families differ, none if there is no backend, or no common family. PORT is a number, PROTOCOL/NUMBER or the port's name;
without it all ports are judged.`,
		Example: `    headgate reach -f examples/three-tier --port TCP/8080 --port TCP/5432
    headgate reach -f examples/services --to service/shop/api:http`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	o.selection(cmd)
	o.known.flags(cmd)
	cmd.Flags().StringVar(&o.to, "to", "", "service/NAMESPACE/NAME or service/NAMESPACE/NAME:PORT: who reaches that Service")
	cmd.Flags().StringArrayVar(&o.from, "from", nil, "client of --to: NAMESPACE/POD, POD or node/NODE; repeatable (default every pod)")
	cmd.MarkFlagsMutuallyExclusive("to", "port")
	return cmd
}

// selection declares the flags that say what to judge.
func (o *reachOptions) selection(cmd *cobra.Command) {
	portsFlag(cmd, &o.ports)
	cmd.Flags().Uint16Var(&o.sourcePort, "source-port", place.DefaultSource, "source port of the packets")
	enumFlag(cmd, &o.family, "family", "", "address families to judge", "all", "ipv4", "ipv6")
}

func portsFlag(cmd *cobra.Command, ports *[]string) {
	cmd.Flags().StringArrayVar(ports, "port", nil, "port to judge: TCP/80, 80, UDP/53 or SCTP/7777; repeatable")
}

func (o *reachOptions) run(cmd *cobra.Command) error {
	if o.to == "" && len(o.from) > 0 {
		return usageError(cmd, errors.New("--from needs --to: without a Service every pod is judged"))
	}
	in, err := o.known.read(cmd, &o.input)
	if err != nil {
		return err
	}
	if o.to != "" {
		return o.toService(cmd, in)
	}
	if !o.input.diagnostics.quiet {
		noteServices(cmd, in.program)
	}
	m, err := o.matrix(in.program)
	if err != nil {
		return err
	}
	return o.print(cmd, viewOf(m))
}

// print writes a matrix in the asked format.
func (o *reachOptions) print(cmd *cobra.Command, v grid.View) error {
	w := cmd.OutOrStdout()
	switch o.out.format {
	case "json":
		return v.WriteJSON(w)
	case "yaml":
		var text bytes.Buffer
		if err := v.WriteJSON(&text); err != nil {
			return err
		}
		return writeStructured(w, json.RawMessage(text.Bytes()), "yaml")
	}
	return v.WriteText(w, signPainter(newPalette(o.input.diagnostics.color, w)))
}

// viewOf gives a matrix the form that is printed and compared.
func viewOf(m *reach.Matrix) grid.View {
	v := grid.View{Pods: m.Pods, Cell: func(port, i, j int) string { return m.Tables[port].Cells[i][j].String() }}
	for _, t := range m.Tables {
		v.Ports = append(v.Ports, t.Port.String())
	}
	return v
}

// matrix judges every pair of the program's pods on the ports of --port, or on those that containers declare.
func (o *reachOptions) matrix(p *ir.Program) (*reach.Matrix, error) {
	ports, err := parsePorts(o.ports)
	if err != nil {
		return nil, err
	}
	if len(ports) == 0 {
		ports = declaredPorts(p)
	}
	options := reach.Options{SourcePort: o.sourcePort}
	for _, port := range ports {
		if port.Proto == lab.ICMP {
			return nil, errors.New("ICMP has no ports: ask for one packet with 'headgate eval --port icmp'")
		}
		parsed, err := reach.ParsePort(port.String())
		if err != nil {
			return nil, err
		}
		options.Ports = append(options.Ports, parsed)
	}
	options.Families = o.families()
	return reach.Compute(p, options), nil
}

// families are those of --family; nil: both.
func (o *reachOptions) families() []ir.Family {
	for _, f := range ir.Families() {
		if o.family == f.String() {
			return []ir.Family{f}
		}
	}
	return nil
}

// parsePorts reads the words of --port.
func parsePorts(words []string) ([]lab.Port, error) {
	var ports []lab.Port
	for _, word := range words {
		port, err := lab.ParsePort(word)
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	slices.SortFunc(ports, lab.Port.Compare)
	return slices.Compact(ports), nil
}

// declaredPorts lists what containers declare, by protocol and number; TCP/80 if that is nothing.
func declaredPorts(programs ...*ir.Program) []lab.Port {
	var ports []lab.Port
	for _, p := range programs {
		for _, e := range p.Endpoints {
			for _, l := range e.Listens {
				ports = append(ports, lab.Port{Proto: lab.Proto(strings.ToUpper(l.Proto.String())), Port: l.Dst.From})
			}
		}
	}
	if len(ports) == 0 {
		return []lab.Port{{Proto: lab.TCP, Port: 80}}
	}
	slices.SortFunc(ports, lab.Port.Compare)
	return slices.Compact(ports)
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
