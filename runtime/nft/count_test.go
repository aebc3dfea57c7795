package nft

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/runtime/agent"
)

// TestKernelCountsTransactions: a transaction that is to follow another than the last one is refused whole, and who follows the count
// finds out about others.
func TestKernelCountsTransactions(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	runtime.LockOSThread() // until the goroutine ends, and the thread with it
	require.NoError(t, unix.Unshare(unix.CLONE_NEWNET))
	s, err := open(unix.NETLINK_NETFILTER)
	require.NoError(t, err)
	defer s.close()
	table := []message{{unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE, inTable().b}}
	var c count
	require.NoError(t, c.look(s))
	epoch := c.epoch
	require.NoError(t, c.look(s))
	require.Equal(t, epoch, c.epoch)
	refused, err := c.step(s, table, c.value)
	require.NoError(t, err)
	require.Empty(t, refused)
	require.Equal(t, epoch, c.epoch, "what we do ourselves is expected")

	before := c
	var other buffer
	other.str(unix.NFTA_TABLE_NAME, "other")
	refused, err = s.transact([]message{{unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE, other.b}}, 0)
	require.NoError(t, err)
	require.Empty(t, refused)
	refused, err = s.transact([]message{{unix.NFT_MSG_DELTABLE, 0, inTable().b}}, before.value)
	require.NoError(t, err)
	require.NotEmpty(t, refused)
	require.Equal(t, unix.ERESTART, refused[0].errno)
	_, err = (&Dataplane{count: before}).goOn(s, &batch{messages: table}, before.epoch)
	require.ErrorIs(t, err, agent.ErrChanged)
	refused, err = s.transact([]message{{unix.NFT_MSG_DELTABLE, 0, inTable().b}}, before.value+1)
	require.NoError(t, err)
	require.Empty(t, refused, "the table was still there")
}
