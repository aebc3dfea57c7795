package manifest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

func TestSelectorsAreCanonical(t *testing.T) {
	a := MakeSelector(
		Requirement{"tier", In, []string{"b", "a", "b"}},
		Requirement{"x", DoesNotExist, nil},
		Requirement{"app", In, []string{"web"}},
		Requirement{"y", Exists, []string{}},
		Requirement{"app", NotIn, []string{"db"}},
		Requirement{"app", NotIn, []string{"z", "db"}},
		Requirement{"app", In, []string{"web"}},
	)
	require.Equal(t, "app=web,app!=db,app notin (db,z),tier in (a,b),!x,y", a.String())
	b := MakeSelector(a.Requirements[3], a.Requirements[1], a.Requirements[0], a.Requirements[5], a.Requirements[4], a.Requirements[2])
	require.Equal(t, a, b)
	require.Empty(t, MakeSelector().String())
	require.True(t, MakeSelector().Matches(nil))
}

func TestLabelsGet(t *testing.T) {
	var l Labels
	for i := range 20 {
		v, ok := l.Get("k05")
		require.Equal(t, i > 5, ok)
		if ok {
			require.Equal(t, "5", v)
		}
		_, ok = l.Get("zz")
		require.False(t, ok)
		l = append(l, Label{fmt.Sprintf("k%02d", i), strconv.Itoa(i)})
	}
}

// TestSelectorsMatchAsInKubernetes compares with the library that controllers use.
func TestSelectorsMatchAsInKubernetes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	keys, values, ops := []string{"a", "b", "c"}, []string{"", "x", "y", "z"}, []Operator{In, NotIn, Exists, DoesNotExist}
	texts := map[string]Selector{}
	for range 5000 {
		var requirements []Requirement
		theirs := &metav1.LabelSelector{}
		for range r.IntN(4) {
			q := Requirement{Key: keys[r.IntN(3)], Op: ops[r.IntN(4)]}
			if q.Op == In || q.Op == NotIn {
				for range 1 + r.IntN(3) {
					q.Values = append(q.Values, values[r.IntN(4)])
				}
			}
			requirements = append(requirements, q)
			theirs.MatchExpressions = append(theirs.MatchExpressions, metav1.LabelSelectorRequirement{
				Key: q.Key, Operator: metav1.LabelSelectorOperator(q.Op), Values: q.Values})
		}
		ours := MakeSelector(requirements...)
		if before, ok := texts[ours.String()]; ok {
			require.Equal(t, before, ours, "equal texts mean equal selectors")
		}
		texts[ours.String()] = ours
		selector, err := metav1.LabelSelectorAsSelector(theirs)
		require.NoError(t, err)
		for range 10 {
			var l Labels
			set := labels.Set{}
			for _, k := range keys {
				if r.IntN(2) == 0 {
					v := values[r.IntN(4)]
					l, set[k] = append(l, Label{k, v}), v
				}
			}
			require.Equal(t, selector.Matches(set), ours.Matches(l), "%s on %s", ours, l)
		}
	}
}
