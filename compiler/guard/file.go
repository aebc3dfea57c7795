package guard

import (
	"fmt"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Read reads a list of needs as Write writes it: see manifest.ParseNeeds. An entry with several ports becomes several needs. The result
// is never nil; if anything is wrong it is empty, and the report says what.
func Read(name string, text []byte, report *diag.Report) []Need {
	out := []Need{}
	for _, n := range manifest.ParseNeeds(name, text, report) {
		for _, p := range n.Ports {
			need := Need{Name: n.Name, Checks: p.Checks, Of: partyOf(n.Of), Peers: partyOf(n.Peers),
				Way: map[string]Way{"In": In, "Out": Out, "Both": Both}[n.Direction]}
			if p.Checks {
				out = append(out, need)
				continue
			}
			proto := map[string]ir.Proto{"TCP": ir.ProtoTCP, "UDP": ir.ProtoUDP, "SCTP": ir.ProtoSCTP}[p.Protocol]
			ports := ir.AllPorts()
			if p.From != 0 {
				ports = ir.PortRange{From: p.From, To: p.To}
			}
			need.L4 = ir.DstL4(proto, ports)
			out = append(out, need)
		}
	}
	return out
}

// roles are the words for roles, by Role.
func roles() [6]string {
	return [6]string{Nodes: "Nodes", ControlPlane: "ControlPlane", Machines: "Machines", Outside: "Outside", Balanced: "Balanced"}
}

func partyOf(p manifest.NeedParty) Party {
	switch {
	case p.CIDR.IsValid():
		return Party{Role: Addresses, Block: p.CIDR}
	case p.NodeSelector != nil:
		return Party{Role: Nodes, Selector: manifest.MakeSelector(p.NodeSelector.Requirements...)}
	}
	for i, word := range roles() {
		if word == p.Role && word != "" {
			return Party{Role: Role(i)}
		}
	}
	return Party{}
}

// Write gives needs as YAML that Read reads.
func Write(needs []Need) string {
	var b strings.Builder
	if b.WriteString("needs:"); len(needs) == 0 {
		b.WriteString(" []")
	}
	b.WriteByte('\n')
	for _, n := range needs {
		fmt.Fprintf(&b, "- name: %q\n  ports: [{%s}]\n  direction: %s\n  of: %s\n  peers: %s\n", n.Name, n.ports(), n.Way, n.Of, n.Peers)
	}
	return b.String()
}

// ports gives the fields of an entry of ports.
func (n *Need) ports() string {
	if n.Checks {
		return "services: " + manifest.HealthCheckNodePorts
	}
	out := fmt.Sprintf("protocol: %s", strings.ToUpper(n.L4.Proto.String()))
	if n.L4.Dst != ir.AllPorts() {
		out += fmt.Sprintf(", port: %d", n.L4.Dst.From)
	}
	if n.L4.Dst != ir.AllPorts() && n.L4.Dst.To != n.L4.Dst.From {
		out += fmt.Sprintf(", endPort: %d", n.L4.Dst.To)
	}
	return out
}

// String gives "In", "Out" or "Both".
func (w Way) String() string { return [...]string{In: "In", Out: "Out", Both: "Both"}[w] }

// String gives the party as YAML in one line.
func (p Party) String() string {
	switch {
	case p.Role == Addresses:
		return fmt.Sprintf("{cidr: %q}", p.Block)
	case p.Role != Nodes || len(p.Selector.Requirements) == 0:
		return fmt.Sprintf("{role: %s}", roles()[p.Role])
	}
	var terms []string
	for _, r := range p.Selector.Requirements {
		values := ""
		if len(r.Values) > 0 {
			values = `, values: ["` + strings.Join(r.Values, `", "`) + `"]`
		}
		terms = append(terms, fmt.Sprintf("{key: %q, operator: %s%s}", r.Key, r.Op, values))
	}
	return "{nodeSelector: {matchExpressions: [" + strings.Join(terms, ", ") + "]}}"
}
