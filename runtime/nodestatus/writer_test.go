package nodestatus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// fake is a server that a test breaks.
type fake struct {
	mu      sync.Mutex
	began   time.Time
	defined bool
	node    string // its uid; "": there is none
	down    error
	object  map[string]any // what the status says; nil: there is no object
	owners  []metav1.OwnerReference
	asked   []string // verb and time of each question
}

func (f *fake) ask(verb string) error {
	f.asked = append(f.asked, fmt.Sprintf("%s %v", verb, time.Since(f.began).Round(time.Second)))
	return f.down
}

func notFound(of string) error {
	return apierrors.NewNotFound(GroupVersionResource().GroupResource(), of)
}

func (f *fake) patch(_ context.Context, body []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ask("patch"); err != nil {
		return err
	}
	if f.object == nil {
		return notFound("n1")
	}
	var sent struct{ Status map[string]any }
	if err := json.Unmarshal(body, &sent); err != nil {
		return err
	}
	f.asked[len(f.asked)-1] += fmt.Sprintf(" %d", len(sent.Status))
	for name, value := range sent.Status {
		if f.object[name] = value; value == nil {
			delete(f.object, name)
		}
	}
	return nil
}

func (f *fake) create(_ context.Context, n *NodeStatus) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ask("create"); err != nil {
		return err
	}
	if !f.defined {
		return notFound("")
	}
	o, err := n.Unstructured()
	if err != nil {
		return err
	}
	f.object, f.owners = o.Object["status"].(map[string]any), n.OwnerReferences
	return nil
}

func (f *fake) owner(context.Context) (*metav1.OwnerReference, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ask("get"); err != nil {
		return nil, err
	}
	if f.node == "" {
		return nil, notFound("n1")
	}
	return &metav1.OwnerReference{Name: "n1", UID: types.UID("u-" + f.node)}, nil
}

// desk is a Writer with its server and what it is to write.
type desk struct {
	*fake
	t      *testing.T
	w      *Writer
	mu     sync.Mutex
	status Status
	batch  uint64
	known  bool
	log    bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, fake: &fake{defined: true, node: "1", began: time.Now()}, known: true, status: Status{Generation: 1, Hash: "a", Targets: []string{"nftables"}}}
	current := func() (Status, uint64, bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.status, d.batch, d.known
	}
	d.w = newWriter(d.fake, Options{Node: "n1", Current: current, Log: slog.New(slog.NewTextHandler(&d.log, nil))})
	d.w.share = 0.5
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go d.w.Run(ctx)
	synctest.Wait()
	return d
}

// change changes what there is to write.
func (d *desk) change(do func(*Status)) {
	d.mu.Lock()
	do(&d.status)
	d.mu.Unlock()
	d.w.Changed()
	synctest.Wait()
}

// after lets time pass and returns what was asked since the last time.
func (d *desk) after(length time.Duration) []string {
	time.Sleep(length)
	synctest.Wait()
	d.fake.mu.Lock()
	defer d.fake.mu.Unlock()
	out := d.asked
	d.asked = nil
	return out
}

// says compares the object with what is to be said.
func (d *desk) says() {
	d.t.Helper()
	want, err := json.Marshal(d.status)
	require.NoError(d.t, err)
	renewed := d.object["renewed"]
	d.object["renewed"] = nil
	got, err := json.Marshal(d.object)
	require.NoError(d.t, err)
	d.object["renewed"] = renewed
	require.JSONEq(d.t, string(want), string(got))
}

// all is the number of fields of a Status.
func all() int { return len(fields(Status{})) }

// TestWriterWrites: the object is made, changes are written at once and not more than once a second, and what is the same is renewed.
func TestWriterWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		require.Equal(t, []string{"patch 0s", "get 0s", "create 0s"}, d.after(0))
		require.Equal(t, "u-1", string(d.owners[0].UID))
		d.says()
		d.change(func(s *Status) { s.Generation, s.Hash = 2, "b" })
		require.Empty(t, d.after(900*time.Millisecond))
		d.change(func(s *Status) { s.Generation, s.Hash = 3, "c" })
		require.Equal(t, []string{"patch 1s 3"}, d.after(100*time.Millisecond), "generation, hash, renewed")
		d.says()
		d.after(10 * time.Second)
		d.change(func(s *Status) { s.Error, s.Addresses = "no", []string{"192.0.2.1"} })
		require.Equal(t, []string{"patch 11s 3"}, d.after(0))
		d.after(time.Second)
		d.change(func(s *Status) { s.Error, s.Addresses = "", nil })
		require.Equal(t, []string{"patch 12s 3"}, d.after(0))
		d.says()
		require.NotContains(t, d.object, "error")
		require.Equal(t, []string{"patch 1m7s 1", "patch 2m2s 1"}, d.after(2*time.Minute), "renewed")
		d.change(func(*Status) {})
		require.Empty(t, d.after(0))
		require.Empty(t, d.log.String())
	})
}

