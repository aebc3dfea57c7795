package system

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/vm"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
)

// fleet are the agents of a lab: the real program on every node, each with the manifests that all have.
type fleet struct {
	l       *lab.Lab
	program string
	dir     string // the manifests are in its directory "manifests"
	target  lab.Target
	options []string                 // of all agents, besides what they need
	agents  map[string]*agentProcess // by node
	refused int                      // how often the agent of n1 has said that it could not load what is declared
}

// agentProcess is an agent.
type agentProcess struct {
	kill func()        // returns when it has ended
	done chan struct{} // closed when it has
	log  *lockedBuffer
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// builtProgram is headgate, built once for all tests. In the machine of package vm it is there already, and nobody could build it.
func builtProgram(t testing.TB) string {
	t.Helper()
	path, err := buildProgram()
	require.NoError(t, err)
	return path
}

var buildProgram = sync.OnceValues(func() (string, error) {
	if os.Getenv(vm.GuestEnv) == "1" {
		return exec.LookPath("headgate")
	}
	path := filepath.Join(programDir(), "headgate")
	out, err := exec.Command("go", "build", "-o", path, "../../cmd/headgate").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// programDir is a directory that TestMain removes.
var programDir = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "headgate-system")
	if err != nil {
		panic(err)
	}
	return dir
})

// startFleet starts agents on all nodes.
func startFleet(t testing.TB, l *lab.Lab, program string, target lab.Target, files ...string) *fleet {
	t.Helper()
	return startFleetWith(t, l, program, target, nil, files...)
}

// startFleetWith is startFleet with options.
func startFleetWith(t testing.TB, l *lab.Lab, program string, target lab.Target, options []string, files ...string) *fleet {
	t.Helper()
	f := &fleet{l: l, program: program, dir: t.TempDir(), target: target, options: options, agents: map[string]*agentProcess{}}
	require.NoError(t, os.Mkdir(f.manifests(), 0o755))
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(f.manifests(), filepath.Base(file)), text, 0o644))
	}
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32))
	require.NoError(t, os.WriteFile(f.keyFile(), []byte(key+"\n"), 0o600))
	for _, n := range l.Spec().Nodes {
		f.start(n.Name)
	}
	t.Cleanup(func() {
		for _, name := range f.names() {
			f.agents[name].kill()
			if t.Failed() {
				t.Logf("the agent of %s:\n%s", name, f.agents[name].log)
			}
		}
	})
	return f
}

func (f *fleet) manifests() string { return filepath.Join(f.dir, "manifests") }
func (f *fleet) keyFile() string   { return filepath.Join(f.dir, "key") }

func (f *fleet) names() []string {
	var names []string
	for _, n := range f.l.Spec().Nodes {
		names = append(names, n.Name)
	}
	return names
}

// start starts the agent of a node. What it says follows what its predecessor said.
func (f *fleet) start(node string) {
	ctx, cancel := context.WithCancel(context.Background())
	a := &agentProcess{done: make(chan struct{}), log: &lockedBuffer{}}
	if old := f.agents[node]; old != nil {
		a.log = old.log
	}
	a.kill = func() {
		cancel()
		<-a.done
	}
	f.agents[node] = a
	state := filepath.Join(f.dir, "state-"+node)
	args := []string{f.program, "agent", "--from", f.manifests(), "--node", node, "--target", string(f.target), "--state-dir", state,
		"--gossip-key-file", f.keyFile(), "--except-cidrs", except4 + "/32", "--healthz-bind-address="}
	args = append(args, f.options...)
	script := fmt.Sprintf(`mkdir -p %s; echo $$ >%s; if [ -n "$OVS_RUNDIR" ]; then set -- "$@" --ovs-db "$OVS_RUNDIR/db.sock"; fi; %s`, state, f.pidFile(node), confined(state))
	go func() {
		defer close(a.done)
		_, err := f.l.Exec(ctx, "node/"+node, append([]string{"sh", "-c", script, "sh"}, args...), lab.Stdio{Out: a.log, Err: a.log})
		fmt.Fprintf(a.log, "ended: %v\n", err)
	}()
}

