package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
)

// clientsReport is what reach --to prints.
type clientsReport struct {
	Services []clientsTable `json:"services"`
}

// clientsTable is about one port of a Service.
type clientsTable struct {
	Service   string       `json:"service"`
	Port      string       `json:"port"` // "TCP/80"
	Name      string       `json:"name,omitempty"`
	Addresses []string     `json:"addresses"`
	Backends  int          `json:"backends"`
	Declared  rule         `json:"declared"`
	Clients   []clientWord `json:"clients"`
}

type clientWord struct {
	From    string `json:"from"`
	Verdict string `json:"verdict"`
}

// toService judges who reaches the Service of --to.
func (o *reachOptions) toService(cmd *cobra.Command, in *evalInput) error {
	ports, err := in.servicePorts(o.to, o.input.namespace)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	from, err := o.clients(in)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	got := reach.ComputeClients(in.program, from, ports, reach.Options{Families: o.families(), SourcePort: o.sourcePort})
	report := reportOf(got)
	return o.out.write(cmd.OutOrStdout(), report, func() string {
		return report.text(newPalette(o.input.diagnostics.color, cmd.OutOrStdout()))
	})
}

// servicePorts reads service/NAMESPACE/NAME:PORT, or without a port all that there are.
func (in *evalInput) servicePorts(text, namespace string) ([]reach.ServicePort, error) {
	rest, isService := strings.CutPrefix(text, servicePrefix)
	if !isService {
		return nil, errors.New("want service/NAMESPACE/NAME:PORT; 'headgate eval' judges packets to other places")
	}
	name, port, hasPort := strings.Cut(rest, ":")
	s, err := in.service(name, namespace)
	if err != nil {
		return nil, err
	}
	if hasPort {
		p, err := findPort(s, port)
		return []reach.ServicePort{{Service: s, Port: p}}, err
	}
	var out []reach.ServicePort
	for i := range s.Ports {
		out = append(out, reach.ServicePort{Service: s, Port: &s.Ports[i]})
	}
	return out, nil
}

// clients are those of --from, or every pod.
func (o *reachOptions) clients(in *evalInput) ([]reach.Client, error) {
	if len(o.from) == 0 {
		return reach.PodClients(in.program), nil
	}
	var out []reach.Client
	for _, text := range o.from {
		p, err := place.Find(in.program, text, o.input.namespace)
		switch {
		case err != nil:
			return nil, err
		case p.Endpoint != nil && p.Endpoint.Kind == ir.PodEndpoint:
			out = append(out, reach.PodClient(in.program, p.Endpoint))
		case p.Node != nil:
			out = append(out, reach.NodeClient(p.Node))
		default:
			return nil, fmt.Errorf("%s is outside the cluster, and dials no cluster address: ask 'headgate eval --from %s --to node/NODE' about a node port, "+
				"or --to an external address", text, text)
		}
	}
	return out, nil
}

func reportOf(c *reach.Clients) *clientsReport {
	r := &clientsReport{}
	for _, t := range c.Tables {
		s, p := t.Service, t.Port
		table := clientsTable{Service: s.String(), Port: reach.Port{Proto: p.Proto, Port: p.Port}.String(), Name: p.Name,
			Backends: len(p.Backends), Declared: ruleOf(&s.Origin), Clients: []clientWord{}}
		for _, a := range s.ClusterIPs {
			table.Addresses = append(table.Addresses, a.String())
		}
		for i, w := range t.Cells {
			table.Clients = append(table.Clients, clientWord{c.Names[i], w.String()})
		}
		r.Services = append(r.Services, table)
	}
	return r
}

// text prints a line for each client, beneath what is dialled.
func (r *clientsReport) text(colors palette) string {
	var b strings.Builder
	for i, t := range r.Services {
		if i > 0 {
			b.WriteByte('\n')
		}
		port := t.Port
		if t.Name != "" {
			port = t.Name + " (" + port + ")"
		}
		fmt.Fprintf(&b, "# to service/%s port %s at %s, %s; %s\n", t.Service, port, strings.Join(t.Addresses, ", "), plural(t.Backends, "backend"), t.Declared)
		for _, c := range t.Clients {
			fmt.Fprintf(&b, "%s  %s\n", paintedWord(colors, c.Verdict), c.From)
		}
	}
	return b.String()
}
