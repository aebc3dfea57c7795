package manifest

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// wholeService has every field of a Service's spec and of its load balancer.
func wholeService() string {
	return `apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
  annotations:
    service.kubernetes.io/topology-aware-hints: Auto
    service.antrea.io/external-ip-pool: external
    service.antrea.io/allow-shared-load-balancer-ip: "true"
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.10
  clusterIPs: [10.96.0.10, "fd96::10"]
  ipFamilies: [IPv4, IPv6]
  ipFamilyPolicy: RequireDualStack
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: web, nodePort: 30080, appProtocol: http}
  - {name: dns, port: 53, protocol: UDP, targetPort: 5353, nodePort: 30053}
  externalIPs: [192.0.2.1]
  externalName: ignored.example.com
  loadBalancerIP: 198.51.100.1
  loadBalancerClass: example.com/internal
  loadBalancerSourceRanges: [" 10.0.0.0/8"]
  allocateLoadBalancerNodePorts: false
  externalTrafficPolicy: Local
  internalTrafficPolicy: Local
  healthCheckNodePort: 30099
  sessionAffinity: ClientIP
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
  publishNotReadyAddresses: true
  trafficDistribution: PreferSameZone
status:
  loadBalancer:
    ingress:
    - {ip: 198.51.100.1, ports: [{port: 80, protocol: TCP}]}
    - {ip: "fdb0::1", ipMode: Proxy, hostname: lb.example.com}
    - {hostname: lb2.example.com}
`
}

// wholeSlice has every field of an EndpointSlice.
func wholeSlice() string {
	return `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv6
endpoints:
- addresses: ["fd00::1", "fd00::2"]
  conditions: {ready: false, serving: true, terminating: true}
  hostname: web-0
  nodeName: node-1
  zone: east
  hints: {forZones: [{name: east}, {name: west}], forNodes: [{name: node-1}]}
  targetRef: {kind: Pod, namespace: shop, name: web-0, uid: a, apiVersion: v1, resourceVersion: "1", fieldPath: x}
  deprecatedTopology: {a: b}
- addresses: ["fd00::3"]
ports:
- {name: http, protocol: TCP, port: 8080, appProtocol: http}
- {protocol: UDP}
`
}

func parseOne(t *testing.T, text string) *Objects {
	t.Helper()
	var report diag.Report
	out := Parse("x.yaml", []byte(text), &report)
	require.Empty(t, report.Findings())
	return out
}

