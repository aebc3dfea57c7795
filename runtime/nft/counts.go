package nft

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/nft"
)

// Counts tells what each rule has decided since the kernel has it: what our rules with the id in their comments have counted,
// together. Rules that have decided nothing are left out. While the ruleset changes it is read again, as by Observe.
func (d *Dataplane) Counts(ctx context.Context) (map[ir.RuleID]agent.Count, error) {
	for attempt := 0; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		counts := map[ir.RuleID]agent.Count{}
		err := d.with(func(s *socket) error {
			o := observer{socket: s}
			return o.dump(unix.NFT_MSG_GETRULE, "counters", func(a attrs) error { return addCount(counts, a) })
		})
		if errors.Is(err, errInterrupted) && attempt < readAttempts {
			continue
		}
		return counts, err
	}
}

// addCount adds what one rule has counted.
func addCount(counts map[ir.RuleID]agent.Count, a attrs) error {
	comment, err := readComment(a[unix.NFTA_RULE_USERDATA])
	if err != nil {
		return nil // not of our making
	}
	id, ok := nft.IDOfComment(comment)
	if !ok {
		return nil
	}
	return eachExpression(a[unix.NFTA_RULE_EXPRESSIONS], func(e expression) {
		if c, counted := e.count(); counted && c.Packets > 0 {
			sum := counts[id]
			counts[id] = agent.Count{Packets: sum.Packets + c.Packets, Bytes: sum.Bytes + c.Bytes}
		}
	})
}
