package openflow

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// serving is what a Generator keeps of a node's frontends.
type serving struct {
	families []ir.Family
	addrs    []netip.Addr // of the node
	fronts   map[ir.Entry]*front
	packs    map[string]*pack // by groupKey
	slots    *slots[string]   // of groups
	numbers  *slots[ir.Entry] // of frontends with affinity
}

// front is a frontend with what it gives.
type front struct {
	*ir.Frontend
	flows    []artifact.Object
	findings []diag.Finding
}

// pack is a group with what it gives.
type pack struct {
	refs  int            // frontends that lead there, those of other families included
	users []*ir.Frontend // the others, by Entry; without any there is no group
	group []artifact.Object
	flows []artifact.Object
}

func newServing(p *ir.Pipeline) *serving {
	return &serving{families: podFamilies(p), addrs: ownAddrs(p), fronts: map[ir.Entry]*front{}, packs: map[string]*pack{},
		slots: newGroupSlots(), numbers: newFrontendSlots()}
}

// fits reports whether what a frontend gives is still the same.
func (s *serving) fits(p *ir.Pipeline) bool {
	return slices.Equal(s.families, podFamilies(p)) && slices.Equal(s.addrs, ownAddrs(p))
}

// empty has everything go.
func (s *serving) empty(c *change) {
	for _, f := range s.fronts {
		c.take(&f.flows)
	}
	for _, pk := range s.packs {
		c.take(&pk.group)
		c.take(&pk.flows)
	}
}

// podFamilies lists the families in which the node has pods.
func podFamilies(p *ir.Pipeline) []ir.Family {
	var pods []*ir.Endpoint
	for _, i := range p.OfKind(ir.PodEndpoint) {
		pods = append(pods, p.Endpoints[i])
	}
	return familiesOf(pods)
}

func ownAddrs(p *ir.Pipeline) []netip.Addr {
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			return n.Addrs
		}
	}
	return nil
}

// tell says what was found about frontends.
func (s *serving) tell(report *diag.Report) {
	for _, f := range s.fronts {
		for _, found := range f.findings {
			report.AddFinding(found)
		}
	}
}

// update takes frontends out and others in. It gives up if there are too many groups, or if a frontend has a flow twice.
func (s *serving) update(p *ir.Pipeline, c *change, gone, come []*ir.Frontend) bool {
	l := &lowering{builder: newBuilder(), p: p, report: &diag.Report{}, node: &ir.Node{Name: p.Node, Addrs: s.addrs}, families: s.families}
	u := update{serving: s, change: c, balancing: balancing{lowering: l, groups: s.slots, numbers: s.numbers}, fronts: map[ir.Entry]bool{}, packs: map[string]bool{}}
	for _, f := range gone {
		u.leave(f)
	}
	for _, f := range come {
		u.enter(f)
	}
	if !u.number() {
		return false
	}
	u.lower()
	return l.repeated == 0
}

// update is the work on a change.
type update struct {
	*serving
	balancing
	fronts map[ir.Entry]bool // that are new, or have another number, or a group that has one
	packs  map[string]bool   // likewise, or that have other users
	change *change
}

// isServed reports whether a frontend is one of the node's families.
func (s *serving) isServed(f *ir.Frontend) bool { return slices.Contains(s.families, f.Entry.Family) }

func (u *update) leave(f *ir.Frontend) {
	u.change.take(&u.serving.fronts[f.Entry].flows)
	delete(u.serving.fronts, f.Entry)
	if u.needsNumber(f) {
		u.renumbered(u.balancing.numbers.remove(f.Entry))
	}
	if !isBalanced(f) {
		return
	}
	key := groupKey(f)
	pk := u.serving.packs[key]
	u.packs[key] = true
	pk.refs--
	if at, found := pk.seek(f); found {
		pk.users = slices.Concat(pk.users[:at], pk.users[at+1:])
	}
}

func (u *update) enter(f *ir.Frontend) {
	u.serving.fronts[f.Entry] = &front{Frontend: f}
	u.fronts[f.Entry] = true
	if u.needsNumber(f) {
		u.renumbered(u.balancing.numbers.add(f.Entry))
	}
	if !isBalanced(f) {
		return
	}
	key := groupKey(f)
	pk := u.serving.packs[key]
	if pk == nil {
		pk = &pack{}
		u.serving.packs[key] = pk
	}
	u.packs[key] = true
	pk.refs++
	if u.isServed(f) {
		at, _ := pk.seek(f)
		pk.users = slices.Insert(slices.Clone(pk.users), at, f)
	}
}

func (pk *pack) seek(f *ir.Frontend) (int, bool) {
	return slices.BinarySearchFunc(pk.users, f, func(a, b *ir.Frontend) int { return a.Entry.Compare(b.Entry) })
}

func (u *update) renumbered(entries []ir.Entry) {
	for _, e := range entries {
		u.fronts[e] = true
	}
}

// number gives new groups numbers, and takes those of groups that nothing leads to. It gives up if there are too many.
func (u *update) number() bool {
	var moved []string
	for key := range u.packs {
		if pk := u.serving.packs[key]; pk.refs == 0 {
			u.drop(pk)
			delete(u.serving.packs, key)
			if _, numbered := u.slots.of[key]; numbered {
				moved = append(moved, u.slots.remove(key)...)
			}
		}
	}
	if len(u.serving.packs) > maxGroups {
		return false
	}
	for key := range u.packs {
		if _, numbered := u.slots.of[key]; !numbered && u.serving.packs[key] != nil {
			moved = append(moved, u.slots.add(key)...)
		}
	}
	for _, key := range moved {
		u.packs[key] = true
		if pk := u.serving.packs[key]; pk != nil {
			for _, f := range pk.users {
				u.fronts[f.Entry] = true
			}
		}
	}
	return true
}

// drop takes away what a group gives.
func (u *update) drop(pk *pack) {
	u.change.take(&pk.group)
	u.change.take(&pk.flows)
}

// lower makes what frontends and groups give that have changed.
func (u *update) lower() {
	for entry := range u.fronts {
		f := u.serving.fronts[entry]
		if f == nil {
			continue
		}
		u.change.take(&f.flows)
		var found diag.Report
		u.report = &found
		f.flows = u.written(func() { u.serve(f.Frontend) })
		f.findings = found.Findings()
		u.change.give(f.flows)
	}
	u.report = &diag.Report{} // what there is to say of a group was said of its frontends
	for key := range u.packs {
		pk := u.serving.packs[key]
		if pk == nil {
			continue
		}
		u.drop(pk)
		if len(pk.users) == 0 {
			continue
		}
		var g Group
		pk.flows = u.written(func() { g = u.group(key, pk.users) })
		pk.group = []artifact.Object{artifact.Summed(groupObject(&g))}
		u.change.give(pk.group)
		u.change.give(pk.flows)
	}
}

// written gives the flows that a function writes.
func (u *update) written(write func()) []artifact.Object {
	from := len(u.builder.flows)
	write()
	flows := slices.Clone(u.builder.flows[from:])
	out := make([]artifact.Object, len(flows))
	for i := range flows {
		out[i] = artifact.Summed(object(&flows[i]))
	}
	return out
}
