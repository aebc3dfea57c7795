package main

import (
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/openflow"
)

// attended says what of a host's rules works only while an agent runs; "" if everything does without one.
func attended(target string, p *ir.Pipeline) string {
	var parts []string
	if target == openflow.TargetName && rejectsOfPods(p) {
		parts = append(parts, "rejects are answered")
	}
	if agent.HasNames(p) {
		parts = append(parts, "names are learned")
	}
	if agent.HasLogging(p) {
		parts = append(parts, "packets are logged")
	}
	if len(parts) == 0 {
		return ""
	}
	last := len(parts) - 1
	text := parts[last]
	if last > 0 {
		text = strings.Join(parts[:last], ", ") + " and " + text
	}
	return "note: only while 'headgate agent' runs, " + text
}

// rejectsOfPods reports whether packets to or from pods are rejected. For a node itself nftables does that.
func rejectsOfPods(p *ir.Pipeline) bool {
	for i, e := range p.Endpoints {
		if e.Kind == ir.PodEndpoint && rejects(p, i) {
			return true
		}
	}
	return false
}

func rejects(p *ir.Pipeline, endpoint int) bool {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			id := c.Assign[endpoint]
			if id == ir.NoList {
				continue
			}
			for _, r := range c.Lists[id].Rules {
				if r.Action == ir.Reject {
					return true
				}
			}
		}
	}
	return false
}
