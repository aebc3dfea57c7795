package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/health"
	"github.com/headgate-net/headgate/runtime/journal"
	"github.com/headgate-net/headgate/runtime/names"
)

// agentOptions are the flags of agent.
type agentOptions struct {
	host      hostFlags
	origin    originFlags
	namespace string
	needs     string
	except    cidrs
	stateDir  string
	logFile   string
	logFormat string
	check     time.Duration
	closed    bool // until the first rules
	healthz   string
	gossip    gossipFlags
	metrics   metricsFlags
	gates     gateFlags

	missedLast []string // the nodes that were not alive when the last good generation was compiled
}

func newAgent() *cobra.Command {
	var o agentOptions
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Keep this host's rules at what a cluster's API server, or a directory of manifests, says",
		Long: `Agent compiles what an API server or a directory says, takes this host's part, loads it, and does so again whenever that changes.

In a pod, or with --kubeconfig, it follows the API server: every object of the kinds that headgate reads, those of custom resources
as soon as their definitions are there. An object with errors is logged, and what it said before stays; the others go on. While the
server cannot be reached, the last good rules stay in force.

With --from it follows a directory tree: the files with the extensions .yaml, .yml, .json and .hg; names that begin with a dot are passed
over. A tree that somebody is just writing, or that git is checking out, is read when that is over. A tree with errors changes
nothing: what is wrong with it is logged, and the last good rules stay in force. An import out of the tree is such an error, for nobody
would tell when what is there changes. An expectation that does not hold is a warning (HG1207), in 'headgate status' too.

They also do when the agent ends, on SIGTERM for instance. Rules that somebody else changes are repaired.

While it runs, the agent learns the addresses of DNS names in rules from the answers that clients get, answers the packets that
rules reject where the dataplane leaves that to it, and writes down what rules with logging decide (--log-file).

It logs to standard error. On a machine outside the cluster, give the name of its ExternalNode as --node NAMESPACE/NAME: rules for
its own interfaces are all that is loaded there.`,
		Example: `    headgate agent --kubeconfig /etc/headgate/kubeconfig
    headgate agent --from /etc/headgate/manifests
    headgate agent --from manifests/ --node shop/db --log-file /var/log/headgate/records.log`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.host.flags(cmd)
	flags := cmd.Flags()
	o.origin.flags(cmd)
	flags.StringVarP(&o.namespace, "namespace", "n", "default", "namespace of objects that state none")
	needsFlag(cmd, &o.needs)
	exceptFlag(cmd, &o.except)
	flags.StringVar(&o.logFile, "log-file", "", "file for the packets that rules with logging decide; it is rotated (default: they are not written down)")
	flags.BoolVar(&o.closed, "fail-closed", false, "drop what pods send and get while there are no rules yet, neither loaded nor kept")
	enumFlag(cmd, &o.logFormat, "log-format", "", "form of the agent's own log", "text", "json")
	flags.DurationVar(&o.check, "check", agent.DefaultCheck, "how often to look whether somebody else changed the rules")
	flags.StringVar(&o.healthz, "healthz-bind-address", health.DefaultAddress, "address of /healthz and /livez, answered as kube-proxy does: while Services are served here, or in any case if it is given; empty: not at all")
	o.gossip.flags(cmd)
	o.metrics.flags(cmd)
	gatesFlag(cmd, &o.gates)
	configFlag(cmd, configKind)
	flags.StringVar(&o.stateDir, "state-dir", defaultStateDir, "directory of what was loaded last and of the names that are known")
	return cmd
}

