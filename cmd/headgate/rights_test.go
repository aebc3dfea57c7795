package main

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const rightsEnv = "HEADGATE_TEST_RIGHTS"

// An agent without a capability that it needs says so: for one of them nothing would fail.
func TestRights(t *testing.T) {
	if os.Getenv(rightsEnv) != "" {
		tellRights(slog.New(slog.NewTextHandler(os.Stdout, nil)))
		return
	}
	if testing.Short() {
		t.Skip("needs root")
	}
	told := func(with string) string {
		cmd := exec.Command("setpriv", "--bounding-set="+with, os.Args[0], "-test.run=^TestRights$")
		cmd.Env = append(os.Environ(), rightsEnv+"=1")
		var out bytes.Buffer
		cmd.Stdout = &out
		require.NoError(t, cmd.Run())
		return out.String()
	}
	require.NotContains(t, told("-all,+net_admin,+net_raw"), "lacks")
	require.Equal(t, 1, strings.Count(told("-all,+net_admin"), "the agent lacks CAP_NET_RAW"))
	require.Equal(t, 2, strings.Count(told("-all"), "the agent lacks CAP_NET_"))
}
