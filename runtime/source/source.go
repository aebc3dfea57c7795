// Package source is where desired state comes from: a directory tree of manifests.
//
// A Directory tells when the tree has changed and come to rest, and which files to read; a read during which something changed is
// told apart from one of a single state. It misses no change, and asks for no more reads than there were changes, but for those
// that several programs make in turn. It knows nothing of what the files say.
package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Times says how long a Directory waits. A zero is the default.
type Times struct {
	Quiet time.Duration // without a change, until the tree is at rest: 50 ms
	Cap   time.Duration // from the first change on, after which a tree that does not come to rest is read all the same: 1 s
	Lock  time.Duration // from the first change on, for a checkout of git to end: one minute, as a lock may have been left behind
	Look  time.Duration // between looks for what nobody tells, as changes by other machines on a network file system: 10 s
}

func (t Times) withDefaults() Times {
	or := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	or(&t.Quiet, 50*time.Millisecond)
	or(&t.Cap, time.Second)
	or(&t.Lock, time.Minute)
	or(&t.Look, 10*time.Second)
	return t
}

// Directory is a tree of manifests: the files with the extensions .yaml, .yml, .json and .hg in and below it. Files and directories whose
// names begin with a dot are not part of it, nor is what symbolic links to directories lead to. The tree itself may be a symbolic
// link, and need not exist yet. Methods may not be called concurrently.
type Directory struct {
	root    string
	times   Times
	log     *slog.Logger
	watcher *fsnotify.Watcher
	watched map[string]identity // directories, by path
	seen    state               // as of the last Whole; nil if the tree could not be read
	unsure  bool                // the next state is to be read even if it looks like seen
}

// Open starts to watch a tree. log, which may be nil, is told what goes wrong with watching; the tree is looked at now and then all
// the same.
func Open(root string, times Times, log *slog.Logger) (*Directory, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", root, err)
	}
	d := &Directory{root: absolute, times: times.withDefaults(), log: log, watcher: watcher, watched: map[string]identity{}, unsure: true}
	d.follow()
	return d, nil
}

// Close ends the watch.
func (d *Directory) Close() error { return d.watcher.Close() }

// Next waits until the tree has changed since Whole was last called, and has come to rest. Before the first call of Whole it only
// waits for the latter. It returns an error when ctx ends.
func (d *Directory) Next(ctx context.Context) error {
	for {
		d.follow()
		if !d.unsure && d.look().equal(d.seen) {
			if err := d.wake(ctx); err != nil {
				return err
			}
		}
		now, calm, err := d.rest(ctx)
		if err != nil {
			return err
		}
		if d.unsure || !calm || !now.equal(d.seen) {
			d.unsure = !calm
			return nil
		}
	}
}

// wake waits for an event, or until it is time to look.
func (d *Directory) wake(ctx context.Context) error {
	timer := time.NewTimer(d.times.Look)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, open := <-d.watcher.Events:
			if !open {
				return fs.ErrClosed
			}
			if d.concerns(e) {
				return nil
			}
		case err := <-d.watcher.Errors:
			d.complain(err)
			return nil
		case <-timer.C:
			return nil
		}
	}
}

// rest waits until nothing changes any more, and returns the state of the tree then, or until it has waited for too long: then the
// tree is not calm. What events do not tell, as what goes on in a directory that is not watched yet, the states before and after
// show.
func (d *Directory) rest(ctx context.Context) (now state, calm bool, err error) {
	begun := time.Now()
	for {
		d.follow()
		before := d.look()
		deadline := time.Now().Add(max(d.times.Quiet, d.times.Cap-time.Since(begun)))
		quiet, err := d.quiet(ctx, deadline)
		if err != nil {
			return nil, false, err
		}
		now, waited := d.look(), time.Since(begun)
		switch {
		case d.locked() && waited < d.times.Lock:
		case quiet && before.equal(now):
			return now, true, nil
		case waited >= d.times.Cap:
			return now, false, nil
		}
	}
}

// quiet waits until nothing has happened for a while, and reports whether that came before the deadline.
func (d *Directory) quiet(ctx context.Context, deadline time.Time) (bool, error) {
	timer := time.NewTimer(d.times.Quiet)
	defer timer.Stop()
	for time.Now().Before(deadline) {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case e, open := <-d.watcher.Events:
			if !open {
				return false, fs.ErrClosed
			}
			if d.concerns(e) {
				timer.Reset(d.times.Quiet)
			}
		case err := <-d.watcher.Errors:
			d.complain(err)
			timer.Reset(d.times.Quiet)
		case <-timer.C:
			return true, nil
		}
	}
	return false, nil
}

func (d *Directory) complain(err error) {
	if !errors.Is(err, fsnotify.ErrEventOverflow) { // what was lost shows in the state
		d.log.Warn("watching is impaired", "directory", d.root, "error", err)
	}
}

// Whole calls read with the tree's files in the order of their paths, and reports whether they stayed as they are meanwhile: if not,
// what was read is of no one state, and Next returns soon. An unreadable tree is an error.
func (d *Directory) Whole(read func(files []string)) (bool, error) {
	before, err := d.state()
	d.seen = before
	if err != nil {
		return false, fmt.Errorf("read %s: %w", d.root, err)
	}
	read(before.paths())
	if !d.look().equal(before) {
		d.unsure = true
		return false, nil
	}
	return true, nil
}
