package ovs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/openflow"
)

// ofctl is a Switch that runs the program ovs-ofctl for everything: what ovs.Conn is held against.
type ofctl struct {
	target    string
	*ovs.Conn // settles
}

var _ ovs.Switch = (*ofctl)(nil)

// newOfctl talks to a bridge through its management socket.
func newOfctl(socket string) *ofctl { return &ofctl{"unix:" + socket, ovs.NewConn(socket)} }

// Bundle writes a bundle file to ovs-ofctl, which checks each line before it sends anything, and commits only if the switch has
// accepted every message.
func (o *ofctl) Bundle(ctx context.Context, mods []ovs.Mod) error {
	if len(mods) == 0 {
		return nil
	}
	var b bytes.Buffer
	for i := range mods {
		b.WriteString(textOf(&mods[i]))
		b.WriteByte('\n')
	}
	_, err := o.run(ctx, b.Bytes(), "--no-names", "bundle", o.target, "-")
	var failed *ofctlError
	if errors.As(err, &failed) {
		return modError(failed.text, mods)
	}
	return err
}

// textOf is the mod's line in a bundle file. A delete matches by our cookies, so that a foreign flow that has taken the place
// stays; a modify by the flow's own, without which it would add a flow where there is none.
func textOf(m *ovs.Mod) string {
	if m.Group != nil {
		return groupText(m)
	}
	switch m.Command {
	case ovs.Add:
		return "flow add " + m.Flow.String()
	case ovs.Modify:
		flow := strings.TrimPrefix(m.Flow.String(), fmt.Sprintf("cookie=0x%x,", m.Flow.Cookie))
		return fmt.Sprintf("flow modify_strict cookie=0x%x/-1,%s", m.Flow.Cookie, flow)
	}
	key := m.Flow.Key()
	if m.Foreign != "" {
		key = foreignKey(m.Foreign)
	}
	return fmt.Sprintf("flow delete_strict cookie=0x%x/0x%x,%s", openflow.CookieMarker, openflow.CookieMask, key)
}

func groupText(m *ovs.Mod) string {
	switch m.Command {
	case ovs.Add:
		return "group add " + m.Group.String()
	case ovs.Modify:
		return "group modify " + m.Group.String()
	}
	return "group delete " + m.Group.Key()
}

// foreignKey leaves away the cookie, the timeouts and the actions of a dumped flow.
func foreignKey(text string) string {
	key, _, _ := strings.Cut(text, " actions=")
	words := strings.Split(key, ", ")
	return strings.Join(slices.DeleteFunc(words, func(w string) bool {
		return strings.HasPrefix(w, "cookie=") || strings.HasPrefix(w, "idle_timeout=") || strings.HasPrefix(w, "hard_timeout=")
	}), ",")
}

// Dump reads every flow with our cookie and every group with our mark.
func (o *ofctl) Dump(ctx context.Context) ([]ovs.Entry, error) {
	cookies := fmt.Sprintf("cookie=0x%x/0x%x", openflow.CookieMarker, openflow.CookieMask)
	flows, err := o.run(ctx, nil, "--no-names", "--no-stats", "dump-flows", o.target, cookies)
	if err != nil {
		return nil, err
	}
	groups, err := o.run(ctx, nil, "--no-names", "dump-groups", o.target)
	if err != nil {
		return nil, err
	}
	meters, err := o.run(ctx, nil, "dump-meters", o.target)
	if err != nil {
		return nil, err
	}
	var out []ovs.Entry
	for line := range strings.Lines(meters) {
		if strings.Contains(line, " kbps ") {
			return nil, errors.New("ours cannot be read here: " + line)
		}
	}
	for line := range strings.Lines(flows) {
		if !strings.Contains(line, "actions=") {
			continue // the reply's heading
		}
		f, err := openflow.Parse(line)
		out = append(out, ovs.Entry{Flow: f, Foreign: foreign(line, err)})
	}
	for line := range strings.Lines(groups) {
		if !strings.Contains(line, "group_id=") {
			continue
		}
		if g, err := openflow.ParseGroup(line); g.IsOurs() {
			out = append(out, ovs.Entry{Group: &g, Foreign: foreign(line, err)})
		}
	}
	return out, nil
}

// foreign is the text of what could not be read.
func foreign(line string, err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimSpace(line)
}

// ofctlError is what ovs-ofctl said before it failed.
type ofctlError struct {
	text string
	err  error
}

func (e *ofctlError) Error() string { return fmt.Sprintf("ovs-ofctl: %v: %s", e.err, e.text) }

// A bridge drops all connections, those just being made included, when its datapath ID changes, which ports can cause that come
// or go. What has not been connected has done nothing, so it can be tried again.
const (
	connectAttempts = 5
	connectPause    = 20 * time.Millisecond
)

func (o *ofctl) run(ctx context.Context, stdin []byte, args ...string) (string, error) {
	for attempt := 1; ; attempt++ {
		out, err := o.runOnce(ctx, stdin, args...)
		var failed *ofctlError
		if !errors.As(err, &failed) || !strings.Contains(failed.text, "failed to connect") || attempt == connectAttempts {
			return out, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(connectPause << attempt):
		}
	}
}

func (o *ofctl) runOnce(ctx context.Context, stdin []byte, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "ovs-ofctl", append([]string{"-vconsole:off", "-O", "OpenFlow15"}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Stdin = bytes.NewReader(stdin)
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &exit):
		return "", &ofctlError{strings.TrimSpace(errs.String()), err}
	}
	return "", fmt.Errorf("ovs-ofctl: %w", err)
}

// modError finds the mod that was refused. ovs-ofctl says either "ovs-ofctl: -:LINE: REASON", about a line of its input, or
// "Error NAME for: OFPT_FLOW_MOD (OF1.5) (xid=0x7): ADD table:10 priority=8,ip cookie:0x1 actions=drop", about a message.
// Anything else is no refusal.
func modError(text string, mods []ovs.Mod) error {
	first, _, _ := strings.Cut(text, "\n")
	if rest, ok := strings.CutPrefix(first, "ovs-ofctl: -:"); ok {
		number, reason, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil && line >= 1 && line <= len(mods) {
			return &ovs.ModError{line - 1, reason}
		}
	}
	rest, ok := strings.CutPrefix(first, "Error ")
	if !ok {
		return errors.New(text)
	}
	reason, message, _ := strings.Cut(rest, " for: ")
	_, flow, _ := strings.Cut(message, "): ")
	_, flow, _ = strings.Cut(flow, " ")
	flow = strings.Replace(strings.Replace(flow, "table:", "table=", 1), "cookie:", "cookie=", 1)
	if !strings.Contains(flow, " actions=") { // a delete has none
		flow += " actions=drop"
	}
	refused, err := openflow.Parse(flow)
	if err == nil {
		for i := range mods {
			if mods[i].Group == nil && mods[i].Flow.Compare(&refused) == 0 {
				return &ovs.ModError{i, reason}
			}
		}
	}
	return &ovs.ModError{-1, first}
}
