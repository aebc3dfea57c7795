package lab

import (
	"errors"
	"os/exec"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// processes are the supervisor's children. As PID 1 of its pid namespace it also inherits orphans, and must reap those
// without taking the exit status of a child that os/exec waits for. Those are in its own session, or were started here;
// orphans are from the sessions that programs run by Exec, and daemons, lead.
type processes struct {
	mu    sync.Mutex
	own   map[int]bool // started here and not yet waited for
	ended bool         // nothing is started any more
}

func newProcesses() *processes { return &processes{own: map[int]bool{}} }

// start starts cmd on the calling thread, and therefore in that thread's network namespace.
func (p *processes) start(cmd *exec.Cmd) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return errEnding
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.own[cmd.Process.Pid] = true
	return nil
}

// wait waits for a started cmd.
func (p *processes) wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	p.mu.Lock()
	delete(p.own, cmd.Process.Pid)
	p.mu.Unlock()
	p.reap()
	return err
}

// reap collects the orphans that have exited. It stops at a child of our own: whoever started that one collects it, and the next
// orphan's end calls reap again.
func (p *processes) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		pid := exitedChild()
		if pid <= 0 || p.own[pid] || ownSession(pid) {
			return
		}
		if _, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); err != nil {
			return
		}
	}
}

var errEnding = errors.New("the lab is ending")

// end kills and collects every other process of the pid namespace, so that none is left when the state directory's lock goes.
func (p *processes) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	const patience, pause = 10 * time.Second, 2 * time.Millisecond
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		unix.Kill(-1, unix.SIGKILL) // again and again: an Applier may be starting programs meanwhile
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.ECHILD):
			return
		case pid <= 0:
			time.Sleep(pause)
		}
	}
}

func ownSession(pid int) bool {
	ours, err1 := unix.Getsid(0)
	theirs, err2 := unix.Getsid(pid)
	return err1 != nil || err2 != nil || ours == theirs
}

// exitedChild returns the pid of a child that has exited, leaving it waitable, or 0.
func exitedChild() int {
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err != nil {
		return 0
	}
	// siginfo_t: three ints, padding to a pointer's alignment, then si_pid (waitid(2), asm-generic/siginfo.h).
	words := (*[8]int32)(unsafe.Pointer(&info))
	if unsafe.Sizeof(uintptr(0)) == 8 {
		return int(words[4])
	}
	return int(words[3])
}
