package artifact

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// generationLen is the number of hexadecimal digits that a dataplane stores: 64 bits, which fit a name, a cookie or a field of
// any dataplane.
const generationLen = 16

// Hash is the SHA-256, in hexadecimal, of what the artifact makes a dataplane hold: the target's name and the objects' keys,
// heads and items. The node's name, the load order of the objects and their Values do not count, so that an artifact read back
// from a dataplane has the hash of the one that was loaded. Objects that Summed has seen cost nothing but their number.
func Hash(a Artifact) string {
	if k := a.known; k != nil && k.target == a.Target && isSame(k.objects, a.Objects) {
		return k.hash
	}
	w := hashWriter{h: sha256.New()}
	w.text(a.Target)
	for _, at := range byKey(a.Objects) {
		o := &a.Objects[at]
		if o.Volatile == VolatileObject {
			continue
		}
		w.text(o.Key)
		w.text(o.Head)
		if o.Ordered {
			w.text("ordered")
		} else {
			w.text("set")
		}
		if o.Volatile == VolatileItems {
			w.count(0)
			continue
		}
		w.count(len(o.Items))
		digest := o.sum().digest()
		w.b = append(w.b, digest[:]...)
	}
	w.h.Write(w.b)
	return hex.EncodeToString(w.h.Sum(nil))
}

// known is a hash, and what it is the hash of: an artifact with another target or other objects does not have it.
type known struct {
	target, hash string
	objects      []Object
}

// Hashed returns the artifact with its hash, so that it is worked out once. Its objects must not change any more.
func Hashed(a Artifact) Artifact {
	a.known = &known{a.Target, Hash(a), a.Objects}
	return a
}

// Generation is the short form of Hash that dataplanes store: its first 16 digits.
func Generation(a Artifact) string { return Hash(a)[:generationLen] }

// hashChunk is how much hashWriter gathers before it hashes: items are short, and many.
const hashChunk = 1 << 14

// hashWriter hashes texts with their lengths, so that no two lists of texts look the same.
type hashWriter struct {
	h hash.Hash
	b []byte
}

func (w *hashWriter) text(s string) {
	w.count(len(s))
	w.b = append(w.b, s...)
	if len(w.b) >= hashChunk {
		w.h.Write(w.b)
		w.b = w.b[:0]
	}
}

func (w *hashWriter) count(n int) { w.b = binary.AppendUvarint(w.b, uint64(n)) }

// byKey gives the indices of objects in the order of their keys.
func byKey(objects []Object) []int {
	out := make([]int, len(objects))
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int { return strings.Compare(objects[a].Key, objects[b].Key) })
	return out
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
