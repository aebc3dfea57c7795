package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/journal"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// lively is a memory whose packets the test sends. Its methods may be called concurrently.
type lively struct {
	mu sync.Mutex
	memory
	observed, learned int
	failLearn         error
	counts            map[ir.RuleID]Count
	watches           chan Listener // receives the listener of each watch
	ended             chan struct{} // receives a value when a watch ends
}

func newLively() *lively {
	return &lively{watches: make(chan Listener), ended: make(chan struct{})}
}

func (l *lively) Observe(ctx context.Context) (State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.observed++
	return l.memory.Observe(ctx)
}

func (l *lively) Apply(ctx context.Context, from State, plan artifact.Plan) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.memory.Apply(ctx, from, plan)
}

func (l *lively) Learn(_ context.Context, plan artifact.Plan) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failLearn != nil {
		return l.failLearn
	}
	l.learned++
	l.holds.Objects = slices.Clone(l.holds.Objects)
	for _, c := range plan.Changes {
		o := &l.holds.Objects[slices.IndexFunc(l.holds.Objects, func(o artifact.Object) bool { return o.Key == c.Key })]
		o.Items = slices.Clone(o.Items)
		for _, e := range c.Edits {
			at, there := slices.BinarySearch(o.Items, e.Text)
			switch {
			case e.Op == artifact.Delete && there:
				o.Items = slices.Delete(o.Items, at, at+1)
			case e.Op == artifact.Add && !there:
				o.Items = slices.Insert(o.Items, at, e.Text)
			default:
				return errors.New("what is learned does not fit")
			}
		}
	}
	return nil
}

func (l *lively) Counts(context.Context) (map[ir.RuleID]Count, error) { return l.counts, nil }

func (l *lively) Watch(ctx context.Context, listener Listener) error {
	select {
	case l.watches <- listener:
		<-ctx.Done()
		l.ended <- struct{}{}
	case <-ctx.Done():
	}
	return nil
}

// items tells what the dataplane holds under a key.
func (l *lively) items(key string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range l.holds.Objects {
		if o.Key == key {
			return o.Items
		}
	}
	return nil
}

func (l *lively) tamper(a artifact.Artifact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holds = a
}

// book is Names that know what the test's packets say: "name address". An address that "expires" does so at once.
type book struct {
	mu     sync.Mutex
	told   []string
	known  map[string]netip.Addr
	expiry time.Time
}

func (b *book) Packet(packet []byte, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	words := strings.Fields(string(packet))
	if !b.matters(words[0]) {
		return false
	}
	addr := netip.MustParseAddr(words[1])
	changed := b.known[words[0]] != addr
	b.known[words[0]] = addr
	if len(words) > 2 {
		b.expiry = now
	}
	return changed
}

func (b *book) matters(name string) bool {
	return slices.ContainsFunc(b.told, func(p string) bool { return ir.MatchesName(p, name) })
}

func (b *book) SetPatterns(patterns []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = patterns
	maps.DeleteFunc(b.known, func(name string, _ netip.Addr) bool { return !b.matters(name) })
}

func (b *book) Known(patterns []string) ir.AddrSet {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []netip.Addr
	for name, a := range b.known {
		if slices.ContainsFunc(patterns, func(p string) bool { return ir.MatchesName(p, name) }) {
			out = append(out, a)
		}
	}
	return ir.AddrSetOf(out...)
}

func (b *book) Next() (time.Time, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.expiry, !b.expiry.IsZero()
}

func (b *book) Expire(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.expiry.IsZero() || now.Before(b.expiry) {
		return false
	}
	clear(b.known)
	b.expiry = time.Time{}
	return true
}

// plain is a target with one volatile object for each set of names, and one lasting object.
func plain(name string) targets.Target {
	volatile := func(p *ir.Pipeline) []artifact.Object {
		var out []artifact.Object
		for _, s := range p.Sets {
			if s.Kind == ir.Names {
				o := artifact.Object{Key: s.Name, Head: "set " + s.Name, Volatile: artifact.VolatileItems}
				addrs, err := s.Addrs.Addrs(10_000)
				if err != nil {
					panic(err)
				}
				for _, a := range addrs {
					o.Items = append(o.Items, a.String())
				}
				slices.Sort(o.Items)
				out = append(out, o)
			}
		}
		return out
	}
	return targets.Target{Name: name, Volatile: volatile, Generate: func(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
		objects := append(volatile(p), artifact.Object{Key: "rules", Head: p.Endpoints[0].Name})
		return artifact.Artifact{Target: name, Node: p.Node, Objects: objects}
	}}
}

