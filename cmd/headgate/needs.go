package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/internal/diag"
)

// needsOptions are the flags of needs.
type needsOptions struct {
	needs       string
	diagnostics diagnostics
}

func newNeeds() *cobra.Command {
	var o needsOptions
	cmd := &cobra.Command{
		Use:   "needs",
		Short: "Print what no policy may cut a node off from",
		Long: `Needs prints the list of what nodes, and machines outside the cluster, must be able to receive and send: a policy that cuts them
off from it is an error (HG3007). The output is a file for --needs, which replaces the list for commands that compile.

Each entry has a name; ports, as in a NetworkPolicy but numbers only, or {services: HealthCheckNodePorts} for the port of each Service
that has one; a direction, In, Out or Both, as seen from the node; of, which says whose need it is: {role: Nodes} if absent,
{role: ControlPlane}, {role: Machines}, {nodeSelector: SELECTOR} or {role: Balanced} for the nodes that load balancers may choose, while
there is a Service of type LoadBalancer; and peers, with
whom it must be possible: {role: Nodes}, {role: ControlPlane}, {role: Outside} for somebody who is neither a node nor a pod,
{nodeSelector: SELECTOR}, or {cidr: BLOCK} for every address of a block.`,
		Example: `    headgate needs > needs.yaml
    headgate apply -f policies/ --needs needs.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	needsFlag(cmd, &o.needs)
	o.diagnostics.flags(cmd)
	return cmd
}

func (o *needsOptions) run(cmd *cobra.Command) error {
	report := &diag.Report{}
	needs, err := readNeeds(o.needs, report)
	if err != nil {
		return err
	}
	if err := o.diagnostics.report(cmd.ErrOrStderr(), report); err != nil {
		return err
	}
	if needs == nil {
		needs = guard.Default()
	}
	_, err = io.WriteString(cmd.OutOrStdout(), guard.Write(needs))
	return err
}

// needsFlag declares --needs.
func needsFlag(cmd *cobra.Command, value *string) {
	cmd.Flags().StringVar(value, "needs", "", "file with what no policy may cut a node off from, as 'headgate needs' prints it; default: that list")
}

// readNeeds reads the file of --needs; nil stands for the default list. What is wrong with it is in the report.
func readNeeds(path string, report *diag.Report) ([]guard.Need, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return guard.Read(path, text, report), nil
}