// confined is how a shell becomes the program that its arguments name, with no more rights than it is to have: these two capabilities,
// and nothing to write to but its state; not even /proc/sys, as in a container. The machine of package vm lacks the programs for that.
func confined(state string) string {
	if os.Getenv(vm.GuestEnv) == "1" {
		return `exec "$@"`
	}
	return fmt.Sprintf(`exec unshare --mount sh -ec '
for dir in %s /proc/sys; do mount --bind $dir $dir; done
mount -o remount,bind,ro /proc/sys; mount -o remount,bind,ro /
exec setpriv --bounding-set=-all,+net_admin,+net_raw "$@"' sh "$@"`, state)
}

func (f *fleet) pidFile(node string) string { return filepath.Join(f.dir, "state-"+node, "pid") }

// stop tells the agent of a node to end, and waits until it has.
func (f *fleet) stop(t testing.TB, node string) {
	t.Helper()
	status, err := f.l.Exec(t.Context(), "node/"+node, []string{"sh", "-c", "kill -TERM $(cat " + f.pidFile(node) + ")"}, lab.Stdio{})
	require.NoError(t, err)
	require.Zero(t, status)
	<-f.agents[node].done
}

// patience is how long anything may take on a machine that is busy with other tests.
const patience = time.Minute

// awaitHolders waits until an address is held by exactly these nodes, of those that are asked; none asks all.
func (f *fleet) awaitHolders(t testing.TB, addr string, want []string, of ...string) {
	t.Helper()
	if len(of) == 0 {
		of = f.names()
	}
	var got []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(pollEvery()) {
		got = slices.DeleteFunc(holders(t, f.l, addr), func(n string) bool { return !slices.Contains(of, n) })
		if slices.Equal(got, want) {
			return
		}
	}
	t.Fatalf("%s is held by %v, want %v", addr, got, want)
}

// pollEvery leaves agents time to work where asking takes as long as their work: in the machine of package vm.
func pollEvery() time.Duration {
	if os.Getenv(vm.GuestEnv) == "1" {
		return time.Second
	}
	return 10 * time.Millisecond
}

// dialled is a connection attempt: when it began, when it was over, and as whom the responder saw it, or "nobody".
type dialled struct {
	from, to time.Time
	seen     string
}

// dials makes connections to the host outside one after the other, from a pod.
type dials struct{ r *running }

func startDials(t testing.TB, l *lab.Lab, pod string) *dials {
	return &dials{r: run(t, l, pod, "dials", outside4+":80")}
}

// requireSeen wants a connection to be seen as wanted or not at all.
func (d *dials) requireSeen(t testing.TB, got dialled, seen string) {
	t.Helper()
	require.Contains(t, []string{seen, "nobody"}, got.seen)
}

func (d *dials) next(t testing.TB) dialled {
	t.Helper()
	line, err := d.r.out.ReadString('\n')
	require.NoError(t, err, line)
	var from, to int64
	var out dialled
	_, err = fmt.Sscan(line, &from, &to, &out.seen)
	require.NoError(t, err, line)
	out.from, out.to = time.UnixMicro(from), time.UnixMicro(to)
	return out
}

// await returns the first connection, of those that began after a time, that is seen as wanted. Until then none may be seen as somebody
// else.
func (d *dials) await(t testing.TB, after time.Time, seen string) dialled {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		got := d.next(t)
		d.requireSeen(t, got, seen)
		if got.from.After(after) && got.seen == seen {
			return got
		}
		require.True(t, time.Now().Before(deadline), "no connection comes about")
	}
}

// gaps measures how long connections fail.
type gaps map[string][]time.Duration

func (g gaps) add(what string, from, to time.Time) {
	g[what] = append(g[what], to.Sub(from).Round(time.Millisecond))
}

