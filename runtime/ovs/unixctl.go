package ovs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// vswitchd sends commands to the ovs-vswitchd whose run directory this is, as ovs-appctl does: JSON-RPC 1.0 on a socket that is
// named after the process.
type vswitchd string

// call runs one command and returns what it prints.
func (dir vswitchd) call(ctx context.Context, command string, args ...string) (string, error) {
	result, err := dir.start(ctx, command, args...)
	if err != nil {
		return "", err
	}
	return result()
}

// start sends a command; result waits for what it prints, and must be called.
func (dir vswitchd) start(ctx context.Context, command string, args ...string) (result func() (string, error), err error) {
	pid, err := os.ReadFile(filepath.Join(string(dir), "ovs-vswitchd.pid"))
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(string(dir), "ovs-vswitchd."+strings.TrimSpace(string(pid))+".ctl")
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	request := map[string]any{"id": 0, "method": command, "params": append([]string{}, args...)}
	if err := json.NewEncoder(conn).Encode(request); err != nil {
		stop()
		conn.Close()
		return nil, err
	}
	return func() (string, error) {
		defer conn.Close()
		defer stop()
		return reply(conn, command)
	}, nil
}

// reply reads what a command has printed.
func reply(conn net.Conn, command string) (string, error) {
	var reply struct {
		Result string  `json:"result"`
		Error  *string `json:"error"`
	}
	if err := json.NewDecoder(conn).Decode(&reply); err != nil {
		return "", fmt.Errorf("ovs-vswitchd: %s: %w", command, err)
	}
	if reply.Error != nil {
		return "", &commandError{command, strings.TrimSpace(*reply.Error)}
	}
	return reply.Result, nil
}

// commandError is the answer of an ovs-vswitchd that does not carry a command out.
type commandError struct{ command, reason string }

func (e *commandError) Error() string { return "ovs-vswitchd: " + e.command + ": " + e.reason }

// look asks when the datapath's cached flows have been looked up anew the next time; wait waits for it, and must be called. Where both
// datapaths are in use that cannot be asked.
//
// A committed bundle is in force for what the datapath has not seen yet; what it has cached it goes on doing until then. That takes from
// milliseconds to a fraction of a second with many connections.
func (dir vswitchd) look(ctx context.Context) (wait func() error, err error) {
	result, err := dir.start(ctx, "revalidator/wait")
	if err != nil {
		return nil, err
	}
	return func() error {
		var refused *commandError
		if _, err := result(); err != nil && !errors.As(err, &refused) {
			return err
		}
		return nil
	}, nil
}

// prompt is a look for a change that comes next, with a wait that is as short as the switch's look-up: it is asked for before the
// change that causes the look-up. Only if one ends just in between that began before the change, the wait ends too early.
func (dir vswitchd) prompt() (wait func()) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	result, err := dir.start(ctx, "revalidator/wait")
	return func() {
		defer cancel()
		if err == nil {
			result()
			dir.forget(ctx)
		}
	}
}

// forget empties the cache of a switch that may have cached wrong actions. It comes after a look, because one under way would write into
// the new cache.
//
// The userspace datapath of releases before 3.2.0, 3.1.3, 3.0.5 and 2.17.8 writes the new actions into the wrong one of two
// cached flows that overlap, and never corrects them (fixed by "dpif-netdev: Fix dpif_netdev_flow_put", commit 21410ff80 of Open
// vSwitch).
func (dir vswitchd) forget(ctx context.Context) error {
	version, err := dir.call(ctx, "version")
	if err != nil || !miscaches(version) {
		return err
	}
	datapaths, err := dir.call(ctx, "dpif/show")
	if err != nil || !userspace(datapaths) {
		return err
	}
	_, err = dir.call(ctx, "revalidator/purge")
	return err
}

// userspace is true if what "ovs-appctl dpif/show" prints has a datapath that is not the kernel's: a line "netdev@ovs-netdev:"
// that is not indented.
func userspace(datapaths string) bool {
	for line := range strings.Lines(datapaths) {
		if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "system@") {
			return true
		}
	}
	return false
}

// miscaches is true for the releases whose userspace datapath forget must help, by the first line of "ovs-appctl version". What
// is no release's version is taken for one of them, which costs only time.
func miscaches(version string) bool {
	words := strings.Fields(version)
	var major, minor, patch int
	for _, w := range words {
		if n, _ := fmt.Sscanf(w, "%d.%d.%d", &major, &minor, &patch); n == 3 {
			break
		}
	}
	first := map[[2]int]int{{2, 17}: 8, {3, 0}: 5, {3, 1}: 3}
	if fixed, ok := first[[2]int{major, minor}]; ok {
		return patch < fixed
	}
	return major < 3
}
