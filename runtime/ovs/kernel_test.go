package ovs_test

import (
	"testing"

	"github.com/vishvananda/netlink"
)

// TestKernelDatapath: packets that flows hand over, and what comes of them, where the kernel forwards by itself.
func TestKernelDatapath(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	if _, err := netlink.GenlFamilyGet("ovs_datapath"); err != nil {
		t.Skip("runs in make test-vm") // this kernel has no openvswitch module
	}
	for _, row := range []struct {
		name string
		test func(*testing.T, string)
	}{
		{"records", rulesLog}, {"held answers", answersAreHeld}, {"learned", learnedBeforeHeard}, {"services", servicesByPackets},
	} {
		t.Run(row.name, func(t *testing.T) { row.test(t, "system") })
	}
}
