package main

import (
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"

	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/source"
)

// originFlags say what an agent follows.
type originFlags struct {
	from       string
	kubeconfig string
	quiet, cap time.Duration
	server     *rest.Config // nil: the directory
	defined    func(string) // is told of definitions of custom resources; nil: nobody asks
}

func (o *originFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.from, "from", "", "directory of manifests, instead of an API server")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "file that says how to reach the API server (default, in a pod: by the pod's service account)")
	flags.DurationVar(&o.quiet, "batch-quiet", 50*time.Millisecond, "what has changed is compiled when for so long nothing more does")
	flags.DurationVar(&o.cap, "batch-cap", time.Second, "or so long after the first change, if there is no end of them")
	cmd.MarkFlagsMutuallyExclusive("from", "kubeconfig")
}

// settle finds out which of them it is.
func (o *originFlags) settle() (err error) {
	switch {
	case o.quiet <= 0 || o.cap <= 0:
		return errors.New("--batch-quiet and --batch-cap must be more than 0")
	case o.from != "":
		return nil
	}
	o.server, err = kube.Config(o.kubeconfig, "headgate-agent/"+version)
	if errors.Is(err, rest.ErrNotInCluster) {
		return errors.New("this is no pod: name a directory of manifests (--from) or an API server (--kubeconfig)")
	}
	return err
}

// open starts to follow it, until the function is called.
func (o *originFlags) open(namespace string, log *slog.Logger) (feed, func(), error) {
	if o.server == nil {
		files, err := source.Open(o.from, source.Times{Quiet: o.quiet, Cap: o.cap}, log)
		if err != nil {
			return nil, nil, err
		}
		feed := newDirectory(files, namespace)
		if root, err := filepath.Abs(o.from); err == nil {
			feed.reader.Within(root)
		}
		return feed, func() { _ = files.Close() }, nil
	}
	server, err := kube.Open(o.server, kube.Options{Kinds: kubeKinds(), Quiet: o.quiet, Cap: o.cap, Defined: o.defined, Log: log})
	if err != nil {
		return nil, nil, err
	}
	return newAPIServer(server), server.Close, nil
}

// String names it.
func (o *originFlags) String() string {
	if o.server == nil {
		return o.from
	}
	return o.server.Host
}
