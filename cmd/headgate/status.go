package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// statusOptions are the flags of status.
type statusOptions struct {
	out      output
	cluster  askedCluster
	stateDir string
}

func newStatus() *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status [KIND NAME | KIND/NAME]",
		Short: "Print what each node has in force, or which nodes have a policy in force",
		Long: `Status prints what the agents of a cluster say that their nodes have in force: the number and the hash of the generation, since when,
and what is wrong. With the kind and the name of an object it prints which nodes have that in force, and which generation of it.

The cluster is that of --kubeconfig and --context. Without them, on a machine with an agent, it is that agent which is asked, by way of
its state directory: it may follow an API server or a directory, and answers also while the API server does not. Elsewhere, and as a
plugin of kubectl, it is the cluster that kubectl would ask.

A node is stale if its agent has not been heard of for two and a half minutes, while agents are heard of every minute. Its rules stay in force. Without
an agent, a node has no status. Objects that are rejected are not in force as they are; what they said before may be. Expectations of a
directory that do not hold of what is in force are told; they hold up nothing.

The exit status is 0 if all that is declared is in force on all nodes, or the object on all of them; 1 if not; and 3 if that cannot be found out.`,
		Example: `    headgate status
    headgate status --context production -o yaml
    headgate status networkpolicy web -n shop`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	o.out.flags(cmd, "text", "json", "yaml")
	o.cluster.flags(cmd)
	cmd.Flags().StringVar(&o.stateDir, "state-dir", defaultStateDir, "state directory of this machine's agent")
	return cmd
}

func (o *statusOptions) run(cmd *cobra.Command, args []string) error {
	what, err := namedObject(args)
	if err != nil {
		return usageError(cmd, err)
	}
	if o.isLocal(cmd) {
		if what != nil {
			return usageError(cmd, errors.New("an object is asked for in a cluster: say which with --kubeconfig or --context"))
		}
		return o.local(cmd)
	}
	if err := o.cluster.connect(); err != nil {
		return err
	}
	if what != nil {
		return o.object(cmd, *what)
	}
	nodes, err := o.cluster.nodes(cmd.Context())
	if err != nil {
		return err
	}
	return o.print(cmd, nodes)
}

// isLocal reports whether it is this machine's agent that is asked.
func (o *statusOptions) isLocal(cmd *cobra.Command) bool {
	if o.cluster.given() || strings.HasPrefix(cmd.Root().CommandPath(), "kubectl ") {
		return false
	}
	if cmd.Flags().Changed("state-dir") {
		return true
	}
	_, err := os.Stat(o.stateDir)
	return !errors.Is(err, fs.ErrNotExist)
}

// local prints what this machine's agent keeps.
func (o *statusOptions) local(cmd *cobra.Command) error {
	n, err := readStatus(o.stateDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no agent with the state directory %s has said what is in force", o.stateDir)
	case err != nil:
		return err
	}
	runs, err := agentRuns(o.stateDir)
	if err != nil {
		return err
	}
	return o.print(cmd, []nodeState{newNodeState(n.Name, n, !runs)})
}

