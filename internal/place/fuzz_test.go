package place_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/place"
)

// FuzzParse wants no panic on any text, and packets only of protocols that have what they carry.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"tcp/80", "80", "icmp/3/1", "proto/47", "sctp/1<65535", "icmpv6"} {
		f.Add(text, "shop/web")
	}
	f.Fuzz(func(t *testing.T, traffic, name string) {
		p := program()
		to, err := place.Find(p, name, "shop")
		if err != nil {
			return
		}
		what, err := place.ParseTraffic(traffic)
		if err != nil {
			return
		}
		from, err := place.Find(p, "shop/db", "")
		require.NoError(t, err)
		for _, packet := range what.Packets(from, to) {
			require.True(t, packet.Proto.HasPorts() || packet.SrcPort == 0)
			require.Equal(t, packet.Src.Is4(), packet.Dst.Is4())
		}
	})
}
