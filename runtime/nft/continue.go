package nft

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// # Going on from what is known
//
// Reading a large ruleset back takes much longer than changing it. The kernel counts the transactions of a network namespace, whoever
// makes them and in whatever table (NFT_MSG_GETGEN), and refuses one that names another count than there is (NFNL_BATCH_GENID, with
// ERESTART). So a Dataplane reads the count before and behind each transaction of its own, and when it reads the ruleset: as long as
// there are no steps but its own, a state that was read once, and the changes made since, are what the kernel holds. What packets do
// (elements that are learned, or end by themselves) is not counted, and no part of a state.
//
// Steps of others need not concern our table. That is not looked into: the next change reads everything again.

// count is the kernel's count of transactions, as far as a Dataplane has followed it.
type count struct {
	value uint32 // as of the last look
	epoch uint64 // grows with each step that was somebody else's
}

// look takes in the kernel's count: if it is not what it was, somebody else has changed something.
func (c *count) look(s *socket) error { return c.expect(s, c.value) }

// expect takes in the kernel's count, which is to be the given one.
func (c *count) expect(s *socket, value uint32) error {
	now, err := s.counted()
	if err != nil {
		c.epoch++
		return err
	}
	if now != value {
		c.epoch++
	}
	c.value = now
	return nil
}

// counted is the kernel's count.
func (s *socket) counted() (uint32, error) {
	var value uint32
	err := s.request(message{unix.NFT_MSG_GETGEN, 0, nil}, func(body []byte) error {
		a, err := parseAttrs(body)
		value = a.u32(unix.NFTA_GEN_ID)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read the count of changes: %w", err)
	}
	return value, nil
}

// step makes a transaction and follows the count. only is the count at which alone it is to happen; 0: at any.
func (c *count) step(s *socket, messages []message, only uint32) ([]refusal, error) {
	if err := c.look(s); err != nil {
		return nil, err
	}
	before := c.value
	refused, err := s.transact(messages, only)
	if err != nil || len(refused) > 0 {
		return refused, errors.Join(err, c.expect(s, before))
	}
	return nil, c.expect(s, before+1)
}

// observe is the function of that name, for a state that can be gone on from.
func (c *count) observe(s *socket) (agent.State, error) {
	if err := c.look(s); err != nil {
		return agent.State{}, err
	}
	epoch := c.epoch
	state, err := observe(s)
	if err != nil {
		return state, err
	}
	if known, ok := state.Private.(*private); ok {
		known.epoch = epoch
	}
	return state, c.look(s)
}

// Continue is agent.Continuing's. It leaves to Apply what replaces the whole table.
func (d *Dataplane) Continue(ctx context.Context, from agent.State, plan artifact.Plan) (agent.State, error) {
	known, _ := from.Private.(*private)
	if err := ctx.Err(); err != nil {
		return agent.State{}, err
	}
	if known == nil || len(plan.To.Objects) == 0 || needsReload(plan) || isForeign(known.generation) {
		return agent.State{}, agent.ErrChanged
	}
	b, err := plannedBatch(from, plan)
	if err != nil {
		return agent.State{}, err
	}
	next := &private{handles: maps.Clone(known.handles), epoch: known.epoch}
	var refused []refusal
	err = d.with(func(s *socket) (err error) {
		if refused, err = d.goOn(s, b, known.epoch); err != nil || len(refused) > 0 {
			return err
		}
		return next.reread(s, plan)
	})
	switch {
	case errors.Is(err, errInterrupted):
		next.epoch = 0 // what was changed is in force, but somebody else is at work
	case err != nil:
		return agent.State{}, err
	case len(refused) > 0:
		return agent.State{}, b.refusedError(refused)
	}
	generation := artifact.Generation(plan.To)
	stored := nft.SetObject(nft.GenerationSet(generation))
	next.generation = &stored
	if len(b.messages) > 0 {
		err = d.changed(plan)
	}
	return agent.State{Artifact: plan.To, Generation: generation, Private: next}, err
}

// goOn makes the transaction if only we have changed anything since the epoch began.
func (d *Dataplane) goOn(s *socket, b *batch, epoch uint64) ([]refusal, error) {
	if err := d.count.look(s); err != nil {
		return nil, err
	}
	if d.count.epoch != epoch {
		return nil, agent.ErrChanged
	}
	if len(b.messages) == 0 {
		return nil, nil
	}
	refused, err := d.count.step(s, b.messages, d.count.value)
	if slices.ContainsFunc(refused, func(r refusal) bool { return r.errno == unix.ERESTART }) {
		return nil, agent.ErrChanged
	}
	return refused, err
}

// reread reads the rules of the chains that a plan has changed, for their handles.
func (p *private) reread(s *socket, plan artifact.Plan) error {
	for _, c := range plan.Changes {
		kind, name := splitKey(c.Key)
		if kind != kindChain {
			continue
		}
		delete(p.handles, c.Key)
		if c.Op == artifact.Delete {
			continue
		}
		var items []string
		w := inTable()
		w.str(unix.NFTA_RULE_CHAIN, name)
		err := s.request(message{unix.NFT_MSG_GETRULE, unix.NLM_F_DUMP, w.b}, func(body []byte) error {
			a, err := parseAttrs(body)
			if err != nil || a.str(unix.NFTA_RULE_TABLE) != nft.TableName || a.str(unix.NFTA_RULE_CHAIN) != name {
				return err
			}
			items = append(items, readRule(a))
			p.handles[c.Key] = append(p.handles[c.Key], a.u64(unix.NFTA_RULE_HANDLE))
			return nil
		})
		if err != nil {
			return err
		}
		if !slices.Equal(items, c.New.Items) {
			return fmt.Errorf("verify: %s holds something else than was applied", c.Key)
		}
	}
	return nil
}
