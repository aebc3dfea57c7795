package controller

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic/fake"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

const (
	acnp     = "clusternetworkpolicies.crd.antrea.io"
	upstream = "clusternetworkpolicies.policy.networking.k8s.io"
)

// scene is a Controller that nobody tells anything but its test.
type scene struct {
	*Controller
	client *fake.FakeDynamicClient
}

func newScene() *scene {
	client := fake.NewSimpleDynamicClient(runtime.NewScheme())
	return &scene{over(client, Options{Identity: "one"}), client}
}

// objectOf makes an object of the API.
func objectOf(apiVersion, kind, name string, version, generation int, status map[string]any) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": apiVersion, "kind": kind}}
	o.SetName(name)
	o.SetUID("uid-" + "of-" + "it")
	o.SetResourceVersion(fmt.Sprint(version))
	o.SetGeneration(int64(generation))
	if status != nil {
		o.Object["status"] = status
	}
	return o
}

// policy has the server tell of a policy named p.
func (s *scene) policy(resource string, version, generation int, status map[string]any) *record {
	apiVersion := map[string]string{acnp: "crd.antrea.io/v1beta1", upstream: "policy.networking.k8s.io/v1alpha2"}[resource]
	document := resource + "/p"
	s.Observe(document, objectOf(apiVersion, "ClusterNetworkPolicy", "p", version, generation, status))
	return s.records[document]
}

// node has an agent say what it includes of all policies, and what it rejects or cannot do.
func (s *scene) node(name string, seen int, failure string, rejected ...nodestatus.Rejected) {
	s.nodes[name] = &nodestatus.NodeStatus{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: nodestatus.Status{Generation: 1, Error: failure, Rejected: rejected,
		Seen: []nodestatus.Seen{{Resource: acnp, Version: fmt.Sprint(seen)}, {Resource: upstream, Version: fmt.Sprint(seen)}}}}
}

func rejection(group string) nodestatus.Rejected {
	return nodestatus.Rejected{Kind: "ClusterNetworkPolicy." + group, Name: "p", Code: "HG4001", Message: "no", Field: "spec.ingress[0]"}
}

// What nodes say of a policy that was last changed at version 10, and what its status says then, in both forms.
func TestPolicyStatus(t *testing.T) {
	const awaited = "; it is awaited of "
	for name, c := range map[string]struct {
		say                func(*scene)
		nodes              []string
		refused            bool
		phase              string
		current            int
		failure            string // reason and message
		accepted, realized string // status, reason and message
	}{
		"nobody is concerned": {say: func(*scene) {}, phase: phaseRealized, failure: "Realized ", accepted: "True Accepted it has no errors",
			realized: "True Realized it applies to nothing"},
		"nobody has said anything": {say: func(*scene) {}, nodes: []string{"a", "b"}, phase: phaseRealizing, failure: "Realizing ", accepted: "True Accepted it has no errors",
			realized: "False Realizing 0 of 2 nodes enforce it" + awaited + "a, b"},
		"one is behind": {say: func(s *scene) { s.node("a", 10, ""); s.node("b", 9, "") }, nodes: []string{"a", "b"}, phase: phaseRealizing, current: 1,
			failure: "Realizing ", accepted: "True Accepted it has no errors", realized: "False Realizing 1 of 2 nodes enforce it" + awaited + "b"},
		"one has loaded nothing yet": {say: func(s *scene) { s.node("a", 10, ""); s.nodes["a"].Status.Generation = 0 }, nodes: []string{"a"}, phase: phaseRealizing,
			failure: "Realizing ", accepted: "True Accepted it has no errors", realized: "False Realizing 0 of 1 nodes enforce it" + awaited + "a"},
		"all have it": {say: func(s *scene) { s.node("a", 10, ""); s.node("b", 123, "") }, nodes: []string{"a", "b"}, phase: phaseRealized, current: 2,
			failure: "Realized ", accepted: "True Accepted it has no errors", realized: "True Realized 2 of 2 nodes enforce it"},
		"one that is not concerned has not": {say: func(s *scene) { s.node("a", 10, ""); s.node("b", 1, "") }, nodes: []string{"a"}, phase: phaseRealized, current: 1,
			failure: "Realized ", accepted: "True Accepted it has no errors", realized: "True Realized 1 of 1 nodes enforce it"},
		"one rejects it": {say: func(s *scene) {
			s.node("a", 10, "")
			s.node("b", 10, "", rejection("crd.antrea.io"), rejection("policy.networking.k8s.io"))
		}, nodes: []string{"a", "b"}, phase: phaseFailed, current: 1, failure: "HG4001 no (spec.ingress[0])",
			accepted: "False HG4001 no (spec.ingress[0])", realized: "False Rejected 1 of 2 nodes enforce it"},
		"one rejected what it was": {say: func(s *scene) {
			s.node("a", 9, "", rejection("crd.antrea.io"), rejection("policy.networking.k8s.io"))
		}, nodes: []string{"a"}, phase: phaseRealizing, failure: "Realizing ", accepted: "True Accepted it has no errors",
			realized: "False Realizing 0 of 1 nodes enforce it" + awaited + "a"},
		"one cannot": {say: func(s *scene) { s.node("a", 10, ""); s.node("b", 9, "the kernel says no") }, nodes: []string{"a", "b", "c"}, phase: phaseFailed, current: 1,
			failure: "NotInForce it cannot be put in force on b: the kernel says no", accepted: "True Accepted it has no errors",
			realized: "False NotInForce 1 of 3 nodes enforce it" + awaited + "c; it cannot be put in force on b: the kernel says no"},
		"one could before something else failed": {say: func(s *scene) { s.node("a", 10, "the kernel says no") }, nodes: []string{"a"}, phase: phaseRealized, current: 1,
			failure: "Realized ", accepted: "True Accepted it has no errors", realized: "True Realized 1 of 1 nodes enforce it"},
		"it has errors": {say: func(s *scene) { s.node("a", 10, "") }, nodes: []string{"a"}, refused: true, phase: phaseFailed,
			failure: "HG2007 there is no tier (spec.tier); hint: declare it", accepted: "False HG2007 there is no tier (spec.tier); hint: declare it",
			realized: "False Rejected 0 of 1 nodes enforce it"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			c.say(s)
			for _, resource := range []string{acnp, upstream} {
				r := s.policy(resource, 10, 3, nil)
				var refusal *Refusal
				if c.refused {
					refusal = &Refusal{Document: r.document, Code: "HG2007", Message: "there is no tier", Field: "spec.tier", Hint: "declare it"}
				}
				p := s.progressOf(r, &Policy{Document: r.document, Nodes: c.nodes}, refusal)
				if resource == acnp {
					requirePhases(t, p.phases(), c.phase, c.current, len(c.nodes), c.failure)
					continue
				}
				require.Equal(t, map[string]any{"conditions": []any{conditionSaying(conditionAccepted, c.accepted), conditionSaying(conditionRealized, c.realized)}}, p.conditions())
			}
		})
	}
}

