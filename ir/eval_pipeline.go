package ir

import (
	"net/netip"
	"slices"
)

// PipelineEvaluator judges packets by a Pipeline. A Pipeline for the whole cluster judges both sides of a packet; one that was
// placed on a node judges only the sides whose endpoint is local, and lets the rest pass as not an endpoint. It is immutable
// and safe for concurrent use; the Pipeline must not change while it is in use.
type PipelineEvaluator struct {
	world
	pipeline *Pipeline
	index    map[*Endpoint]int // in Pipeline.Endpoints
}

// Evaluator indexes the Pipeline's endpoints by address.
func (p *Pipeline) Evaluator() *PipelineEvaluator {
	e := &PipelineEvaluator{newWorld(p.Nodes, p.Endpoints), p, make(map[*Endpoint]int, len(p.Endpoints))}
	for i, ep := range p.Endpoints {
		e.index[ep] = i
	}
	return e
}

// Eval judges one packet. It indexes the Pipeline first: for more than one packet, keep an Evaluator.
func (p *Pipeline) Eval(pkt Packet) Verdict { return p.Evaluator().Eval(pkt) }

// Eval judges one packet, in time that grows with the length of the rule lists of its two endpoints only.
func (e *PipelineEvaluator) Eval(p Packet) Verdict { return evalBoth(p, e) }

// Decide judges one direction alone, whatever the other one says.
func (e *PipelineEvaluator) Decide(d Direction, p Packet) Decision { return e.world.decide(d, p, e) }

// Enter judges a connection to a node port by the policies for its Service; false: there are none, or the Pipeline was placed on
// another node than the one that was dialled.
func (e *PipelineEvaluator) Enter(p Packet) (Decision, bool) {
	if at := e.nodeAt[p.Dialled.Addr().Unmap()]; at == nil || e.pipeline.Node != "" && e.pipeline.Node != at.Name {
		return Decision{}, false
	}
	return e.world.enter(p, e)
}

// judge goes through the rule list of each phase. The first rule that matches decides; Pass, and a miss, go on to the next
// phase; after the last one traffic is allowed.
func (e *PipelineEvaluator) judge(d Direction, ep *Endpoint, p Packet) Decision {
	decision := Decision{Direction: d, Endpoint: ep, Reason: ReasonNoPolicy}
	for _, phase := range Phases() {
		classifier := e.pipeline.Classifier(d, phase)
		id := classifier.Assign[e.index[ep]]
		if id == NoList {
			continue
		}
		decision.Reason = ReasonDefault
		rules := classifier.Lists[id].Rules
		i := slices.IndexFunc(rules, func(r Rule) bool { return e.pipeline.Matches(&r, d, p) })
		if i >= 0 {
			decision.log(rules[i].Logging)
		}
		if i >= 0 && rules[i].Action != Pass {
			decision.Phase, decision.Action, decision.Origins, decision.Reason = phase, rules[i].Action, rules[i].Origins, ""
			return decision
		}
	}
	return decision
}

// Matches reports whether one of the Pipeline's rules matches a packet of which its endpoint is the direction's side.
func (p *Pipeline) Matches(r *Rule, d Direction, pkt Packet) bool {
	if !r.L4.Matches(pkt.Proto, pkt.SrcPort, pkt.DstPort) {
		return false
	}
	return r.AnyPeer || slices.ContainsFunc(r.Peers, func(id SetID) bool { return p.Sets[id].Has(d, pkt) })
}

// NodesEvaluator judges packets from end to end by the Pipelines that were placed on the nodes of a cluster: egress on the
// source's node, then ingress on the destination's. Sides that are an endpoint of no given Pipeline pass.
type NodesEvaluator struct {
	byAddr   map[netip.Addr]*PipelineEvaluator
	byNode   map[string]*PipelineEvaluator
	stranger *PipelineEvaluator // of a node without endpoints
}

// NewNodesEvaluator indexes the Pipelines of the nodes, in any order, one for each node.
func NewNodesEvaluator(placed ...*Pipeline) *NodesEvaluator {
	n := &NodesEvaluator{map[netip.Addr]*PipelineEvaluator{}, map[string]*PipelineEvaluator{}, (&Pipeline{}).Evaluator()}
	for _, p := range placed {
		e := p.Evaluator()
		n.byNode[p.Node] = e
		for a := range e.world.endpoints {
			n.byAddr[a] = e
		}
	}
	return n
}

// Eval judges one packet.
func (n *NodesEvaluator) Eval(p Packet) Verdict { return evalBoth(p, n) }

// Decide judges one direction alone, by the Pipeline of the node on that side.
func (n *NodesEvaluator) Decide(d Direction, p Packet) Decision {
	e := n.byAddr[p.Subject(d).Unmap()]
	if e == nil {
		e = n.stranger
	}
	return e.Decide(d, p)
}

// Enter judges a connection to a node port by the Pipeline of the node that was dialled; false: it has no policies for it.
func (n *NodesEvaluator) Enter(p Packet) (Decision, bool) {
	for _, e := range n.byNode {
		if at := e.world.nodeAt[p.Dialled.Addr().Unmap()]; at != nil && n.byNode[at.Name] != nil {
			return n.byNode[at.Name].Enter(p)
		}
	}
	return Decision{}, false
}

// EvalNodes judges one packet from end to end by the Pipelines of the nodes. For more than one packet, keep a NodesEvaluator.
func EvalNodes(placed []*Pipeline, p Packet) Verdict { return NewNodesEvaluator(placed...).Eval(p) }
