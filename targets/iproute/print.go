package iproute

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Target is the name of the artifacts.
const Target = "iproute"

// The keys of objects that are there at most once. Others are "link NAME" and "table NUMBER".
const (
	AddressesKey = "addresses" // on Transport
	RulesKey     = "rules"
)

// Group is the Value of an object.
type Group struct {
	Link    *Link   // of an object for one
	Entries []Entry // parallel to the object's items
	Own     []netip.Addr
}

// Artifact prints a Stack: links with all that is on them, addresses of Transport, tables with their routes, rules.
func Artifact(s *Stack) artifact.Artifact {
	b := &builder{out: artifact.Artifact{Target: Target, Node: s.Node}, index: map[string]int{}, own: s.Own}
	for i := range s.Links {
		l := &s.Links[i]
		b.object(LinkKey(l.Name), l.Text()).Link = l
	}
	for _, e := range s.Addresses {
		b.device(e.Device, e)
	}
	for _, e := range s.Neighbours {
		b.device(e.Device, e)
	}
	for _, e := range s.Forwards {
		b.device(e.Device, e)
	}
	for _, e := range s.Sysctls {
		b.device(e.Device, e)
	}
	for _, e := range s.Routes {
		key := fmt.Sprintf("table %d", e.Table)
		b.add(key, "# "+key, e)
	}
	for _, e := range s.Rules {
		b.add(RulesKey, "# rules", e)
	}
	return b.sorted()
}

// LinkKey is the key of a link.
func LinkKey(name string) string { return "link " + name }

// builder gathers entries by object.
type builder struct {
	out   artifact.Artifact
	index map[string]int
	own   []netip.Addr
}

func (b *builder) object(key, head string) *Group {
	at, ok := b.index[key]
	if !ok {
		at = len(b.out.Objects)
		b.index[key] = at
		b.out.Objects = append(b.out.Objects, artifact.Object{Key: key, Head: head, Value: &Group{Own: b.own}})
	}
	return b.out.Objects[at].Value.(*Group)
}

func (b *builder) add(key, head string, e Entry) {
	g := b.object(key, head)
	g.Entries = append(g.Entries, e)
}

// device adds what is on a device. One that is none of ours has addresses alone.
func (b *builder) device(device string, e Entry) {
	key := LinkKey(device)
	if _, ours := b.index[key]; ours {
		b.add(key, "", e)
		return
	}
	if device == Transport {
		key = AddressesKey
	}
	b.add(key, "# addresses of "+device, e)
}

// sorted puts the objects into load order, and items into theirs.
func (b *builder) sorted() artifact.Artifact {
	rank := func(o artifact.Object) int {
		for i, kind := range []string{"link", AddressesKey, "table", RulesKey} {
			if strings.HasPrefix(o.Key, kind) {
				return i
			}
		}
		return -1
	}
	slices.SortFunc(b.out.Objects, func(x, y artifact.Object) int {
		if d := rank(x) - rank(y); d != 0 {
			return d
		}
		return strings.Compare(x.Key, y.Key)
	})
	for i := range b.out.Objects {
		o := &b.out.Objects[i]
		g := o.Value.(*Group)
		slices.SortFunc(g.Entries, func(x, y Entry) int { return strings.Compare(x.Text(), y.Text()) })
		g.Entries = slices.CompactFunc(g.Entries, func(x, y Entry) bool { return x.Text() == y.Text() })
		for _, e := range g.Entries {
			o.Items = append(o.Items, e.Text())
		}
	}
	return b.out
}

// Text is the command that makes the link. It is not up then, and needs Finish.
func (l Link) Text() string {
	if l.VLAN != 0 {
		return fmt.Sprintf("ip link add link %s name %s type vlan id %d", Transport, l.Name, l.VLAN) + odd(l.Odd)
	}
	v := l.VXLAN
	return fmt.Sprintf("ip link add %s address %s type vxlan id %d dstport %d local %s nolearning", l.Name, v.MAC, v.VNI, v.Port, v.Local) + odd(l.Odd)
}

// String gives the six bytes in hexadecimal, with colons.
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Text is the command. The address has no route of its prefix, so that the node itself and pods without an Egress go the ways that they
// go without it; one of IPv6 is no choice for the node's own connections, and is not probed for (RFC 4862, section 5.4: an address
// that moves must be there at once, and the node that had it may still answer for it for a moment).
func (a Address) Text() string {
	text := fmt.Sprintf("ip addr add %s dev %s noprefixroute", a.Prefix, a.Device)
	if a.Prefix.Addr().Is6() {
		text += " nodad preferred_lft 0"
	}
	return text + odd(a.Odd)
}

