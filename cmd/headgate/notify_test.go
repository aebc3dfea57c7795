package main

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A service manager that waits is told; without one nothing happens; one that is gone is an error, which is logged.
func TestNotifyReady(t *testing.T) {
	t.Setenv(notifyEnv, "")
	require.NoError(t, notifyReady())
	path := filepath.Join(t.TempDir(), "notify")
	for _, name := range []string{path, "@headgate-test-" + filepath.Base(t.TempDir()) + t.Name()} {
		manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
		require.NoError(t, err)
		t.Setenv(notifyEnv, name)
		require.NoError(t, notifyReady())
		got := make([]byte, 100)
		n, err := manager.Read(got)
		require.NoError(t, err)
		require.Equal(t, "READY=1", string(got[:n]))
		require.NoError(t, manager.Close())
		require.Error(t, notifyReady())
	}

	text, err := os.ReadFile("../../deploy/systemd/headgate.service")
	require.NoError(t, err)
	require.Contains(t, string(text), "\nType=notify\n", "the unit waits for it")
}
