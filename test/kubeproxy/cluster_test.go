package kubeproxy

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// cluster is one whose Services are compared, seen from the node n1.
type cluster struct {
	objects *manifest.Objects
	program *ir.Program
	placed  *ir.Pipeline
	node    *ir.Node
}

const nodeName = "n1"

// outside are the addresses of two machines that are not of the cluster. Whoever is nowhere else is looked for at the first.
var outside = [][]netip.Addr{
	addrs("203.0.113.5", "2001:db8::5"),
	addrs("198.51.100.200", "2001:db8:1::9"),
}

func addrs(texts ...string) (out []netip.Addr) {
	for _, s := range texts {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func compile(t testing.TB, o *manifest.Objects) cluster {
	report := &diag.Report{}
	r := compiler.Compile(o, compiler.Options{Nodes: []string{nodeName}, Check: true}, report)
	c := cluster{objects: o, program: r.Program, placed: r.On(nodeName)}
	for _, n := range r.Program.Nodes {
		if n.Name == nodeName {
			c.node = n
		}
	}
	require.NotNil(t, c.node)
	return c
}

// feed gives kube-proxy everything.
func (c *cluster) feed(t testing.TB, f *Feed) {
	for _, n := range c.objects.Nodes {
		require.NoError(t, f.Put("nodes", apiNode(n)))
	}
	for _, s := range c.objects.Services {
		require.NoError(t, f.Put("services", workload.APIService(s)))
	}
	for _, s := range c.objects.EndpointSlices {
		require.NoError(t, f.Put("endpointslices", workload.APISlice(s)))
	}
}

func apiNode(n *manifest.Node) *corev1.Node {
	out := &corev1.Node{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Node"}, ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: map[string]string{}}}
	for _, l := range n.Labels {
		out.Labels[l.Key] = l.Value
	}
	for _, a := range n.Addrs {
		out.Status.Addresses = append(out.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a.String()})
	}
	if n.Leaving {
		out.Spec.Taints = append(out.Spec.Taints, corev1.Taint{Key: "ToBeDeletedByClusterAutoscaler", Effect: corev1.TaintEffectNoSchedule})
	}
	for _, p := range n.PodCIDRs {
		out.Spec.PodCIDRs = append(out.Spec.PodCIDRs, p.String())
	}
	return out
}

// clusterCIDR is where all pods have their addresses that kube-proxy takes for such.
const clusterCIDR = "10.0.0.0/16,fd10::/32"

// isPod reports whether an address is in clusterCIDR.
func isPod(a netip.Addr) bool {
	four, six, _ := strings.Cut(clusterCIDR, ",")
	return netip.MustParsePrefix(four).Contains(a) || netip.MustParsePrefix(six).Contains(a)
}

// build makes the network of a cluster, with servers at all of its backends. The second result is where each client is.
func (c *cluster) build(t testing.TB) (*Network, map[netip.Addr]*Place) {
	n := NewNetwork(t, c.node.Addrs...)
	at := map[netip.Addr]*Place{}
	join := func(wayOut bool, list ...netip.Addr) {
		p := n.Join(wayOut, list...)
		for _, a := range list {
			at[a] = p
		}
	}
	for i, list := range outside {
		join(i == 0, list...)
	}
	for _, a := range c.node.Addrs {
		at[a] = n.Node
	}
	for _, o := range c.program.Nodes {
		if o != c.node {
			join(false, o.Addrs...)
		}
	}
	for _, p := range c.program.Endpoints {
		if len(p.Addrs) > 0 && at[p.Addrs[0]] == nil {
			join(false, p.Addrs...)
		}
	}
	served := map[string]bool{}
	for _, s := range c.program.Services {
		for _, port := range s.Ports {
			for _, b := range port.Backends {
				if at[b.Addr] == nil {
					join(false, b.Addr)
				}
				key := fmt.Sprint(port.Proto, b.Target())
				if !served[key] && port.Proto != ir.ProtoSCTP {
					at[b.Addr].Serve(port.Proto.String(), b.Target())
				}
				served[key] = true
			}
		}
	}
	return n, at
}