func (g gaps) log(t testing.TB) {
	var names []string
	for name := range g {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		slices.Sort(g[name])
		t.Logf("%s: %v", name, g[name])
	}
}

// TestEgressOutlivesNodes runs agents on all nodes. When the node that holds an address loses its power, or its agent is killed, another
// one holds the address and new connections come about; when it is back, so is the address, and no two nodes keep it. Connections
// through other nodes lose nothing by any of that.
func TestEgressOutlivesNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	for _, target := range []lab.Target{lab.NFTables, lab.OpenFlow} {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			files := egressFiles(target)
			r := egressCluster(t, files)
			l := egressLab(t, r, target)
			f := startFleet(t, l, program, target, files...)
			looks := appearances()
			if !hasVLAN(r) {
				looks["vlan"] = [2]string{}
			}
			for _, h := range r.Program.Holdings {
				if h.Node != "" {
					f.awaitHolders(t, h.Addr.String(), []string{h.Node})
				}
			}
			f.awaitRules(t)
			requireLeavings(t, l, leavings(l, looks))
			s := &siege{fleet: f, addr: "192.168.20.100", holder: "n3", next: "n1", dials: startDials(t, l, "pod/app/one-2"), gaps: gaps{}}
			s.streams = startStreams(t, l, "plain-1", "plain-2", "two-1", "two-2") // not through n3
			s.all(t)
			requireLeavingsSoon(t, l, leavings(l, looks))
			s.gaps.log(t)
		})
	}
}

// awaitRules waits until every agent has loaded everything.
func (f *fleet) awaitRules(t testing.TB) {
	t.Helper()
	for _, name := range f.names() {
		require.Eventually(t, func() bool { return strings.Contains(f.agents[name].log.String(), "rules in force") }, patience, 10*time.Millisecond)
	}
}

// siege does things to the node that holds an address, or to its agent.
type siege struct {
	*fleet
	addr    string
	holder  string
	next    string // holds the address while holder is not there
	dials   *dials // of a pod that leaves by the address, on neither of the two
	streams streams
	gaps    gaps
}

func (s *siege) all(t testing.TB) {
	const rounds = 2
	s.dials.await(t, time.Time{}, s.addr)
	for round := range rounds {
		s.loses(t, lab.Faults{Off: []string{"node/" + s.holder}}, alone, "the holder has no power", "the holder has power again")
		s.streams.living(t, fmt.Sprint("power ", round))
	}
	s.loses(t, lab.Faults{Apart: []string{"node/" + s.holder}}, alone, "the holder is apart", "the holder is there again")
	s.streams.living(t, "apart")
	// The others miss it, and it misses nobody: it must have the neighbours told all the same.
	s.loses(t, lab.Faults{Off: []string{"node/" + s.holder}}, 0, "the holder has no power for a moment", "the moment has passed")
	s.streams.living(t, "a moment")
	s.killed(t)
	s.streams.living(t, "killed")
	s.restarted(t)
	s.streams.living(t, "restarted")
}

// others are all nodes but the holder.
func (s *siege) others() []string {
	return slices.DeleteFunc(s.names(), func(n string) bool { return n == s.holder })
}

// alone is how long the holder is away for it to miss the others.
const alone = 4 * time.Second

// loses has the underlay lose the holder for a time at least, and get it back.
func (s *siege) loses(t testing.TB, faults lab.Faults, away time.Duration, lost, back string) {
	t.Helper()
	require.NoError(t, s.l.Inflict(t.Context(), faults))
	at := time.Now()
	s.gaps.add(lost, at, s.dials.await(t, at, s.addr).to)
	s.awaitHolders(t, s.addr, []string{s.next}, s.others()...)
	s.dials.await(t, at.Add(away), s.addr)
	require.NoError(t, s.l.Inflict(t.Context(), lab.Faults{}))
	s.returns(t, back)
}

