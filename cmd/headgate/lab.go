package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/cluster"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
	"github.com/headgate-net/headgate/targets/artifact"
)

func newLab() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Try policies with real packets in a throwaway cluster on this machine",
		Long: `A lab is a cluster made of network namespaces on this machine: one for each Node and Pod of the input, with a responder on
every port. The real rules are loaded by the agent's own code, and real packets are sent. Nothing outside the lab is touched,
and nothing is left of it. Input without pods or nodes is completed: see 'headgate lab run --help'.`,
		Args: cobra.ArbitraryArgs,
		RunE: group,
	}
	cmd.AddCommand(newLabRun(), newLabUp(), newLabApply(), newLabProbe(), newLabExec(), newLabStats(), newLabLogs(), newLabDown(), newLabList(), newLabKubelet(), newLabScheduler(), newLabSCTP())
	return cmd
}

// labInput reads the cluster and the policies of a lab, and what its nodes are to be.
type labInput struct {
	input    inputs
	target   string
	datapath string
	hosts    []string
	ownPorts []string
}

func (l *labInput) flags(cmd *cobra.Command) {
	l.input.flags(cmd)
	targetFlag(cmd, &l.target)
	enumFlag(cmd, &l.datapath, "datapath", "", "what moves the packets, with target openflow", userspaceDatapath, kernelDatapath)
	cmd.Flags().StringArrayVar(&l.hosts, "host", nil, "a machine outside the cluster, NAME=ADDRESS[,ADDRESS]; repeatable")
	cmd.Flags().StringArrayVar(&l.ownPorts, "node-port", nil, "port on which nodes and machines outside answer, as in --port; repeatable")
}

// The values of --datapath.
const (
	userspaceDatapath = "userspace"
	kernelDatapath    = "kernel"
)

// check refuses flags that contradict each other.
func (l *labInput) check(cmd *cobra.Command) error {
	if l.target != string(lab.OpenFlow) && cmd.Flags().Changed("datapath") {
		return usageError(cmd, fmt.Errorf("target %s has no choice of datapaths: add --target %s, or leave --datapath out", l.target, lab.OpenFlow))
	}
	return nil
}

// spec describes the lab of a cluster, with the machines that the flags add.
func (l *labInput) spec(p *ir.Program) (lab.Spec, error) {
	spec := lab.FromProgram(p, lab.Target(l.target))
	if l.datapath == kernelDatapath {
		spec.Datapath = lab.Kernel
	}
	for _, text := range l.hosts {
		name, list, _ := strings.Cut(text, "=")
		h := lab.Host{Name: name}
		for a := range strings.SplitSeq(list, ",") {
			addr, err := netip.ParseAddr(a)
			if err != nil {
				return spec, fmt.Errorf("--host %s: want NAME=ADDRESS[,ADDRESS]: %w", text, err)
			}
			h.Addrs = append(h.Addrs, addr)
		}
		spec.Hosts = append(spec.Hosts, h)
	}
	ports, err := parsePorts(l.ownPorts)
	for i := range spec.Nodes {
		spec.Nodes[i].Ports = ports
	}
	for i := range spec.Hosts {
		spec.Hosts[i].Ports = slices.Concat(spec.Hosts[i].Ports, ports)
	}
	return spec, err
}

// generate is inputs.generate for an input that need not have pods, nodes, placements or addresses.
func (l *labInput) generate(cmd *cobra.Command) (*generation, error) {
	report := &diag.Report{}
	objects, err := l.input.read(cmd, report)
	if err != nil {
		return nil, err
	}
	options, err := l.input.cluster.complete(compiler.Options{}, report)
	if err != nil {
		return nil, err
	}
	objects, added := cluster.Complete(objects)
	g, err := generate(objects, l.target, options, report)
	if err != nil {
		return nil, err
	}
	if err := l.input.diagnostics.report(cmd.ErrOrStderr(), report); err != nil {
		return nil, err
	}
	if !added.IsZero() {
		fmt.Fprintf(cmd.ErrOrStderr(), "completed the input: %s\n", addedText(added))
	}
	return g, nil
}

