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
killed outright (SIGKILL) cannot undo anything.`,
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
	pipeline, want, err := o.host.wanted(cmd, &o.input)
	if err != nil {
		return err
	}
	d, done, err := o.host.dataplane(ctx)
	if err != nil {
		return err
	}
	defer done()
	before, err := d.Observe(ctx)
	if err != nil {
		return needsRoot(err)
	}
	if o.dryRun {
		return printPlan(cmd.OutOrStdout(), artifact.Diff(before.Artifact, want), newPalette(o.input.diagnostics.color, cmd.OutOrStdout()))
	}
	if o.confirm > 0 {
		err = o.applyConfirmed(cmd, d, before, want)
	} else {
		err = o.reconcile(cmd, d, want)
	}
	if err != nil {
		return err
	}
	return remember(o.stateDir, o.host.target, pipeline)
}

func printPlan(w io.Writer, plan artifact.Plan, colors palette) error {
	r := &diffReport{Old: "loaded", New: "wanted"}
	if !plan.IsEmpty() {
		r.Nodes = []nodeDiff{{plan.Node, plan.Summary(), plan}}
	} else {
		r.Same = 1
	}
	_, err := io.WriteString(w, r.text(colors))
	return err
}

// reconcile loads the rules. What the dataplane refuses is said as findings, at the declarations that it came from.
func (o *applyOptions) reconcile(cmd *cobra.Command, d agent.Dataplane, want artifact.Artifact) error {
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
	fmt.Fprintf(cmd.OutOrStdout(), "node %s: %s; generation %s\n", want.Node, result.Changes, artifact.Generation(want))
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
func (o *applyOptions) applyConfirmed(cmd *cobra.Command, d agent.Dataplane, before agent.State, want artifact.Artifact) error {
	c, err := listenConfirm(o.stateDir)
	if err != nil {
		return err
	}
	defer c.close()
	back, err := previous(o.stateDir, o.host.target, before)
	if err != nil {
		return err
	}
	if err := o.reconcile(cmd, d, want); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "run 'headgate confirm' or press Enter within %s to keep this\n", o.confirm)
	why := c.waitConfirmed(cmd.Context(), artifact.Generation(want), o.confirm, cmd.InOrStdin())
	if why == nil {
		fmt.Fprintln(cmd.OutOrStdout(), "confirmed")
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), rollbackTime)
	defer cancel()
	if err := undo(ctx, d, back); err != nil {
		return errors.Join(why, fmt.Errorf("and the rollback failed: %w", err))
	}
	return fmt.Errorf("%w: rolled back", why)
}
