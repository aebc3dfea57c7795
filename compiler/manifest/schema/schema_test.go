package schema

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// sample has a field of every form.
type sample struct {
	metav1.TypeMeta `json:",inline"`
	Small           int8                         `json:"small"`
	Unsigned        uint16                       `json:"unsigned"`
	Big             *int64                       `json:"big,omitempty"`
	Float           float64                      `json:"float"`
	Flag            *bool                        `json:"flag"`
	Text            []string                     `json:"text"`
	Bytes           []byte                       `json:"bytes"`
	Port            intstr.IntOrString           `json:"port"`
	Memory          map[string]resource.Quantity `json:"memory"`
	At              metav1.Time                  `json:"at"`
	AtMicro         *metav1.MicroTime            `json:"atMicro"`
	For             metav1.Duration              `json:"for"`
	Raw             *metav1.FieldsV1             `json:"raw"`
	Self            *sample                      `json:"self"`
	Hidden          string                       `json:"-"`
	Untagged        string
}

func problems(t *testing.T, value any, text string) (out []string) {
	var arena tree.Arena
	root, _, err := tree.Parse(text, tree.Start{Line: 1, Col: 1}, &arena)
	require.Nil(t, err)
	Of(value).Check(root, func(p Problem) {
		out = append(out, fmt.Sprintf("%d:%d %s %s: %s", p.Node.Line, p.Node.Col, p.Code, p.Path, p.Message))
	})
	return out
}

func TestEveryFormTakesWhatTheServerTakes(t *testing.T) {
	require.Empty(t, problems(t, sample{}, `
apiVersion: v1
kind: x
small: -128
unsigned: 65535
big: 9223372036854775807
float: 1
flag: yes
text: [a, "1", 'yes', 2024-01-01, null]
bytes: aGk=
port: 80
memory: {a: 1, b: "2", c: 1.5, d: 64Mi, e: 100m, f: 1e3, g: 0.5Gi}
at: 2024-01-01T00:00:00Z
atMicro: "2024-01-01T00:00:00.000001Z"
for: 5s
raw: {anything: [1, {goes: true}]}
self: {self: {port: http, small: 1e1, unsigned: 0x10, flag: null}}
Untagged: a
`))
}

func TestEveryFormRefusesTheRest(t *testing.T) {
	require.Equal(t, []string{
		"2:8 HG1003 small: small cannot be 128, which is not in the range -128 to 127",
		"3:11 HG1003 unsigned: unsigned cannot be -1, which is not in the range 0 to 65535",
		"4:6 HG1003 big: big must be an integer, but 1.5 is a number",
		"5:8 HG1003 float: float must be a number, but \"1\" is a string",
		"6:7 HG1003 flag: flag must be a boolean, but 1 is an integer",
		"7:8 HG1003 text[0]: an item of text must be a string, but 1 is an integer",
		"7:11 HG1003 text[1]: an item of text must be a string, not a list",
		"8:7 HG1003 port: port must be an integer or a string, but 1.5 is a number",
		"9:13 HG1003 memory.a: a must be a quantity, which much is not",
		"9:22 HG1003 memory.b: b must be a quantity, but true is a boolean",
		"10:5 HG1003 at: at must be a timestamp, which 2024-01-01 is not",
		"11:10 HG1003 atMicro: atMicro must be a timestamp, but 5 is an integer",
		"12:6 HG1003 for: for must be a duration, which soon is not",
		"13:8 HG1002 self.Hidden: unknown field \"Hidden\" in sample",
		"14:1 HG1002 untagged: unknown field \"untagged\" in sample",
		"15:8 HG1003 bytes: bytes must be a string, not a mapping",
	}, problems(t, sample{}, `
small: 128
unsigned: -1
big: 1.5
float: "1"
flag: 1
text: [1, [a]]
port: 1.5
memory: {a: much, b: true}
at: 2024-01-01
atMicro: 5
for: soon
self: {Hidden: a}
untagged: a
bytes: {}
`))
}

// custom has what custom resources take otherwise.
type custom struct {
	metav1.ObjectMeta `json:"metadata"`
	Items             []string `json:"items"`
	Status            sample   `json:"status"`
}

func TestCustomResources(t *testing.T) {
	check := func(table *Type, text string) (out []string) {
		var arena tree.Arena
		root, _, err := tree.Parse(text, tree.Start{Line: 1, Col: 1}, &arena)
		require.Nil(t, err)
		table.Check(root, func(p Problem) { out = append(out, fmt.Sprintf("%s %s: %s", p.Code, p.Path, p.Message)) })
		return out
	}
	native, table := Of(custom{}), OfCustom(custom{})
	native.required, table.required = []string{"items"}, []string{"items"}
	require.Empty(t, check(table, "metadata: {finalizers: [null], creationTimestamp: null}\nitems: [a]\nstatus: {odd: 1}\n"))
	require.Equal(t, []string{"HG1003 items[1]: an item of items must be a string, not null"}, check(table, "items: [a, null]\n"))
	require.Equal(t, []string{"HG1005 items: custom has no items"}, check(table, "items:\n"))
	require.Empty(t, check(native, "items: [a, null]\n"))
	require.Empty(t, check(native, "items:\n"))
	require.Equal(t, []string{`HG1002 status.odd: unknown field "odd" in sample`}, check(native, "items: []\nstatus: {odd: 1}\n"))
	lazy := LazyCustom(custom{})
	require.Same(t, lazy(), lazy())
}

func TestTablesOfTheAPI(t *testing.T) {
	policy := Of(networkingv1.NetworkPolicy{}, "status", "spec")
	require.Equal(t, []string{"apiVersion", "kind", "metadata", "spec", "status"}, policy.names)
	require.Equal(t, structure, policy.fields["spec"].form)
	lazy := Lazy(corev1.Pod{})
	require.Same(t, lazy(), lazy())
	for name, fields := range requiredFields() {
		require.NotEmpty(t, fields, name)
	}
}

func TestNearest(t *testing.T) {
	fields := []string{"ingress", "egress", "podSelector", "policyTypes"}
	for name, want := range map[string]string{"ingres": "ingress", "Ingress": "ingress", "podselektor": "podSelector", "policyType": "policyTypes",
		"eggress": "egress", "igress": "ingress", "ports": "", "": "", "x": "", "podSelectorpodSelector": ""} {
		require.Equal(t, want, Nearest(name, fields), name)
	}
	require.Equal(t, 1, distance("ab", "ba"))
	require.Equal(t, 3, distance("kitten", "sitting"))
}
