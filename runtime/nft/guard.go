package nft

import (
	"context"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/nft"
)

var _ agent.Guarding = (*Dataplane)(nil)

// Guard has what comes out of the tunnel dropped unless it is a reply or the rules that are in force have marked it, by a table of its own
// (nft.Guard). It is no part of what is observed.
func (d *Dataplane) Guard(ctx context.Context) error {
	b := &batch{}
	b.without(nft.GuardTable)
	if err := b.beside(nft.GuardTable, nft.Guard()); err != nil {
		return err
	}
	return d.scaffold(ctx, b)
}

// Unguard deletes the table, if there is one.
func (d *Dataplane) Unguard(ctx context.Context) error {
	b := &batch{}
	b.without(nft.GuardTable)
	return d.scaffold(ctx, b)
}

func (d *Dataplane) scaffold(ctx context.Context, b *batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.commit(b)
}
