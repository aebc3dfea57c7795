package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
)

// # The last good generation
//
// What was loaded last is kept in the state directory: for the next agent, which may find nothing usable where its manifests come from, for
// `headgate stats`, and for a rollback by `headgate apply`. The file begins with lines of their own:
//
//	headgate generation 1       the form of the file
//	sha256 HEX                  of all that follows this line
//	number 42                   see agent.Generation
//	hash 0123456789abcdef
//	missed n3 n4                the nodes that were not alive when it was compiled, if there were any
//
// and then has the Pipeline as text. It is replaced whole, after it has reached the disk. One that is not as it was written is refused. An
// agent writes it in the background, see keeper.

// kept is what the file holds.
type kept struct {
	agent.Generation
	pipeline *ir.Pipeline
	missed   []string
}

const (
	keptForm   = "headgate generation 1\n"
	keptNumber = "number %d\nhash %s\n"
	keptMissed = "missed "
)

func keptPath(stateDir, target string) string {
	return filepath.Join(stateDir, "applied-"+target+".ir")
}

// remember keeps what was loaded.
func remember(stateDir, target string, k kept) error {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return err
	}
	body := fmt.Sprintf(keptNumber, k.Number, k.Hash)
	if len(k.missed) > 0 {
		body += keptMissed + strings.Join(k.missed, " ") + "\n"
	}
	body += k.pipeline.String()
	return replaceFile(keptPath(stateDir, target), func(f *os.File) error {
		_, err := fmt.Fprintf(f, "%ssha256 %x\n%s", keptForm, sha256.Sum256([]byte(body)), body)
		return err
	})
}

// keepEvery is how long a keeper rests after a generation: while others follow fast, what an agent loses by being killed is at most what it
// loaded in that time. To write all of them down would cost more than to compile and to load them, on large nodes.
const keepEvery = time.Second

// keepAgain is how long a keeper waits before it tries again what could not be kept, unless there is a newer generation.
const keepAgain = 10 * time.Second

// keeper remembers what an agent loads, in the background: the newest generation, where several have come meanwhile.
type keeper struct {
	stateDir, target string
	log              *slog.Logger
	once             bool          // log the same error once, until something can be kept
	wake             chan struct{} // has a value when there is a newer generation

	mu     sync.Mutex
	newest *kept // that is not on disk; nil: none

	told string // the last error, and of which generation; only for whoever writes
}

func newKeeper(o *agentOptions, log *slog.Logger, once bool) *keeper {
	return &keeper{stateDir: o.stateDir, target: o.host.target, log: log, once: once, wake: make(chan struct{}, 1)}
}

// keep has a generation written down soon. It waits for nothing.
func (k *keeper) keep(g kept) {
	k.mu.Lock()
	k.newest = &g
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// start has the keeper work until the function that it returns is called, which returns when the newest generation is on disk, or cannot be.
func (k *keeper) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { k.run(ctx) })
	return func() {
		cancel()
		work.Wait()
		k.write()
	}
}

func (k *keeper) run(ctx context.Context) {
	again := time.NewTimer(keepAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		case <-again.C:
		}
		k.write()
		again.Reset(keepAgain)
		rest := time.NewTimer(keepEvery)
		select {
		case <-ctx.Done():
		case <-rest.C:
		}
		rest.Stop()
	}
}

// write writes down the newest generation, if that is not on disk. It is not called twice at a time.
func (k *keeper) write() {
	k.mu.Lock()
	g := k.newest
	k.newest = nil
	k.mu.Unlock()
	if g == nil {
		return
	}
	err := remember(k.stateDir, k.target, *g)
	if err == nil {
		k.told = ""
		return
	}
	k.mu.Lock()
	if k.newest == nil {
		k.newest = g
	}
	k.mu.Unlock()
	told := err.Error()
	if !k.once {
		told += fmt.Sprint(g.Number)
	}
	if told != k.told {
		k.told = told
		k.log.Error("what is loaded could not be kept: 'headgate stats' needs -f, and the next agent may find an older generation", "error", err)
	}
}

