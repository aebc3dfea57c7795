package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/names"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	dataplanes "github.com/headgate-net/headgate/targets"
)

// enforceHere (TARGET) is an agent of the node that it is started on, for the placed Pipeline that it reads from its standard input. It
// says when the rules are loaded, and goes on until it is killed.
func enforceHere(args []string) error {
	ctx := context.Background()
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	p, err := ir.ParsePipeline(string(text))
	if err != nil {
		return err
	}
	target, ok := dataplanes.Lookup(args[0])
	if !ok {
		return errors.New(args[0])
	}
	planes := []agent.Plane{{Dataplane: nft.Current(), Target: string(lab.NFTables)}}
	if lab.Target(args[0]) == lab.OpenFlow {
		bridge, _, err := ovs.Open(ctx, ovs.Options{Node: p.Node, DBSocket: filepath.Join(os.Getenv("OVS_RUNDIR"), "db.sock"), Bridge: "br-int"})
		if err != nil {
			return err
		}
		planes = append(planes, agent.Plane{Dataplane: bridge, Target: target.Name})
	}
	node := agent.NewNode(agent.Options{Target: target, Planes: planes, Names: names.New(names.Options{})})
	if _, err := node.Load(ctx, p, nil); err != nil {
		return err
	}
	fmt.Println("loaded")
	node.Run(ctx)
	return nil
}

// TestAgentIsKilled: what an agent has loaded holds without it, and names can be looked up again soon, though not be learned. Its
// successor learns.
func TestAgentIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			r := compileDir(t, "testdata/names.yaml")
			l := namesLab(t, r, target)
			require.Equal(t, "n1", r.Placed[0].Node)
			start := func() *running {
				a := run(t, l, "node/n1", "agent", string(target))
				_, err := io.WriteString(a.in, r.Placed[0].String())
				require.NoError(t, err)
				require.NoError(t, a.in.Close())
				a.await(t, "loaded")
				return a
			}
			const client, free = "pod/app/client", "pod/app/free"
			server, port := indexed(1, true).String(), service(lab.TCP)
			first := start()
			require.Eventually(t, func() bool {
				return resolves(t, l, client, server, "plain-600-77."+zone) && probeOnce(t, l, client, indexed(77, true), port) == lab.Allow
			}, time.Minute, time.Millisecond, "it watches")
			first.kill()
			require.Eventually(t, func() bool { return resolves(t, l, client, server, "plain-600-78."+zone) }, time.Minute, time.Millisecond)
			require.Eventually(t, func() bool { return resolves(t, l, client, server, "tcp-600-79."+zone) }, time.Minute, time.Millisecond)
			requireProbe(t, l, lab.Allow, client, indexed(77, true), port)
			requireProbe(t, l, lab.Drop, client, indexed(78, true), port)
			requireProbe(t, l, lab.Drop, client, indexed(79, true), port)
			requireProbe(t, l, lab.Allow, free, indexed(78, true), port)
			start()
			require.Eventually(t, func() bool {
				return resolves(t, l, client, server, "plain-600-78."+zone) && probeOnce(t, l, client, indexed(78, true), port) == lab.Allow
			}, time.Minute, time.Millisecond, "the next one watches")
		})
	}
}
