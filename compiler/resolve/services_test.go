package resolve_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/ir"
)

// serviceObjects are YAML documents by a name of their own.
func serviceObjects() map[string]string {
	return map[string]string{
		"node": `apiVersion: v1
kind: Node
metadata: {name: n1, labels: {topology.kubernetes.io/zone: a}}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}`,
		"pod-a": `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {app: web, tier: front}}
spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.0.1.1, podIPs: [{ip: 10.0.1.1}, {ip: "fd00::1"}]}`,
		"pod-b": `apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, hostNetwork: true, containers: [{name: c, image: i, ports: [{name: http, containerPort: 9090}]}]}
status: {podIP: 192.0.2.1}`,
		"pod-c": `apiVersion: v1
kind: Pod
metadata: {name: c, namespace: other, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
status: {podIP: 10.0.1.9}`,
		"selected": `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  clusterIP: 10.96.0.1
  type: NodePort
  selector: {app: web}
  sessionAffinity: ClientIP
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
  ports: [{name: a, port: 80, targetPort: http, nodePort: 30080}, {name: b, port: 53, protocol: UDP, nodePort: 30053}]`,
		"sliced": `apiVersion: v1
kind: Service
metadata: {name: lb, namespace: shop}
spec:
  clusterIP: 10.96.0.2
  clusterIPs: [10.96.0.2, "fd00:96::2"]
  ipFamilyPolicy: PreferDualStack
  type: LoadBalancer
  selector: {app: web}
  internalTrafficPolicy: Local
  externalTrafficPolicy: Local
  healthCheckNodePort: 32000
  externalIPs: [203.0.113.9]
  loadBalancerSourceRanges: [198.51.100.0/24]
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
status: {loadBalancer: {ingress: [{ip: 203.0.113.1}, {ip: 203.0.113.2, ipMode: Proxy}]}}`,
		"slice-1": `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: lb-1, namespace: shop, labels: {kubernetes.io/service-name: lb}}
addressType: IPv4
ports: [{port: 8080}]
endpoints:
- {addresses: [10.0.1.1], nodeName: n1, conditions: {ready: true}, hints: {forZones: [{name: b}, {name: a}], forNodes: [{name: n1}]}}
- {addresses: [10.0.1.2], nodeName: n1, conditions: {ready: false, serving: true, terminating: true}}
- {addresses: [10.0.1.3], nodeName: n1, conditions: {ready: false, serving: false, terminating: true}}
- {addresses: [10.0.1.4], nodeName: n1, conditions: {ready: false}}`,
		"slice-2": `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: lb-2, namespace: shop, labels: {kubernetes.io/service-name: lb}}
addressType: IPv6
ports: [{port: 8080}]
endpoints: [{addresses: ["fd00::1"], nodeName: n1}]`,
		"headless": `apiVersion: v1
kind: Service
metadata: {name: headless, namespace: shop}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}`,
		"proxied": `apiVersion: v1
kind: Service
metadata: {name: proxied, namespace: shop, labels: {service.kubernetes.io/service-proxy-name: other}}
spec: {clusterIP: 10.96.0.7, selector: {app: web}, ports: [{port: 80}]}`,
		"named": `apiVersion: v1
kind: Service
metadata: {name: named, namespace: shop}
spec: {type: ExternalName, externalName: example.com}`,
	}
}

func servicesText(p *ir.Program) string {
	text := p.String()
	if i := strings.Index(text, "\nservice "); i >= 0 {
		return stripOrigins(text[i+1:])
	}
	return ""
}

func stripOrigins(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if at := strings.Index(l, " from="); at >= 0 {
			lines[i] = l[:at]
		}
	}
	return strings.Join(lines, "\n")
}

// spec: 10.1
func TestServices(t *testing.T) {
	objects := serviceObjects()
	text := strings.Join(slices.Sorted(maps.Values(objects)), "\n---\n")
	p, _ := program(t, text)
	require.Equal(t, "a", p.Nodes[0].Zone)
	require.Equal(t, `service shop/lb cluster=10.96.0.2,fd00:96::2 external=203.0.113.9 balancers=203.0.113.1 sources=198.51.100.0/24 inside=local outside=local health=32000
  port tcp/80 node=30080 backends=10.0.1.1:8080@n1~a~b^n1,10.0.1.2:8080@n1!,[fd00::1]:8080@n1

service shop/web cluster=10.96.0.1 affinity=1m0s
  port tcp/80 name=a backends=10.0.1.1:8080@n1,192.0.2.1:9090@n1,[fd00::1]:8080@n1
  port udp/53 name=b node=30053 backends=10.0.1.1:53@n1,192.0.2.1:53@n1,[fd00::1]:53@n1
`, servicesText(p))
}

// However the objects came, the Services are those of the objects that are there.
func TestServicesFollowTheirObjects(t *testing.T) {
	objects := serviceObjects()
	names := slices.Sorted(maps.Keys(objects))
	x := resolve.New()
	there := map[string]bool{}
	r := ir.RuleID(7) // a small generator of its own: the order is what matters
	for range 400 {
		r = (r*1103515245 + 12345) & 0x7fffffff
		name := names[int(r>>8)%len(names)]
		o := read(t, objects[name])
		if there[name] = !there[name]; there[name] {
			x.Add(o)
		} else {
			for _, v := range o.Nodes {
				x.Delete("Node", "", v.Name)
			}
			for _, v := range o.Pods {
				x.Delete("Pod", v.Namespace, v.Name)
			}
			for _, v := range o.Services {
				x.Delete("Service", v.Namespace, v.Name)
			}
			for _, v := range o.EndpointSlices {
				x.Delete("EndpointSlice", v.Namespace, v.Name)
			}
		}
		fresh := resolve.New()
		for _, n := range names {
			if there[n] {
				fresh.Add(read(t, objects[n]))
			}
		}
		got, want := x.Program(resolve.Cluster(), nil), fresh.Program(resolve.Cluster(), nil)
		require.NoError(t, got.Check())
		require.Equal(t, want.String(), got.String())
		again := x.Program(resolve.Cluster(), nil)
		require.True(t, slices.Equal(got.Services, again.Services), "the same Services are the same values")
	}
}
