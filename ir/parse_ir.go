package ir

import (
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
)

// reader knows the endpoints that were read.
type reader struct{ endpoints map[endpointKey]*Endpoint }

// endpointKey is what an endpoint is called by.
type endpointKey struct {
	kind            EndpointKind
	namespace, name string
}

func newReader() *reader { return &reader{map[endpointKey]*Endpoint{}} }

// endpointName reads what endpointWord prints.
func (l *line) endpointName(text string) (k endpointKey) {
	if node, ok := strings.CutPrefix(text, nodePrefix); ok {
		return endpointKey{NodeEndpoint, "", l.unword(node)}
	}
	if external, ok := strings.CutPrefix(text, externalPrefix); ok {
		k.kind, text = ExternalEndpoint, external
	} else if service, ok := strings.CutPrefix(text, servicePrefix); ok {
		k.kind, text = ServiceEndpoint, service
	}
	ns, name := l.cut(text, '/')
	k.namespace, k.name = l.unword(ns), l.unword(name)
	return k
}

// endpoint reads an endpoint's own line and remembers it as a member.
func (r *reader) endpoint(l *line) *Endpoint {
	e := l.endpoint()
	key := endpointKey{e.Kind, e.Namespace, e.Name}
	if r.endpoints[key] != nil {
		l.fail("endpoint %s is there already", e)
	}
	r.endpoints[key] = e
	return e
}

func (l *line) endpoint() *Endpoint {
	k := l.endpointName(l.next())
	e := &Endpoint{Kind: k.kind, Namespace: k.namespace, Name: k.name, Node: l.optWord("node"),
		Addrs: items(l, l.attr("addrs"), l.addr), NodePorts: optItems(l, "nodeports", l.nodePort), Ports: optItems(l, "ports", l.namedPort),
		Listens: optItems(l, "listens", l.l4), Origin: l.mustOrigin()}
	if e.Kind == NodeEndpoint {
		e.Node = e.Name
	}
	return e
}

// member finds an endpoint by name.
func (r *reader) member(l *line) func(string) *Endpoint {
	return func(text string) *Endpoint {
		e := r.endpoints[l.endpointName(text)]
		if e == nil {
			l.fail("there is no endpoint %s", text)
			return &Endpoint{} // never seen: the line failed
		}
		return e
	}
}

// programParser collects a Program.
type programParser struct {
	*reader
	prog   *Program
	groups map[string]*Group
}

func (p *programParser) group(l *line) {
	g := &Group{Key: l.unword(l.next())}
	if blocks, ok := l.opt("blocks"); ok {
		g.Kind, g.Addrs = Blocks, l.addrSet(blocks)
	} else if patterns, ok := l.opt("names"); ok {
		g.Kind, g.Patterns, g.Addrs = Names, items(l, patterns, l.unword), l.known()
	} else if dials, ok := l.opt("dialled"); ok {
		g.Kind, g.Dials = Dialled, items(l, dials, l.dial)
	} else {
		g.Members = items(l, l.attr("members"), p.member(l))
		g.Addrs = addrsOf(g.Members)
		if rest, ok := l.opt("addrs"); ok {
			g.Addrs = g.Addrs.Union(l.addrSet(rest))
		}
	}
	if p.groups[g.Key] != nil {
		l.fail("group %q is there already", g.Key)
	}
	p.groups[g.Key] = g
	p.prog.Groups = append(p.prog.Groups, g)
}

// nodePort reads what NodePort.String prints.
func (l *line) nodePort(text string) NodePort {
	name, number := l.cut(text, '/')
	port, err := strconv.ParseUint(number, 10, 16)
	l.check(err)
	proto, err := ParseProto(name)
	l.check(err)
	return NodePort{proto, uint16(port)}
}

// dial reads what Dial.String prints.
func (l *line) dial(text string) Dial {
	parts := l.split(text, '/')
	if len(parts) != 3 {
		l.fail("%q is not ADDRESS/PROTOCOL/PORT", text)
		return Dial{}
	}
	port, err := strconv.ParseUint(parts[2], 10, 16)
	l.check(err)
	proto, err := ParseProto(parts[1])
	l.check(err)
	return Dial{l.addr(parts[0]), proto, uint16(port)}
}

