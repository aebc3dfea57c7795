package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate-net/headgate/compiler/manifest/schema"
	yaml "github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// What a configuration file says it is.
const (
	configVersion        = "headgate-net.github.io/v1alpha1"
	configKind           = "AgentConfiguration"
	configKindController = "ControllerConfiguration"
)

// configFlag declares --config: a file with values for the command's other flags, each under the flag's name in camel case. Flags that are
// given count more.
func configFlag(cmd *cobra.Command, kind string) {
	path := cmd.Flags().String("config", "", "file of kind "+kind+": a field for each of these flags, in camel case; flags that are given count more")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if *path == "" {
			return nil
		}
		text, err := os.ReadFile(*path)
		if err != nil {
			return err
		}
		report := &diag.Report{}
		configure(cmd.Flags(), kind, textFile{*path, string(text)}, report)
		shown := diagnostics{format: "text", failOn: "error", color: "auto"}
		return shown.report(cmd.ErrOrStderr(), report)
	}
}

// textFile is a file that was read.
type textFile struct{ name, text string }

// configuration is a file that is being read.
type configuration struct {
	kind   string
	file   string
	flags  *pflag.FlagSet
	report *diag.Report
}

// configure sets flags that were not given to what a file says, as strictly as manifests are read.
func configure(flags *pflag.FlagSet, kind string, of textFile, report *diag.Report) {
	c := &configuration{kind, of.name, flags, report}
	text := strings.ReplaceAll(of.text, "\r\n", "\n")
	if line := secondDocument(text); line > 0 {
		c.add(diag.Syntax, &yaml.Node{Line: line, Col: 1}, "", "leave only one document", "there is more than one document")
		return
	}
	root, _, err := yaml.Parse(text, yaml.Start{Line: 1, Col: 1}, &yaml.Arena{})
	switch {
	case err != nil:
		c.add(diag.Syntax, &yaml.Node{Line: err.Line, Col: err.Col}, "", err.Hint, err.Message)
		return
	case root == nil || root.Kind != yaml.Mapping:
		c.add(diag.WrongType, &yaml.Node{Line: 1, Col: 1}, "", "begin with apiVersion and kind", "the configuration must be a mapping")
		return
	}
	yaml.Repeated(root, nil, func(path yaml.Steps, _, again *yaml.Node) {
		c.add(diag.DuplicateKey, again, path.String(), "", fmt.Sprintf("the key %q occurs twice", again.Text))
	})
	c.identify(root, "apiVersion", configVersion)
	c.identify(root, "kind", kind)
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	for key, value := range root.Pairs() {
		if key.Text != "apiVersion" && key.Text != "kind" {
			c.field(key, value, given)
		}
	}
}

// secondDocument is the line at which a document after the first begins; 0 if there is none.
func secondDocument(text string) int32 {
	some, number := false, int32(0)
	for line := range strings.Lines(text) {
		number++
		switch {
		case strings.HasPrefix(line, "---"):
			if some {
				return number
			}
			some = true
		case strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#"):
			some = true
		}
	}
	return 0
}

func (c *configuration) identify(root *yaml.Node, field, want string) {
	switch n := root.Get(field); {
	case n.IsNull():
		c.add(diag.MissingField, root, field, "write "+field+": "+want, "the configuration has no "+field)
	case n.Kind != yaml.Scalar || n.Text != want:
		c.add(diag.UnknownVersion, n, field, "write "+field+": "+want, fmt.Sprintf("the %s is not %s", field, want))
	}
}

// field sets the flag that a field stands for.
func (c *configuration) field(key, value *yaml.Node, given map[string]bool) {
	names := configFields(c.flags)
	flag := names[key.Text]
	if flag == nil {
		known := sortedKeys(names)
		hint := "the fields are " + strings.Join(known, ", ")
		if near := schema.Nearest(key.Text, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		c.add(diag.UnknownField, key, key.Text, hint, fmt.Sprintf("unknown field %q in %s", key.Text, c.kind))
		return
	}
	items := []*yaml.Node{value}
	if _, gates := flag.Value.(*gateFlags); gates && value.Kind == yaml.Mapping {
		c.gates(flag, value, given[flag.Name])
		return
	}
	_, lists := flag.Value.(*cidrs)
	if lists && value.Kind == yaml.Sequence {
		items = nil
		for _, item := range value.Items() {
			items = append(items, item)
		}
	}
	for _, item := range items {
		if item.Kind != yaml.Scalar || item.IsNull() {
			c.add(diag.WrongType, item, key.Text, "", key.Text+" must be "+configType(flag))
			continue
		}
		if given[flag.Name] {
			continue
		}
		if err := flag.Value.Set(item.Text); err != nil {
			c.add(diag.WrongType, item, key.Text, "write "+configType(flag)+", as for --"+flag.Name, fmt.Sprintf("%s: %v", key.Text, err))
			continue
		}
		flag.Changed = true
	}
}

// gates switches gates, each of which is a key; unless the flag was given.
func (c *configuration) gates(flag *pflag.Flag, value *yaml.Node, given bool) {
	said := gateFlags{}
	for name, on := range value.Pairs() {
		if err := said.Set(name.Text + "=" + on.Text); err != nil {
			c.add(diag.WrongType, on, "featureGates."+name.Text, "see 'headgate get featuregates'", err.Error())
		}
	}
	if !given && len(said) > 0 {
		// What was said has been looked at.
		_ = flag.Value.Set(said.String())
		flag.Changed = true
	}
}

// configType says what a field holds.
func configType(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "duration":
		return "a duration, such as 10s"
	}
	return "a " + f.Value.Type()
}

// configFields are the flags that a file can set, by the names of the fields.
func configFields(flags *pflag.FlagSet) map[string]*pflag.Flag {
	out := map[string]*pflag.Flag{}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" && f.Name != "help" {
			out[camelCase(f.Name)] = f
		}
	})
	return out
}

func camelCase(flag string) string {
	words := strings.Split(flag, "-")
	for i := range words[1:] {
		words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
	}
	return strings.Join(words, "")
}

func (c *configuration) add(code diag.Code, n *yaml.Node, field, hint, message string) {
	row := diag.Lookup(code)
	if hint == "" {
		hint = row.Hint
	}
	c.report.AddFinding(diag.Finding{Code: code, Severity: row.Severity, Message: message, Hint: hint,
		Origin: source.Origin{Object: c.kind, Field: field, Pos: source.Pos{File: c.file, Line: n.Line, Col: n.Col}}})
}

func sortedKeys(m map[string]*pflag.Flag) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
