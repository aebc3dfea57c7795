package nodestatus

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// How often a writer writes.
const (
	atOnce       = time.Second      // the least time between two writes
	seenEvery    = 30 * time.Second // the least time after which it writes that more of the API is included, if nothing else is new
	spread       = 10 * time.Second // and among how much time the nodes divide up when they do so
	longestRetry = 30 * time.Second
	timeout      = 10 * time.Second // for one question
)

// Current is what there is to write: false if nothing is known yet. Batch changes when more of the API is included for another reason than
// that time has passed.
type Current func() (s Status, batch uint64, known bool)

// Options say what a Writer writes of which node.
type Options struct {
	Node    string
	Current Current
	Log     *slog.Logger // is told once that the object cannot be written, and when it can again; nil: nobody
}

// Writer keeps the object of a node at what its agent says. What is new is written at once, but once a second at most; that only more
// of the API is included is written within 40 seconds; and what has not changed is renewed within RenewEvery. Only what has changed is sent.
// The object is made when it is not there, as long as the Node is, and belongs to it. Nothing else waits for a Writer: one whose server
// does not answer, has no such kind or does not let it write tries again.
type Writer struct {
	options Options
	server  server
	share   float64 // of a length of time; nodes have different ones
	changed chan struct{}
	again   atomic.Bool // it may work now

	told    map[string]any // what the object says; nil if that is not known
	batch   uint64         // of what was told
	tried   time.Time      // the last time that something was written
	noticed time.Time      // when more of the API was found included since; zero: it was not
	retry   time.Duration  // 0: it worked
	lack    string         // why not, as was logged
}

// server is the API server as a Writer asks it. Errors are those of the API.
type server interface {
	// patch changes what the object says, by a JSON merge patch.
	patch(ctx context.Context, body []byte) error
	// create makes the object, without metadata but those given.
	create(ctx context.Context, n *NodeStatus) error
	// owner gives the Node.
	owner(ctx context.Context) (*metav1.OwnerReference, error)
}

func newWriter(server server, o Options) *Writer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(o.Node))
	return &Writer{options: o, server: server, share: float64(sum.Sum32()) / (1 << 32), changed: make(chan struct{}, 1)}
}

// Changed says that Current gives something else than before. It may be called concurrently, and waits for nothing.
func (w *Writer) Changed() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// Again says that what did not work may work now. It may be called concurrently, and waits for nothing.
func (w *Writer) Again() {
	w.again.Store(true)
	w.Changed()
}

// Run writes until ctx ends.
func (w *Writer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		s, batch, known := w.options.Current()
		if !known {
			w.wait(ctx, RenewEvery)
			continue
		}
		now := time.Now()
		if wait := w.due(now, fields(s), batch).Sub(now); wait > 0 {
			w.wait(ctx, wait)
			continue
		}
		w.write(ctx, s, batch)
	}
}

// wait waits for some time, or until something has changed.
func (w *Writer) wait(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-w.changed:
	case <-timer.C:
	}
}

// due is when to write.
func (w *Writer) due(now time.Time, say map[string]any, batch uint64) time.Time {
	if w.again.Swap(false) && w.retry > 0 {
		w.retry = atOnce
	}
	switch {
	case w.retry > 0:
		return w.tried.Add(w.retry)
	case w.told == nil || !equalBut(w.told, say, "seen", "renewed"):
		return w.tried.Add(atOnce)
	}
	due := w.tried.Add(RenewEvery - w.part(spread))
	if batch == w.batch {
		return due
	}
	if w.noticed.IsZero() {
		w.noticed = now
	}
	more := later(w.tried.Add(seenEvery), w.noticed.Add(w.part(spread)))
	if more.Before(due) {
		return more
	}
	return due
}

// part is the share of a length that the node has.
func (w *Writer) part(length time.Duration) time.Duration {
	return time.Duration(w.share * float64(length))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (w *Writer) write(ctx context.Context, s Status, batch uint64) {
	s.Renewed = metav1.Now()
	say := fields(s)
	err := w.send(ctx, s, say)
	w.tried, w.noticed = time.Now(), time.Time{}
	if err != nil {
		if ctx.Err() == nil {
			w.failed(err)
		}
		return
	}
	w.told, w.batch, w.retry = say, batch, 0
	if w.lack != "" {
		w.lack = ""
		w.options.Log.Info("what this node has in force is told to the API server again")
	}
}

// send sends what has changed, or all if it is not known what the object says. An object that is not there is made.
func (w *Writer) send(ctx context.Context, s Status, say map[string]any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := json.Marshal(map[string]any{"status": changes(w.told, say)})
	if err != nil {
		return err
	}
	if err = w.server.patch(ctx, body); !apierrors.IsNotFound(err) {
		return err
	}
	w.told = nil
	owner, err := w.server.owner(ctx)
	if err != nil {
		return err
	}
	n := &NodeStatus{Status: s}
	n.Name = w.options.Node
	n.OwnerReferences = []metav1.OwnerReference{*owner}
	return w.server.create(ctx, n)
}

// failed says once what is wrong, unless nobody answers at all, which is for others to say, and sees to it that it is tried again.
func (w *Writer) failed(err error) {
	w.told = nil
	longest := longestRetry
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		longest = RenewEvery
	}
	w.retry = min(longest, max(atOnce, 2*w.retry))
	var answered apierrors.APIStatus
	if !errors.As(err, &answered) {
		return
	}
	if text := err.Error(); text != w.lack {
		w.lack = text
		w.options.Log.Warn("what this node has in force cannot be told to the API server; the rules are not concerned", "error", text)
	}
}

// fields is what a Status says, by the names of the fields. Every field is there.
func fields(s Status) map[string]any {
	out := map[string]any{}
	value := reflect.ValueOf(s)
	for i := range value.NumField() {
		name, options, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		out[name] = value.Field(i).Interface()
		if options == "omitempty" && value.Field(i).IsZero() {
			out[name] = nil
		}
	}
	return out
}

// equalBut compares what two say, but for some fields.
func equalBut(a, b map[string]any, but ...string) bool {
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if !slices.Contains(but, name) && !sameJSON(a[name], b[name]) {
			return false
		}
	}
	return true
}

// changes are the fields in which b differs from a; all of them if a is nil.
func changes(a, b map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range b {
		if a == nil || !sameJSON(a[name], value) {
			out[name] = value
		}
	}
	return out
}

// sameJSON compares values as the server sees them.
func sameJSON(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	textA, errA := json.Marshal(a)
	textB, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(textA) == string(textB)
}