// agentRuns reports whether an agent works with a state directory: it then holds the lock.
func agentRuns(stateDir string) (bool, error) {
	f, err := os.Open(filepath.Join(stateDir, "agent.lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return true, nil
	case err != nil:
		return false, err
	}
	return false, syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
}

// The states of a node.
const (
	stateReady    = "Ready"    // all that is declared is in force
	stateRejected = "Rejected" // but for some objects
	stateNotReady = "NotReady" // what was declared last is not in force, what was before is
	stateStale    = "Stale"    // nothing was heard of the agent
	stateUnknown  = "Unknown"  // there is no status
)

// nodeState is what there is to say of a node. Status is nil if nothing is known.
type nodeState struct {
	Node   string             `json:"node"`
	State  string             `json:"state"`
	Stale  bool               `json:"stale"`
	Status *nodestatus.Status `json:"status,omitempty"`
}

func newNodeState(node string, n *nodestatus.NodeStatus, stale bool) nodeState {
	out := nodeState{Node: node, State: stateUnknown}
	if n == nil {
		return out
	}
	out.Stale, out.Status = stale, &n.Status
	switch {
	case stale:
		out.State = stateStale
	case !n.Status.Ready():
		out.State = stateNotReady
	case n.Status.RejectedTotal > 0:
		out.State = stateRejected
	default:
		out.State = stateReady
	}
	return out
}

// print prints nodes, and returns the exit status.
func (o *statusOptions) print(cmd *cobra.Command, nodes []nodeState) error {
	if err := o.out.write(cmd.OutOrStdout(), map[string][]nodeState{"items": nodes}, func() string { return statusText(nodes, time.Now()) }); err != nil {
		return err
	}
	for _, n := range nodes {
		if n.State != stateReady {
			return &exit{code: exitDifferent}
		}
	}
	return nil
}

// statusText is a table, and what is wrong below it.
func statusText(nodes []nodeState, now time.Time) string {
	if len(nodes) == 0 {
		return "the cluster has no nodes\n"
	}
	rows := [][]string{{"NODE", "STATE", "GENERATION", "HASH", "TARGETS", "SINCE", "RENEWED", "POLICIES", "RULES", "FLOWS", "SERVICES", "REJECTED"}}
	var wrong strings.Builder
	for _, n := range nodes {
		rows = append(rows, n.cells(now))
		n.explain(&wrong)
	}
	return table(rows) + wrong.String()
}

func (n nodeState) cells(now time.Time) []string {
	s := n.Status
	if s == nil {
		return []string{n.Node, n.State, "", "", "", "", "", "", "", "", "", ""}
	}
	since := ""
	if s.Since != nil {
		since = age(now.Sub(s.Since.Time))
	}
	number := func(v int64) string { return fmt.Sprint(v) }
	return []string{n.Node, n.State, number(s.Generation), s.Hash, strings.Join(s.Targets, ","), since, age(now.Sub(s.Renewed.Time)),
		number(s.Counts.Policies), number(s.Counts.Rules), number(s.Counts.Flows), number(s.Counts.Services), number(s.RejectedTotal)}
}

// explain says what is wrong with a node.
func (n nodeState) explain(b *strings.Builder) {
	switch {
	case n.Status == nil:
		fmt.Fprintf(b, "\n%s: no agent has said what is in force\n", n.Node)
		return
	case n.Stale:
		fmt.Fprintf(b, "\n%s: nothing is heard of the agent; what it loaded last stays in force\n", n.Node)
	}
	if n.Status.Error != "" {
		fmt.Fprintf(b, "\n%s: %s\n", n.Node, n.Status.Error)
	}
	if c := meta.FindStatusCondition(n.Status.Conditions, conditionExpectations); c != nil && c.Status == metav1.ConditionFalse {
		fmt.Fprintf(b, "\n%s: what is in force is not what is expected: %s\n", n.Node, c.Message)
	}
	for i := range n.Status.Rejected {
		fmt.Fprintf(b, "\n%s: %s\n", n.Node, rejectedLine(&n.Status.Rejected[i]))
	}
	if more := n.Status.RejectedTotal - int64(len(n.Status.Rejected)); more > 0 {
		fmt.Fprintf(b, "\n%s: and %s more\n", n.Node, plural(int(more), "object"))
	}
}

// rejectedLine says why an object is not in force as it is.
func rejectedLine(r *nodestatus.Rejected) string {
	name := r.Name
	if r.Namespace != "" {
		name = r.Namespace + "/" + name
	}
	line := strings.TrimSpace(r.Kind+" "+name) + " is rejected [" + r.Code + "]: "
	if r.Field != "" {
		line += r.Field + ": "
	}
	line += r.Message
	if r.Previous {
		return line + "; what it said before is in force"
	}
	return line + "; nothing of it is in force"
}

// age is a length of time as kubectl prints it, in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}
