package agent

import (
	"time"

	"github.com/headgate-net/headgate/ir"
)

// Meter is told what a Node does, so that it can be counted. Its methods return soon, and do not call the Node.
type Meter interface {
	// InForce says that Load has put a Pipeline in force, as which generation, what it did to each dataplane, and how long it took.
	InForce(g Generation, p *ir.Pipeline, results []Loaded, took time.Duration)
	// Failed says that Load could not, and after how long.
	Failed(took time.Duration)
	// Repaired says that what somebody else had changed in the dataplane of a target is again as it should be.
	Repaired(target string)
}

// measure tells the Meter what became of a Load.
func (n *Node) measure(p *ir.Pipeline, results []Loaded, took time.Duration, err error) {
	m := n.options.Meter
	switch {
	case m == nil:
	case err != nil:
		m.Failed(took)
	default:
		for _, r := range results {
			if r.Drifted {
				m.Repaired(r.Artifact.Target)
			}
		}
		m.InForce(n.Generation(), p, results, took)
	}
}
