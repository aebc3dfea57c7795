// Command cyclonus writes the test cases of the cyclonus generator as JSON lines, one per step: the state of the cluster as
// manifests, and the verdict that cyclonus's own simulator expects for every pair of pods and every port.
//
// It is a module of its own so that cyclonus's dependencies stay out of headgate's.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mattfenwick/cyclonus/pkg/connectivity"
	"github.com/mattfenwick/cyclonus/pkg/connectivity/probe"
	"github.com/mattfenwick/cyclonus/pkg/generator"
	"github.com/mattfenwick/cyclonus/pkg/kube"
	"github.com/mattfenwick/cyclonus/pkg/matcher"
	"github.com/sirupsen/logrus"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// State is one step of a case. Expected maps "TCP/80" to one string per source pod, in the order of Pods, with one character
// per destination: "." allowed, "X" blocked, "-" not probed.
type State struct {
	Case        int                 `json:"case"`
	Step        int                 `json:"step"`
	Description string              `json:"description"`
	Tags        []string            `json:"tags"`
	Objects     []any               `json:"objects"`
	Pods        []string            `json:"pods"`
	Expected    map[string][]string `json:"expected"`
}

func main() {
	logrus.SetOutput(io.Discard)
	out := bufio.NewWriter(os.Stdout)
	if err := run(out); err != nil {
		fmt.Fprintln(os.Stderr, "cyclonus:", err)
		os.Exit(1)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "cyclonus:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	_, resources, err := cluster()
	if err != nil {
		return err
	}
	zc, err := resources.GetPod("z", "c")
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	cases := generator.NewTestCaseGenerator(true, zc.IP, []string{"x", "y", "z"}, nil, nil).GenerateAllTestCases()
	for i, c := range cases {
		if err := writeCase(enc, i+1, c); err != nil {
			return fmt.Errorf("case %d (%s): %w", i+1, c.Description, err)
		}
	}
	return nil
}

// cluster is the model of every case: pods a, b, c in x, y, z, serving TCP, UDP and SCTP on ports 80 and 81. The addresses
// put x outside the /24 of z/c, y inside it but in another /28, and z in the /28, so that ipBlock and except tell them apart.
func cluster() (kube.IKubernetes, *probe.Resources, error) {
	prefix := map[string]string{"x": "10.10.1.1", "y": "10.10.2.13", "z": "10.10.2.1"}
	k := kube.NewMockKubernetes(1.0)
	protocols := []v1.Protocol{v1.ProtocolTCP, v1.ProtocolUDP, v1.ProtocolSCTP}
	r, err := probe.NewDefaultResources(k, []string{"x", "y", "z"}, []string{"a", "b", "c"}, []int{80, 81}, protocols, nil, 60, false, "none")
	if err != nil {
		return nil, nil, err
	}
	for i, p := range r.Pods {
		p.IP = fmt.Sprintf("%s%d", prefix[p.Namespace], i%3)
		pod, err := k.GetPod(p.Namespace, p.Name)
		if err != nil {
			return nil, nil, err
		}
		pod.Status.PodIP = p.IP
	}
	return k, r, nil
}

func writeCase(enc *json.Encoder, id int, c *generator.TestCase) error {
	k, r, err := cluster()
	if err != nil {
		return err
	}
	tags := c.Tags.Keys()
	slices.Sort(tags)
	st := &connectivity.TestCaseState{Kubernetes: k, Resources: r}
	for n, step := range c.Steps {
		for _, a := range step.Actions {
			if err := perform(st, a); err != nil {
				return err
			}
		}
		state := State{Case: id, Step: n + 1, Description: c.Description, Tags: tags, Objects: objects(st)}
		expect(&state, st, step.Probe)
		if err := enc.Encode(state); err != nil {
			return err
		}
	}
	return nil
}

func perform(st *connectivity.TestCaseState, a *generator.Action) error {
	switch {
	case a.CreatePolicy != nil:
		return st.CreatePolicy(a.CreatePolicy.Policy)
	case a.UpdatePolicy != nil:
		return st.UpdatePolicy(a.UpdatePolicy.Policy)
	case a.DeletePolicy != nil:
		return st.DeletePolicy(a.DeletePolicy.Namespace, a.DeletePolicy.Name)
	case a.CreateNamespace != nil:
		return st.CreateNamespace(a.CreateNamespace.Namespace, a.CreateNamespace.Labels)
	case a.SetNamespaceLabels != nil:
		return st.SetNamespaceLabels(a.SetNamespaceLabels.Namespace, a.SetNamespaceLabels.Labels)
	case a.DeleteNamespace != nil:
		return st.DeleteNamespace(a.DeleteNamespace.Namespace)
	case a.ReadNetworkPolicies != nil:
		return st.ReadPolicies(a.ReadNetworkPolicies.Namespaces)
	case a.CreatePod != nil:
		return st.CreatePod(a.CreatePod.Namespace, a.CreatePod.Pod, a.CreatePod.Labels)
	case a.SetPodLabels != nil:
		return st.SetPodLabels(a.SetPodLabels.Namespace, a.SetPodLabels.Pod, a.SetPodLabels.Labels)
	case a.DeletePod != nil:
		return st.DeletePod(a.DeletePod.Namespace, a.DeletePod.Pod)
	}
	return fmt.Errorf("an action of an unknown kind")
}

// objects gives the state as API objects: namespaces and pods from the model, the policies as cyclonus made them. Pods are
// spread over two nodes.
func objects(st *connectivity.TestCaseState) []any {
	var out []any
	for i, node := range []string{"node-1", "node-2"} {
		out = append(out, &v1.Node{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Node"}, ObjectMeta: metav1.ObjectMeta{Name: node},
			Status: v1.NodeStatus{Addresses: []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: fmt.Sprintf("172.20.0.%d", i+1)}}}})
	}
	var names []string
	for ns := range st.Resources.Namespaces {
		names = append(names, ns)
	}
	slices.Sort(names)
	for _, ns := range names {
		out = append(out, &v1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: ns, Labels: st.Resources.Namespaces[ns]}})
	}
	for i, p := range st.Resources.Pods {
		out = append(out, podObject(p, fmt.Sprintf("node-%d", i%2+1)))
	}
	for _, np := range st.Policies {
		c := np.DeepCopy()
		c.TypeMeta = metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}
		out = append(out, c)
	}
	return out
}

