package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
	"github.com/headgate-net/headgate/runtime/lab"
)

// labDials are the dials of clients to the cluster addresses of Services in a lab, and what should become of them.
type labDials struct {
	program *ir.Program
	want    *reach.Clients
	cells   []*dialCell // of all tables, in order
	outside int         // ports that are left out
}

// dialCell is one client and one port of a Service.
type dialCell struct {
	port     reach.ServicePort
	from     string
	want     string
	requests []lab.ProbeRequest // one for each address of the Service that the client has a family for
	got      string
}

// dialDifference is a client that meets something else than it should.
type dialDifference struct {
	From    string `json:"from"`
	Service string `json:"service"`
	Port    string `json:"port"`
	Got     string `json:"got"`
	Want    string `json:"want"`
}

// String gives "TCP/80 shop/web -> service/shop/db: got allow, want drop".
func (d dialDifference) String() string {
	return fmt.Sprintf("%s %s -> service/%s: got %s, want %s", d.Port, d.From, d.Service, d.Got, d.Want)
}

// newLabDials plans dials of some clients to some ports. In a lab only its pods answer: a port with another backend is left out. So is
// what Open vSwitch does not serve: ports of SCTP, of which the compiler has warned.
func newLabDials(target lab.Target, p *ir.Program, from []reach.Client, to []reach.ServicePort, o reach.Options) *labDials {
	answers := map[netip.Addr]bool{}
	addrs := map[string][]netip.Addr{}
	for _, pod := range p.Pods() {
		addrs[pod.String()] = pod.Addrs
		for _, a := range pod.Addrs {
			answers[a] = true
		}
	}
	for _, n := range p.Nodes {
		addrs["node/"+n.Name] = n.Addrs
	}
	isAnswered := func(sp reach.ServicePort) bool {
		isServed := target != lab.OpenFlow || sp.Port.Proto != ir.ProtoSCTP
		return isServed && !slices.ContainsFunc(sp.Port.Backends, func(b ir.Backend) bool { return !answers[b.Addr] })
	}
	d := &labDials{program: p}
	var dialled []reach.ServicePort
	for _, sp := range to {
		if isAnswered(sp) {
			dialled = append(dialled, sp)
		}
	}
	d.outside = len(to) - len(dialled)
	d.want = reach.ComputeClients(p, from, dialled, o)
	for _, t := range d.want.Tables {
		for i, name := range d.want.Names {
			d.cells = append(d.cells, &dialCell{port: t.ServicePort, from: name, want: t.Cells[i].String(), requests: dialsOf(t.ServicePort, name, addrs[name], o.Families)})
		}
	}
	return d
}

// dialsOf lists the probes of one client to the cluster addresses of a port, of some families; nil: of both.
func dialsOf(sp reach.ServicePort, name string, own []netip.Addr, families []ir.Family) []lab.ProbeRequest {
	where := name
	if !strings.HasPrefix(name, "node/") {
		where = "pod/" + name
	}
	var out []lab.ProbeRequest
	for _, a := range sp.Service.ClusterIPs {
		f := ir.FamilyOf(a)
		has := slices.ContainsFunc(own, func(o netip.Addr) bool { return ir.FamilyOf(o) == f })
		if has && (families == nil || slices.Contains(families, f)) {
			out = append(out, lab.ProbeRequest{From: where, To: a, Port: labPort(sp.Port.Proto, sp.Port.Port)})
		}
	}
	return out
}

func labPort(proto ir.Proto, port uint16) lab.Port {
	return lab.Port{Proto: lab.Proto(strings.ToUpper(proto.String())), Port: port}
}

// How often a client dials an address: a few times where all backends are treated alike; otherwise so often that it gets each backend;
// and again, more often, where something else becomes of it than should, for a busy machine may lose a packet.
const (
	fewDials   = 3
	moreDials  = 20
	perBackend = 10
	mostDials  = 200
)

func (c *dialCell) often() int {
	if c.want != reach.Mixed.String() {
		return fewDials
	}
	return min(max(perBackend*len(c.port.Port.Backends), moreDials), mostDials)
}

// run dials, and finds what becomes of each cell.
func (d *labDials) run(ctx context.Context, l *lab.Lab) error {
	var open []lab.Port
	for _, t := range d.want.Tables {
		for _, b := range t.Port.Backends {
			open = append(open, labPort(t.Port.Proto, b.Port))
		}
	}
	slices.SortFunc(open, lab.Port.Compare)
	if err := l.Open(ctx, slices.Compact(open)); err != nil {
		return err
	}
	if err := dialEach(ctx, l, d.cells, (*dialCell).often); err != nil {
		return err
	}
	var again []*dialCell
	for _, c := range d.cells {
		if c.got != c.want {
			again = append(again, c)
		}
	}
	return dialEach(ctx, l, again, func(c *dialCell) int { return max(c.often(), moreDials) })
}

// dialEach has each cell dialled so often, and notes what became of it.
func dialEach(ctx context.Context, l *lab.Lab, cells []*dialCell, often func(*dialCell) int) error {
	var probes []lab.ProbeRequest
	for _, c := range cells {
		for _, r := range c.requests {
			probes = append(probes, slices.Repeat([]lab.ProbeRequest{r}, often(c))...)
		}
	}
	if len(probes) == 0 {
		return nil
	}
	results, err := l.Probe(ctx, probes)
	if err != nil {
		return err
	}
	for _, c := range cells {
		n := often(c) * len(c.requests)
		c.got = c.becomesOf(results[:n])
		results = results[n:]
	}
	return nil
}

