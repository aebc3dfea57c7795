package apiserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/apiserver"
)

// egress asks what is special of Egresses and their pools: status, why they are refused, and what may change.
func egress(t *testing.T, s *apiserver.Server) {
	for object, patch := range map[string]string{
		"egress/one":             `{"status":{"egressNode":"n1","egressIP":"203.0.113.10"}}`,
		"externalippool/outside": `{"status":{"usage":{"total":73,"used":2}}}`,
	} {
		_, err := s.Kubectl("", "patch", object, "--subresource=status", "--type=merge", "-p", patch)
		require.NoError(t, err)
	}
	for name, c := range refusedEgress() {
		t.Run(name, func(t *testing.T) {
			text := "apiVersion: crd.antrea.io/v1beta1\nkind: " + c.kind + "\nmetadata: {name: another}\nspec: " + c.spec + "\n"
			require.NotEmpty(t, complaint(text))
			_, err := s.Kubectl(text, "create", "--dry-run=server", "-f", "-")
			require.ErrorContains(t, err, c.want)
		})
	}
	// A range in use must not go; others may come.
	const pool = "apiVersion: crd.antrea.io/v1beta1\nkind: ExternalIPPool\nmetadata: {name: outside6}\nspec: {nodeSelector: {}, ipRanges: "
	_, err := s.Kubectl(pool+`[{cidr: "2001:db8::/64"}, {cidr: "2001:db8:0:1::/64"}]}`, "apply", "-f", "-")
	require.NoError(t, err)
	_, err = s.Kubectl(pool+`[{cidr: "2001:db8:0:1::/64"}]}`, "apply", "-f", "-")
	require.ErrorContains(t, err, "cannot be taken away")
}

type badSpec struct{ kind, spec, want string }

