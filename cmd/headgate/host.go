package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// hostFlags say which node this host is and where its dataplane is found.
type hostFlags struct {
	target   string
	node     string
	services string
	bit      masqueradeBit
	ovs      ovsFlags
}

func (h *hostFlags) flags(cmd *cobra.Command) {
	targetFlag(cmd, &h.target)
	cmd.Flags().StringVar(&h.node, "node", "", "the node that this host is, or NAMESPACE/NAME of an ExternalNode (default: the host's name)")
	enumFlag(cmd, &h.services, "services", "", "who serves Services: headgate unless kube-proxy has rules here, headgate, or somebody else", "auto", "always", "never")
	masqueradeFlag(cmd, &h.bit)
	h.ovs.flags(cmd)
}

// made is the target that rules are made for.
func (h *hostFlags) made() targets.Target {
	t, _ := targets.Lookup(h.target)
	return t.Masquerading(uint32(h.bit))
}

// served is a Pipeline as this host is to have it: without Services where others serve them. The note says so where that was found out.
func (h *hostFlags) served(ctx context.Context, p *ir.Pipeline) (out *ir.Pipeline, note string, err error) {
	switch {
	case len(p.Frontends) == 0 || h.services == "always":
		return p, "", nil
	case h.services == "never":
		return p.WithoutServices(), "", nil
	}
	tables := runtimenft.Current()
	defer tables.Close()
	found, err := tables.KubeProxy(ctx)
	if err != nil || len(found) == 0 {
		return p, "", err
	}
	return p.WithoutServices(), fmt.Sprintf("kube-proxy serves Services on this host (%s), so they are left to it; see --services", found[0]), nil
}

// part is one of this host's dataplanes, and what it is to hold.
type part struct {
	plane agent.Dataplane
	want  artifact.Artifact
}

// wanted compiles the input for this host, whose node it settles, and opens its dataplanes, which the function closes. A part whose
// artifact has no objects is to hold nothing.
func (h *hostFlags) wanted(cmd *cobra.Command, in *inputs) (p *ir.Pipeline, parts []part, done func(), err error) {
	if err := h.settle(); err != nil {
		return nil, nil, nil, err
	}
	in.bit, in.expects = h.bit, true
	g, err := in.generate(cmd, h.target, compiler.Options{Nodes: []string{h.node}})
	if err != nil {
		return nil, nil, nil, err
	}
	if p, err = h.placed(g); err != nil {
		return nil, nil, nil, err
	}
	var note string
	if p, note, err = h.served(cmd.Context(), p); err != nil {
		return nil, nil, nil, needsRoot(err)
	}
	if note != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "note: "+note)
	}
	parts, done, err = h.parts(cmd.Context(), p)
	return p, parts, done, err
}

// settle makes the host's name its node, unless that was given.
func (h *hostFlags) settle() (err error) {
	if h.node == "" {
		h.node, err = os.Hostname()
	}
	return err
}

// placed is what was generated for this host alone.
func (h *hostFlags) placed(g *generation) (*ir.Pipeline, error) {
	if err := h.among(g.result.Program); err != nil {
		return nil, err
	}
	return g.result.Placed[0], nil
}

// among is an error if this host's node is not in the Program.
func (h *hostFlags) among(p *ir.Program) error {
	known := nodeNames(p)
	if !slices.Contains(known, h.node) {
		return fmt.Errorf("the input has no node %q, only %s; name this host's node with --node", h.node, listOr(known, "none"))
	}
	return nil
}

// nodeNames lists the nodes, and the machines outside the cluster.
func nodeNames(p *ir.Program) []string {
	var names []string
	for _, n := range p.Nodes {
		names = append(names, n.Name)
	}
	for _, e := range p.Endpoints {
		if e.Kind == ir.ExternalEndpoint && e.Node != "" && !slices.Contains(names, e.Node) {
			names = append(names, e.Node)
		}
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
