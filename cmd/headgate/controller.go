package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"

	"github.com/headgate-net/headgate/runtime/controller"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/metrics"
	"github.com/headgate-net/headgate/runtime/nodestatus"
	"github.com/headgate-net/headgate/runtime/webhook"
)

// controllerOptions are the flags of controller.
type controllerOptions struct {
	kubeconfig string
	quiet, cap time.Duration
	needs      string
	except     cidrs
	gates      gateFlags
	logFormat  string
	namespace  string
	identity   string
	lease      time.Duration

	metricsAddress string
	profiling      bool
	metricsTLS     tlsFlags

	webhookAddress string
	webhookTLS     tlsFlags
	webhookSecret  string
	webhookConfig  string

	server *rest.Config
}

// The defaults are what deploy/ has.
const (
	controllerNamespace = "headgate-system"
	controllerLease     = "headgate-controller"
	webhookSecret       = "headgate-webhook"
	webhookConfig       = "headgate"
)

func newController() *cobra.Command {
	var o controllerOptions
	cmd := &cobra.Command{
		Use:   "controller",
		Short: "Write the status of objects in a cluster, and say to its API server what is wrong with new ones",
		Long: `Controller does for a cluster as a whole what no agent can do by itself. Agents work without it.

It writes status: how many nodes enforce a policy, which address an Egress or Service has and which node holds it, how much of a pool is
used; and an Event for every object with errors, with the diagnostic. Of several controllers one writes, the one that has a Lease; when
it ends it gives the Lease back, and when it is lost another one has it after --lease-duration.

With --webhook-bind-address every controller also answers the API server, which asks before it stores a policy, tier, group, Egress or
pool: objects with errors are refused, and warnings are shown to who applies them. Without files for its certificate, a self-signed one is
kept in a Secret, made anew in time, and written into the ValidatingWebhookConfiguration.

Give it the same --feature-gates, --needs and --except-cidrs as the agents.`,
		Example: `    headgate controller --kubeconfig /etc/headgate/kubeconfig
    headgate controller --webhook-bind-address :10264`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "file that says how to reach the API server (default, in a pod: by the pod's service account)")
	flags.DurationVar(&o.quiet, "batch-quiet", 50*time.Millisecond, "what has changed is looked at when for so long nothing more does")
	flags.DurationVar(&o.cap, "batch-cap", time.Second, "or so long after the first change, if there is no end of them")
	needsFlag(cmd, &o.needs)
	exceptFlag(cmd, &o.except)
	gatesFlag(cmd, &o.gates)
	enumFlag(cmd, &o.logFormat, "log-format", "", "form of the controller's own log", "text", "json")
	flags.StringVarP(&o.namespace, "namespace", "n", controllerNamespace, "namespace of the Lease "+controllerLease+", and of the Secret")
	flags.StringVar(&o.identity, "identity", "", "what this controller is called in the Lease (default: the host's name and the process's number)")
	flags.DurationVar(&o.lease, "lease-duration", 15*time.Second, "the Lease of a controller that says nothing is free after this time, in seconds; the same for all")
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", metrics.DefaultControllerAddress, "HOST:PORT of /metrics, /healthz and /readyz; empty: not at all")
	flags.BoolVar(&o.profiling, "profiling", false, "answer /debug/pprof at the address of the metrics, too")
	o.metricsTLS.flags(cmd, "metrics-", "the metrics are answered over TLS with")
	flags.StringVar(&o.webhookAddress, "webhook-bind-address", "", "HOST:PORT on which the API server is answered; empty: not at all")
	o.webhookTLS.flags(cmd, "webhook-", "instead of a self-signed certificate, the API server is answered with")
	flags.StringVar(&o.webhookSecret, "webhook-secret", webhookSecret, "Secret that the self-signed certificate is kept in; it has to be there")
	flags.StringVar(&o.webhookConfig, "webhook-configuration", webhookConfig, "ValidatingWebhookConfiguration that is told the self-signed certificate")
	configFlag(cmd, configKindController)
	return cmd
}

