package artifact

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// random makes an artifact over a small universe, so that two of them share most of their parts.
func random(r *rand.Rand) Artifact {
	a := Artifact{Target: "test", Node: "n"}
	for _, k := range r.Perm(8) {
		if r.IntN(3) == 0 {
			continue
		}
		o := Object{Key: fmt.Sprint("k", k), Head: fmt.Sprint("head", r.IntN(5)/4), Ordered: k%2 == 0}
		for range r.IntN(7) {
			o.Items = append(o.Items, fmt.Sprint("item", r.IntN(8)))
		}
		if !o.Ordered {
			slices.Sort(o.Items)
			o.Items = slices.Compact(o.Items)
		}
		a.Objects = append(a.Objects, o)
	}
	return a
}

func TestApplyOfDiffGivesTarget(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	changed := 0
	for range 20000 {
		a, b := random(r), random(r)
		require.NoError(t, Check(a))
		plan := Diff(a, b)
		got, err := Apply(a, plan)
		require.NoError(t, err)
		require.True(t, Equal(b, got), "%s\n%s\n%s\n%s", Text(a), Text(b), plan.Text(), Text(got))
		require.Equal(t, plan.IsEmpty(), Hash(a) == Hash(b))
		changed += len(plan.Changes)
	}
	require.Greater(t, changed, 20000)
}

func TestDiffOfSequenceIsSmallest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		a, b := make([]string, r.IntN(9)), make([]string, r.IntN(9))
		for _, s := range [][]string{a, b} {
			for i := range s {
				s[i] = string(rune('a' + r.IntN(4)))
			}
		}
		require.Len(t, diffSequence(a, b), len(a)+len(b)-2*longestCommon(a, b), "%v %v", a, b)
	}
}

// longestCommon is the textbook recursion.
func longestCommon(a, b []string) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return 0
	case a[0] == b[0]:
		return 1 + longestCommon(a[1:], b[1:])
	}
	return max(longestCommon(a[1:], b), longestCommon(a, b[1:]))
}

func TestDiffNamesWhatChanges(t *testing.T) {
	a := Artifact{Target: "test", Objects: []Object{
		{Key: "s", Head: "set s", Items: []string{"1", "2", "3"}},
		{Key: "gone", Head: "chain gone", Ordered: true, Items: []string{"x"}},
		{Key: "c", Head: "chain c", Ordered: true, Items: []string{"a", "b", "c", "d"}},
		{Key: "h", Head: "chain h one"},
	}}
	b := Artifact{Target: "test", Objects: []Object{
		{Key: "s", Head: "set s", Items: []string{"1", "3", "4"}},
		{Key: "new", Head: "chain new", Ordered: true, Items: []string{"y"}},
		{Key: "c", Head: "chain c", Ordered: true, Items: []string{"a", "B", "c", "d", "e"}},
		{Key: "h", Head: "chain h two"},
	}}
	plan := Diff(a, b)
	require.Equal(t, `-chain gone
-	x
~set s
-	2
+	4
+chain new
+	y
~chain c
-	b
+	B
+	e
-chain h one
+chain h two
`, plan.Text())
	require.Equal(t, "1 object added, 1 deleted, 1 replaced, 2 modified; 4 items added, 3 deleted", plan.Summary().String())
	require.Equal(t, []Edit{{Delete, 1, "b"}, {Add, 1, "B"}, {Add, 4, "e"}}, plan.Changes[3].Edits)
	require.Nil(t, plan.Order)
}

func TestApplyRefusesForeignPlan(t *testing.T) {
	a := Artifact{Objects: []Object{{Key: "s", Head: "s", Items: []string{"1"}}}}
	b := Artifact{Objects: []Object{{Key: "s", Head: "s", Items: []string{"2"}}}}
	plan := Diff(a, b)
	_, err := Apply(b, plan)
	require.ErrorContains(t, err, `no item "1" at 0`)
	_, err = Apply(Artifact{}, plan)
	require.ErrorContains(t, err, "modify s")
}

