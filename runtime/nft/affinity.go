package nft

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// forgetAttempts bounds how often clients are looked for that are led to a target that is gone.
const forgetAttempts = 20

// forgetLost makes clients forget the targets that a plan took away. It comes after the plan's transaction, so that nobody can be
// sent there anew. Elements come and go while it works: it ends when it finds none that is to be forgotten.
func (d *Dataplane) forgetLost(plan artifact.Plan) error {
	lost := nft.LostTargets(plan)
	if lost.IsEmpty() {
		return nil
	}
	for attempt := range forgetAttempts {
		found, err := d.forgetOnce(nft.Remembering(plan), lost)
		if err != nil {
			return fmt.Errorf("forget clients of targets that are gone: %w", err)
		}
		if !found {
			return nil
		}
		if attempt > 0 {
			time.Sleep(time.Millisecond << min(attempt, maxBackoff))
		}
	}
	return errors.New("clients keep being led to targets that are gone")
}

// forgetOnce reports whether there was anything to forget.
func (d *Dataplane) forgetOnce(maps []*nft.Set, lost *nft.Lost) (found bool, err error) {
	b := &batch{}
	for _, m := range maps {
		var stale []*nft.Element
		err := d.with(func(s *socket) error {
			return (&observer{socket: s}).eachElement(m, func(e *nft.Element) {
				if lost.Has(m, e) {
					stale = append(stale, e)
				}
			})
		})
		if err != nil {
			return false, err
		}
		if err := b.elements(unix.NFT_MSG_DELSETELEM, m, stale); err != nil {
			return false, err
		}
	}
	if len(b.messages) == 0 {
		return false, nil
	}
	// One that ended by itself meanwhile cannot be deleted; then the next attempt deletes the others.
	if err := d.commit(b); err != nil && !errors.Is(err, unix.ENOENT) {
		return false, err
	}
	return true, nil
}

// eachElement calls f for each element of a set without intervals. Some may be listed twice, or left out.
func (o *observer) eachElement(s *nft.Set, f func(*nft.Element)) error {
	w := inTable()
	w.str(unix.NFTA_SET_ELEM_LIST_SET, s.Name)
	err := o.socket.request(message{unix.NFT_MSG_GETSETELEM, unix.NLM_F_DUMP, w.b}, func(body []byte) error {
		a, err := parseAttrs(body)
		if err != nil {
			return err
		}
		return each(a[unix.NFTA_SET_ELEM_LIST_ELEMENTS], func(_ uint16, data []byte) error {
			if e, err := readElement(s, data); err == nil {
				f(&nft.Element{From: e.key, To: e.key, Verdict: e.verdict, Data: e.data})
			}
			return nil
		})
	})
	if errors.Is(err, errInterrupted) {
		return nil // the next attempt sees the rest
	}
	return err
}
