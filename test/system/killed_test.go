package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	dataplanes "github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// alternate (TARGET what) reads the placed Pipelines of two generations from its standard input, with a line "---" between them. What is
// "load": it loads one after the other, until it is killed, and says when the first one is in force. What is "tell": it says which of
// them the dataplane holds, "neither" if it is neither of them exactly.
func alternate(args []string) error {
	ctx := context.Background()
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	target, ok := dataplanes.Lookup(args[0])
	if !ok {
		return errors.New(args[0])
	}
	var both [2]*ir.Pipeline
	one, two, _ := strings.Cut(string(text), "---\n")
	for i, t := range []string{one, two} {
		if both[i], err = ir.ParsePipeline(t); err != nil {
			return err
		}
	}
	plane := agent.Plane{Dataplane: nft.Current(), Target: target.Name}
	if lab.Target(args[0]) == lab.OpenFlow {
		plane.Dataplane, _, err = ovs.Open(ctx, ovs.Options{Node: both[0].Node, DBSocket: filepath.Join(os.Getenv("OVS_RUNDIR"), "db.sock"), Bridge: "br-int"})
		if err != nil {
			return err
		}
	}
	if args[1] == "tell" {
		return tellWhich(ctx, plane, target, both)
	}
	node := agent.NewNode(agent.Options{Target: target, Planes: []agent.Plane{plane}})
	for i := 0; ; i++ {
		if _, err := node.Load(ctx, both[i%2], nil); err != nil {
			return err
		}
		if i == 0 {
			fmt.Println("loaded")
		}
	}
}

func tellWhich(ctx context.Context, plane agent.Plane, target dataplanes.Target, both [2]*ir.Pipeline) error {
	for i, p := range both {
		// A dataplane that has just been opened holds flows back whose ports it does not know yet, which the first look shows as missing.
		state, err := plane.Observe(ctx)
		if err != nil {
			return err
		}
		want := target.Generate(p, &diag.Report{})
		if state.Generation == artifact.Generation(want) && artifact.Diff(state.Artifact, want).IsEmpty() {
			fmt.Println([]string{"one", "two"}[i])
			return nil
		}
	}
	fmt.Println("neither")
	return nil
}

// wide is the cluster lone with a policy of many blocks of addresses, other ones for each number.
func wide(number int) string {
	var b strings.Builder
	b.WriteString(lone + "- apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n  metadata: {name: wide, namespace: a}\n  spec:\n    podSelector: {}\n    ingress:\n")
	for i := range 400 {
		fmt.Fprintf(&b, "    - {from: [{ipBlock: {cidr: 172.%d.%d.%d/32}}], ports: [{port: %d}]}\n", 16+number, i/250, i%250, 1000+i%7+number)
	}
	return b.String()
}

// TestKilledInTheMiddle kills what loads one generation after the other, again and again: the dataplane has one of both, never a mixture, and
// whoever may connect by neither never can.
func TestKilledInTheMiddle(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const rounds = 12
	var report diag.Report
	var texts [2]string
	for i := range texts {
		texts[i] = compileObjects(t, manifest.Parse("wide.yaml", []byte(wide(i)), &report), &report).Placed[0].String()
	}
	r := compileObjects(t, manifest.Parse("lone.yaml", []byte(lone), &report), &report)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := up(t, r, target)
			random := rand.New(rand.NewPCG(1, 2))
			seen := map[string]int{}
			start := func(what string) *running {
				a := run(t, l, "node/n1", "alternate", string(target), what)
				_, err := io.WriteString(a.in, strings.Join(texts[:], "---\n"))
				require.NoError(t, err)
				require.NoError(t, a.in.Close())
				return a
			}
			var tried atomic.Int64
			done := make(chan struct{})
			var group sync.WaitGroup
			defer group.Wait()
			defer close(done)
			for round := range rounds {
				loader := start("load")
				loader.await(t, "loaded")
				if round == 0 {
					group.Go(func() { never(t, l, "pod/a/stranger", l.Spec().Pods[1].Addrs[0], &tried, done) })
				}
				time.Sleep(time.Duration(random.IntN(60_000)) * time.Microsecond)
				loader.kill()
				line, err := start("tell").out.ReadString('\n')
				require.NoError(t, err, line)
				require.Contains(t, []string{"one\n", "two\n"}, line, "round %d", round)
				seen[strings.TrimSpace(line)]++
			}
			t.Log(seen, tried.Load())
			require.Eventually(t, func() bool { return tried.Load() > 0 }, patience, 10*time.Millisecond)
			require.Len(t, seen, 2, "both are met, or nothing was ever under way")
		})
	}
}
