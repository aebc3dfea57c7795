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

// GuestEnv is set to 1 in the environment of all that GoTest and GoRun run. Tests that belong in a machine alone skip without it.
const GuestEnv = "HEADGATE_VM_GUEST"

// sourceDir is where the module's files lie in the machine, so that a test finds its testdata by the usual relative path.
const sourceDir = "/src"

// Program is Go code of this module to run in a machine. Paths are relative to the module's root.
type Program struct {
	Package   string   // directory of the package
	Args      []string // arguments: of a test binary, for instance -test.run=TestLab; -test.v is always given
	Commands  []string // directories of main packages, built and put in the search path under their base names
	Trees     []string // files and directories to have besides the package's testdata
	Load      []string // kernel modules to load first
	Env       []string
	MemoryMiB int
}

// GoTest compiles a package's tests without cgo, puts the binary in a machine with NetworkTools, and runs it in the
// package's directory there, as `go test` would. The test's output goes to out as it comes; out may be nil.
func GoTest(ctx context.Context, root string, k Kernel, p Program, out io.Writer) (Result, error) {
	p.Args = append([]string{"-test.v"}, p.Args...)
	if testdata := path.Join(p.Package, "testdata"); exists(filepath.Join(root, testdata)) {
		p.Trees = append([]string{testdata}, p.Trees...)
	}
	return runGo(ctx, root, k, p, path.Join(sourceDir, p.Package), []string{"test", "-c"}, out)
}

// GoRun is GoTest for a main package: it runs as `go run` would in the module's root.
func GoRun(ctx context.Context, root string, k Kernel, p Program, out io.Writer) (Result, error) {
	return runGo(ctx, root, k, p, sourceDir, []string{"build"}, out)
}

// runGo runs what the go command builds from the package, in the given directory of the machine.
func runGo(ctx context.Context, root string, k Kernel, p Program, work string, build []string, out io.Writer) (Result, error) {
	dir, err := os.MkdirTemp("", "headgate-vm-go-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "guest")
	if err := goBuild(ctx, root, append(build, "-o", binary, "./"+p.Package)...); err != nil {
		return Result{}, err
	}
	files := append(NetworkFiles(), File{Path: "/usr/bin/guest", Source: binary})
	for _, command := range p.Commands {
		built := filepath.Join(dir, path.Base(command))
		if err := goBuild(ctx, root, "build", "-o", built, "./"+command); err != nil {
			return Result{}, err
		}
		files = append(files, File{Path: "/usr/bin/" + path.Base(command), Source: built})
	}
	for _, tree := range append([]string{"go.mod"}, p.Trees...) {
		files = append(files, File{Path: path.Join(sourceDir, tree), Source: filepath.Join(root, tree)})
	}
	return Run(ctx, Config{
		Image:     Image{Kernel: k, Load: p.Load, Tools: NetworkTools(), Files: files},
		Command:   append([]string{"sh", "-c", `mkdir -p "$0" && cd "$0" && exec guest "$@"`, work}, p.Args...),
		Env:       append([]string{GuestEnv + "=1"}, p.Env...),
		MemoryMiB: p.MemoryMiB,
		Output:    out,
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
