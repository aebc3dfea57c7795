package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/headgate-net/headgate/internal/diag"
)

// states collects what describes one state: it is read once for an answer.
type states struct {
	m *Metrics
	descriptions
}

// descriptions are what there is to say about each of the metrics.
type descriptions struct {
	objects, number, generation, addresses, known, nodes, findings *prometheus.Desc
}

func newDescriptions() descriptions {
	return descriptions{
		objects: prometheus.NewDesc("headgate_dataplane_objects",
			"Things that this node's dataplanes were given, by the target and its word for them; without what is learned from packets.", []string{"target", "kind"}, nil),
		number: prometheus.NewDesc("headgate_generation", "The number of the generation that is in force, which each node counts for itself, also over restarts.", nil, nil),
		generation: prometheus.NewDesc("headgate_generation_info",
			"The generation that is in force: the SHA-256 of what a target's dataplane was given; the value is 1.", []string{"target", "hash"}, nil),
		addresses: prometheus.NewDesc("headgate_egress_addresses", "Addresses outside the cluster that this node holds, for Egresses and Services.", nil, nil),
		known:     prometheus.NewDesc("headgate_dns_names", "DNS names of rules of which addresses are known.", nil, nil),
		nodes:     prometheus.NewDesc("headgate_nodes", "Nodes that are alive, this one included, and nodes that are missed.", []string{"state"}, nil),
		findings:  prometheus.NewDesc("headgate_findings", "What there is to say of what is declared, by severity, as of the last time that it was logged.", []string{"severity"}, nil),
	}
}

// Describe lists what Collect gives.
func (s *states) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.objects, s.number, s.generation, s.addresses, s.known, s.nodes, s.findings} {
		to <- d
	}
}

// Collect gives the state of now.
func (s *states) Collect(to chan<- prometheus.Metric) {
	give := func(d *prometheus.Desc, value int, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
	}
	if now := s.m.now.Load(); now != nil {
		for _, plane := range now.planes {
			give(s.generation, 1, plane.target, plane.hash)
			for _, c := range plane.counts {
				give(s.objects, c.Count, plane.target, c.Kind)
			}
		}
		give(s.number, int(now.number))
		give(s.addresses, now.addresses)
	}
	if s.m.options.Names != nil {
		give(s.known, s.m.options.Names().Names)
	}
	if s.m.watchesNodes.Load() {
		give(s.nodes, int(s.m.alive.Load()), "alive")
		give(s.nodes, int(s.m.missed.Load()), "missed")
	}
	if s.m.hasFindings.Load() {
		for i := range s.m.findings {
			give(s.findings, int(s.m.findings[i].Load()), diag.Severity(i).String())
		}
	}
}
