// Package journal writes down the packets that rules with Logging decided, one line each, for people and programs to read.
//
// Record never waits: neither a full disk nor one that hangs keeps packets from going on. What cannot be written is kept, up to
// a limit, and tried again; what had to be given up is counted, and the count is written once that is possible. Equal packets
// within a second share a line, and each rule has so many lines a second; memory is bounded whatever arrives. The format
// is that of docs/logs.md. There is no clock in it but that of Run: times come with records, and with Flush.
package journal

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/packet"
)

// Limits.
const (
	// DefaultRate is how many lines a rule gets in a second. Many programs that read logs cope with some thousands a second from
	// one node.
	DefaultRate = 100
	// Window is the time within which equal packets share a line, and for which Rate counts.
	Window = time.Second

	maxWaiting = 16_384  // lines whose window is not over
	maxBacklog = 4 << 20 // bytes of lines that could not be written yet
)

// Record is a packet that a rule decided. Its fields are those of what a dataplane delivers.
type Record struct {
	Rule   ir.RuleID
	Time   time.Time
	Packet []byte // from its IP header on; long ones may be cut
	Lost   uint64 // records that were lost since the one before
}

// Options are the choices that there are. The zero value is good.
type Options struct {
	Rate int // lines a second for each rule; 0: DefaultRate
}

// Stats counts since New.
type Stats struct {
	Lines      uint64 // written
	Packets    uint64 // recorded, whether they got a line or not
	Suppressed uint64 // packets without a line, because their rule had too many
	Lost       uint64 // packets that the dataplane lost, and lines that were given up
	Errors     uint64 // writes that failed
	LastError  string // of the last write that failed
}

// Journal writes records to a file, or to anything else. Use New. It may be used by several goroutines at once.
type Journal struct {
	node string
	rate int

	mu      sync.Mutex
	rules   [2]*table // those in force, and those before: packets are recorded a little later than they were decided
	waiting []*line   // in the order in which they began
	index   map[key]*line
	rates   map[ir.RuleID]*allowance
	ripened time.Time
	lost    uint64   // not yet written
	begun   []byte   // what is left of the line that is being written, or was when it failed
	backlog [][]byte // lines to be written after it
	size    int      // of the backlog
	stats   Stats

	writing sync.Mutex // held while out is written to
	out     io.Writer
}

// key is what makes packets equal. Ports are type and code for ICMP.
type key struct {
	rule ir.RuleID
	flow flow
}

// line is a line in the making.
type line struct {
	key     key
	since   time.Time
	packets uint64
	text    entry
}

// allowance is what a rule has used of its lines.
type allowance struct {
	since      time.Time
	lines      int
	suppressed uint64
}

// New returns a Journal of a node, or of a machine outside the cluster, that writes to out. If out is an io.Closer, Close closes it.
func New(node string, out io.Writer, o Options) *Journal {
	if o.Rate <= 0 {
		o.Rate = DefaultRate
	}
	return &Journal{node: node, rate: o.Rate, out: out, rules: [2]*table{{}, {}}, index: map[key]*line{},
		rates: map[ir.RuleID]*allowance{}}
}

// SetRules tells what rule ids stand for, from the node's Pipeline. The ids of the Pipeline of the call before are understood,
// too. The Program, which may be nil, has the names that rules were given.
func (j *Journal) SetRules(p *ir.Pipeline, declared *ir.Program) {
	t := newTable(p, declared)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rules = [2]*table{t, j.rules[0]}
}

// Record notes a packet. It does not keep r.Packet.
func (j *Journal) Record(r Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stats.Packets++
	j.stats.Lost += r.Lost
	j.lost += r.Lost
	k := key{rule: r.Rule}
	if p, ok := packet.Parse(r.Packet); ok {
		k.flow = flowOf(&p)
	}
	if l := j.index[k]; l != nil && within(l.since, r.Time) {
		l.packets++
		return
	}
	a := j.rates[r.Rule]
	if a == nil {
		a = &allowance{since: r.Time}
		j.rates[r.Rule] = a
	}
	if !within(a.since, r.Time) {
		j.settle(r.Rule, a)
		a.since, a.lines = r.Time, 0
	}
	if a.lines >= j.rate || len(j.waiting) >= maxWaiting {
		a.suppressed++
		j.stats.Suppressed++
		return
	}
	a.lines++
	l := &line{key: k, since: r.Time, packets: 1, text: j.describe(k, r.Time)}
	j.waiting, j.index[k] = append(j.waiting, l), l
}

