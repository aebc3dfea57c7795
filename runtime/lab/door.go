package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
)

type doorRequest struct {
	Where   string `json:"where"`
	Address string `json:"address"`
}

// Door connects whoever connects to a listener of this process with an address, "IP:PORT", as it is reached from a place of the lab, for
// as long as the lab lives: by it programs outside get in. The listener is the lab's from then on.
func (l *Lab) Door(ctx context.Context, listener *net.TCPListener, where, address string) error {
	defer listener.Close()
	file, err := listener.File()
	if err != nil {
		return err
	}
	defer file.Close()
	return l.call(ctx, opDoor, doorRequest{Where: where, Address: address}, nil, file)
}

// door does what Door says. A socket stays in the network namespace in which it was made, whoever holds it.
func (c *cluster) door(d doorRequest, files []*os.File) error {
	space, err := c.space(d.Where)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return errors.New("a door is one socket")
	}
	listener, err := net.FileListener(files[0])
	if err != nil {
		return fmt.Errorf("door to %s: %w", d.Address, err)
	}
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				fmt.Fprintf(os.Stderr, "the door to %s is closed: %v\n", d.Address, err)
				return
			}
			go space.connect(in, d.Address)
		}
	}()
	return nil
}

// connect joins a connection with one to an address, until both directions have ended.
func (n *netNS) connect(in net.Conn, address string) {
	defer in.Close()
	var out net.Conn
	err := n.do(func() (err error) {
		out, err = net.Dial("tcp", address)
		return err
	})
	if err != nil {
		return // who came sees that nobody is there
	}
	defer out.Close()
	done := make(chan struct{})
	go func() {
		forward(in, out)
		close(done)
	}()
	forward(out, in)
	<-done
}

// forward copies what comes, and then its end.
func forward(to, from net.Conn) {
	// What cannot be passed on ends the connection as well.
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}
