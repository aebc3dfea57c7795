package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// The test program is headgate too: scripts run it by that name, and so does a lab, whose supervisor is the program that
// brought it up.
func TestMain(m *testing.M) {
	lab.Main(&enforce.Applier{})
	headgate := func() { os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr)) }
	testscript.Main(m, map[string]func(){"headgate": headgate, "kubectl-headgate": headgate, "keep-forever": keepForever})
}

func params(t *testing.T, dir string) testscript.Params {
	examples, err := os.Getwd()
	require.NoError(t, err)
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		UpdateScripts:       golden.Updating(),
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", examples+"/../../examples")
			name := fmt.Sprintf("cli-%d-%s", os.Getpid(), filepath.Base(env.WorkDir)) // scripts run at once
			env.Setenv("LAB", name)
			env.Defer(func() { endLabs(name, name+"-of") })
			return nil
		},
	}
}

// TestScripts runs what needs neither root nor tools.
func TestScripts(t *testing.T) { testscript.Run(t, params(t, "testdata/script")) }

// TestRootScripts runs labs, and applies rules in network namespaces made for that.
func TestRootScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	testscript.Run(t, params(t, "testdata/root"))
}

// endLabs ends what a script that failed left running.
func endLabs(names ...string) {
	for _, name := range names {
		if l, err := lab.Attach(name); err == nil {
			_ = l.Down(context.Background())
		}
	}
}
