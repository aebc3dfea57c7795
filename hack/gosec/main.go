// Command gosec looks at every package of the module in the current directory with the rules of gosec, and compares what they find with the table of
// what is explained. The program of that name does the same, and needs ten times as many other modules.
//
// It fails if there is a finding without an explanation, or an explanation without a finding.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/securego/gosec/v2"
	"github.com/securego/gosec/v2/analyzers"
	"github.com/securego/gosec/v2/issue"
	"github.com/securego/gosec/v2/rules"
	"golang.org/x/tools/go/packages"
)

func main() {
	root, err := os.Getwd()
	if err == nil {
		err = run(root, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run looks at the module in root. All packages are loaded at once, which takes a tenth of the time of one after the other.
func run(root string, out io.Writer) error {
	loaded, err := packages.Load(&packages.Config{Mode: gosec.LoadMode, Dir: root}, "./...")
	if err != nil {
		return err
	}
	analyzer := gosec.NewAnalyzer(gosec.NewConfig(), false, true, false, 2, log.New(io.Discard, "", 0))
	all := rules.Generate(false)
	analyzer.LoadRules(all.RulesInfo())
	more := analyzers.Generate(false)
	analyzer.LoadAnalyzers(more.AnalyzersInfo())
	for _, p := range loaded {
		if strings.Contains(p.PkgPath+"/", "/test/") {
			continue // what tests alone need
		}
		for _, e := range p.Errors {
			return e
		}
		analyzer.CheckRules(p)
		analyzer.CheckAnalyzers(p)
	}
	issues, counts, failures := analyzer.Report()
	for file, list := range failures {
		for _, f := range list {
			return fmt.Errorf("%s: %s", file, f.Err)
		}
	}
	open := unexplained(root, issues)
	for _, line := range open {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintf(out, "gosec: %d files, %d lines, %d findings, %d not explained\n", counts.NumFiles, counts.NumLines, len(issues), len(open))
	if len(open) > 0 {
		return errors.New("gosec: mend what was found, or explain it in hack/gosec/explained.go")
	}
	return nil
}

// unexplained lists findings that no row explains, and rows that explain none.
func unexplained(root string, issues []*issue.Issue) []string {
	var out []string
	used := map[int]bool{}
	for _, i := range issues {
		file, err := filepath.Rel(root, i.File)
		if err != nil {
			file = i.File
		}
		row := slices.IndexFunc(explained(), func(e explanation) bool { return e.rule == i.RuleID && strings.HasPrefix(file, e.where) })
		if row < 0 {
			out = append(out, fmt.Sprintf("%s:%s: %s %s", file, i.Line, i.RuleID, i.What))
			continue
		}
		used[row] = true
	}
	slices.Sort(out)
	for row, e := range explained() {
		if !used[row] {
			out = append(out, fmt.Sprintf("%s explained for %s, where it is not found", e.rule, e.where))
		}
	}
	return out
}
