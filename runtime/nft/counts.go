package nft

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/nft"
)

// Counts tells what each rule has decided since the kernel has it: what our rules with the id in their comments have counted,
// together, and what the elements with their label have. Rules that have decided nothing are left out. While the ruleset changes it is
// read again, as by Observe. The numbers are not of one moment: packets may pass while they are read.
func (d *Dataplane) Counts(ctx context.Context) (map[ir.RuleID]agent.Count, error) {
	for attempt := 0; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var counts map[ir.RuleID]agent.Count
		err := d.with(func(s *socket) (err error) {
			o := observer{socket: s}
			counts, err = o.counts()
			return err
		})
		if errors.Is(err, errInterrupted) && attempt < readAttempts {
			time.Sleep(time.Millisecond << min(attempt, maxBackoff))
			continue
		}
		return counts, err
	}
}

// counts reads connections before packets, and packets that followed before those that began them, so that there are never more
// connections than packets.
func (o *observer) counts() (map[ir.RuleID]agent.Count, error) {
	if found, err := o.table(); err != nil || !found {
		return map[ir.RuleID]agent.Count{}, err
	}
	opened, carried := map[nft.Value]agent.Count{}, map[nft.Value]agent.Count{}
	var counting []*nft.Set
	err := o.dump(unix.NFT_MSG_GETSET, "sets", func(a attrs) error {
		if s, _, ok := readSet(a); ok && s.Counts {
			counting = append(counting, s)
		}
		return nil
	})
	for _, s := range counting {
		switch {
		case err != nil:
		case nft.CountsConnections(s.Name):
			err = o.elementCounts(s, opened)
		case nft.CountsCarried(s.Name):
			err = o.elementCounts(s, carried)
		}
	}
	if err != nil {
		return nil, err
	}
	judged := map[ir.RuleID]agent.Count{}
	if err := o.dump(unix.NFT_MSG_GETRULE, "counters", func(a attrs) error { return addCount(judged, a) }); err != nil {
		return nil, err
	}
	return whole(judged, opened, carried), nil
}

// elementCounts reads what the elements of a set have counted, each once: see elements.
func (o *observer) elementCounts(s *nft.Set, into map[nft.Value]agent.Count) error {
	w := inTable()
	w.str(unix.NFTA_SET_ELEM_LIST_SET, s.Name)
	err := o.socket.request(message{unix.NFT_MSG_GETSETELEM, unix.NLM_F_DUMP, w.b}, func(body []byte) error {
		a, err := parseAttrs(body)
		if err != nil {
			return err
		}
		return each(a[unix.NFTA_SET_ELEM_LIST_ELEMENTS], func(_ uint16, data []byte) error {
			e, err := readElement(s, data)
			if err != nil {
				return nil // not of our making
			}
			if _, twice := into[e.key]; twice {
				return errInterrupted
			}
			a, err := parseAttrs(data)
			if err != nil {
				return err
			}
			into[e.key], err = elementCount(a[unix.NFTA_SET_ELEM_EXPR])
			return err
		})
	})
	if errors.Is(err, unix.ENOENT) {
		return errInterrupted
	}
	if err != nil && !errors.Is(err, errInterrupted) {
		return fmt.Errorf("read set %s: %w", s.Name, err)
	}
	return err
}

// elementCount reads an element's counter.
func elementCount(data []byte) (agent.Count, error) {
	a, err := parseAttrs(data)
	if err != nil {
		return agent.Count{}, err
	}
	e := expression{a.str(unix.NFTA_EXPR_NAME), map[path]string{}}
	if err := e.read(0, a[unix.NFTA_EXPR_DATA]); err != nil {
		return agent.Count{}, err
	}
	c, _ := e.count()
	return c, nil
}

// whole adds to what rules have judged what belongs to the connections that they allowed. A rule that has no label refuses, or
// leaves the decision to others: then each packet stands for itself.
func whole(judged map[ir.RuleID]agent.Count, opened, carried map[nft.Value]agent.Count) map[ir.RuleID]agent.Count {
	out := make(map[ir.RuleID]agent.Count, len(judged))
	for id, c := range judged {
		isLabelled := false
		sum := agent.Count{Packets: c.Packets, Bytes: c.Bytes}
		for _, label := range nft.Labels(id) {
			connections, known := opened[label]
			isLabelled = isLabelled || known
			sum.Sessions += connections.Packets
			sum.Packets += carried[label].Packets
			sum.Bytes += carried[label].Bytes
		}
		if !isLabelled {
			sum.Sessions = c.Packets
		}
		if sum != (agent.Count{}) {
			out[id] = sum
		}
	}
	return out
}

// addCount adds what one rule has counted. It may be nothing.
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
		if c, counted := e.count(); counted {
			sum := counts[id]
			counts[id] = agent.Count{Packets: sum.Packets + c.Packets, Bytes: sum.Bytes + c.Bytes}
		}
	})
}
