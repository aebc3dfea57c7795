package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// Options say how a lab is brought up.
type Options struct {
	Detach bool   // the lab outlives the process that called Up, until Down
	Ports  []Port // opened on every pod, beside each pod's own
}

// Lab is a running lab, in this process's view: the lab itself lives in its supervisor. Methods may be called concurrently.
type Lab struct {
	spec *Spec
	dir  string

	lifeline *os.File // the supervisor of a foreground lab ends when this closes
	exited   <-chan struct{}
	closing  sync.Once
}

// Attach returns the running lab of that name.
func Attach(name string) (*Lab, error) {
	base, err := baseDir()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(base, name)
	if !isLabName(name) || !inUse(dir) {
		return nil, fmt.Errorf("%w: %s", ErrNoLab, name)
	}
	spec, err := readSpec(dir)
	if err != nil {
		return nil, err
	}
	return &Lab{spec: spec, dir: dir}, nil
}

// Name returns the lab's name.
func (l *Lab) Name() string { return l.spec.Name }

// Dir returns the lab's state directory, which goes with the lab.
func (l *Lab) Dir() string { return l.dir }

// Spec returns what the lab was built from. It must not be modified.
func (l *Lab) Spec() *Spec { return l.spec }

// Down ends the lab and returns when nothing of it is left. A lab that is gone already is no error.
func (l *Lab) Down(ctx context.Context) error {
	err := l.call(ctx, opDown, nil, nil)
	if err != nil && ctx.Err() != nil {
		return err
	}
	if l.exited != nil {
		l.closing.Do(func() { l.lifeline.Close() })
		select {
		case <-l.exited:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return awaitRelease(ctx, l.dir)
}

// awaitRelease waits until no supervisor holds the state directory, then removes what is left of it.
func awaitRelease(ctx context.Context, dir string) error {
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	released := make(chan error, 1)
	go func() {
		defer lock.Close()
		released <- flock(lock, unix.LOCK_EX) // the kernel drops the supervisor's lock after the lab's last process
	}()
	select {
	case err := <-released:
		return errors.Join(err, reclaim(dir))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Open makes every pod answer on the ports, beside those it declares. Ports that are open stay so.
func (l *Lab) Open(ctx context.Context, ports []Port) error {
	return l.call(ctx, opOpen, openRequest{Ports: ports}, nil)
}

// Apply hands the payload to the supervisor's Applier and returns its answer.
func (l *Lab) Apply(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
	var answer json.RawMessage
	err := l.call(ctx, opApply, payload, &answer)
	return answer, err
}

// Probe sends the probes, many at a time, and returns one result for each, in the same order.
func (l *Lab) Probe(ctx context.Context, probes []ProbeRequest) ([]ProbeResult, error) {
	var results []ProbeResult
	if err := l.call(ctx, opProbe, probes, &results); err != nil {
		return nil, err
	}
	if len(results) != len(probes) {
		return nil, fmt.Errorf("lab %s answered %d of %d probes", l.Name(), len(results), len(probes))
	}
	return results, nil
}

// Stdio are the standard streams of Exec. A nil one is /dev/null.
type Stdio struct {
	In       io.Reader
	Out, Err io.Writer
}

// Exec runs a program at a place ("node/NAME", "pod/NAMESPACE/NAME", "host/NAME") and returns its exit status, which is 128
// plus the number of the signal for a program that was killed by one. Streams that are files are passed as they are. When ctx
// ends, the program and what it started in its session are killed.
func (l *Lab) Exec(ctx context.Context, where string, argv []string, stdio Stdio) (int, error) {
	files, finish, err := stdio.files()
	if err != nil {
		return 0, err
	}
	var answer execReply
	err = l.call(ctx, opExec, execRequest{Where: where, Argv: argv, Env: terminalEnv()}, &answer, files...)
	finish()
	return answer.Status, err
}

// terminalEnv returns the part of this process's environment that a program in the lab needs for its user's terminal.
func terminalEnv() []string {
	var env []string
	for _, name := range []string{"TERM", "LANG", "NO_COLOR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// files turns the streams into three files to pass. finish closes this side's copies and waits for the output.
func (s Stdio) files() (files []*os.File, finish func(), err error) {
	p := &passing{}
	p.input(s.In)
	p.output(s.Out)
	if sameWriter(s.Out, s.Err) {
		p.files = append(p.files, p.files[1]) // two copies into one writer would race
	} else {
		p.output(s.Err)
	}
	if p.err != nil {
		p.finish()
		return nil, nil, p.err
	}
	return p.files, p.finish, nil
}

func sameWriter(a, b io.Writer) bool {
	defer func() { _ = recover() }() // writers of a type that cannot be compared are not the same
	return a != nil && a == b
}

// passing gathers files to pass, and what has to be done about them.
type passing struct {
	files, opened []*os.File
	copies        sync.WaitGroup
	err           error
}

func (p *passing) finish() {
	closeAll(p.opened)
	p.copies.Wait()
}

// add passes a file that finish closes.
func (p *passing) add(f *os.File) { p.files, p.opened = append(p.files, f), append(p.opened, f) }

func (p *passing) null() {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	p.err = errors.Join(p.err, err)
	p.add(null)
}

func (p *passing) input(from io.Reader) {
	if f, ok := from.(*os.File); ok {
		p.files = append(p.files, f)
		return
	}
	if from == nil {
		p.null()
		return
	}
	r, w, err := os.Pipe()
	p.err = errors.Join(p.err, err)
	p.add(r)
	go func() { // not waited for: a reader may block for ever
		io.Copy(w, from)
		w.Close()
	}()
}

func (p *passing) output(to io.Writer) {
	if f, ok := to.(*os.File); ok {
		p.files = append(p.files, f)
		return
	}
	if to == nil {
		p.null()
		return
	}
	r, w, err := os.Pipe()
	p.err = errors.Join(p.err, err)
	p.add(w)
	p.copies.Go(func() {
		io.Copy(to, r)
		r.Close()
	})
}

// call sends one request to the supervisor and decodes the answer into result, unless that is nil.
func (l *Lab) call(ctx context.Context, op string, body, result any, files ...*os.File) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unix", filepath.Join(l.dir, socketFile))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNoLab, l.Name(), err)
	}
	conn := c.(*net.UnixConn)
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	var answer reply
	err = writeFrame(conn, request{Op: op, Body: text}, files...)
	if err == nil {
		_, err = readFrame(conn, &answer)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("lab %s ended during %s: %w", l.Name(), op, err)
	case answer.Place:
		return fmt.Errorf("%w: %s", ErrNoPlace, answer.Error)
	case answer.Error != "":
		return fmt.Errorf("lab %s: %s", l.Name(), answer.Error)
	case result == nil:
		return nil
	}
	return json.Unmarshal(answer.Body, result)
}
