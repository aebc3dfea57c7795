package iproute

import (
	"crypto/sha256"
	"hash/fnv"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// MACOf is the address of a node's tunnel, which other nodes know without asking: a hash of its name, made a local unicast address.
// Two nodes of n have the same by an accident of about n² in 2⁴⁷.
func MACOf(node string) MAC {
	sum := sha256.Sum256([]byte(node))
	m := MAC(sum[:6])
	m[0] = m[0]&^1 | 2
	return m
}

// LinkLocal is the address by which the node of a tunnel is the next hop of IPv6: RFC 4291, appendix A. Nobody has to have it; it stands
// for the MAC.
func (m MAC) LinkLocal() netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5]})
}

// DeviceOf is the device of a subnet.
func DeviceOf(s ir.Subnet) string {
	if s.VLAN == 0 {
		return Transport
	}
	return Prefix + "ext." + strconv.Itoa(int(s.VLAN))
}

// VLANOf is the tag of the device with a name that DeviceOf gives.
func VLANOf(device string) (uint16, bool) {
	digits, ok := strings.CutPrefix(device, Prefix+"ext.")
	tag, err := strconv.ParseUint(digits, 10, 12)
	return uint16(tag), ok && err == nil && strconv.Itoa(int(tag)) == digits && tag != 0
}

// SettingsOf are the settings that a device of ours gets.
//
// It forwards, and accepts packets whose sources the node would reach by another device: those of other nodes' pods, and of the whole
// world. The greater of rp_filter and its value for all devices counts, and 2, loose, is the greatest. On a device for a VLAN, addresses
// stay when the first one of their prefix goes, and no router says where else the node is to go.
func SettingsOf(device string) []Sysctl {
	v4, v6 := "net/ipv4/conf/"+device+"/", "net/ipv6/conf/"+device+"/"
	out := []Sysctl{{device, v4 + "forwarding", "1"}, {device, v4 + "rp_filter", "2"}}
	if device != Tunnel {
		out = append(out, Sysctl{device, v4 + "promote_secondaries", "1"}, Sysctl{device, v6 + "accept_ra", "0"})
	}
	return out
}

// IsTable reports whether a table's number is in our range.
func IsTable(number uint32) bool { return number&^0xffff == tables }

// the names of ways, each of which has a table.
const replies = "replies"

func wayToNode(node string) string        { return "node " + node }
func wayToSubnet(subnet ir.Subnet) string { return "subnet " + subnet.String() }

// number gives each way the table that the hash of its name says, or the next free one, without GenerationTable.
func number(ways []string) map[string]uint32 {
	slices.Sort(ways)
	ways = slices.Compact(ways)
	out, taken := make(map[string]uint32, len(ways)), map[uint32]bool{0: true}
	for _, way := range ways {
		hash := fnv.New32a()
		hash.Write([]byte(way))
		at := hash.Sum32() & 0xffff
		for taken[at] {
			at = (at + 1) & 0xffff
		}
		taken[at], out[way] = true, tables+at
	}
	return out
}
