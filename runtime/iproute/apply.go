package iproute

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
)

// Apply carries out a plan made from a state that Observe returned: what comes first, in load order, then what goes, in reverse. The
// kernel has no transactions for this, so if a step fails, those before it are undone. A step that fails is an *agent.RefusedError.
// Addresses that are new are announced; at first all, since nobody knows how much of that an earlier process got done.
func (d *Dataplane) Apply(ctx context.Context, from agent.State, plan artifact.Plan) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var fresh []iproute.Address
	err := d.with(ctx, func(s *stack) error {
		if err := s.prepare(from, plan.To); err != nil {
			return err
		}
		err := s.carry(plan)
		if err != nil {
			return errors.Join(err, s.undo(from))
		}
		fresh = addressesAdded(plan)
		if d.want == nil {
			fresh = addressesOf(plan.To)
		}
		d.want, d.transport = addressesOf(plan.To), s.transport
		return nil
	})
	if err == nil && len(fresh) > 0 {
		d.announce(fresh)
	}
	return err
}

// Prepare makes what a plan adds, but for links in the place of others, what takes the place of something else, and addresses that another
// node may have. Without rules of nftables that set marks, nothing of it is ever used.
func (d *Dataplane) Prepare(ctx context.Context, from agent.State, plan artifact.Plan) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.with(ctx, func(s *stack) error {
		if plan.IsEmpty() {
			return nil
		}
		if err := s.prepare(from, plan.To); err != nil {
			return err
		}
		d.transport = s.transport
		if err := s.precede(from, plan); err != nil {
			return errors.Join(err, s.undo(from))
		}
		return s.note(from)
	})
}

// Release takes away the addresses that a plan deletes and that another node may have by then.
func (d *Dataplane) Release(ctx context.Context, from agent.State, plan artifact.Plan) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.with(ctx, func(s *stack) error {
		if err := s.prepare(from, plan.To); err != nil {
			return err
		}
		stays := identities(plan.To)
		for _, c := range plan.Changes {
			group, ok := c.Old.Value.(*iproute.Group)
			for _, e := range c.Edits {
				if !ok || e.Op != artifact.Delete {
					continue
				}
				a, isAddress := group.Entries[e.At].(iproute.Address)
				if !isAddress || !isHeld(a.Prefix.Addr()) || stays[identity(a)] {
					continue
				}
				if err := s.step("deletion of "+e.Text, a.Origins, s.remove(a)); err != nil {
					return errors.Join(err, s.undo(from))
				}
				d.want = slices.DeleteFunc(d.want, func(w iproute.Address) bool { return identity(w) == identity(a) })
			}
		}
		return s.note(from)
	})
}

// note writes down what there is now as what was applied: a part of a plan is nobody else's doing. What was before it shows all the same.
func (s *stack) note(from agent.State) error {
	if from.Generation == "" || from.Generation != artifact.Generation(from.Artifact) {
		return nil
	}
	now, err := s.observe()
	if err != nil {
		return err
	}
	return s.setGeneration(generationOf(now.Artifact))
}

// precede does the part of a plan that Prepare is for.
func (s *stack) precede(from agent.State, plan artifact.Plan) error {
	there := identities(from.Artifact)
	waits := func(e iproute.Entry) bool {
		a, isAddress := e.(iproute.Address)
		return isAddress && isHeld(a.Prefix.Addr()) || there[identity(e)]
	}
	for _, c := range plan.Changes {
		if c.Op == artifact.Delete || c.Op == artifact.Replace {
			continue
		}
		if _, err := s.come(c, waits); err != nil {
			return err
		}
	}
	return s.fitTunnel()
}

// Found is for what an earlier process left as it should be: from now on it is this one's to keep, and to announce.
func (d *Dataplane) Found(state agent.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := d.want == nil
	d.want = addressesOf(state.Artifact)
	if s, ok := state.Private.(seen); ok {
		d.transport = s.transport
	}
	if first && len(d.want) > 0 {
		d.announce(d.want)
	}
}

// prepare finds what Transport stands for: in what is wanted or, if nothing is, in what is there.
func (s *stack) prepare(from agent.State, to artifact.Artifact) error {
	for _, o := range to.Objects {
		group, ok := o.Value.(*iproute.Group)
		if !ok {
			return fmt.Errorf("object %q has no value", o.Key)
		}
		if len(group.Own) > 0 {
			return s.findTransport(group.Own)
		}
	}
	if before, ok := from.Private.(seen); ok {
		s.transport = before.transport
	}
	return nil
}

