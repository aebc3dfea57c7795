package artifact

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// However an artifact came about, its hash is that of one that was made anew.
func TestSumsFollowItems(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		a, b := random(r), random(r)
		for _, was := range a.Objects {
			was = Summed(was)
			for i := range b.Objects {
				o := &b.Objects[i]
				if was.Ordered || o.Ordered || r.IntN(2) == 0 {
					continue
				}
				var gone, come []string
				for _, e := range diffSets(was.Items, o.Items) {
					if e.Op == Delete {
						gone = append(gone, e.Text)
					} else {
						come = append(come, e.Text)
					}
				}
				*o = SummedFrom(was, *o, gone, come)
			}
		}
		require.Equal(t, Hash(unknown(b)), Hash(b))
	}
}

// An object that is given other items has another hash.
func TestSumsAreOfTheirItems(t *testing.T) {
	for _, ordered := range []bool{false, true} {
		o := Summed(Object{Key: "k", Ordered: ordered, Items: []string{"a", "b"}})
		other := o
		other.Items = []string{"a", "c"}
		less := o
		less.Items = o.Items[:1]
		turned := o
		turned.Items = []string{"b", "a"}
		for _, x := range []Object{o, other, less, turned} {
			a := Artifact{Objects: []Object{x}}
			require.Equal(t, Hash(unknown(a)), Hash(a))
			require.Equal(t, slices.Equal(x.Items, o.Items) || !ordered && len(x.Items) == 2 && x.Items[1] == "a", Hash(a) == Hash(Artifact{Objects: []Object{o}}))
		}
	}
}

// unknown is an artifact of which no sums are known.
func unknown(a Artifact) Artifact {
	a.Objects = slices.Clone(a.Objects)
	for i := range a.Objects {
		a.Objects[i].known = nil
	}
	return a
}

// BenchmarkHash hashes 60,000 items, and then one more and one less.
func BenchmarkHash(b *testing.B) {
	o := Object{Key: "set x"}
	for i := range 60_000 {
		o.Items = append(o.Items, string(rune('0'+i%10))+"10.96.100.100 . tcp . 80 . 1 : 10.244.100.100 . 8080")
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			Hash(Artifact{Objects: []Object{o}})
		}
	})
	b.Run("change", func(b *testing.B) {
		was, now := Summed(o), o
		now.Items = slices.Clone(o.Items)
		for b.Loop() {
			Hash(Artifact{Objects: []Object{SummedFrom(was, now, now.Items[:1], now.Items[1:2])}})
		}
	})
}

// TestHashedIsTheHash of what it was worked out for, and of nothing else.
func TestHashedIsTheHash(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		a, b := random(r), random(r)
		h := Hashed(a)
		require.Equal(t, Hash(a), Hash(h))
		h.Objects = b.Objects
		require.Equal(t, Hash(b), Hash(h))
		h = Hashed(a)
		h.Target = "other"
		a.Target = "other"
		require.Equal(t, Hash(a), Hash(h))
	}
}

// TestHashOfManyObjects: of more objects than are hashed one after the other, too, the order does not count, and everything else does.
func TestHashOfManyObjects(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 7))
	hashes := map[string]bool{}
	for n := fewObjects - 2; n < fewObjects+3; n++ {
		a := many(n)
		h := Hash(a)
		turned := Artifact{Target: a.Target, Objects: slices.Clone(a.Objects)}
		r.Shuffle(n, func(i, j int) { turned.Objects[i], turned.Objects[j] = turned.Objects[j], turned.Objects[i] })
		for i := range turned.Objects {
			if r.IntN(2) == 0 {
				turned.Objects[i] = Summed(turned.Objects[i])
			}
		}
		require.Equal(t, h, Hash(turned))
		volatile := Object{Key: "v", Volatile: VolatileObject}
		turned.Objects = append(turned.Objects, volatile)
		require.Equal(t, h, Hash(turned), "what is volatile does not count, nor its number")
		changes := []func(*Object){
			func(*Object) {},
			func(o *Object) { o.Key += "x" },
			func(o *Object) { o.Head += "x" },
			func(o *Object) { o.Ordered = true },
			func(o *Object) { o.Items = []string{"other"} },
			func(o *Object) { o.Volatile = VolatileItems },
		}
		for _, change := range changes {
			other := Artifact{Target: a.Target, Objects: slices.Clone(turned.Objects)}
			change(&other.Objects[r.IntN(n)])
			require.Equal(t, Hash(unknown(other)), Hash(other))
			hashes[Hash(other)] = true
		}
		a.Target = "another"
		hashes[Hash(a)] = true
	}
	require.Len(t, hashes, 5*7)
}

// TestHashFromWhatChanged: however an artifact came about, with more objects than are hashed one after the other or with fewer, its hash is
// that of one that was made anew.
func TestHashFromWhatChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	all := many(2*fewObjects + 100).Objects
	for i := range all {
		if i%7 == 0 {
			all[i].Volatile = []Volatility{VolatileObject, VolatileItems}[r.IntN(2)]
		}
	}
	at := 0
	last := HashedFrom(Artifact{}, Artifact{Target: "t"}, nil, nil)
	crossed := map[bool]bool{}
	for range 60 {
		n := r.IntN(300)
		gone := slices.Clone(last.Objects[:min(len(last.Objects), r.IntN(100))])
		come := slices.Clone(all[at:min(at+n, len(all))])
		if at += n; at >= len(all) {
			at = 0
			gone = last.Objects
		}
		for i := range come {
			come[i].Key += fmt.Sprint(r.IntN(1_000_000))
		}
		now := Artifact{Target: "t", Objects: slices.Concat(last.Objects[len(gone):], come)}
		if r.IntN(8) == 0 {
			last = Hashed(last)
			last.known.count = 0
		}
		last = HashedFrom(last, now, gone, come)
		require.Equal(t, Hash(unknown(Artifact{Target: "t", Objects: now.Objects})), Hash(last))
		require.Equal(t, Hash(last), Hash(Hashed(last)))
		crossed[lasting(now.Objects) > fewObjects] = true
	}
	require.Len(t, crossed, 2)
}

// many is an artifact of objects that differ.
func many(n int) Artifact {
	a := Artifact{Target: "t"}
	for i := range n {
		a.Objects = append(a.Objects, Object{Key: fmt.Sprint("k", i), Head: fmt.Sprint("head", i), Items: []string{fmt.Sprint(i)}})
	}
	return a
}

// BenchmarkManyObjects is the hash of 30,000 objects, and the difference when two come and one goes.
func BenchmarkManyObjects(b *testing.B) {
	a := many(30_000)
	for i := range a.Objects {
		a.Objects[i] = Summed(a.Objects[i])
	}
	c := a
	c.Objects = slices.Delete(slices.Insert(slices.Clone(a.Objects), 10_000, many(30_002).Objects[30_000:]...), 20_000, 20_001)
	b.Run("hash", func(b *testing.B) {
		for b.Loop() {
			Hash(a)
		}
	})
	b.Run("hash-unknown", func(b *testing.B) {
		fresh := unknown(a)
		for b.Loop() {
			Hash(fresh)
		}
	})
	b.Run("diff", func(b *testing.B) {
		for b.Loop() {
			require.Len(b, Diff(a, c).Changes, 3)
		}
	})
}
