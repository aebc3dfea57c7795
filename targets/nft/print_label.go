package nft

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/targets/artifact"
)

// labelText names a label as Script defines it: by the last digits of the id that it has, or "label" for all bits of its slot. Others,
// which headgate does not make, are lists of bits.
func labelText(v Value) string {
	for s := range slot(numSlots) {
		at := int(s) * slotBits / 8
		id := slices.Clone([]byte(v[at : at+slotBits/8]))
		slices.Reverse(id)
		switch number := binary.BigEndian.Uint64(append(make([]byte, 8-len(id)), id...)); v {
		case s.mask():
			return fmt.Sprintf("$%s_label", s)
		case s.label(number):
			return fmt.Sprintf("$%s_%0*x", s, slotBits/4, number)
		}
	}
	return bitsOf(v)
}

// bitsOf lists the bits that are set.
func bitsOf(v Value) string {
	var bits []string
	for i := range 8 * len(v) {
		if v[i/8]>>(i%8)&1 != 0 {
			bits = append(bits, strconv.Itoa(i))
		}
	}
	return strings.Join(bits, "|")
}

// defineLabels prints what labelText names: nft knows labels as lists of bits.
func defineLabels(b *strings.Builder, a artifact.Artifact) {
	for s := range slot(numSlots) {
		for _, o := range a.Objects {
			if o.Key != "set "+openedPrefix+s.String() {
				continue
			}
			for _, label := range append([]*Element{{From: s.mask()}}, o.Value.(*Set).Elements...) {
				fmt.Fprintf(b, "define %s = %s\n", strings.TrimPrefix(labelText(label.From), "$"), bitsOf(label.From))
			}
		}
	}
}
