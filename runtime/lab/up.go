package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// The supervisor is this program again, with marker in its environment and these descriptors above the standard ones.
const (
	marker   = "HEADGATE_LAB_SUPERVISOR" // its value is the state directory
	parentFD = 3                         // a unix socket: boot in, bootReply out; closed when the parent has gone
	lockFD   = 4                         // the locked lock file
)

// boot is what the supervisor is told at its start.
type boot struct {
	Spec   Spec   `json:"spec"`
	Detach bool   `json:"detach,omitempty"`
	Ports  []Port `json:"ports,omitempty"`
}

type bootReply struct {
	Error string `json:"error,omitempty"`
}

// Up builds a lab and returns when it can carry traffic. When it fails or ctx ends first, nothing is left of it. The spec's
// Name, if empty, is chosen; Lab.Name tells it. A lab of that name that is running already is ErrRunning.
func Up(ctx context.Context, spec Spec, opts Options) (*Lab, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	base, err := baseDir()
	if err != nil {
		return nil, err
	}
	dir, lock, err := claim(base, &spec)
	if err != nil {
		return nil, err
	}
	l, err := launch(ctx, boot{Spec: spec, Detach: opts.Detach, Ports: opts.Ports}, dir, lock)
	if err != nil {
		if tail := logTail(dir); tail != "" {
			err = fmt.Errorf("%w\n%s", err, tail)
		}
		return nil, errors.Join(fmt.Errorf("bring lab %s up: %w", spec.Name, err), reclaim(dir))
	}
	return l, nil
}

// launch starts the supervisor and waits for it to report. It closes lock, of which the supervisor has a copy. On error the
// supervisor has ended.
func launch(ctx context.Context, b boot, dir string, lock *os.File) (*Lab, error) {
	defer lock.Close()
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd, err := startSupervisor(b.Spec.Name, dir, theirs, lock)
	if err != nil {
		ours.Close()
		return nil, err
	}
	theirs.Close()
	lock.Close()
	ended, exited := make(chan struct{}), make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	if err := awaitBoot(ctx, ours, b); err != nil {
		ours.Close()
		cmd.Process.Kill()
		<-ended
		return nil, err
	}
	go func() {
		<-ended
		reclaim(dir) // for a killed supervisor; an orderly one has done it
		close(exited)
	}()
	return &Lab{spec: &b.Spec, dir: dir, lifeline: ours, exited: exited}, nil
}

func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "lab supervisor"), os.NewFile(uintptr(fds[1]), "lab parent"), nil
}

// startSupervisor starts the supervisor in its namespaces: with a user namespace when this user may not make the others
// without one.
func startSupervisor(name, dir string, parent, lock *os.File) (*exec.Cmd, error) {
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	start := func(attr *syscall.SysProcAttr) (*exec.Cmd, error) {
		cmd := exec.Command("/proc/self/exe")
		cmd.Args = []string{"headgate-lab " + name}
		cmd.Env = append(os.Environ(), marker+"="+dir)
		cmd.Dir = "/"
		cmd.Stdout, cmd.Stderr = log, log
		cmd.ExtraFiles = []*os.File{parent, lock}
		cmd.SysProcAttr = attr
		return cmd, cmd.Start()
	}
	if os.Geteuid() == 0 {
		cmd, err := start(namespaces())
		if !errors.Is(err, unix.EPERM) {
			return cmd, err
		}
	}
	cmd, err := start(userNamespaces())
	if err != nil {
		return nil, fmt.Errorf("make namespaces: %w (run as root, or let users make user namespaces: "+
			"sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)", err)
	}
	return cmd, nil
}

// namespaces has the supervisor lead a session of its own, so that a terminal's interrupt reaches only its parent.
func namespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
	}
}

func userNamespaces() *syscall.SysProcAttr {
	attr := namespaces()
	attr.Cloneflags |= unix.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	return attr
}

// awaitBoot tells the supervisor what to build and waits until it has, has failed, or ctx ends.
func awaitBoot(ctx context.Context, ours *os.File, b boot) error {
	c, err := net.FileConn(ours)
	if err != nil {
		return err
	}
	conn := c.(*net.UnixConn)
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	var answer bootReply
	err = writeFrame(conn, b)
	if err == nil {
		_, err = readFrame(conn, &answer)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("the supervisor ended before it was ready: %w", err)
	case answer.Error != "":
		return errors.New(answer.Error)
	}
	return nil
}
