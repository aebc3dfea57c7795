package nft_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// namespace is a network namespace of a test.
type namespace struct {
	t    testing.TB
	file *os.File
	*nft.Dataplane
}

func needRoot(t testing.TB) {
	if testing.Short() {
		t.Skip("needs root")
	}
}

func newNamespace(t testing.TB) *namespace {
	needRoot(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	require.NoError(t, err)
	defer own.Close()
	require.NoError(t, unix.Unshare(unix.CLONE_NEWNET))
	file, err := os.Open("/proc/thread-self/ns/net")
	require.NoError(t, err)
	require.NoError(t, unix.Setns(int(own.Fd()), unix.CLONE_NEWNET))
	n := &namespace{t, file, nft.InNetNS(int(file.Fd()))}
	t.Cleanup(func() {
		require.NoError(t, n.Close())
		file.Close()
	})
	return n
}

// run runs a command in the namespace.
func (n *namespace) run(stdin string, name string, args ...string) (string, error) {
	cmd := exec.Command("nsenter", append([]string{"--net=/proc/self/fd/3", name}, args...)...)
	cmd.ExtraFiles = []*os.File{n.file}
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (n *namespace) nft(stdin string, args ...string) string {
	out, err := n.run(stdin, "nft", args...)
	require.NoError(n.t, err, "nft %v: %s\n%s", args, out, stdin)
	return out
}

func (n *namespace) observe() agent.State {
	s, err := n.Observe(context.Background())
	require.NoError(n.t, err)
	return s
}

func (n *namespace) reconcile(want artifact.Artifact) agent.Result {
	r, err := agent.Reconcile(context.Background(), n, want)
	require.NoError(n.t, err, "%s", artifact.Text(want))
	return r
}

// list gives what nft prints of the table, with the elements of each set in order.
func (n *namespace) list() string {
	out := unlabelled(n.nft("", "list", "ruleset"))
	out = regexp.MustCompile(`(?s)elements = \{.*?\}`).ReplaceAllStringFunc(out, func(s string) string {
		s = strings.TrimSuffix(strings.TrimPrefix(s, "elements = {"), "}")
		parts := strings.Split(s, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		slices.Sort(parts)
		return "elements = {" + strings.Join(parts, ", ") + "}"
	})
	// The order in which chains and sets were created does not matter.
	blocks := strings.Split(out, "\n\n")
	for i := range blocks {
		blocks[i] = strings.Trim(strings.TrimPrefix(blocks[i], "table inet headgate {"), "\n}\t ")
	}
	blocks = slices.DeleteFunc(blocks, func(b string) bool { return b == "" })
	slices.Sort(blocks)
	return strings.Join(blocks, "\n\n")
}

// loadable is what Script gives, without what counts whole connections: nft 1.0.6 can load sets of labels, but what it has made of them is
// nothing that it can list, and it leaves other sets out, too.
func loadable(a artifact.Artifact) string { return unlabelled(target.Script(a)) }

// unlabelled leaves what counts whole connections out of a script or a listing.
func unlabelled(text string) string {
	text = regexp.MustCompile(`(?s)\n\n?\tset (opened|carried)_[a-z]+ \{.*?\n\t\}\n`).ReplaceAllString(text, "\n")
	return regexp.MustCompile(`(?m)^.*ct label & .*\n`).ReplaceAllString(text, "")
}

// requireSame compares listings line by line, so that a failure shows the first difference only.
func requireSame(t testing.TB, want, got string) {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		require.Equal(t, strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""), strings.Join(g[min(i, len(g)):min(i+1, len(g))], ""))
	}
}

func generate(t testing.TB, p *ir.Pipeline) artifact.Artifact {
	var report diag.Report
	a := target.Generate(p, &report)
	require.Empty(t, report.Findings())
	return a
}

// shape gives every third seed rule lists that are cut into parts.
func shape(seed uint64) nfttest.Shape {
	if seed%3 == 2 {
		return nfttest.Long()
	}
	return big()
}

func big() nfttest.Shape { return nfttest.Shape{Endpoints: 12, Sets: 10, Lists: 4, Rules: 7} }

// requireHolds checks that what is observed is exactly the artifact.
func (n *namespace) requireHolds(want artifact.Artifact) {
	got := n.observe()
	if plan := artifact.Diff(want, got.Artifact); !plan.IsEmpty() {
		n.t.Fatalf("the kernel holds something else:\n%s", plan.Text())
	}
	require.Equal(n.t, artifact.Generation(want), got.Generation)
}

// bySeed runs f for each seed. Most of the time is the kernel's, waiting for its own readers, so several run at once.
func bySeed(t *testing.T, n uint64, f func(t *testing.T, seed uint64)) {
	for seed := range n {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			f(t, seed)
		})
	}
}

