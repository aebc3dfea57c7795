package kubelet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	waitAtMost = time.Minute
	waitStep   = 5 * time.Millisecond
)

func nodeOf(name string, labels map[string]string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

func placed(name, node, owner string, hostPorts ...int32) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}, Spec: corev1.PodSpec{NodeName: node}}
	if owner != "" {
		yes := true
		p.OwnerReferences = []metav1.OwnerReference{{UID: types.UID(owner), Controller: &yes}}
	}
	c := corev1.Container{}
	for _, port := range hostPorts {
		c.Ports = append(c.Ports, corev1.ContainerPort{HostPort: port, Protocol: corev1.ProtocolTCP})
	}
	p.Spec.Containers = []corev1.Container{c}
	return p
}

// TestChoose: where a pod comes to be.
func TestChoose(t *testing.T) {
	nodes := []*corev1.Node{nodeOf("n1", map[string]string{"disk": "ssd"}), nodeOf("n2", nil)}
	there := []*corev1.Pod{placed("a-0", "n1", "a", 80), placed("b-0", "n2", "b"), placed("b-1", "n2", "b")}
	require.Equal(t, "n1", choose(placed("x", "", ""), nodes, there), "where there are fewer pods")
	require.Equal(t, "n2", choose(placed("a-1", "", "a"), nodes, there), "where there are fewer of the same owner")
	require.Equal(t, "n2", choose(placed("x", "", "", 80), nodes, there), "where the port is free")
	require.Empty(t, choose(placed("x", "", "", 80), nodes[:1], there), "nowhere")
	picky := placed("x", "", "b")
	picky.Spec.NodeSelector = map[string]string{"disk": "hdd"}
	require.Empty(t, choose(picky, nodes, there))
	daemon := placed("d", "", "")
	daemon.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{"n2"}}}}},
	}}}
	require.Equal(t, "n2", choose(daemon, nodes, there), "where a DaemonSet wants it")
	nodes[0].Spec.Unschedulable = true
	require.Equal(t, "n2", choose(placed("x", "", ""), nodes, there))
}