// settle checks the flags.
func (o *controllerOptions) settle() error {
	for _, f := range [][2]string{{"--metrics-bind-address", o.metricsAddress}, {"--webhook-bind-address", o.webhookAddress}} {
		if _, _, err := net.SplitHostPort(f[1]); f[1] != "" && err != nil {
			return fmt.Errorf("%s: %w", f[0], err)
		}
	}
	switch {
	case o.quiet <= 0 || o.cap <= 0:
		return errors.New("--batch-quiet and --batch-cap must be more than 0")
	case o.lease < 2*time.Second || o.lease%time.Second != 0:
		return errors.New("--lease-duration must be whole seconds, at least 2")
	}
	if err := errors.Join(o.metricsTLS.check(), o.webhookTLS.check()); err != nil {
		return err
	}
	if o.identity == "" {
		host, err := os.Hostname()
		if err != nil {
			return err
		}
		o.identity = fmt.Sprintf("%s-%d", host, os.Getpid())
	}
	var err error
	o.server, err = kube.Config(o.kubeconfig, "headgate-controller/"+version)
	if errors.Is(err, rest.ErrNotInCluster) {
		return errors.New("this is no pod: name an API server (--kubeconfig)")
	}
	return err
}

func (o *controllerOptions) run(cmd *cobra.Command) error {
	if err := o.settle(); err != nil {
		return usageError(cmd, err)
	}
	log := newLogger(cmd, o.logFormat)
	if err := errors.Join(o.metricsTLS.open(log), o.webhookTLS.open(log)); err != nil {
		return err
	}
	counted := metrics.NewController(version)
	writer, err := controller.New(controller.Options{Client: o.server, Identity: o.identity, Log: log, Meter: counted})
	if err != nil {
		return err
	}
	kinds := append(kubeKinds(), kube.Kind{Group: nodestatus.Group, Version: nodestatus.Version, Name: nodestatus.Kind})
	from, err := kube.Open(o.server, kube.Options{Kinds: kinds, Quiet: o.quiet, Cap: o.cap, Log: log, Observe: writer.Observe})
	if err != nil {
		return err
	}
	defer from.Close()
	view, err := newOverview(o, log)
	if err != nil {
		return err
	}
	view.shown, view.counted = writer.Show, counted.Synced
	return o.serve(cmd.Context(), work{writer: writer, view: view, from: from, counted: counted, log: log})
}

// work is what a controller does at the same time.
type work struct {
	writer  *controller.Controller
	view    *overview
	from    *kube.Source
	counted *metrics.Controller
	log     *slog.Logger
	keeper  *webhook.Keeper // nil: nobody keeps a certificate
}

// serve works until ctx ends, which is no error.
func (o *controllerOptions) serve(ctx context.Context, w work) error {
	config := o.webhookTLS.config
	if o.webhookAddress != "" && config == nil {
		var err error
		if w.keeper, err = webhook.NewKeeper(webhook.KeeperOptions{Client: o.server, Namespace: o.namespace, Secret: o.webhookSecret, Configuration: o.webhookConfig, Log: w.log}); err != nil {
			return err
		}
		config = w.keeper.Config()
	}
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	if o.metricsAddress != "" {
		group.Go(func() {
			w.counted.Serve(ctx, metrics.ServerOptions{Address: o.metricsAddress, Profiling: o.profiling, TLS: o.metricsTLS.config, Log: w.log})
		})
	}
	if w.keeper != nil {
		group.Go(func() { w.keeper.Run(ctx) })
	}
	if o.webhookAddress != "" {
		group.Go(func() {
			webhook.Serve(ctx, webhook.Options{Address: o.webhookAddress, TLS: config, Judge: w.view.judge, Judged: w.counted.Judged, Log: w.log})
		})
	}
	group.Go(func() { w.view.follow(ctx, w.from) })
	w.log.Info("started", "identity", o.identity, "from", o.server.Host)
	err := controller.Lead(ctx, controller.Lease{Client: o.server, Namespace: o.namespace, Name: controllerLease, Identity: o.identity, Duration: o.lease, Log: w.log}, w.lead)
	if ctx.Err() == nil {
		return err
	}
	w.log.Info("ended")
	return nil
}

// lead is what one of several controllers does, as long as ctx lasts.
func (w *work) lead(ctx context.Context) {
	w.counted.Leads(true)
	defer w.counted.Leads(false)
	var group sync.WaitGroup
	if w.keeper != nil {
		group.Go(func() { w.keeper.Lead(ctx) })
	}
	w.writer.Run(ctx)
	group.Wait()
}
