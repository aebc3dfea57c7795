package manifest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
)

// FuzzRead reads any bytes, whole and in small windows: nothing panics or hangs, every finding names a place in the text
// and a way out, an object with an error is not there, and reading twice says the same.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	require.NoError(f, err)
	refused, err := filepath.Glob("testdata/[ar]*/*.txtar")
	require.NoError(f, err)
	for _, path := range append(paths, refused...) {
		archive, err := txtar.ParseFile(path)
		require.NoError(f, err)
		for _, file := range archive.Files {
			switch {
			case strings.HasPrefix(file.Name, "out/"):
			case archive.Files[0].Name == "header":
				f.Add(append(slices.Clone(archive.Files[0].Data), file.Data...))
			default:
				f.Add(file.Data)
			}
		}
	}
	for _, s := range []shape{documents, yamlList, jsonList, jsonLine} {
		f.Add(generate(s, 1500))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 20_000 {
			return
		}
		lines := int32(strings.Count(string(text), "\n") + strings.Count(string(text), "\r") + 1)
		for _, window := range []int{0, 300} {
			objects, findings := readWith(t, strings.NewReader(string(text)), window)
			again, findings2 := readWith(t, strings.NewReader(string(text)), window)
			require.Equal(t, findings, findings2)
			require.Equal(t, objects, again)
			wrong := map[string]bool{}
			for _, finding := range findings {
				require.NotEmpty(t, finding.Message)
				require.True(t, finding.Hint != "" || finding.Severity == diag.Note)
				require.LessOrEqual(t, finding.Origin.Pos.Line, lines)
				if finding.Code != diag.DuplicateObject && finding.Severity == diag.Error {
					wrong[finding.Origin.Pos.String()] = true
				}
			}
			checkBalanced(t, objects)
			checkOutside(t, objects)
			for _, p := range objects.NetworkPolicies {
				require.NotEmpty(t, p.Name)
				require.NotEmpty(t, p.Namespace)
				require.False(t, wrong[p.Pos.String()], "%s has an error and is there", p.ID())
				checkRules(t, append(p.IngressRules, p.EgressRules...))
			}
			for _, p := range objects.RankedPolicies {
				require.NotEmpty(t, p.Name)
				require.False(t, wrong[p.Pos.String()], "%s has an error and is there", p.ID())
				checkRanked(t, p)
			}
			for _, g := range objects.Groups {
				require.NotEmpty(t, g.Members)
				checkPeers(t, g.Members)
			}
			for _, e := range objects.ExternalNodes {
				require.Len(t, e.Interfaces, 1)
			}
		}
	})
}

// checkRanked holds a policy to what ranked.go says of it.
func checkRanked(t *testing.T, p *RankedPolicy) {
	require.Equal(t, strings.ToLower(p.Tier), p.Tier)
	require.NotEmpty(t, p.Tier)
	checkPeers(t, p.AppliedTo)
	for _, r := range append(slices.Clone(p.IngressRules), p.EgressRules...) {
		require.Contains(t, []string{"Allow", "Drop", "Reject", "Pass"}, r.Action)
		require.False(t, r.Action == "Pass" && p.Tier == "baseline" && p.Group == antreaGroup)
		require.NotEqual(t, len(p.AppliedTo) > 0, len(r.AppliedTo) > 0, "applied to in one place")
		require.Equal(t, r.AnyPeer, len(r.Peers) == 0 && len(r.ToServices) == 0)
		require.False(t, len(r.ToServices) > 0 && len(r.Peers)+len(r.Ports) > 0)
		checkPeers(t, r.AppliedTo)
		checkPeers(t, r.Peers)
		for _, port := range r.Ports {
			require.Contains(t, []string{"TCP", "UDP", "SCTP", "ICMP", "ICMPv6", "IGMP", ""}, port.Protocol)
			require.True(t, port.Protocol != "" || port.Name != "")
			require.LessOrEqual(t, port.From, port.To)
			require.LessOrEqual(t, port.SourceFrom, port.SourceTo)
			require.True(t, port.ICMPType != nil || port.ICMPCode == nil)
		}
	}
}

// checkPeers holds peers to what RankedPeer says: one kind, apart from selectors that go together.
func checkPeers(t *testing.T, peers []RankedPeer) {
	for _, p := range peers {
		kinds := 0
		for _, is := range []bool{p.IPBlock != nil, p.NodeSelector != nil, p.ServiceAccount != nil, p.Service != nil, p.Group != "", p.FQDN != "",
			p.PodSelector != nil || p.NamespaceSelector != nil || p.Namespaces != nil || p.ExternalEntitySelector != nil} {
			if is {
				kinds++
			}
		}
		require.Equal(t, 1, kinds, "%s %+v", p.Field, p)
		require.False(t, p.NamespaceSelector != nil && p.Namespaces != nil)
		require.False(t, p.PodSelector != nil && p.ExternalEntitySelector != nil)
		if p.IPBlock != nil {
			require.Equal(t, p.IPBlock.CIDR.Masked(), p.IPBlock.CIDR)
			require.True(t, p.IPBlock.CIDR.IsValid())
		}
		if p.Namespaces != nil {
			require.NotEqual(t, p.Namespaces.Self, len(p.Namespaces.SameLabels) > 0)
		}
	}
}

// checkRules holds rules to what types.go says of them.
func checkRules(t *testing.T, rules []Rule) {
	for _, r := range rules {
		require.Equal(t, len(r.Peers) == 0, r.AnyPeer)
		for _, p := range r.Peers {
			require.NotEqual(t, p.IPBlock != nil, p.PodSelector != nil || p.NamespaceSelector != nil)
			if p.IPBlock != nil {
				require.Equal(t, p.IPBlock.CIDR.Masked(), p.IPBlock.CIDR)
				for _, e := range p.IPBlock.Except {
					require.True(t, p.IPBlock.CIDR.Contains(e.Addr()) && e.Bits() > p.IPBlock.CIDR.Bits())
				}
			}
		}
		for _, p := range r.Ports {
			require.Contains(t, []string{"TCP", "UDP", "SCTP"}, p.Protocol)
			require.LessOrEqual(t, p.From, p.To)
			require.True(t, p.Name == "" || p.From == 0)
		}
	}
}
