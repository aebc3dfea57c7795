package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/headgate-net/headgate/runtime/lab"
)

// newLabSCTP does for pods of a lab with an API server what agnhost does on kernels that have SCTP, and says it in agnhost's words.
func newLabSCTP() *cobra.Command {
	cmd := &cobra.Command{Use: "sctp", Short: "Speak SCTP where the kernel does not", Hidden: true, Args: cobra.ArbitraryArgs, RunE: group}
	var timeout time.Duration
	connect := &cobra.Command{
		Use:   "connect ADDRESS:PORT",
		Short: "Open an association with an address, and say whether that worked",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			said := connectSCTP(cmd.Context(), args[0], timeout)
			if said == "" {
				return nil
			}
			fmt.Fprintln(cmd.ErrOrStderr(), said)
			return &exit{code: 1}
		},
	}
	connect.Flags().DurationVar(&timeout, "timeout", 0, "how long to wait for an answer")
	connect.Flags().String("protocol", "sctp", "ignored")
	cmd.AddCommand(connect, &cobra.Command{
		Use:   "serve",
		Short: "Answer on the ports of which the environment has SERVE_SCTP_PORT_number",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return serveSCTP(cmd.Context(), os.Environ()) },
	})
	return cmd
}

// connectSCTP returns what agnhost says of an attempt: nothing of one that succeeds.
func connectSCTP(ctx context.Context, address string, timeout time.Duration) string {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return "DNS: " + err.Error()
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	err = lab.Associate(ctx, to)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return "TIMEOUT"
	case errors.Is(err, lab.ErrAborted), errors.Is(err, syscall.ECONNREFUSED):
		return "REFUSED"
	}
	return "OTHER: " + err.Error()
}

// serveSCTP answers on the ports that the environment names, until ctx ends.
func serveSCTP(ctx context.Context, environment []string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, entry := range environment {
		name, _, _ := strings.Cut(entry, "=")
		number, ok := strings.CutPrefix(name, "SERVE_SCTP_PORT_")
		if !ok {
			continue
		}
		port, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		group.Go(func() error { return lab.Accept(ctx, uint16(port)) })
	}
	return group.Wait()
}