func requirePhases(t *testing.T, status map[string]any, phase string, current, desired int, failure string) {
	t.Helper()
	reason, message, _ := strings.Cut(failure, " ")
	failed := map[bool]string{true: "True", false: "False"}[phase == phaseFailed]
	require.Equal(t, map[string]any{"phase": phase, "observedGeneration": int64(3), "currentNodesRealized": int64(current), "desiredNodesRealized": int64(desired),
		"conditions": []any{map[string]any{"type": conditionFailure, "status": failed, "reason": reason, "message": message}}}, status)
}

// conditionSaying is a condition of generation 3: its status, reason and message are the words of a text.
func conditionSaying(kind, text string) map[string]any {
	words := strings.SplitN(text, " ", 3)
	return map[string]any{"type": kind, "status": words[0], "reason": words[1], "message": words[2], "observedGeneration": int64(3)}
}

// A policy of which nothing is in force is on no node.
func TestRefusedPolicyIsNowhere(t *testing.T) {
	s := newScene()
	p := s.progressOf(s.policy(acnp, 10, 3, nil), nil, &Refusal{Code: "HG1128", Message: "no"})
	requirePhases(t, p.phases(), phaseFailed, 0, 0, "HG1128 no")
}

// Long lists and long texts are cut.
func TestMessagesAreShort(t *testing.T) {
	s := newScene()
	var nodes []string
	for i := range 1000 {
		name := fmt.Sprintf("node-%04d", i)
		nodes = append(nodes, name)
		if i%2 == 0 {
			s.node(name, 1, strings.Repeat("ü", 1000))
		}
	}
	p := s.progressOf(s.policy(upstream, 10, 3, nil), &Policy{Nodes: nodes}, nil)
	text := p.counted()
	require.Contains(t, text, "node-0001, node-0003, node-0005, node-0007, node-0009, and 495 more; it cannot be put in force on node-0000: üü")
	require.Contains(t, text, "...; and 495 more")
	require.Less(t, len(text), 2000)
}

// The version at which a policy became what it is counts, not those at which its status was written; and one of which the status says that
// all nodes enforce it was there before.
func TestSince(t *testing.T) {
	s := newScene()
	r := s.policy(acnp, 10, 1, nil)
	require.Equal(t, "10", r.since)
	s.policy(acnp, 12, 1, map[string]any{"phase": phaseRealizing})
	require.Equal(t, "10", r.since)
	require.Equal(t, "12", r.version)
	s.policy(acnp, 11, 2, nil)
	require.Equal(t, []string{"10", "12"}, []string{r.since, r.version}, "an older version says nothing new")
	s.policy(acnp, 15, 2, map[string]any{"phase": phaseRealized, "observedGeneration": int64(1)})
	require.Equal(t, "15", r.since)

	realized := func(observed int64) map[string]any {
		return map[string]any{"phase": phaseRealized, "observedGeneration": observed}
	}
	require.Empty(t, newScene().policy(acnp, 20, 4, realized(4)).since)
	require.Equal(t, "20", newScene().policy(acnp, 20, 4, realized(3)).since, "of what it was before")
	condition := func(status string, observed int64) map[string]any {
		return map[string]any{"conditions": []any{map[string]any{"type": conditionRealized, "status": status, "observedGeneration": observed}}}
	}
	require.Empty(t, newScene().policy(upstream, 20, 4, condition("True", 4)).since)
	require.Equal(t, "20", newScene().policy(upstream, 20, 4, condition("False", 4)).since)
	require.Equal(t, "20", newScene().policy(upstream, 20, 4, condition("True", 3)).since)
	require.Equal(t, "20", newScene().policy(upstream, 20, 4, nil).since)

	// One of the same name is another one, from its first version on.
	again := objectOf("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", "p", 30, 1, nil)
	again.SetUID("another")
	s.Observe(acnp+"/p", again)
	require.Equal(t, "30", s.records[acnp+"/p"].since)
	s.Observe(acnp+"/p", nil)
	require.Empty(t, s.records)
	s.Observe("pods/shop/web", objectOf("v1", "Pod", "web", 1, 1, nil))
	require.Empty(t, s.records)
}
