// Package dockerfile lints deploy/Dockerfile with the linter that Docker's own builder has. Nothing is built, and no registry is asked.
package dockerfile

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	digest "github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// images has every image that is asked for, as one for Linux without settings.
type images struct{}

func (images) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := []byte(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers"},"config":{}}`)
	return ref, digest.FromBytes(config), config, nil
}

// complaints are the names of the rules that a Dockerfile breaks, of those that are on by default and those that are on trial.
func complaints(t *testing.T, text string) []string {
	t.Helper()
	definition, err := llb.Scratch().Marshal(t.Context())
	require.NoError(t, err)
	file := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte(text))
	file.Definition = definition
	results, err := dockerfile2llb.DockerfileLint(t.Context(), []byte(text), dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{}, SourceMap: file, MetaResolver: images{},
	})
	require.NoError(t, err)
	if results.Error != nil {
		return []string{results.Error.Message}
	}
	var out []string
	for _, w := range results.Warnings {
		out = append(out, name(w))
	}
	return out
}

func name(w lint.Warning) string { return w.RuleName }

// TestLint: the Dockerfile breaks no rule; one that did would be found.
func TestLint(t *testing.T) {
	text, err := os.ReadFile("../../deploy/Dockerfile")
	require.NoError(t, err)
	require.Empty(t, complaints(t, string(text)))

	for _, bad := range []struct{ old, instead, rule string }{
		{`ENTRYPOINT ["/headgate"]`, "ENTRYPOINT /headgate", "JSONArgsRecommended"},
		{"AS build", "as build", "FromAsCasing"},
		{"WORKDIR /src", "WORKDIR src", "WorkdirRelativePath"},
		{"ARG VERSION=unknown", "ARG PASSWORD=unknown", "SecretsUsedInArgOrEnv"},
		{"ENTRYPOINT", "COPY $WHAT /\nENTRYPOINT", "UndefinedVar"},
		{"COPY --from=build", "COPY --sometimes --from=build", "unknown flag: --sometimes"},
		{"FROM scratch", "FRM scratch", "unknown instruction"},
	} {
		changed := strings.Replace(string(text), bad.old, bad.instead, 1)
		require.NotEqual(t, string(text), changed)
		require.Contains(t, strings.Join(complaints(t, changed), "\n"), bad.rule)
	}
}
