package place_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/place"
)

func TestKnown(t *testing.T) {
	known, err := place.Known(nil)
	require.NoError(t, err)
	require.Nil(t, known)
	known, err = place.Known([]string{"WWW.example.com.=192.0.2.1,::ffff:192.0.2.2", "www.example.com=2001:db8::1"})
	require.NoError(t, err)
	require.Equal(t, map[string][]netip.Addr{"www.example.com": {netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"),
		netip.MustParseAddr("2001:db8::1")}}, known)
	for _, bad := range []string{"", "a", "a=", "=192.0.2.1", "*.a=192.0.2.1", "a=192.0.2.1,", "a=b"} {
		_, err := place.Known([]string{bad})
		require.ErrorContains(t, err, "is not", bad)
	}
}

func TestDialled(t *testing.T) {
	to, err := place.Dialled("[fd00::a]:443")
	require.NoError(t, err)
	require.Equal(t, netip.MustParseAddrPort("[fd00::a]:443"), to)
	for _, bad := range []string{"", "10.0.0.1", "10.0.0.1:0", "fd00::a:443", "web:80"} {
		_, err := place.Dialled(bad)
		require.Error(t, err, bad)
	}
}
