package suites

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Report gathers results. Results may be added at the same time.
type Report struct {
	dir string

	mu      sync.Mutex
	results []*Result
}

// NewReport makes a report that is written to a directory.
func NewReport(dir string) *Report { return &Report{dir: dir} }

// Add takes a result into the report.
func (r *Report) Add(result *Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, result)
}

// Write writes conformance.md, and for every run of a suite that has a format of its own a file SUITE-TARGET-SERVICES.yaml.
func (r *Report) Write() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortFunc(r.results, func(a, b *Result) int {
		return cmp.Or(cmp.Compare(a.Suite, b.Suite), cmp.Compare(a.Setup.String(), b.Setup.String()))
	})
	var b strings.Builder
	b.WriteString("| suite | target | Services | passed | failed | minutes |\n|---|---|---|---|---|---|\n")
	var errs []error
	for _, x := range r.results {
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %d | %.1f |\n", x.Suite, x.Setup.Target, x.Setup.Services, x.Passed, len(x.Failed), x.Took.Minutes())
		if x.Report != nil {
			errs = append(errs, os.WriteFile(filepath.Join(r.dir, "cluster-network-policy-"+x.Setup.String()+".yaml"), x.Report, 0o644))
		}
	}
	for _, x := range r.results {
		for _, name := range x.Failed {
			fmt.Fprintf(&b, "\nFailed: %s, %s: %s\n", x.Suite, x.Setup, name)
		}
	}
	fmt.Fprintf(&b, "\nWritten %s.\n", time.Now().UTC().Format(time.DateOnly))
	errs = append(errs, os.WriteFile(filepath.Join(r.dir, "conformance.md"), []byte(b.String()), 0o644))
	return errors.Join(errs...)
}
