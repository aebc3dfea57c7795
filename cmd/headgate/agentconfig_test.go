package main

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
)

const configHead = "apiVersion: headgate-net.github.io/v1alpha1\nkind: AgentConfiguration\n"

// configured are the agent's flags after a command line and a file, and what is wrong with the file.
func configured(t *testing.T, text string, args ...string) (*pflag.FlagSet, string) {
	t.Helper()
	flags := newAgent().Flags()
	require.NoError(t, flags.Parse(args))
	report := &diag.Report{}
	configure(flags, configKind, textFile{"agent.yaml", text}, report)
	var b strings.Builder
	require.NoError(t, diag.WriteText(&b, report.Findings()))
	return flags, b.String()
}

func TestConfigurationSetsFlags(t *testing.T) {
	text := configHead + "from: /etc/m\ncheck: 3s\nprofiling: true\nhealthzBindAddress: ''\nexceptCidrs: [192.0.2.0/24, 198.51.100.0/24]\n"
	flags, wrong := configured(t, text, "--from", "/given", "--node", "n")
	require.Empty(t, wrong)
	value := func(name string) string { return flags.Lookup(name).Value.String() }
	require.Equal(t, "/given", value("from"), "flags count more")
	require.Equal(t, "3s", value("check"))
	require.Equal(t, "true", value("profiling"))
	require.Equal(t, "", value("healthz-bind-address"))
	require.True(t, flags.Changed("healthz-bind-address"), "it was given")
	require.False(t, flags.Changed("state-dir"))
	require.Equal(t, "192.0.2.0/24,198.51.100.0/24", value("except-cidrs"))
}

// Every flag has a field, and what a field says is what the flag says.
func TestEveryFlagHasAField(t *testing.T) {
	fields := configFields(newAgent().Flags())
	newAgent().Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" && f.Name != "help" {
			require.Contains(t, fields, camelCase(f.Name))
			require.Equal(t, f.Name, fields[camelCase(f.Name)].Name)
		}
	})
	require.Contains(t, fields, "gossipKeyFile")
}

func TestConfigurationIsStrict(t *testing.T) {
	for text, want := range map[string]string{
		configHead + "chek: 3s\n":                        "agent.yaml:3:1: error HG1002: unknown field \"chek\" in AgentConfiguration\n    in AgentConfiguration chek\n    hint: did you mean \"check\"?\n",
		configHead + "check: soon\n":                     "agent.yaml:3:8: error HG1003: check: ",
		configHead + "from: [a]\n":                       "agent.yaml:3:7: error HG1003: from must be a string\n",
		configHead + "check: 1s\ncheck: 2s\n":            "agent.yaml:4:1: error HG1004: the key \"check\" occurs twice\n",
		"kind: AgentConfiguration\n":                     "agent.yaml:1:1: error HG1005: the configuration has no apiVersion\n",
		strings.Replace(configHead, "v1alpha1", "v1", 1): "agent.yaml:1:13: error HG1012: the apiVersion is not headgate-net.github.io/v1alpha1\n",
		configHead + "---\nfrom: a\n":                    "agent.yaml:3:1: error HG1001: there is more than one document\n",
		"- a\n":                                          "agent.yaml:1:1: error HG1003: the configuration must be a mapping\n",
		"a: [\n":                                         "error HG1001: ",
	} {
		_, wrong := configured(t, text)
		require.Contains(t, wrong, want, text)
	}
}
