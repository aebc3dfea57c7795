package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/runtime/lab"
)

// labPair is two places of a lab; the destination may be an address.
type labPair struct{ from, to string }

// pairResult is what became of one probe, as printed.
type pairResult struct {
	From string     `json:"from"`
	To   netip.Addr `json:"to"`
	Port string     `json:"port"`
	lab.ProbeResult
}

// probePair sends one probe for each port and each address of the destination whose family both places have.
func (o *reachOptions) probePair(cmd *cobra.Command, l *lab.Lab, pair labPair) error {
	ports, err := parsePorts(o.ports)
	if err != nil {
		return err
	}
	if len(ports) == 0 {
		ports = []lab.Port{{Proto: lab.TCP, Port: 80}}
	}
	to, err := pair.destinations(l.Spec(), o.family)
	if err != nil {
		return err
	}
	var probes []lab.ProbeRequest
	for _, port := range ports {
		for _, a := range to {
			probe := lab.ProbeRequest{From: pair.from, To: a, Port: port}
			if cmd.Flags().Changed("source-port") {
				probe.SourcePort = o.sourcePort
			}
			probes = append(probes, probe)
		}
	}
	got, err := l.Probe(cmd.Context(), probes)
	if err != nil {
		return err
	}
	results := make([]pairResult, len(got))
	for i, r := range got {
		results[i] = pairResult{probes[i].From, probes[i].To, probes[i].Port.String(), r}
	}
	return o.out.write(cmd.OutOrStdout(), map[string]any{"probes": results}, func() string {
		var b strings.Builder
		for _, r := range results {
			fmt.Fprintf(&b, "%-6s  %s -> %s %s%s\n", r.Verdict, r.From, r.To, r.Port, r.detail())
		}
		return b.String()
	})
}

// detail gives who answered, or how it was refused.
func (r *pairResult) detail() string {
	switch {
	case r.Responder != "":
		return "  answered by " + r.Responder
	case r.Detail != "":
		return "  " + r.Detail
	}
	return ""
}

// destinations lists the addresses to send to.
func (p *labPair) destinations(spec *lab.Spec, family string) ([]netip.Addr, error) {
	from, err := spec.Addrs(p.from)
	if err != nil {
		return nil, err
	}
	to := []netip.Addr{}
	if a, err := netip.ParseAddr(p.to); err == nil {
		to = append(to, a.Unmap())
	} else if to, err = spec.Addrs(p.to); err != nil {
		return nil, err
	}
	has := map[bool]bool{}
	for _, a := range from {
		has[a.Is4()] = true
	}
	var out []netip.Addr
	for _, a := range to {
		if wanted := family == "all" || a.Is4() == (family == "ipv4"); wanted && has[a.Is4()] {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s and %s have no address family in common", p.from, p.to)
	}
	return out, nil
}
