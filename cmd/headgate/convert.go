package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler/manifest"
	documenttree "github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/compiler/syntax"
	"github.com/headgate-net/headgate/internal/diag"
)

// The forms of what is converted.
const (
	formOther   = "other"
	formProgram = "hg"
	formYAML    = "yaml"
)

// convertOptions are the flags of convert.
type convertOptions struct {
	files       []string
	namespace   string
	output      string
	diagnostics diagnostics
}

func newConvert() *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert",
		Short: "Turn YAML into the policy language, and back",
		Long: `Convert prints what YAML or JSON manifests say in the policy language, and what programs in the policy language say as YAML: one
text of all that is read, which compiles to the same rules. Without -o it prints the form that the first file is not in.

Of objects as 'kubectl get -o yaml' prints them what no rule depends on is left out, with a note that names it (HG1208). Objects that no
sentence of the language says completely are written as 'object', field by field, so that nothing else is lost. Towards YAML, names
declared with let and imported names are replaced by what they stand for. Comments stay that stand on lines of their own before an
object or a rule; others are left out. Nothing is printed, and the exit status is 2, if a file has errors, or an object of a kind that
headgate does not read.`,
		Example: `    headgate convert -f policies.yaml > policies.hg
    kubectl get netpol,svc,pods,nodes -A -o yaml | headgate convert -f - > cluster.hg
    headgate convert -f policies.hg | kubectl apply -f -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&o.files, "filename", "f", nil, "file, directory, or - for standard input; repeatable")
	flags.StringVarP(&o.namespace, "namespace", "n", "default", "namespace of objects that state none, in the policy language")
	enumFlag(cmd, &o.output, "output", "o", "form to print; other is the one that the first file is not in", formOther, formProgram, formYAML)
	o.diagnostics.flags(cmd)
	return cmd
}

// conversion is what was read so far.
type conversion struct {
	report *diag.Report
	texts  []*converted
}

// converted is one text, and what it says.
type converted struct {
	name, text string
	documents  []*documenttree.Node
	program    bool
}

func (o *convertOptions) run(cmd *cobra.Command) error {
	if len(o.files) == 0 {
		return usageError(cmd, errors.New("nothing to read: give -f FILE, -f DIRECTORY or -f -"))
	}
	c := &conversion{report: &diag.Report{}}
	for _, arg := range o.files {
		files, err := convertible(arg)
		if err != nil {
			return err
		}
		for _, name := range files {
			text, err := readText(cmd.InOrStdin(), name)
			if err != nil {
				return err
			}
			c.read(name, text)
		}
	}
	out := ""
	if toYAML := c.texts[0].program; o.output == formYAML || o.output == formOther && toYAML {
		out = c.yaml()
	} else {
		out = c.raise(o.namespace).Print()
	}
	if err := o.diagnostics.report(cmd.ErrOrStderr(), c.report); err != nil {
		return err
	}
	_, err := io.WriteString(cmd.OutOrStdout(), out)
	return err
}

// convertible lists a file, or the manifests and programs of a directory.
func convertible(arg string) ([]string, error) {
	if arg == "-" {
		return []string{manifest.StdinName}, nil
	}
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return []string{arg}, err
	}
	entries, err := os.ReadDir(arg)
	var out []string
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if !e.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json", manifest.ProgramExtension}, ext) {
			out = append(out, filepath.Join(arg, e.Name()))
		}
	}
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s has no .yaml, .yml, .json or %s files", arg, manifest.ProgramExtension)
	}
	return out, err
}

func readText(stdin io.Reader, name string) (string, error) {
	var text []byte
	var err error
	if name == manifest.StdinName {
		text, err = io.ReadAll(stdin)
	} else {
		text, err = os.ReadFile(name)
	}
	return string(text), err
}

func (c *conversion) read(name, text string) {
	t := &converted{name: name, text: text}
	t.documents, t.program = manifest.Trees(name, text, c.report)
	c.texts = append(c.texts, t)
}

// raise gives the declarations for all documents. What has none is in the report.
func (c *conversion) raise(namespace string) *syntax.Raiser {
	r := &syntax.Raiser{Namespace: namespace}
	for _, t := range c.texts {
		r.Comments = t.comments()
		var problems []syntax.Problem
		for _, root := range t.documents {
			problems = append(problems, r.Add(root)...)
		}
		for _, f := range syntax.Findings(t.name, t.text, problems) {
			f.Severity = diag.Error
			c.report.AddFinding(f)
		}
		for _, f := range syntax.Findings(t.name, t.text, r.Omissions()) {
			c.report.AddFinding(f)
		}
	}
	return r
}

// yaml gives all documents as YAML.
func (c *conversion) yaml() string {
	var parts []string
	for _, t := range c.texts {
		if text := syntax.YAML(t.documents, t.comments()); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "---\n")
}

// comments finds what stands on lines of its own before a line. Each comment is given once.
func (t *converted) comments() func(line int32) []string {
	sign := "#"
	if t.program {
		sign = "//"
	}
	lines := strings.Split(t.text, "\n")
	given := map[int]bool{}
	return func(line int32) []string {
		var out []string
		for i := int(line) - 2; i >= 0 && i < len(lines); i-- {
			text := strings.TrimSpace(lines[i])
			comment, is := strings.CutPrefix(text, sign)
			switch {
			case text == "" || text == "---" && !t.program:
				continue
			case !is || given[i]:
				return out
			}
			given[i] = true
			out = slices.Insert(out, 0, strings.TrimSpace(comment))
		}
		return out
	}
}