// recall returns what was loaded last for a target.
func recall(stateDir, target string) (kept, error) {
	path := keptPath(stateDir, target)
	text, err := os.ReadFile(path)
	if err != nil {
		return kept{}, err
	}
	k, err := parseKept(text)
	if err != nil {
		return kept{}, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

func parseKept(text []byte) (k kept, err error) {
	rest, known := bytes.CutPrefix(text, []byte(keptForm))
	if !known {
		return k, errors.New("it was written by another version of headgate, or by something else")
	}
	head, body, _ := bytes.Cut(rest, []byte("\n"))
	if sum := sha256.Sum256(body); string(head) != "sha256 "+hex.EncodeToString(sum[:]) {
		return k, errors.New("it is not as it was written: the checksum is wrong")
	}
	if _, err := fmt.Sscanf(string(body), keptNumber, &k.Number, &k.Hash); err != nil {
		return k, err
	}
	printed := strings.SplitAfterN(string(body), "\n", 3)[2]
	if missed, ok := strings.CutPrefix(printed, keptMissed); ok {
		missed, printed, _ = strings.Cut(missed, "\n")
		k.missed = strings.Fields(missed)
	}
	k.pipeline, err = ir.ParsePipeline(printed)
	return k, err
}

// recallLast finds the generation that an agent goes on from. Its Pipeline is nil if there is none that can be used.
func (o *agentOptions) recallLast(log *slog.Logger) kept {
	k, err := recall(o.stateDir, o.host.target)
	if err == nil && k.pipeline.Node != o.host.node {
		err = fmt.Errorf("%s: it is of the node %q", keptPath(o.stateDir, o.host.target), k.pipeline.Node)
		k.pipeline = nil
	}
	o.missedLast = k.missed
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("the last good generation that is kept cannot be used", "error", err)
	}
	return k
}

// begin does what there is to do before the source says anything.
func (f *follower) begin(ctx context.Context) {
	found, err := f.node.Begin(ctx)
	if err != nil {
		f.fail("what is loaded cannot be read", needsRoot(err))
	}
	if err != nil || found != agent.Ruled {
		f.takeUp(ctx, noRules)
	}
	f.open = f.closed && !ir.IsMachine(f.host.node)
	f.shut(ctx)
}

// shut cuts off what pods send and get, if that is asked for and there is nothing else.
func (f *follower) shut(ctx context.Context) {
	if !f.open {
		return
	}
	if f.node.Pipeline() != nil {
		f.open = false
		return
	}
	closed, err := f.node.Close(ctx)
	if err != nil {
		f.retried("what pods send and get could not be cut off; until that can be done, or the first rules are in force, it passes", err)
		return
	}
	f.open = false
	if closed {
		f.log.Warn("until the first rules are in force, what pods send and get is dropped")
	}
}

// retried tells why something cannot be done that is tried again and again: the same reason once.
func (f *follower) retried(message string, err error) {
	if key := fmt.Sprint(message, err); key != f.tried[message] {
		f.tried[message] = key
		f.stuck(message, needsRoot(err))
	}
}

// noRules is why the last good generation is taken up at once.
const noRules = "there are no rules"

// takeUp loads the last good generation if nothing was loaded yet. It is tried again if a dataplane is not there, unless something newer waits for
// that, too; what the others have of it by then stays.
func (f *follower) takeUp(ctx context.Context, why string) {
	last := f.last
	if last == nil || f.node.Pipeline() != nil {
		f.last = nil
		return
	}
	if f.awaited != "" {
		if f.pending != nil && !f.pending.denied {
			return
		}
		why = f.awaited
	}
	p, _, err := f.host.served(ctx, last)
	var results []agent.Loaded
	if err == nil {
		p, err = f.claim(ctx, p, why)
	}
	if err == nil {
		results, err = f.node.Load(ctx, p, nil)
	}
	if err != nil {
		f.awaited = why
		if errors.As(err, new(*agent.RefusedError)) || errors.As(err, new(*agent.InexpressibleError)) {
			f.last = nil
		}
		for _, r := range results {
			if r.Applied && len(r.Artifact.Objects) > 0 {
				f.log.Warn("of the last good generation, this is in force so far", "target", r.Artifact.Target, "generation", artifact.Generation(r.Artifact))
			}
		}
		f.retried("the last good generation could not be loaded", err)
		return
	}
	f.last = nil
	now := f.node.Generation()
	f.state.inForce(now, p, results, 0)
	f.state.stuck("the last good generation is in force until there is a newer one: " + why)
	f.log.Warn("the last good generation is in force until there is a newer one", "because", why, "number", now.Number, "hash", now.Hash)
}

// claim returns what of the last good generation may be loaded. Other nodes may have taken over what addresses it has meanwhile, or have
// given this one what was theirs: it may have them if the nodes that are alive are those of then. Where there are no rules, they are loaded
// before that is known, without such addresses.
func (f *follower) claim(ctx context.Context, p *ir.Pipeline, why string) (*ir.Pipeline, error) {
	rest := agent.Unclaimed(p)
	if f.meet == nil || rest == p {
		return p, nil
	}
	if why == noRules {
		if _, err := f.node.Load(ctx, rest, nil); err != nil {
			return nil, err
		}
	}
	f.meet(ctx, &ir.Program{Nodes: p.Nodes, Holdings: p.Holdings})
	if alive := f.notAlive(); !slices.Equal(alive, f.missedLast) {
		f.log.Warn("the addresses of the last good generation are left to other nodes", "not alive", alive, "then", f.missedLast)
		return rest, nil
	}
	return p, nil
}
