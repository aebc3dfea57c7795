package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// askedCluster is a cluster whose nodes are asked about.
type askedCluster struct {
	kubeconfig, context, namespace string

	whole dynamic.Interface
	brief metadata.Interface
	kinds discovery.CachedDiscoveryInterface
}

func (c *askedCluster) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.kubeconfig, "kubeconfig", "", "file that says how to reach the cluster's API server (default: as for kubectl)")
	flags.StringVar(&c.context, "context", "", "context of that file")
	flags.StringVarP(&c.namespace, "namespace", "n", "", "namespace of the object (default: that of the context)")
}

// given reports whether the user says which cluster.
func (c *askedCluster) given() bool { return c.kubeconfig != "" || c.context != "" }

// connect finds out how to ask the cluster, as kubectl does.
func (c *askedCluster) connect() error {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = c.kubeconfig
	loaded := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: c.context})
	config, err := loaded.ClientConfig()
	if err != nil {
		return err
	}
	if c.namespace == "" {
		if c.namespace, _, err = loaded.Namespace(); err != nil {
			return err
		}
	}
	config.UserAgent, config.QPS, config.WarningHandler = "headgate/"+version, -1, rest.NoWarnings{}
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err == nil {
		c.kinds = memory.NewMemCacheClient(kinds)
		c.whole, err = dynamic.NewForConfig(config)
	}
	if err == nil {
		c.brief, err = metadata.NewForConfig(metadata.ConfigFor(config))
	}
	return err
}

// nodes gives the states of all nodes that run Linux, by name.
func (c *askedCluster) nodes(ctx context.Context) ([]nodeState, error) {
	list, err := c.whole.Resource(nodestatus.GroupVersionResource()).List(ctx, metav1.ListOptions{})
	if apierrors.IsNotFound(err) {
		return nil, errors.New("the cluster does not define NodeStatus, so that no agent can say what is in force: kubectl apply -f deploy/crds")
	}
	if err != nil {
		return nil, err
	}
	nodes, err := c.brief.Resource(schema.GroupVersionResource{Version: "v1", Resource: "nodes"}).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	said := map[string]*nodestatus.NodeStatus{}
	for i := range list.Items {
		n, err := nodestatus.Parse(&list.Items[i])
		if err != nil {
			return nil, fmt.Errorf("NodeStatus %s: %w", list.Items[i].GetName(), err)
		}
		said[n.Name] = n
	}
	var out []nodeState
	now := time.Now()
	for _, node := range nodes.Items {
		if system := node.Labels["kubernetes.io/os"]; system != "" && system != "linux" {
			continue // no agent runs there
		}
		n := said[node.Name]
		out = append(out, newNodeState(node.Name, n, n != nil && n.Status.IsStale(now)))
	}
	slices.SortFunc(out, func(a, b nodeState) int { return cmp.Compare(a.Node, b.Node) })
	return out, nil
}

// objectName is an object that is asked about, in the words of kubectl.
type objectName struct{ kind, name string }

// namedObject reads arguments as kubectl get does; nil if there are none.
func namedObject(args []string) (*objectName, error) {
	switch len(args) {
	case 0:
		return nil, nil
	case 1:
		kind, name, both := strings.Cut(args[0], "/")
		if !both || kind == "" || name == "" {
			return nil, fmt.Errorf("%q: name an object as KIND NAME or KIND/NAME", args[0])
		}
		return &objectName{kind, name}, nil
	}
	return &objectName{args[0], args[1]}, nil
}

// resource finds what a word such as netpol, acnp or networkpolicies.crd.antrea.io stands for.
func (c *askedCluster) resource(word string) (*meta.RESTMapping, error) {
	mapper := restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(c.kinds), c.kinds, nil)
	full, group := schema.ParseResourceArg(strings.ToLower(word))
	at := group.WithVersion("")
	if full != nil {
		if exact, err := mapper.ResourceFor(*full); err == nil {
			at = exact
		}
	}
	found, err := mapper.ResourceFor(at)
	if meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("the cluster has no kind %q", word)
	}
	if err != nil {
		return nil, err
	}
	kind, err := mapper.KindFor(found)
	if err != nil {
		return nil, err
	}
	return mapper.RESTMapping(kind.GroupKind(), kind.Version)
}

// askedObject is an object whose realisation is asked about.
type askedObject struct {
	cluster   *askedCluster
	kind      string // with its group
	resource  schema.GroupResource
	metadata  *metav1.PartialObjectMetadata
	resources metadata.ResourceInterface
	seen      map[string]int64 // the generation that there was at a resourceVersion; 0: none; -1: nobody knows any more
}

// object reads an object.
func (c *askedCluster) object(ctx context.Context, what objectName) (*askedObject, error) {
	m, err := c.resource(what.kind)
	if err != nil {
		return nil, err
	}
	o := &askedObject{cluster: c, kind: m.GroupVersionKind.GroupKind().String(), resource: m.Resource.GroupResource(), seen: map[string]int64{}}
	o.resources = c.brief.Resource(m.Resource)
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		o.resources = c.brief.Resource(m.Resource).Namespace(c.namespace)
	}
	o.metadata, err = o.resources.Get(ctx, what.name, metav1.GetOptions{})
	return o, err
}

