// Package targets lists the dataplanes that headgate can generate for.
//
// Every target is a pure function from a node's Pipeline to an artifact.
package targets

import (
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Target is one dataplane.
type Target struct {
	Name string // as in artifact.Artifact.Target
	// Generate makes a node's artifact. Errors go to the report; with errors the artifact must not be used.
	Generate func(*ir.Pipeline, *diag.Report) artifact.Artifact
}

// All returns the targets by name.
func All() []Target {
	return []Target{
		{Name: nft.Target, Generate: nft.Generate},
		{Name: openflow.TargetName, Generate: openflow.Generate},
	}
}

// Lookup finds a target by name.
func Lookup(name string) (Target, bool) {
	for _, t := range All() {
		if t.Name == name {
			return t, true
		}
	}
	return Target{}, false
}
