package iproute

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
)

// Observe reads what is ours. What another program put on our links and into our tables shows as items that nothing generates.
func (d *Dataplane) Observe(ctx context.Context) (state agent.State, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.with(ctx, func(s *stack) error {
		state, err = s.observe()
		return err
	})
	return state, err
}

func (s *stack) observe() (agent.State, error) {
	o := &observer{stack: s, out: &iproute.Stack{}}
	for _, read := range []func() error{o.addresses, o.links, o.neighbours, o.routes, o.rules} {
		if err := read(); err != nil {
			return agent.State{}, err
		}
	}
	return agent.State{Artifact: iproute.Artifact(o.out), Generation: o.generation, Private: seen{o.transport}}, nil
}

// seen is what Apply has to know of an observation: what Transport stands for in it; "" if it does not occur.
type seen struct{ transport string }

// observer builds a Stack of what the kernel has.
type observer struct {
	*stack
	out        *iproute.Stack
	generation string
}

// isOurLink reports whether a link has a name of ours.
func isOurLink(name string) bool {
	_, vlan := iproute.VLANOf(name)
	return vlan || name == iproute.Tunnel
}

// device names a link as the artifact does. What Transport stands for is what the last Apply found, or if there was none, the first
// link that is none of ours and has addresses of ours.
func (o *observer) device(index int) string {
	l := o.byIndex[index]
	if l == nil {
		return fmt.Sprintf("%d", index)
	}
	if name := l.Attrs().Name; name != o.transport {
		return name
	}
	return iproute.Transport
}

func (o *observer) addresses() error {
	list, err := o.stack.addresses()
	if err != nil {
		return fmt.Errorf("list addresses: %w", err)
	}
	if o.transport == "" {
		o.transport = o.d.transport
	}
	for _, a := range list {
		if l := o.byIndex[a.index]; o.transport == "" && a.isOurs() && l != nil && !isOurLink(l.Attrs().Name) {
			o.transport = l.Attrs().Name
		}
	}
	for _, a := range list {
		device := o.device(a.index)
		switch {
		case a.isOurs():
			o.out.Addresses = append(o.out.Addresses, iproute.Address{Device: device, Prefix: a.prefix, Odd: oddFlags(a)})
		case isOurLink(device) && !a.prefix.Addr().IsLinkLocalUnicast():
			o.out.Addresses = append(o.out.Addresses, iproute.Address{Device: device, Prefix: a.prefix, Odd: "not ours"})
		}
	}
	return nil
}

// oddFlags says what is not as we give addresses.
func oddFlags(a address) string {
	if want := flagsOf(a.prefix.Addr()); a.flags&want != want {
		return fmt.Sprintf("flags %#x", a.flags)
	}
	return ""
}

func (o *observer) links() error {
	for name, l := range o.stack.links {
		if !isOurLink(name) {
			continue
		}
		link := iproute.Link{Name: name}
		var err error
		if tag, ok := iproute.VLANOf(name); ok {
			link.VLAN = tag
			link.Odd, err = o.oddVLAN(l, tag)
		} else {
			link.VXLAN, link.Odd = tunnelOf(l)
		}
		if err != nil {
			return err
		}
		if link.Odd == "" && !isUp(l) {
			link.Odd = "down"
		}
		o.out.Links = append(o.out.Links, link)
		o.sysctls(name)
	}
	return nil
}

// oddVLAN says what is not as a device for a VLAN is to be: one of the kernel's, or one of a switch.
func (o *observer) oddVLAN(l netlink.Link, tag uint16) (string, error) {
	if v, ok := l.(*netlink.Vlan); ok {
		parent := o.device(l.Attrs().ParentIndex)
		if o.transport == "" {
			o.transport, parent = parent, iproute.Transport
		}
		if v.VlanId != int(tag) || parent != iproute.Transport {
			return fmt.Sprintf("id %d on %s", v.VlanId, parent), nil
		}
		return "", nil
	}
	if o.d.options.VLANs != nil {
		has, err := o.d.options.VLANs.Tag(o.ctx, l.Attrs().Name)
		if err != nil || has == tag {
			return "", err
		}
	}
	return "type " + l.Type(), nil
}

func tunnelOf(l netlink.Link) (iproute.VXLAN, string) {
	v, ok := l.(*netlink.Vxlan)
	if !ok {
		return iproute.VXLAN{}, "type " + l.Type()
	}
	out := iproute.VXLAN{VNI: uint32(v.VxlanId), Port: uint16(v.Port), Local: addrOf(v.SrcAddr), MAC: macOf(v.HardwareAddr)}
	switch {
	case v.Learning:
		return out, "learning"
	case v.Group != nil:
		return out, "group " + v.Group.String()
	}
	return out, ""
}

func addrOf(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}

func macOf(hw net.HardwareAddr) (m iproute.MAC) {
	copy(m[:], hw)
	return m
}

// sysctls reads the settings that our devices get.
func (o *observer) sysctls(device string) {
	for _, want := range iproute.SettingsOf(device) {
		o.out.Sysctls = append(o.out.Sysctls, setting(want))
	}
}

