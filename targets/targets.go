// Package targets lists the dataplanes that headgate can generate for.
//
// Every target is a pure function from a node's Pipeline to artifacts.
package targets

import (
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Target is one dataplane for pods, with what it takes for everything else that policies can select.
type Target struct {
	Name string // as in artifact.Artifact.Target
	// Generate makes a node's artifact. Errors go to the report; with errors the artifact must not be used.
	Generate func(*ir.Pipeline, *diag.Report) artifact.Artifact
	// Own makes the nftables artifact for what a node itself, or a machine outside the cluster, sends and receives. It is nil if
	// Generate's artifact has that too. An artifact without objects means that nothing of ours is to be loaded.
	Own func(*ir.Pipeline, *diag.Report) artifact.Artifact
	// Stack makes the artifact for the node's own network stack: by which way packets leave that Generate's and Own's have marked. It is
	// nil if there is none; without objects nothing of ours is to be loaded.
	Stack func(*ir.Pipeline, *diag.Report) artifact.Artifact
	// Volatile makes those objects of Generate's artifact that follow packets, faster than Generate does; OwnVolatile those of Own's.
	Volatile    func(*ir.Pipeline) []artifact.Object
	OwnVolatile func(*ir.Pipeline) []artifact.Object
	// Closed makes what a node is to hold in place of Generate's artifact while it does not know yet what is allowed: what pods send and
	// get is dropped, and what the node itself does is left alone.
	Closed func(node string) artifact.Artifact
	// again and ownAgain make functions that give what Generate and Own give, and remember; nil: there are none.
	again, ownAgain func() func(*ir.Pipeline, *diag.Report) artifact.Artifact
}

// Again returns a Target that gives the same for one node, and remembers what it gave, so that it costs what has changed since. It is
// not safe for concurrent use.
func (t Target) Again() Target {
	if t.again != nil {
		t.Generate = t.again()
	}
	if t.ownAgain != nil {
		t.Own = t.ownAgain()
	}
	return t
}

// Artifacts makes everything that a node, or a machine outside the cluster, is to load, in the order in which it is to: the rules for
// itself, where they are apart, those for pods, then what the node's network stack has. What has nothing of ours is left out, but for a
// node's own target.
func (t Target) Artifacts(p *ir.Pipeline, report *diag.Report) []artifact.Artifact {
	var out []artifact.Artifact
	if t.Own != nil {
		if own := t.Own(p, report); len(own.Objects) > 0 {
			out = append(out, own)
		}
	}
	if t.Own == nil || !ir.IsMachine(p.Node) {
		out = append(out, t.Generate(p, report))
	}
	if t.Stack != nil {
		if stack := t.Stack(p, report); len(stack.Objects) > 0 {
			out = append(out, stack)
		}
	}
	return out
}

// Volatiles makes what of Artifacts follows packets: artifacts with nothing else. Their Diff with what it made before of the same
// Pipeline, with other names known, is what has to be learned.
func (t Target) Volatiles(p *ir.Pipeline) []artifact.Artifact {
	var out []artifact.Artifact
	if t.Own != nil {
		out = append(out, artifact.Artifact{Target: nft.Target, Node: p.Node, Objects: t.OwnVolatile(p)})
	}
	if t.Own == nil || !ir.IsMachine(p.Node) {
		out = append(out, artifact.Artifact{Target: t.Name, Node: p.Node, Objects: t.Volatile(p)})
	}
	return out
}

// All returns the targets by name.
func All() []Target {
	return []Target{
		{Name: nft.Target, Generate: nft.Generate, Volatile: nft.Volatile, Stack: iproute.Generate, Closed: nft.Closed, again: nftAgain},
		{Name: openflow.TargetName, Generate: openflow.Generate, Volatile: openflow.Volatile, Own: nft.GenerateOwn, OwnVolatile: nft.VolatileOwn,
			Stack: iproute.Options{Carried: true}.Generate, Closed: openflow.Closed, again: openflowAgain, ownAgain: nftOwnAgain},
	}
}

func nftAgain() func(*ir.Pipeline, *diag.Report) artifact.Artifact {
	return nft.DefaultOptions().Generator().Generate
}

func nftOwnAgain() func(*ir.Pipeline, *diag.Report) artifact.Artifact {
	return nft.DefaultOptions().OwnGenerator().Generate
}

func openflowAgain() func(*ir.Pipeline, *diag.Report) artifact.Artifact {
	return openflow.NewGenerator().Generate
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
