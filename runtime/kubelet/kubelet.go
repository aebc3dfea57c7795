package kubelet

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/headgate-net/headgate/runtime/lab"
)

// Machine carries the pods: a *lab.Lab.
type Machine interface {
	AddPod(ctx context.Context, p lab.Pod) error
	RemovePod(ctx context.Context, namespace, name string) error
	Exec(ctx context.Context, where string, argv []string, stdio lab.Stdio) (int, error)
}

// Options say what node there is.
type Options struct {
	Node     string         // its name, in the API and in the lab
	Addrs    []netip.Addr   // its addresses; at the first one it listens
	Port     uint16         // on which it listens; 0: 10250
	PodCIDRs []netip.Prefix // where its pods get their addresses: one of each family
	Labels   map[string]string
	API      *rest.Config
	Clients  *x509.CertPool // authorities of those who may have programs run: the API server
	Machine  Machine

	// Agnhost is what is run, with its first arguments, when commands call /agnhost, and in containers without a command: as their
	// arguments say if the image is agnhost's, else answering on the ports that they declare.
	Agnhost []string
	Log     *slog.Logger
}

// defaultPort is where kubelets listen.
const defaultPort = 10250

// Kubelet is the stand-in of one node.
type Kubelet struct {
	o   Options
	api *api

	mu   sync.Mutex
	pods map[types.UID]*pod
	used map[netip.Addr]bool
	next []netip.Addr // by prefix, the address after the one that was given last
}

// New makes the stand-in of a node.
func New(o Options) (*Kubelet, error) {
	if len(o.Addrs) == 0 || len(o.PodCIDRs) == 0 {
		return nil, fmt.Errorf("node %s has no address, or no prefix for its pods", o.Node)
	}
	if o.Port == 0 {
		o.Port = defaultPort
	}
	a, err := connect(o.API)
	if err != nil {
		return nil, err
	}
	k := &Kubelet{o: o, api: a, pods: map[types.UID]*pod{}, used: map[netip.Addr]bool{}}
	for _, prefix := range o.PodCIDRs {
		// The first address may be the node's own; see lab.Node.
		k.next = append(k.next, prefix.Masked().Addr().Next().Next())
	}
	return k, nil
}

// Run registers the node and carries its pods until ctx ends.
func (k *Kubelet) Run(ctx context.Context) error {
	server, err := k.listen()
	if err != nil {
		return err
	}
	defer server.Close()
	if err := k.api.register(ctx, k.node()); err != nil {
		return fmt.Errorf("register node %s: %w", k.o.Node, err)
	}
	_, err = k.api.follow(ctx, "pods", fields.OneTermEqualSelector("spec.nodeName", k.o.Node), &corev1.Pod{}, cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { k.take(ctx, o.(*corev1.Pod)) },
		UpdateFunc: func(_, o any) { k.take(ctx, o.(*corev1.Pod)) },
		DeleteFunc: func(o any) {
			if gone, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = gone.Obj
			}
			if p, ok := o.(*corev1.Pod); ok {
				k.drop(p.UID)
			}
		},
	})
	if err != nil {
		return err
	}
	k.o.Log.Info("the node is there", "node", k.o.Node)
	<-ctx.Done()
	return nil
}

// node is what the API is told of the node. Its resources are made up: nothing is measured by them.
func (k *Kubelet) node() *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("64"), corev1.ResourceMemory: resource.MustParse("64Gi"), corev1.ResourcePods: resource.MustParse("250"),
	}
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: k.o.Node, Labels: map[string]string{corev1.LabelHostname: k.o.Node, corev1.LabelOSStable: "linux"}}}
	for key, value := range k.o.Labels {
		n.Labels[key] = value
	}
	for _, prefix := range k.o.PodCIDRs {
		n.Spec.PodCIDRs = append(n.Spec.PodCIDRs, prefix.String())
	}
	n.Spec.PodCIDR = n.Spec.PodCIDRs[0]
	n.Status = corev1.NodeStatus{
		Capacity: room, Allocatable: room,
		DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(k.o.Port)}},
		Conditions:      []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "Lab", LastHeartbeatTime: metav1.Now(), LastTransitionTime: metav1.Now()}},
		NodeInfo:        corev1.NodeSystemInfo{KubeletVersion: "lab", OperatingSystem: "linux", ContainerRuntimeVersion: "netns://1"},
	}
	for _, a := range k.o.Addrs {
		n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a.String()})
	}
	n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeHostName, Address: k.o.Node})
	return n
}

// take brings what runs to what the API says of a pod.
func (k *Kubelet) take(ctx context.Context, of *corev1.Pod) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pods[of.UID]
	switch {
	case of.DeletionTimestamp != nil:
		k.end(ctx, p, of)
	case p == nil && of.Status.Phase != corev1.PodSucceeded && of.Status.Phase != corev1.PodFailed:
		own, cancel := context.WithCancel(ctx)
		p = newPod(k, of, cancel)
		k.pods[of.UID] = p
		go p.run(own)
	}
}

// end ends a pod, and then tells the API. p may be nil: it never ran here.
func (k *Kubelet) end(ctx context.Context, p *pod, of *corev1.Pod) {
	if p != nil {
		if p.ending {
			return
		}
		p.ending = true
		p.cancel()
	}
	go func() {
		if p != nil {
			<-p.done
		}
		if err := k.api.finish(ctx, of); err != nil && ctx.Err() == nil {
			k.o.Log.Error("a pod that has ended stays in the API", "pod", of.Namespace+"/"+of.Name, "error", err)
		}
	}()
}

// drop ends a pod that is gone from the API.
func (k *Kubelet) drop(uid types.UID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p := k.pods[uid]; p != nil {
		p.cancel()
		delete(k.pods, uid)
	}
}

// find returns a pod that runs, by its name.
func (k *Kubelet) find(namespace, name string) *pod {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pods {
		if p.of.Namespace == namespace && p.of.Name == name && !p.ending {
			return p
		}
	}
	return nil
}

// allot takes an address of each prefix: never one that was just given back, if there is another.
func (k *Kubelet) allot() ([]netip.Addr, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []netip.Addr
	for i, prefix := range k.o.PodCIDRs {
		first := prefix.Masked().Addr().Next().Next()
		a := k.next[i]
		for turn := 0; k.used[a] || !prefix.Contains(a.Next()); turn++ { // the last one may be for broadcasts
			if a = a.Next(); !prefix.Contains(a.Next()) {
				a = first
			}
			if turn > 1<<16 {
				return nil, errors.New("the node has no address left for a pod")
			}
		}
		k.used[a], k.next[i] = true, a.Next()
		out = append(out, a)
	}
	return out, nil
}

// giveBack frees addresses.
func (k *Kubelet) giveBack(addrs []netip.Addr) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range addrs {
		delete(k.used, a)
	}
}