// returns waits until the holder has its address back, alone, and connections come about.
func (s *siege) returns(t testing.TB, back string) {
	t.Helper()
	at := time.Now()
	s.awaitHolders(t, s.addr, []string{s.holder})
	s.gaps.add(back+", until the address is there alone", at, time.Now())
	s.gaps.add(back+", silence", time.Time{}, time.Time{}.Add(s.silence(t)))
}

// silence returns the longest time in which no connection came about, of those that had begun by now.
func (s *siege) silence(t testing.TB) time.Duration {
	t.Helper()
	now, worst := time.Now(), time.Duration(0)
	var since time.Time
	for {
		got := s.dials.next(t)
		s.dials.requireSeen(t, got, s.addr)
		if got.seen == s.addr {
			if !since.IsZero() {
				worst = max(worst, got.to.Sub(since))
			}
			since = time.Time{}
			if got.from.After(now) {
				return worst
			}
		} else if since.IsZero() {
			since = got.from
		}
		require.Less(t, got.from.Sub(now), patience, "no connection comes about")
	}
}

// killed kills the holder's agent: the node goes on to have the address for a moment, and then no more.
func (s *siege) killed(t testing.TB) {
	t.Helper()
	s.agents[s.holder].kill()
	at := time.Now()
	s.awaitHolders(t, s.addr, []string{s.next})
	s.gaps.add("the holder's agent is killed, until the next one alone has the address", at, time.Now())
	s.gaps.add("the holder's agent is killed, silence", time.Time{}, time.Time{}.Add(s.silence(t)))
	s.start(s.holder)
	s.returns(t, "the holder's agent is back")
}

// restarted restarts all agents one after the other, twice: the address does not move for long. The second time the host outside has
// got a wrong idea of who has it.
func (s *siege) restarted(t testing.TB) {
	t.Helper()
	for _, misled := range []string{"", ", and the host outside is misled"} {
		if misled != "" {
			s.misled(t)
		}
		for _, name := range s.names() {
			s.stop(t, name)
			s.start(name)
		}
		s.returns(t, "all agents were restarted"+misled)
	}
}

// misled has the host outside think that the other node has the address, as if it had missed what the holder said last. It stays
// with that until somebody tells otherwise.
func (s *siege) misled(t testing.TB) {
	t.Helper()
	next := s.l.Spec().Nodes[slices.IndexFunc(s.l.Spec().Nodes, func(n lab.Node) bool { return n.Name == s.next })]
	const script = `set -e
for f in /proc/sys/net/ipv4/neigh/*/base_reachable_time_ms; do echo 3600000 >$f; done
mac=$(ip neigh show to $2 | sed 's/.*lladdr \([^ ]*\).*/\1/')
ip neigh replace $1 dev $(ip -o neigh show to $1 | sed 's/.*dev \([^ ]*\).*/\1/') lladdr $mac nud reachable`
	var text bytes.Buffer
	status, err := s.l.Exec(t.Context(), "host/outside", []string{"sh", "-c", script, "sh", s.addr, next.Addrs[0].String()}, lab.Stdio{Out: &text, Err: &text})
	require.NoError(t, err)
	require.Zero(t, status, text.String())
}

// vlanTargets are those that can have VLANs here: the machine of package vm has a kernel that can.
func vlanTargets() []lab.Target {
	if os.Getenv(vm.GuestEnv) == "1" {
		return []lab.Target{lab.NFTables}
	}
	return []lab.Target{lab.OpenFlow}
}

// yelb is a cluster with a pod whose partner knows it by an address of VLAN 181, and how it is run.
type yelb struct {
	target  lab.Target
	file    string
	options []string      // of agents
	away    time.Duration // how long the holder is away for it to miss the others
}

