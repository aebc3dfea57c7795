package vm

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// GuestEnv is set to 1 in the environment of every test that GoTest runs. Tests that belong in a machine alone skip without it.
const GuestEnv = "HEADGATE_VM_GUEST"

// sourceDir is where the module's files lie in the machine, so that a test finds its testdata by the usual relative path.
const sourceDir = "/src"

// Test is a Go test package to run in a machine. Paths are relative to the module's root.
type Test struct {
	Package   string   // directory of the package
	Args      []string // arguments of the test binary, for instance -test.run=TestLab; -test.v is always given
	Commands  []string // directories of main packages, built and put in the search path under their base names
	Trees     []string // files and directories to have besides the package's testdata
	Load      []string // kernel modules to load first
	Env       []string
	MemoryMiB int
}

// GoTest compiles the package's tests without cgo, puts the binary in a machine with NetworkTools, and runs it in the
// package's directory there, as `go test` would. The test's output goes to out as it comes; out may be nil.
func GoTest(ctx context.Context, root string, k Kernel, t Test, out io.Writer) (Result, error) {
	dir, err := os.MkdirTemp("", "headgate-vm-test-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "guest.test")
	if err := goBuild(ctx, root, "test", "-c", "-o", binary, "./"+t.Package); err != nil {
		return Result{}, err
	}
	image := Image{Kernel: k, Load: t.Load, Tools: NetworkTools(), Files: append(NetworkFiles(), File{Path: "/usr/bin/guest.test", Source: binary})}
	for _, command := range t.Commands {
		built := filepath.Join(dir, path.Base(command))
		if err := goBuild(ctx, root, "build", "-o", built, "./"+command); err != nil {
			return Result{}, err
		}
		image.Files = append(image.Files, File{Path: "/usr/bin/" + path.Base(command), Source: built})
	}
	trees := t.Trees
	if testdata := path.Join(t.Package, "testdata"); exists(filepath.Join(root, testdata)) {
		trees = append(append([]string(nil), trees...), testdata)
	}
	image.Files = append(image.Files, File{Path: path.Join(sourceDir, "go.mod"), Source: filepath.Join(root, "go.mod")})
	for _, tree := range trees {
		image.Files = append(image.Files, File{Path: path.Join(sourceDir, tree), Source: filepath.Join(root, tree)})
	}
	work := path.Join(sourceDir, t.Package)
	return Run(ctx, Config{
		Image: image, MemoryMiB: t.MemoryMiB, Output: out, Env: append([]string{GuestEnv + "=1"}, t.Env...), Dir: "/",
		Command: append([]string{"sh", "-c", `mkdir -p "$0" && cd "$0" && exec guest.test -test.v "$@"`, work}, t.Args...),
	})
}

func goBuild(ctx context.Context, root string, args ...string) error {
	_, err := output(ctx, root, "env", append([]string{"CGO_ENABLED=0", "go"}, args...)...)
	return err
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Outcomes counts what the output of a test binary run with -test.v says about its top-level tests.
type Outcomes struct {
	Passed, Failed, Skipped []string
}

// ParseOutcomes reads the output of a test binary run with -test.v. Subtests, whose lines are indented, are not counted.
func ParseOutcomes(output string) (Outcomes, error) {
	var o Outcomes
	for text := range strings.Lines(output) {
		rest, ok := strings.CutPrefix(text, "--- ")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) < 2 {
			return o, fmt.Errorf("a line of test output cannot be read: %q", text)
		}
		switch fields[0] {
		case "PASS:":
			o.Passed = append(o.Passed, fields[1])
		case "FAIL:":
			o.Failed = append(o.Failed, fields[1])
		case "SKIP:":
			o.Skipped = append(o.Skipped, fields[1])
		}
	}
	return o, nil
}
