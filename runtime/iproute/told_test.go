package iproute

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// told is a message of the kernel about an address of device 7, which tells who gave it, or as before Linux 5.18 does not.
func told(prefix netip.Prefix, proto ...byte) []byte {
	m := []byte{unix.AF_INET, byte(prefix.Bits()), 0, 0, 7, 0, 0, 0} // struct ifaddrmsg
	binary.NativeEndian.PutUint32(m[4:], 7)
	attr := func(typ uint16, value []byte) {
		m = binary.NativeEndian.AppendUint16(m, uint16(4+len(value)))
		m = append(binary.NativeEndian.AppendUint16(m, typ), value...)
		for len(m)%4 != 0 {
			m = append(m, 0)
		}
	}
	attr(unix.IFA_LOCAL, prefix.Addr().AsSlice())
	attr(unix.IFA_ADDRESS, prefix.Addr().AsSlice())
	if len(proto) > 0 {
		attr(ifaProto, proto)
	}
	return m
}

// TestKernelsThatDoNotTellWhoGaveAnAddress are refused: nothing that they list is taken for ours.
func TestKernelsThatDoNotTellWhoGaveAnAddress(t *testing.T) {
	given := netip.MustParsePrefix("192.0.2.40/32")
	for _, c := range []struct {
		message []byte
		index   int
		ours    bool
		refused bool
	}{
		{told(given, 104), 7, true, false},
		{told(given), 7, false, true},
		{told(given, 2), 7, false, true}, // somebody else has given it meanwhile
		{told(netip.MustParsePrefix("192.0.2.41/32")), 7, false, false},
		{told(given), 8, false, false},
	} {
		a, err := parseAddress(c.message)
		require.NoError(t, err)
		require.Equal(t, c.ours, a.isOurs())
		err = toldOurs([]address{a}, c.index, given)
		if c.refused {
			require.ErrorContains(t, err, "since Linux 5.18")
			continue
		}
		require.NoError(t, err)
	}
}
