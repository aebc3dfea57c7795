package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// inputs are the flags that say what to read, as in kubectl.
type inputs struct {
	files       []string
	recursive   bool
	kustomize   []string
	namespace   string
	cluster     clusterFlags
	bit         masqueradeBit // 0: the usual one
	gates       gateFlags
	diagnostics diagnostics
	expects     bool // what is expected has to hold
}

func (in *inputs) flags(cmd *cobra.Command) {
	in.sources(cmd)
	in.diagnostics.flags(cmd)
}

// sources are the flags that say what to read, without those that say what becomes of findings.
func (in *inputs) sources(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&in.files, "filename", "f", nil, "file, directory, or - for standard input; repeatable")
	flags.StringArrayVarP(&in.kustomize, "kustomize", "k", nil, "directory with a kustomization; repeatable")
	flags.BoolVarP(&in.recursive, "recursive", "R", false, "descend into the directories given with -f")
	flags.StringVarP(&in.namespace, "namespace", "n", "default", "namespace of objects and pod names that state none")
	in.cluster.flags(cmd)
	gatesFlag(cmd, &in.gates)
}

// read reads the manifests, without objects whose gate is off. What is wrong with them is in the report.
func (in *inputs) read(cmd *cobra.Command, report *diag.Report) (*manifest.Objects, error) {
	if len(in.files)+len(in.kustomize) == 0 {
		return nil, usageError(cmd, errors.New("nothing to read: give -f FILE, -f DIRECTORY, -f - or -k DIRECTORY"))
	}
	objects := manifest.Read(cmd.Context(), manifest.Options{Files: in.files, Recursive: in.recursive, Kustomize: in.kustomize,
		Stdin: cmd.InOrStdin(), Namespace: in.namespace}, report)
	return in.gates.apply(objects, report), nil
}

// compile reads and compiles. Findings are printed; with findings as bad as --fail-on there is no result.
func (in *inputs) compile(cmd *cobra.Command, o compiler.Options) (*compiler.Result, error) {
	report := &diag.Report{}
	objects, err := in.read(cmd, report)
	if err != nil {
		return nil, err
	}
	if o, err = in.cluster.complete(o, report); err != nil {
		return nil, err
	}
	result := compiler.Compile(objects, o, report)
	if err := in.diagnostics.report(cmd.ErrOrStderr(), report); err != nil {
		return nil, err
	}
	return result, in.cluster.check(result.Program)
}

// generation is what a command that generates rules works with.
type generation struct {
	objects   *manifest.Objects
	result    *compiler.Result
	artifacts []artifact.Artifact // of each of result.Placed, in their order
}

// generate reads, compiles and generates for one target.
func (in *inputs) generate(cmd *cobra.Command, target string, o compiler.Options) (*generation, error) {
	report := &diag.Report{}
	objects, err := in.read(cmd, report)
	if err != nil {
		return nil, err
	}
	if o, err = in.cluster.complete(o, report); err != nil {
		return nil, err
	}
	t, err := lookup(target)
	if err != nil {
		return nil, err
	}
	if in.bit != 0 {
		t = t.Masquerading(uint32(in.bit))
	}
	g, err := generateFor(objects, t, o, report)
	if err != nil {
		return nil, err
	}
	if in.expects {
		checkExpectations(objects, g.result, report)
	}
	if err := in.diagnostics.report(cmd.ErrOrStderr(), report); err != nil {
		return nil, err
	}
	return g, in.cluster.check(g.result.Program)
}

func generate(objects *manifest.Objects, target string, o compiler.Options, report *diag.Report) (*generation, error) {
	t, err := lookup(target)
	if err != nil {
		return nil, err
	}
	return generateFor(objects, t, o, report)
}

func lookup(target string) (targets.Target, error) {
	t, ok := targets.Lookup(target)
	if !ok {
		return t, fmt.Errorf("there is no target %q", target)
	}
	return t, nil
}

func generateFor(objects *manifest.Objects, t targets.Target, o compiler.Options, report *diag.Report) (*generation, error) {
	if err := (pass.Options{Disable: o.Disable}).Validate(); err != nil {
		return nil, err
	}
	g := &generation{objects: objects, result: compiler.Compile(objects, o, report)}
	for _, p := range g.result.Placed {
		g.artifacts = append(g.artifacts, t.Artifacts(p, report)...)
	}
	return g, nil
}

// targetFlag declares --target.
func targetFlag(cmd *cobra.Command, value *string) {
	var names []string
	for _, t := range targets.All() {
		names = append(names, t.Name)
	}
	enumFlag(cmd, value, "target", "", "dataplane", names...)
}

// passNames lists the passes for completion and messages.
func passNames() []string {
	var names []string
	for _, p := range pass.Table() {
		names = append(names, p.Name)
	}
	return names
}
