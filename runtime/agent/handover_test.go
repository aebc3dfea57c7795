package agent

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// scribe is a memory that writes down what it is given.
type scribe struct {
	memory
	name string
	log  *[]string
}

func (s *scribe) Apply(ctx context.Context, from State, plan artifact.Plan) error {
	if err := s.memory.Apply(ctx, from, plan); err != nil {
		return err
	}
	*s.log = append(*s.log, s.name+" "+plan.To.Objects[0].Head)
	return nil
}

// holder is the Pipeline of a node that holds some of three addresses; pods leave by all of them.
func holder(held string) *ir.Pipeline {
	p := &ir.Pipeline{Node: "n1"}
	for i, name := range []string{"a", "b", "c"} {
		s := ir.SNAT{Egress: name, Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Node: "n2"}
		if strings.Contains(held, name) {
			s.Node = "n1"
			p.Holdings = append(p.Holdings, ir.Holding{Addr: s.Addr, Node: "n1"})
		}
		p.SNATs = append(p.SNATs, s)
	}
	return p
}

// An address is taken over by the dataplanes in their order, and given up in the opposite one; in between, nobody holds those that are to
// come.
func TestAddressesAreGivenUpBeforeOthersAreTaken(t *testing.T) {
	generate := func(target string) func(*ir.Pipeline, *diag.Report) artifact.Artifact {
		return func(p *ir.Pipeline, _ *diag.Report) artifact.Artifact {
			text := ""
			for _, s := range p.SNATs {
				text += fmt.Sprintf("%s@%s ", s.Egress, s.Node)
			}
			text += fmt.Sprint(len(p.Holdings))
			return artifact.Artifact{Target: target, Node: p.Node, Objects: []artifact.Object{{Key: "k", Head: text}}}
		}
	}
	var log []string
	first, last := &scribe{name: "rules", log: &log}, &scribe{name: "stack", log: &log}
	n := NewNode(Options{Target: targets.Target{Name: "rules", Generate: generate("rules"), Stack: generate("stack")},
		Planes: []Plane{{Dataplane: first, Target: "rules"}, {Dataplane: last, Target: "stack"}}})
	for _, step := range []struct {
		held string
		want []string
	}{
		{"a", []string{"rules a@n1 b@n2 c@n2 1", "stack a@n1 b@n2 c@n2 1"}},
		{"ab", []string{"rules a@n1 b@n1 c@n2 2", "stack a@n1 b@n1 c@n2 2"}},
		{"b", []string{"stack a@n2 b@n1 c@n2 1", "rules a@n2 b@n1 c@n2 1"}},
		{"ac", []string{"stack a@ b@n2 c@ 0", "rules a@ b@n2 c@ 0", "rules a@n1 b@n2 c@n1 2", "stack a@n1 b@n2 c@n1 2"}},
	} {
		log = nil
		results, err := n.Load(t.Context(), holder(step.held), nil)
		require.NoError(t, err)
		require.Equal(t, step.want, log)
		require.Len(t, results, 2)
		require.Equal(t, "rules", results[0].Artifact.Target)
		require.Equal(t, "stack", results[1].Artifact.Target)
	}
	last.fail = context.DeadlineExceeded
	results, err := n.Load(t.Context(), holder("a"), nil)
	require.ErrorContains(t, err, "stack: ")
	require.Empty(t, results, "the first in order was not reached")
}

// preparing is a scribe that can prepare.
type preparing struct{ scribe }

func (p *preparing) Prepare(_ context.Context, _ State, plan artifact.Plan) error {
	if p.fail != nil {
		return p.fail
	}
	*p.log = append(*p.log, p.name+" prepares "+plan.To.Objects[0].Head)
	return nil
}

// Ways are prepared before the rules lead there, and only if there is anything new.
func TestWaysComeBeforeMarks(t *testing.T) {
	generate := func(target, what string) func(*ir.Pipeline, *diag.Report) artifact.Artifact {
		return func(p *ir.Pipeline, _ *diag.Report) artifact.Artifact {
			text := p.SNATs[0].Node
			if what == "both" {
				text += " " + p.SNATs[0].Egress
			}
			return artifact.Artifact{Target: target, Node: p.Node, Objects: []artifact.Object{{Key: "k", Head: text}}}
		}
	}
	var log []string
	first, last := &scribe{name: "rules", log: &log}, &preparing{scribe{name: "stack", log: &log}}
	n := NewNode(Options{Target: targets.Target{Name: "rules", Generate: generate("rules", "both"), Stack: generate("stack", "")},
		Planes: []Plane{{Dataplane: first, Target: "rules"}, {Dataplane: last, Target: "stack"}}})
	for _, step := range []struct {
		egress, node string
		want         []string
	}{
		{"a", "n2", []string{"stack prepares n2", "rules n2 a", "stack n2"}},
		{"b", "n2", []string{"rules n2 b"}},
		{"b", "n3", []string{"stack prepares n3", "rules n3 b", "stack n3"}},
	} {
		log = nil
		_, err := n.Load(t.Context(), &ir.Pipeline{Node: "n1", SNATs: []ir.SNAT{{Egress: step.egress, Node: step.node}}}, nil)
		require.NoError(t, err)
		require.Equal(t, step.want, log)
	}
	log, last.fail = nil, context.DeadlineExceeded
	_, err := n.Load(t.Context(), &ir.Pipeline{Node: "n1", SNATs: []ir.SNAT{{Egress: "b", Node: "n4"}}}, nil)
	require.ErrorContains(t, err, "stack: ")
	require.Empty(t, log, "the rules lead nowhere that is not prepared")
}

// releasing is a scribe that prepares and releases.
type releasing struct{ preparing }

func (r *releasing) Release(_ context.Context, _ State, plan artifact.Plan) error {
	*r.log = append(*r.log, r.name+" releases for "+plan.To.Objects[0].Head)
	return nil
}

// Where an address can be given up by itself, the ways to all others go after everything that leads to them.
func TestAddressesAreReleasedBeforeAnythingElseGoes(t *testing.T) {
	generate := func(target string) func(*ir.Pipeline, *diag.Report) artifact.Artifact {
		return func(p *ir.Pipeline, _ *diag.Report) artifact.Artifact {
			return artifact.Artifact{Target: target, Node: p.Node, Objects: []artifact.Object{{Key: "k", Head: fmt.Sprint(len(p.Holdings))}}}
		}
	}
	var log []string
	first, last := &scribe{name: "rules", log: &log}, &releasing{preparing{scribe{name: "stack", log: &log}}}
	n := NewNode(Options{Target: targets.Target{Name: "rules", Generate: generate("rules"), Stack: generate("stack")},
		Planes: []Plane{{Dataplane: first, Target: "rules"}, {Dataplane: last, Target: "stack"}}})
	for _, step := range []struct {
		held string
		want []string
	}{
		{"ab", []string{"stack prepares 2", "rules 2", "stack 2"}},
		{"b", []string{"stack releases for 1", "stack prepares 1", "rules 1", "stack 1"}},
		{"ac", []string{"stack releases for 0", "stack prepares 0", "rules 0", "stack 0", "stack prepares 2", "rules 2", "stack 2"}},
	} {
		log = nil
		_, err := n.Load(t.Context(), holder(step.held), nil)
		require.NoError(t, err)
		require.Equal(t, step.want, log)
	}
}
