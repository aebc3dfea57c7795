// Package suites runs the official suites for network policies, as they are, in clusters where headgate's agent is the only policy engine:
// the NetworkPolicy specs of Kubernetes' own end-to-end suite, and the conformance suite of network-policy-api for ClusterNetworkPolicy.
//
// Guarantees: the suites are built by hack/envtest/build.sh from the modules that it pins, with nothing changed and nothing left out;
// counts are those that the suites themselves report; a cluster ends with the test that made it, however that ends; a suite that would
// pass without an engine shows, since specs that deny are run without one, too, and must fail.
//
// The specs on nftables run with every 'go test'. With HEADGATE_CONFORMANCE=all, as under 'make conformance', everything runs, and the
// report is written to the directory that HEADGATE_REPORT names.
package suites
