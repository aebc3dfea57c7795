package syntax

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maker makes programs at random, of every kind of sentence and with every part of each now and then.
type maker struct{ *rand.Rand }

func (m maker) maybe() bool { return m.IntN(2) == 0 }

func (m maker) pick(words ...string) string { return words[m.IntN(len(words))] }

// name is a word, a keyword, a number or something that has to be quoted.
func (m maker) name() Word {
	return Name(m.pick("web", "a-b.c", "app.kubernetes.io/name", "policy", "for", "in", "10", "1a", "", "two words", `"`, "é", "x,\ny", "a:", "*", "_"))
}

func (m maker) ref() Word { return Word{Text: m.pick("web", "db", "common.office", "a-b")} }

func (m maker) number() Word { return Word{Text: m.pick("1", "80", "443", "5.5", "8000-8080")} }

func (m maker) addr() Word {
	return Word{Text: m.pick("10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1", "198.51.100.1-198.51.100.9", "fd00::1-fd00::9")}
}

// port is the number or the name of a port.
func (m maker) port() Word {
	if m.maybe() {
		return m.number()
	}
	text := m.pick("http", "log", "a b")
	return Word{Text: text, Quoted: text != "http"}
}

func optionally[T any](m maker, make func() T) T {
	if m.maybe() {
		return make()
	}
	var zero T
	return zero
}

// some makes a list of at least one.
func some[T any](m maker, make func() T) []T {
	var out []T
	for range 1 + m.IntN(3) {
		out = append(out, make())
	}
	return out
}

func (m maker) head() Head {
	pairs := func() []Pair { return some(m, func() Pair { return Pair{m.name(), m.name()} }) }
	return Head{Name: m.name(), Labels: optionally(m, pairs), Annotations: optionally(m, pairs)}
}

func (m maker) selector() *Selector {
	if m.maybe() {
		return nil
	}
	return &Selector{Requirements: optionally(m, func() []Requirement {
		return some(m, func() Requirement {
			r := Requirement{Key: m.name(), Is: Comparison(m.IntN(6))}
			switch r.Is {
			case Equal, Differs:
				r.Values = []Word{m.name()}
			case Among, NotAmong:
				r.Values = some(m, m.name)
			}
			return r
		})
	})}
}

func (m maker) place() *Place {
	p := &Place{Kind: PlaceKind(m.IntN(4))}
	switch p.Kind {
	case Selected:
		p.Selector = m.selector()
	case Named:
		p.Name = m.name()
	case SameAsOwner:
		p.Keys = some(m, m.name)
	}
	return p
}

func (m maker) peer() Peer {
	p := Peer{Kind: PeerKind(m.IntN(int(PeerNamed) + 1))}
	switch p.Kind {
	case Pods, Machines:
		p.Selector, p.In = m.selector(), optionally(m, m.place)
	case Everybody:
		p.In = m.place()
	case Nodes:
		p.Selector = m.selector()
	case GroupNamed, AccountOf, ServiceOf, PodNamed, NodeNamed, Domain:
		p.Name = m.name()
	case Block:
		p.Name, p.Except = m.addr(), optionally(m, func() []Word { return some(m, m.addr) })
	case PeerNamed:
		p.Name = m.ref()
	}
	return p
}

func (m maker) peers() []Peer { return some(m, m.peer) }

func (m maker) trafficPort() Port {
	p := Port{Kind: PortKind(m.IntN(int(PortsNamed) + 1))}
	switch p.Kind {
	case Transport:
		p.Protocol, p.Value, p.Source = m.transport(), optionally(m, m.port), optionally(m, m.number)
	case AnotherPort:
		p.Value, p.Source = m.number(), optionally(m, m.number)
	case ICMP:
		p.Value = optionally(m, func() Word { return Word{Text: m.pick("8", "3/4")} })
	case IGMP:
		p.Value, p.Group = optionally(m, m.number), optionally(m, m.addr)
	case ByName:
		for p.Value = m.port(); isNumber(p.Value.Text); {
			p.Value = m.port()
		}
	case PortsNamed:
		p.Value = m.ref()
	}
	return p
}

func (m maker) ports() []Port { return some(m, m.trafficPort) }

func (m maker) transport() Word { return Word{Text: m.pick("tcp", "udp", "sctp")} }

func (m maker) listens() []Listen {
	return some(m, func() Listen {
		return Listen{Name: optionally(m, m.name), Protocol: m.transport(), Port: m.number(), To: optionally(m, m.port), Node: optionally(m, m.number)}
	})
}

func (m maker) value(depth int) Value {
	v := Value{Kind: ValueKind(m.IntN(3))}
	switch {
	case v.Kind == Scalar || depth == 0:
		v = Value{Word: m.name()}
	case v.Kind == List:
		v.Items = optionally(m, func() []Value { return some(m, func() Value { return m.value(depth - 1) }) })
	default:
		v.Fields = optionally(m, func() []Field { return m.fields(depth - 1) })
	}
	return v
}