func pipeline(t *testing.T, pod, names string) *ir.Pipeline {
	text := `pipeline node=n1
endpoint a/` + pod + ` node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
`
	if names != "" {
		text += `set "` + names + `" names=` + names + ` name=0123456789ab
`
	}
	p, err := ir.ParsePipeline(text)
	require.NoError(t, err)
	return p
}

// running starts a Node and ends it with the test.
func running(t *testing.T, o Options) *Node {
	n := NewNode(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		n.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return n
}

func TestNodeLearnsNamesWithoutLooking(t *testing.T) {
	d, names := newLively(), &book{known: map[string]netip.Addr{}}
	n := running(t, Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Names: names, Check: time.Hour})
	_, err := n.Load(t.Context(), pipeline(t, "web", "*.example.com"), nil)
	require.NoError(t, err)
	l := <-d.watches
	observed := d.observed
	l.Answered([]byte("www.example.com 203.0.113.5"))
	require.Equal(t, []string{"203.0.113.5"}, d.items("0123456789ab"), "when Answered returns, it is there")
	l.Answered([]byte("www.example.com 203.0.113.5"))
	l.Answered([]byte("www.example.org 203.0.113.6"))
	require.Equal(t, 1, d.learned)
	require.Equal(t, observed, d.observed)
	require.Equal(t, "203.0.113.5", n.Pipeline().Sets[0].Addrs.Prefixes()[0].Addr().String())

	// what is known survives another load, which watches on
	results, err := n.Load(t.Context(), pipeline(t, "api", "*.example.com"), nil)
	require.NoError(t, err)
	require.Equal(t, artifact.Summary{ObjectsReplaced: 1}, results[0].Changes)
	require.Equal(t, []string{"203.0.113.5"}, d.items("0123456789ab"))

	// names expire
	l.Answered([]byte("old.example.com 203.0.113.7 expires"))
	require.Eventually(t, func() bool { return len(d.items("0123456789ab")) == 0 }, 10*time.Second, time.Millisecond)

	// without names in the rules nobody watches
	_, err = n.Load(t.Context(), pipeline(t, "api", ""), nil)
	require.NoError(t, err)
	<-d.ended
	go func() {
		n.Load(context.Background(), pipeline(t, "api", "*"), nil)
	}()
	<-d.watches
	go func() { <-d.ended }()
}

func TestNodeLoadsWhatCouldNotBeLearned(t *testing.T) {
	d, names := newLively(), &book{known: map[string]netip.Addr{}}
	var log bytes.Buffer
	n := NewNode(Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Names: names, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, err := n.Load(t.Context(), pipeline(t, "web", "a"), nil)
	require.NoError(t, err)
	d.failLearn = errors.New("no such element")
	(&listener{n, t.Context()}).Answered([]byte("a 203.0.113.5"))
	require.Equal(t, []string{"203.0.113.5"}, d.items("0123456789ab"))
	require.Contains(t, log.String(), "no such element")
}

func TestNodeKeepsTheLastGoodGeneration(t *testing.T) {
	own, pods := newLively(), newLively()
	target := plain("pods")
	target.Own, target.OwnVolatile = plain("own").Generate, plain("own").Volatile
	n := NewNode(Options{Target: target, Planes: []Plane{{Dataplane: own, Target: "own"}, {Dataplane: pods, Target: "pods"}}})
	first, err := n.Load(t.Context(), pipeline(t, "web", ""), nil)
	require.NoError(t, err)
	require.Len(t, first, 2)
	require.Equal(t, "own", first[0].Artifact.Target)

	pods.fail = errors.New("no buffer space available")
	_, err = n.Load(t.Context(), pipeline(t, "api", ""), nil)
	require.EqualError(t, err, "pods: apply: no buffer space available")
	require.Equal(t, first[0].Artifact, own.holds, "a node is not left with parts of two generations")
	require.Equal(t, first[1].Artifact, pods.holds)
	require.Equal(t, "web", n.Pipeline().Endpoints[0].Name)
}

func TestNodeRepairs(t *testing.T) {
	d := newLively()
	var log bytes.Buffer
	changes := make(chan struct{})
	n := running(t, Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t", Changes: changes}}, Check: time.Hour,
		Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, err := n.Load(t.Context(), pipeline(t, "web", ""), nil)
	require.NoError(t, err)
	good := d.holds
	d.tamper(artifact.Artifact{Target: "t"})
	changes <- struct{}{}
	require.Eventually(t, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return artifact.Diff(d.holds, good).IsEmpty()
	}, 10*time.Second, time.Millisecond)
	n.mu.Lock() // repair has said what it did before it lets go
	defer n.mu.Unlock()
	require.Contains(t, log.String(), "changed by somebody else; repaired")
	require.Contains(t, log.String(), `difference="+web\n"`)
}

func TestNodeChecksNowAndThen(t *testing.T) {
	d := newLively()
	n := running(t, Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Check: time.Millisecond})
	_, err := n.Load(t.Context(), pipeline(t, "web", ""), nil)
	require.NoError(t, err)
	for range 3 {
		d.tamper(artifact.Artifact{Target: "t"})
		require.Eventually(t, func() bool {
			d.mu.Lock()
			defer d.mu.Unlock()
			return len(d.holds.Objects) > 0
		}, 10*time.Second, time.Millisecond)
	}
}

