package manifest

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
)

// TestNamesAreThoseOfKubernetes compares each judge with the library that the API server uses.
func TestNamesAreThoseOfKubernetes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const letters = "ab-.A1_/ é"
	words := []string{""}
	for range 10_000 {
		word := make([]byte, 1+r.IntN(7))
		for i := range word {
			word[i] = letters[r.IntN(len(letters))]
		}
		words = append(words, string(word))
	}
	for _, n := range []int{15, 16, 63, 64, 253, 254} {
		for _, unit := range []string{"a", "1", "a.", "a-b/"} {
			word := ""
			for len(word) < n {
				word += unit
			}
			words = append(words, word[:n], word[:n-1]+"z")
		}
	}
	for _, word := range words {
		require.Equal(t, len(validation.IsDNS1123Label(word)) == 0, badLabelName(word) == "", "label %q", word)
		require.Equal(t, len(validation.IsDNS1123Subdomain(word)) == 0, badSubdomain(word) == "", "subdomain %q", word)
		require.Equal(t, len(validation.IsValidLabelValue(word)) == 0, badLabelValue(word) == "", "value %q", word)
		require.Equal(t, len(validation.IsQualifiedName(word)) == 0, badLabelKey(word) == "", "key %q", word)
		require.Equal(t, len(validation.IsValidPortName(word)) == 0, badPortName(word) == "", "port %q", word)
	}
}
