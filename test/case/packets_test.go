package testcase

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

// expectation is one line of a packets table:
//
//	SOURCE -> DESTINATION TRAFFIC [established] [ipv4|ipv6] [dialled=ADDRESS:PORT] VERDICT [by DIRECTION LABEL] [logged [LABEL]]
//
// Places and traffic are those of internal/place. Without a family the line is about every family that both places have; with what
// was dialled, about that address's. Logged is said of packets that some rule logs, with the labels of all rules that do. The first LABEL
// is how a declaration that decided begins (of an allowed packet: in that direction), such as "NetworkPolicy shop/web spec.ingress[0]".
type expectation struct {
	line    string
	packets []ir.Packet
	want    ir.Action
	by      string
	logged  []ir.Logging
}

// parsePackets reads a packets table; "#" starts a comment line.
func parsePackets(p *ir.Program, text string) ([]expectation, error) {
	var out []expectation
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseExpectation(p, line)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		out = append(out, e)
	}
	return out, nil
}

func parseExpectation(p *ir.Program, line string) (expectation, error) {
	e := expectation{line: line}
	line, logged, isLogged := strings.Cut(line, " logged")
	if isLogged {
		e.logged = loggings(logged)
	}
	what, by, _ := strings.Cut(line, " by ")
	e.by = by
	words := strings.Fields(what)
	if len(words) < 5 || words[1] != "->" {
		return e, fmt.Errorf("want SOURCE -> DESTINATION TRAFFIC [established] [ipv4|ipv6] VERDICT [by DIRECTION LABEL]")
	}
	var err error
	if e.packets, err = packets(p, words[0], words[2], words[3]); err != nil {
		return e, err
	}
	for _, word := range words[4 : len(words)-1] {
		switch word {
		case "established":
			for i := range e.packets {
				e.packets[i].Established = true
			}
		case "ipv4", "ipv6":
			e.packets = slices.DeleteFunc(e.packets, func(p ir.Packet) bool { return ir.FamilyOf(p.Dst).String() != word })
		default:
			text, ok := strings.CutPrefix(word, "dialled=")
			if !ok {
				return e, fmt.Errorf("unknown word %q", word)
			}
			to, err := place.Dialled(text)
			if err != nil {
				return e, err
			}
			e.dial(to)
		}
	}
	if len(e.packets) == 0 {
		return e, fmt.Errorf("the places have no family in common")
	}
	actions := []ir.Action{ir.Allow, ir.Drop, ir.Reject}
	i := slices.IndexFunc(actions, func(a ir.Action) bool { return a.String() == words[len(words)-1] })
	if i < 0 {
		return e, fmt.Errorf("%q is not a verdict", words[len(words)-1])
	}
	e.want = actions[i]
	return e, nil
}

// dial keeps the packets of the family of what was dialled.
func (e *expectation) dial(to netip.AddrPort) {
	e.packets = slices.DeleteFunc(e.packets, func(p ir.Packet) bool { return ir.FamilyOf(p.Dst) != ir.FamilyOf(to.Addr()) })
	for i := range e.packets {
		e.packets[i].Dialled = to
	}
}

// loggings reads what follows "logged": labels, "-" for none; nothing at all is one rule without a label.
func loggings(text string) []ir.Logging {
	labels := strings.Fields(text)
	if len(labels) == 0 {
		labels = []string{"-"}
	}
	var out []ir.Logging
	for _, label := range labels {
		out = append(out, ir.Logging{On: true, Label: strings.TrimPrefix(label, "-")})
	}
	return out
}

func packets(p *ir.Program, from, to, traffic string) ([]ir.Packet, error) {
	src, err := place.Find(p, from, "")
	if err != nil {
		return nil, err
	}
	dst, err := place.Find(p, to, "")
	if err != nil {
		return nil, err
	}
	t, err := place.ParseTraffic(traffic)
	if err != nil {
		return nil, err
	}
	return t.Packets(src, dst), nil
}

// check compares what became of a packet, and the deciding declaration if the line names one.
func (e *expectation) check(v ir.Verdict) error {
	if v.Action != e.want {
		return fmt.Errorf("%s\ngot %s", e.line, v)
	}
	var logged []ir.Logging
	for _, d := range v.Decisions {
		logged = append(logged, d.Logged...)
	}
	if !slices.Equal(logged, e.logged) {
		return fmt.Errorf("%s\nis logged as %v", e.line, logged)
	}
	if e.by == "" {
		return nil
	}
	decisions := v.Decisions // both directions allow
	if v.Action != ir.Allow {
		decisions = decisions[len(decisions)-1:]
	}
	for _, d := range decisions {
		for _, o := range d.Origins {
			if strings.HasPrefix(d.Direction.String()+" "+o.Label(), e.by) {
				return nil
			}
		}
	}
	return fmt.Errorf("%s\ngot another reason: %s", e.line, v)
}
