package source

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	require.Equal(t, "-", Pos{}.String())
	require.Equal(t, "a", Pos{File: "a"}.String())
	require.Equal(t, "a:3", Pos{File: "a", Line: 3}.String())
	require.Equal(t, "a:3:4", Pos{"a", 3, 4}.String())
	require.False(t, Pos{File: "a"}.IsValid())
	require.Equal(t, "Pod a/b spec (f:1:2)", Origin{"Pod a/b", "spec", Pos{"f", 1, 2}}.String())
	require.Equal(t, "Pod a/b", Origin{Object: "Pod a/b"}.String())
	require.Equal(t, "spec", Origin{Field: "spec"}.Label())
}

func TestOrder(t *testing.T) {
	sorted := []Origin{{}, {"", "a", Pos{}}, {"A", "", Pos{"z", 9, 9}}, {"A", "b", Pos{}}, {"A", "b", Pos{"f", 0, 0}}, {"A", "b", Pos{"f", 1, 1}},
		{"A", "b", Pos{"f", 1, 2}}, {"A", "b", Pos{"f", 2, 1}}, {"A", "b", Pos{"g", 1, 1}}, {"B", "", Pos{}}}
	for i, a := range sorted {
		for j, b := range sorted {
			switch c := a.Compare(b); {
			case i < j:
				require.Negative(t, c)
			case i == j:
				require.Zero(t, c)
			default:
				require.Positive(t, c)
			}
		}
	}
}
