package ovs_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/ovs"
)

// A port with a tag comes and goes beside the bridge's own one, with a device that can be set up.
func TestVLANs(t *testing.T) {
	i := startOVS(t, "netdev")
	i.vsctl("add-port", "br-int", "theirs", "tag=5", "--", "set", "interface", "theirs", "type=internal")
	ctx, v := context.Background(), ovs.NewVLANs(i.path("db.sock"))
	for device, want := range map[string]bool{"br-int": true, "theirs": true, "lo": false} {
		is, err := v.IsPort(ctx, device)
		require.NoError(t, err)
		require.Equal(t, want, is, device)
	}
	require.ErrorContains(t, v.Add(ctx, "lo", "hg-ext.181", 181), "no port lo")
	require.NoError(t, v.Add(ctx, "br-int", "hg-ext.181", 181))
	i.run("ip", "link", "set", "hg-ext.181", "up")
	require.Equal(t, "181", strings.TrimSpace(i.vsctl("get", "port", "hg-ext.181", "tag")))
	for device, want := range map[string]uint16{"hg-ext.181": 181, "theirs": 0, "br-int": 0, "lo": 0} {
		tag, err := v.Tag(ctx, device)
		require.NoError(t, err)
		require.Equal(t, want, tag, device)
	}
	require.Error(t, v.Add(ctx, "br-int", "hg-ext.181", 182), "the name is taken")
	for _, device := range []string{"hg-ext.181", "hg-ext.181", "theirs", "br-int"} {
		require.NoError(t, v.Delete(ctx, device))
	}
	require.Equal(t, "theirs", strings.TrimSpace(i.vsctl("list-ports", "br-int")), "others' ports stay")
	await(t, "end of the device", func() bool { return !strings.Contains(i.run("ip", "link"), "hg-ext") })
}

// TestNoSwitchHasNoPorts: where there is no Open vSwitch there are no ports, which is no error, and its ports cannot be told.
func TestNoSwitchHasNoPorts(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "db.sock")
	v := ovs.NewVLANs(socket)
	is, err := v.IsPort(t.Context(), "eth0")
	require.NoError(t, err)
	require.False(t, is)
	tag, err := v.Tag(t.Context(), "eth0.7")
	require.NoError(t, err)
	require.Zero(t, tag)
	require.NoError(t, v.Delete(t.Context(), "eth0.7"))
	require.Error(t, v.Add(t.Context(), "eth0", "eth0.7", 7))

	ports := ovs.AwaitPorts(t.Context(), socket, "br-int")
	defer ports.Close()
	_, err = ports.Binding(t.Context())
	var away *ovs.AwayError
	require.ErrorAs(t, err, &away)
	require.Equal(t, socket, away.Socket)
	require.ErrorContains(t, err, "no such file")
}