func addrs(texts ...string) (out []netip.Addr) {
	for _, s := range texts {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func TestServiceIsReadWhole(t *testing.T) {
	got := parseOne(t, wholeService()).Services[0]
	places := got.Places
	got.Places, got.Meta = nil, Meta{}
	require.Equal(t, &Service{
		Type: LoadBalanced, ClusterIPs: addrs("10.96.0.10", "fd96::10"), IPFamilies: []IPFamily{IPv4, IPv6}, IPFamilyPolicy: RequireDualStack,
		Selector: Labels{{"app", "web"}},
		Ports: []ServicePort{
			{Name: "http", Protocol: "TCP", Port: 80, TargetPort: "web", NodePort: 30080, AppProtocol: "http"},
			{Name: "dns", Protocol: "UDP", Port: 53, TargetPort: "5353", NodePort: 30053},
		},
		ExternalIPs: addrs("192.0.2.1"), InternalTrafficPolicy: NodeLocal, ExternalTrafficPolicy: NodeLocal, TrafficDistribution: PreferSameZone,
		TopologyMode: "Auto", AffinitySeconds: 60, PublishNotReadyAddresses: true,
		LoadBalancer: LoadBalancer{
			IP: netip.MustParseAddr("198.51.100.1"), Class: "example.com/internal", SourceRanges: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
			HealthCheckNodePort: 30099, Pool: "external", SharesIP: true,
			Ingress: []LoadBalancerIngress{
				{Addr: netip.MustParseAddr("198.51.100.1"), Mode: VIPMode},
				{Addr: netip.MustParseAddr("fdb0::1"), Hostname: "lb.example.com", Mode: ProxyMode},
				{Hostname: "lb2.example.com"},
			},
		},
	}, got)
	require.Len(t, places, 58)
	require.True(t, slices.IsSortedFunc(places, func(a, b Place) int { return strings.Compare(a.Field, b.Field) }))
}

func TestServicePlaces(t *testing.T) {
	s := parseOne(t, wholeService()).Services[0]
	for field, want := range map[string][2]int32{
		"spec":                   {11, 3},
		"spec.type":              {11, 9},
		"spec.clusterIPs[1]":     {13, 28},
		"spec.ports[1]":          {19, 5},
		"spec.ports[1].nodePort": {19, 70},
		"spec.ports[0].protocol": {18, 5}, // not stated: the port
		"spec.ports[7]":          {18, 3}, // nor this: the list
		"spec.externalIPs[0]":    {20, 17},
		"spec.selector.app":      {16, 13},
		"spec.sessionAffinityConfig.clientIP.timeoutSeconds":         {30, 54},
		"status.loadBalancer.ingress[1].ip":                          {37, 12},
		"status.conditions":                                          {1, 1},
		`metadata.annotations["service.antrea.io/external-ip-pool"]`: {8, 41},
	} {
		origin := s.Where(field)
		require.Equal(t, source.Origin{Object: "Service shop/web", Field: field, Pos: source.Pos{File: "x.yaml", Line: want[0], Col: want[1]}}, origin)
	}
}

func TestEndpointSliceIsReadWhole(t *testing.T) {
	got := parseOne(t, wholeSlice()).EndpointSlices[0]
	require.Equal(t, "EndpointSlice shop/web-1 endpoints[1] x.yaml:14:3", got.Where(1).Object+" "+got.Where(1).Field+" "+got.Where(1).Pos.String())
	got.Meta = Meta{}
	require.Equal(t, &EndpointSlice{
		Service: "web", AddressType: IPv6,
		Ports: []EndpointPort{{Name: "http", Protocol: "TCP", Port: 8080, AppProtocol: "http"}, {Protocol: "UDP"}},
		Endpoints: []SliceEndpoint{
			{Pos: source.Pos{File: "x.yaml", Line: 6, Col: 3}, Addrs: addrs("fd00::1", "fd00::2"), Hostname: "web-0", NodeName: "node-1", Zone: "east",
				Serving: true, Terminating: true, ForZones: []string{"east", "west"}, ForNodes: []string{"node-1"}, Target: TargetRef{"Pod", "shop", "web-0"}},
			{Pos: source.Pos{File: "x.yaml", Line: 14, Col: 3}, Addrs: addrs("fd00::3"), Ready: true, Serving: true},
		},
	}, got)
}

// TestServiceDefaults lists what a Service is that does not say much.
func TestServiceDefaults(t *testing.T) {
	for spec, check := range map[string]func(*testing.T, *Service){
		"{ports: [{port: 80}]}": func(t *testing.T, s *Service) {
			require.Equal(t, ClusterIP, s.Type)
			require.Equal(t, []ServicePort{{Protocol: "TCP", Port: 80, TargetPort: "80"}}, s.Ports)
			require.Equal(t, ClusterWide, s.InternalTrafficPolicy)
			require.Empty(t, s.ExternalTrafficPolicy)
			require.Equal(t, SingleStack, s.IPFamilyPolicy)
			require.Empty(t, s.IPFamilies)
			require.False(t, s.Headless || s.LeftAlone() || s.LoadBalancer.AllocateNodePorts)
			require.Zero(t, s.AffinitySeconds)
		},
		"{clusterIP: fd96::1, ports: [{port: 80, targetPort: 0}], sessionAffinity: ClientIP, externalIPs: [192.0.2.1]}": func(t *testing.T, s *Service) {
			require.Equal(t, "80", s.Ports[0].TargetPort)
			require.Equal(t, []IPFamily{IPv6}, s.IPFamilies)
			require.EqualValues(t, 10800, s.AffinitySeconds)
			require.Equal(t, ClusterWide, s.ExternalTrafficPolicy)
		},
		"{clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1, fd96::1], ipFamilies: [IPv4], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}": func(t *testing.T, s *Service) {
			require.Equal(t, []IPFamily{IPv4, IPv6}, s.IPFamilies)
		},
		"{type: LoadBalancer, ports: [{port: 80}], sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}}": func(t *testing.T, s *Service) {
			require.True(t, s.LoadBalancer.AllocateNodePorts)
			require.Equal(t, ClusterWide, s.ExternalTrafficPolicy)
			require.Zero(t, s.AffinitySeconds)
		},
		"{type: NodePort, ports: [{port: 80}], externalTrafficPolicy: Local}": func(t *testing.T, s *Service) {
			require.False(t, s.NeedsHealthCheck())
		},
		"{clusterIP: None}": func(t *testing.T, s *Service) {
			require.True(t, s.Headless && s.LeftAlone())
			require.Equal(t, RequireDualStack, s.IPFamilyPolicy)
		},
		"{clusterIP: None, clusterIPs: [None], selector: {a: b}}": func(t *testing.T, s *Service) {
			require.True(t, s.Headless)
			require.Equal(t, SingleStack, s.IPFamilyPolicy)
		},
		"{type: ExternalName, externalName: db.example.com., externalIPs: [192.0.2.1], ports: [{port: 80, nodePort: 30080}]}": func(t *testing.T, s *Service) {
			require.Equal(t, "db.example.com.", s.ExternalName)
			require.Empty(t, s.InternalTrafficPolicy+s.ExternalTrafficPolicy)
			require.Empty(t, s.IPFamilyPolicy)
			require.Zero(t, s.Ports[0].NodePort)
			require.True(t, s.LeftAlone())
		},
	} {
		t.Run(spec, func(t *testing.T) {
			check(t, parseOne(t, "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: "+spec+"}").Services[0])
		})
	}
}

// A label alone decides who sees to an object, not its value.
func TestLeftAlone(t *testing.T) {
	for labels, want := range map[string]bool{
		"": false, "other: x": false, ProxyNameLabel + `: ""`: true, ProxyNameLabel + ": kube-proxy": true, HeadlessLabel + `: ""`: true,
	} {
		s := parseOne(t, "{apiVersion: v1, kind: Service, metadata: {name: s, labels: {"+labels+"}}, spec: {ports: [{port: 80}]}}").Services[0]
		require.Equal(t, want, s.LeftAlone(), labels)
		if labels != "" {
			labels = ", " + labels
		}
		slice := parseOne(t, "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s, labels: {kubernetes.io/service-name: s"+labels+"}}, addressType: IPv4}")
		require.Equal(t, want, slice.EndpointSlices[0].LeftAlone(), labels)
	}
	orphan := parseOne(t, "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: IPv4}").EndpointSlices[0]
	require.True(t, orphan.LeftAlone())
	names := parseOne(t, "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s, labels: {kubernetes.io/service-name: s}}, addressType: FQDN, endpoints: [{addresses: [a.example.com]}]}")
	require.True(t, names.EndpointSlices[0].LeftAlone())
	require.Empty(t, names.EndpointSlices[0].Endpoints[0].Addrs)
}

// The manifests above have every field of the API's types, so that one which a later API has does not go unread unnoticed.
func TestWholeHasEveryField(t *testing.T) {
	for text, types := range map[string]map[string]reflect.Type{
		wholeService(): {"spec": reflect.TypeFor[corev1.ServiceSpec](), "status.loadBalancer": reflect.TypeFor[corev1.LoadBalancerStatus]()},
		wholeSlice(): {"addressType": reflect.TypeFor[discoveryv1.AddressType](), "endpoints": reflect.TypeFor[discoveryv1.Endpoint](),
			"ports": reflect.TypeFor[discoveryv1.EndpointPort]()},
	} {
		var arena tree.Arena
		root, _, err := tree.Parse(text, tree.Start{Line: 1, Col: 1}, &arena)
		require.Nil(t, err)
		have := map[string]bool{}
		var walk func(path string, n *tree.Node)
		walk = func(path string, n *tree.Node) {
			have[strings.TrimPrefix(path, ".")] = true
			for k, v := range n.Pairs() {
				walk(path+"."+k.Text, v)
			}
			for _, v := range n.Items() {
				walk(path, v)
			}
		}
		walk("", root)
		for path, typ := range types {
			for _, field := range fieldPaths(path, typ) {
				if !strings.HasSuffix(field, ".error") { // of a port of a load balancer: it says that there is none
					require.True(t, have[field], "nothing has %s", field)
				}
			}
		}
	}
}

// TestServiceMutations puts wrong values in every place, and takes out every field: nothing panics, what is read without an error
// is what the types say, and whatever is wrong has a place and a way out.
func TestServiceMutations(t *testing.T) {
	count, read := mutants(t, []string{wholeService(), wholeSlice()}, func(o *Objects) int {
		checkBalanced(t, o)
		return len(o.Services) + len(o.EndpointSlices)
	})
	require.Greater(t, count, 1000)
	require.Greater(t, read, 150)
}

// checkBalanced asserts what the types say of Services and EndpointSlices.
func checkBalanced(t *testing.T, o *Objects) {
	t.Helper()
	for _, s := range o.Services {
		require.Contains(t, []ServiceType{ClusterIP, NodePort, LoadBalanced, ExternalName}, s.Type)
		require.Equal(t, s.Type == ExternalName, s.ExternalName != "")
		require.Equal(t, s.Type == ExternalName, s.InternalTrafficPolicy == "")
		require.Equal(t, s.ExternallyReachable(), s.ExternalTrafficPolicy != "")
		require.LessOrEqual(t, len(s.ClusterIPs), len(s.IPFamilies))
		require.LessOrEqual(t, len(s.IPFamilies), 2)
		for i, a := range s.ClusterIPs {
			require.Equal(t, s.IPFamilies[i], FamilyOf(a))
		}
		require.False(t, s.Headless && (len(s.ClusterIPs) > 0 || s.Type != ClusterIP))
		require.False(t, len(s.IPFamilies) == 2 && s.IPFamilyPolicy == SingleStack)
		require.True(t, len(s.Ports) > 0 || s.Headless || s.Type == ExternalName)
		require.True(t, s.AffinitySeconds >= 0 && s.AffinitySeconds <= 86400)
		require.False(t, s.LoadBalancer.HealthCheckNodePort != 0 && !s.NeedsHealthCheck())
		require.False(t, s.Type != LoadBalanced && !reflect.DeepEqual(s.LoadBalancer, LoadBalancer{}))
		for _, p := range s.Ports {
			require.NotZero(t, p.Port)
			require.NotEmpty(t, p.TargetPort)
			require.Contains(t, []string{"TCP", "UDP", "SCTP"}, p.Protocol)
			require.True(t, p.Name != "" || len(s.Ports) == 1)
		}
	}
	for _, s := range o.EndpointSlices {
		require.Contains(t, []IPFamily{IPv4, IPv6, FQDN}, s.AddressType)
		for _, p := range s.Ports {
			require.Contains(t, []string{"TCP", "UDP", "SCTP"}, p.Protocol)
		}
		for _, e := range s.Endpoints {
			require.Equal(t, s.AddressType == FQDN, len(e.Addrs) == 0)
			for _, a := range e.Addrs {
				require.Equal(t, s.AddressType, FamilyOf(a))
			}
		}
	}
}