func TestObserveReadsWhatNftLoads(t *testing.T) {
	bySeed(t, 30, func(t *testing.T, seed uint64) {
		n := newNamespace(t)
		want := generate(t, nfttest.Pipeline(nfttest.Rand(seed), shape(seed)))
		n.nft(target.Script(want), "-f", "-")
		n.requireHolds(want)
	})
}

func TestApplyLeavesWhatNftLoads(t *testing.T) {
	bySeed(t, 30, func(t *testing.T, seed uint64) {
		want := generate(t, nfttest.Pipeline(nfttest.Rand(seed), shape(seed)))
		byNft, ours := newNamespace(t), newNamespace(t)
		byNft.nft(loadable(want), "-f", "-")
		result := ours.reconcile(want)
		require.True(t, result.Applied)
		requireSame(t, byNft.list(), ours.list())
		again := ours.reconcile(want)
		require.Equal(t, agent.Result{Hash: artifact.Hash(want)}, again)
	})
}

func TestDeltasLeaveWhatFreshLoadLeaves(t *testing.T) {
	needRoot(t)
	var edits atomic.Int64
	t.Cleanup(func() { require.Greater(t, int(edits.Load()), 400) })
	bySeed(t, 12, func(t *testing.T, seed uint64) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, shape(seed))
		n := newNamespace(t)
		if seed%2 == 0 {
			n.nft(loadable(generate(t, p)), "-f", "-")
		} else {
			n.reconcile(generate(t, p))
		}
		for range 12 {
			for range 1 + r.IntN(4) {
				p = nfttest.Edit(r, p)
			}
			want := generate(t, p)
			state := n.observe()
			plan := artifact.Diff(state.Artifact, want)
			edits.Add(int64(len(plan.Changes)))
			require.NoError(t, n.Apply(context.Background(), state, plan), plan.Text())
			n.requireHolds(want)
		}
		fresh := newNamespace(t)
		fresh.nft(loadable(generate(t, p)), "-f", "-")
		requireSame(t, fresh.list(), n.list())
	})
}

func TestApplyEmptyDeletesTable(t *testing.T) {
	n := newNamespace(t)
	n.nft("table inet other { chain x { }\n }\n", "-f", "-")
	before := n.list()
	n.reconcile(generate(t, nfttest.Pipeline(nfttest.Rand(1), big())))
	require.NotEqual(t, before, n.list())
	state := n.observe()
	require.NoError(t, n.Apply(context.Background(), state, artifact.Diff(state.Artifact, artifact.Artifact{Target: target.Target})))
	requireSame(t, before, n.list())
	require.Empty(t, n.observe().Artifact.Objects)
}

// TestRefusedApplyChangesNothing has the kernel refuse one rule amid a plan with all kinds of changes.
func TestRefusedApplyChangesNothing(t *testing.T) {
	needRoot(t)
	var refused atomic.Int64
	t.Cleanup(func() { require.Greater(t, int(refused.Load()), 8) })
	bySeed(t, 20, func(t *testing.T, seed uint64) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, shape(seed))
		n := newNamespace(t)
		n.reconcile(generate(t, p))
		before := n.list()
		for range 6 {
			p = nfttest.Edit(r, p)
		}
		want := generate(t, p)
		rule := spoil(want)
		state := n.observe()
		plan := artifact.Diff(state.Artifact, want)
		err := n.Apply(context.Background(), state, plan)
		if rule == nil || !strings.Contains(plan.Text(), "@missing") {
			return
		}
		refused.Add(1)
		var e *agent.RefusedError
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, unix.ENOENT)
		require.Contains(t, e.Refusals[0].What, "@missing")
		require.Equal(t, rule.Origins, e.Refusals[0].Origins)
		require.Contains(t, err.Error(), rule.Origins[0].String())
		requireSame(t, before, n.list())
	})
}

// spoil makes one rule of a list refer to a set that does not exist.
func spoil(a artifact.Artifact) *target.Rule {
	for _, o := range a.Objects {
		c, ok := o.Value.(*target.Chain)
		if !ok || len(c.Rules) == 0 || c.Source == "" {
			continue
		}
		rule := *c.Rules[len(c.Rules)-1]
		rule.Matches = append(slices.Clone(rule.Matches), target.Match{Fields: []target.Field{target.L4Proto}, Set: "missing"})
		c.Rules[len(c.Rules)-1] = &rule
		o.Items[len(c.Rules)-1] = target.RuleText(&rule)
		return &rule
	}
	return nil
}

