package ovs

import (
	"context"
	"fmt"

	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Learn sends one bundle with a flow for each address that is new or gone. The switch looks at what it has cached within some
// milliseconds after that; an answer that Watch holds is let go only then.
func (d *Dataplane) Learn(ctx context.Context, plan artifact.Plan) error {
	mods := make([]Mod, 0, len(plan.Changes))
	for i := range plan.Changes {
		c := &plan.Changes[i]
		command, o := Add, c.New
		if c.Op == artifact.Delete {
			command, o = Delete, c.Old
		}
		f, ok := o.Value.(*openflow.Flow)
		if !ok || !openflow.IsVolatile(f) {
			return fmt.Errorf("%s is nothing that can be learned", c.Key)
		}
		mods = append(mods, Mod{command, Entry{Flow: *f}})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.prompt != nil && d.desk.isWatched() {
		d.settled = d.prompt()
	}
	if len(mods) > 0 {
		d.learned++
	}
	return d.bundle(ctx, mods, nil)
}
