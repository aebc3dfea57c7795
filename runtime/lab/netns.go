package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// threadNetNS names the calling thread's own network namespace; /proc/self would be the main thread's.
const threadNetNS = "/proc/thread-self/ns/net"

// netNS is a network namespace, held open by a file descriptor.
type netNS struct {
	where string   // "node/NAME", "pod/NAMESPACE/NAME", "host/NAME"
	home  *os.File // the namespace to which threads return
	file  *os.File
}

// newNetNS makes a namespace and runs setup in it.
func newNetNS(where string, home *os.File, setup func() error) (*netNS, error) {
	n := &netNS{where: where, home: home}
	err := onThread(home, func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		file, err := os.Open(threadNetNS)
		if err != nil {
			return err
		}
		n.file = file
		return setup()
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return n, nil
}

// fd returns the namespace's file descriptor, which stays valid as long as the lab.
func (n *netNS) fd() int { return int(n.file.Fd()) }

// do runs fn on a thread that is in the namespace. Sockets and processes made by fn belong to the namespace.
func (n *netNS) do(fn func() error) error {
	return onThread(n.home, func() error {
		if err := unix.Setns(n.fd(), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter %s: %w", n.where, err)
		}
		return fn()
	})
}

// onThread runs fn on an OS thread of its own and then takes that thread back to the home namespace. A thread that cannot
// return stays locked, so that the Go runtime ends it with its goroutine.
func onThread(home *os.File, fn func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := fn()
		if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// publish binds the namespace's name under dir, where ip-netns(8) looks for names.
func (n *netNS) publish(dir string) error {
	path := filepath.Join(dir, strings.ReplaceAll(n.where, "/", "."))
	if err := os.WriteFile(path, nil, 0o444); err != nil {
		return err
	}
	source := fmt.Sprintf("/proc/self/fd/%d", n.fd())
	if err := unix.Mount(source, path, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s: %w", path, err)
	}
	return nil
}

// sysctls maps names below /proc/sys to values.
type sysctl struct{ name, value string }

// write sets a sysctl in the calling thread's network namespace. A sysctl that this kernel does not have is no error.
func (s sysctl) write() error {
	path := "/proc/sys/" + s.name
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.WriteString(s.value); err != nil {
		return fmt.Errorf("sysctl %s=%s: %w", strings.ReplaceAll(s.name, "/", "."), s.value, err)
	}
	return nil
}

func writeSysctls(list []sysctl) error {
	for _, s := range list {
		if err := s.write(); err != nil {
			return err
		}
	}
	return nil
}
