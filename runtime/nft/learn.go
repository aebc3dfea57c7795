package nft

import (
	"context"
	"fmt"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

var _ agent.Live = (*Dataplane)(nil)

// Learn changes elements of volatile sets, which must be in the kernel; an element that comes may be there already, and one that
// goes must be. It is refused with *agent.RefusedError. It takes microseconds, whatever the size of the sets.
func (d *Dataplane) Learn(ctx context.Context, plan artifact.Plan) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b := &batch{}
	for _, c := range plan.Changes {
		s, ok := c.New.Value.(*nft.Set)
		if c.Op != artifact.Modify || !ok || nft.VolatilityOf(s.Name) != artifact.VolatileItems {
			return fmt.Errorf("%s of %s is nothing to learn", c.Op, c.Key)
		}
		if err := b.modifySet(s, c); err != nil {
			return err
		}
	}
	if len(b.messages) == 0 {
		return nil
	}
	return d.commit(b)
}