// undo brings back a state.
func (s *stack) undo(from agent.State) error {
	s.ctx = context.WithoutCancel(s.ctx)
	if err := s.readLinks(); err != nil {
		return fmt.Errorf("and undoing failed: %w", err)
	}
	now, err := s.observe()
	if err == nil {
		err = s.carry(artifact.Diff(now.Artifact, from.Artifact))
	}
	if err == nil {
		err = s.setGeneration(from.Generation)
	}
	if err != nil {
		return fmt.Errorf("and undoing failed: %w", err)
	}
	return nil
}

// carry does what a plan says.
func (s *stack) carry(plan artifact.Plan) error {
	replaced := false
	for _, c := range plan.Changes {
		if c.Op != artifact.Delete {
			again, err := s.come(c, nil)
			if err != nil {
				return err
			}
			replaced = replaced || again
		}
	}
	if replaced {
		if err := s.routesAgain(plan.To); err != nil {
			return err
		}
	}
	if err := errors.Join(s.fitTunnel(), s.setGeneration(generationOf(plan.To))); err != nil {
		return err
	}
	stays := identities(plan.To)
	for i := len(plan.Changes) - 1; i >= 0; i-- {
		if c := plan.Changes[i]; c.Op == artifact.Modify {
			if err := s.gone(c, stays); err != nil {
				return err
			}
		}
	}
	for _, c := range plan.Changes {
		if c.Op == artifact.Delete {
			if err := s.gone(c, stays); err != nil {
				return err
			}
		}
	}
	return nil
}

// come makes what is new of an object, but for entries that wait. It reports whether a link was replaced, which took the routes over it
// away.
func (s *stack) come(c artifact.Change, waits func(iproute.Entry) bool) (replaced bool, err error) {
	group, ok := c.New.Value.(*iproute.Group)
	if !ok {
		return false, fmt.Errorf("object %q has no value", c.Key)
	}
	if group.Link != nil && c.Op != artifact.Modify {
		if c.Op == artifact.Replace {
			if err := s.step("deletion of "+c.Key, group.Link.Origins, s.deleteLink(group.Link.Name)); err != nil {
				return true, err
			}
		}
		if err := s.link(group, c); err != nil {
			return true, err
		}
	}
	for _, e := range c.Edits {
		if e.Op != artifact.Add {
			continue
		}
		entry := group.Entries[e.At]
		if _, setting := entry.(iproute.Sysctl); setting && c.Op != artifact.Modify || waits != nil && waits(entry) {
			continue
		}
		if err := s.step(e.Text, originsOf(entry), s.add(entry)); err != nil {
			return c.Op == artifact.Replace, err
		}
	}
	return c.Op == artifact.Replace && group.Link != nil, nil
}

// link makes a link with its settings, and sets it up.
func (s *stack) link(group *iproute.Group, c artifact.Change) error {
	l := group.Link
	if err := s.step(c.New.Head, l.Origins, s.addLink(l)); err != nil {
		return err
	}
	if err := s.readLinks(); err != nil {
		return err
	}
	for _, e := range group.Entries {
		if setting, ok := e.(iproute.Sysctl); ok {
			if err := s.step(setting.Text(), l.Origins, s.add(setting)); err != nil {
				return err
			}
		}
	}
	made := s.links[l.Name]
	if made == nil {
		return fmt.Errorf("link %s is not there though it was made", l.Name)
	}
	return s.step("ip link set "+l.Name+" up", l.Origins, s.LinkSetUp(made))
}

// step gives an error its place.
func (s *stack) step(what string, origins []*source.Origin, err error) error {
	if err == nil {
		err = s.ctx.Err()
	}
	if err == nil {
		return nil
	}
	return &agent.RefusedError{Refusals: []agent.Refusal{{What: fmt.Sprintf("%q", what), Origins: origins, Err: err}}}
}