func (m maker) fields(depth int) []Field {
	return some(m, func() Field { return Field{Path: m.name(), Value: m.value(depth)} })
}

func (m maker) rule() Rule {
	r := Rule{Name: optionally(m, m.name), Action: Word{Text: m.pick("allow", "drop", "reject", "pass")}, Out: m.maybe(), Peers: m.peers(),
		Ports: optionally(m, m.ports), For: optionally(m, m.peers), Log: m.maybe()}
	if r.Log && m.maybe() {
		r.Label = Word{Text: m.pick("dns", "a b"), Quoted: true}
	}
	return r
}

//headgate:table
func (m maker) decl(nested bool) Decl {
	addrs := func() []Word { return some(m, m.addr) }
	fields := func() []Field { return m.fields(2) }
	switch m.IntN(14) {
	case 0:
		if m.maybe() {
			return &Let{Name: m.ref(), Peers: m.peers()}
		}
		l := &Let{Name: m.ref(), Ports: []Port{{Kind: Transport, Protocol: m.transport()}}}
		for _, p := range m.ports() {
			if p.Kind != AnotherPort || !strings.Contains(p.Value.Text, ".") { // no port anyway
				l.Ports = append(l.Ports, p)
			}
		}
		return l
	case 1:
		n := &Namespace{Head: m.head(), Block: m.maybe()}
		if n.Block && !nested {
			n.Decls = some(m, func() Decl { return m.decl(true) })
		}
		return n
	case 2:
		p := &Policy{Head: m.head(), Standing: Standing(m.pick("", "admin", "baseline")), Tier: optionally(m, m.name),
			Priority: optionally(m, m.number), For: optionally(m, m.peers), Rules: optionally(m, func() []Rule { return some(m, m.rule) })}
		p.Legacy = p.Standing != Plain && m.maybe()
		return p
	case 3:
		return &Tier{Head: m.head(), Priority: m.number(), Description: optionally(m, func() Word { return Word{Text: "as is", Quoted: true} })}
	case 4:
		return &Group{Head: m.head(), Peers: m.peers()}
	case 5:
		e := &Egress{Head: m.head(), For: m.peers(), As: optionally(m, addrs), Pools: optionally(m, func() []Word { return some(m, m.name) }), Rate: optionally(m, m.number)}
		if e.Rate.Stated() {
			e.Burst = m.number()
		}
		e.Fields = optionally(m, fields)
		return e
	case 6:
		p := &Pool{Head: m.head(), Ranges: addrs(), Gateway: optionally(m, m.addr), VLAN: optionally(m, m.number), Limited: m.maybe()}
		if p.Limited {
			p.Nodes = m.selector()
		}
		return p
	case 7:
		return &Node{Head: m.head(), Addrs: optionally(m, addrs), Pods: optionally(m, addrs), Fields: optionally(m, fields)}
	case 8:
		return &Pod{Head: m.head(), Node: optionally(m, m.name), Addrs: optionally(m, addrs), Ports: optionally(m, m.listens), Fields: optionally(m, fields)}
	case 9:
		s := &Service{Head: m.head(), Type: optionally(m, m.name), Selects: m.maybe(), Addrs: optionally(m, addrs), Ports: optionally(m, m.listens),
			Fields: optionally(m, fields)}
		if s.Selects {
			s.Pods = m.selector()
		}
		return s
	case 10:
		return &Machine{Head: m.head(), Faces: some(m, func() Face { return Face{optionally(m, m.name), addrs()} })}
	case 11:
		return &Entity{Head: m.head(), Machine: optionally(m, m.name), Addrs: optionally(m, addrs), Ports: optionally(m, m.listens), Fields: optionally(m, fields)}
	case 12:
		return &Object{Head: m.head(), Version: m.name(), Kind: m.name(), Fields: optionally(m, fields)}
	default:
		return &Expect{Verdict: Word{Text: m.pick("allow", "drop", "reject")}, From: m.peers(), To: m.peers(), Ports: optionally(m, m.ports)}
	}
}

// Whatever a program is, printed and read again it is the same, and its print is laid out already.
// spec: 12.3 12.15
func TestPrintAndParse(t *testing.T) {
	for seed := range uint64(400) {
		m := maker{rand.New(rand.NewPCG(seed, 1))}
		file := &File{Name: "x.hg", Decls: some(m, func() Decl { return m.decl(false) })}
		if m.maybe() {
			file.Imports = []*Import{{Path: Word{Text: "../common", Quoted: true}}}
		}
		printed := Print(file)
		back, problems := Parse("x.hg", printed)
		require.Empty(t, problems, fmt.Sprintf("seed %d\n%s", seed, printed))
		require.Equal(t, file, placeless(back), printed)
		formatted, _ := Format("x.hg", printed)
		require.Equal(t, printed, formatted, "seed %d", seed)
		Translate(file, nil)
	}
}
