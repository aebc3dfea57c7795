package workload

import (
	"io"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// WriteServices writes the Services and EndpointSlices as a stream of YAML documents that manifest.Read reads back, positions aside.
func WriteServices(w io.Writer, o *manifest.Objects) error {
	write := func(object any) error {
		text, err := sigsyaml.Marshal(object)
		if err == nil {
			_, err = w.Write(append([]byte("---\n"), text...))
		}
		return err
	}
	for _, s := range o.Services {
		if err := write(APIService(s)); err != nil {
			return err
		}
	}
	for _, s := range o.EndpointSlices {
		if err := write(APISlice(s)); err != nil {
			return err
		}
	}
	return nil
}

func apiMeta(m *manifest.Meta) metav1.ObjectMeta {
	out := metav1.ObjectMeta{Name: m.Name, Namespace: m.Namespace}
	for _, l := range m.Labels {
		if out.Labels == nil {
			out.Labels = map[string]string{}
		}
		out.Labels[l.Key] = l.Value
	}
	for _, a := range m.Annotations {
		metav1.SetMetaDataAnnotation(&out, a.Key, a.Value)
	}
	return out
}

func texts(addrs []netip.Addr) (out []string) {
	for _, a := range addrs {
		out = append(out, a.String())
	}
	return out
}

// optional is a field that is absent when it has its type's zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// APIService returns a Service in the types of the Kubernetes API, for others who read those.
func APIService(s *manifest.Service) *corev1.Service {
	out := &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: apiMeta(&s.Meta)}
	out.Spec = corev1.ServiceSpec{
		Type: corev1.ServiceType(s.Type), ClusterIPs: texts(s.ClusterIPs), ExternalIPs: texts(s.ExternalIPs), ExternalName: s.ExternalName,
		ExternalTrafficPolicy:    corev1.ServiceExternalTrafficPolicy(s.ExternalTrafficPolicy),
		InternalTrafficPolicy:    optional(corev1.ServiceInternalTrafficPolicy(s.InternalTrafficPolicy)),
		TrafficDistribution:      optional(string(s.TrafficDistribution)),
		IPFamilyPolicy:           optional(corev1.IPFamilyPolicy(s.IPFamilyPolicy)),
		PublishNotReadyAddresses: s.PublishNotReadyAddresses,
		Selector:                 apiMeta(&manifest.Meta{Labels: s.Selector}).Labels,
	}
	spec := &out.Spec
	for _, f := range s.IPFamilies {
		spec.IPFamilies = append(spec.IPFamilies, corev1.IPFamily(f))
	}
	switch {
	case s.Headless:
		spec.ClusterIP, spec.ClusterIPs = "None", []string{"None"}
	case len(s.ClusterIPs) > 0:
		spec.ClusterIP = spec.ClusterIPs[0]
	}
	for _, p := range s.Ports {
		spec.Ports = append(spec.Ports, corev1.ServicePort{Name: p.Name, Protocol: corev1.Protocol(p.Protocol), Port: int32(p.Port),
			TargetPort: intstr.Parse(p.TargetPort), NodePort: int32(p.NodePort), AppProtocol: optional(p.AppProtocol)})
	}
	if s.AffinitySeconds != 0 {
		spec.SessionAffinity = corev1.ServiceAffinityClientIP
		spec.SessionAffinityConfig = &corev1.SessionAffinityConfig{ClientIP: &corev1.ClientIPConfig{TimeoutSeconds: &s.AffinitySeconds}}
	}
	if s.TopologyMode != "" {
		metav1.SetMetaDataAnnotation(&out.ObjectMeta, corev1.AnnotationTopologyMode, s.TopologyMode)
	}
	if s.Type == manifest.LoadBalanced {
		apiBalancer(s, out)
	}
	return out
}

func apiBalancer(s *manifest.Service, out *corev1.Service) {
	l, spec := &s.LoadBalancer, &out.Spec
	spec.AllocateLoadBalancerNodePorts = &l.AllocateNodePorts
	spec.LoadBalancerClass = optional(l.Class)
	spec.HealthCheckNodePort = int32(l.HealthCheckNodePort)
	if l.IP.IsValid() {
		spec.LoadBalancerIP = l.IP.String()
	}
	for _, p := range l.SourceRanges {
		spec.LoadBalancerSourceRanges = append(spec.LoadBalancerSourceRanges, p.String())
	}
	for _, in := range l.Ingress {
		ingress := corev1.LoadBalancerIngress{Hostname: in.Hostname, IPMode: optional(corev1.LoadBalancerIPMode(in.Mode))}
		if in.Addr.IsValid() {
			ingress.IP = in.Addr.String()
		}
		out.Status.LoadBalancer.Ingress = append(out.Status.LoadBalancer.Ingress, ingress)
	}
}

// APISlice returns an EndpointSlice in the types of the Kubernetes API.
func APISlice(s *manifest.EndpointSlice) *discoveryv1.EndpointSlice {
	out := &discoveryv1.EndpointSlice{TypeMeta: metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"}, ObjectMeta: apiMeta(&s.Meta),
		AddressType: discoveryv1.AddressType(s.AddressType)}
	for _, p := range s.Ports {
		protocol := corev1.Protocol(p.Protocol)
		out.Ports = append(out.Ports, discoveryv1.EndpointPort{Name: &p.Name, Protocol: &protocol, Port: optional(int32(p.Port)), AppProtocol: optional(p.AppProtocol)})
	}
	for i := range s.Endpoints {
		out.Endpoints = append(out.Endpoints, apiEndpoint(&s.Endpoints[i]))
	}
	return out
}

func apiEndpoint(e *manifest.SliceEndpoint) discoveryv1.Endpoint {
	out := discoveryv1.Endpoint{Addresses: texts(e.Addrs), Hostname: optional(e.Hostname), NodeName: optional(e.NodeName), Zone: optional(e.Zone),
		Conditions: discoveryv1.EndpointConditions{Ready: &e.Ready, Serving: &e.Serving, Terminating: &e.Terminating}}
	if len(e.ForZones)+len(e.ForNodes) > 0 {
		out.Hints = &discoveryv1.EndpointHints{}
	}
	for _, z := range e.ForZones {
		out.Hints.ForZones = append(out.Hints.ForZones, discoveryv1.ForZone{Name: z})
	}
	for _, n := range e.ForNodes {
		out.Hints.ForNodes = append(out.Hints.ForNodes, discoveryv1.ForNode{Name: n})
	}
	if t := e.Target; t != (manifest.TargetRef{}) {
		out.TargetRef = &corev1.ObjectReference{Kind: t.Kind, Namespace: t.Namespace, Name: t.Name}
	}
	return out
}
