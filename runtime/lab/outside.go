package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A host that is in a VLAN has a link for it: of the kernel, or, where that has no VLANs, a port of an Open vSwitch of its own.

// isTagged tells whether the host is in a VLAN.
func (h *Host) isTagged() bool {
	return slices.ContainsFunc(h.Nets, func(n Net) bool { return n.VLAN != 0 })
}

// vlanLink names a host's link in a VLAN.
func vlanLink(tag uint16) string { return fmt.Sprintf("%s.%d", eth0, tag) }

// tags lists the host's VLANs.
func (h *Host) tags() []uint16 {
	var tags []uint16
	for _, n := range h.Nets {
		if n.VLAN != 0 && !slices.Contains(tags, n.VLAN) {
			tags = append(tags, n.VLAN)
		}
	}
	return tags
}

// hasVLANs tells whether the kernel can make a link for a VLAN on another.
func (l *links) hasVLANs(index int) bool {
	if l.err != nil {
		return false
	}
	const any = 1
	link := vlanOn(index, any)
	err := l.h.LinkAdd(link)
	switch {
	case err == nil:
		l.note(l.h.LinkDel(link), "delete link %s", link.Name)
	case !errors.Is(err, unix.EOPNOTSUPP):
		l.note(err, "add link %s", link.Name)
	}
	return err == nil
}

func vlanOn(index int, tag uint16) *netlink.Vlan {
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.ParentIndex = vlanLink(tag), index
	return &netlink.Vlan{LinkAttrs: attrs, VlanId: int(tag), VlanProtocol: netlink.VLAN_PROTOCOL_8021Q}
}

// startHostOVS gives a host a switch, with a port for each VLAN.
func (c *cluster) startHostOVS(m *member) error {
	if err := checkDatapath(Userspace); err != nil {
		return err
	}
	n := &NodeHandle{Name: m.where, ns: m.ns, ovs: ovsAt(filepath.Join(c.dir, runDir, fmt.Sprintf("h%d", m.index)))}
	if err := c.startDaemons(n); err != nil {
		return err
	}
	args := physArgs(m, Userspace)
	for _, tag := range m.host.tags() {
		args = append(args, "--", "add-port", physBridge, vlanLink(tag), fmt.Sprintf("tag=%d", tag), "--",
			"set", "interface", vlanLink(tag), "type=internal")
	}
	return c.vsctl(n, args...)
}

// joinNets gives a host its addresses in other networks, and routes to those who are there.
func (l *links) joinNets(dev int, m *member) {
	if !m.isSwitched() {
		for _, tag := range m.host.tags() {
			l.note(l.h.LinkAdd(vlanOn(dev, tag)), "add link %s", vlanLink(tag))
		}
	}
	for _, n := range m.host.Nets {
		on := dev
		if n.VLAN != 0 {
			on = l.index(vlanLink(n.VLAN))
			l.up(on)
		}
		if !slices.Contains(m.addrs, n.Addr.Addr()) {
			l.address(on, hostPrefix(n.Addr.Addr()))
		}
		l.direct(on, n.Addr.Masked(), n.Addr.Addr())
	}
}

// joinHeld has a host ask who holds addresses.
func (l *links) joinHeld(dev int, m *member, held []netip.Addr) {
	for _, addr := range held {
		if own := addrsOf(m.addrs, addr.Is4()); len(own) > 0 {
			l.direct(dev, hostPrefix(addr), own[0])
		}
	}
}

// masquerade has what a node's pods send to hosts leave with the node's address, if the spec says so.
func (c *cluster) masquerade(m *member) error {
	rules := masqueradeRules(&c.boot.Spec, m.node)
	if rules == "" {
		return nil
	}
	path, err := exec.LookPath("nft")
	if err != nil {
		return fmt.Errorf("%w (for a lab that masquerades install nftables: apt-get install nftables)", err)
	}
	cmd := exec.Command(path, "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := m.ns.do(func() error { return c.children.start(cmd) }); err != nil {
		return err
	}
	if err := c.children.wait(cmd); err != nil {
		return fmt.Errorf("%s: nft: %w: %s", m.where, err, output.String())
	}
	return nil
}

// masqueradeRules are what nft(8) is to load on a node; "" if there is nothing to translate.
func masqueradeRules(spec *Spec, node *Node) string {
	if !spec.Masquerade || node == nil {
		return ""
	}
	var pods, hosts []netip.Addr
	for i := range spec.Pods {
		if spec.Pods[i].Node == node.Name {
			pods = append(pods, spec.Pods[i].Addrs...)
		}
	}
	for i := range spec.Hosts {
		hosts = append(hosts, spec.Hosts[i].Addrs...)
	}
	var rules strings.Builder
	for _, family := range []struct {
		word string
		is4  bool
	}{{"ip", true}, {"ip6", false}} {
		from, to := addrsOf(pods, family.is4), addrsOf(hosts, family.is4)
		if len(from) > 0 && len(to) > 0 {
			fmt.Fprintf(&rules, "%s saddr { %s } %s daddr { %s } masquerade\n", family.word, commas(from), family.word, commas(to))
		}
	}
	if rules.Len() == 0 {
		return ""
	}
	return "table inet lab-cni {\nchain leave {\ntype nat hook postrouting priority 100\n" + rules.String() + "}\n}\n"
}

func commas(addrs []netip.Addr) string {
	words := make([]string, len(addrs))
	for i, a := range addrs {
		words[i] = a.String()
	}
	return strings.Join(words, ", ")
}
