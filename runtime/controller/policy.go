package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// The phases of Antrea's policies. What is Pending there, because nobody has looked at it yet, has no status here.
const (
	phaseRealizing = "Realizing"
	phaseRealized  = "Realized"
	phaseFailed    = "Failed"
)

// The conditions of policies. The first is Antrea's.
const (
	conditionFailure  = "RealizationFailure"
	conditionAccepted = "Accepted"
	conditionRealized = "Realized"
)

// progress is how far nodes are with a policy.
type progress struct {
	generation       int64
	current, desired int
	missing          []string // nodes that do not enforce it yet
	refusal          *Refusal // why it is not in force as it is, somewhere at least; nil: it is not refused
}

// progressOf finds that. The caller holds the lock.
func (c *Controller) progressOf(r *record, p *Policy, refusal *Refusal) progress {
	out := progress{generation: r.generation, refusal: refusal}
	if p == nil {
		return out
	}
	out.desired = len(p.Nodes)
	resource, _, _ := strings.Cut(r.document, "/")
	for _, name := range p.Nodes {
		says := c.nodes[name]
		switch {
		case says == nil || says.Status.Generation == 0 || r.since != "" && !says.Status.Includes(resource, r.since):
			out.missing = append(out.missing, name)
		case refusal != nil:
		default:
			out.judge(r, says)
		}
	}
	return out
}

// judge counts a node that has seen the policy.
func (p *progress) judge(r *record, says *nodestatus.NodeStatus) {
	no := says.Status.RejectionOf(r.kind+"."+r.at.Group, r.object.namespace, r.object.name)
	if no == nil {
		p.current++
		return
	}
	p.missing = append(p.missing, says.Name)
	if p.refusal == nil {
		p.refusal = refusalBy(r, no)
	}
}

// refusalBy is what a node says of an object.
func refusalBy(r *record, no *nodestatus.Rejected) *Refusal {
	return &Refusal{Document: r.document, Code: no.Code, Message: no.Message, Field: no.Field}
}

// phase is the policy's.
func (p *progress) phase() string {
	switch {
	case p.refusal != nil:
		return phaseFailed
	case p.current == p.desired:
		return phaseRealized
	}
	return phaseRealizing
}

// counted says how far it is.
func (p *progress) counted() string {
	text := fmt.Sprintf("%d of %d nodes enforce it", p.current, p.desired)
	switch {
	case p.desired == 0:
		text = "it applies to nothing"
	case p.current < p.desired && p.refusal == nil:
		const shown = 5
		names := slices.Clone(p.missing[:min(shown, len(p.missing))])
		if more := len(p.missing) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("and %d more", more))
		}
		text += "; it is awaited of " + strings.Join(names, ", ")
	}
	return text
}

// phases is the status of Antrea's policies.
func (p *progress) phases() map[string]any {
	failure := condition{conditionFailure, "False", p.phase(), "", 0}
	if p.refusal != nil {
		failure.status, failure.reason, failure.message = "True", p.refusal.Code, p.refusal.text()
	}
	return map[string]any{"phase": p.phase(), "observedGeneration": p.generation, "currentNodesRealized": int64(p.current),
		"desiredNodesRealized": int64(p.desired), "conditions": []any{failure.object()}}
}

// conditions is the status of the policies of policy.networking.k8s.io.
func (p *progress) conditions() map[string]any {
	accepted := condition{conditionAccepted, "True", "Accepted", "it has no errors", p.generation}
	realized := condition{conditionRealized, "False", p.phase(), p.counted(), p.generation}
	switch p.phase() {
	case phaseFailed:
		accepted.status, accepted.reason, accepted.message = "False", p.refusal.Code, p.refusal.text()
		realized.reason = "Rejected"
	case phaseRealized:
		realized.status = "True"
	}
	return map[string]any{"conditions": []any{accepted.object(), realized.object()}}
}

// text is what there is to say of a refusal.
func (r *Refusal) text() string {
	out := r.Message
	if r.Field != "" {
		out += " (" + r.Field + ")"
	}
	if r.Hint != "" {
		out += "; hint: " + r.Hint
	}
	return out
}
