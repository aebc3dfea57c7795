package manifest

import (
	"net/netip"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

func (b *builder) namespaceObject(m Meta, _ *tree.Node) Object { return &Namespace{Meta: m} }

// node reads a v1 Node: its InternalIP and ExternalIP addresses, and podCIDRs, or podCIDR where that is all there is.
func (b *builder) node(m Meta, root *tree.Node) Object {
	n := &Node{Meta: m}
	spec, status := (*tree.Path)(nil).Field("spec"), (*tree.Path)(nil).Field("status")
	at := spec.Field("podCIDRs")
	for item, at := range list(root.Get("spec").Get("podCIDRs"), &at) {
		if p := b.prefix(item, at); p.IsValid() {
			n.PodCIDRs = append(n.PodCIDRs, p)
		}
	}
	at = spec.Field("podCIDR")
	if single := root.Get("spec").Get("podCIDR"); str(single) != "" && len(n.PodCIDRs) == 0 {
		if p := b.prefix(single, &at); p.IsValid() {
			n.PodCIDRs = append(n.PodCIDRs, p)
		}
	}
	at = status.Field("addresses")
	for item, at := range list(root.Get("status").Get("addresses"), &at) {
		switch str(item.Get("type")) {
		case "InternalIP", "ExternalIP":
			at := at.Field("address")
			if a := b.addr(item.Get("address"), &at); a.IsValid() {
				n.Addrs = append(n.Addrs, a)
			}
		}
	}
	n.Leaving = isLeaving(root)
	return n
}

// leavingTaint is what the cluster autoscaler puts on a node before it deletes it; load balancers are to leave it then, says the source
// of kube-proxy (pkg/proxy/healthcheck, ToBeDeletedTaint).
const leavingTaint = "ToBeDeletedByClusterAutoscaler"

// isLeaving reports whether a Node is being deleted, or has the taint.
func isLeaving(root *tree.Node) bool {
	if str(root.Get("metadata").Get("deletionTimestamp")) != "" {
		return true
	}
	at := (*tree.Path)(nil).Field("spec")
	at = at.Field("taints")
	for item := range list(root.Get("spec").Get("taints"), &at) {
		if str(item.Get("key")) == leavingTaint {
			return true
		}
	}
	return false
}

// pod reads a v1 Pod.
func (b *builder) pod(m Meta, root *tree.Node) Object {
	spec, status := root.Get("spec"), root.Get("status")
	p := &Pod{Meta: m, NodeName: b.keep(spec.Get("nodeName")), ServiceAccount: b.keep(spec.Get("serviceAccountName"))}
	if p.ServiceAccount == "" {
		p.ServiceAccount = b.keep(spec.Get("serviceAccount")) // the field's deprecated name
	}
	if p.ServiceAccount == "" {
		p.ServiceAccount = "default"
	}
	p.HostNetwork, _ = spec.Get("hostNetwork").Bool()
	phase := str(status.Get("phase"))
	p.Terminated = phase == "Succeeded" || phase == "Failed"
	p.Addrs = b.podAddrs(status)
	top := (*tree.Path)(nil).Field("spec")
	at := top.Field("containers")
	p.Ports = b.containers(nil, spec.Get("containers"), &at, func(*tree.Node) bool { return true })
	at = top.Field("initContainers")
	p.Ports = b.containers(p.Ports, spec.Get("initContainers"), &at, func(c *tree.Node) bool {
		return str(c.Get("restartPolicy")) == "Always"
	})
	return p
}

// podAddrs reads podIPs, or podIP where that is all there is. The API keeps podIP equal to the first of podIPs.
func (b *builder) podAddrs(status *tree.Node) []netip.Addr {
	top := (*tree.Path)(nil).Field("status")
	var addrs []netip.Addr
	items := status.Get("podIPs")
	if count := items.Len(); count > 0 {
		addrs = make([]netip.Addr, 0, count)
	}
	at := top.Field("podIPs")
	for item, at := range list(items, &at) {
		at := at.Field("ip")
		if a := b.addr(item.Get("ip"), &at); a.IsValid() {
			addrs = append(addrs, a)
		}
	}
	single := status.Get("podIP")
	at = top.Field("podIP")
	a := b.addr(single, &at)
	switch {
	case !a.IsValid():
	case items.Len() == 0:
		addrs = []netip.Addr{a}
	case len(addrs) > 0 && addrs[0] != a:
		b.add(diag.BadAddress, single, &at, "podIP and podIPs[0].ip must be the same", "podIP %s is not the first of podIPs, %s", a, addrs[0])
	}
	return addrs
}

func (b *builder) containers(ports []ContainerPort, n *tree.Node, path *tree.Path, counts func(*tree.Node) bool) []ContainerPort {
	for c, at := range list(n, path) {
		declared := c.Get("ports")
		if declared.Len() == 0 {
			continue
		}
		keep := counts(c)
		at := at.Field("ports")
		for item, at := range list(declared, &at) {
			if port := b.containerPort(item, at); keep {
				ports = append(ports, port)
			}
		}
	}
	return ports
}

func (b *builder) containerPort(n *tree.Node, path *tree.Path) ContainerPort {
	at := path.Field("containerPort")
	port := ContainerPort{Port: b.port(n.Get("containerPort"), &at), Name: b.portName(n.Get("name"), path, badPortName)}
	at = path.Field("protocol")
	port.Protocol = b.protocol(n.Get("protocol"), &at)
	return port
}

func (b *builder) portName(n *tree.Node, path *tree.Path, judge func(string) string) string {
	name := str(n)
	if name == "" {
		return ""
	}
	if bad := judge(name); bad != "" {
		at := path.Field("name")
		b.add(diag.BadPort, n, &at, "", "the port name %q %s", name, bad)
	}
	return b.intern.text(name)
}
