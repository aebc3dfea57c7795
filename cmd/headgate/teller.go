package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/headgate-net/headgate/internal/diag"
)

// teller logs findings: those of the last time are not repeated, unless they are errors that are not to be said just once. Its methods may be called concurrently.
type teller struct {
	log     *slog.Logger
	once    bool                 // errors are not repeated either
	found   func([]diag.Finding) // gets all findings, those that are not repeated too
	wake    chan struct{}        // a token: there is a waiting inspection
	mu      sync.Mutex
	said    map[string]bool
	waiting func() []diag.Finding // nil: none
	round   int                   // of tell and inspect
}

func newTeller(log *slog.Logger, found func([]diag.Finding)) *teller {
	return &teller{log: log, found: found, wake: make(chan struct{}, 1)}
}

// tell logs findings at once. An inspection that is not over is of no interest any more.
func (t *teller) tell(findings []diag.Finding) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.round++
	t.waiting = nil
	t.write(findings)
}

// inspect has findings found and logged in the background, by run. Of inspections that come faster than they are done, the last one
// counts.
func (t *teller) inspect(find func() []diag.Finding) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.round++
	t.waiting = find
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run does what is to be inspected, one after the other, until ctx ends.
func (t *teller) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		}
		t.mu.Lock()
		find, round := t.waiting, t.round
		t.waiting = nil
		t.mu.Unlock()
		if find == nil {
			continue
		}
		findings := find()
		t.mu.Lock()
		if round == t.round && ctx.Err() == nil {
			t.write(findings)
		}
		t.mu.Unlock()
	}
}

func (t *teller) write(findings []diag.Finding) {
	t.found(findings)
	said := map[string]bool{}
	for _, finding := range findings {
		key := string(finding.Code) + finding.Origin.Label() + finding.Message
		said[key] = true
		if t.said[key] && (t.once || finding.Severity != diag.Error) {
			continue
		}
		level := map[diag.Severity]slog.Level{diag.Note: slog.LevelInfo, diag.Warning: slog.LevelWarn, diag.Error: slog.LevelError}[finding.Severity]
		t.log.Log(context.Background(), level, finding.Message, "code", string(finding.Code), "at", finding.Origin.Pos.String(), "in", finding.Origin.Label())
	}
	t.said = said
}
