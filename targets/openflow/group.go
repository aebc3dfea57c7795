package openflow

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
)

// GroupMarker is the upper half of the ID of every group of ours; groups have no cookies.
const GroupMarker uint32 = uint32(Zone) << 16

// Group spreads packets over its buckets: each connection goes to one of them, in proportion to the weights, chosen by a hash of
// addresses, protocol and ports. Buckets name no ports, so that a group can always be loaded. Origins are not part of its text.
type Group struct {
	ID      uint32
	By      Selector
	Buckets []Bucket
	Origins []*source.Origin
}

// Selector is who chooses a bucket.
type Selector uint8

// The selectors. The datapath chooses by itself once it has met a value of its hash. Where a packet changes what happens to the next one
// that is too late: then the switch looks at every connection. Without a method, there would be no ports of UDP in the hash.
const (
	ByDatapath Selector = iota
	BySwitch
)

// Method is the selector in Open vSwitch's words, and the fields of which the switch makes a hash.
func (s Selector) Method() (name string, fields []string) {
	if s == BySwitch {
		return "hash", []string{"ip_src", "ipv6_src", "tcp_src", "udp_src"}
	}
	return "dp_hash", nil
}

// text is what all groups with a selector have in common.
func (s Selector) text() string {
	name, fields := s.Method()
	text := ",type=select,selection_method=" + name
	if len(fields) > 0 {
		text += ",fields(" + strings.Join(fields, ",") + ")"
	}
	return text
}

// Bucket is one choice: its weight, at least 1, and what happens to the packet.
type Bucket struct {
	Weight  uint16
	Actions []Action
}

// IsOurs reports whether the ID has our marker.
func (g *Group) IsOurs() bool { return g.ID&0xffff0000 == GroupMarker }

// Key is the group's identity on the bridge: "group_id=1209466881".
func (g *Group) Key() string { return "group_id=" + strconv.FormatUint(uint64(g.ID), 10) }

// String is the group in ovs-ofctl syntax.
func (g *Group) String() string {
	b := append([]byte(g.Key()), g.By.text()...)
	for i, bucket := range g.Buckets {
		b = strconv.AppendInt(append(b, ",bucket=bucket_id:"...), int64(i), 10)
		if bucket.Weight != 1 {
			b = strconv.AppendUint(append(b, ",weight:"...), uint64(bucket.Weight), 10)
		}
		f := Flow{Actions: bucket.Actions}
		b = f.appendActions(append(b, ",actions="...))
	}
	return string(b)
}

// ParseGroup reads a group as `ovs-ofctl dump-groups` prints it, or as String does. An error means that the group has more to it
// than this package writes; the ID may have been read all the same.
func ParseGroup(line string) (Group, error) {
	by := ByDatapath
	head, buckets, ok := strings.Cut(strings.TrimSpace(line), by.text())
	if !ok {
		by = BySwitch
		head, buckets, ok = strings.Cut(strings.TrimSpace(line), by.text())
	}
	id, isGroup := strings.CutPrefix(head, "group_id=")
	if !ok {
		id, _, _ = strings.Cut(id, ",")
	}
	n, err := strconv.ParseUint(id, 10, 32)
	g := Group{ID: uint32(n), By: by}
	if !ok || !isGroup || err != nil {
		return g, fmt.Errorf("%q is no group of ours", line)
	}
	for i, text := range strings.Split(buckets, ",bucket=bucket_id:") {
		if i == 0 {
			if text != "" {
				return g, fmt.Errorf("unknown words %q", text)
			}
			continue
		}
		bucket, err := parseBucket(text, i-1)
		if err != nil {
			return g, err
		}
		g.Buckets = append(g.Buckets, bucket)
	}
	return g, nil
}

// parseBucket reads "0,weight:3,actions=...", of which the number must be the bucket's place.
func parseBucket(text string, place int) (Bucket, error) {
	bucket := Bucket{Weight: 1}
	head, actions, ok := strings.Cut(text, ",actions=")
	number, weight, weighted := strings.Cut(head, ",weight:")
	if !ok || number != strconv.Itoa(place) {
		return bucket, fmt.Errorf("cannot read bucket %q", text)
	}
	if weighted {
		n, err := strconv.ParseUint(weight, 10, 16)
		if err != nil {
			return bucket, fmt.Errorf("cannot read bucket %q: %w", text, err)
		}
		bucket.Weight = uint16(n)
	}
	var f Flow
	err := f.parseActions(actions)
	if err == nil && len(f.Conjunctions) > 0 {
		err = fmt.Errorf("a bucket cannot have conjunctions: %q", text)
	}
	bucket.Actions = f.Actions
	return bucket, err
}
