package agent

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// told is a Health that notes what it is told.
type told []string

func (n *told) Queued() { *n = append(*n, "queued") }

func (n *told) InForce(p *ir.Pipeline) { *n = append(*n, "in force: "+p.Endpoints[0].Name) }

func TestHealthIsToldWhatIsInForce(t *testing.T) {
	d, health := newLively(), &told{}
	n := NewNode(Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Health: health})
	load := func(pod string) error {
		_, err := n.Load(t.Context(), pipeline(t, pod, ""), nil)
		return err
	}
	require.NoError(t, load("web"))
	d.fail = errors.New("no")
	require.Error(t, load("api"))
	require.Error(t, load("api"))
	d.fail = nil
	require.NoError(t, load("api"))
	require.Equal(t, told{"queued", "in force: web", "queued", "queued", "queued", "in force: api"}, *health)
}
