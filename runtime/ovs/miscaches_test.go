package ovs

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMiscaches: the first fixed release of each line is the first tag that has the commit.
func TestMiscaches(t *testing.T) {
	for version, want := range map[string]bool{
		"ovs-vswitchd (Open vSwitch) 2.15.0":  true,
		"ovs-vswitchd (Open vSwitch) 2.17.7":  true,
		"ovs-vswitchd (Open vSwitch) 2.17.8":  false,
		"ovs-vswitchd (Open vSwitch) 3.0.4":   true,
		"ovs-vswitchd (Open vSwitch) 3.0.5":   false,
		"ovs-vswitchd (Open vSwitch) 3.1.0\n": true,
		"ovs-vswitchd (Open vSwitch) 3.1.3":   false,
		"ovs-vswitchd (Open vSwitch) 3.2.0":   false,
		"ovs-vswitchd (Open vSwitch) 3.3.1":   false,
		"ovs-vswitchd (Open vSwitch) 4.0.0":   false,
		"no version at all":                   true,
	} {
		require.Equal(t, want, miscaches(version), version)
	}
}
