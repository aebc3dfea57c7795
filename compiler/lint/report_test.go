package lint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// onion makes a Program of one policy with n rules whose ranges of ports lie in each other: all but the first are redundant, and
// have twice as many boxes as there are rules within them.
func onion(n int) *ir.Program {
	p := resolve.Of(workload.Tenants(1, 2, 1)).Program(resolve.Cluster(), new(diag.Report))
	policy := *p.Policies[0]
	for i := range n {
		rule := ir.PolicyRule{AnyPeer: true, Origin: policy.Origin, Ports: []ir.PortSpec{
			{Box: ir.DstL4(ir.ProtoTCP, ir.PortRange{From: uint16(1 + i), To: uint16(65535 - i)})}}}
		rule.Origin.Field = fmt.Sprintf("spec.ingress[%d]", i)
		policy.Rules[ir.Ingress] = append(policy.Rules[ir.Ingress], rule)
	}
	p.Policies = []*ir.Policy{&policy}
	return p
}

func findings(p *ir.Program) []diag.Finding {
	report := &diag.Report{}
	Analyse(p, flatten.Flatten(p), report)
	return report.Findings()
}

// spec: 9.7
func TestLimitIsSaid(t *testing.T) {
	found := findings(onion(500))
	require.Len(t, found, 499)
	for _, f := range found {
		require.Equal(t, diag.RedundantRule, f.Code)
		require.NotNil(t, f.Witness)
	}
	said := 0
	for _, f := range findings(onion(6000)) {
		if f.Code == diag.AnalysisLimited {
			said++
			require.Equal(t, "NetworkPolicy tenant-00000/isolate spec.ingress[0]", f.Origin.Label())
		}
	}
	require.Equal(t, 1, said)
}

// Findings are said in the same words whatever is left of the Program's memory: equal Programs, equal bytes.
func TestReportIsStable(t *testing.T) {
	text := func() string {
		var b strings.Builder
		for seed := range uint64(20) {
			require.NoError(t, diag.WriteText(&b, findings(irtest.Program(irtest.Rand(seed), irtest.Small()))))
		}
		return b.String()
	}
	once := text()
	require.Equal(t, once, text())
	for _, code := range []diag.Code{diag.ShadowedRule, diag.RedundantRule, diag.AmbiguousOrder, diag.MatchesNothing} {
		require.Contains(t, once, string(code))
	}
}
