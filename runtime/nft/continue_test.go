package nft_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets"
	target "github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// counting counts how often a dataplane is read.
type counting struct {
	*nft.Dataplane
	observed int
}

func (c *counting) Observe(ctx context.Context) (agent.State, error) {
	c.observed++
	return c.Dataplane.Observe(ctx)
}

func newNode(t testing.TB, d agent.Dataplane) *agent.Node {
	plane, ok := targets.Lookup(target.Target)
	require.True(t, ok)
	return agent.NewNode(agent.Options{Target: plane, Planes: []agent.Plane{{Dataplane: d, Target: target.Target}}})
}

// TestContinueLeavesWhatIsWanted loads random sequences of Pipelines, with and without others who change something meanwhile. What the
// kernel holds after each is what is wanted; it is read only when others have changed something, or all was replaced.
func TestContinueLeavesWhatIsWanted(t *testing.T) {
	bySeed(t, 8, func(t *testing.T, seed uint64) {
		n := newNamespace(t)
		d := &counting{Dataplane: n.Dataplane}
		node := newNode(t, d)
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, big())
		nfttest.Services(r, p, 20, nfttest.Families{ir.IPv4})
		others := []string{"", "", "add table inet other", "delete table inet headgate", "flush set inet headgate generation", "add table ip x; delete table ip x"}
		continued := 0
		for step := range 25 {
			other := ""
			if step > 0 {
				if other = others[r.IntN(len(others))]; other != "" {
					n.nft("add table inet other; add table inet headgate; add set inet headgate generation { type ipv6_addr; }; "+other, "-f", "-")
				}
			}
			before := d.observed
			_, err := node.Load(t.Context(), p, nil)
			require.NoError(t, err)
			n.requireHolds(generate(t, p))
			switch {
			case step == 0:
			case other != "":
				require.Greater(t, d.observed, before, "step %d %q", step, other)
			case d.observed == before:
				continued++
			}
			if r.IntN(4) == 0 || len(p.Pools) == 0 {
				p = nfttest.Edit(r, p)
			} else {
				p = nfttest.EditServices(r, p)
			}
		}
		require.Positive(t, continued)
	})
}

// TestOthersAtWork loads while somebody else makes transactions all the time.
func TestOthersAtWork(t *testing.T) {
	n := newNamespace(t)
	node := newNode(t, n.Dataplane)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		for ctx.Err() == nil {
			if out, err := n.run("add table ip other\ndelete table ip other", "nft", "-f", "-"); err != nil {
				done <- fmt.Errorf("%w: %s", err, out)
				return
			}
		}
		done <- nil
	}()
	r := nfttest.Rand(1)
	p := nfttest.Pipeline(r, nfttest.Small())
	nfttest.Services(r, p, 20, nfttest.Families{ir.IPv4})
	for range 30 {
		_, err := node.Load(t.Context(), p, nil)
		require.NoError(t, err)
		n.requireHolds(generate(t, p))
		p = nfttest.EditServices(r, p)
	}
	cancel()
	require.NoError(t, <-done)
}