func refusedEgress() map[string]badSpec {
	egress := func(spec, want string) badSpec { return badSpec{"Egress", spec, want} }
	pool := func(spec, want string) badSpec { return badSpec{"ExternalIPPool", spec, want} }
	const bandwidth = "{appliedTo: {}, egressIP: 203.0.113.1, bandwidth: "
	const ranges = "{nodeSelector: {}, ipRanges: "
	return map[string]badSpec{
		"egress/nobody":               egress("{egressIP: 203.0.113.1}", "appliedTo: Required value"),
		"egress/no address":           egress("{appliedTo: {}}", "set egressIP or externalIPPool"),
		"egress/both ways":            egress("{appliedTo: {}, egressIP: 203.0.113.1, externalIPPools: [a, b]}", "set egressIP or externalIPPool"),
		"egress/empty address":        egress("{appliedTo: {}, egressIP: ''}", "not an IP address"),
		"egress/no address at all":    egress("{appliedTo: {}, egressIP: 203.0.113.256}", "not an IP address"),
		"egress/block":                egress("{appliedTo: {}, egressIP: 203.0.113.0/24}", "not an IP address"),
		"egress/addresses, no one":    egress("{appliedTo: {}, egressIPs: [203.0.113.1, x]}", "not an IP address"),
		"egress/loopback":             egress("{appliedTo: {}, egressIP: 127.0.0.1}", "nothing outside can answer"),
		"egress/link-local":           egress("{appliedTo: {}, egressIPs: ['fe80::1', 203.0.113.1]}", "nothing outside can answer"),
		"egress/one family":           egress("{appliedTo: {}, egressIPs: [203.0.113.1, 203.0.113.2]}", "one address of IPv4 and one of IPv6"),
		"egress/odd addresses":        egress("{appliedTo: {}, egressIPs: [203.0.113.1]}", "in pairs"),
		"egress/odd pools":            egress("{appliedTo: {}, externalIPPools: [a]}", "in pairs"),
		"egress/three pools":          egress("{appliedTo: {}, externalIPPools: [a, b, c]}", "must have at most 2 items"),
		"egress/four pools":           egress("{appliedTo: {}, egressIPs: [203.0.113.1, '2001:db8::1'], externalIPPools: [a, b, c, d]}", "must have at most 2 items"),
		"egress/rate alone":           egress(bandwidth+"{rate: 1M}}", "burst: Required value"),
		"egress/rate":                 egress(bandwidth+"{rate: fast, burst: 1M}}", "not a quantity"),
		"egress/burst":                egress(bandwidth+"{rate: 1M, burst: '1 M'}}", "not a quantity"),
		"egress/slow":                 egress(bandwidth+"{rate: 999999m, burst: 1M}}", "from 1k to 1P"),
		"egress/negative rate":        egress(bandwidth+"{rate: -1M, burst: 1M}}", "from 1k to 1P"),
		"egress/fast":                 egress(bandwidth+"{rate: 1M, burst: 1E}}", "from 1k to 1P"),
		"egress/selector":             egress("{appliedTo: {podSelector: {matchExpressions: [{key: a, operator: In}]}}, egressIP: 203.0.113.1}", "oneOf"),
		"egress/label key":            egress("{appliedTo: {podSelector: {matchLabels: {a/b/c: d}}}, egressIP: 203.0.113.1}", "a label's key"),
		"egress/unknown field":        egress("{appliedTo: {}, egressIP: 203.0.113.1, egressNode: a}", "unknown field"),
		"pool/no ranges":              pool("{nodeSelector: {}}", "ipRanges: Required value"),
		"pool/no nodes":               pool("{ipRanges: [{cidr: 10.0.0.0/24}]}", "nodeSelector: Required value"),
		"pool/empty range":            pool(ranges+"[{}]}", "oneOf"),
		"pool/block and range":        pool(ranges+"[{cidr: 10.0.0.0/24, start: 10.0.0.1, end: 10.0.0.2}]}", "oneOf"),
		"pool/range without end":      pool(ranges+"[{start: 10.0.0.1}]}", "oneOf"),
		"pool/no block":               pool(ranges+"[{cidr: 10.0.0.0}]}", "must be of type cidr"),
		"pool/no start":               pool(ranges+"[{start: a, end: 10.0.0.1}]}", "oneOf"),
		"pool/two families":           pool(ranges+"[{start: 10.0.0.1, end: '2001:db8::1'}]}", "of one family"),
		"pool/multicast":              pool(ranges+"[{cidr: 224.0.0.0/8}]}", "nothing outside can answer"),
		"pool/unspecified":            pool(ranges+"[{start: 0.0.0.0, end: 10.0.0.1}]}", "nothing outside can answer"),
		"pool/subnet without gateway": pool(ranges+"[{cidr: 10.0.0.0/24}], subnetInfo: {prefixLength: 24}}", "gateway: Required value"),
		"pool/gateway":                pool(ranges+"[{cidr: 10.0.0.0/24}], subnetInfo: {gateway: 10.0.0.0/24, prefixLength: 24}}", "not an IP address"),
		"pool/prefix 0":               pool(ranges+"[{cidr: 10.0.0.0/24}], subnetInfo: {gateway: 10.0.0.1, prefixLength: 0}}", "greater than or equal to 1"),
		"pool/prefix 32":              pool(ranges+"[{cidr: 10.0.0.0/24}], subnetInfo: {gateway: 10.0.0.1, prefixLength: 32}}", "shorter than 32"),
		"pool/prefix 128":             pool(ranges+"[{cidr: '2001:db8::/64'}], subnetInfo: {gateway: '2001:db8::1', prefixLength: 128}}", "less than or equal to 127"),
		"pool/VLAN":                   pool(ranges+"[{cidr: 10.0.0.0/24}], subnetInfo: {gateway: 10.0.0.1, prefixLength: 24, vlan: 4095}}", "less than or equal to 4094"),
		"pool/block outside":          pool(ranges+"[{cidr: 10.0.0.0/23}], subnetInfo: {gateway: 10.0.0.1, prefixLength: 24}}", "lie in the subnet"),
		"pool/range outside":          pool(ranges+"[{start: 10.0.0.250, end: 10.0.1.1}], subnetInfo: {gateway: 10.0.0.1, prefixLength: 24}}", "lie in the subnet"),
		"pool/other family outside":   pool(ranges+"[{cidr: '2001:db8::/64'}], subnetInfo: {gateway: 10.0.0.1, prefixLength: 24}}", "lie in the subnet"),
	}
}
