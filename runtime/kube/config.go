package kube

import (
	"fmt"
	"net/http"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Config reads how to reach the server: from a kubeconfig file, or, if that is "", from what Kubernetes puts into a pod. Agent is what
// the server's logs call the client.
func Config(kubeconfig, agent string) (*rest.Config, error) {
	var config *rest.Config
	var err error
	if kubeconfig == "" {
		config, err = rest.InClusterConfig()
	} else {
		config, err = clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	if err != nil {
		if kubeconfig != "" {
			return nil, fmt.Errorf("read %s: %w", kubeconfig, err)
		}
		return nil, err
	}
	config.UserAgent = agent
	return config, nil
}

// connect makes clients of one connection. They limit nobody: a watch for each kind is all they ask for, and the server has its own
// ways to be fair.
func connect(config *rest.Config) (server, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return server{}, err
	}
	objects, err := dynamic.NewForConfigAndClient(config, client)
	if err != nil {
		return server{}, err
	}
	definitions, err := metadata.NewForConfigAndClient(metadata.ConfigFor(config), client)
	if err != nil {
		return server{}, err
	}
	kinds, err := plain(config, client)
	return server{objects, kinds, definitions}, err
}

// plain is a client for what is asked in JSON and decoded here.
func plain(config *rest.Config, client *http.Client) (rest.Interface, error) {
	config = rest.CopyConfig(config)
	config.APIPath, config.GroupVersion = "/", &schema.GroupVersion{}
	config.NegotiatedSerializer = serializer.NewCodecFactory(runtime.NewScheme()).WithoutConversion()
	return rest.RESTClientForConfigAndClient(config, client)
}