// within reports whether the window that began at a moment is not over at another one. The moments of packets are the kernel's, by the
// clock on the wall; a clock that was put back must not have lines wait until it is there again, so a window that begins far in the
// future is over, too.
func within(since, now time.Time) bool {
	age := now.Sub(since)
	return -Window < age && age < Window
}

// settle writes down how many packets of a rule got no line.
func (j *Journal) settle(id ir.RuleID, a *allowance) {
	if a.suppressed == 0 {
		return
	}
	e := j.describe(key{rule: id}, a.since)
	e.Suppressed = a.suppressed
	a.suppressed = 0
	j.queue(e)
}

// Flush writes the lines whose window is over by now. Lines that cannot be written are tried again the next time, until there
// are too many of them. The error is that of writing; it is counted as well.
func (j *Journal) Flush(now time.Time) error {
	j.mu.Lock()
	j.ripen(now)
	j.mu.Unlock()
	return j.write()
}

// ripen queues what is to be written by now.
func (j *Journal) ripen(now time.Time) {
	kept := j.waiting[:0]
	for _, l := range j.waiting {
		if within(l.since, now) {
			kept = append(kept, l)
			continue
		}
		l.text.Packets = l.packets
		j.queue(l.text)
		if j.index[l.key] == l {
			delete(j.index, l.key)
		}
	}
	clear(j.waiting[len(kept):])
	j.waiting = kept
	for id, a := range j.rates {
		if !within(a.since, now) {
			j.settle(id, a)
			delete(j.rates, id)
		}
	}
	j.ripened = now
}

// queue appends a line to the backlog, which gives up its oldest lines if it gets too long.
func (j *Journal) queue(e entry) {
	text := e.encode()
	j.backlog = append(j.backlog, text)
	j.size += len(text)
	for j.size > maxBacklog {
		j.size -= len(j.backlog[0])
		j.backlog = j.backlog[1:]
		j.lost++
		j.stats.Lost++
	}
}

// write writes the backlog, until something fails.
func (j *Journal) write() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	for text := j.begin(); len(text) > 0; text = j.begin() {
		n, err := j.out.Write(text)
		if err == nil && n < len(text) {
			err = io.ErrShortWrite
		}
		j.wrote(n, err)
		if err != nil {
			return err
		}
	}
	return nil
}

// begin returns what is to be written next: the rest of the line that failed, or a new one. What was lost is older than what is
// left.
func (j *Journal) begin() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case len(j.begun) > 0:
	case j.lost > 0:
		e := entry{Time: stamp(j.ripened), Node: j.node, Lost: j.lost}
		j.begun, j.lost = e.encode(), 0
	case len(j.backlog) > 0:
		j.begun, j.backlog = j.backlog[0], j.backlog[1:]
		j.size -= len(j.begun)
	}
	return j.begun
}

func (j *Journal) wrote(n int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun = j.begun[n:]
	if err != nil {
		j.stats.Errors++
		j.stats.LastError = err.Error()
		return
	}
	j.stats.Lines++
}

// Run flushes several times a second until ctx ends, and then what is left.
func (j *Journal) Run(ctx context.Context) {
	ticker := time.NewTicker(Window / 4)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			_ = j.Flush(now) // Stats has it
		case <-ctx.Done():
			_ = j.Flush(time.Now().Add(Window))
			return
		}
	}
}

// Close writes all that is left, whether its window is over or not, and closes the file.
func (j *Journal) Close(now time.Time) error {
	err := j.Flush(now.Add(Window))
	if c, ok := j.out.(io.Closer); ok {
		err = errors.Join(err, c.Close())
	}
	return err
}

// Stats returns the counters.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stats
}
