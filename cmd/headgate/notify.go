package main

import (
	"fmt"
	"net"
	"os"
)

// notifyEnv names the socket on which a service manager waits for word of a program.
const notifyEnv = "NOTIFY_SOCKET"

// notifyReady tells the service manager, if there is one that waits, that what it starts after this program may start: for a machine that
// comes up, the network. Source: sd_notify(3).
func notifyReady() error {
	path := os.Getenv(notifyEnv)
	if path == "" {
		return nil
	}
	// A path that begins with @ is an abstract one, for Go, too.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err == nil {
		defer conn.Close()
		_, err = conn.Write([]byte("READY=1"))
	}
	if err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}
