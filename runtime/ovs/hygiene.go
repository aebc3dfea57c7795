package ovs

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/openflow"
)

// isLearned reports whether an entry is one of those that the bridge has learned from packets.
func isLearned(e *Entry) bool {
	return e.Foreign == "" && e.Group == nil && (openflow.IsAssociation(&e.Flow) || openflow.IsAffinity(&e.Flow))
}

// leave deletes what was learned of clients whose backends go: if one comes back, it is a new one.
func (c *changes) leave() {
	gone := map[openflow.Choice]bool{}
	for i := range c.before {
		if choice, ok := openflow.ChoiceOf(&c.before[i].Flow); ok {
			gone[choice] = true
		}
	}
	if len(gone) == 0 {
		return
	}
	for _, e := range c.seen.learned {
		if choice, ok := openflow.ChosenBy(&e.Flow); ok && gone[choice] {
			c.before = append(c.before, Mod{Delete, e})
		}
	}
}

// Clean forgets what is stale after a change from one Pipeline to another.
func (d *Dataplane) Clean(ctx context.Context, old, new *ir.Pipeline) error {
	_, err := d.Forget(ctx, agent.StaleAfter(old, new))
	return err
}

// Forget deletes what is stale from the connection tracking of the bridge's datapath, and tells how many entries that were. It is called
// after Apply has carried out the change: what begins anew then is led right.
func (d *Dataplane) Forget(ctx context.Context, stale *agent.Stale) (deleted int, err error) {
	if stale.IsEmpty() || d.forget == nil {
		return 0, ctx.Err()
	}
	return d.forget(ctx, stale)
}

// forgetStale looks through the connections of every datapath. With one, its name is left away: with it, the flush-conntrack of Open
// vSwitch 3.1 takes no zone.
func (dir vswitchd) forgetStale(ctx context.Context, stale *agent.Stale) (deleted int, err error) {
	text, err := dir.call(ctx, "dpctl/dump-dps")
	if err != nil {
		return 0, fmt.Errorf("forget connections: %w", err)
	}
	datapaths := strings.Fields(text)
	for _, name := range datapaths {
		var which []string
		if len(datapaths) > 1 {
			which = []string{name}
		}
		n, failed := dir.forgetIn(ctx, which, stale)
		deleted += n
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("forget connections of %s: %w", name, failed))
		}
	}
	return deleted, err
}

// forgetIn deletes the stale connections of one datapath. Those that have gone meanwhile are no failure.
func (dir vswitchd) forgetIn(ctx context.Context, datapath []string, stale *agent.Stale) (deleted int, err error) {
	zone := fmt.Sprintf("zone=%d", openflow.Zone)
	dump, err := dir.call(ctx, "dpctl/dump-conntrack", append(datapath, zone)...)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(dump) {
		c, ok := parseTracked(line)
		if !ok || !stale.Has(c.dialled, c.target) {
			continue
		}
		_, err := dir.call(ctx, "dpctl/flush-conntrack", append(datapath, zone, c.text())...)
		var refused *commandError
		switch {
		case err == nil:
			deleted++
		case ctx.Err() != nil || !errors.As(err, &refused) || !strings.Contains(refused.reason, "No such file"):
			return deleted, err
		}
	}
	return deleted, nil
}

// tracked is a connection over UDP: who dialled what, and who answers.
type tracked struct{ client, dialled, target netip.AddrPort }

// parseTracked reads a line such as
//
//	udp,orig=(src=10.0.0.5,dst=10.96.0.1,sport=40000,dport=53),reply=(src=10.0.0.6,dst=10.0.0.5,sport=5353,dport=40000),zone=18503
//
// and nothing of other protocols.
func parseTracked(line string) (c tracked, ok bool) {
	line, isUDP := strings.CutPrefix(line, "udp,orig=(")
	orig, rest, found := strings.Cut(line, "),reply=(")
	reply, _, closed := strings.Cut(rest, ")")
	if !isUDP || !found || !closed {
		return c, false
	}
	from, to, ok1 := parseTuple(orig)
	answers, _, ok2 := parseTuple(reply)
	return tracked{from, to, answers}, ok1 && ok2
}

// parseTuple reads one direction's addresses and ports.
func parseTuple(text string) (src, dst netip.AddrPort, ok bool) {
	values := map[string]string{}
	for _, word := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(word, "=")
		values[key] = value
	}
	src, err1 := addrPort(values["src"], values["sport"])
	dst, err2 := addrPort(values["dst"], values["dport"])
	return src, dst, err1 == nil && err2 == nil
}

func addrPort(addr, port string) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(a, uint16(n)), err
}

// text names the connection by its first direction, as flush-conntrack wants it.
func (c *tracked) text() string {
	field := "ct_nw"
	if c.client.Addr().Is6() {
		field = "ct_ipv6"
	}
	return fmt.Sprintf("%s_src=%s,%s_dst=%s,ct_nw_proto=17,ct_tp_src=%d,ct_tp_dst=%d",
		field, c.client.Addr(), field, c.dialled.Addr(), c.client.Port(), c.dialled.Port())
}