// known reads what knownWord prints.
func (l *line) known() (addrs AddrSet) {
	if text, ok := l.opt("known"); ok {
		addrs = l.addrSet(text)
	}
	return addrs
}

// logging reads what logWord prints.
func (l *line) logging() (out Logging) {
	text, on := l.opt("log")
	label, labelled := strings.CutPrefix(text, "label:")
	switch {
	case !on:
	case labelled:
		out = Logging{true, l.unword(label)}
	case text == "yes":
		out.On = true
	default:
		l.fail("log=%s is neither log=yes nor log=label:LABEL", text)
	}
	return out
}

// groupNamed finds a group by key.
func (p *programParser) groupNamed(l *line) func(string) *Group {
	return func(text string) *Group {
		g := p.groups[l.unword(text)]
		if g == nil {
			l.fail("there is no group %s", text)
		}
		return g
	}
}

func (p *programParser) policy(l *line) {
	policy := &Policy{Kind: l.unword(l.next())}
	switch name := l.split(l.next(), '/'); len(name) {
	case 1:
		policy.Name = l.unword(name[0])
	case 2:
		if policy.Namespace, policy.Name = l.unword(name[0]), l.unword(name[1]); policy.Namespace == "" {
			l.fail("the namespace is empty")
		}
	default:
		l.fail("a policy's name has one slash at most")
	}
	policy.Phase = l.phase(l.next())
	if rank, ok := l.opt("rank"); ok {
		policy.Rank = l.rank(rank)
	}
	for _, d := range optItems(l, "isolates", l.direction) {
		policy.Isolates[d] = true
	}
	policy.Logging = l.logging()
	if lockout, ok := l.opt("lockout"); ok {
		if policy.MayLockOut = lockout == "allow"; !policy.MayLockOut {
			l.fail("lockout=%s is not lockout=allow", lockout)
		}
	}
	policy.Subjects = items(l, l.attr("subjects"), p.groupNamed(l))
	policy.Origin = l.mustOrigin()
	p.prog.Policies = append(p.prog.Policies, policy)
}

func (l *line) rank(text string) Rank {
	parts := l.split(text, '/')
	if len(parts) == 3 && parts[2] != "interleave" || len(parts) < 2 || len(parts) > 3 {
		l.fail("%q is not a rank", text)
		return Rank{}
	}
	tier, err := strconv.ParseUint(parts[0], 10, 8)
	l.check(err)
	priority, err := strconv.ParseFloat(parts[1], 64)
	l.check(err)
	if priority != priority {
		l.fail("%q is not a priority", parts[1])
	}
	return Rank{uint8(tier), priority, len(parts) == 3}
}

func (p *programParser) rule(l *line, keyword string) {
	if !l.indented || len(p.prog.Policies) == 0 {
		l.fail("a rule without a policy")
		return
	}
	policy := p.prog.Policies[len(p.prog.Policies)-1]
	d := l.direction(keyword)
	r := PolicyRule{Turn: len(policy.Rules[d]), Action: l.action(l.next())}
	if turn, ok := l.opt("turn"); ok {
		n, err := strconv.Atoi(turn)
		l.check(err)
		r.Turn = n
	}
	r.Name = l.optWord("name")
	if subjects, ok := l.opt("subjects"); ok {
		r.Subjects = append([]*Group{}, items(l, subjects, p.groupNamed(l))...) // not nil, even for none
	}
	if peers := l.attr("peers"); peers == "any" {
		r.AnyPeer = true
	} else {
		r.Peers = items(l, peers, p.groupNamed(l))
	}
	r.Ports = items(l, l.attr("ports"), l.portSpec)
	r.Logging = l.logging()
	r.Origin = l.mustOrigin()
	policy.Rules[d] = append(policy.Rules[d], r)
}

