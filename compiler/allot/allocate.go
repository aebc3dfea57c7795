package allot

import "github.com/headgate-net/headgate/internal/diag"

// Allocate gives addresses to claims. First come those who have addresses by their status and still want them, then those who request
// one, then all others, who get the lowest free address of their pool in the order of its ranges; among themselves they come in the
// order of Claim.Compare. What somebody requests and cannot have is not replaced by another address.
//
// Egresses share an address that each of them requests, or that the newcomer requests while the other has it (Antrea's
// documentation: an address can be that of several Egresses). Services share one if all of them agree and no two have a port in
// common, the newcomer requesting it (annotation service.antrea.io/allow-shared-load-balancer-ip); those that share one by their
// status go on doing so even if one does not agree any more, as Antrea documents. An Egress and a Service never share.
func Allocate(pools []Pool, claims []Claim, reserved []Reserved, report *diag.Report) *Allocation {
	a := newAllocator(pools, claims, reserved, report)
	a.overlaps()
	for _, stage := range []stage{kept, requested, free} {
		for _, c := range a.order {
			a.serve(c, stage)
		}
	}
	a.unmet()
	return a.result()
}
