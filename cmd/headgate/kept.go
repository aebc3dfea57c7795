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
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
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
//
// and then has the Pipeline as text. It is replaced whole, after it has reached the disk. One that is not as it was written is refused.

// kept is what the file holds.
type kept struct {
	agent.Generation
	pipeline *ir.Pipeline
}

const (
	keptForm   = "headgate generation 1\n"
	keptNumber = "number %d\nhash %s\n"
)

func keptPath(stateDir, target string) string {
	return filepath.Join(stateDir, "applied-"+target+".ir")
}

// remember keeps what was loaded.
func remember(stateDir, target string, k kept) error {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return err
	}
	body := fmt.Sprintf(keptNumber, k.Number, k.Hash) + k.pipeline.String()
	return replaceFile(keptPath(stateDir, target), func(f *os.File) error {
		_, err := fmt.Fprintf(f, "%ssha256 %x\n%s", keptForm, sha256.Sum256([]byte(body)), body)
		return err
	})
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
	k.pipeline, err = ir.ParsePipeline(strings.SplitAfterN(string(body), "\n", 3)[2])
	return k, err
}

// recallLast finds the generation that an agent goes on from. Its Pipeline is nil if there is none that can be used.
func (o *agentOptions) recallLast(log *slog.Logger) kept {
	k, err := recall(o.stateDir, o.host.target)
	if err == nil && k.pipeline.Node != o.host.node {
		err = fmt.Errorf("%s: it is of the node %q", keptPath(o.stateDir, o.host.target), k.pipeline.Node)
		k.pipeline = nil
	}
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
		f.takeUp(ctx, "there are no rules")
	}
	if !f.closed || f.node.Pipeline() != nil || ir.IsMachine(f.host.node) {
		return
	}
	closed, err := f.node.Close(ctx)
	switch {
	case err != nil:
		f.fail("what pods send and get could not be cut off; until the first rules are in force it passes", needsRoot(err))
	case closed:
		f.log.Warn("until the first rules are in force, what pods send and get is dropped")
	}
}

// takeUp loads the last good generation if nothing was loaded yet, once.
func (f *follower) takeUp(ctx context.Context, why string) {
	last := f.last
	f.last = nil
	if last == nil || f.node.Pipeline() != nil {
		return
	}
	p, _, err := f.host.served(ctx, last)
	var results []agent.Loaded
	if err == nil {
		results, err = f.node.Load(ctx, p, nil)
	}
	if err != nil {
		f.fail("the last good generation could not be loaded", needsRoot(err))
		return
	}
	now := f.node.Generation()
	f.state.inForce(now, p, results, 0)
	f.state.stuck("the last good generation is in force until there is a newer one: " + why)
	f.log.Warn("the last good generation is in force until there is a newer one", "because", why, "number", now.Number, "hash", now.Hash)
}
