package openflow

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSlotsDoNotDependOnTheOrder: keys that came and went in any order have the numbers that they get one after the other, the least key
// first.
func TestSlotsDoNotDependOnTheOrder(t *testing.T) {
	const numbers = 16
	wanted := func(k int) uint32 { return uint32(k*k%7) % numbers }
	following := func(n uint32) uint32 { return (n + 1) % numbers }
	r := rand.New(rand.NewPCG(8, 15))
	pushed := 0
	for range 300 {
		s := newSlots(wanted, following, cmp.Compare)
		there := map[int]bool{}
		for range 60 {
			before := map[int]uint32{}
			for k, n := range s.of {
				before[k] = n
			}
			k := r.IntN(30)
			var changed []int
			switch {
			case there[k]:
				changed = s.remove(k)
				delete(there, k)
				delete(before, k)
			case len(there) < numbers-1:
				changed = s.add(k)
				there[k] = true
			}
			require.Equal(t, inOrder(there, wanted, following), s.of)
			for k, n := range s.of {
				require.Equal(t, n, map[bool]uint32{true: n, false: before[k]}[slices.Contains(changed, k)], "it is told what has changed")
				require.Equal(t, k, s.at[n])
			}
			require.Len(t, s.at, len(there))
			pushed += len(changed)
		}
	}
	require.Greater(t, pushed, 300*60)
}

// inOrder gives numbers as the definition says.
func inOrder(keys map[int]bool, home func(int) uint32, next func(uint32) uint32) map[int]uint32 {
	out, taken := map[int]uint32{}, map[uint32]bool{}
	for k := range 30 {
		if !keys[k] {
			continue
		}
		n := home(k)
		for taken[n] {
			n = next(n)
		}
		out[k], taken[n] = n, true
	}
	return out
}
