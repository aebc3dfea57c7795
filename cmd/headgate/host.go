package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// hostFlags say which node this host is and where its dataplane is found.
type hostFlags struct {
	target string
	node   string
	ovs    ovsFlags
}

func (h *hostFlags) flags(cmd *cobra.Command) {
	targetFlag(cmd, &h.target)
	cmd.Flags().StringVar(&h.node, "node", "", "the node that this host is (default: the host's name)")
	h.ovs.flags(cmd)
}

// wanted compiles the input for this host, whose node it settles.
func (h *hostFlags) wanted(cmd *cobra.Command, in *inputs) (*ir.Pipeline, artifact.Artifact, error) {
	if h.node == "" {
		name, err := os.Hostname()
		if err != nil {
			return nil, artifact.Artifact{}, err
		}
		h.node = name
	}
	g, err := in.generate(cmd, h.target, compiler.Options{Nodes: []string{h.node}})
	if err != nil {
		return nil, artifact.Artifact{}, err
	}
	known := nodeNames(g.result.Program)
	if !slices.Contains(known, h.node) {
		return nil, artifact.Artifact{}, fmt.Errorf("the input has no node %q, only %s; name this host's node with --node", h.node, listOr(known, "none"))
	}
	return g.result.Placed[0], g.artifacts[0], nil
}

func nodeNames(p *ir.Program) []string {
	var names []string
	for _, n := range p.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// needsRoot adds what a refusal by the kernel usually means.
func needsRoot(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: reading and loading rules takes root, or CAP_NET_ADMIN", err)
	}
	return err
}