// neighbours reads the permanent entries of the tunnel.
func (o *observer) neighbours() error {
	l := o.stack.links[iproute.Tunnel]
	if l == nil {
		return nil
	}
	for _, family := range []int{unix.AF_INET, unix.AF_INET6, unix.AF_BRIDGE} {
		list, err := retry(func() ([]netlink.Neigh, error) { return o.NeighList(l.Attrs().Index, family) })
		if err != nil {
			return fmt.Errorf("list neighbours: %w", err)
		}
		for _, n := range list {
			switch {
			case n.State&unix.NUD_PERMANENT == 0 || n.LinkIndex != l.Attrs().Index:
			case family == unix.AF_BRIDGE:
				o.out.Forwards = append(o.out.Forwards, iproute.Forward{Device: iproute.Tunnel, MAC: macOf(n.HardwareAddr), Remote: addrOf(n.IP)})
			default:
				o.out.Neighbours = append(o.out.Neighbours, iproute.Neighbour{Device: iproute.Tunnel, Addr: addrOf(n.IP), MAC: macOf(n.HardwareAddr)})
			}
		}
	}
	return nil
}

func (o *observer) routes() error {
	routes, err := o.ourRoutes()
	if err != nil {
		return err
	}
	for _, r := range routes {
		if r.Table == iproute.GenerationTable {
			if dst := addrOf(r.Dst.IP); dst.Is4() && r.Type == unix.RTN_BLACKHOLE {
				o.generation = iproute.DecodeGeneration(dst, uint32(r.Priority))
			}
			continue
		}
		o.out.Routes = append(o.out.Routes, o.route(r))
	}
	return nil
}

// ourRoutes are those with our protocol, and all in our tables.
func (s *stack) ourRoutes() ([]netlink.Route, error) {
	var out []netlink.Route
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		list, err := retry(func() ([]netlink.Route, error) {
			return s.RouteListFiltered(family, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
		})
		if err != nil && !errors.Is(err, unix.ENOENT) {
			return nil, fmt.Errorf("list routes: %w", err)
		}
		for _, r := range list {
			if (iproute.IsTable(uint32(r.Table)) || r.Protocol == iproute.Protocol) && r.Dst != nil {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// metric6 is what the kernel gives routes of IPv6 that have none: IP6_RT_PRIO_USER.
const metric6 = 1024

func (o *observer) route(r netlink.Route) iproute.Route {
	bits, _ := r.Dst.Mask.Size()
	out := iproute.Route{Table: uint32(r.Table), Dst: netip.PrefixFrom(addrOf(r.Dst.IP), bits), Via: addrOf(r.Gw)}
	if via, ok := r.Via.(*netlink.Via); ok {
		out.Via = addrOf(via.Addr)
	}
	usual := 0
	if out.Dst.Addr().Is6() {
		usual = metric6
	}
	switch r.Type {
	case unix.RTN_UNICAST:
		out.Device = o.device(r.LinkIndex)
	case unix.RTN_THROW:
		out.Type = iproute.Throw
	case unix.RTN_UNREACHABLE:
		out.Type = iproute.Unreachable
	default:
		out.Odd = fmt.Sprintf("type %d ", r.Type)
	}
	switch {
	case r.Protocol != iproute.Protocol:
		out.Odd += fmt.Sprintf("proto %d", r.Protocol)
	case r.Priority != usual || r.Tos != 0:
		out.Odd += fmt.Sprintf("metric %d tos %d", r.Priority, r.Tos)
	case len(r.MultiPath) > 0:
		out.Odd += "several next hops"
	case out.Via.IsValid() && r.Flags&int(netlink.FLAG_ONLINK) == 0:
		out.Odd += "not onlink"
	}
	return out
}

func (o *observer) rules() error {
	rules, err := o.ourRules()
	if err != nil {
		return err
	}
	for _, r := range rules {
		out := iproute.Rule{Family: ir.IPv4, Mark: r.Mark, Table: uint32(r.Table)}
		if r.Family == unix.AF_INET6 {
			out.Family = ir.IPv6
		}
		if r.Mask != nil {
			out.Mask = *r.Mask
		}
		if r.Src != nil {
			out.From = addrOf(r.Src.IP)
		}
		out.Odd = oddRule(r)
		o.out.Rules = append(o.out.Rules, out)
	}
	return nil
}

// oddRule says what is not as we make rules.
func oddRule(r netlink.Rule) string {
	fromOne := r.Src == nil
	if r.Src != nil {
		ones, bits := r.Src.Mask.Size()
		fromOne = ones == bits
	}
	switch {
	case r.Protocol != iproute.Protocol || r.Priority != iproute.Priority:
		return fmt.Sprintf("priority %d protocol %d", r.Priority, r.Protocol)
	case r.Src != nil && r.Mask != nil && *r.Mask != 0, !fromOne, r.Dst != nil, r.IifName != "", r.OifName != "", r.Invert, r.Tos != 0,
		r.Dport != nil, r.Sport != nil, r.IPProto != 0, r.UIDRange != nil, r.Goto >= 0:
		return r.String()
	}
	return ""
}

// ourRules are those with our protocol, and all that lead to our tables.
func (s *stack) ourRules() ([]netlink.Rule, error) {
	var out []netlink.Rule
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		list, err := retry(func() ([]netlink.Rule, error) { return s.RuleList(family) })
		if err != nil {
			return nil, fmt.Errorf("list rules: %w", err)
		}
		for _, r := range list {
			if iproute.IsTable(uint32(r.Table)) || r.Protocol == iproute.Protocol {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// generationOf is what an artifact stores.
func generationOf(a artifact.Artifact) string {
	if len(a.Objects) == 0 {
		return ""
	}
	return artifact.Generation(a)
}