// TestWriterTellsWhatIsSeen: that only more of the API is included is written now and then.
func TestWriterTellsWhatIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.after(0)
		see := func(batch uint64, version string) {
			d.change(func(s *Status) { d.batch, s.Seen = batch, []Seen{{"pods", version}} })
		}
		see(0, "1")
		require.Empty(t, d.after(40*time.Second), "a bookmark is no reason to write")
		see(1, "2")
		require.Empty(t, d.after(4*time.Second), "not all nodes at the same time")
		require.Equal(t, []string{"patch 45s 2"}, d.after(time.Second))
		d.says()
		for i := range 20 {
			see(uint64(i+2), fmt.Sprint(i+3))
			d.after(0)
			time.Sleep(time.Second)
		}
		require.Equal(t, []string{"patch 1m15s 2"}, d.after(10*time.Second))
		d.says()
	})
}

// TestWriterGoesOn: whatever is wrong with the server, the object is right in the end, and what is wrong is said once.
func TestWriterGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := func(d *desk) int { return strings.Count(d.log.String(), "cannot be told") }
		d := newDesk(t)
		d.after(0)
		d.fake.mu.Lock()
		d.object = nil // the Node went, and came back
		d.fake.mu.Unlock()
		require.Equal(t, []string{"patch 55s", "get 55s", "create 55s"}, d.after(time.Minute))
		d.says()

		d.fake.mu.Lock()
		d.down = errors.New("refused")
		d.fake.mu.Unlock()
		d.change(func(s *Status) { s.Generation = 2 })
		require.Equal(t, []string{"patch 1m0s", "patch 1m1s", "patch 1m3s", "patch 1m7s", "patch 1m15s", "patch 1m31s", "patch 2m1s", "patch 2m31s"}, d.after(100*time.Second))
		require.Empty(t, d.log.String(), "others say that nobody answers")
		d.fake.mu.Lock()
		d.down, d.object["error"] = nil, "somebody else's"
		d.fake.mu.Unlock()
		require.Equal(t, []string{fmt.Sprintf("patch 3m1s %d", all())}, d.after(30*time.Second), "all of it")
		d.says()

		d.fake.mu.Lock()
		d.object, d.defined = nil, false // the kind is gone
		d.fake.mu.Unlock()
		require.Len(t, d.after(4*time.Minute), 9*3, "then after 1, 3, 7, 15, 31, 63 and 123 seconds, and then every minute")
		require.Equal(t, 1, said(d))
		d.fake.mu.Lock()
		d.down = apierrors.NewForbidden(GroupVersionResource().GroupResource(), "n1", errors.New("no"))
		d.fake.mu.Unlock()
		require.Len(t, d.after(4*time.Minute), 4)
		require.Equal(t, 2, said(d))
		d.w.Again()
		require.Len(t, d.after(10*time.Second), 3)
		d.fake.mu.Lock()
		d.down, d.defined, d.node = nil, true, ""
		d.fake.mu.Unlock()
		d.after(time.Minute)
		require.Nil(t, d.object, "not without the Node")
		d.node = "1"
		d.after(time.Minute)
		d.says()
		require.Equal(t, 1, strings.Count(d.log.String(), "told to the API server again"))
	})
}

// TestWriterWaits: nothing is written before there is something to say.
func TestWriterWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{defined: true, node: "1", began: time.Now()}
		w := newWriter(f, Options{Node: "n1", Current: func() (Status, uint64, bool) { return Status{}, 0, time.Since(f.began) > time.Hour }})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour+2*RenewEvery)
		defer cancel()
		w.Run(ctx)
		require.Equal(t, []string{"patch 1h1m0s", "get 1h1m0s", "create 1h1m0s"}, f.asked[:3])
	})
}

// TestIncludes: versions compare as numbers of any length, and a resource of which nothing is known is not included.
func TestIncludes(t *testing.T) {
	s := &Status{Seen: []Seen{{"pods", "100"}, {"services", "x"}}}
	for version, want := range map[string]bool{"99": true, "100": true, "101": false, "1000": false, "": false, "0": false} {
		require.Equal(t, want, s.Includes("pods", version), version)
	}
	require.False(t, s.Includes("services", "1"))
	require.False(t, s.Includes("nodes", "1"))
}
