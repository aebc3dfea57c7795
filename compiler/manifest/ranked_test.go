package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

// The longest lists that the upstream APIs allow, and one entry more (MaxItems of the fields).
func TestUpstreamLimits(t *testing.T) {
	repeat := func(n int, item string) string { return "[" + strings.Repeat(item+", ", n-1) + item + "]" }
	distinct := func(n int, format string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprintf(format, i)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	for _, api := range []struct {
		head, action, ports, port string
		most                      int
	}{
		{"apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nspec:\n  tier: Admin\n", "Accept", "protocols", "{tcp: {destinationPort: {number: 80}}}", 25},
		{"apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nspec:\n", "Allow", "ports", "{portNumber: {port: 80}}", 100},
	} {
		rule := func(peers, ports string) string {
			return "{action: " + api.action + ", to: " + peers + ", " + api.ports + ": " + ports + "}"
		}
		one := "[{namespaces: {}}]"
		for field, text := range map[string]func(n int) string{
			"spec.ingress":                func(n int) string { return "ingress: " + repeat(n, "{action: Deny, from: "+one+"}") },
			"spec.egress":                 func(n int) string { return "egress: " + repeat(n, "{action: Deny, to: "+one+"}") },
			"spec.egress[0].to":           func(n int) string { return "egress: [" + rule(repeat(n, "{namespaces: {}}"), "["+api.port+"]") + "]" },
			"spec.ingress[0].from":        func(n int) string { return "ingress: [{action: Deny, from: " + repeat(n, "{namespaces: {}}") + "}]" },
			"spec.egress[0]." + api.ports: func(n int) string { return "egress: [" + rule(one, repeat(n, api.port)) + "]" },
			"spec.egress[0].to[0].networks": func(n int) string {
				return "egress: [{action: Deny, to: [{networks: " + distinct(n-api.most+25, "10.%d.0.0/16") + "}]}]"
			},
			"spec.egress[0].to[0].domainNames": func(n int) string {
				return "egress: [{action: " + api.action + ", to: [{domainNames: " + distinct(n-api.most+25, "a%d.example") + "}]}]"
			},
		} {
			for _, more := range []int{0, 1} {
				var report diag.Report
				objects := Parse("x.yaml", []byte(api.head+"  priority: 1\n  subject: {namespaces: {}}\n  "+text(api.most+more)+"\nmetadata: {name: p}\n"), &report)
				findings := report.Findings()
				require.Len(t, objects.RankedPolicies, 1-more, "%s: %v", field, findings)
				require.Len(t, findings, more, field)
				if more > 0 {
					require.Equal(t, diag.BadCount, findings[0].Code)
					require.Equal(t, field, findings[0].Origin.Field)
				}
			}
		}
	}
}

// However a text is cut into windows, the same is read.
func TestWindowsOfRankedPolicies(t *testing.T) {
	archive := golden.Open(t, "testdata/accepted/objects.txtar")
	for _, name := range acceptedFiles() {
		text, _ := archive.Section(name)
		whole, findings := readWith(t, strings.NewReader(text), 0)
		require.Empty(t, findings, name)
		for _, window := range []int{400, 1000} {
			cut, findings := readWith(t, strings.NewReader(text), window)
			require.Empty(t, findings, "%s in windows of %d", name, window)
			require.Equal(t, whole, cut, "%s in windows of %d", name, window)
		}
	}
}

// Kinds of the same name in different groups are different objects; the -n namespace is that of both.
func TestKindsOfTheSameName(t *testing.T) {
	antrea := "apiVersion: crd.antrea.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {priority: 5, appliedTo: [{podSelector: {}}]}\n"
	native := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n"
	cluster := "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec: {priority: 5, appliedTo: [{podSelector: {}}]}\n"
	upstream := "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec: {priority: 5, tier: Admin, subject: {namespaces: {}}}\n"
	all := antrea + "---\n" + native + "---\n" + cluster + "---\n" + upstream
	var report diag.Report
	objects := Read(t.Context(), Options{Files: []string{"-"}, Stdin: strings.NewReader(all), Namespace: "shop"}, &report)
	require.Empty(t, report.Findings())
	var ids []string
	for _, p := range objects.RankedPolicies {
		ids = append(ids, p.ID())
	}
	require.Equal(t, []string{"NetworkPolicy.crd.antrea.io shop/p", "ClusterNetworkPolicy.crd.antrea.io p", "ClusterNetworkPolicy.policy.networking.k8s.io p"}, ids)
	require.Equal(t, "NetworkPolicy shop/p", objects.NetworkPolicies[0].ID())

	report = diag.Report{}
	Parse("x.yaml", []byte(all+"---\n"+upstream+"---\n"+antrea), &report)
	require.Equal(t, []diag.Code{diag.DuplicateObject, diag.DuplicateObject}, codes(&report))
}

// The kinds of Antrea's that headgate does not read are skipped, not taken for misspellings of those that it does; so are kinds
// of the same name in groups of others.
func TestOtherKindsAreSkipped(t *testing.T) {
	kinds := map[string]string{"AntreaAgentInfo": "v1beta1", "AntreaControllerInfo": "v1beta1", "IPPool": "v1beta1",
		"Traceflow": "v1beta1", "TrafficControl": "v1alpha2", "SupportBundleCollection": "v1alpha1",
		"BGPPolicy": "v1alpha1", "NodeLatencyMonitor": "v1alpha1", "PacketCapture": "v1alpha1", "AntreaNodeConfig": "v1alpha1",
		"FlowExporterDestination": "v1alpha1"}
	for kind, version := range kinds {
		var report diag.Report
		Parse("x.yaml", []byte("apiVersion: crd.antrea.io/"+version+"\nkind: "+kind+"\nmetadata: {name: a}\n"), &report)
		require.Len(t, report.Findings(), 1, kind)
		require.Equal(t, diag.Note, report.Findings()[0].Severity, "%v", report.Findings())
	}
	for _, id := range []string{"user.openshift.io/v1 Group", "crd.projectcalico.org/v1 NetworkPolicy", "projectcalico.org/v3 Tier", "multicluster.crd.antrea.io/v1alpha1 ClusterSet"} {
		version, kind, _ := strings.Cut(id, " ")
		var report diag.Report
		Parse("x.yaml", []byte("apiVersion: "+version+"\nkind: "+kind+"\nmetadata: {name: a}\n"), &report)
		require.Equal(t, diag.Note, report.Findings()[0].Severity, "%v", report.Findings())
	}
}

// The hints for words that other kinds or fields have.
func TestForeignWords(t *testing.T) {
	for spec, hint := range map[string]string{
		"ingress: [{action: Deny}]":                                  "write Drop",
		"ingress: [{action: Accept}]":                                "write Allow",
		"ingress: [{action: allow}]":                                 "did you mean Allow?",
		"ingress: [{action: Log}]":                                   "use Allow, Drop, Reject or Pass",
		"ingress: [{action: Drop, ports: [{protocol: ICMP}]}]":       "write protocols: [{icmp: {}}] instead of ports",
		"ingress: [{action: Drop, ports: [{protocol: tcp}]}]":        "write TCP",
		"ingress: [{action: Drop, from: [{podSelector: }]}]":         "podSelector without a value is null; to select everything write podSelector: {}",
		"egress: [{action: Drop, to: [{fqdn: 10.0.0.1}]}]":           "write an ipBlock: 10.0.0.1/32",
		"egress: [{action: Drop, to: [{ipBlock: {cidr: \"::1\"}}]}]": "for this one address write ::1/128",
	} {
		var report diag.Report
		Parse("x.yaml", []byte("apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec:\n  priority: 5\n"+
			"  appliedTo: [{podSelector: {}}]\n  "+spec+"\n"), &report)
		require.Len(t, report.Findings(), 1, spec)
		require.Equal(t, hint, report.Findings()[0].Hint, spec)
	}
}

// The hints for a field that another version or kind has.
func TestFormerFields(t *testing.T) {
	head := map[string]string{
		"acnp": "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec: ",
		"annp": "apiVersion: crd.antrea.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: ",
		"cg":   "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterGroup\nmetadata: {name: p}\nspec: ",
		"g":    "apiVersion: crd.antrea.io/v1beta1\nkind: Group\nmetadata: {name: p}\nspec: ",
		"cnp":  "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec: ",
		"anp":  "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: p}\nspec: ",
		"banp": "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec: ",
	}
	for _, c := range []struct{ kind, spec, hint string }{
		{"cg", "{ipBlock: {}}", "ipBlocks"},
		{"g", "{nodeSelector: {}}", "only a ClusterGroup"},
		{"acnp", "{appliedTo: [{ipBlock: {}}]}", "from and to"},
		{"annp", "{appliedTo: [{namespaceSelector: {}}]}", "its own namespace"},
		{"annp", "{egress: [{to: [{namespaces: {}}]}]}", "only a ClusterNetworkPolicy has namespaces"},
		{"annp", "{egress: [{to: [{serviceAccount: {}}]}]}", "only a ClusterNetworkPolicy has serviceAccount"},
		{"acnp", "{ingress: [{from: [{externalEntitySelector: {}}]}]}", "only a NetworkPolicy has"},
		{"acnp", "{egress: [{appliedTo: [{service: {}}]}]}", "apply to a Service"},
		{"acnp", "{ingress: [{from: [{fqdn: a}]}]}", "egress rules"},
		{"acnp", "{ingress: [{toServices: []}]}", "egress rules"},
		{"acnp", "{ingress: [{to: []}]}", "from instead of to"},
		{"acnp", "{egress: [{from: []}]}", "to instead of from"},
		{"acnp", "{egress: [{to: [{scope: Cluster}]}]}", "scope"},
		{"acnp", "{egress: [{protocols: [{udp: {}}]}]}", "protocol: UDP"},
		{"cnp", "{subject: {namespaces: {namespaceSelector: {}}}}", "matchLabels"},
		{"anp", "{ingress: [{from: [{namespaces: {notSameLabels: [a]}}]}]}", "no version"},
		{"anp", "{subject: {pods: {namespaces: {}}}}", "podSelector"},
		{"cnp", "{ingress: [{from: [{nodes: {}}]}]}", "only egress rules"},
		{"cnp", "{ingress: [{to: []}]}", "from instead of to"},
		{"anp", "{egress: [{from: []}]}", "to instead of from"},
		{"cnp", "{appliedTo: []}", "subject"},
		{"cnp", "{egress: [{ports: []}]}", "protocols"},
		{"anp", "{egress: [{protocols: []}]}", "ports"},
		{"cnp", "{egress: [{protocols: [{namedPort: a}]}]}", "v1alpha1"},
		{"banp", "{priority: 1}", "without a priority"},
		{"anp", "{tier: Admin}", "remove it"},
	} {
		var report diag.Report
		Parse("x.yaml", []byte(head[c.kind]+c.spec+"\n"), &report)
		found := ""
		for _, f := range report.Findings() {
			if f.Code == diag.UnknownField {
				found = f.Hint
			}
		}
		require.Contains(t, found, c.hint, "%s %s", c.kind, c.spec)
	}
}

// BenchmarkRanked reads a thousand Antrea policies of ten rules each.
func BenchmarkRanked(b *testing.B) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: p%d}\nspec:\n  tier: securityops\n  priority: %d\n"+
			"  appliedTo:\n  - podSelector: {matchLabels: {app: a%d}}\n  ingress:\n", i, 1+i%100, i)
		for j := range 10 {
			fmt.Fprintf(&text, "  - action: Drop\n    from:\n    - namespaceSelector: {matchLabels: {team: t%d}}\n    - ipBlock: {cidr: 10.%d.%d.0/24}\n    ports:\n"+
				"    - {protocol: TCP, port: %d}\n", j, i%256, j, 1000+j)
		}
		text.WriteString("---\n")
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		var report diag.Report
		if objects := Parse("x.yaml", []byte(text.String()), &report); len(objects.RankedPolicies) != 1000 {
			b.Fatal(report.Findings())
		}
	}
}
