package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// A dataplane tells which rules it holds but not what they were generated from, and that is what a rollback has to load. So
// apply keeps the Pipeline that it loaded last, and trusts it only if the dataplane still says that it holds that generation.

// replaceFile writes a file anew, whole or not at all, also if the machine loses its power.
func replaceFile(path string, write func(*os.File) error) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".new")) // what there is of it may fill the disk
	}
	return os.Rename(path+".new", path)
}

// previous returns what a rollback has to load to restore the observed state: nothing, or what apply loaded last for the target, as it would be loaded now.
func previous(stateDir string, t targets.Target, now agent.State) (artifact.Artifact, error) {
	if len(now.Artifact.Objects) == 0 {
		return artifact.Artifact{Target: now.Artifact.Target}, nil
	}
	unknown := fmt.Errorf("what is loaded now was not loaded by 'headgate apply' with the state directory %s, so it could not be restored; "+
		"apply it once without --confirm-within", stateDir)
	k, err := recall(stateDir, t.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return artifact.Artifact{}, unknown
	}
	if err != nil {
		return artifact.Artifact{}, err
	}
	for _, a := range t.Artifacts(k.pipeline, &diag.Report{}) {
		if a.Target == now.Artifact.Target && artifact.Generation(a) == now.Generation {
			return a, nil
		}
	}
	return artifact.Artifact{}, unknown
}

// undo brings the dataplane back to a previous artifact.
func undo(ctx context.Context, d agent.Dataplane, to artifact.Artifact) error {
	if len(to.Objects) > 0 {
		_, err := agent.Reconcile(ctx, d, to)
		return err
	}
	state, err := d.Observe(ctx) // an empty dataplane has no generation, which Reconcile would want
	if err != nil {
		return err
	}
	return d.Apply(ctx, state, artifact.Diff(state.Artifact, to))
}