// ParsePipeline reads what Pipeline.String prints; blank lines and lines that begin with # are skipped. It does not Check the
// result. The error names the line.
func ParsePipeline(text string) (*Pipeline, error) {
	p := &pipelineParser{pipe: &Pipeline{}, reader: newReader(), sets: map[string]SetID{}, pools: map[string]*Pool{}, index: map[*Endpoint]int{}}
	err := eachLine(text, "pipeline", func(l *line, keyword string) {
		switch keyword {
		case "pipeline":
			p.pipe.Node = l.optWord("node")
		case "node":
			p.pipe.Nodes = append(p.pipe.Nodes, l.node())
		case "endpoint":
			p.addEndpoint(l)
		case "remote":
			p.pipe.Remote = append(p.pipe.Remote, l.endpoint())
		case "set":
			p.set(l)
		case "list":
			p.list(l)
		case "pool":
			p.pool(l)
		case "frontend":
			p.frontend(l)
		case "inside":
			p.pipe.Inside = l.addrSet(l.next())
		case "holding":
			p.pipe.Holdings = append(p.pipe.Holdings, l.holding())
		case "snat":
			p.snat(l)
		case "health":
			p.healthCheck(l)
		default:
			p.rule(l, keyword)
		}
	})
	if err != nil {
		return nil, err
	}
	return p.pipe, nil
}

// pipelineParser collects a Pipeline; rules go to the list last read.
type pipelineParser struct {
	*reader
	pipe  *Pipeline
	sets  map[string]SetID
	pools map[string]*Pool
	index map[*Endpoint]int // in pipe.Endpoints
	last  *Classifier
}

func (p *pipelineParser) addEndpoint(l *line) {
	if p.last != nil {
		l.fail("an endpoint after a list")
		return
	}
	e := p.endpoint(l)
	p.index[e] = len(p.pipe.Endpoints)
	p.pipe.Endpoints = append(p.pipe.Endpoints, e)
	for _, d := range Directions() {
		for _, ph := range Phases() {
			c := p.pipe.Classifier(d, ph)
			c.Assign = append(c.Assign, NoList)
		}
	}
}

func (p *pipelineParser) set(l *line) {
	s := Set{Key: l.unword(l.next())}
	if blocks, ok := l.opt("blocks"); ok {
		s.Kind, s.Addrs = Blocks, l.addrSet(blocks)
	} else if patterns, ok := l.opt("names"); ok {
		s.Kind, s.Patterns, s.Addrs = Names, items(l, patterns, l.unword), l.known()
	} else if dials, ok := l.opt("dialled"); ok {
		s.Kind, s.Dials = Dialled, items(l, dials, l.dial)
	} else {
		s.Addrs = l.addrSet(l.attr("members"))
	}
	s.Name = l.optWord("name")
	if _, twice := p.sets[s.Key]; twice {
		l.fail("set %q is there already", s.Key)
	}
	p.sets[s.Key] = SetID(len(p.pipe.Sets))
	p.pipe.Sets = append(p.pipe.Sets, s)
}

func (p *pipelineParser) list(l *line) {
	d := l.direction(l.next())
	p.last = p.pipe.Classifier(d, l.phase(l.next()))
	list := List{Key: l.unword(l.next()), Name: l.optWord("name")}
	for _, e := range items(l, l.attr("endpoints"), p.member(l)) {
		if l.err != nil {
			return
		}
		assign := &p.last.Assign[p.index[e]]
		if *assign != NoList {
			l.fail("endpoint %s has a list already", e)
		}
		*assign = ListID(len(p.last.Lists))
	}
	p.last.Lists = append(p.last.Lists, list)
}

func (p *pipelineParser) rule(l *line, action string) {
	if !l.indented || p.last == nil {
		l.fail("unknown keyword %q, or a rule without a list", action)
		return
	}
	r := Rule{Action: l.action(action)}
	if id, ok := l.opt("id"); ok {
		n, err := strconv.ParseUint(id, 16, 64)
		l.check(err)
		r.ID = RuleID(n)
	}
	if peers := l.attr("peers"); peers == "any" {
		r.AnyPeer = true
	} else {
		r.Peers = items(l, peers, p.setNamed(l))
	}
	var err error
	r.L4, err = ParseL4Set(l.attr("l4"))
	l.check(err)
	r.Logging = l.logging()
	for o, ok := l.origin(); ok; o, ok = l.origin() {
		r.Origins = append(r.Origins, &source.Origin{Object: o.Object, Field: o.Field, Pos: o.Pos})
	}
	list := &p.last.Lists[len(p.last.Lists)-1]
	list.Rules = append(list.Rules, r)
}

// setNamed finds a set by key.
func (p *pipelineParser) setNamed(l *line) func(string) SetID {
	return func(text string) SetID {
		id, ok := p.sets[l.unword(text)]
		if !ok {
			l.fail("there is no set %s", text)
		}
		return id
	}
}