// yelbs are those that can be had here. The machine of package vm has a kernel with VLANs, and is slow: two nodes, which ask less often
// whether the others are there.
func yelbs() []yelb {
	if os.Getenv(vm.GuestEnv) == "1" {
		return []yelb{{lab.NFTables, "testdata/egress-tagged.yaml", []string{"--gossip-interval=1s"}, 12 * time.Second}}
	}
	return []yelb{{lab.OpenFlow, "testdata/egress-yelb.yaml", nil, alone}, {lab.OpenFlow, "testdata/egress-tagged.yaml", nil, alone}}
}

// TestEgressOfYelb: the address of VLAN 181 is held by the node that the Egress's status names; what leaves by it has the VLAN's tag, and
// takes its gateway; it moves when that node has no power, and back.
func TestEgressOfYelb(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const addr, holder, pod = "172.18.181.40", "k8s-node-vm-2-cl-02", "pod/egress/ubuntu-20-04-59d474f9df-dv9ms"
	program := builtProgram(t)
	for _, y := range yelbs() {
		t.Run(fmt.Sprintf("%s of %s", y.target, filepath.Base(y.file)), func(t *testing.T) {
			t.Parallel()
			r := egressCluster(t, []string{y.file})
			require.Equal(t, holder, r.Program.Holder(netip.MustParseAddr(addr)))
			next := egressCluster(t, []string{y.file}, holder).Program.Holder(netip.MustParseAddr(addr))
			l := egressLab(t, r, y.target)
			f := startFleetWith(t, l, program, y.target, y.options, y.file)
			f.awaitRules(t)
			f.awaitHolders(t, addr, []string{holder})
			requireTaggedWay(t, l, y.target, holder, pod, addr)
			requireYelbLeaves(t, l, r.Program, pod, addr)
			s := &siege{fleet: f, addr: addr, holder: holder, next: next, dials: startDials(t, l, pod), gaps: gaps{}}
			s.loses(t, lab.Faults{Off: []string{"node/" + holder}}, y.away, "the holder has no power", "the holder has power again")
			requireTaggedWay(t, l, y.target, holder, pod, addr)
			requireYelbLeaves(t, l, r.Program, pod, addr)
			s.gaps.log(t)
		})
	}
}

// requireTaggedWay wants what leaves by an address to have its VLAN's tag, and where the node's kernel has VLANs, to go there by routes of its own.
func requireTaggedWay(t testing.TB, l *lab.Lab, target lab.Target, holder, pod, addr string) {
	t.Helper()
	requireTagged(t, l, holder, pod, addr)
	if target == lab.NFTables {
		requireRouted(t, l, holder, addr, "172.18.181.1")
	}
}

// requireYelbLeaves wants one pod to leave by the address, and the others by their nodes'; and the shop to be reached by its own.
func requireYelbLeaves(t testing.TB, l *lab.Lab, p *ir.Program, pod, addr string) {
	t.Helper()
	spec := l.Spec()
	for i := range spec.Pods {
		from := &spec.Pods[i]
		node := spec.Nodes[slices.IndexFunc(spec.Nodes, func(n lab.Node) bool { return n.Name == from.Node })]
		want := map[bool]string{true: addr, false: node.Addrs[0].String()}[from.Where() == pod]
		got, err := l.Probe(t.Context(), []lab.ProbeRequest{{From: from.Where(), To: netip.MustParseAddr(outside4), Port: lab.Port{Proto: lab.TCP, Port: 80}}})
		require.NoError(t, err)
		require.Equal(t, lab.Allow, got[0].Verdict, "%s: %+v", from.Where(), got[0])
		require.Equal(t, want, got[0].Seen.Addr().String(), from.Where())
	}
	got, err := l.Probe(t.Context(), []lab.ProbeRequest{{From: "host/outside", To: netip.MustParseAddr("10.169.1.40"), Port: lab.Port{Proto: lab.TCP, Port: 80}}})
	require.NoError(t, err)
	require.Equal(t, lab.Allow, got[0].Verdict, "%+v; held by %s", got[0], cmp.Or(p.Holder(netip.MustParseAddr("10.169.1.40")), "nobody"))
}
