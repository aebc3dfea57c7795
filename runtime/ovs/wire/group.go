package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/headgate-net/headgate/targets/openflow"
)

const (
	groupSelect  = 1
	weightProp   = 0
	allBuckets   = 0xffffffff // what a command says that is about no bucket
	bucketHead   = 8
	propertySize = 8
)

// The property of a group that says how a bucket is chosen. See Open vSwitch's netronome-ext.h.
const (
	experimenterProp = 0xffff
	netronome        = 0x154d
	selectionMethod  = 1

	methodName = 16
)

// appendMethod appends that property.
func appendMethod(b []byte, by openflow.Selector) []byte {
	from := len(b)
	name, fields := by.Method()
	b = binary.BigEndian.AppendUint32(b, experimenterProp<<16)
	b = binary.BigEndian.AppendUint32(b, netronome)
	b = zeros(binary.BigEndian.AppendUint32(b, selectionMethod), 4)
	b = zeros(append(b, name...), methodName-len(name)+8)
	for _, f := range fields {
		h := hashed(f)
		b = append(binary.BigEndian.AppendUint32(b, h), bytes.Repeat([]byte{0xff}, int(h&0xff))...)
	}
	binary.BigEndian.PutUint16(b[from+2:], uint16(len(b)-from))
	return pad(b, from)
}

// hashed gives the header of a field that can be a part of a hash; its last byte is the field's size.
func hashed(name string) uint32 {
	return map[string]uint32{"ip_src": 0x80001604, "ipv6_src": 0x80003410, "tcp_src": 0x80001a02, "udp_src": 0x80001e02}[name]
}

// AppendGroupMod appends a GROUP_MOD. An error means that the group cannot be encoded; b is then as it was.
func AppendGroupMod(b []byte, xid uint32, command Command, g *openflow.Group) ([]byte, error) {
	from := len(b)
	kind := byte(groupSelect)
	if command == Delete {
		kind = 0
	}
	b = binary.BigEndian.AppendUint32(append(begin(b, groupMod, xid), 0, byte(command), kind, 0), g.ID)
	b = binary.BigEndian.AppendUint32(zeros(b, 4), allBuckets)
	start := len(b)
	if command != Delete {
		for i, bucket := range g.Buckets {
			var err error
			if b, err = appendBucket(b, uint32(i), bucket); err != nil {
				return b[:from], err
			}
		}
	}
	if len(b)-from <= MaxLen {
		binary.BigEndian.PutUint16(b[start-8:], uint16(len(b)-start))
	}
	if command != Delete {
		b = appendMethod(b, g.By)
	}
	return finish(b, from)
}

func appendBucket(b []byte, id uint32, bucket openflow.Bucket) ([]byte, error) {
	from := len(b)
	b = binary.BigEndian.AppendUint32(zeros(b, 4), id)
	b, err := appendActions(b, bucket.Actions)
	if err != nil {
		return b, err
	}
	actions := len(b) - from - bucketHead
	b = binary.BigEndian.AppendUint16(append(b, 0, weightProp, 0, propertySize), bucket.Weight)
	b = zeros(b, 2)
	if len(b)-from > MaxLen {
		return b, errors.New("a bucket with too many actions")
	}
	binary.BigEndian.PutUint16(b[from:], uint16(len(b)-from))
	binary.BigEndian.PutUint16(b[from+2:], uint16(actions))
	return b, nil
}

// GroupDesc is a group that a switch has. If the group has more to it than the target's words, Foreign is a text of all of it, and
// Group what could be read.
type GroupDesc struct {
	Group   openflow.Group
	Foreign string
}

// groupDescHead is the size of what precedes a group's buckets.
const groupDescHead = 16

// ParseGroupDesc reads the first group of the body of a reply about GroupDescs and returns the rest of it.
func ParseGroupDesc(b []byte) (d GroupDesc, rest []byte, err error) {
	one, rest, err := first(b, groupDescHead)
	if err != nil {
		return d, nil, err
	}
	d.Group.ID = binary.BigEndian.Uint32(one[4:])
	n := int(binary.BigEndian.Uint16(one[8:]))
	if n > len(one)-groupDescHead {
		return d, nil, fmt.Errorf("buckets of %d bytes in %d", n, len(one))
	}
	buckets, properties := one[groupDescHead:groupDescHead+n], one[groupDescHead+n:]
	var unknown []string
	if one[2] != groupSelect {
		unknown = append(unknown, fmt.Sprintf("type %d", one[2]))
	}
	if bytes.Equal(properties, appendMethod(nil, openflow.BySwitch)) {
		d.Group.By = openflow.BySwitch
	} else if !bytes.Equal(properties, appendMethod(nil, openflow.ByDatapath)) {
		unknown = append(unknown, fmt.Sprintf("properties %x", properties))
	}
	for len(buckets) > 0 {
		var bucket []byte
		if bucket, buckets, err = first(buckets, bucketHead); err != nil {
			return d, nil, err
		}
		parsed, err := parseBucket(bucket, uint32(len(d.Group.Buckets)))
		if err != nil {
			unknown = append(unknown, fmt.Sprintf("bucket %x", bucket))
		}
		d.Group.Buckets = append(d.Group.Buckets, parsed)
	}
	if len(unknown) > 0 {
		d.Foreign = d.Group.Key() + " and " + strings.Join(unknown, ", ")
	}
	return d, rest, nil
}

// parseBucket reads a bucket with the given number, of at least bucketHead bytes. An error means that it has more to it.
func parseBucket(b []byte, id uint32) (openflow.Bucket, error) {
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n > len(b)-bucketHead || binary.BigEndian.Uint32(b[4:]) != id {
		return openflow.Bucket{}, errors.New("not the bucket of this place")
	}
	var f openflow.Flow
	unknown, err := parseActions(b[bucketHead:bucketHead+n], &f)
	property := b[bucketHead+n:]
	if err != nil || len(unknown) > 0 || len(f.Conjunctions) > 0 || len(property) != propertySize ||
		binary.BigEndian.Uint32(property) != weightProp<<16|propertySize || !isZero(property[6:]) {
		return openflow.Bucket{}, errors.New("more than a weight and actions")
	}
	return openflow.Bucket{Weight: binary.BigEndian.Uint16(property[4:]), Actions: f.Actions}, nil
}
