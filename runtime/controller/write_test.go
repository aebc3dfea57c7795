package controller

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// answers has the server answer what is written, and returns what that is: verb, resource, name and status or note.
func (s *scene) answers(with func(verb, resource, name string) error) func() []string {
	var mu sync.Mutex
	var said []string
	tell := func(verb, resource, name, what string) error {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, strings.Join([]string{verb, resource, name, what}, " "))
		return with(verb, resource, name)
	}
	s.client.PrependReactor("patch", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		patch := action.(clienttesting.PatchAction)
		now := &unstructured.Unstructured{}
		if err := now.UnmarshalJSON(patch.GetPatch()); err != nil || patch.GetSubresource() != "status" {
			return true, nil, apierrors.NewBadRequest("what is this?")
		}
		for _, c := range conditionsOf(now.Object) {
			delete(c.(object), "lastTransitionTime")
		}
		text, err := json.Marshal(now.Object["status"])
		if err == nil {
			err = tell("patch", patch.GetResource().Resource, patch.GetName(), string(text))
		}
		now.SetResourceVersion("11")
		now.SetGeneration(1)
		return true, now, err
	})
	s.client.PrependReactor("create", "events", func(action clienttesting.Action) (bool, runtime.Object, error) {
		event := action.(clienttesting.CreateAction).GetObject().(*unstructured.Unstructured)
		about := event.Object["regarding"].(object)
		return true, event, tell("create", event.Object["reason"].(string), about["name"].(string), event.Object["note"].(string))
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := said
		said = nil
		return out
	}
}

func conditionsOf(o object) []any {
	list, _, _ := unstructured.NestedSlice(o, "status", "conditions")
	if list != nil {
		o["status"].(object)["conditions"] = list
	}
	return list
}

func always(err error) func(string, string, string) error {
	return func(string, string, string) error { return err }
}

// tells has the server tell of objects of kinds that have documents of their own.
func (s *scene) tells(documents ...string) {
	kinds := map[string][2]string{"egresses.crd.antrea.io": {"crd.antrea.io/v1beta1", "Egress"}, "externalippools.crd.antrea.io": {"crd.antrea.io/v1beta1", "ExternalIPPool"},
		"clustergroups.crd.antrea.io": {"crd.antrea.io/v1beta1", "ClusterGroup"}, "services": {"v1", "Service"}, acnp: {"crd.antrea.io/v1beta1", "ClusterNetworkPolicy"}}
	for _, document := range documents {
		parts := strings.Split(document, "/")
		o := objectOf(kinds[parts[0]][0], kinds[parts[0]][1], parts[len(parts)-1], 10, 1, nil)
		if len(parts) == 3 {
			o.SetNamespace(parts[1])
		}
		s.Observe(document, o)
	}
}

