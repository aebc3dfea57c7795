package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// run is the whole program: it returns the exit status. argv[0] tells whether it runs as a plugin of kubectl.
func run(argv []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root := newRoot(filepath.Base(argv[0]))
	root.SetArgs(argv[1:])
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	code, text := exitCode(root.ExecuteContext(ctx))
	if text != "" {
		fmt.Fprintf(stderr, "headgate: %s\n", text)
	}
	return code
}

func newRoot(program string) *cobra.Command {
	root := &cobra.Command{
		Use:   "headgate",
		Short: "Compile network policies to nftables or Open vSwitch rules, and try them with real packets",
		Long: `headgate compiles Kubernetes NetworkPolicies to the rules of each node's dataplane, as a compiler turns source into machine
code: it reads manifests, says what is wrong with them, and prints, compares, explains or applies the rules.

Manifests come from -f (files, directories, or - for standard input) and need no cluster.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          group,
	}
	if strings.HasPrefix(program, "kubectl-") {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl headgate"}
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newCompile(), newLint(), newDiff(), newApply(), newConfirm(), newAgent(), newController(), newStats(), newStatus(), newEval(), newReach(), newTest(), newLab(), newExplain(), newFmt(), newConvert(), newLSP(), newNeeds(), newEgress(), newGet(), newVersion())
	return root
}

// group is what a command does that only has subcommands: help without arguments, else an error that offers similar names.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	cmd.SuggestionsMinimumDistance = 2
	return usageError(cmd, fmt.Errorf("%q is not a command of %s%s", args[0], cmd.CommandPath(),
		didYouMean(cmd.SuggestionsFor(args[0]))))
}

// flagError explains an unknown flag by the most similar one.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	if errors.As(err, &missing) {
		var similar []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if distance(f.Name, missing.GetSpecifiedName()) <= 2 {
				similar = append(similar, "--"+f.Name)
			}
		})
		err = fmt.Errorf("%w%s", err, didYouMean(similar))
	}
	return usageError(cmd, err)
}

func usageError(cmd *cobra.Command, err error) error {
	return fmt.Errorf("%w\nsee '%s --help'", err, cmd.CommandPath())
}

func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return ": did you mean " + strings.Join(names, " or ") + "?"
}

// distance is the number of single-character edits between two words (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
