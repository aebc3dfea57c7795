package workload_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// TestServicesReadBack writes Services and slices as YAML and reads them with the real front end, which finds nothing wrong with
// them: nothing but positions may differ.
func TestServicesReadBack(t *testing.T) {
	clusters := map[string]*manifest.Objects{
		"balanced": workload.Balanced(7, 3, manifest.IPv4),
		"dual":     workload.Balanced(3, 130, manifest.IPv6, manifest.IPv4),
	}
	for seed := range uint64(200) {
		clusters[fmt.Sprint(seed)] = workload.RandomServices(seed)
	}
	for name, want := range clusters {
		var text bytes.Buffer
		require.NoError(t, workload.WriteServices(&text, want))
		var report diag.Report
		got := manifest.Parse("w.yaml", text.Bytes(), &report)
		for _, f := range report.Findings() {
			require.Fail(t, f.Message, "%s: %s", name, f.Origin)
		}
		forgetServicePositions(want)
		forgetServicePositions(got)
		options := cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})}
		require.Empty(t, cmp.Diff(want.Services, got.Services, options), name)
		require.Empty(t, cmp.Diff(want.EndpointSlices, got.EndpointSlices, options), name)
	}
}

func forgetServicePositions(o *manifest.Objects) {
	for _, s := range o.Services {
		s.Pos, s.Places = source.Pos{}, nil
	}
	for _, s := range o.EndpointSlices {
		s.Pos = source.Pos{}
		for i := range s.Endpoints {
			s.Endpoints[i].Pos = source.Pos{}
		}
	}
}

func TestServiceShapesHaveTheirSizes(t *testing.T) {
	sizes := map[string][4]int{ // Services, slices, endpoints, pods
		"services-1k": {1000, 1000, 2000, 2000}, "services-10k": {10000, 10000, 20000, 20000}, "services-30k": {30000, 30000, 60000, 60000},
		"services-10k-5": {10000, 10000, 50000, 50000}, "services-5k-50": {5000, 5000, 250000, 60000}, "services-dual": {5000, 10000, 40000, 20000},
	}
	for _, s := range workload.ServiceShapes() {
		o := s.Make()
		endpoints := 0
		addrs := map[netip.Addr]bool{}
		for _, slice := range o.EndpointSlices {
			endpoints += len(slice.Endpoints)
			for _, e := range slice.Endpoints {
				require.Len(t, e.Addrs, 1)
			}
		}
		for _, p := range o.Pods {
			for _, a := range p.Addrs {
				require.False(t, addrs[a], a)
				addrs[a] = true
			}
		}
		for _, service := range o.Services {
			for _, a := range service.ClusterIPs {
				require.False(t, addrs[a], a)
				addrs[a] = true
			}
		}
		require.Equal(t, sizes[s.Name], [4]int{len(o.Services), len(o.EndpointSlices), endpoints, len(o.Pods)}, s.Name)
	}
	require.Len(t, workload.ServiceShapes(), len(sizes))
}

// The endpoints of a slice are the pods that its Service selects.
func TestBalancedSelectsItsEndpoints(t *testing.T) {
	o := workload.Balanced(9, 4, manifest.IPv4, manifest.IPv6)
	services := map[string]*manifest.Service{}
	for _, s := range o.Services {
		services[s.Name] = s
	}
	for _, slice := range o.EndpointSlices {
		var want []netip.Addr
		for _, p := range o.Pods {
			if slices.Equal(p.Labels, services[slice.Service].Selector) {
				for _, a := range p.Addrs {
					if manifest.FamilyOf(a) == slice.AddressType {
						want = append(want, a)
					}
				}
			}
		}
		var got []netip.Addr
		for _, e := range slice.Endpoints {
			got = append(got, e.Addrs...)
		}
		require.Equal(t, want, got)
	}
}

