package nft

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/nft"
)

// Answers of DNS are held while the elements of nft.AliveSet are there. They end after aliveTime, and are renewed after aliveRenewal
// and whenever something was applied, since a table that is replaced has lost them.
const (
	aliveTime    = 3 * time.Second
	aliveRenewal = time.Second
)

// Watch tells the listener of packets that rules log, and of answers of DNS. Only one can watch in a network namespace. It makes the
// interfaces nft.PutBack and nft.PutBackRaw once somebody's answers are to be held, and holds them only while these exist. It returns an
// error if it cannot listen, or cannot make them.
func (d *Dataplane) Watch(ctx context.Context, l agent.Listener) error {
	logs, err := listen(d.netns, nft.LogGroup, grouping{bytes: logRecordBytes, packets: 32, delay: 1})
	if err != nil {
		return err
	}
	defer logs.close()
	answers, err := listen(d.netns, nft.AnswerGroup, grouping{bytes: wholePackets, packets: 1})
	if err != nil {
		return err
	}
	defer answers.close()
	w := &watcher{Dataplane: d, listener: l}
	defer w.closeDevices()
	return w.run(ctx, logs, answers)
}

// watcher is one call of Watch.
type watcher struct {
	*Dataplane
	telling  sync.Mutex // one call of the listener at a time
	listener agent.Listener
	making   sync.Mutex
	devices  map[string]*device // see makeDevices; nil until they are needed
}

// run listens to both groups until ctx ends or something fails. Then answers are no longer held, and those that are pass unseen.
func (w *watcher) run(ctx context.Context, logs, answers *listening) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	errs := make([]error, 3)
	start := func(i int, f func() error) {
		wg.Go(func() {
			errs[i] = f()
			cancel()
		})
	}
	var lost uint64
	start(0, func() error { return until(logs, func(p logged) error { return w.record(ctx, p, &lost) }) })
	start(1, func() error { return until(answers, func(p logged) error { return w.answer(ctx, p) }) })
	start(2, func() error {
		err := w.keepAlive(ctx)
		logs.stop()
		answers.stop()
		return err
	})
	wg.Wait()
	return errors.Join(errs...)
}

// until handles packets until the listening is stopped and none is left.
func until(l *listening, f func(logged) error) error {
	for {
		switch err := l.each(f); {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
	}
}

// record tells of a packet that a rule logged. Those that were lost before a packet of somebody else's rule count for the next.
func (w *watcher) record(ctx context.Context, p logged, lost *uint64) error {
	*lost += p.lost
	id, ok := nft.IDOfPrefix(p.prefix)
	if !ok || ctx.Err() != nil {
		return nil
	}
	if p.time.IsZero() {
		p.time = time.Now()
	}
	r := agent.Record{Rule: id, Time: p.time, Packet: slices.Clone(p.packet), Lost: *lost}
	*lost = 0
	w.telling.Lock()
	defer w.telling.Unlock()
	w.listener.Logged(r)
	return nil
}

// answer tells of a packet from a server of DNS, and lets it go on its way if it was held.
func (w *watcher) answer(ctx context.Context, p logged) error {
	if ip, ok := parse(p.packet); ok && ip.payload() > 0 && ctx.Err() == nil {
		w.telling.Lock()
		w.listener.Answered(slices.Clone(ip.packet))
		w.telling.Unlock()
	}
	if p.prefix == nft.SeenPrefix {
		return nil
	}
	devices, err := w.makeDevices()
	if err != nil {
		return err
	}
	if p.prefix != nft.RawPrefix {
		p.prefix = ""
	}
	return devices[p.prefix].put(p.packet)
}

// makeDevices makes the interfaces that packets are put back through, by the prefixes under which these come.
func (w *watcher) makeDevices() (map[string]*device, error) {
	w.making.Lock()
	defer w.making.Unlock()
	if w.devices != nil {
		return w.devices, nil
	}
	made := map[string]*device{}
	for prefix, name := range map[string]string{"": nft.PutBack, nft.RawPrefix: nft.PutBackRaw} {
		d, err := newDevice(w.netns, name)
		if err != nil {
			closeAll(made)
			return nil, err
		}
		made[prefix] = d
	}
	w.devices = made
	return made, nil
}

func (w *watcher) closeDevices() { closeAll(w.devices) }

func closeAll(devices map[string]*device) {
	for _, d := range devices {
		d.close()
	}
}

// keepAlive has answers held until ctx ends.
func (w *watcher) keepAlive(ctx context.Context) error {
	tick := time.NewTicker(aliveRenewal)
	defer tick.Stop()
	for {
		if err := w.renew(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return w.withdraw()
		case <-tick.C:
		case <-w.applied:
		}
	}
}

// renew makes the elements live for their whole time again, if anybody's answers are to be held. Older kernels do not renew an
// element that is there, so it is deleted and added, in one transaction.
func (w *watcher) renew() error {
	isHolding, err := w.hasAlive()
	if err != nil || !isHolding {
		return err
	}
	if _, err := w.makeDevices(); err != nil {
		return errors.Join(err, w.withdraw())
	}
	return w.changeAlive(unix.NFT_MSG_NEWSETELEM, unix.NFT_MSG_DELSETELEM, unix.NFT_MSG_NEWSETELEM)
}

func (w *watcher) withdraw() error {
	return w.changeAlive(unix.NFT_MSG_NEWSETELEM, unix.NFT_MSG_DELSETELEM)
}

// changeAlive does things to all elements of the set, if it is there.
func (w *watcher) changeAlive(types ...uint16) error {
	s, b := nft.AliveSet(), &batch{}
	for _, typ := range types {
		if err := b.elements(typ, s, s.Elements); err != nil {
			return err
		}
	}
	if err := w.commit(b); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("hold answers: %w", err)
	}
	return nil
}

// hasAlive reports whether the kernel has the set.
func (w *watcher) hasAlive() (exists bool, err error) {
	body := inTable()
	body.str(unix.NFTA_SET_NAME, nft.AliveSet().Name)
	var answer error
	err = w.with(func(s *socket) error {
		answer = s.request(message{unix.NFT_MSG_GETSET, 0, body.b}, func([]byte) error { exists = true; return nil })
		if errors.Is(answer, unix.ENOENT) {
			return nil
		}
		return answer
	})
	return exists, err
}
