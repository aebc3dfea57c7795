package kubelet

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headgate-net/headgate/runtime/lab"
)

// pod is one that was put on the node.
type pod struct {
	k      *Kubelet
	of     *corev1.Pod // as it was first seen
	cancel func()
	ending bool          // under the Kubelet's lock
	done   chan struct{} // closed when nothing of it is left

	where string // its place
	addrs []netip.Addr
	began metav1.Time

	mu         sync.Mutex
	init       []*container
	containers []*container
	telling    sync.Mutex // one status after the other
}

func newPod(k *Kubelet, of *corev1.Pod, cancel func()) *pod {
	p := &pod{k: k, of: of, cancel: cancel, done: make(chan struct{}), began: metav1.Now()}
	for i := range of.Spec.InitContainers {
		p.init = append(p.init, newContainer(p, &of.Spec.InitContainers[i]))
	}
	for i := range of.Spec.Containers {
		p.containers = append(p.containers, newContainer(p, &of.Spec.Containers[i]))
	}
	return p
}

func (p *pod) String() string { return p.of.Namespace + "/" + p.of.Name }

// run is the pod's life: until ctx ends, if it does not end by itself.
func (p *pod) run(ctx context.Context) {
	defer close(p.done)
	if !p.settle(ctx) {
		return
	}
	defer p.leave()
	p.tell(ctx)
	for _, c := range p.init {
		if !c.untilSuccess(ctx) {
			p.tell(ctx)
			<-ctx.Done()
			return
		}
		p.tell(ctx)
	}
	var work sync.WaitGroup
	for _, c := range p.containers {
		work.Go(func() { c.run(ctx) })
	}
	work.Wait()
	p.tell(ctx)
	<-ctx.Done()
}

// settle gives the pod a place, and tries again until there is one.
func (p *pod) settle(ctx context.Context) bool {
	for {
		err := p.place(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		p.k.o.Log.Error("a pod cannot be made", "pod", p.String(), "error", err)
		if !pause(ctx, time.Second) {
			return false
		}
	}
}

// place makes the pod's place.
func (p *pod) place(ctx context.Context) error {
	if p.of.Spec.HostNetwork {
		p.where, p.addrs = "node/"+p.k.o.Node, p.k.o.Addrs
		return nil
	}
	addrs, err := p.k.allot()
	if err != nil {
		return err
	}
	in := lab.Pod{Namespace: p.of.Namespace, Name: p.of.Name, Node: p.k.o.Node, Addrs: addrs}
	// Of a kubelet before this one there may be something left.
	if err = p.k.o.Machine.RemovePod(ctx, in.Namespace, in.Name); err == nil {
		err = p.k.o.Machine.AddPod(ctx, in)
	}
	if err != nil {
		p.k.giveBack(addrs)
		return err
	}
	p.where, p.addrs = in.Where(), addrs
	return nil
}

// leave removes the pod's place, also when everything ends.
func (p *pod) leave() {
	if p.of.Spec.HostNetwork {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := p.k.o.Machine.RemovePod(ctx, p.of.Namespace, p.of.Name); err != nil {
		p.k.o.Log.Error("a pod cannot be removed", "pod", p.String(), "error", err)
		return
	}
	p.k.giveBack(p.addrs)
}

// tell writes the pod's status.
func (p *pod) tell(ctx context.Context) {
	p.telling.Lock()
	defer p.telling.Unlock()
	if err := p.k.api.setStatus(ctx, p.of, p.status()); err != nil && ctx.Err() == nil {
		p.k.o.Log.Error("a pod's status cannot be written", "pod", p.String(), "error", err)
	}
}

// status is what the API is told of the pod.
func (p *pod) status() *corev1.PodStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &corev1.PodStatus{StartTime: &p.began, Phase: p.phase(), QOSClass: corev1.PodQOSBestEffort}
	for _, a := range p.addrs {
		s.PodIPs = append(s.PodIPs, corev1.PodIP{IP: a.String()})
	}
	s.PodIP = s.PodIPs[0].IP
	for _, a := range p.k.o.Addrs {
		s.HostIPs = append(s.HostIPs, corev1.HostIP{IP: a.String()})
	}
	s.HostIP = s.HostIPs[0].IP
	initialized := true
	for _, c := range p.init {
		s.InitContainerStatuses = append(s.InitContainerStatuses, c.status)
		initialized = initialized && c.status.Ready
	}
	ready := initialized && s.Phase == corev1.PodRunning
	for _, c := range p.containers {
		s.ContainerStatuses = append(s.ContainerStatuses, c.status)
		ready = ready && c.status.Ready
	}
	for _, c := range []struct {
		kind  corev1.PodConditionType
		holds bool
	}{{corev1.PodReadyToStartContainers, true}, {corev1.PodInitialized, initialized}, {corev1.ContainersReady, ready}, {corev1.PodReady, ready}} {
		condition := corev1.PodCondition{Type: c.kind, Status: corev1.ConditionFalse, LastTransitionTime: metav1.Now()}
		if c.holds {
			condition.Status = corev1.ConditionTrue
		}
		s.Conditions = append(s.Conditions, condition)
	}
	return s
}

// phase is what became of the containers all together.
func (p *pod) phase() corev1.PodPhase {
	over := func(c *container) bool { return c.over }
	failed := func(c *container) bool { return c.over && c.status.State.Terminated.ExitCode != 0 }
	switch {
	case slices.ContainsFunc(p.init, failed):
		return corev1.PodFailed
	case slices.ContainsFunc(p.containers, func(c *container) bool { return !c.begun }):
		return corev1.PodPending
	case slices.ContainsFunc(p.containers, func(c *container) bool { return !over(c) }):
		return corev1.PodRunning
	case slices.ContainsFunc(p.containers, failed):
		return corev1.PodFailed
	}
	return corev1.PodSucceeded
}

// pause waits; false: ctx has ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