func TestOneMoreService(t *testing.T) {
	o, more := workload.Balanced(9, 4, manifest.IPv4), workload.Balanced(10, 4, manifest.IPv4)
	s, slices := workload.OneMoreService(o)
	require.Len(t, o.Services, 9)
	require.Len(t, slices, 1)
	require.Equal(t, more.Services[9].ClusterIPs, s.ClusterIPs)
	require.Equal(t, more.Services[9].Name, s.Name)
	require.Equal(t, o.Pods[3].Addrs, slices[0].Endpoints[3].Addrs)
	require.Equal(t, o.EndpointSlices[0].Endpoints[3].Zone, slices[0].Endpoints[3].Zone)
}

// Random Services have everything that a Service can say, and edits make, change and remove them.
func TestRandomServicesHaveEverything(t *testing.T) {
	seen := map[string]bool{}
	note := func(what string, is bool) {
		if is {
			seen[what] = true
		}
	}
	for seed := range uint64(200) {
		o := workload.RandomServices(seed)
		require.Equal(t, o, workload.RandomServices(seed))
		for _, s := range o.Services {
			note(string(s.Type), true)
			note("headless", s.Headless)
			note("dual", len(s.ClusterIPs) == 2)
			note("none yet", !s.Headless && s.Type != manifest.ExternalName && len(s.ClusterIPs) == 0)
			note("internal "+string(s.InternalTrafficPolicy), true)
			note("external "+string(s.ExternalTrafficPolicy), true)
			note("distribution "+string(s.TrafficDistribution), true)
			note("affinity", s.AffinitySeconds > 0)
			note("left alone", s.LeftAlone() && s.Type == manifest.NodePort)
			note("external addresses", len(s.ExternalIPs) > 0)
			note("ranges", len(s.LoadBalancer.SourceRanges) > 0)
			note("health", s.LoadBalancer.HealthCheckNodePort > 0)
			for _, in := range s.LoadBalancer.Ingress {
				note("ingress "+string(in.Mode), true)
			}
			for i, p := range s.Ports {
				note(p.Protocol, true)
				note("shared node port", i == 1 && p.NodePort != 0 && p.NodePort == s.Ports[0].NodePort)
			}
		}
		for _, s := range o.EndpointSlices {
			note(string(s.AddressType), true)
			note("slice of none", s.Service == "")
			for _, e := range s.Endpoints {
				note(fmt.Sprintf("ready %v serving %v terminating %v", e.Ready, e.Serving, e.Terminating), true)
				note("zones", len(e.ForZones) > 0)
				note("nodes", len(e.ForNodes) > 0)
				note("elsewhere", e.NodeName == "")
			}
		}
	}
	require.Equal(t, []string{
		"ClusterIP", "ExternalName", "IPv4", "IPv6", "LoadBalancer", "NodePort", "SCTP", "TCP", "UDP", "affinity",
		"distribution ", "distribution PreferClose", "distribution PreferSameNode", "distribution PreferSameZone", "dual", "elsewhere",
		"external ", "external Cluster", "external Local", "external addresses", "headless", "health",
		"ingress ", "ingress Proxy", "ingress VIP", "internal ", "internal Cluster", "internal Local", "left alone", "nodes", "none yet", "ranges",
		"ready false serving false terminating false", "ready false serving false terminating true",
		"ready false serving true terminating false", "ready false serving true terminating true",
		"ready true serving false terminating false", "ready true serving false terminating true",
		"ready true serving true terminating false", "ready true serving true terminating true",
		"shared node port", "slice of none", "zones",
	}, slices.Sorted(maps.Keys(seen)))
}

func TestEditServices(t *testing.T) {
	counts := map[string]int{}
	o := workload.RandomServices(1)
	for seed := range uint64(300) {
		before := len(o.Services) + len(o.EndpointSlices)
		object, kind, namespace, name := workload.EditServices(seed, o)
		require.NotEmpty(t, namespace)
		require.NotEmpty(t, name)
		counts[fmt.Sprintf("%s %v %d", kind, object != nil, len(o.Services)+len(o.EndpointSlices)-before)]++
	}
	for _, kind := range []string{"Service", "EndpointSlice"} {
		for _, what := range []string{"true 1", "true 0", "false -1"} {
			require.Positive(t, counts[kind+" "+what], "%v", counts)
		}
	}
}
