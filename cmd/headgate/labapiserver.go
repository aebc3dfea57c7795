package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"github.com/spf13/cobra"

	agentrights "github.com/headgate-net/headgate/deploy/agent"
	"github.com/headgate-net/headgate/deploy/crd"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/kubelet"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/controlplane"
)

// clusterLab are the flags of lab up for a cluster with an API server.
type clusterLab struct {
	on       bool
	stay     bool
	nodes    int
	services string
	programs string
}

func (c *clusterLab) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&c.on, "apiserver", false, "build a cluster with a real API server, to which kubectl talks, instead of one from manifests")
	flags.BoolVar(&c.stay, "wait", false, "with --apiserver: stay until interrupted, and end the lab then")
	flags.IntVar(&c.nodes, "nodes", 2, "with --apiserver: how many nodes there are")
	enumFlag(cmd, &c.services, "services", "", "with --apiserver: who serves Services", string(controlplane.Headgate), string(controlplane.KubeProxy), string(controlplane.Nobody))
	flags.StringVar(&c.programs, "programs", "", "with --apiserver: directory of etcd, kube-apiserver, kube-controllers, kubectl, agnhost and kube-proxy (default: where 'make lab' has built them)")
	for _, name := range []string{"filename", "port", "host", "node-port"} {
		if flags.Lookup(name) != nil {
			cmd.MarkFlagsMutuallyExclusive("apiserver", name)
		}
	}
}

// check refuses flags that are without a meaning for a lab without an API server.
func (c *clusterLab) check(cmd *cobra.Command) error {
	for _, name := range []string{"wait", "nodes", "services", "programs"} {
		if !c.on && cmd.Flags().Changed(name) {
			return usageError(cmd, fmt.Errorf("--%s goes with --apiserver", name))
		}
	}
	return nil
}

// up builds the cluster, and says how it is reached.
func (c *clusterLab) up(cmd *cobra.Command, name string, in *labInput, bare bool) (err error) {
	programs, err := controlplane.Programs(c.programs)
	if errors.Is(err, controlplane.ErrNoPrograms) {
		return fmt.Errorf("%w; 'make lab' in headgate's source tree builds them from their sources, once, or name a directory with --programs", err)
	}
	if err != nil {
		return err
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	o := controlplane.Options{
		Name: name, Nodes: c.nodes, Target: lab.Target(in.target), Services: controlplane.Server(c.services), Engine: !bare,
		Programs: programs, Headgate: own, Manifests: [][]byte{[]byte(agentrights.Rights())},
	}
	if in.datapath == kernelDatapath {
		o.Datapath = lab.Kernel
	}
	for _, file := range slices.Concat(crd.Definitions()) {
		o.Manifests = append(o.Manifests, file.YAML)
	}
	progress(cmd, "building the cluster")
	l, err := controlplane.Up(cmd.Context(), o)
	if err != nil {
		return err
	}
	if !c.stay {
		if err := l.Detach(cmd.Context()); err != nil {
			return errors.Join(err, takeDown(cmd.Context(), l.Lab))
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s\nexport KUBECONFIG=%s\n", l.Name(), l.Kubeconfig)
	if !c.stay {
		return nil
	}
	<-cmd.Context().Done()
	return takeDown(cmd.Context(), l.Lab)
}

// newLabKubelet is what a node of a lab with an API server runs.
func newLabKubelet() *cobra.Command {
	var config, ca string
	var agnhost []string
	cmd := &cobra.Command{
		Use:    "kubelet LAB NODE",
		Short:  "Stand in for a node's kubelet",
		Hidden: true, // the lab itself runs it
		Args:   cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lab.Attach(args[0])
			if err != nil {
				return err
			}
			at := slices.IndexFunc(l.Spec().Nodes, func(n lab.Node) bool { return n.Name == args[1] })
			if at < 0 {
				return fmt.Errorf("lab %s has no node %s", args[0], args[1])
			}
			server, err := kube.Config(config, "headgate-lab/"+version)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(ca)
			if err != nil {
				return err
			}
			clients := x509.NewCertPool()
			if !clients.AppendCertsFromPEM(text) {
				return fmt.Errorf("%s has no certificate", ca)
			}
			n := &l.Spec().Nodes[at]
			k, err := kubelet.New(kubelet.Options{
				Node: n.Name, Addrs: n.Addrs, PodCIDRs: n.PodCIDRs, API: server, Clients: clients, Machine: l, Agnhost: agnhost,
				Log: slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)),
			})
			if err != nil {
				return err
			}
			return k.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&config, "kubeconfig", "", "how to reach the API server")
	cmd.Flags().StringVar(&ca, "client-ca", "", "certificate of the authority whose clients may run programs")
	cmd.Flags().StringArrayVar(&agnhost, "agnhost", []string{"agnhost"}, "program that stands in for what images bring, and its first arguments")
	return cmd
}

// newLabScheduler is what puts the pods of a lab with an API server on nodes.
func newLabScheduler() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:    "scheduler",
		Short:  "Put pods on nodes",
		Hidden: true, // the lab itself runs it
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, err := kube.Config(config, "headgate-lab/"+version)
			if err != nil {
				return err
			}
			err = kubelet.Schedule(cmd.Context(), server, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		},
	}
	cmd.Flags().StringVar(&config, "kubeconfig", "", "how to reach the API server")
	return cmd
}

// What lab up says of itself.
const (
	labUpLong = `Up builds a lab and loads the rules of its nodes and machines, which from then on enforce them as under 'headgate agent': names are
learned, and packets rejected, logged and counted. The difference is that rules which somebody changes by hand stay so. With --no-rules
nothing is loaded, and agents can be run on the nodes with 'headgate lab exec'.

With --apiserver the cluster has an API server instead of manifests: a real etcd and kube-apiserver and Kubernetes' controllers, nodes with
a stand-in for the kubelet, and the agent on each of them, which serves Services, too. Pods are network namespaces in which the commands of
their containers run; there are no images, and agnhost stands in for those without a command. Up prints what has kubectl talk to it.`
	labUpExample = `    headgate lab up shop -f examples/three-tier
    headgate lab exec shop pod/shop/frontend-1 -- ip route
    headgate lab down shop

    eval "$(headgate lab up play --apiserver | tail -n 1)"
    kubectl run web --image=web --port=80 --expose
    kubectl run client --image=agnhost
    kubectl exec client -- agnhost connect $(kubectl get service web -o 'jsonpath={.spec.clusterIP}'):80
    headgate lab down play`
)
