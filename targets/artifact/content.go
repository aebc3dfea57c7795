package artifact

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
)

// generationLen is the number of hexadecimal digits that a dataplane stores: 64 bits, which fit a name, a cookie or a field of
// any dataplane.
const generationLen = 16

// Hash is the SHA-256, in hexadecimal, of what the artifact makes a dataplane hold: the target's name and the objects' keys,
// heads and items. The node's name, the load order of the objects and their Values do not count, so that an artifact read back
// from a dataplane has the hash of the one that was loaded.
func Hash(a Artifact) string {
	h := sha256.New()
	hashText(h, a.Target)
	for _, o := range byKey(a.Objects) {
		hashText(h, o.Key)
		hashText(h, o.Head)
		hashText(h, fmt.Sprint(o.Ordered))
		hashCount(h, len(o.Items))
		for _, item := range o.Items {
			hashText(h, item)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Generation is the short form of Hash that dataplanes store: its first 16 digits.
func Generation(a Artifact) string { return Hash(a)[:generationLen] }

func hashText(h hash.Hash, s string) {
	hashCount(h, len(s))
	io.WriteString(h, s)
}

func hashCount(h hash.Hash, n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

func byKey(objects []Object) []Object {
	sorted := slices.Clone(objects)
	slices.SortFunc(sorted, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return sorted
}

// Text prints the artifact for people and golden files: each object's head, its items indented below, in load order. It is
// not the target's own input language; the target's package prints that.
func Text(a Artifact) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s for node %s: %s\n", a.Target, a.Node, Hash(a))
	for _, o := range a.Objects {
		b.WriteString(o.Head)
		b.WriteByte('\n')
		for _, item := range o.Items {
			b.WriteByte('\t')
			b.WriteString(item)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Equal reports whether the artifacts have the same objects in the same load order, for the same target and node.
func Equal(a, b Artifact) bool {
	return a.Target == b.Target && a.Node == b.Node && slices.EqualFunc(a.Objects, b.Objects, equalObjects)
}

func equalObjects(a, b Object) bool {
	return a.Key == b.Key && a.Head == b.Head && a.Ordered == b.Ordered && slices.Equal(a.Items, b.Items)
}

// Check reports every breach of what Artifact and Object promise: empty or repeated keys, and unordered items that are not
// sorted and distinct.
func Check(a Artifact) error {
	var errs []error
	seen := make(map[string]struct{}, len(a.Objects))
	for _, o := range a.Objects {
		if _, twice := seen[o.Key]; twice || o.Key == "" {
			errs = append(errs, fmt.Errorf("key %q is empty or repeated", o.Key))
		}
		seen[o.Key] = struct{}{}
		for i := 1; i < len(o.Items) && !o.Ordered; i++ {
			if o.Items[i-1] >= o.Items[i] {
				errs = append(errs, fmt.Errorf("%s: items %q and %q are out of order", o.Key, o.Items[i-1], o.Items[i]))
			}
		}
	}
	return errors.Join(errs...)
}