func (o *agentOptions) run(cmd *cobra.Command) (err error) {
	if err := o.host.settle(); err != nil {
		return err
	}
	if o.check <= 0 {
		return usageError(cmd, errors.New("--check must be more than 0"))
	}
	if _, err := netip.ParseAddrPort(o.healthz); o.healthz != "" && err != nil {
		return usageError(cmd, fmt.Errorf("--healthz-bind-address: %w", err))
	}
	if err := errors.Join(o.gossip.check(), o.metrics.check()); err != nil {
		return usageError(cmd, err)
	}
	if err := o.origin.settle(); err != nil {
		return usageError(cmd, err)
	}
	if err := o.metrics.tls.open(o.logger(cmd)); err != nil {
		return fmt.Errorf("the metrics' certificate: %w", err)
	}
	lock, err := lockAgent(o.stateDir)
	if err != nil {
		return err
	}
	defer lock.Close()
	log := o.logger(cmd)
	tellRights(log)
	planes, done, err := o.host.planes(cmd.Context())
	if err != nil {
		return needsRoot(err)
	}
	defer done()
	known := names.New(names.Options{})
	o.recall(known, log)
	defer func() { err = errors.Join(err, o.retain(known)) }()
	defer o.keepRetaining(known, log, retainEvery)()
	asked := health.New(health.Options{Address: o.healthz, Always: cmd.Flags().Changed("healthz-bind-address"), Log: log})
	last := o.recallLast(log)
	options := agent.Options{Last: last.Generation, Target: o.host.made(), Planes: planes, Names: known, Log: log, Check: o.check, Health: asked, Meter: o.metrics.count(known)}
	if o.logFile != "" {
		options.Journal = journal.New(o.host.node, journal.File{Path: o.logFile}.Open(), journal.Options{})
		defer func() { err = errors.Join(err, options.Journal.Close(time.Now())) }()
	}
	return o.serve(cmd.Context(), agent.NewNode(options), options, asked, last.pipeline)
}

// serve works until ctx ends, which is no error. last is what was loaded last; nil: unknown.
func (o *agentOptions) serve(ctx context.Context, node *agent.Node, with agent.Options, asked *health.Server, last *ir.Pipeline) error {
	log := with.Log
	state := newReporter(o, with.Last, log)
	o.origin.defined = state.defined
	from, done, err := o.origin.open(o.namespace, log)
	if err != nil {
		return err
	}
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	work.Go(func() { node.Run(ctx) })
	work.Go(func() { asked.Run(ctx) })
	work.Go(func() { o.metrics.serve(ctx, log) })
	if with.Journal != nil {
		work.Go(func() { with.Journal.Run(ctx) })
	}
	log.Info("started", "node", o.host.node, "target", o.host.target, "from", o.origin.String())
	alive := newLiveness(o.gossip, o.host.node, log)
	defer alive.close()
	f := newFollower(o, from, node, log)
	f.again, f.down, f.meet = alive.changes, alive.down, alive.meet
	f.last = last
	f.state = state
	writer, err := state.follow(from, o.origin.server)
	if err != nil {
		return err
	}
	if writer != nil {
		work.Go(func() { writer.Run(ctx) })
	}
	f.begin(ctx)
	if err := notifyReady(); err != nil {
		log.Warn("what waits for the agent may wait on", "error", err)
	}
	if err := f.follow(ctx); ctx.Err() == nil {
		return err
	}
	log.Info("ended; the rules stay in force")
	return nil
}

func (o *agentOptions) logger(cmd *cobra.Command) *slog.Logger { return newLogger(cmd, o.logFormat) }

func newLogger(cmd *cobra.Command, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), nil))
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
}

// lockAgent makes sure that one agent works with a state directory, until the file is closed.
func lockAgent(stateDir string) (*os.File, error) {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(stateDir, "agent.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another agent runs with the state directory %s", stateDir)
	}
	return f, nil
}

func (o *agentOptions) namesPath() string { return filepath.Join(o.stateDir, "names.json") }

// recall takes up the names that the last agent knew: clients go on to use their addresses without asking again.
func (o *agentOptions) recall(known *names.Cache, log *slog.Logger) {
	f, err := os.Open(o.namesPath())
	if err == nil {
		defer f.Close()
		err = known.Restore(f, time.Now())
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		log.Warn("the names that were known are lost; clients have to ask again", "error", err)
	}
}

// retainEvery is how often names are kept for the next agent, in case this one is killed.
const retainEvery = 30 * time.Second

// keepRetaining keeps the names now and then, until the function that it returns is called.
func (o *agentOptions) keepRetaining(known *names.Cache, log *slog.Logger, every time.Duration) (stop func()) {
	ended, ticker := make(chan struct{}), time.NewTicker(every)
	var work sync.WaitGroup
	work.Go(func() {
		told := ""
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			if err := o.retain(known); err != nil && err.Error() != told {
				told = err.Error()
				log.Warn("the names that are known cannot be kept", "error", err)
			}
		}
	})
	return func() {
		ticker.Stop()
		close(ended)
		work.Wait()
	}
}

// retain keeps the names for the next agent.
func (o *agentOptions) retain(known *names.Cache) error {
	return replaceFile(o.namesPath(), func(f *os.File) error { return known.Save(f, time.Now()) })
}
