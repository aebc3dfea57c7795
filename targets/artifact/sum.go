package artifact

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// # Sums
//
// The hash of a set of 60,000 items takes milliseconds, and most changes concern two of them; so does that of 30,000 objects. So what
// stands for the items of an unordered object is the sum of their SHA-256s, modulo 2^256: items that come are added, those that go are
// subtracted; and what stands for an artifact of many objects is the sum of what stands for each. Whoever may choose items could find two sets of equal
// sums more easily than two texts of equal SHA-256 (Wagner, "A Generalized Birthday Problem", 2002), though not more easily than with the
// 64 bits of it that dataplanes store. That is good enough here: the hash tells what somebody else has changed, and whoever may change
// rules may also change what is stored of the hash.
//
// Sequences have the SHA-256 of their items, one after the other.

// total is a sum, the most significant word first.
type total [4]uint64

// sum is what Hash needs to know of an object, and of which one: an object with another key or head, or with other items, does not have
// this sum.
type sum struct {
	key, head string
	volatile  Volatility
	ordered   bool
	items     []string
	words     total // of the items
	object    total // of all
}

// Summed returns the object with what Hash has to know of it, so that it is worked out once. Items must not change any more.
func Summed(o Object) Object {
	o.known = o.sum()
	return o
}

// SummedFrom is Summed for an unordered object that has the items of was, without some and with others.
func SummedFrom(was, o Object, gone, come []string) Object {
	words := was.items()
	for _, item := range gone {
		words.subtract(itemSum(item))
	}
	for _, item := range come {
		words.add(itemSum(item))
	}
	o.known = o.sumOf(words)
	return o
}

// sum works out what is not known.
func (o *Object) sum() *sum {
	if o.isKnown() {
		return o.known
	}
	return o.sumOf(o.items())
}

// whole is what stands for the object.
func (o *Object) whole() total {
	if o.isKnown() {
		return o.known.object
	}
	return o.wholeOf(o.items())
}

// wholeOf is whole, given what stands for the items.
func (o *Object) wholeOf(items total) total {
	var room [512]byte // most objects fit, and need no memory of their own
	return words(sha256.Sum256(o.append(room[:0], items)))
}

// isKnown reports whether the sum is that of this object.
func (o *Object) isKnown() bool {
	k := o.known
	return k != nil && k.key == o.Key && k.head == o.Head && k.volatile == o.Volatile && k.ordered == o.Ordered && isSame(k.items, o.Items)
}

func (o *Object) sumOf(items total) *sum {
	return &sum{key: o.Key, head: o.Head, volatile: o.Volatile, ordered: o.Ordered, items: o.Items, words: items,
		object: o.wholeOf(items)}
}

// items is what stands for the items.
func (o *Object) items() (out total) {
	if k := o.known; k != nil && k.ordered == o.Ordered && isSame(k.items, o.Items) {
		return k.words
	}
	if o.Ordered {
		w := hashWriter{h: sha256.New()}
		for _, item := range o.Items {
			w.text(item)
		}
		w.h.Write(w.b)
		return words([sha256.Size]byte(w.h.Sum(nil)))
	}
	for _, item := range o.Items {
		out.add(itemSum(item))
	}
	return out
}

func itemSum(item string) total {
	var room [128]byte // most items fit, and need no memory of their own
	return words(sha256.Sum256(append(room[:0], item...)))
}

func words(b [sha256.Size]byte) (out total) {
	for i := range out {
		out[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	return out
}

func (t *total) add(x total) {
	var carry uint64
	for i := len(x) - 1; i >= 0; i-- {
		t[i], carry = bits.Add64(t[i], x[i], carry)
	}
}

func (t *total) subtract(x total) {
	var borrow uint64
	for i := len(x) - 1; i >= 0; i-- {
		t[i], borrow = bits.Sub64(t[i], x[i], borrow)
	}
}

// digest gives the sum as bytes, the most significant one first.
func (t *total) digest() (out [sha256.Size]byte) {
	for i, w := range t {
		binary.BigEndian.PutUint64(out[8*i:], w)
	}
	return out
}