// routesAgain adds the routes over links: those over one that was replaced are gone.
func (s *stack) routesAgain(to artifact.Artifact) error {
	for _, o := range to.Objects {
		for _, e := range o.Value.(*iproute.Group).Entries {
			if r, ok := e.(iproute.Route); ok && r.Device != "" {
				if err := s.step(r.Text(), r.Origins, s.add(r)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// gone takes away what an object does not have any more, but for what was replaced by something of the same identity.
func (s *stack) gone(c artifact.Change, stays map[string]bool) error {
	group, ok := c.Old.Value.(*iproute.Group)
	if !ok {
		return fmt.Errorf("%s was not observed", c.Key)
	}
	if group.Link != nil && c.Op == artifact.Delete {
		return s.step("deletion of "+c.Key, nil, s.deleteLink(group.Link.Name))
	}
	for _, e := range c.Edits {
		if e.Op != artifact.Delete || stays[identity(group.Entries[e.At])] {
			continue
		}
		if err := s.step("deletion of "+e.Text, nil, s.remove(group.Entries[e.At])); err != nil {
			return err
		}
	}
	return nil
}

// identity is what of an entry there can be once: adding another one replaces it.
func identity(e iproute.Entry) string {
	switch e := e.(type) {
	case iproute.Address:
		return "address " + e.Device + " " + e.Prefix.String()
	case iproute.Neighbour:
		return "neighbour " + e.Addr.String()
	case iproute.Forward:
		return "forward " + e.MAC.String()
	case iproute.Route:
		if e.Odd == "" {
			return fmt.Sprintf("route %d %s", e.Table, e.Dst)
		}
	case iproute.Sysctl:
		return "sysctl " + e.Path
	}
	return e.Text()
}

func identities(a artifact.Artifact) map[string]bool {
	out := map[string]bool{}
	for _, o := range a.Objects {
		for _, e := range o.Value.(*iproute.Group).Entries {
			out[identity(e)] = true
		}
	}
	return out
}

func originsOf(e iproute.Entry) []*source.Origin {
	switch e := e.(type) {
	case iproute.Address:
		return e.Origins
	case iproute.Route:
		return e.Origins
	case iproute.Rule:
		return e.Origins
	}
	return nil
}

// addressesOf are those of an artifact.
func addressesOf(a artifact.Artifact) []iproute.Address {
	out := []iproute.Address{}
	for _, o := range a.Objects {
		for _, e := range o.Value.(*iproute.Group).Entries {
			if address, ok := e.(iproute.Address); ok {
				out = append(out, address)
			}
		}
	}
	return out
}

// addressesAdded are those that a plan adds.
func addressesAdded(plan artifact.Plan) []iproute.Address {
	var out []iproute.Address
	for _, c := range plan.Changes {
		for _, e := range c.Edits {
			if e.Op != artifact.Add {
				continue
			}
			if a, ok := c.New.Value.(*iproute.Group).Entries[e.At].(iproute.Address); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// add makes an entry, or puts it in the place of one with its identity.
func (s *stack) add(e iproute.Entry) error {
	switch e := e.(type) {
	case iproute.Address:
		return s.addAddress(e)
	case iproute.Neighbour:
		return s.NeighSet(s.neighbour(e.Device, 0, e.Addr, e.MAC))
	case iproute.Forward:
		return s.NeighSet(s.neighbour(e.Device, unix.AF_BRIDGE, e.Remote, e.MAC))
	case iproute.Route:
		return s.RouteReplace(s.route(e))
	case iproute.Rule:
		return unless(s.RuleAdd(ruleOf(e)), unix.EEXIST)
	case iproute.Sysctl:
		return s.set(e)
	}
	return fmt.Errorf("unknown entry %T", e)
}

// remove takes an entry away, if it is there.
func (s *stack) remove(e iproute.Entry) error {
	switch e := e.(type) {
	case iproute.Address:
		return s.deleteAddress(s.index(e.Device), e.Prefix)
	case iproute.Neighbour:
		return unless(s.NeighDel(s.neighbour(e.Device, 0, e.Addr, e.MAC)), unix.ENOENT)
	case iproute.Forward:
		return unless(s.NeighDel(s.neighbour(e.Device, unix.AF_BRIDGE, e.Remote, e.MAC)), unix.ENOENT)
	case iproute.Route:
		return s.removeRoute(e)
	case iproute.Rule:
		return s.removeRule(e)
	}
	return nil
}

func (s *stack) addAddress(a iproute.Address) error {
	index := s.index(a.Device)
	if index == 0 {
		return fmt.Errorf("there is no interface %s", s.named(a.Device))
	}
	list, err := s.addresses()
	if err != nil {
		return err
	}
	for _, there := range list {
		if there.prefix.Addr() == a.Prefix.Addr() && !there.isOurs() {
			return fmt.Errorf("%s has the address already, and not from headgate", s.nameOf(there.index))
		}
		// The kernel would keep the prefix of an address of IPv6.
		if there.prefix.Addr() == a.Prefix.Addr() && there.index == index && a.Prefix.Addr().Is6() && there.prefix != a.Prefix {
			if err := s.deleteAddress(index, there.prefix); err != nil {
				return err
			}
		}
	}
	if err := s.setAddress(index, a.Prefix); err != nil {
		return err
	}
	return s.requireTold(index, a.Prefix)
}

func (s *stack) nameOf(index int) string {
	if l := s.byIndex[index]; l != nil {
		return l.Attrs().Name
	}
	return fmt.Sprint(index)
}

func (s *stack) neighbour(device string, family int, addr netip.Addr, mac iproute.MAC) *netlink.Neigh {
	n := &netlink.Neigh{LinkIndex: s.index(device), Family: family, State: unix.NUD_PERMANENT, IP: addr.AsSlice(), HardwareAddr: mac[:]}
	if family == unix.AF_BRIDGE {
		n.Flags = unix.NTF_SELF
	}
	return n
}

func prefixOf(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func (s *stack) route(r iproute.Route) *netlink.Route {
	out := &netlink.Route{Table: int(r.Table), Dst: prefixOf(r.Dst), Protocol: iproute.Protocol, Type: unix.RTN_UNICAST}
	switch r.Type {
	case iproute.Throw:
		out.Type = unix.RTN_THROW
	case iproute.Unreachable:
		out.Type = unix.RTN_UNREACHABLE
	}
	if r.Device != "" {
		out.LinkIndex = s.index(r.Device)
	}
	switch {
	case r.Via.IsValid() && r.Via.Is6() && r.Dst.Addr().Is4():
		out.Via = &netlink.Via{AddrFamily: unix.AF_INET6, Addr: r.Via.AsSlice()}
	case r.Via.IsValid():
		out.Gw = r.Via.AsSlice()
	case r.Device != "":
		out.Scope = netlink.SCOPE_LINK
	}
	if r.Via.IsValid() {
		out.Flags = int(netlink.FLAG_ONLINK)
	}
	return out
}

// removeRoute deletes a route as it is: one that is not as we make it, too.
func (s *stack) removeRoute(r iproute.Route) error {
	if r.Odd == "" {
		return unless(s.RouteDel(s.route(r)), unix.ESRCH)
	}
	routes, err := s.ourRoutes()
	if err != nil {
		return err
	}
	o := &observer{stack: s}
	for _, there := range routes {
		if o.route(there).Text() == r.Text() {
			if err := unless(s.RouteDel(&there), unix.ESRCH); err != nil {
				return err
			}
		}
	}
	return nil
}

func ruleOf(r iproute.Rule) *netlink.Rule {
	out := netlink.NewRule()
	out.Priority, out.Table, out.Protocol, out.Family = iproute.Priority, int(r.Table), iproute.Protocol, unix.AF_INET
	if r.Family == ir.IPv6 {
		out.Family = unix.AF_INET6
	}
	if r.From.IsValid() {
		out.Src = prefixOf(netip.PrefixFrom(r.From, r.From.BitLen()))
		return out
	}
	out.Mark, out.Mask = r.Mark, &r.Mask
	return out
}

// removeRule deletes a rule, or one that is not as we make them.
func (s *stack) removeRule(r iproute.Rule) error {
	if r.Odd == "" {
		return unless(s.RuleDel(ruleOf(r)), unix.ENOENT)
	}
	rules, err := s.ourRules()
	if err != nil {
		return err
	}
	for _, there := range rules {
		if oddRule(there) == r.Odd {
			if err := unless(s.RuleDel(&there), unix.ENOENT); err != nil {
				return err
			}
		}
	}
	return nil
}

// setGeneration stores a generation, "" for none, and deletes those before it.
func (s *stack) setGeneration(generation string) error {
	routes, err := s.ourRoutes()
	if err != nil {
		return err
	}
	there := false
	var others []netlink.Route
	for _, r := range routes {
		if r.Table != iproute.GenerationTable {
			continue
		}
		if dst := addrOf(r.Dst.IP); dst.Is4() && generation == iproute.DecodeGeneration(dst, uint32(r.Priority)) {
			there = true
			continue
		}
		others = append(others, r)
	}
	if generation != "" && !there {
		dst, metric := iproute.EncodeGeneration(generation)
		r := &netlink.Route{Table: iproute.GenerationTable, Dst: prefixOf(dst), Priority: int(metric), Type: unix.RTN_BLACKHOLE, Protocol: iproute.Protocol}
		if err := s.RouteReplace(r); err != nil {
			return fmt.Errorf("store the generation: %w", err)
		}
	}
	for _, r := range others {
		if err := unless(s.RouteDel(&r), unix.ESRCH); err != nil {
			return fmt.Errorf("delete the generation before: %w", err)
		}
	}
	return nil
}
