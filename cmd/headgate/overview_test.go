package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/controller"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/webhook"
)

func anOverview(t *testing.T, gates gateFlags) *overview {
	v, err := newOverview(&controllerOptions{gates: gates}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return v
}

// addresses of Egresses and Services, by document.
func givenIn(view *controller.View) map[string]string {
	out := map[string]string{}
	for _, e := range view.Egresses {
		out[e.Document] = fmt.Sprint(e.Addr)
	}
	for _, s := range view.Services {
		out[s.Document] = fmt.Sprint(s.Addrs)
	}
	return out
}

// egressText is an Egress as the server prints it, with a status.
func egressText(name string, created int, status string) string {
	return fmt.Sprintf(`{apiVersion: crd.antrea.io/v1beta1, kind: Egress, metadata: {name: %s, creationTimestamp: "2026-01-01T00:00:%02dZ"},
  spec: {appliedTo: {podSelector: {matchLabels: {app: web}}}, externalIPPool: out}, status: {egressIP: %q}}`, name, created, status)
}

// A controller gives out what agents give out, whether its status has reached them or not; once it has written that, nobody's address
// moves, whoever comes and goes.
func TestControllerGivesWhatAgentsDo(t *testing.T) {
	const pool = `{apiVersion: crd.antrea.io/v1beta1, kind: ExternalIPPool, metadata: {name: out}, spec: {ipRanges: [{start: 198.51.100.1, end: 198.51.100.6}], nodeSelector: {}}}`
	moves := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		v, texts := anOverview(t, nil), map[string]string{"externalippools.crd.antrea.io/out": pool}
		v.take([]kube.Change{{Name: "externalippools.crd.antrea.io/out", Text: pool}})
		created, before := map[string]int{}, map[string]string{}
		for step := range 30 {
			name := fmt.Sprintf("e%d", r.IntN(9))
			document, text := "egresses.crd.antrea.io/"+name, ""
			if created[document] == 0 {
				created[document] = 1 + r.IntN(50)
				text = egressText(name, created[document], "")
			} else {
				delete(created, document)
			}
			texts[document] = text
			now := givenIn(v.take([]kube.Change{{Name: document, Text: text}}))
			require.Equal(t, agentsGive(texts), now, "seed %d step %d", seed, step)
			for other, had := range before {
				if other != document && had != "invalid IP" {
					require.Equal(t, had, now[other], "seed %d step %d: %s keeps it", seed, step, other)
				}
			}
			for other, has := range now { // as the controller writes it
				texts[other] = egressText(strings.TrimPrefix(other, "egresses.crd.antrea.io/"), created[other], strings.TrimPrefix(has, "invalid IP"))
				if before[other] != has {
					moves++
				}
			}
			var written []kube.Change
			for other := range now {
				written = append(written, kube.Change{Name: other, Text: texts[other]})
			}
			require.Equal(t, now, givenIn(v.take(written)))
			require.Equal(t, now, agentsGive(texts))
			before = now
		}
	}
	require.Greater(t, moves, 100)
}

// agentsGive is what an agent that has just started makes of documents.
func agentsGive(texts map[string]string) map[string]string {
	objects := manifest.NewDocuments("")
	var documents []manifest.Document
	for name, text := range texts {
		documents = append(documents, manifest.Document{Name: name, Text: text})
	}
	objects.Set(documents)
	s := compiler.NewSession(compiler.Options{})
	s.Replace(objects.Objects())
	s.Compile(&diag.Report{}, "n1")
	view := &controller.View{}
	addressesOf(s.Survey(), view)
	return givenIn(view)
}

func asked(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	require.NoError(t, o.UnmarshalJSON([]byte(text)))
	return o
}

// What cannot be known does not refuse; what passes, though it has errors, is what is on its way out or as it was; what is off has no effect.
func TestJudge(t *testing.T) {
	const text = `{"apiVersion":"crd.antrea.io/v1beta1","kind":"Egress","metadata":{"name":"e"%s},"spec":{"appliedTo":{"podSelector":{"matchLabels":{"a":"b"}}},"externalIPPool":"%s"}}`
	request := webhook.Request{Group: "crd.antrea.io", Version: "v1beta1", Kind: "Egress", Resource: "egresses", Name: "e", Object: asked(t, fmt.Sprintf(text, "", "out"))}
	judge := func(v *overview, r webhook.Request) webhook.Verdict {
		verdict, err := v.judge(context.Background(), r)
		require.NoError(t, err)
		return verdict
	}
	v := anOverview(t, nil)
	require.Empty(t, judge(v, request), "nothing is known yet")
	v.take(nil)
	warned := judge(v, request)
	require.Empty(t, warned.Errors)
	require.Len(t, warned.Warnings, 1)
	require.Equal(t, string(diag.UnknownPool), warned.Warnings[0].Code)
	require.Equal(t, "spec.externalIPPool", warned.Warnings[0].Field)
	require.Equal(t, warned, judge(v, request), "it leaves no trace")

	off := judge(anOverview(t, gateFlags{"Egress": false}), request)
	require.Len(t, off.Warnings, 1)
	require.Equal(t, string(diag.GateOff), off.Warnings[0].Code)

	bad := request
	bad.Object = asked(t, strings.Replace(fmt.Sprintf(text, "", "out"), `"externalIPPool":"out"`, `"egressIP":"nothing"`, 1))
	require.NotEmpty(t, judge(v, bad).Errors)
	again := bad
	again.Before = bad.Object.DeepCopy()
	again.Object = bad.Object.DeepCopy()
	again.Object.SetFinalizers([]string{"x.test/y"})
	require.Empty(t, judge(v, again), "its spec is as it was")
	again.Object.SetLabels(map[string]string{"c": "d"})
	require.NotEmpty(t, judge(v, again).Errors)
	leaving := bad
	leaving.Object = asked(t, strings.Replace(fmt.Sprintf(text, `,"deletionTimestamp":"2026-01-01T00:00:00Z"`, "out"), `"out"`, `"."`, 1))
	require.Empty(t, judge(v, leaving))
	unnamed := request
	unnamed.Object = asked(t, strings.Replace(fmt.Sprintf(text, "", "out"), `"name":"e"`, `"generateName":"e-"`, 1))
	require.Equal(t, warned.Warnings[0].Code, judge(v, unnamed).Warnings[0].Code)
}

