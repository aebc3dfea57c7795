package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
)

// answer is what a responder says first, as one line of JSON: who it is, and whom it saw.
type answer struct {
	Responder string         `json:"responder"`
	Seen      netip.AddrPort `json:"seen"`
}

func (a answer) line() []byte {
	text, err := json.Marshal(a)
	if err != nil {
		panic("lab: an answer does not marshal: " + err.Error()) // strings and addresses always do
	}
	return append(text, '\n')
}

// listeners are the lab's responders: sockets that live in the namespaces of the places, served by the supervisor.
type listeners struct {
	c *cluster

	mu   sync.Mutex
	open map[listenKey]bool
	sctp map[netip.Addr]*sctpResponder
}

type listenKey struct {
	addr netip.Addr // unique within the lab, and so tells the place
	port Port
}

func newListeners(c *cluster) *listeners {
	return &listeners{c: c, open: map[listenKey]bool{}, sctp: map[netip.Addr]*sctpResponder{}}
}

// openDeclared opens every declared port, and extra ones on every pod.
func (ls *listeners) openDeclared(extra []Port) error {
	spec := &ls.c.boot.Spec
	for i := range spec.Nodes {
		if err := ls.openAt(spec.Nodes[i].Where(), spec.Nodes[i].Addrs, spec.Nodes[i].Ports); err != nil {
			return err
		}
	}
	for i := range spec.Hosts {
		if err := ls.openAt(spec.Hosts[i].Where(), spec.Hosts[i].Addrs, spec.Hosts[i].Ports); err != nil {
			return err
		}
	}
	err := parallel(len(spec.Pods), func(i int) error {
		return ls.openAt(spec.Pods[i].Where(), spec.Pods[i].Addrs, spec.Pods[i].Ports)
	})
	if err != nil {
		return err
	}
	return ls.openOnPods(extra)
}

// openOnPods opens ports on every pod.
func (ls *listeners) openOnPods(ports []Port) error {
	pods := ls.c.pods()
	return parallel(len(pods), func(i int) error {
		return ls.openAt(pods[i].Where(), pods[i].Addrs, ports)
	})
}

// openAt opens ports at a place, on each of its addresses. Those that are open already stay.
func (ls *listeners) openAt(where string, addrs []netip.Addr, ports []Port) error {
	if len(addrs) == 0 || len(ports) == 0 {
		return nil
	}
	space, err := ls.c.space(where)
	if err != nil {
		return err
	}
	return space.do(func() error {
		for _, port := range ports {
			for _, addr := range addrs {
				if err := ls.openOne(where, addr, port); err != nil {
					return fmt.Errorf("%s: listen on %s: %w", where, port, err)
				}
			}
		}
		return nil
	})
}

// openOne opens one socket in the calling thread's namespace.
func (ls *listeners) openOne(where string, addr netip.Addr, port Port) error {
	key := listenKey{addr: addr, port: port}
	ls.mu.Lock()
	taken := ls.open[key]
	ls.open[key] = true
	ls.mu.Unlock()
	if taken {
		return nil
	}
	at := netip.AddrPortFrom(addr, port.Port).String()
	var config net.ListenConfig
	switch port.Proto {
	case TCP:
		listener, err := config.Listen(context.Background(), "tcp", at)
		if err == nil {
			go serveTCP(where, listener)
		}
		return err
	case UDP:
		conn, err := config.ListenPacket(context.Background(), "udp", at)
		if err == nil {
			go serveUDP(where, conn.(*net.UDPConn))
		}
		return err
	case SCTP:
		return ls.openSCTP(where, addr, port.Port)
	}
	return nil // the kernel itself answers ICMP
}

// serveTCP greets every connection and then echoes what it gets.
func serveTCP(where string, listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			if _, err := conn.Write(answer{Responder: where, Seen: peerOf(conn)}.line()); err == nil {
				io.Copy(conn, conn)
			}
		}()
	}
}

func peerOf(conn net.Conn) netip.AddrPort {
	peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
}

// serveUDP answers every datagram with the answer line and the datagram itself.
func serveUDP(where string, conn *net.UDPConn) {
	buffer := make([]byte, 2048)
	for {
		n, peer, err := conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			if isClosed(err) {
				return
			}
			continue // an ICMP error about an earlier answer
		}
		seen := netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
		conn.WriteToUDPAddrPort(append(answer{Responder: where, Seen: seen}.line(), buffer[:n]...), peer)
	}
}
