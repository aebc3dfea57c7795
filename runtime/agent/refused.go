package agent

import (
	"fmt"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
)

// Refusal is one thing that a dataplane did not accept.
type Refusal struct {
	What    string           // in the dataplane's words, for instance `rule "tcp dport 80 accept" of chain x`
	Origins []*source.Origin // the declarations it came from; empty where it came from none alone
	Err     error            // the dataplane's reason
}

// RefusedError is what Apply returns when the dataplane did not accept a transaction: nothing of it is in force. The first
// refusal is the cause; further ones may be its consequences.
type RefusedError struct{ Refusals []Refusal }

// Error tells the first refusal and the number of the others.
func (e *RefusedError) Error() string {
	if len(e.Refusals) == 0 {
		return "refused"
	}
	r := e.Refusals[0]
	var b strings.Builder
	fmt.Fprintf(&b, "refused %s", r.What)
	for i, o := range r.Origins {
		b.WriteString([...]string{", which comes from ", ", "}[min(i, 1)] + o.String())
	}
	fmt.Fprintf(&b, ": %v", r.Err)
	if n := len(e.Refusals) - 1; n > 0 {
		fmt.Fprintf(&b, " (and %d more)", n)
	}
	return b.String()
}

// Unwrap gives the dataplane's reason for the first refusal.
func (e *RefusedError) Unwrap() error {
	if len(e.Refusals) == 0 {
		return nil
	}
	return e.Refusals[0].Err
}
