package flatten

import (
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// healthChecks lists what a node tells load balancers of Services, in order. Few Services have a port for that, so all are looked at
// each time.
func healthChecks(node *ir.Node, services []*ir.Service) []ir.HealthCheck {
	var out []ir.HealthCheck
	for _, s := range services {
		if s.HealthPort != 0 {
			out = append(out, s.HealthOn(node)...)
		}
	}
	slices.SortFunc(out, func(a, b ir.HealthCheck) int { return a.Compare(&b) })
	return out
}
