package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExitCode(t *testing.T) {
	failed := errors.New("no such thing")
	for _, c := range []struct {
		err  error
		code int
		text string
	}{
		{nil, 0, ""},
		{failed, 3, "no such thing"},
		{&exit{code: 1}, 1, ""},
		{fmt.Errorf("new: %w", &exit{2, failed}), 2, "new: no such thing"},
		{fmt.Errorf("up: %w", context.Canceled), 3, "interrupted"},
	} {
		code, text := exitCode(c.err)
		require.Equal(t, c.code, code, "%v", c.err)
		require.Equal(t, c.text, text, "%v", c.err)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"port", "port", 0}, {"prot", "port", 2}, {"targt", "target", 1}, {"kitten", "sitting", 3}} {
		require.Equal(t, c.want, distance(c.a, c.b), "%s %s", c.a, c.b)
		require.Equal(t, c.want, distance(c.b, c.a), "%s %s", c.b, c.a)
	}
}
