// Package agent brings a dataplane to a desired state and keeps it there.
//
// It is told the whole desired state and is idempotent: reconciling twice changes nothing the second time. A generation is
// applied whole or not at all. It knows no target: nftables and Open vSwitch are Dataplanes.
package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/headgate-net/headgate/targets/artifact"
)

// State is what a dataplane holds at one moment.
type State struct {
	// Artifact has what is really there, read back in the words in which the target generates it, so that Diff against a
	// generated artifact is the drift. Only what belongs to headgate is in it; a foreign thing inside of what belongs to
	// headgate shows as an object or item that no target generates. Load order and Values need not be those of the target.
	Artifact artifact.Artifact
	// Generation is what the last Apply stored: artifact.Generation of what it applied; "" if there is none.
	Generation string
	// Private is the dataplane's own: handles, ports. It may be nil.
	Private any
}

// Dataplane is one node's nftables or Open vSwitch.
type Dataplane interface {
	// Observe reads the state. An untouched dataplane gives an Artifact without objects, not an error.
	Observe(ctx context.Context) (State, error)
	// Apply carries out plan, which Diff made from the Artifact of the given state, and stores artifact.Generation(plan.To),
	// all in one transaction: on error the dataplane is as it was. The error names the source of what was refused, if that
	// can be known. A plan without changes only stores the generation.
	Apply(ctx context.Context, from State, plan artifact.Plan) error
}

// Continuing is a Dataplane that can tell whether only it has changed anything since a state was read, so that a change need not begin
// and end with reading everything.
type Continuing interface {
	Dataplane
	// Continue is Apply for a state that Observe gave, or Continue, or such a one with an equal Artifact, which may share more with
	// the plan. It returns the state that the dataplane is in then, with plan.To as the Artifact. If somebody else may have changed
	// anything since, or the change takes a look at what is there, it does nothing and gives ErrChanged.
	Continue(ctx context.Context, from State, plan artifact.Plan) (State, error)
}

// ErrChanged says that a dataplane has to be observed before it can be changed.
var ErrChanged = errors.New("the dataplane may not be as it was left")

// Result says what Reconcile found and did.
type Result struct {
	Hash    string           // artifact.Hash of the desired state, which the dataplane now holds
	Changes artifact.Summary // what was changed
	Done    artifact.Plan    // the changes, where Reconcile made any
	Drift   artifact.Plan    // what had to be repaired, if Drifted
	Drifted bool             // the dataplane did not hold what had been applied to it last
	Applied bool             // false: nothing had to be done
}

// Reconcile makes the dataplane hold want: it observes, applies the difference, and observes again to verify. When the
// dataplane had been given exactly want before, a difference is drift and Result.Drift tells it; when something else had been
// applied and was tampered with, only Drifted does, because what it should have been is no longer known.
func Reconcile(ctx context.Context, d Dataplane, want artifact.Artifact) (Result, error) {
	result, _, err := settle(ctx, d, want)
	return result, err
}

// settle is Reconcile. The state is the one that the dataplane is in, with want as its Artifact, unless there is an error.
func settle(ctx context.Context, d Dataplane, want artifact.Artifact) (Result, State, error) {
	want = artifact.Hashed(want)
	before, err := d.Observe(ctx)
	if err != nil {
		return Result{}, State{}, fmt.Errorf("observe: %w", err)
	}
	plan := artifact.Diff(before.Artifact, want)
	result := Result{Hash: artifact.Hash(want), Changes: plan.Summary()}
	generation := generationOf(want)
	result.Drifted = before.Generation != "" && before.Generation != artifact.Generation(before.Artifact)
	if result.Drifted && before.Generation == generation {
		result.Drift = plan
	}
	if plan.IsEmpty() && before.Generation == generation {
		before.Artifact = want
		if k, ok := d.(Keeper); ok {
			k.Found(before)
		}
		return result, before, nil
	}
	if err := d.Apply(ctx, before, plan); err != nil {
		return result, State{}, fmt.Errorf("apply: %w", err)
	}
	result.Applied, result.Done = true, plan
	after, err := d.Observe(ctx)
	if err != nil {
		return result, State{}, fmt.Errorf("verify: %w", err)
	}
	if rest := artifact.Diff(after.Artifact, want); !rest.IsEmpty() || after.Generation != generation {
		return result, State{}, fmt.Errorf("verify: the dataplane holds something else than was applied: %s", rest.Summary())
	}
	after.Artifact = want
	return result, after, nil
}

// proceed is settle for a dataplane of which the state is known, at the cost of what changes. It gives ErrChanged if it has to be
// observed after all.
func proceed(ctx context.Context, d Continuing, from State, want artifact.Artifact) (Result, State, error) {
	want = artifact.Hashed(want)
	plan := artifact.Diff(from.Artifact, want)
	result := Result{Hash: artifact.Hash(want), Changes: plan.Summary(), Applied: !plan.IsEmpty() || from.Generation != generationOf(want)}
	after, err := d.Continue(ctx, from, plan)
	if err != nil && !errors.Is(err, ErrChanged) {
		err = fmt.Errorf("apply: %w", err)
	}
	return result, after, err
}

// generationOf is what a dataplane that holds an artifact stores: "" for nothing at all, as an untouched one does.
func generationOf(want artifact.Artifact) string {
	if len(want.Objects) == 0 {
		return ""
	}
	return artifact.Generation(want)
}
