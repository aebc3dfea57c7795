package apiserver_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// place is a network namespace with nothing in it but a way to one address on the machine's own loopback.
type place struct {
	t    *testing.T
	file *os.File

	mu   sync.Mutex
	open map[net.Conn]bool // connections that go out
}

// newPlace makes one that ends with the test. What connects to the address there reaches it here.
func newPlace(t *testing.T, address string) *place {
	p := &place{t: t, open: map[net.Conn]bool{}}
	made := make(chan error)
	var door net.Listener
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			p.file, err = os.Open("/proc/thread-self/ns/net")
		}
		if err == nil {
			err = exec.Command("ip", "link", "set", "lo", "up").Run()
		}
		if err == nil {
			door, err = net.Listen("tcp", address)
		}
		made <- err
	}()
	require.NoError(t, <-made, "making a network namespace")
	var work sync.WaitGroup
	work.Go(func() { p.relay(door, address, &work) })
	t.Cleanup(func() {
		door.Close()
		work.Wait()
		p.file.Close()
	})
	return p
}

// relay connects who comes to the door with an address, until the door is closed.
func (p *place) relay(door net.Listener, address string, work *sync.WaitGroup) {
	for {
		in, err := door.Accept()
		if err != nil {
			return
		}
		work.Go(func() {
			defer in.Close()
			out, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			p.keep(out)
			defer p.drop(out)
			var back sync.WaitGroup
			back.Go(func() {
				_, _ = io.Copy(in, out)
				in.Close()
			})
			_, _ = io.Copy(out, in)
			p.drop(out)
			back.Wait()
		})
	}
}

func (p *place) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
}

func (p *place) drop(c net.Conn) {
	c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// cut ends all connections that go out.
func (p *place) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
}

// dial connects to an address there.
func (p *place) dial(network, address string) (net.Conn, error) {
	type result struct {
		net.Conn
		error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		err := unix.Setns(int(p.file.Fd()), unix.CLONE_NEWNET)
		var conn net.Conn
		if err == nil {
			conn, err = net.Dial(network, address)
		}
		done <- result{conn, err}
	}()
	r := <-done
	return r.Conn, r.error
}

// command is a program that runs there.
func (p *place) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("nsenter", append([]string{"--net=/proc/self/fd/3", name}, args...)...)
	cmd.ExtraFiles = []*os.File{p.file}
	return cmd
}

// rules prints what the kernel enforces there.
func (p *place) rules() string {
	out, err := p.command("nft", "list", "ruleset").CombinedOutput()
	require.NoError(p.t, err, "%s", out)
	return strings.TrimSpace(string(out))
}
