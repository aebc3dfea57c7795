package resolve

import "github.com/headgate-net/headgate/internal/diag"

// Oddities reports what Faults does, and of the same things also what is less than an error: groups that are not there, addresses that
// nobody can have.
func (x *Index) Oddities(report *diag.Report) {
	for _, f := range x.faults() {
		report.AddFinding(f)
	}
}

// OddAddresses returns what there is to say of addresses outside the cluster, as of the last Program. It must not be changed.
func (x *Index) OddAddresses() []diag.Finding { return x.leaving.findings }
