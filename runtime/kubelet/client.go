package kubelet

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/retry"
)

// api is the part of the API server that a kubelet and a scheduler need.
type api struct{ core *rest.RESTClient }

func connect(config *rest.Config) (*api, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	c := rest.CopyConfig(config)
	c.QPS = -1
	c.APIPath, c.GroupVersion = "/api", &corev1.SchemeGroupVersion
	c.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	core, err := rest.RESTClientFor(c)
	if err != nil {
		return nil, err
	}
	return &api{core: core}, nil
}

// follow keeps a copy of all objects of a resource that a field selector selects, and tells of changes, until ctx ends. The copy is
// complete when it returns. kind is an empty object.
func (a *api) follow(ctx context.Context, resource string, selector fields.Selector, kind runtime.Object, told cache.ResourceEventHandler) (cache.Store, error) {
	if selector == nil {
		selector = fields.Everything()
	}
	store, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.NewListWatchFromClient(a.core, resource, metav1.NamespaceAll, selector),
		ObjectType:    kind,
		Handler:       told,
	})
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return nil, ctx.Err()
	}
	return store, nil
}

// setStatus writes a pod's status, whatever else of it changes meanwhile. A pod that is gone, or was made anew, is no error.
func (a *api) setStatus(ctx context.Context, of *corev1.Pod, status *corev1.PodStatus) error {
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		var now corev1.Pod
		if err := a.core.Get().Namespace(of.Namespace).Resource("pods").Name(of.Name).Do(ctx).Into(&now); err != nil {
			return err
		}
		if now.UID != of.UID {
			return nil
		}
		scheduled := now.Status.Conditions
		now.Status = *status
		now.Status.Conditions = mergeConditions(scheduled, status.Conditions)
		return a.core.Put().Namespace(of.Namespace).Resource("pods").Name(of.Name).SubResource("status").Body(&now).Do(ctx).Error()
	})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// mergeConditions keeps what others say of a pod, and when what has not changed did so last.
func mergeConditions(old, ours []corev1.PodCondition) []corev1.PodCondition {
	out := append([]corev1.PodCondition(nil), ours...)
	for _, o := range old {
		found := false
		for i := range out {
			if out[i].Type == o.Type {
				found = true
				if out[i].Status == o.Status {
					out[i].LastTransitionTime = o.LastTransitionTime
				}
			}
		}
		if !found {
			out = append(out, o)
		}
	}
	return out
}

// finish removes a pod whose programs have ended from the API.
func (a *api) finish(ctx context.Context, p *corev1.Pod) error {
	now := int64(0)
	err := a.core.Delete().Namespace(p.Namespace).Resource("pods").Name(p.Name).
		Body(&metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &p.UID}}).Do(ctx).Error()
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// bind puts a pod on a node.
func (a *api) bind(ctx context.Context, p *corev1.Pod, node string) error {
	return a.core.Post().Namespace(p.Namespace).Resource("pods").Name(p.Name).SubResource("binding").Body(&corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: p.Name, UID: p.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: node},
	}).Do(ctx).Error()
}

// register makes a node, or takes up the one that is there, and reports it as ready.
func (a *api) register(ctx context.Context, node *corev1.Node) error {
	var now corev1.Node
	err := a.core.Post().Resource("nodes").Body(node).Do(ctx).Into(&now)
	if apierrors.IsAlreadyExists(err) {
		err = a.core.Get().Resource("nodes").Name(node.Name).Do(ctx).Into(&now)
	}
	if err != nil {
		return err
	}
	now.Status = node.Status
	return a.core.Put().Resource("nodes").Name(node.Name).SubResource("status").Body(&now).Do(ctx).Error()
}
