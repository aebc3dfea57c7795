package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// gateFlags is a flag's value that switches gates: what was said, by name.
type gateFlags map[string]bool

func (g *gateFlags) String() string {
	var words []string
	for _, gate := range manifest.Gates() {
		if on, said := (*g)[gate.Name]; said {
			words = append(words, gate.Name+"="+strconv.FormatBool(on))
		}
	}
	return strings.Join(words, ",")
}

// Type is what --help calls it.
func (g *gateFlags) Type() string { return "NAME=BOOL" }

// Set switches gates: NAME=true or NAME=false, separated by commas.
func (g *gateFlags) Set(s string) error {
	for _, part := range strings.Split(s, ",") {
		name, value, _ := strings.Cut(part, "=")
		on, err := strconv.ParseBool(value)
		var known []string
		for _, gate := range manifest.Gates() {
			known = append(known, gate.Name)
		}
		switch {
		case !slices.Contains(known, name):
			return fmt.Errorf("there is no feature gate %q, only %s", name, strings.Join(known, ", "))
		case err != nil:
			return fmt.Errorf("want %s=true or %s=false", name, name)
		}
		if *g == nil {
			*g = gateFlags{}
		}
		(*g)[name] = on
	}
	return nil
}

func gatesFlag(cmd *cobra.Command, value *gateFlags) {
	cmd.Flags().Var(value, "feature-gates", "switches for kinds of objects, separated by commas: see 'headgate get featuregates'")
}

func (g gateFlags) on(gate manifest.Gate) bool {
	if on, said := g[gate.Name]; said {
		return on
	}
	return gate.Default
}

// apply leaves out the objects whose gate is off, with a warning for each.
func (g gateFlags) apply(objects *manifest.Objects, report *diag.Report) *manifest.Objects {
	for _, gate := range manifest.Gates() {
		if g.on(gate) {
			continue
		}
		var dropped []manifest.Object
		objects, dropped = objects.Without(gate)
		for _, o := range dropped {
			m := o.Header()
			row := diag.Lookup(diag.GateOff)
			report.AddFinding(diag.Finding{Code: diag.GateOff, Severity: row.Severity, Origin: m.Origin("", m.Pos),
				Message: "this has no effect: the feature gate " + gate.Name + " is off", Hint: row.Hint})
		}
	}
	return objects
}

func newGetFeatureGates() *cobra.Command {
	var gates gateFlags
	var out output
	cmd := &cobra.Command{
		Use:     "featuregates",
		Aliases: []string{"featuregate"},
		Short:   "List the feature gates of the agent, and whether they are on",
		Long: `Featuregates lists the switches for kinds of objects that the agent has, with what --feature-gates says of them; the field featureGates of
the agent's configuration file says the same. Objects whose gate is off are read and have no effect, with a warning for each (HG5002).`,
		Example: "    headgate get featuregates --feature-gates Egress=false",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l := &listing{kind: "FeatureGate", heads: []string{"FEATUREGATE", "STATUS", "VERSION"}}
			for _, gate := range manifest.Gates() {
				status := map[bool]string{true: "Enabled", false: "Disabled"}[gates.on(gate)]
				l.items = append(l.items, gotItem{[]string{gate.Name, status, gate.Stage}, map[string]string{"name": gate.Name, "status": status, "version": gate.Stage}})
			}
			return out.write(cmd.OutOrStdout(), map[string][]any{"items": l.values()}, l.text)
		},
	}
	gatesFlag(cmd, &gates)
	out.flags(cmd, "text", "json", "yaml")
	return cmd
}
