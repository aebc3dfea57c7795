package pass

import (
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Options says how to run passes. The zero value runs all of them.
type Options struct {
	Disable []string                          // optional passes to leave away, by name; Validate tells what is wrong with it
	Check   bool                              // whether to check the Pipeline's invariants before and after every pass
	Dump    func(pass string, p *ir.Pipeline) // called after every pass, if not nil; p must not be changed
}

// Validate returns an error if Disable names a pass that does not exist or that is required.
func (o Options) Validate() error {
	for _, name := range o.Disable {
		i := slices.IndexFunc(Table(), func(p Pass) bool { return p.Name == name })
		switch {
		case i < 0:
			return fmt.Errorf("there is no pass %q", name)
		case Table()[i].Required:
			return fmt.Errorf("pass %q is required", name)
		}
	}
	return nil
}

// Run applies the passes of one scope in the table's order and returns the result; p itself stays as it is. Findings go to the
// report. With Check, a violated invariant is reported as a defect (HG9001) that names the pass, and ends the run.
func Run(p *ir.Pipeline, scope Scope, o Options, report *diag.Report) *ir.Pipeline {
	if !o.holds("Flatten or Place", p, report) {
		return p
	}
	for _, pass := range Table() {
		if pass.Scope != scope || !pass.Required && slices.Contains(o.Disable, pass.Name) {
			continue
		}
		p = pass.Func(p, report)
		if !o.holds("pass "+pass.Name, p, report) {
			return p
		}
		if o.Dump != nil {
			o.Dump(pass.Name, p)
		}
	}
	return p
}

func (o Options) holds(stage string, p *ir.Pipeline, report *diag.Report) bool {
	if !o.Check {
		return true
	}
	err := p.Check()
	if err != nil {
		report.Add(diag.Internal, source.Origin{}, "%s broke an invariant of the pipeline: %v", stage, err)
	}
	return err == nil
}