func addedText(a cluster.Added) string {
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{a.Nodes, "node"}, {a.Namespaces, "namespace"}, {a.Pods, "pod"}, {a.Placements, "placement"}, {a.Addresses, "address"}} {
		switch {
		case c.n > 1 && c.noun == "address":
			parts = append(parts, fmt.Sprintf("%d addresses", c.n))
		case c.n > 0:
			parts = append(parts, plural(c.n, c.noun))
		}
	}
	return strings.Join(parts, ", ")
}

// describe counts what an artifact holds, in its target's words.
func describe(a artifact.Artifact) string {
	if a.Target == string(lab.OpenFlow) {
		return plural(len(a.Objects), "flow")
	}
	chains, sets, rules, elements := 0, 0, 0, 0
	for _, o := range a.Objects {
		switch {
		case o.Ordered:
			chains, rules = chains+1, rules+len(o.Items)
		case len(o.Items) > 0:
			sets, elements = sets+1, elements+len(o.Items)
		}
	}
	return fmt.Sprintf("%s, %s, %s, %s", plural(rules, "rule"), plural(chains, "chain"), plural(sets, "set"), plural(elements, "element"))
}

// takeDown ends a lab although the command's own context may have ended.
func takeDown(ctx context.Context, l *lab.Lab) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return l.Down(ctx)
}

// newLabUp brings a lab up and leaves it.
func newLabUp() *cobra.Command {
	var in labInput
	var with clusterLab
	var ports []string
	var bare bool
	cmd := &cobra.Command{
		Use:     "up [NAME]",
		Short:   "Build a lab, load the rules, and leave it running",
		Long:    labUpLong,
		Args:    cobra.MaximumNArgs(1),
		Example: labUpExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(in.check(cmd), with.check(cmd)); err != nil {
				return err
			}
			if with.on {
				return with.up(cmd, strings.Join(args, ""), &in, bare)
			}
			g, err := in.generate(cmd)
			if err != nil {
				return err
			}
			opened, err := parsePorts(ports)
			if err != nil {
				return err
			}
			spec, err := in.spec(g.result.Program)
			if err != nil {
				return err
			}
			spec.Name = strings.Join(args, "")
			l, err := lab.Up(cmd.Context(), spec, lab.Options{Detach: true, Ports: opened})
			if err != nil {
				return err
			}
			if bare {
				g.result.Placed = nil
			}
			_, err = enforce.LoadNamed(cmd.Context(), l, g.result.Program, g.result.Placed...)
			if err == nil && !bare {
				err = keepProgram(l, g.result.Program)
			}
			if err != nil {
				return errors.Join(err, takeDown(cmd.Context(), l))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n", l.Name())
			return nil
		},
	}
	in.flags(cmd)
	portsFlag(cmd, &ports)
	cmd.Flags().BoolVar(&bare, "no-rules", false, "load nothing, and run no agents")
	with.flags(cmd)
	return cmd
}

