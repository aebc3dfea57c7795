package main

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/allot"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// egressPlan is who has which address outside the cluster, and which node holds it: in order of the addresses, then those who have none.
type egressPlan struct {
	Addresses []plannedAddress `json:"addresses"`
	Stranded  []string         `json:"stranded,omitempty"` // whose address nobody holds
	Pools     []poolUse        `json:"pools"`

	allotment *resolve.Allotment
	down      []string // already
}

// plannedAddress is one address. Without an Address it is what somebody wants and does not get.
type plannedAddress struct {
	Address  netip.Addr   `json:"address,omitzero"`
	For      []string     `json:"for"` // "egress/NAME", "service/NAMESPACE/NAME"
	Pool     string       `json:"pool,omitempty"`
	Subnet   *planSubnet  `json:"subnet,omitempty"` // none: the nodes' own
	Static   bool         `json:"static,omitempty"` // the node has it anyway
	Node     string       `json:"node,omitempty"`   // none: nobody holds it
	Failures []planChange `json:"failures"`         // of single nodes that move it, by name; mostly Node's

	seat int           // index into the seats of the election; -1: it is in none
	at   source.Origin // of the first who wants it
}

// planSubnet is a network outside the cluster.
type planSubnet struct {
	Gateway netip.Addr `json:"gateway"`
	Bits    int        `json:"prefixLength"`
	VLAN    uint16     `json:"vlan,omitempty"`
}

// String gives the prefix, "" for none.
func (s *planSubnet) String() string {
	if s == nil {
		return ""
	}
	return netip.PrefixFrom(s.Gateway, s.Bits).Masked().String()
}

// planChange is what the failure of a node does to an address.
type planChange struct {
	Node string `json:"node"`
	To   string `json:"to,omitempty"` // none: nobody can hold it
}

// poolUse is how much of a pool is used.
type poolUse struct {
	Name  string `json:"name"`
	Total uint64 `json:"total"`
	Used  uint64 `json:"used"`
}

// failurePlan is what changes if nodes fail at once.
type failurePlan struct {
	Failed   []string   `json:"failed"`
	Moves    []planMove `json:"moves"`
	Stranded []string   `json:"stranded,omitempty"` // whose address nobody holds then, and somebody does now
	Kept     int        `json:"kept"`               // addresses that stay
}

type planMove struct {
	Address string   `json:"address"`
	For     []string `json:"for"`
	From    string   `json:"from"`
	To      string   `json:"to,omitempty"`
}

// What the owners of addresses are called begins so, or with servicePrefix.
const egressPrefix = "egress/"

func ownerOf(c *allot.Claim) string {
	if c.Kind == allot.Egress {
		return egressPrefix + c.Name
	}
	return servicePrefix + c.Name
}

func (a *plannedAddress) addr() string {
	if !a.Address.IsValid() {
		return none
	}
	return a.Address.String()
}

// next is the node that holds the address if its node fails.
func (a *plannedAddress) next() string {
	for _, f := range a.Failures {
		if f.Node == a.Node {
			return f.To
		}
	}
	return ""
}

// newEgressPlanOf makes the plan of a compiled cluster, some of whose nodes are down.
func newEgressPlanOf(result *compiler.Result, down []string) *egressPlan {
	p := &egressPlan{Addresses: []plannedAddress{}, Pools: []poolUse{}, allotment: result.Allotted, down: down}
	p.add(result)
	p.foresee(namesOfNodes(result.Program))
	p.Stranded = strandedOf(p.Addresses, func(a *plannedAddress) bool { return a.Node == "" })
	for i, u := range p.allotment.Given.Usage {
		p.Pools = append(p.Pools, poolUse{p.allotment.Pools[i].Name, u.Total, u.Used})
	}
	return p
}