// Everything gets the status that it should have, once.
func TestWritesOnce(t *testing.T) {
	s := newScene()
	said := s.answers(always(nil))
	require.True(t, s.write(t.Context()))
	require.Empty(t, said(), "nothing is known")
	s.tells(acnp+"/p", "egresses.crd.antrea.io/e", "externalippools.crd.antrea.io/pool", "services/shop/front", "services/shop/other",
		"clustergroups.crd.antrea.io/whole", "clustergroups.crd.antrea.io/lacking", "clustergroups.crd.antrea.io/wrong", "clustergroups.crd.antrea.io/gone")
	view := &View{
		Policies: []Policy{{Document: acnp + "/p"}, {Document: acnp + "/unheard-of"}},
		Egresses: []Egress{{Document: "egresses.crd.antrea.io/e", Addr: netip.MustParseAddr("192.0.2.1")}, {Document: "egresses.crd.antrea.io/unheard-of"}},
		Pools:    []Pool{{Document: "externalippools.crd.antrea.io/pool", Total: 4, Used: 1}, {Document: "externalippools.crd.antrea.io/unheard-of"}},
		Services: []Service{{Document: "services/shop/front", Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.2")}}, {Document: "services/shop/other", Kept: true}},
		Groups: []Group{{"clustergroups.crd.antrea.io/whole", true}, {"clustergroups.crd.antrea.io/lacking", false}, {"clustergroups.crd.antrea.io/wrong", true},
			{"clustergroups.crd.antrea.io/unheard-of", true}},
		Refusals: []Refusal{{Document: "clustergroups.crd.antrea.io/wrong", Code: "HG1", Message: "bad"}, {Document: "clustergroups.crd.antrea.io/gone", Code: "HG1", Message: "bad"}},
	}
	s.Show(view)
	require.True(t, s.write(t.Context()))
	group := func(name, status string) string {
		return `patch clustergroups ` + name + ` {"conditions":[{"status":"` + status + `","type":"GroupMembersComputed"}]}`
	}
	require.ElementsMatch(t, []string{
		`patch clusternetworkpolicies p {"conditions":[{"message":"","reason":"Realized","status":"False","type":"RealizationFailure"}],"currentNodesRealized":0,"desiredNodesRealized":0,"observedGeneration":1,"phase":"Realized"}`,
		`patch egresses e {"conditions":[{"message":"no node says that it holds its address","reason":"AssignmentError","status":"False","type":"IPAssigned"}],"egressIP":"192.0.2.1","egressNode":""}`,
		`patch externalippools pool {"usage":{"total":4,"used":1}}`,
		`patch services front {"loadBalancer":{"ingress":[{"ip":"192.0.2.2"}]}}`,
		group("whole", "True"), group("lacking", "False"), group("wrong", "False"), group("gone", "False"),
		"create Rejected wrong the last text is not in force: HG1: bad", "create Rejected gone the last text is not in force: HG1: bad",
	}, said())
	require.True(t, s.write(t.Context()))
	require.Empty(t, said(), "all of it is there")

	s.hear(nodestatus.Resource+"."+nodestatus.Group+"/n1", agentSays(t, "n1", "192.0.2.1"))
	view.Groups[1].Computed = true
	view.Pools[0].Used = 2
	require.True(t, s.write(t.Context()))
	require.ElementsMatch(t, []string{group("lacking", "True"), `patch externalippools pool {"usage":{"total":4,"used":2}}`,
		`patch egresses e {"conditions":[{"message":"a node holds its address","reason":"Assigned","status":"True","type":"IPAssigned"}],"egressIP":"192.0.2.1","egressNode":"n1"}`}, said())
}

func agentSays(t *testing.T, node string, addrs ...string) *unstructured.Unstructured {
	t.Helper()
	n := &nodestatus.NodeStatus{Status: nodestatus.Status{Generation: 1, Addresses: addrs}}
	n.Name = node
	o, err := n.Unstructured()
	require.NoError(t, err)
	return o
}

// A Service gives back addresses that a controller wrote, when it wants none any more; others' stay.
func TestGivesBack(t *testing.T) {
	s := newScene()
	said := s.answers(always(nil))
	service := objectOf("v1", "Service", "front", 10, 1, object{"loadBalancer": object{"ingress": []any{object{"ip": "192.0.2.2"}}}})
	service.SetNamespace("shop")
	s.Observe("services/shop/front", service)
	s.Show(&View{})
	require.True(t, s.write(t.Context()))
	require.Empty(t, said())

	service.Object["metadata"].(object)["managedFields"] = []any{object{"manager": Manager, "subresource": "status"}}
	service.SetResourceVersion("11")
	s.Observe("services/shop/front", service)
	s.Show(&View{Refusals: []Refusal{{Document: "services/shop/front", Code: "HG1"}}})
	require.True(t, s.write(t.Context()))
	require.Len(t, said(), 1, "the Event alone: as long as it has errors, what it said before is in force")
	s.Show(&View{})
	require.True(t, s.write(t.Context()))
	require.Equal(t, []string{"patch services front {}"}, said())
}

// What cannot be written is tried again; what is gone, or has come anew, is nobody's concern.
func TestFailures(t *testing.T) {
	resource := schema.GroupResource{Resource: "externalippools"}
	for name, c := range map[string]struct {
		err   error
		fails bool
	}{
		"gone":      {apierrors.NewNotFound(resource, "pool"), false},
		"anew":      {apierrors.NewConflict(resource, "pool", nil), false},
		"forbidden": {apierrors.NewForbidden(resource, "pool", nil), true},
		"broken":    {apierrors.NewInternalError(context.DeadlineExceeded), true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			said := s.answers(always(c.err))
			s.tells("externalippools.crd.antrea.io/pool")
			s.Show(&View{Pools: []Pool{{Document: "externalippools.crd.antrea.io/pool", Total: 4}}})
			for range 2 {
				require.Equal(t, !c.fails, s.write(t.Context()))
				require.Len(t, said(), 1)
			}
		})
	}
}

// One Event tells of one version of an object and one diagnostic, whoever says it and however often.
func TestEvents(t *testing.T) {
	s := newScene()
	exists := apierrors.NewAlreadyExists(schema.GroupResource{Resource: "events"}, "x")
	said := s.answers(always(nil))
	p := s.policy(acnp, 10, 1, nil)
	s.node("a", 9, "", rejection("crd.antrea.io"))
	s.Show(&View{})
	require.True(t, s.write(t.Context()))
	require.Empty(t, said(), "that was about what the policy was before")
	s.node("a", 10, "", rejection("crd.antrea.io"))
	s.node("b", 12, "", rejection("crd.antrea.io"))
	require.True(t, s.write(t.Context()))
	note := said()
	require.Len(t, note, 1)
	require.Contains(t, note[0], "create Rejected p the last text is not in force: HG4001: no (spec.ingress[0]); hint: ")
	require.True(t, s.write(t.Context()))
	require.Empty(t, said())

	// What the controller finds itself has more to say.
	s.Show(&View{Refusals: []Refusal{{Document: p.document, Code: "HG2007", Message: "there is no tier"}}})
	require.Len(t, s.events(), 1)
	first := s.events()[0].name
	require.True(t, s.write(t.Context()))
	require.Contains(t, strings.Join(said(), "\n"), "create Rejected p the last text is not in force: HG2007: there is no tier")
	s.policy(acnp, 13, 2, nil)
	require.Len(t, s.events(), 1, "it was changed, and is wrong all the same")
	require.NotEqual(t, first, s.events()[0].name)

	// Another controller has recorded it.
	s = newScene()
	s.answers(func(verb, _, _ string) error { return map[string]error{"create": exists}[verb] })
	s.tells(acnp + "/p")
	s.Show(&View{Refusals: []Refusal{{Document: p.document, What: NoAddress, Code: "HG2020", Message: strings.Repeat("ü", longest)}}})
	e := s.eventObject(s.events()[0])
	require.Equal(t, "default", e.GetNamespace())
	require.LessOrEqual(t, len(e.Object["note"].(string)), longest)
	require.Equal(t, []any{"NoAddress", "Allocate", "Warning", "one"}, []any{e.Object["reason"], e.Object["action"], e.Object["type"], e.Object["reportingInstance"]})
	require.True(t, s.write(t.Context()))
	require.Empty(t, s.events())
}

// An Event about an object of which there is no record asks who that is.
func TestEventOfPod(t *testing.T) {
	s := newScene()
	said := s.answers(always(nil))
	pod := objectOf("v1", "Pod", "web", 1, 1, nil)
	s.client.PrependReactor("get", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if action.GetNamespace() != "shop" || action.(clienttesting.GetAction).GetName() != "web" {
			return true, nil, apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "web")
		}
		return true, pod, nil
	})
	s.Show(&View{Refusals: []Refusal{{Document: "pods/shop/web", Code: "HG1", Message: "odd"}, {Document: "pods/shop/gone", Code: "HG1", Message: "odd"},
		{Document: "secrets/shop/web", Code: "HG1", Message: "nobody reads these"}}})
	require.True(t, s.write(t.Context()))
	require.Equal(t, []string{"create Rejected web the last text is not in force: HG1: odd"}, said())
}

// Run ends when it is told to, also in the middle of a request, and begins nothing then.
func TestRunEnds(t *testing.T) {
	s := newScene()
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	said := s.answers(func(string, string, string) error {
		close(begun) // panics if there is another one
		<-ctx.Done()
		return ctx.Err()
	})
	s.tells("externalippools.crd.antrea.io/pool")
	s.Show(&View{Pools: []Pool{{Document: "externalippools.crd.antrea.io/pool", Total: 4}}})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	<-begun
	s.Show(&View{Pools: []Pool{{Document: "externalippools.crd.antrea.io/pool", Total: 5}}})
	cancel()
	<-ended
	require.Len(t, said(), 1)
}
