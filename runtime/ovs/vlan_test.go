package ovs_test

import (
	"context"
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
