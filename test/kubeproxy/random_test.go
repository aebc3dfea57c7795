package kubeproxy

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
)

// TestRandomAsKubeProxy does what TestSameAsKubeProxy does with random Services. Their pods and nodes are the town's, in place of
// those that they were made for.
func TestRandomAsKubeProxy(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	Program(t)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := compile(t, randomTown(seed))
			c.compare(t)
		})
	}
}

// randomTown gives the town Services of workload.RandomServices, without affinity, whose effect is another test's matter.
func randomTown(seed uint64) *manifest.Objects {
	from, o := workload.RandomServices(seed), newTown()
	here := []string{"a", "b", "c", "x", "y"}
	names := map[string]string{}
	for i, p := range from.Pods {
		names[p.Namespace+"/"+p.Name] = here[i%len(here)]
	}
	for _, s := range from.Services {
		s.AffinitySeconds = 0
	}
	for _, s := range from.EndpointSlices {
		for i := range s.Endpoints {
			e := &s.Endpoints[i]
			name, found := names[e.Target.Namespace+"/"+e.Target.Name]
			if !found {
				continue
			}
			e.NodeName, e.Target.Namespace, e.Target.Name = nodeOf(name), "d", name
			e.Addrs = slices.DeleteFunc(addrsOf(name), func(a netip.Addr) bool { return manifest.FamilyOf(a) != s.AddressType })
		}
		for i := range s.Endpoints {
			hints := &s.Endpoints[i].ForNodes
			for j, n := range *hints {
				// Of three nodes there two are left here.
				(*hints)[j] = map[string]string{"n0": "n1", "n1": "n2", "n2": "n2"}[n]
			}
			*hints = slices.Compact(*hints)
		}
	}
	// An endpoint that a Service has twice is what kube-proxy's authors call undefined.
	seen := map[string]bool{}
	for _, s := range from.EndpointSlices {
		s.Endpoints = slices.DeleteFunc(s.Endpoints, func(e manifest.SliceEndpoint) bool {
			key := fmt.Sprint(s.Namespace, "/", s.Service, e.Addrs[0])
			was := seen[key]
			seen[key] = true
			return was
		})
	}
	o.Services, o.EndpointSlices, o.Namespaces = from.Services, from.EndpointSlices, append(o.Namespaces, from.Namespaces...)
	return o.Objects
}