// becomesOf gives a cell's word. A connection attempt that is dropped is made again, and may be sent to another backend then: if that
// happens often, backends differ. A client that gets no backend is refused, or not answered where only backends of other nodes are there.
func (c *dialCell) becomesOf(results []lab.ProbeResult) string {
	var atOnce, late, silent, refused int
	for _, r := range results {
		switch {
		case r.Verdict == lab.Drop:
			silent++
		case r.Verdict == lab.Reject:
			refused++
		case r.Verdict != lab.Allow:
			return string(r.Verdict)
		case r.Attempts == 1:
			atOnce++
		default:
			late++
		}
	}
	n := len(results)
	switch none := reach.None.String(); {
	case n == 0, c.want == none && silent+refused == n:
		return none
	case refused == n:
		return reach.Reject.String()
	case silent == n:
		return reach.Drop.String()
	case silent+refused == 0 && late <= n/4:
		return reach.Allow.String()
	}
	return reach.Mixed.String()
}

// differences lists the cells that are not as they should be.
func (d *labDials) differences() []dialDifference {
	out := []dialDifference{}
	for _, c := range d.cells {
		if c.got != c.want {
			out = append(out, dialDifference{c.from, c.port.Service.String(), labPort(c.port.Port.Proto, c.port.Port.Port).String(), c.got, c.want})
		}
	}
	return out
}

// report gives what was met in the form of 'headgate reach --to'.
func (d *labDials) report() *clientsReport {
	r := reportOf(d.want)
	cells := d.cells
	for i := range r.Services {
		for j := range r.Services[i].Clients {
			r.Services[i].Clients[j].Verdict = cells[0].got
			cells = cells[1:]
		}
	}
	return r
}

// programFile has, in a lab's state directory, the program whose rules were loaded last.
const programFile = "program"

// keepProgram writes down what a lab's rules were made of, for 'headgate lab probe'.
func keepProgram(l *lab.Lab, p *ir.Program) error {
	return os.WriteFile(filepath.Join(l.Dir(), programFile), []byte(p.String()), 0o600)
}

// keptProgram reads it.
func keptProgram(l *lab.Lab) (*ir.Program, error) {
	text, err := os.ReadFile(filepath.Join(l.Dir(), programFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("lab %s has no Services: no rules were loaded by 'headgate lab up' or 'headgate lab apply'", l.Name())
	case err != nil:
		return nil, err
	}
	return ir.ParseProgram(string(text))
}

// probeService dials a Service from one place of a lab, or from every pod, and prints what became of it.
func (o *reachOptions) probeService(cmd *cobra.Command, l *lab.Lab, pair labPair) error {
	p, err := keptProgram(l)
	if err != nil {
		return err
	}
	to, err := portsIn(p, pair.to)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	from := reach.PodClients(p)
	if pair.from != "" {
		if from, err = clientOf(p, pair.from); err != nil {
			return fmt.Errorf("--from: %w", err)
		}
	}
	d := newLabDials(l.Spec().Target, p, from, to, reach.Options{Families: o.families()})
	if d.outside > 0 {
		return fmt.Errorf("--to: nobody in the lab would answer for %s: a backend is no pod of it, or its nodes do not serve SCTP", pair.to)
	}
	if err := d.run(cmd.Context(), l); err != nil {
		return err
	}
	report := d.report()
	return o.out.write(cmd.OutOrStdout(), report, func() string {
		return report.text(newPalette(o.input.diagnostics.color, cmd.OutOrStdout()))
	})
}

// portsIn reads service/NAMESPACE/NAME:PORT, or without a port all that there are, of Services with cluster addresses.
func portsIn(p *ir.Program, text string) ([]reach.ServicePort, error) {
	name, port, hasPort := strings.Cut(strings.TrimPrefix(text, servicePrefix), ":")
	at := slices.IndexFunc(p.Services, func(s *ir.Service) bool { return s.String() == name && len(s.ClusterIPs) > 0 })
	if at < 0 {
		return nil, fmt.Errorf("the lab's nodes serve no Service %s with a cluster address; want service/NAMESPACE/NAME:PORT", name)
	}
	s := p.Services[at]
	if hasPort {
		found, err := findPort(s, port)
		return []reach.ServicePort{{Service: s, Port: found}}, err
	}
	var out []reach.ServicePort
	for i := range s.Ports {
		out = append(out, reach.ServicePort{Service: s, Port: &s.Ports[i]})
	}
	return out, nil
}

// clientOf reads pod/NAMESPACE/NAME or node/NAME.
func clientOf(p *ir.Program, text string) ([]reach.Client, error) {
	found, err := place.Find(p, strings.TrimPrefix(text, "pod/"), "")
	switch {
	case err != nil:
		return nil, err
	case found.Endpoint != nil && found.Endpoint.Kind == ir.PodEndpoint:
		return []reach.Client{reach.PodClient(p, found.Endpoint)}, nil
	case found.Node != nil:
		return []reach.Client{reach.NodeClient(found.Node)}, nil
	}
	return nil, fmt.Errorf("%s is no pod or node, and dials no cluster address: use an external address or a node port of the Service as --to", text)
}
