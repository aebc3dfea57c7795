package kubeproxy

import (
	"context"
	"fmt"
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
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// TestSameAsKubeProxy dials everything there is, from everywhere, through kube-proxy's rules and through headgate's.
func TestSameAsKubeProxy(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	Program(t)
	t.Run("everything", func(t *testing.T) {
		t.Parallel()
		c := compile(t, everything())
		c.compare(t)
	})
}

// compare judges every call twice, against what is expected of each side.
func (c *cluster) compare(t *testing.T) {
	sides := c.placed.Evaluator()
	proxied, proxyAt := c.build(t)
	feed, addr := NewFeedOn(proxied.Node)
	c.feed(t, feed)
	proxy := Start(proxied.Node, addr, nodeName, clusterCIDR, "1s")
	gated, gateAt := c.build(t)
	report := &diag.Report{}
	load(t, gated.Node, nft.Generate(c.placed, report))
	require.False(t, report.HasErrors(), "%v", report)
	proxy.WaitFull()

	clients := slices.SortedFunc(maps.Keys(proxyAt), netip.Addr.Compare)
	all := calls(c.program, c.node, clients)
	all = slices.DeleteFunc(all, func(call Call) bool { return sides.SideOf(call.From) > ir.OwnNode && c.serves(call) })
	require.NotEmpty(t, all)
	expectProxy := func(call Call) Seen {
		return call.expect(call.asKubeProxy(c.program, c.node, sides.SideOf(call.From), isPod(call.From)), c.node)
	}
	expectGate := func(call Call) Seen {
		return call.expect(sides.Dial(sides.SideOf(call.From), call.Packet()), c.node)
	}
	var same, served int
	for _, call := range all {
		if want := expectGate(call); want.String() == expectProxy(call).String() {
			same++
		}
		if len(expectGate(call).Backends) > 0 {
			served++
		}
	}
	t.Logf("%d calls, %d of them served; the same is expected of both for %d", len(all), served, same)
	unlike := lookAll(all, proxyAt, expectProxy)
	require.Empty(t, unlike, "kube-proxy is not as expected, %d of %d times:\n%s", len(unlike), len(all), strings.Join(unlike, "\n"))
	unlike = lookAll(all, gateAt, expectGate)
	require.Empty(t, unlike, "headgate is not as expected, %d of %d times:\n%s", len(unlike), len(all), strings.Join(unlike, "\n"))
}

// serves reports whether a client may be a backend of what it dials.
func (c *cluster) serves(call Call) bool {
	for _, s := range c.program.Services {
		for i := range s.Ports {
			isClient := func(b ir.Backend) bool { return b.Addr == call.From }
			if s.String() == call.Service && slices.ContainsFunc(s.Ports[i].Backends, isClient) {
				return true
			}
		}
	}
	return false
}

func load(t testing.TB, node *Place, want artifact.Artifact) *runtimenft.Dataplane {
	d := runtimenft.InNetNS(node.FD())
	t.Cleanup(func() { d.Close() })
	state, err := d.Observe(context.Background())
	require.NoError(t, err)
	require.NoError(t, d.Apply(context.Background(), state, artifact.Diff(state.Artifact, want)))
	return d
}

// lookAll makes the calls, those of each client one after the other, and returns what was not as expected.
func lookAll(all []Call, at map[netip.Addr]*Place, expected func(Call) Seen) []string {
	const enough, briefly, enoughWrong = 5 * time.Second, 200 * time.Millisecond, 8
	byClient := map[netip.Addr][]Call{}
	for _, c := range all {
		byClient[c.From] = append(byClient[c.From], c)
	}
	var mu sync.Mutex
	var unlike []string
	var wait sync.WaitGroup
	for client, list := range byClient {
		wait.Go(func() {
			wrong := 0
			for _, c := range list {
				if wrong == enoughWrong {
					return
				}
				want := expected(c)
				patience := enough
				if len(want.Backends) == 0 && !want.Refused {
					patience = briefly
				}
				got, err := at[client].Look(c.Proto, c.From, c.To, want, patience)
				if err == nil && got.meets(want) {
					continue
				}
				wrong++
				mu.Lock()
				unlike = append(unlike, fmt.Sprintf("%s %s, %s %s -> %s: %s, not %s%s", c.Service, c.Way, c.Proto, c.From, c.To, got, want, errText(err)))
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	slices.Sort(unlike)
	return unlike
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}
