package nft

import (
	"fmt"
	"strings"
)

func (l *Limit) text() string {
	return fmt.Sprintf("rate over %d bytes/second burst %d bytes;", l.Rate, l.Burst)
}

func bitsText(bits uint32) string { return fmt.Sprintf("0x%08x", bits) }

// text prints what is done to a mark.
func (m Marking) text() string {
	word := "meta mark"
	if m.Connection {
		word = "ct mark"
	}
	if m.Mask == m.Bits {
		return fmt.Sprintf("%[1]s set %[1]s | %[2]s", word, bitsText(m.Bits))
	}
	return fmt.Sprintf("%[1]s set %[1]s & %[2]s | %[3]s", word, bitsText(^m.Mask), bitsText(m.Bits))
}

// scriptLimit prints a limit for Script.
func scriptLimit(b *strings.Builder, l *Limit) {
	fmt.Fprintf(b, "\n\tlimit %s {\n\t\t%s\n\t}\n", l.Name, strings.TrimSuffix(l.text(), ";"))
}
