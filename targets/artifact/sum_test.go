package artifact

import (
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
