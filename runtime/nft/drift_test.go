package nft_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// TestOthersAreNoticed: what others do to our table is news; what we do is not, however much at once, nor what happens to other tables.
func TestOthersAreNoticed(t *testing.T) {
	n := newNamespace(t)
	_, large := members(t, 5000)
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

	n.Crowd() // more is told now than there is room for
	quiet(func() { n.reconcile(large) })
	n.reconcile(generate(t, p))
	changes, stop, err := n.Follow()
	require.NoError(t, err)
	defer stop()
	fills := "add table ip other; add set ip other s { type inet_service; flags interval; elements = { " + numbers(1, 3000, 2) + " }; }"
	for _, c := range []string{fills + "; delete table ip other", "add chain inet headgate foreign", "flush set inet headgate generation", "flush table inet headgate", "delete table inet headgate",
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

// numbers lists every step-th number.
func numbers(from, to, step int) string {
	var out []string
	for i := from; i < to; i += step {
		out = append(out, strconv.Itoa(i))
	}
	return strings.Join(out, ", ")
}
