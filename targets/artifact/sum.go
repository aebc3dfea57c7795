package artifact

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// # Sums
//
// The hash of a set of 60,000 items takes milliseconds, and most changes concern two of them. So what stands for the items of an
// unordered object is the sum of their SHA-256s, modulo 2^256: items that come are added, those that go are subtracted. Whoever may
// choose items could find two sets of equal sums more easily than two texts of equal SHA-256 (Wagner, "A Generalized Birthday
// Problem", 2002), though not more easily than with the 64 bits of it that dataplanes store. That is good enough here: the hash tells
// what somebody else has changed, and whoever may change rules may also change what is stored of the hash.
//
// Sequences have the SHA-256 of their items, one after the other.

// sum is what Hash needs to know of an object's items, and which items these were: an object with others does not have this sum.
type sum struct {
	items []string
	words [4]uint64 // the most significant one first
}

// Summed returns the object with what Hash has to know of its items, so that it is worked out once. Items must not change any more.
func Summed(o Object) Object {
	o.known = o.sum()
	return o
}

// SummedFrom is Summed for an unordered object that has the items of was, without some and with others.
func SummedFrom(was, o Object, gone, come []string) Object {
	s := *was.sum()
	s.items = o.Items
	for _, item := range gone {
		s.subtract(itemSum(item))
	}
	for _, item := range come {
		s.add(itemSum(item))
	}
	o.known = &s
	return o
}

// sum works out what is not known.
func (o *Object) sum() *sum {
	if k := o.known; k != nil && isSame(k.items, o.Items) {
		return k
	}
	s := &sum{items: o.Items}
	if o.Ordered {
		w := hashWriter{h: sha256.New()}
		for _, item := range o.Items {
			w.text(item)
		}
		w.h.Write(w.b)
		s.words = words([sha256.Size]byte(w.h.Sum(nil)))
		return s
	}
	for _, item := range o.Items {
		s.add(itemSum(item))
	}
	return s
}

func itemSum(item string) [4]uint64 {
	var room [128]byte // most items fit, and need no memory of their own
	return words(sha256.Sum256(append(room[:0], item...)))
}

func words(b [sha256.Size]byte) (out [4]uint64) {
	for i := range out {
		out[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	return out
}

func (s *sum) add(x [4]uint64) {
	var carry uint64
	for i := len(x) - 1; i >= 0; i-- {
		s.words[i], carry = bits.Add64(s.words[i], x[i], carry)
	}
}

func (s *sum) subtract(x [4]uint64) {
	var borrow uint64
	for i := len(x) - 1; i >= 0; i-- {
		s.words[i], borrow = bits.Sub64(s.words[i], x[i], borrow)
	}
}

// digest gives the sum as bytes, the most significant one first.
func (s *sum) digest() (out [sha256.Size]byte) {
	for i, w := range s.words {
		binary.BigEndian.PutUint64(out[8*i:], w)
	}
	return out
}