func TestHashIgnoresNodeOrderAndValues(t *testing.T) {
	x, y := Object{Key: "x", Head: "hx", Items: []string{"1"}}, Object{Key: "y", Head: "hy", Ordered: true}
	a := Artifact{Target: "t", Node: "n1", Objects: []Object{x, y}}
	require.Len(t, Hash(a), 64)
	require.Len(t, Generation(a), 16)
	b := Artifact{Target: "t", Node: "n2", Objects: []Object{y, x}}
	b.Objects[0].Value = 1
	require.Equal(t, Hash(a), Hash(b))
	require.True(t, Diff(a, b).IsEmpty())
	b.Objects[1].Items = []string{"1", "2"}
	require.NotEqual(t, Hash(a), Hash(b))
	c := Artifact{Target: "t", Objects: []Object{{Key: "x", Head: "hx", Items: nil}, {Key: "1", Head: "hy", Ordered: true}}}
	require.NotEqual(t, Hash(a), Hash(c))
}

func TestCheckFindsBreaches(t *testing.T) {
	require.ErrorContains(t, Check(Artifact{Objects: []Object{{Key: "a"}, {Key: "a"}}}), `key "a"`)
	require.ErrorContains(t, Check(Artifact{Objects: []Object{{Key: "a", Items: []string{"2", "1"}}}}), "out of order")
	require.ErrorContains(t, Check(Artifact{Objects: []Object{{Key: "a", Items: []string{"1", "1"}}}}), "out of order")
}

func BenchmarkDiff100kItems(b *testing.B) {
	items := make([]string, 100_000)
	for i := range items {
		items[i] = fmt.Sprintf("item%06d", i)
	}
	changed := slices.Clone(items)
	changed[50_000] += "x"
	for _, ordered := range []string{"set", "sequence"} {
		x := Artifact{Objects: []Object{{Key: "x", Ordered: ordered == "sequence", Items: items}}}
		y := Artifact{Objects: []Object{{Key: "x", Ordered: ordered == "sequence", Items: changed}}}
		b.Run(ordered, func(b *testing.B) {
			for b.Loop() {
				Diff(x, y)
			}
		})
	}
}

func BenchmarkHash100kItems(b *testing.B) {
	items := make([]string, 100_000)
	for i := range items {
		items[i] = fmt.Sprintf("10.0.%d.%d", i/256, i%256)
	}
	a := Artifact{Objects: []Object{{Key: "x", Items: items}}}
	for b.Loop() {
		Hash(a)
	}
}

// TestDiffOfManyObjects: however far apart what is the same in both has come to stand, the plan is the smallest, and fits.
func TestDiffOfManyObjects(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 300 {
		a := many(400)
		b := Artifact{Target: a.Target}
		changed := map[string]bool{}
		skip := 0
		for i, o := range a.Objects {
			if skip--; skip >= 0 {
				changed[o.Key] = true
				continue
			}
			switch r.IntN(60) {
			case 0:
				skip = []int{1, mostBetween - 1, mostBetween, mostBetween + 1}[r.IntN(4)]
			case 1:
				for k := range []int{1, 3, mostBetween, mostBetween + 1}[r.IntN(4)] {
					added := Object{Key: fmt.Sprint("new", i, ".", k)}
					b.Objects, changed[added.Key] = append(b.Objects, added), true
				}
			case 2:
				o.Head, changed[o.Key] = "other", true
			case 3:
				o.Items, changed[o.Key] = []string{"other"}, true
			}
			b.Objects = append(b.Objects, o)
		}
		if r.IntN(4) == 0 {
			i, j := r.IntN(len(b.Objects)), r.IntN(len(b.Objects))
			b.Objects[i], b.Objects[j] = b.Objects[j], b.Objects[i]
		}
		plan := Diff(a, b)
		got, err := Apply(a, plan)
		require.NoError(t, err)
		require.True(t, Equal(b, got))
		require.Len(t, plan.Changes, len(changed))
		for _, c := range plan.Changes {
			require.True(t, changed[c.Key])
			require.True(t, c.Op != Add && c.Op != Replace || b.Objects[c.At].Key == c.Key)
		}
	}
}
