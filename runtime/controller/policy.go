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

// reasonNotInForce is the reason of a failure that has no diagnostic: what a node is to enforce could not be put in force there.
const reasonNotInForce = nodestatus.ReasonNotInForce

// progress is how far nodes are with a policy.
type progress struct {
	generation       int64
	current, desired int
	missing          []string // nodes that do not enforce it yet
	failures         []string // those of them that cannot put in force what they are to enforce, and why
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
			out.miss(name, says)
		case refusal != nil:
		default:
			out.judge(r, says)
		}
	}
	return out
}

// miss notes a node that has not seen the policy as it is. One that can put nothing new in force will not, however long one waits.
func (p *progress) miss(name string, says *nodestatus.NodeStatus) {
	if says == nil || says.Status.Error == "" {
		p.missing = append(p.missing, name)
		return
	}
	const most = 200 // bytes
	why := says.Status.Error
	if len(why) > most {
		why = strings.ToValidUTF8(why[:most], "") + "..."
	}
	p.failures = append(p.failures, name+": "+why)
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
	case p.refusal != nil || len(p.failures) > 0:
		return phaseFailed
	case p.current == p.desired:
		return phaseRealized
	}
	return phaseRealizing
}

// counted says how far it is.
func (p *progress) counted() string {
	if p.desired == 0 {
		return "it applies to nothing"
	}
	text := fmt.Sprintf("%d of %d nodes enforce it", p.current, p.desired)
	if p.refusal != nil {
		return text
	}
	if len(p.missing) > 0 {
		text += "; it is awaited of " + some(p.missing, ", ")
	}
	return text + p.failed("; it cannot be put in force on ")
}

// failed says where it cannot be put in force, after an introduction; "" if there is no such node.
func (p *progress) failed(begin string) string {
	if len(p.failures) == 0 {
		return ""
	}
	return begin + some(p.failures, "; ")
}

// some joins a list's first elements, and says how many more there are.
func some(list []string, separator string) string {
	const shown = 5
	out := slices.Clone(list[:min(shown, len(list))])
	if more := len(list) - len(out); more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, separator)
}

// phases is the status of Antrea's policies.
func (p *progress) phases() map[string]any {
	failure := condition{conditionFailure, "False", p.phase(), "", 0}
	switch {
	case p.refusal != nil:
		failure.status, failure.reason, failure.message = "True", p.refusal.Code, p.refusal.text()
	case len(p.failures) > 0:
		failure.status, failure.reason, failure.message = "True", reasonNotInForce, p.failed("it cannot be put in force on ")
	}
	return map[string]any{"phase": p.phase(), "observedGeneration": p.generation, "currentNodesRealized": int64(p.current),
		"desiredNodesRealized": int64(p.desired), "conditions": []any{failure.object()}}
}

// conditions is the status of the policies of policy.networking.k8s.io.
func (p *progress) conditions() map[string]any {
	accepted := condition{conditionAccepted, "True", "Accepted", "it has no errors", p.generation}
	realized := condition{conditionRealized, "False", p.phase(), p.counted(), p.generation}
	switch {
	case p.refusal != nil:
		accepted.status, accepted.reason, accepted.message = "False", p.refusal.Code, p.refusal.text()
		realized.reason = "Rejected"
	case len(p.failures) > 0:
		realized.reason = reasonNotInForce
	case p.phase() == phaseRealized:
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