// Nothing is lost when everything happens at once; the race detector looks on.
func TestNodeDoesEverythingAtOnce(t *testing.T) {
	d, names := newLively(), &book{known: map[string]netip.Addr{}}
	n := running(t, Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Names: names, Check: time.Millisecond})
	_, err := n.Load(t.Context(), pipeline(t, "web", "*"), nil)
	require.NoError(t, err)
	l := <-d.watches
	go func() { <-d.ended }()
	var group sync.WaitGroup
	for i := range byte(4) {
		group.Go(func() {
			for j := range byte(50) {
				l.Answered([]byte("h" + string('a'+rune(i)) + string('0'+rune(j)) + " " + netip.AddrFrom4([4]byte{203, 0, 113, 50*i + j}).String()))
			}
		})
	}
	group.Go(func() {
		for range 50 {
			_, err := n.Load(context.Background(), pipeline(t, "web", "*"), nil)
			require.NoError(t, err)
			_, err = n.Counts(context.Background())
			require.NoError(t, err)
		}
	})
	group.Wait()
	addrs, err := n.Pipeline().Sets[0].Addrs.Addrs(1000)
	require.NoError(t, err)
	require.Len(t, addrs, 200)
	want, err := n.artifacts(n.Pipeline())
	require.NoError(t, err)
	same, err := n.holds(t.Context(), want)
	require.NoError(t, err)
	require.True(t, same)
}

func TestNodeHandsOnRecords(t *testing.T) {
	var lines bytes.Buffer
	d, j := newLively(), journal.New("n1", &lines, journal.Options{})
	n := running(t, Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Journal: j, Check: time.Hour})
	logging := func(pod, policy, id string) *ir.Pipeline {
		p, err := ir.ParsePipeline(`pipeline node=n1
endpoint a/` + pod + ` node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
list ingress namespace "l" name=0123456789ab endpoints=a/` + pod + `
  drop id=` + id + ` peers=any l4=any log=label:x from="` + policy + `",spec.policyTypes,-
`)
		require.NoError(t, err)
		return p
	}
	_, err := n.Load(t.Context(), logging("web", "NetworkPolicy a/web", "000000000001"), nil)
	require.NoError(t, err)
	l := <-d.watches
	go func() { <-d.ended }()
	// two loads that fail do not make it forget what is in force
	d.fail = errors.New("no")
	for range 2 {
		_, err = n.Load(t.Context(), logging("api", "NetworkPolicy a/other", "000000000002"), nil)
		require.Error(t, err)
	}
	l.Logged(Record{Rule: 1, Time: time.Unix(0, 0)})
	require.NoError(t, j.Flush(time.Unix(10, 0)))
	require.Contains(t, lines.String(), `"policy":"NetworkPolicy a/web"`)
}

// cleaner is a dataplane that is told of changes of Services.
type cleaner struct {
	*lively
	told [][2]int // the numbers of frontends before and after
	fail error
}

func (c *cleaner) Clean(_ context.Context, old, new *ir.Pipeline) error {
	c.told = append(c.told, [2]int{len(old.Frontends), len(new.Frontends)})
	return c.fail
}

func TestNodeCleansUpAfterServices(t *testing.T) {
	c := &cleaner{lively: newLively()}
	n := NewNode(Options{Target: plain("t"), Planes: []Plane{{Dataplane: c, Target: "t"}}})
	load := func(frontends int) error {
		p := pipeline(t, fmt.Sprintf("a-%d", frontends), "")
		p.Frontends = slices.Repeat([]*ir.Frontend{{}}, frontends)
		_, err := n.Load(t.Context(), p, nil)
		return err
	}
	require.NoError(t, load(0))
	require.Empty(t, c.told, "there are no Services")
	require.NoError(t, load(2))
	c.fail = errors.New("no")
	require.NoError(t, load(1), "the rules are in force all the same")
	c.lively.fail = errors.New("refused")
	require.Error(t, load(5))
	require.Equal(t, [][2]int{{0, 2}, {2, 1}}, c.told, "what was not applied leaves nothing behind")
}
