package manifest

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// externalNode reads a crd.antrea.io/v1alpha1 ExternalNode, which has one interface (resource definition, maxItems) with at
// least one address.
func (b *builder) externalNode(m Meta, root *tree.Node) Object {
	e := &ExternalNode{Meta: m}
	n := root.Get("spec").Get("interfaces")
	top := (*tree.Path)(nil).Field("spec")
	path := top.Field("interfaces")
	b.count(n, &path, 1, 1, "write an ExternalNode for each interface")
	for item, at := range list(n, &path) {
		face := ExternalInterface{Name: b.keep(item.Get("name"))}
		at := at.Field("ips")
		b.count(item.Get("ips"), &at, 1, 0, "")
		for item, at := range list(item.Get("ips"), &at) {
			a := b.requiredAddr(item, at)
			if slices.Contains(face.Addrs, a) && a.IsValid() {
				b.add(diag.BadAddress, item, at, "keep one of the two", "the address %s is there twice", a)
			}
			face.Addrs = append(face.Addrs, a)
		}
		e.Interfaces = append(e.Interfaces, face)
	}
	return e
}

// count judges the length of a list, which the schema has found to be there; most 0 stands for no limit.
func (b *builder) count(n *tree.Node, path *tree.Path, least, most int, hint string) {
	if n.IsNull() || n.Kind != tree.Sequence {
		return
	}
	switch count := n.Len(); {
	case count < least:
		b.add(diag.BadCount, n, path, fmt.Sprintf("write at least %d, or leave %s out where it is optional", least, path.Key), "%s is empty", path.Key)
	case most > 0 && count > most:
		b.add(diag.BadCount, n, path, hint, "%s has %d entries, more than %d", path.Key, count, most)
	}
}

// requiredAddr reads an address that must not be "".
func (b *builder) requiredAddr(n *tree.Node, path *tree.Path) netip.Addr {
	if str(n) == "" && n != nil && n.Kind == tree.Scalar && !n.IsNull() {
		b.add(diag.BadAddress, n, path, "", "the address is empty")
	}
	return b.addr(n, path)
}

// externalEntity reads a crd.antrea.io/v1alpha2 ExternalEntity, which may have no endpoints yet. Their names are for people.
func (b *builder) externalEntity(m Meta, root *tree.Node) Object {
	e := &ExternalEntity{Meta: m}
	spec := root.Get("spec")
	top := (*tree.Path)(nil).Field("spec")
	path := top.Field("endpoints")
	for item, at := range list(spec.Get("endpoints"), &path) {
		at := at.Field("ip")
		if a := b.requiredAddr(item.Get("ip"), &at); a.IsValid() {
			e.Addrs = append(e.Addrs, a)
		}
	}
	path = top.Field("ports")
	for item, at := range list(spec.Get("ports"), &path) {
		at2 := at.Field("port")
		port := ContainerPort{Port: b.port(item.Get("port"), &at2), Name: b.portName(item.Get("name"), at, badPortName)}
		at2 = at.Field("protocol")
		port.Protocol = b.statedProtocol(item.Get("protocol"), &at2)
		e.Ports = append(e.Ports, port)
	}
	path = top.Field("externalNode")
	node := spec.Get("externalNode")
	if bad := badSubdomain(str(node)); bad != "" && str(node) != "" {
		b.add(diag.BadName, node, &path, "", "the ExternalNode's name %q %s", node.Text, bad)
	}
	e.Node = b.keep(node)
	return e
}
