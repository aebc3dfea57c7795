package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

// docs/diagnostics.md is the table of codes, printed.
func TestDiagnosticsDoc(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Diagnostics

Every finding has a stable code, a severity, a place (file:line:column, object, field) and a way out. All findings are printed,
not just the first. A code is never reused. ` + "`headgate explain CODE`" + ` prints one row of this table.

`)
	for _, c := range []struct{ prefix, title string }{{"HG1", "Input"}, {"HG2", "Resolving"}, {"HG3", "Analysis of rules"},
		{"HG4", "Targets"}, {"HG5", "Runtime"}, {"HG9", "Defects of headgate"}} {
		fmt.Fprintf(&b, "## %s\n\n| code | severity | meaning | way out |\n|---|---|---|---|\n", c.title)
		for _, row := range diag.Codes() {
			if strings.HasPrefix(string(row.Code), c.prefix) {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.Code, row.Severity, cell(row.Title), cell(row.Hint))
			}
		}
		b.WriteString("\n")
	}
	golden.File(t, "../../docs/diagnostics.md", strings.TrimRight(b.String(), "\n")+"\n")
}

func cell(s string) string {
	if s == "" {
		return "-"
	}
	return strings.ReplaceAll(s, "|", "\\|")
}

// docs/cli.md is what the commands say of themselves.
func TestCLIDoc(t *testing.T) {
	var b strings.Builder
	b.WriteString(cliIntro)
	document(&b, newRoot("headgate"))
	golden.File(t, "../../docs/cli.md", strings.TrimRight(b.String(), "\n")+"\n")
}

const cliIntro = `# Command line

Flags are named as in kubectl. Standard output is data, byte-stable and free of colour unless it is a terminal; standard error is
diagnostics. headgate also runs as a plugin of kubectl: name the program, or a link to it, kubectl-headgate, and call
` + "`kubectl headgate`" + `.

| exit status | meaning |
|---|---|
| 0 | done; diff: nothing differs; lab run: every packet did what the policies say |
| 1 | diff: something differs (--diff-exit-code chooses another number); fmt -l, -d: some layout does; lab run: some packet did something else; test: some expectation fails |
| 2 | the input has errors, or warnings under --fail-on=warn; nothing was generated or applied |
| 3 | wrong usage, an unreadable file, a dataplane or lab that refused |

lab exec returns the status of the program that it ran.

`

func document(b *strings.Builder, cmd *cobra.Command) {
	if cmd.Hidden || cmd.Name() == "help" || cmd.HasParent() && cmd.Parent().Name() == "completion" {
		return
	}
	if cmd.HasParent() && cmd.Name() != "completion" {
		fmt.Fprintf(b, "## %s\n\n%s\n\n", cmd.CommandPath(), strings.TrimSpace(described(cmd)))
		if cmd.Runnable() && !cmd.HasSubCommands() {
			fmt.Fprintf(b, "    %s\n\n", cmd.UseLine())
		}
		if cmd.HasExample() {
			fmt.Fprintf(b, "Examples:\n\n%s\n\n", cmd.Example)
		}
		flagTable(b, cmd)
	}
	for _, sub := range cmd.Commands() {
		document(b, sub)
	}
}

func described(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return cmd.Long
	}
	return cmd.Short + "."
}

func flagTable(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableLocalFlags() {
		return
	}
	b.WriteString("| flag | default | meaning |\n|---|---|---|\n")
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value := f.DefValue
		if value == "[]" {
			value = ""
		}
		usage := f.Usage
		if e, ok := f.Value.(*enum); ok {
			usage += ": " + strings.Join(e.allowed, ", ")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, value, cell(usage))
	})
	b.WriteString("\n")
}

// Every flag and command says what it is for.
func TestEveryFlagIsDescribed(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { require.NotEmpty(t, f.Usage, "%s --%s", cmd.CommandPath(), f.Name) })
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	root := newRoot("headgate")
	root.Short = "root"
	walk(root)
}
