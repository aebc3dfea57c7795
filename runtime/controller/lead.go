package controller

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// Lease says which Lease several controllers hold one at a time.
type Lease struct {
	Client          *rest.Config
	Namespace, Name string
	Identity        string        // of this controller, another one for each
	Duration        time.Duration // after which the Lease of one that says nothing is free
	Log             *slog.Logger
}

// Lead has f work whenever this controller has the Lease, until ctx ends; f ends when its context does. When ctx ends, the Lease is given
// back after f has ended, so that the next one need not wait. One that cannot renew it stops before others may have it, and one that
// sees that somebody has taken it stops at once.
func Lead(ctx context.Context, l Lease, f func(context.Context)) error {
	client, err := coordination.NewForConfig(rest.AddUserAgent(l.Client, "leader-election"))
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		t := &term{lease: &l, f: f}
		if err := t.run(ctx, client); err != nil {
			return err
		}
	}
	return nil
}

// term is the time from when one waits for the Lease until it is lost or given back.
type term struct {
	lease   *Lease
	f       func(context.Context)
	elector *leaderelection.LeaderElector
	work    sync.WaitGroup // f
	end     func()         // gives the Lease back

	mu    sync.Mutex
	over  bool // f is not to begin any more
	leads bool // f works
}

func (t *term) run(ctx context.Context, client coordination.LeasesGetter) error {
	l := t.lease
	working, finish := context.WithCancel(ctx)
	defer finish()
	var err error
	lock := &resourcelock.LeaseLock{LeaseMeta: metav1.ObjectMeta{Namespace: l.Namespace, Name: l.Name}, Client: client,
		LockConfig: resourcelock.ResourceLockConfig{Identity: l.Identity}}
	t.elector, err = leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:          &watchedLock{Interface: lock, found: func(holder string) { t.see(holder, finish) }},
		LeaseDuration: l.Duration, RenewDeadline: l.renew(), RetryPeriod: l.retry(), ReleaseOnCancel: true, Name: l.Name,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(held context.Context) { t.lead(working, held, finish) },
			OnStoppedLeading: func() {},
			OnNewLeader: func(identity string) {
				if identity != "" && identity != l.Identity {
					l.Log.Info("another controller writes", "leader", identity)
				}
			},
		},
	})
	if err != nil {
		return err
	}
	// The Lease is held until f has ended.
	electing, end := context.WithCancel(logr.NewContext(context.WithoutCancel(ctx), logr.Discard()))
	defer end()
	t.end = end
	stop := context.AfterFunc(ctx, func() {
		t.mu.Lock()
		t.over = true
		t.mu.Unlock()
		t.work.Wait()
		end()
	})
	defer stop()
	t.elector.Run(electing)
	finish()
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
	t.work.Wait()
	return nil
}

// watchedLock tells who is found to have the Lease. The elector itself goes on trying to renew it, for as long as it may. What somebody
// else has is not given back. An elector uses it from one goroutine.
type watchedLock struct {
	resourcelock.Interface
	found func(holder string)
	last  string // found
}

// Get reads the Lease.
func (w *watchedLock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := w.Interface.Get(ctx)
	if err == nil {
		w.last = record.HolderIdentity
		w.found(w.last)
	}
	return record, raw, err
}

// Update writes the Lease.
func (w *watchedLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if record.HolderIdentity == "" && w.last != w.Identity() {
		return nil
	}
	return w.Interface.Update(ctx, record)
}

// see finishes f if somebody else has the Lease. A Lease that nobody has is taken again.
func (t *term) see(holder string, finish func()) {
	t.mu.Lock()
	lost := t.leads && holder != "" && holder != t.lease.Identity
	t.mu.Unlock()
	if lost {
		t.lease.Log.Warn("the Lease was taken; this controller writes no more", "leader", holder)
		finish()
	}
}

// lead has f work while the Lease is held.
func (t *term) lead(working, held context.Context, finish func()) {
	t.mu.Lock()
	if t.over {
		t.mu.Unlock()
		return
	}
	t.work.Add(1)
	t.leads = true
	t.mu.Unlock()
	defer t.work.Done()
	defer context.AfterFunc(held, finish)()
	t.lease.Log.Info("this controller writes")
	var watch sync.WaitGroup
	ended := make(chan struct{})
	watch.Go(func() { t.watch(ended, finish) })
	t.f(working)
	t.mu.Lock()
	t.leads = false
	t.mu.Unlock()
	close(ended)
	watch.Wait()
	t.end()
}

// watch finishes f when the Lease has not been renewed for too long: the elector says so only after it has tried to give it back.
func (t *term) watch(ended <-chan struct{}, finish func()) {
	ticker := time.NewTicker(t.lease.retry())
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
		}
		if err := t.elector.Check(t.lease.renew() - t.lease.Duration); err != nil {
			t.lease.Log.Warn("the Lease could not be renewed; this controller writes no more", "error", err)
			finish()
			return
		}
	}
}

// renew is for how long renewing is tried, and retry how often. The proportions are those of Kubernetes' own controllers.
func (l *Lease) renew() time.Duration { return l.Duration * 2 / 3 }
func (l *Lease) retry() time.Duration { return l.Duration * 2 / 15 }
