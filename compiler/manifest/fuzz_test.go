package manifest

import (
	"path/filepath"
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
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		require.NoError(f, err)
		for _, file := range archive.Files {
			if !strings.HasPrefix(file.Name, "out/") {
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
			for _, p := range objects.NetworkPolicies {
				require.NotEmpty(t, p.Name)
				require.NotEmpty(t, p.Namespace)
				require.False(t, wrong[p.Pos.String()], "%s has an error and is there", p.ID())
				checkRules(t, append(p.IngressRules, p.EgressRules...))
			}
		}
	})
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
