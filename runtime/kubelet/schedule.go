package kubelet

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// Schedule puts pods on nodes until ctx ends: on one that the pod's nodeSelector, and the names that its required node affinity asks for,
// allow and where none of its host ports is taken; among those on the one with the fewest pods of the same owner, then with the fewest
// pods, then the first by name. Nothing else that a pod may ask for is looked at.
func Schedule(ctx context.Context, config *rest.Config, log *slog.Logger) error {
	a, err := connect(config)
	if err != nil {
		return err
	}
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default: // it will look anyway
		}
	}
	told := cache.ResourceEventHandlerFuncs{AddFunc: func(any) { tell() }, UpdateFunc: func(any, any) { tell() }, DeleteFunc: func(any) { tell() }}
	nodes, err := a.follow(ctx, "nodes", nil, &corev1.Node{}, told)
	if err != nil {
		return err
	}
	pods, err := a.follow(ctx, "pods", nil, &corev1.Pod{}, told)
	if err != nil {
		return err
	}
	s := &scheduler{api: a, log: log, bound: map[string]string{}}
	for {
		again := s.round(ctx, list[*corev1.Node](nodes), list[*corev1.Pod](pods))
		var retry <-chan time.Time
		if again {
			retry = time.After(time.Second)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-retry:
		}
	}
}

// list returns what a store holds, in order of age.
func list[T interface{ GetName() string }](store cache.Store) []T {
	var out []T
	for _, o := range store.List() {
		out = append(out, o.(T))
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return out
}

type scheduler struct {
	api   *api
	log   *slog.Logger
	bound map[string]string // by UID, the node of pods of which the store does not know it yet
}

// round puts every pod on a node for which there is one. It is true if that is to be tried again.
func (s *scheduler) round(ctx context.Context, nodes []*corev1.Node, pods []*corev1.Pod) (again bool) {
	known := map[string]bool{}
	for i, p := range pods {
		known[string(p.UID)] = true
		if node := s.bound[string(p.UID)]; node != "" && p.Spec.NodeName == "" {
			pods[i] = p.DeepCopy()
			pods[i].Spec.NodeName = node
		}
	}
	for uid := range s.bound {
		if !known[uid] {
			delete(s.bound, uid)
		}
	}
	for i, p := range pods {
		if p.Spec.NodeName != "" || p.DeletionTimestamp != nil {
			continue
		}
		node := choose(p, nodes, pods)
		if node == "" {
			continue
		}
		if err := s.api.bind(ctx, p, node); err != nil {
			s.log.Warn("a pod is not on a node yet", "pod", p.Namespace+"/"+p.Name, "error", err)
			again = true
			continue
		}
		s.bound[string(p.UID)] = node
		pods[i] = p.DeepCopy()
		pods[i].Spec.NodeName = node
	}
	return again
}

// choose returns the name of the node for a pod, "" if there is none.
func choose(p *corev1.Pod, nodes []*corev1.Node, pods []*corev1.Pod) string {
	best, least := "", [2]int{}
	for _, n := range nodes {
		if n.Spec.Unschedulable || !fits(p, n) {
			continue
		}
		load, free := [2]int{}, true
		for _, o := range pods {
			if o.Spec.NodeName != n.Name {
				continue
			}
			load[1]++
			if o.Namespace == p.Namespace && owner(o) == owner(p) {
				load[0]++
			}
			free = free && !clash(p, o)
		}
		if free && (best == "" || slices.Compare(load[:], least[:]) < 0) {
			best, least = n.Name, load
		}
	}
	return best
}

// owner is the controller of a pod, "" for one without.
func owner(p *corev1.Pod) string {
	for _, o := range p.OwnerReferences {
		if o.Controller != nil && *o.Controller {
			return string(o.UID)
		}
	}
	return ""
}

// fits tells whether a pod allows a node.
func fits(p *corev1.Pod, n *corev1.Node) bool {
	if !labels.SelectorFromSet(p.Spec.NodeSelector).Matches(labels.Set(n.Labels)) {
		return false
	}
	a := p.Spec.Affinity
	if a == nil || a.NodeAffinity == nil || a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return true
	}
	for _, term := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		if !slices.ContainsFunc(term.MatchFields, func(f corev1.NodeSelectorRequirement) bool {
			return f.Key == "metadata.name" && !slices.Contains(f.Values, n.Name)
		}) {
			return true
		}
	}
	return false
}

// clash tells whether two pods want the same port of a node.
func clash(a, b *corev1.Pod) bool {
	for _, p := range hostPorts(a) {
		if slices.Contains(hostPorts(b), p) {
			return true
		}
	}
	return false
}

type hostPort struct {
	proto corev1.Protocol
	port  int32
}

func hostPorts(p *corev1.Pod) []hostPort {
	var out []hostPort
	for _, c := range p.Spec.Containers {
		for _, port := range c.Ports {
			if port.HostPort != 0 {
				out = append(out, hostPort{port.Protocol, port.HostPort})
			}
		}
	}
	return out
}
