package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// confirmation is how a waiting `apply` hears that the new rules let its operator still in: a unix socket that lives exactly as
// long as it waits. A socket needs no polling, and cannot outlive the process that would roll back.
type confirmation struct {
	listener net.Listener
	path     string
}

// socketName is the socket's name in the state directory.
const socketName = "confirm.sock"

// defaultStateDir holds the socket of a waiting apply.
const defaultStateDir = "/run/headgate"

// listenConfirm opens the socket. Another apply that waits already is an error; a socket that a killed one left is replaced.
func listenConfirm(stateDir string) (*confirmation, error) {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(stateDir, socketName)
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if conn, dialErr := net.Dial("unix", path); dialErr == nil {
			conn.Close()
			return nil, fmt.Errorf("another apply waits for confirmation on %s", path)
		}
		if err = os.Remove(path); err == nil {
			l, err = net.Listen("unix", path)
		}
	}
	if err != nil {
		return nil, err
	}
	return &confirmation{l, path}, nil
}

// serve answers `headgate confirm` until one of them confirms, which it reports on the channel.
func (c *confirmation) serve(generation string) <-chan struct{} {
	confirmed := make(chan struct{}, 1)
	go func() {
		for {
			conn, err := c.listener.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(io.LimitReader(conn, 64)).ReadString('\n')
			if strings.TrimSpace(line) == "confirm" {
				fmt.Fprintf(conn, "confirmed %s\n", generation)
				conn.Close()
				confirmed <- struct{}{}
				return
			}
			conn.Close()
		}
	}()
	return confirmed
}

func (c *confirmation) close() { c.listener.Close() }

// waitConfirmed waits for `headgate confirm`, for a line on in if that is a terminal, for the time to run out, or for ctx. It
// returns nil if confirmed, else why not.
func (c *confirmation) waitConfirmed(ctx context.Context, generation string, limit time.Duration, in io.Reader) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c.serve(generation):
		return nil
	case <-typed(in):
		return nil
	case <-timer.C:
		return fmt.Errorf("not confirmed within %s", limit)
	case <-ctx.Done():
		return errors.New("interrupted before it was confirmed")
	}
}

// typed reports a line from a terminal; anything else never does.
func typed(in io.Reader) <-chan struct{} {
	lines := make(chan struct{}, 1)
	if isTerminal(in) {
		go func() {
			if _, err := bufio.NewReader(in).ReadString('\n'); err == nil {
				lines <- struct{}{}
			}
		}()
	}
	return lines
}

func newConfirm() *cobra.Command {
	var stateDir string
	cmd := &cobra.Command{
		Use:   "confirm",
		Short: "Keep the rules that a waiting 'headgate apply --confirm-within' loaded",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, err := net.Dial("unix", filepath.Join(stateDir, socketName))
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
				return errors.New("no apply waits for confirmation")
			}
			if err != nil {
				return err
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, "confirm\n"); err != nil {
				return err
			}
			answer, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil {
				return fmt.Errorf("no answer from the waiting apply: %w", err)
			}
			fmt.Fprint(cmd.OutOrStdout(), answer)
			return nil
		},
	}
	stateDirFlag(cmd, &stateDir)
	return cmd
}

func stateDirFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "state-dir", defaultStateDir, "directory of a waiting apply's socket and of what was loaded last")
}
