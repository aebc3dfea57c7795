package nft_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// TestOthersAreNoticed: what others do to our table is news; what we do is not, however much at once, nor what happens to other tables.
func TestOthersAreNoticed(t *testing.T) {
	n := newNamespace(t)
	_, large := members(t, 200_000) // more than the kernel has room to tell
	p := nfttest.Pipeline(nfttest.Rand(1), big())
	quiet := func(do func()) {
		t.Helper()
		changes, stop, err := n.Follow()
		require.NoError(t, err)
		do()
		stop() // when all was read
		require.Empty(t, changes)
	}
	quiet(func() {
		n.reconcile(generate(t, p))
		n.nft("add table ip other { chain c { accept; }; }; add table ip headgate; flush table ip other; delete table ip headgate", "-f", "-")
		require.NoError(t, n.Close()) // the next socket is ours, too
		n.reconcile(generate(t, nfttest.Pipeline(nfttest.Rand(2), big())))
	})
	quiet(func() { n.reconcile(large) })
	n.reconcile(generate(t, p))

	changes, stop, err := n.Follow()
	require.NoError(t, err)
	defer stop()
	for _, c := range []string{"add chain inet headgate foreign", "flush set inet headgate generation", "flush table inet headgate", "delete table inet headgate",
		"flush ruleset", "table inet headgate { chain x { type filter hook input priority 0; drop; }; }"} {
		n.nft(c, "-f", "-")
		select {
		case <-changes:
		case <-time.After(20 * time.Second):
			require.Fail(t, "no news", c)
		}
		n.reconcile(generate(t, p))
		select {
		case <-changes: // of the same
		default:
		}
	}
}
