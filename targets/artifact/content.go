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

// Hash is a SHA-256, in hexadecimal, of what the artifact makes a dataplane hold: the target's name and the objects' keys,
// heads and items. The node's name, the load order of the objects and their Values do not count, so that an artifact read back
// from a dataplane has the hash of the one that was loaded. Objects that Summed has seen cost nothing but their number. See "Sums".
func Hash(a Artifact) string {
	if k := a.known; k != nil && k.target == a.Target && isSame(k.objects, a.Objects) {
		return k.hash
	}
	n := lasting(a.Objects)
	if n > fewObjects {
		return hashOf(a.Target, n, totalOf(a.Objects))
	}
	order := make([]int, 0, n)
	for i := range a.Objects {
		if a.Objects[i].Volatile != VolatileObject {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(a.Objects[i].Key, a.Objects[j].Key) })
	w := hashWriter{h: sha256.New()}
	w.text(a.Target)
	for _, at := range order {
		o := &a.Objects[at]
		w.b = o.append(w.b, o.items())
		w.flush(hashChunk)
	}
	w.h.Write(w.b)
	return hex.EncodeToString(w.h.Sum(nil))
}

// lasting is the number of objects that count.
func lasting(objects []Object) int {
	n := 0
	for i := range objects {
		if objects[i].Volatile != VolatileObject {
			n++
		}
	}
	return n
}

// totalOf is what stands for the objects that count.
func totalOf(objects []Object) (out total) {
	for i := range objects {
		if o := &objects[i]; o.Volatile != VolatileObject {
			out.add(o.whole())
		}
	}
	return out
}

// hashOf is the hash of many objects.
func hashOf(target string, n int, all total) string {
	digest := all.digest()
	sum := sha256.Sum256(append(binary.AppendUvarint(appendText(nil, target), uint64(n)), digest[:]...))
	return hex.EncodeToString(sum[:])
}

// fewObjects is how many objects are hashed one after the other, in the order of their keys. Of more there is a sum.
const fewObjects = 1000

// append appends all of an object that counts; items stands for its items.
func (o *Object) append(b []byte, items total) []byte {
	b = appendText(appendText(b, o.Key), o.Head)
	if o.Ordered {
		b = appendText(b, "ordered")
	} else {
		b = appendText(b, "set")
	}
	if o.Volatile == VolatileItems {
		return binary.AppendUvarint(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Items)))
	digest := items.digest()
	return append(b, digest[:]...)
}

// known is a hash, and what it is the hash of: an artifact with another target or other objects does not have it.
type known struct {
	target, hash string
	objects      []Object
	count        int   // of objects that count, and
	total        total // what stands for them; 0 if there are few
}

// Hashed returns the artifact with its hash, so that it is worked out once. Its objects must not change any more.
func Hashed(a Artifact) Artifact {
	if k := a.known; k == nil || k.target != a.Target || !isSame(k.objects, a.Objects) {
		a.known = &known{target: a.Target, hash: Hash(a), objects: a.Objects}
	}
	return a
}

// HashedFrom is Hashed for an artifact that has the objects of was, without some and with others.
func HashedFrom(was, a Artifact, gone, come []Object) Artifact {
	k := &known{target: a.Target, objects: a.Objects}
	if before := was.known; before != nil && before.count > fewObjects && isSame(before.objects, was.Objects) {
		k.count, k.total = before.count-lasting(gone)+lasting(come), before.total
		k.total.subtract(totalOf(gone))
		k.total.add(totalOf(come))
	} else if n := lasting(a.Objects); n > fewObjects {
		k.count, k.total = n, totalOf(a.Objects)
	}
	if k.count > fewObjects {
		k.hash = hashOf(a.Target, k.count, k.total)
	} else {
		k.count, k.total = 0, total{}
		k.hash = Hash(a)
	}
	a.known = k
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
	w.b = appendText(w.b, s)
	w.flush(hashChunk)
}

// flush hashes what was gathered, if it is much.
func (w *hashWriter) flush(much int) {
	if len(w.b) >= much {
		w.h.Write(w.b)
		w.b = w.b[:0]
	}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
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
