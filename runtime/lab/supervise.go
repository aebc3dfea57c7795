package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Main runs the supervisor and exits, if this process was started as one by Up; else it returns at once. A program calls it
// first thing in main. applier, which may be nil, serves Lab.Apply.
func Main(applier Applier) {
	dir := os.Getenv(marker)
	if dir == "" {
		return
	}
	os.Unsetenv(marker)
	if err := supervise(dir, applier); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// supervise is the life of a supervisor. What it has made is ended by the kernel when it returns, because it is PID 1 of the
// lab's pid namespace and its threads and descriptors are all that hold the lab's namespaces.
func supervise(dir string, applier Applier) error {
	unix.CloseOnExec(parentFD)
	unix.CloseOnExec(lockFD)
	parent, err := parentConn()
	if err != nil {
		return err
	}
	var b boot
	if _, err := readFrame(parent, &b); err != nil {
		return errors.Join(fmt.Errorf("read what to build: %w", err), leave(dir)) // the parent has gone already
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	children := newProcesses()
	handleSignals(stop, children)
	var ready atomic.Bool
	c := &cluster{boot: b, dir: dir, children: children, applier: applier, done: ctx.Done()}
	c.detached.Store(b.Detach)
	go func() {
		var rest [1]byte
		parent.Read(rest[:]) // returns when the parent has gone: it never writes more
		if !c.detached.Load() || !ready.Load() {
			stop()
		}
	}()

	built := make(chan error, 1)
	go func() { built <- c.build() }()
	select {
	case err = <-built:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err == nil {
		ready.Store(true)
		err = writeFrame(parent, bootReply{})
	}
	if err != nil {
		children.end()
		if writeFrame(parent, bootReply{Error: err.Error()}) == nil {
			return nil // the parent removes the directory, with the log in it
		}
		return leave(dir)
	}
	go c.serve(ctx, stop)
	<-ctx.Done()
	c.closeApplier()
	children.end()
	return leave(dir)
}

// closeTime is how long an Applier may take to close. What it holds ends with the supervisor anyway.
const closeTime = 5 * time.Second

// closeApplier closes the Applier, once it does nothing any more.
func (c *cluster) closeApplier() {
	closer, ok := c.applier.(io.Closer)
	if !ok {
		return
	}
	closed := make(chan error, 1)
	go func() {
		c.applying.Lock() // what is being applied has been told to end
		closed <- closer.Close()
	}()
	select {
	case err := <-closed:
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	case <-time.After(closeTime):
	}
}

func parentConn() (*net.UnixConn, error) {
	file := os.NewFile(parentFD, "parent")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("this process is not the child of a lab's Up: %w", err)
	}
	return conn.(*net.UnixConn), nil
}

// handleSignals has termination signals stop the lab and collects orphans. PID 1 gets no signal that it does not handle, but
// for SIGKILL from outside.
func handleSignals(stop func(), children *processes) {
	terminate, child := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(terminate, unix.SIGTERM, unix.SIGINT, unix.SIGHUP)
	signal.Notify(child, unix.SIGCHLD)
	go func() {
		for {
			select {
			case <-terminate:
				stop()
			case <-child:
				children.reap()
			}
		}
	}()
}

// leave removes the lab's state directory.
func leave(dir string) error {
	unix.Unmount(filepath.Join(dir, runDir), unix.MNT_DETACH)
	return withBase(filepath.Dir(dir), func() error { return os.RemoveAll(dir) })
}

// namesDir is where ip-netns(8) looks for the names of namespaces.
const namesDir = "/run/netns"

// privateMounts makes the mounts that only the lab sees: /proc for its pid namespace, a tmpfs for sockets and databases and,
// where there is a directory to cover, one for the names of its network namespaces. It tells whether there is one.
func privateMounts(dir string) (names bool, err error) {
	// Slave, not private: what is unmounted outside must not live on in here.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return false, fmt.Errorf("cut mounts off from the outside: %w", err)
	}
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	// A container may forbid a new /proc; the one that is there serves as well, it just shows more processes.
	if err := unix.Mount("proc", "/proc", "proc", flags, ""); err != nil && !errors.Is(err, unix.EPERM) {
		return false, fmt.Errorf("mount /proc: %w", err)
	}
	if err := unix.Mount("lab", filepath.Join(dir, runDir), "tmpfs", flags, "mode=0700"); err != nil {
		return false, fmt.Errorf("mount a tmpfs for the lab: %w", err)
	}
	if _, err := os.Stat(namesDir); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err := unix.Mount("lab", namesDir, "tmpfs", flags, "mode=0755"); err != nil {
		return false, fmt.Errorf("mount a tmpfs on %s: %w", namesDir, err)
	}
	return true, nil
}
