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
