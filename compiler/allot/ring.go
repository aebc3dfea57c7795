package allot

import (
	"cmp"
	"hash/crc32"
	"net/netip"
	"slices"
	"strconv"
)

// replicas is how many points of the ring a node has.
const replicas = 50

// ring is a circle of the numbers of 32 bits. A node's points are the checksums of a replica's number and the node's name, an address's
// is that of its text (the ring of Antrea's agents, which all programs that are to agree have to use).
type ring struct{ points []point }

// point belongs to a node, which is an index into the names that the ring was made of.
type point struct {
	hash uint32
	node int
}

// newRing makes the ring of nodes in the order of their names. Of equal points the node's that comes first counts first.
func newRing(names []string) *ring {
	r := &ring{points: make([]point, 0, replicas*len(names))}
	for i, name := range names {
		for n := range replicas {
			r.points = append(r.points, point{crc32.ChecksumIEEE([]byte(strconv.Itoa(n) + name)), i})
		}
	}
	slices.SortFunc(r.points, func(a, b point) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.node, b.node)) })
	return r
}

// start returns the index of an address's point, or of the first one after it; the number of points stands for the first of all.
func (r *ring) start(a netip.Addr) int {
	at, _ := slices.BinarySearchFunc(r.points, crc32.ChecksumIEEE([]byte(a.String())), func(p point, hash uint32) int { return cmp.Compare(p.hash, hash) })
	return at
}

// next returns the index of the first point from the given one on, all around the circle, whose node may do it; -1 if none may.
func (r *ring) next(from int, may func(node int) bool) int {
	for i := from; i < len(r.points); i++ {
		if may(r.points[i].node) {
			return i
		}
	}
	for i := range min(from, len(r.points)) {
		if may(r.points[i].node) {
			return i
		}
	}
	return -1
}

// nodeSet is a set of nodes by their index.
type nodeSet []uint64

func newNodeSet(nodes int) nodeSet { return make(nodeSet, (nodes+63)/64) }

func (s nodeSet) add(node int) { s[node/64] |= 1 << (node % 64) }

func (s nodeSet) has(node int) bool { return s[node/64]>>(node%64)&1 != 0 }
