package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/syntax"
	"github.com/headgate-net/headgate/internal/diag"
)

// fmtOptions are the flags of fmt.
type fmtOptions struct {
	list        bool
	diff        bool
	write       bool
	diagnostics diagnostics
}

func newFmt() *cobra.Command {
	var o fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt [FILE | DIRECTORY]...",
		Short: "Lay out files in the policy language",
		Long: `Fmt gives files in the policy language the layout that all have, and prints them: a sentence a line, two blanks deeper within
braces, one blank between words, at most one empty line; comments stay where they are. It reads standard input if nothing is named, and
of directories the files that end in .hg, those in directories below included. What a file means does not change, and a file that is laid
out already stays as it is. A file with errors is not touched; they are told, and the exit status is 2.

With -l or -d nothing is printed but the names of files whose layout differs, or the differences; the exit status is 1 then if there are
any, unless -w is given, too, which writes the files.`,
		Example: `    headgate fmt -l -w docs/language
    headgate fmt -d < policies.hg`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.BoolVarP(&o.list, "list", "l", false, "print the names of files whose layout differs")
	flags.BoolVarP(&o.diff, "diff", "d", false, "print the differences")
	flags.BoolVarP(&o.write, "write", "w", false, "write the files instead of printing them")
	o.diagnostics.flags(cmd)
	return cmd
}

func (o *fmtOptions) run(cmd *cobra.Command, args []string) error {
	report, differs := &diag.Report{}, false
	if len(args) == 0 {
		if o.write {
			return usageError(cmd, fmt.Errorf("standard input cannot be written: name files, or leave out --write"))
		}
		text, err := io.ReadAll(cmd.InOrStdin())
		if err != nil {
			return err
		}
		if differs, err = o.file(cmd.OutOrStdout(), manifest.StdinName, string(text), report); err != nil {
			return err
		}
	}
	for _, arg := range args {
		files, err := programs(arg)
		if err != nil {
			return err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			differ, err := o.file(cmd.OutOrStdout(), file, string(text), report)
			if err != nil {
				return err
			}
			differs = differs || differ
		}
	}
	if err := o.diagnostics.report(cmd.ErrOrStderr(), report); err != nil {
		return err
	}
	if differs && (o.list || o.diff) && !o.write {
		return &exit{code: exitDifferent}
	}
	return nil
}

// programs lists a file, or the programs in and below a directory.
func programs(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return []string{arg}, err
	}
	var out []string
	err = filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(entry.Name(), ".") && path != arg
		switch {
		case err != nil:
			return err
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case !entry.IsDir() && !hidden && filepath.Ext(path) == manifest.ProgramExtension:
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

// file formats one text, and reports whether its layout differs.
func (o *fmtOptions) file(stdout io.Writer, name, text string, report *diag.Report) (bool, error) {
	formatted, problems := syntax.Format(name, text)
	for _, f := range syntax.Findings(name, text, problems) {
		report.AddFinding(f)
	}
	if len(problems) > 0 {
		return false, nil
	}
	differs := formatted != text
	if differs && o.list {
		fmt.Fprintln(stdout, name)
	}
	if differs && o.diff {
		if err := writeDifference(stdout, name, text, formatted); err != nil {
			return differs, err
		}
	}
	if differs && o.write {
		return differs, rewrite(name, formatted)
	}
	if !o.list && !o.diff && !o.write {
		_, err := io.WriteString(stdout, formatted)
		return differs, err
	}
	return differs, nil
}

func writeDifference(w io.Writer, name, before, after string) error {
	return difflib.WriteUnifiedDiff(w, difflib.UnifiedDiff{A: difflib.SplitLines(before), B: difflib.SplitLines(after),
		FromFile: name, ToFile: name + " (formatted)", Context: 3})
}

// rewrite writes a file anew, whole or not at all, with the permissions that it has. A symbolic link stays one.
func rewrite(name, text string) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone by then, unless something failed
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), target)
}
