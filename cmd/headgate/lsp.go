package main

import (
	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/lsp"
)

func newLSP() *cobra.Command {
	return &cobra.Command{
		Use:   "lsp",
		Short: "Serve editors: a language server for the policy language",
		Long: `Lsp speaks the Language Server Protocol on standard input and output, for an editor that starts it. It tells what is wrong with
files in the policy language while they are written, in the words of the other commands; shows what names stand for, and the pods of
the opened folder that they select; goes to where names are declared, and lists where they are used; finds declarations by name; completes
keywords and names; and lays files out as fmt does. docs/editors.md tells how to set up editors.

All manifests in and below the opened folder belong together, YAML included, as with -R -f FOLDER, but for hidden directories and what
two directories both declare. It reads files only. The exit status is 0 if the editor says shutdown before it leaves.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return lsp.Serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), version)
		},
	}
}
