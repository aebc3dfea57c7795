// Command headgate compiles network policies to the rules of each node's dataplane, explains them, applies them, and tries
// them with real packets in a throwaway cluster.
//
// Standard output carries data and is byte-stable; standard error carries diagnostics. The exit status is 0 only if the input
// has no error finding: see exit.go.
package main

import (
	"os"

	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// version is set by the linker.
var version = "unknown"

func main() {
	lab.Main(&enforce.Applier{})
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