func newLabApply() *cobra.Command {
	var in inputs
	cmd := &cobra.Command{
		Use:   "apply NAME",
		Short: "Load the rules of another input into a running lab",
		Long: `Apply compiles the input and loads it into a lab that is up. The lab's nodes and pods stay as they are; the input should
describe the same ones.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lab.Attach(args[0])
			if err != nil {
				return err
			}
			from := labInput{input: in, target: string(l.Spec().Target)}
			g, err := from.generate(cmd)
			if err != nil {
				return err
			}
			loaded, err := enforce.LoadNamed(cmd.Context(), l, g.result.Program, g.result.Placed...)
			for _, n := range loaded {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", n.Node, n.Summary)
			}
			if err != nil {
				return err
			}
			return keepProgram(l, g.result.Program)
		},
	}
	in.flags(cmd)
	return cmd
}

func newLabDown() *cobra.Command {
	return &cobra.Command{
		Use:   "down NAME...",
		Short: "End labs",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var errs []error
			for _, name := range args {
				l, err := lab.Attach(name)
				if err == nil {
					err = l.Down(cmd.Context())
				}
				if err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", name, err))
				}
			}
			return errors.Join(errs...)
		},
	}
}

func newLabList() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the labs that are running",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			labs, err := lab.List()
			if err != nil {
				return err
			}
			if labs == nil {
				labs = []lab.Info{}
			}
			return out.write(cmd.OutOrStdout(), labs, func() string {
				var b strings.Builder
				for _, l := range labs {
					fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", l.Name, l.Target, plural(l.Nodes, "node"), plural(l.Pods, "pod"))
				}
				return b.String()
			})
		},
	}
	out.flags(cmd, "text", "json", "yaml")
	return cmd
}

func newLabExec() *cobra.Command {
	return &cobra.Command{
		Use:   "exec NAME PLACE -- COMMAND [ARGUMENT...]",
		Short: "Run a program in a lab, at node/NAME, pod/NAMESPACE/NAME or host/NAME",
		Args:  cobra.MinimumNArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lab.Attach(args[0])
			if err != nil {
				return err
			}
			status, err := l.Exec(cmd.Context(), args[1], args[2:],
				lab.Stdio{In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr()})
			if err != nil {
				return err
			}
			if status != 0 {
				return &exit{code: status}
			}
			return nil
		},
	}
}

func newLabProbe() *cobra.Command {
	var o reachOptions
	var pair labPair
	cmd := &cobra.Command{
		Use:   "probe NAME",
		Short: "Send packets between all pods of a lab, or two places, and print who reached whom",
		Long: `Probe sends real packets, and prints what became of them in the form of 'headgate reach'.

With --from and --to it sends from one place to another: pod/NAMESPACE/NAME, node/NAME, host/NAME for a machine outside the cluster,
or as destination any address.

With --to service/NAMESPACE/NAME:PORT it dials the Service's cluster addresses, from every pod or from the place of --from, and prints
what became of that in the form of 'headgate reach --to'. PORT is a number, PROTOCOL/NUMBER or the port's name; without it all ports
are dialled.`,
		Example: `    headgate lab probe shop --port TCP/80
    headgate lab probe shop --to service/shop/api:http
    headgate lab probe shop --from host/client --to node/node-1 --port TCP/22`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lab.Attach(args[0])
			if err != nil {
				return err
			}
			switch {
			case strings.HasPrefix(pair.to, servicePrefix):
				return o.probeService(cmd, l, pair)
			case pair.to != "" && pair.from == "":
				return usageError(cmd, errors.New("--to needs --from, unless it is a Service"))
			case pair.from != "" && pair.to == "":
				return usageError(cmd, errors.New("--from needs --to"))
			case pair.from != "":
				return o.probePair(cmd, l, pair)
			}
			m, err := o.probe(cmd, l)
			if err != nil {
				return err
			}
			return o.print(cmd, labGrid(m).View())
		},
	}
	o.out.flags(cmd, "text", "json", "yaml")
	enumFlag(cmd, &o.input.diagnostics.color, "color", "", "when to use colours; NO_COLOR is honoured", "auto", "always", "never")
	o.selection(cmd)
	cmd.Flags().StringVar(&pair.from, "from", "", "place that sends; with --to")
	cmd.Flags().StringVar(&pair.to, "to", "", "place or address to send to, with --from, or Service")
	return cmd
}

// probe sends the packets that the selection asks for; without --port on the ports that the lab's pods declare.
func (o *reachOptions) probe(cmd *cobra.Command, l *lab.Lab) (*lab.Matrix, error) {
	ports, err := parsePorts(o.ports)
	if err != nil {
		return nil, err
	}
	if len(ports) == 0 {
		ports = declaredInLab(l.Spec())
	}
	req := lab.MatrixRequest{Ports: ports}
	if cmd.Flags().Changed("source-port") {
		req.SourcePort = o.sourcePort
	}
	switch o.family {
	case "ipv4":
		req.Families = []int{4}
	case "ipv6":
		req.Families = []int{6}
	}
	return l.Matrix(cmd.Context(), req)
}

func declaredInLab(spec *lab.Spec) []lab.Port {
	var ports []lab.Port
	for i := range spec.Pods {
		ports = append(ports, spec.Pods[i].Ports...)
	}
	slices.SortFunc(ports, lab.Port.Compare)
	if len(ports) == 0 {
		return []lab.Port{{Proto: lab.TCP, Port: 80}}
	}
	return slices.Compact(ports)
}

// labGrid is the matrix of a lab in the form that is printed and compared.
func labGrid(m *lab.Matrix) grid.Grid { return grid.Of(m.Pods, m.Ports) }

// progress says what is going on, to people only.
func progress(cmd *cobra.Command, format string, args ...any) {
	if w := cmd.ErrOrStderr(); isTerminal(w) {
		fmt.Fprintf(w, format+"\n", args...)
	}
}
