package main

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/names"
)

// An agent that is killed leaves the names that it knew a while ago.
func TestNamesAreKeptWhileTheAgentRuns(t *testing.T) {
	o := &agentOptions{stateDir: t.TempDir()}
	stop := o.keepRetaining(names.New(names.Options{}), slog.New(slog.DiscardHandler), time.Millisecond)
	require.Eventually(t, func() bool {
		_, err := os.Stat(o.namesPath())
		return err == nil
	}, 10*time.Second, time.Millisecond)
	stop()
	require.NoError(t, os.Remove(o.namesPath()))
	require.NoFileExists(t, o.namesPath(), "it has stopped")
}