// add lists the addresses. Those of several owners are listed once.
func (p *egressPlan) add(result *compiler.Result) {
	a := p.allotment
	seats := map[netip.Addr]int{}
	for i, s := range a.Seats {
		if _, twice := seats[s.Addr]; !twice {
			seats[s.Addr] = i
		}
	}
	holdings := map[netip.Addr]ir.Holding{}
	for _, h := range result.Program.Holdings {
		holdings[h.Addr] = h
	}
	at := map[netip.Addr]int{}
	for c := range a.Claims {
		claim := &a.Claims[c]
		for w, want := range claim.Wants {
			addr := a.Given.Addrs[c][w]
			if i, known := at[addr]; known && addr.IsValid() {
				p.Addresses[i].For = append(p.Addresses[i].For, ownerOf(claim))
				continue
			}
			if !addr.IsValid() && (contented(claim, a.Given.Addrs[c]) || p.elsewhere(claim, want.Pool)) {
				continue
			}
			h := holdings[addr]
			row := plannedAddress{Address: addr, For: []string{ownerOf(claim)}, Pool: want.Pool, Static: h.Static, Node: h.Node, Failures: []planChange{}, seat: -1, at: want.Origin}
			if seat, seated := seats[addr]; seated {
				row.seat = seat
			}
			if !h.Subnet.IsZero() {
				row.Subnet = &planSubnet{h.Subnet.Gateway, h.Subnet.Bits, h.Subnet.VLAN}
			}
			at[addr] = len(p.Addresses)
			p.Addresses = append(p.Addresses, row)
		}
	}
	slices.SortStableFunc(p.Addresses, func(x, y plannedAddress) int {
		return cmp.Or(compareValid(x.Address, y.Address), slices.Compare(x.For, y.For))
	})
}

// contented reports whether a claim that takes any of what it wants has something.
func contented(c *allot.Claim, given []netip.Addr) bool {
	return c.AnyWill && slices.ContainsFunc(given, netip.Addr.IsValid)
}

// elsewhere reports whether a claim is a Service's that has a pool which is not declared: it keeps what its status says.
func (p *egressPlan) elsewhere(c *allot.Claim, pool string) bool {
	return c.Kind == allot.Service && !slices.ContainsFunc(p.allotment.Pools, func(q allot.Pool) bool { return q.Name == pool })
}

// compareValid orders addresses, those that are none last.
func compareValid(a, b netip.Addr) int {
	if a.IsValid() != b.IsValid() {
		return map[bool]int{true: -1, false: 1}[a.IsValid()]
	}
	return a.Compare(b)
}

// foresee finds out what the failure of each single node moves.
func (p *egressPlan) foresee(nodes []string) {
	for _, node := range nodes {
		if slices.Contains(p.down, node) {
			continue
		}
		after := p.elect([]string{node}, nil)
		for i := range p.Addresses {
			if a := &p.Addresses[i]; after(a) != a.Node {
				a.Failures = append(a.Failures, planChange{node, after(a)})
			}
		}
	}
}

// elect returns a function that gives the node which holds an address if more nodes fail.
func (p *egressPlan) elect(failed []string, report *diag.Report) func(*plannedAddress) string {
	seated := p.allotment.Election.Elect(slices.Concat(p.down, failed), report)
	return func(a *plannedAddress) string {
		switch {
		case a.seat >= 0:
			return seated[a.seat]
		case slices.Contains(failed, a.Node):
			return "" // it is the node's own
		}
		return a.Node
	}
}

// strandedOf lists the owners of addresses for which lost holds, each once.
func strandedOf(addresses []plannedAddress, lost func(*plannedAddress) bool) []string {
	var out []string
	for i := range addresses {
		if lost(&addresses[i]) {
			out = append(out, addresses[i].For...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fail tells what changes if nodes fail at once. The report says of each address that nobody can hold then why, and nothing that is
// so without that.
func (p *egressPlan) fail(nodes []string, report *diag.Report) *failurePlan {
	nodes = slices.Compact(slices.Sorted(slices.Values(nodes)))
	before, then := &diag.Report{}, &diag.Report{}
	p.elect(nil, before)
	after := p.elect(nodes, then)
	for _, f := range then.Findings() {
		if !slices.ContainsFunc(before.Findings(), func(g diag.Finding) bool { return g.Origin == f.Origin && g.Code == f.Code }) {
			report.AddFinding(f)
		}
	}
	out := &failurePlan{Failed: nodes, Moves: []planMove{}}
	for i := range p.Addresses {
		a := &p.Addresses[i]
		to := after(a)
		if a.Static && to == "" && a.Node != "" {
			report.Add(diag.NoNodeForAddress, a.at, "no node can hold %s: it is %s's own, and of no pool", a.Address, a.Node)
		}
		switch {
		case to != a.Node:
			out.Moves = append(out.Moves, planMove{a.addr(), a.For, a.Node, to})
		case a.Node != "":
			out.Kept++
		}
	}
	out.Stranded = strandedOf(p.Addresses, func(a *plannedAddress) bool { return a.Node != "" && after(a) == "" })
	return out
}
