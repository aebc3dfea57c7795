package nodestatus

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// NewWriter makes a Writer for an API server, which need not answer yet.
func NewWriter(config *rest.Config, o Options) (*Writer, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // a Writer is slow by itself
	config.WarningHandler = rest.NoWarnings{}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	whole, err := dynamic.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	brief, err := metadata.NewForConfigAndClient(metadata.ConfigFor(config), client)
	if err != nil {
		return nil, err
	}
	return newWriter(&clients{o.Node, whole, brief}, o), nil
}

// clients ask for no more than they need: of what is changed, the server answers with the metadata.
type clients struct {
	node  string
	whole dynamic.Interface
	brief metadata.Interface
}

func (c *clients) patch(ctx context.Context, body []byte) error {
	_, err := c.brief.Resource(GroupVersionResource()).Patch(ctx, c.node, types.MergePatchType, body, metav1.PatchOptions{})
	return err
}

func (c *clients) create(ctx context.Context, n *NodeStatus) error {
	o, err := n.Unstructured()
	if err != nil {
		return err
	}
	_, err = c.whole.Resource(GroupVersionResource()).Create(ctx, o, metav1.CreateOptions{})
	return err
}

func (c *clients) owner(ctx context.Context) (*metav1.OwnerReference, error) {
	node, err := c.brief.Resource(schema.GroupVersionResource{Version: "v1", Resource: "nodes"}).Get(ctx, c.node, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return &metav1.OwnerReference{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}, nil
}
