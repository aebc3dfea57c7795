// Package kubeproxy runs the real kube-proxy beside headgate's rules, feeds both the same Services and EndpointSlices, and compares
// what becomes of real connections, and what both cost.
//
// Guarantees: kube-proxy is the program that hack/envtest builds, in nftables mode; it runs in a network namespace of its own and
// sees no API server but a Feed; packets stay in namespaces that the test made, which end with it.
package kubeproxy