func TestDriftIsSeenAndRepaired(t *testing.T) {
	want := generate(t, nfttest.Pipeline(nfttest.Rand(9), big()))
	chain, set := "", ""
	for _, o := range want.Objects {
		if strings.HasPrefix(o.Key, "chain ingress_namespace_") && len(o.Items) > 1 {
			chain = strings.TrimPrefix(o.Key, "chain ")
		}
		if strings.HasPrefix(o.Key, "set s4_") && len(o.Items) > 1 {
			set = strings.TrimPrefix(o.Key, "set ")
		}
	}
	require.NotEmpty(t, chain)
	require.NotEmpty(t, set)
	for name, tamper := range map[string]string{
		"flushed table":       "flush table inet headgate",
		"flushed chain":       "flush chain inet headgate " + chain,
		"deleted table":       "delete table inet headgate",
		"added element":       "add element inet headgate " + set + " { 1.2.3.4 }",
		"flushed set":         "flush set inet headgate " + set,
		"foreign rule":        "insert rule inet headgate " + chain + " accept",
		"foreign counter":     "add rule inet headgate " + chain + " ip saddr 1.2.3.4 counter accept",
		"foreign set in rule": "add rule inet headgate egress ip saddr { 1.2.3.4, 1.2.3.5 } drop",
		"negated match":       "add rule inet headgate egress ip saddr != 1.2.3.4 drop",
		"foreign chain":       "add chain inet headgate mine { type filter hook forward priority -200; policy drop; }",
		"foreign jump":        "add chain inet headgate mine\nadd rule inet headgate mine drop\ninsert rule inet headgate egress jump mine",
		"foreign object":      "add counter inet headgate mine",
		"foreign set":         "add set inet headgate mine { type ether_addr; }",
		"foreign timeout":     "add set inet headgate mine { type ipv4_addr; timeout 1h; }",
		"foreign map":         "add map inet headgate mine { type ipv4_addr : mark; elements = { 1.2.3.4 : 5 }; }",
		"dormant table":       "add table inet headgate { flags dormant; }",
		"comment on element":  "add element inet headgate " + set + " { 1.2.3.4 comment \"x\" }",
		"policy drop":         "chain inet headgate egress_input { policy drop; }",
		"second generation":   "add element inet headgate generation { 1234:: }",
		"other generation":    "flush set inet headgate generation\nadd element inet headgate generation { 1234:5678:9abc:def0:: }",
		"no generation":       "delete set inet headgate generation",
		"foreign generation":  "delete set inet headgate generation\nadd set inet headgate generation { type ether_addr; }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNamespace(t)
			n.reconcile(want)
			clean := n.list()
			n.nft(tamper+"\n", "-f", "-")
			require.NotEqual(t, clean, n.list())
			result := n.reconcile(want)
			require.True(t, result.Applied)
			switch name {
			case "deleted table", "second generation", "no generation", "foreign generation":
			default:
				require.True(t, result.Drifted)
			}
			requireSame(t, clean, n.list())
		})
	}
}

func TestObserveOfNothing(t *testing.T) {
	s := newNamespace(t).observe()
	require.Empty(t, s.Artifact.Objects)
	require.Empty(t, s.Generation)
}

func TestDeltaIsSmall(t *testing.T) {
	n := newNamespace(t)
	p := nfttest.Pipeline(nfttest.Rand(6), big())
	n.reconcile(generate(t, p))
	handles := func() []string {
		return regexp.MustCompile(`# handle \d+`).FindAllString(n.nft("", "-a", "list", "ruleset"), -1)
	}
	before := handles()
	for i := range p.Sets {
		if p.Sets[i].Kind == ir.Members {
			p.Sets[i].Addrs = p.Sets[i].Addrs.Union(ir.AddrSetOf(nfttest.Addr(nfttest.Rand(uint64(i)))))
		}
	}
	result := n.reconcile(generate(t, p))
	require.Greater(t, result.Changes.ItemsAdded, 0)
	common := 0
	for _, h := range handles() {
		if slices.Contains(before, h) {
			common++
		}
	}
	// Rules for sets that were empty before are new; nothing else is.
	require.Equal(t, len(before), common, fmt.Sprint(result.Changes))
}
