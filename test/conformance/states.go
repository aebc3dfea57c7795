// Package conformance has the test cases of other projects' suites, which headgate must decide as they expect.
package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// State is one line of what test/cyclonus writes; see State there.
type State struct {
	Case        int                 `json:"case"`
	Step        int                 `json:"step"`
	Description string              `json:"description"`
	Tags        []string            `json:"tags"`
	Objects     []json.RawMessage   `json:"objects"`
	Pods        []string            `json:"pods"`
	Expected    map[string][]string `json:"expected"`
}

// Name says which case and step this is.
func (s *State) Name() string {
	return fmt.Sprintf("%03d.%d %s", s.Case, s.Step, strings.ReplaceAll(s.Description, "/", " "))
}

// Manifests gives the objects as one stream of documents.
func (s *State) Manifests() []byte {
	var b bytes.Buffer
	for _, o := range s.Objects {
		b.Write(o)
		b.WriteString("\n---\n")
	}
	return b.Bytes()
}

// States runs the generator, a module of its own beside this package.
func States(t *testing.T) []State {
	t.Helper()
	module, err := exec.Command("go", "env", "GOMOD").Output()
	require.NoError(t, err)
	cmd := exec.Command("go", "run", ".")
	cmd.Dir, cmd.Env = filepath.Join(filepath.Dir(strings.TrimSpace(string(module))), "test/cyclonus"), append(os.Environ(), "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var states []State
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var s State
		if err := dec.Decode(&s); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		states = append(states, s)
	}
	return states
}
