package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

// output is the -o flag of a command.
type output struct{ format string }

// flags declares -o; the first format is the default.
func (o *output) flags(cmd *cobra.Command, formats ...string) {
	enumFlag(cmd, &o.format, "output", "o", "output format", formats...)
}

// write prints a value: as JSON, as YAML with the same keys in the same order, or as text gives it.
func (o *output) write(w io.Writer, value any, text func() string) error {
	switch o.format {
	case "json", "yaml":
		return writeStructured(w, value, o.format)
	}
	_, err := io.WriteString(w, text())
	return err
}

func writeStructured(w io.Writer, value any, format string) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return err
	}
	if format == "json" {
		_, err := w.Write(buf.Bytes())
		return err
	}
	// JSON is YAML; read as a tree it keeps the order of its keys, which a map would not.
	var tree yaml.Node
	if err := yaml.Unmarshal(buf.Bytes(), &tree); err != nil {
		return err
	}
	blockStyle(&tree)
	yamlEnc := yaml.NewEncoder(w)
	yamlEnc.SetIndent(2)
	if err := yamlEnc.Encode(&tree); err != nil {
		return err
	}
	return yamlEnc.Close()
}

// blockStyle forgets that the tree was written as JSON.
func blockStyle(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		n.Style = 0
	}
	if n.Kind == yaml.ScalarNode && n.Style == yaml.DoubleQuotedStyle {
		n.Style = 0 // the encoder quotes what needs quotes
	}
	for _, child := range n.Content {
		blockStyle(child)
	}
}

// enum is a flag value that is one of a few words.
type enum struct {
	value   *string
	allowed []string
}

func (e *enum) String() string {
	if e.value == nil {
		return ""
	}
	return *e.value
}

func (e *enum) Type() string { return strings.Join(e.allowed, "|") }

func (e *enum) Set(s string) error {
	if !slices.Contains(e.allowed, s) {
		return fmt.Errorf("want one of %s", strings.Join(e.allowed, ", "))
	}
	*e.value = s
	return nil
}

// enumFlag declares a flag that takes one of a few words; the first is the default.
func enumFlag(cmd *cobra.Command, value *string, name, short, usage string, allowed ...string) {
	*value = allowed[0]
	cmd.Flags().VarP(&enum{value, allowed}, name, short, usage)
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
}

// palette paints words for terminals; the zero value leaves them plain.
type palette struct{ on bool }

// newPalette decides by --color, NO_COLOR (https://no-color.org) and whether w is a terminal.
func newPalette(when string, w io.Writer) palette {
	switch when {
	case "always":
		return palette{true}
	case "never":
		return palette{}
	}
	return palette{os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)}
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p palette) paint(color int, s string) string {
	if !p.on || s == "" {
		return s
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", color, s)
}

// The colours that are used, by their ANSI numbers.
const (
	red    = 31
	green  = 32
	yellow = 33
	cyan   = 36
)