// Text is the command.
func (n Neighbour) Text() string {
	return fmt.Sprintf("ip neigh add %s lladdr %s nud permanent dev %s", n.Addr, n.MAC, n.Device) + odd(n.Odd)
}

// Text is the command.
func (f Forward) Text() string {
	return fmt.Sprintf("bridge fdb add %s dev %s dst %s", f.MAC, f.Device, f.Remote) + odd(f.Odd)
}

// Text is the command.
func (r Route) Text() string {
	var b strings.Builder
	b.WriteString(program(ir.FamilyOf(r.Dst.Addr())) + " route add ")
	switch r.Type {
	case Throw:
		b.WriteString("throw ")
	case Unreachable:
		b.WriteString("unreachable ")
	}
	if r.Dst.Bits() == 0 {
		b.WriteString("default")
	} else {
		b.WriteString(r.Dst.String())
	}
	if r.Via.IsValid() {
		b.WriteString(" via ")
		if r.Via.Is6() && r.Dst.Addr().Is4() {
			b.WriteString("inet6 ")
		}
		b.WriteString(r.Via.String())
	}
	if r.Device != "" {
		b.WriteString(" dev " + r.Device)
		if r.Via.IsValid() {
			b.WriteString(" onlink")
		}
	}
	fmt.Fprintf(&b, " table %d proto %d%s", r.Table, Protocol, odd(r.Odd))
	return b.String()
}

// Text is the command.
func (r Rule) Text() string {
	what := fmt.Sprintf("fwmark %#x/%#x", r.Mark, r.Mask)
	if r.From.IsValid() {
		what = "from " + r.From.String()
	}
	return fmt.Sprintf("%s rule add %s lookup %d priority %d protocol %d", program(r.Family), what, r.Table, Priority, Protocol) + odd(r.Odd)
}

// Text is the command. A kernel that does not have the setting, for it has no IPv6, needs it not.
func (s Sysctl) Text() string { return fmt.Sprintf("sysctl -q -e -w %s=%s", s.Path, s.Value) }

// program is ip, for a family.
func program(f ir.Family) string {
	if f == ir.IPv6 {
		return "ip -6"
	}
	return "ip"
}

func odd(text string) string {
	if text == "" {
		return ""
	}
	return " # " + text
}

// Script is a shell script that makes all of an artifact where nothing of ours is. Addresses stay until they are deleted.
func Script(a artifact.Artifact) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\nset -e\n")
	if len(a.Objects) == 0 {
		return b.String()
	}
	if own := a.Objects[0].Value.(*Group).Own; len(own) > 0 && strings.Contains(artifact.Text(a), Transport) {
		fmt.Fprintf(&b, "TRANSPORT=$(ip -o addr show to %s | awk '{ print $2; exit }')\n", own[0])
	}
	for _, o := range a.Objects {
		scriptObject(&b, o)
	}
	dst, metric := EncodeGeneration(artifact.Generation(a))
	fmt.Fprintf(&b, "ip route add blackhole %s metric %d table %d proto %d\n", dst, metric, GenerationTable, Protocol)
	return b.String()
}

func scriptObject(b *strings.Builder, o artifact.Object) {
	group := o.Value.(*Group)
	b.WriteString(o.Head + "\n")
	if l := group.Link; l != nil {
		for i, e := range group.Entries {
			if _, ok := e.(Sysctl); ok {
				b.WriteString(o.Items[i] + "\n")
			}
		}
		if l.VLAN == 0 {
			fmt.Fprintf(b, "ip link set %s addrgenmode none\n", l.Name)
		}
		fmt.Fprintf(b, "ip link set %s up\n", l.Name)
	}
	for i, e := range group.Entries {
		if _, ok := e.(Sysctl); !ok {
			b.WriteString(o.Items[i] + "\n")
		}
	}
}

// EncodeGeneration gives the destination and metric of the route that stores a generation in GenerationTable: its first and its last 32
// bits. One route is replaced by another one; nothing is looked up there.
func EncodeGeneration(generation string) (netip.Prefix, uint32) {
	b, err := hex.DecodeString(generation)
	if err != nil || len(b) != 8 {
		panic("a generation has 16 hexadecimal digits: " + generation)
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte(b[:4])), 32), binary.BigEndian.Uint32(b[4:])
}

// DecodeGeneration is the inverse of EncodeGeneration.
func DecodeGeneration(dst netip.Addr, metric uint32) string {
	b := dst.As4()
	return hex.EncodeToString(binary.BigEndian.AppendUint32(b[:], metric))
}