func podObject(p *probe.Pod, node string) *v1.Pod {
	pod := p.KubePod()
	pod.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
	pod.Spec.NodeName = node
	pod.Status = v1.PodStatus{Phase: v1.PodRunning, PodIP: p.IP, PodIPs: []v1.PodIP{{IP: p.IP}}}
	return pod
}

func expect(state *State, st *connectivity.TestCaseState, cfg *generator.ProbeConfig) {
	sim := probe.NewSimulatedRunner(matcher.BuildNetworkPolicies(true, st.Policies), &probe.JobBuilder{TimeoutSeconds: 1})
	table := sim.RunProbeForConfig(cfg, st.Resources)
	state.Pods = st.Resources.SortedPodNames()
	keys := map[string]bool{}
	for _, from := range state.Pods {
		for _, to := range state.Pods {
			for key := range table.Get(from, to).JobResults {
				keys[key] = true
			}
		}
	}
	state.Expected = map[string][]string{}
	for key := range keys {
		var rows []string
		for _, from := range state.Pods {
			var row strings.Builder
			for _, to := range state.Pods {
				if res := table.Get(from, to).JobResults[key]; res != nil {
					row.WriteString(res.Combined.ShortString())
				} else {
					row.WriteByte('-')
				}
			}
			rows = append(rows, row.String())
		}
		state.Expected[key] = rows
	}
}