// generationAt is the generation that the object had at a resourceVersion: 0 if it was not there, -1 if the server does not know any more.
func (o *askedObject) generationAt(ctx context.Context, resourceVersion string) (int64, error) {
	if known, asked := o.seen[resourceVersion]; asked {
		return known, nil
	}
	list, err := o.resources.List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + o.metadata.Name,
		ResourceVersion: resourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchExact})
	generation := int64(0)
	switch {
	case apierrors.IsResourceExpired(err) || apierrors.IsGone(err):
		generation = -1
	case err != nil:
		return 0, err
	case len(list.Items) > 0 && list.Items[0].UID == o.metadata.UID:
		generation = list.Items[0].Generation
		if generation == 0 && list.Items[0].ResourceVersion != o.metadata.ResourceVersion {
			generation = -1 // of a kind that does not count
		}
	case o.metadata.Generation == 0:
		generation = -1
	}
	o.seen[resourceVersion] = generation
	return generation, nil
}

// The states of an object on a node.
const (
	objectRealised = "Realised" // as it is
	objectPending  = "Pending"  // not yet as it is
	objectRejected = "Rejected" // it has errors
	objectUnknown  = "Unknown"  // nobody knows, as the agent is not heard of
)

// objectState is what a node has of an object.
type objectState struct {
	Node       string `json:"node"`
	State      string `json:"state"`
	Generation *int64 `json:"generation,omitempty"` // of the object, that the node includes; nil: it is not known; 0: none
	Message    string `json:"message,omitempty"`
}

// on tells what a node has of the object.
func (o *askedObject) on(ctx context.Context, n nodeState) (objectState, error) {
	out := objectState{Node: n.Node, State: objectUnknown}
	switch {
	case n.Status == nil:
		out.Message = "no agent has said what is in force"
		return out, nil
	case n.Stale:
		out.Message = "nothing is heard of the agent"
		return out, nil
	}
	current := o.metadata.Generation
	if !n.Status.Includes(o.resource.String(), o.metadata.ResourceVersion) {
		at := slices.IndexFunc(n.Status.Seen, func(s nodestatus.Seen) bool { return s.Resource == o.resource.String() })
		if at < 0 {
			out.State, out.Message = objectPending, "the agent does not follow "+o.resource.String()
			return out, nil
		}
		var err error
		if current, err = o.generationAt(ctx, n.Status.Seen[at].Version); err != nil {
			return out, err
		}
	}
	rejected := n.Status.RejectionOf(o.kind, o.metadata.Namespace, o.metadata.Name)
	switch {
	case rejected != nil:
		out.State, out.Message = objectRejected, rejectedLine(rejected)
		return out, nil
	case current == o.metadata.Generation:
		out.State = objectRealised
	default:
		out.State, out.Message = objectPending, n.Status.Error
	}
	if current >= 0 {
		out.Generation = &current
	}
	return out, nil
}

// object prints which nodes have an object in force.
func (o *statusOptions) object(cmd *cobra.Command, what objectName) error {
	ctx := cmd.Context()
	nodes, err := o.cluster.nodes(ctx)
	if err != nil {
		return err
	}
	object, err := o.cluster.object(ctx, what)
	if err != nil {
		return err
	}
	var states []objectState
	realised := 0
	for _, n := range nodes {
		s, err := object.on(ctx, n)
		if err != nil {
			return err
		}
		states = append(states, s)
		if s.State == objectRealised {
			realised++
		}
	}
	value := struct {
		Kind       string        `json:"kind"`
		Namespace  string        `json:"namespace,omitempty"`
		Name       string        `json:"name"`
		Generation int64         `json:"generation"`
		Nodes      []objectState `json:"nodes"`
	}{object.kind, object.metadata.Namespace, object.metadata.Name, object.metadata.Generation, states}
	if err := o.out.write(cmd.OutOrStdout(), value, func() string { return objectText(states, realised, object.metadata.Generation) }); err != nil {
		return err
	}
	if realised < len(states) {
		return &exit{code: exitDifferent}
	}
	return nil
}

func objectText(states []objectState, realised int, generation int64) string {
	rows := [][]string{{"NODE", "STATE", "GENERATION", "MESSAGE"}}
	for _, s := range states {
		of := ""
		if s.Generation != nil {
			of = fmt.Sprint(*s.Generation)
		}
		rows = append(rows, []string{s.Node, s.State, of, s.Message})
	}
	text := table(rows)
	if generation == 0 {
		return text + fmt.Sprintf("realised on %d of %s\n", realised, plural(len(states), "node"))
	}
	return text + fmt.Sprintf("generation %d is realised on %d of %s\n", generation, realised, plural(len(states), "node"))
}
