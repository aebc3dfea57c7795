package lab

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrAborted: the peer wants no association.
var ErrAborted = errors.New("the association was aborted")

// HasSCTP tells whether the kernel has SCTP of its own. Where it has none, Associate and Accept speak it just far enough for the start of
// an association, on raw sockets.
func HasSCTP() bool {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_SCTP)
	if err != nil {
		return false
	}
	unix.Close(fd)
	return true
}

// Associate starts an association with an address in the network namespace of the process, and ends it as soon as the peer has answered.
// It asks again and again until ctx ends. ErrAborted and errors of the network say that there will be no answer.
func Associate(ctx context.Context, to netip.AddrPort) error {
	conn, err := net.DialIP(sctpNetwork(to.Addr()), nil, &net.IPAddr{IP: to.Addr().AsSlice()})
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	const lowest = 32768
	out := sctpPacket{Src: lowest + uint16(rand.N(1<<14)), Dst: to.Port(), Chunk: sctpInit, InitTag: rand.Uint32() | 1}
	again := time.NewTicker(time.Second)
	defer again.Stop()
	go func() {
		for {
			if _, err := conn.Write(out.encode()); err != nil {
				return // reading fails, too
			}
			select {
			case <-ctx.Done():
				return
			case <-again.C:
			}
		}
	}()
	buffer := make([]byte, 2048)
	for {
		n, _, err := conn.ReadFrom(buffer) // unlike Read without the header of IPv4
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		in, ok := decodeSCTP(buffer[:n])
		switch {
		case !ok || in.Src != out.Dst || in.Dst != out.Src || in.Tag != out.InitTag:
		case in.Chunk == sctpInitAck:
			_, err := conn.Write(sctpPacket{Src: out.Src, Dst: out.Dst, Tag: in.InitTag, Chunk: sctpAbort}.encode())
			return err
		case in.Chunk == sctpAbort:
			return ErrAborted
		}
	}
}

// Accept answers on a port of every address of the network namespace of the process, until ctx ends.
func Accept(ctx context.Context, port uint16) error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	var errs []error
	for _, any := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		conn, err := new(net.ListenConfig).ListenPacket(ctx, sctpNetwork(any), any.String())
		if err != nil {
			errs = append(errs, fmt.Errorf("listen for SCTP: %w", err))
			continue
		}
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		r := &sctpResponder{where: name, conn: conn, ports: map[uint16]bool{port: true}}
		work.Go(r.serve)
	}
	work.Wait()
	return errors.Join(errs...)
}

// sctpNetwork is the network of raw sockets for SCTP, in the words of package net.
func sctpNetwork(a netip.Addr) string {
	if a.Is4() {
		return fmt.Sprintf("ip4:%d", sctpProtocol)
	}
	return fmt.Sprintf("ip6:%d", sctpProtocol)
}
