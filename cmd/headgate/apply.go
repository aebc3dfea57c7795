package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
)

// applyOptions are the flags of apply.
type applyOptions struct {
	input    inputs
	host     hostFlags
	dryRun   bool
	confirm  time.Duration
	stateDir string
}

// rollbackTime is how long a rollback may take. It does not depend on the command's own context, which may have ended.
const rollbackTime = 30 * time.Second

func newApply() *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Load this host's rules, whole or not at all",
		Long: `Apply compiles the input, takes this host's part and loads it in one transaction: either all of it is in force afterwards, or
what was there before. Established connections go on.

With --confirm-within the rules are taken back unless somebody confirms in time, with 'headgate confirm' or by pressing Enter,
and also if apply is interrupted or its terminal is lost: a policy that locks its author out undoes itself. A process that is
killed outright (SIGKILL) cannot undo anything.

Apply loads and leaves. Where rules need somebody to stay, to answer what Open vSwitch rejects, to learn the addresses of names, or to
write down what is logged, it says so: that is what 'headgate agent' does.`,
		Example: `    headgate apply -f policies/ --dry-run
    headgate apply -f policies/ --confirm-within 30s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.host.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "print what would change, and change nothing")
	flags.DurationVar(&o.confirm, "confirm-within", 0, "undo the change unless it is confirmed within this time")
	stateDirFlag(cmd, &o.stateDir)
	return cmd
}

func (o *applyOptions) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	pipeline, parts, done, err := o.host.wanted(cmd, &o.input)
	if err != nil {
		return err
	}
	defer done()
	before := make([]agent.State, len(parts))
	for i, p := range parts {
		if before[i], err = p.plane.Observe(ctx); err != nil {
			return needsRoot(err)
		}
	}
	switch {
	case o.dryRun:
		return o.printPlans(cmd.OutOrStdout(), parts, before)
	case o.confirm > 0:
		err = o.applyConfirmed(cmd, parts, before)
	default:
		err = o.reconcile(cmd, parts)
	}
	if err != nil {
		return err
	}
	if note := attended(o.host.target, pipeline); note != "" && !o.input.diagnostics.quiet {
		fmt.Fprintln(cmd.ErrOrStderr(), note)
	}
	was, _ := recall(o.stateDir, o.host.target) // where it cannot be read, numbers begin anew
	wanted := make([]artifact.Artifact, len(parts))
	for i, p := range parts {
		wanted[i] = p.want
	}
	return remember(o.stateDir, o.host.target, kept{Generation: was.Next(wanted), pipeline: pipeline})
}

// printPlans prints what would change.
func (o *applyOptions) printPlans(w io.Writer, parts []part, before []agent.State) error {
	r := &diffReport{Old: "loaded", New: "wanted", Target: o.host.target, Same: 1}
	for i, p := range parts {
		if plan := artifact.Diff(before[i].Artifact, p.want); !plan.IsEmpty() {
			r.Nodes = append(r.Nodes, nodeDiff{placeOf(p.want, o.host.target), plan.Summary(), plan})
			r.Same = 0
		}
	}
	_, err := io.WriteString(w, r.text(newPalette(o.input.diagnostics.color, w)))
	return err
}

// reconcile loads the rules, one dataplane after the other. Until all are loaded, what other nodes send is guarded.
func (o *applyOptions) reconcile(cmd *cobra.Command, parts []part) error {
	if err := agent.Guard(cmd.Context(), planesOf(parts)...); err != nil {
		return err
	}
	for _, p := range parts {
		if err := o.reconcilePart(cmd, p.plane, p.want); err != nil {
			return err
		}
	}
	return agent.Unguard(cmd.Context(), planesOf(parts)...)
}

func planesOf(parts []part) []agent.Dataplane {
	out := make([]agent.Dataplane, len(parts))
	for i, p := range parts {
		out[i] = p.plane
	}
	return out
}

// reconcilePart loads the rules of one dataplane. What it refuses is said as findings, at the declarations that it came from.
func (o *applyOptions) reconcilePart(cmd *cobra.Command, d agent.Dataplane, want artifact.Artifact) error {
	result, err := agent.Reconcile(cmd.Context(), d, want)
	var refused *agent.RefusedError
	if errors.As(err, &refused) {
		report := &diag.Report{}
		for _, r := range refused.Refusals {
			report.AddFinding(refusalFinding(r))
		}
		_ = o.input.diagnostics.report(cmd.ErrOrStderr(), report)
	}
	if err != nil {
		return err
	}
	if result.Drifted {
		fmt.Fprintln(cmd.OutOrStdout(), "the rules had been changed by somebody else; repaired")
	}
	if len(want.Objects) > 0 || result.Applied {
		fmt.Fprintf(cmd.OutOrStdout(), "node %s: %s; generation %s\n", placeOf(want, o.host.target), result.Changes, artifact.Generation(want))
	}
	return nil
}

func refusalFinding(r agent.Refusal) diag.Finding {
	f := diag.Finding{Code: diag.ApplyRefused, Message: fmt.Sprintf("%s: %v", r.What, r.Err)}
	for i, o := range r.Origins {
		if i == 0 {
			f.Origin = *o
			continue
		}
		f.Related = append(f.Related, diag.Related{Origin: *o, Message: "makes the same rule"})
	}
	return f
}

// applyConfirmed loads the rules and takes them back unless they are confirmed. What a rollback needs is made ready first:
// without it nothing is changed.
func (o *applyOptions) applyConfirmed(cmd *cobra.Command, parts []part, before []agent.State) error {
	c, err := listenConfirm(o.stateDir)
	if err != nil {
		return err
	}
	defer c.close()
	back := make([]artifact.Artifact, len(parts))
	for i := range parts {
		if back[i], err = previous(o.stateDir, o.host.made(), before[i]); err != nil {
			return err
		}
	}
	want := mainPart(parts).want
	if err := o.reconcile(cmd, parts); err != nil {
		return errors.Join(err, o.takeBack(cmd, parts, back))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "run 'headgate confirm' or press Enter within %s to keep this\n", o.confirm)
	why := c.waitConfirmed(cmd.Context(), artifact.Generation(want), o.confirm, cmd.InOrStdin())
	if why == nil {
		fmt.Fprintln(cmd.OutOrStdout(), "confirmed")
		return nil
	}
	if err := o.takeBack(cmd, parts, back); err != nil {
		return errors.Join(why, fmt.Errorf("and the rollback failed: %w", err))
	}
	return fmt.Errorf("%w: rolled back", why)
}

// mainPart is the one for pods or, on a machine outside the cluster, its own: what a generation is named after.
func mainPart(parts []part) part {
	last := parts[len(parts)-1]
	if last.want.Target == iproute.Target {
		last = parts[len(parts)-2]
	}
	return last
}

// takeBack brings every dataplane back to what it held.
func (o *applyOptions) takeBack(cmd *cobra.Command, parts []part, back []artifact.Artifact) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), rollbackTime)
	defer cancel()
	errs := []error{agent.Guard(ctx, planesOf(parts)...)}
	for i, p := range parts {
		errs = append(errs, undo(ctx, p.plane, back[i]))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return agent.Unguard(ctx, planesOf(parts)...)
}