// A rule that others leave nothing to is stored with a warning; one that waits for pods is stored without.
func TestJudgeAnalyses(t *testing.T) {
	policy := func(name string, priority int, rules string) string {
		return fmt.Sprintf(`{"apiVersion":"crd.antrea.io/v1beta1","kind":"ClusterNetworkPolicy","metadata":{"name":%q},"spec":{"priority":%d,"appliedTo":[{"podSelector":{"matchLabels":{"app":"web"}}}],"ingress":%s}}`,
			name, priority, rules)
	}
	rule := func(action, cidr string) string {
		return fmt.Sprintf(`{"action":%q,"from":[{"ipBlock":{"cidr":%q}}]}`, action, cidr)
	}
	v := anOverview(t, nil)
	cluster := []kube.Change{
		{Name: "namespaces/shop", Text: `{apiVersion: v1, kind: Namespace, metadata: {name: shop}}`},
		{Name: "pods/shop/web", Text: `{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n1}, status: {podIP: 10.0.0.1}}`},
		{Name: "clusternetworkpolicies.crd.antrea.io/first", Text: policy("first", 1, "["+rule("Drop", "192.0.2.0/24")+"]")},
	}
	v.take(cluster)
	warnings := func(v *overview, text string) (out []string) {
		verdict, err := v.judge(t.Context(), webhook.Request{Group: "crd.antrea.io", Version: "v1beta1", Kind: "ClusterNetworkPolicy", Resource: "clusternetworkpolicies", Object: asked(t, text)})
		require.NoError(t, err)
		require.Empty(t, verdict.Errors)
		for _, f := range verdict.Warnings {
			out = append(out, f.Code+" "+f.Field)
			require.Contains(t, f.Message, "ClusterNetworkPolicy.crd.antrea.io first spec.ingress[0]")
		}
		return out
	}
	require.Equal(t, []string{"HG3001 spec.ingress[0]", "HG3002 spec.ingress[2]"},
		warnings(v, policy("second", 2, "["+rule("Allow", "192.0.2.0/25")+","+rule("Drop", "198.51.100.0/24")+","+rule("Drop", "192.0.2.128/25")+"]")))
	require.Equal(t, []string{"HG3002 spec.ingress[0]", "HG3004 spec.ingress[0]"}, warnings(v, policy("tied", 1, "["+rule("Allow", "192.0.0.0/16")+"]")))
	require.Empty(t, warnings(v, policy("fine", 2, "["+rule("Drop", "192.0.0.0/16")+"]")))
	require.Empty(t, warnings(v, policy("first", 1, "["+rule("Allow", "192.0.2.0/24")+"]")), "in place of the one that there is; nothing else says anything of that")
	v.take([]kube.Change{{Name: "pods/shop/web"}})
	require.Empty(t, warnings(v, policy("second", 2, "["+rule("Allow", "192.0.2.0/25")+"]")), "there are no pods yet")

	v.take(cluster)
	v.analysing <- struct{}{} // as another analysis has it
	require.Empty(t, warnings(v, policy("second", 2, "["+rule("Allow", "192.0.2.0/25")+"]")))
}

// The members of a group are known, unless it names one that is not there.
func TestGroupsAreComputed(t *testing.T) {
	v := anOverview(t, nil)
	group := func(name, members string) kube.Change {
		return kube.Change{Name: "clustergroups.crd.antrea.io/" + name, Text: `{apiVersion: crd.antrea.io/v1beta1, kind: ClusterGroup, metadata: {name: ` + name + `}, spec: ` + members + `}`}
	}
	namespaced := kube.Change{Name: "groups.crd.antrea.io/shop/leaf", Text: `{apiVersion: crd.antrea.io/v1beta1, kind: Group, metadata: {name: leaf, namespace: shop}, spec: {podSelector: {}}}`}
	of := func(changes ...kube.Change) map[string]bool {
		out := map[string]bool{}
		for _, g := range v.take(changes).Groups {
			_, name, _ := strings.Cut(g.Document, "/")
			out[name] = g.Computed
		}
		return out
	}
	require.Equal(t, map[string]bool{"parent": false, "shop/leaf": true}, of(group("parent", "{childGroups: [leaf]}"), namespaced))
	require.Equal(t, map[string]bool{"parent": true, "leaf": true, "shop/leaf": true}, of(group("leaf", "{podSelector: {}}")))
	require.Equal(t, map[string]bool{"parent": false, "shop/leaf": true}, of(kube.Change{Name: "clustergroups.crd.antrea.io/leaf"}))
}
