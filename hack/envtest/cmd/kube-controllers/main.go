// Command kube-controllers runs the controllers of Kubernetes' own kube-controller-manager that a cluster of a lab needs: those of
// namespaces, service accounts, the certificate of the cluster, EndpointSlices, Deployments, ReplicaSets, StatefulSets, DaemonSets and
// garbage. They are the same code; what is left out, volumes above all, is most of what that program takes to build.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher"
	"k8s.io/kubernetes/pkg/controller/daemon"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/endpointslice"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/controller/statefulset"
)

// What kube-controller-manager has by default, but for the rates, which are those of a cluster of one machine.
const (
	workers           = 5
	endpointsPerSlice = 100
	burstReplicas     = 500
	resync            = 12 * time.Hour
)

type controller interface {
	Run(ctx context.Context, workers int)
}

func main() {
	file := flag.String("kubeconfig", "", "how to reach the API server")
	ca := flag.String("root-ca-file", "", "certificate that is published in every namespace")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", *file)
	check(err)
	config.QPS, config.Burst = 500, 1000
	authority, err := os.ReadFile(*ca)
	check(err)
	client, err := kubernetes.NewForConfig(config)
	check(err)
	factory := informers.NewSharedInformerFactory(client, resync)
	all := controllers(ctx, config, client, factory, authority)
	collect := garbage(ctx, config, client, factory)
	factory.Start(ctx.Done())
	for _, c := range all {
		go c.Run(ctx, workers)
	}
	collect()
	<-ctx.Done()
}

func controllers(ctx context.Context, config *rest.Config, client kubernetes.Interface, factory informers.SharedInformerFactory, ca []byte) []controller {
	core, apps := factory.Core().V1(), factory.Apps().V1()
	meta, err := metadata.NewForConfig(config)
	check(err)
	accounts, err := serviceaccount.NewServiceAccountsController(klog.FromContext(ctx), core.ServiceAccounts(), core.Namespaces(), client,
		serviceaccount.DefaultServiceAccountsControllerOptions())
	check(err)
	publisher, err := rootcacertpublisher.NewPublisher(core.ConfigMaps(), core.Namespaces(), client, ca)
	check(err)
	deployments, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), core.Pods(), client)
	check(err)
	daemons, err := daemon.NewDaemonSetsController(ctx, apps.DaemonSets(), apps.ControllerRevisions(), core.Pods(), core.Nodes(), client,
		flowcontrol.NewBackOff(time.Second, 15*time.Minute))
	check(err)
	return []controller{
		namespace.NewNamespaceController(ctx, client, meta, client.Discovery().ServerPreferredNamespacedResources, core.Namespaces(), 5*time.Minute, corev1.FinalizerKubernetes),
		accounts,
		publisher,
		endpointslice.NewController(ctx, core.Pods(), core.Services(), core.Nodes(), factory.Discovery().V1().EndpointSlices(), endpointsPerSlice, client, 0),
		deployments,
		replicaset.NewReplicaSetController(ctx, apps.ReplicaSets(), core.Pods(), client, burstReplicas),
		statefulset.NewStatefulSetController(ctx, core.Pods(), apps.StatefulSets(), core.PersistentVolumeClaims(), apps.ControllerRevisions(), client),
		daemons,
	}
}

// garbage makes the collector, and returns what starts it.
func garbage(ctx context.Context, config *rest.Config, client kubernetes.Interface, factory informers.SharedInformerFactory) func() {
	meta, err := metadata.NewForConfig(config)
	check(err)
	cached := memory.NewMemCacheClient(client.Discovery())
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
	started := make(chan struct{})
	both := informerfactory.NewInformerFactory(factory, metadatainformer.NewSharedInformerFactory(meta, resync))
	collector, err := garbagecollector.NewGarbageCollector(ctx, client, meta, mapper, garbagecollector.DefaultIgnoredResources(), both, started)
	check(err)
	return func() {
		close(started)
		const settled, period = 30 * time.Second, 30 * time.Second
		go collector.Run(ctx, 2*workers, settled)
		go collector.Sync(ctx, cached, period)
	}
}

func check(err error) {
	if err != nil {
		klog.ErrorS(err, "kube-controllers cannot start")
		klog.FlushAndExit(klog.ExitFlushTimeout, 1)
	}
}
