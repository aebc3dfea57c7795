package ir

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
)

// The textual form is a list of lines. A line is a keyword, then values and key=value attributes in a fixed order, separated by
// single blanks; a value that is a list is separated by commas; optional attributes are left out when they are empty. Words
// that hold a separator are quoted as in Go. Rules stand indented under their policy or list. Equal values print equal bytes.

// String gives the textual form that ParseProgram reads.
func (p *Program) String() string {
	var w printer
	w.words("program")
	w.world(p.Nodes, p.Endpoints)
	for _, g := range p.Groups {
		w.group(g)
	}
	for _, policy := range p.Policies {
		w.policy(policy)
	}
	for _, s := range p.Services {
		w.service(s)
	}
	w.departures(p)
	return w.text.String()
}

// Print writes the textual form that ParseProgram reads.
func (p *Program) Print(w io.Writer) error {
	_, err := io.WriteString(w, p.String())
	return err
}

// String gives the textual form that ParsePipeline reads.
func (p *Pipeline) String() string {
	var w printer
	w.words("pipeline", opt("node", word(p.Node), p.Node != ""))
	w.world(p.Nodes, p.Endpoints)
	for _, e := range p.Remote {
		w.endpoint("remote", e)
	}
	for _, s := range p.Sets {
		content := []string{s.Kind.String() + "=" + s.Addrs.String(), ""}
		switch s.Kind {
		case Names:
			content = []string{"names=" + list(s.Patterns, word), knownWord(s.Addrs)}
		case Dialled:
			content[0] = "dialled=" + list(s.Dials, Dial.String)
		}
		w.words("set", keyWord(s.Key), content[0], content[1], opt("name", word(s.Name), s.Name != ""))
	}
	for _, d := range Directions() {
		for _, ph := range Phases() {
			c := p.Classifier(d, ph)
			for id := range c.Lists {
				w.list(p, d, ph, ListID(id))
			}
		}
	}
	if len(p.Pools)+len(p.Frontends) > 0 {
		w.text.WriteByte('\n')
	}
	for _, pool := range p.Pools {
		w.pool(pool)
	}
	for _, f := range p.Frontends {
		w.frontend(f)
	}
	for i := range p.Health {
		w.healthCheck(&p.Health[i])
	}
	w.placedDepartures(p)
	return w.text.String()
}

// Print writes the textual form that ParsePipeline reads.
func (p *Pipeline) Print(w io.Writer) error {
	_, err := io.WriteString(w, p.String())
	return err
}

// printer collects lines.
type printer struct{ text strings.Builder }

// words writes one line of the words that are not empty.
func (w *printer) words(words ...string) {
	blank := ""
	for _, s := range words {
		if s != "" {
			w.text.WriteString(blank)
			w.text.WriteString(s)
			blank = " "
		}
	}
	w.text.WriteByte('\n')
}

// opt gives the attribute key=value if it is present, else "".
func opt(key, value string, present bool) string {
	if !present {
		return ""
	}
	return key + "=" + value
}

// quoteUnless quotes the text unless all its characters are letters and digits of ASCII or among the allowed ones, and it is
// not a word with a meaning of its own. The empty text is "-".
func quoteUnless(s, allowed string) string {
	if s == "" {
		return "-"
	}
	plain := s != "-" && s != "none" && s != "any" && s[0] != '#'
	for i := 0; plain && i < len(s); i++ {
		c := s[i]
		plain = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(allowed, c) >= 0
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}

func word(s string) string     { return quoteUnless(s, "._-[]()*+!;") }
func fileWord(s string) string { return quoteUnless(s, "._-[]()*+!;/") }
func keyWord(s string) string  { return quoteUnless(s, "._-[]()*+!;/:=<>@#") }

// list joins the words of the items with commas; "none" if there are none.
func list[T any](items []T, f func(T) string) string {
	if len(items) == 0 {
		return "none"
	}
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = f(item)
	}
	return strings.Join(words, ",")
}

// The prefixes of endpoints that are no pods. A word has no colon unless it is quoted.
const (
	nodePrefix     = "node:"
	externalPrefix = "external:"
	servicePrefix  = "service:"
)

// endpointWord gives "namespace/name", "node:name", "external:namespace/name" or "service:namespace/name".
func endpointWord(e *Endpoint) string {
	switch e.Kind {
	case NodeEndpoint:
		return nodePrefix + word(e.Name)
	case ExternalEndpoint:
		return externalPrefix + word(e.Namespace) + "/" + word(e.Name)
	case ServiceEndpoint:
		return servicePrefix + word(e.Namespace) + "/" + word(e.Name)
	}
	return word(e.Namespace) + "/" + word(e.Name)
}

func groupWord(g *Group) string { return keyWord(g.Key) }

func namedPortWord(p NamedPort) string {
	return word(p.Name) + ":" + p.Proto.String() + "/" + strconv.Itoa(int(p.Port))
}

func portSpecWord(s PortSpec) string {
	if s.Name == "" {
		return s.Box.String()
	}
	text := s.Box.Proto.String() + ":" + word(s.Name)
	if !s.Box.Src.IsAll() {
		text += "<" + s.Box.Src.String()
	}
	return text
}

func originAttr(o source.Origin) string {
	pos := "-"
	if o.Pos != (source.Pos{}) {
		pos = fmt.Sprintf("%s:%d:%d", fileWord(o.Pos.File), o.Pos.Line, o.Pos.Col)
	}
	return "from=" + keyWord(o.Object) + "," + keyWord(o.Field) + "," + pos
}

func (w *printer) world(nodes []*Node, endpoints []*Endpoint) {
	for _, n := range nodes {
		w.words("node", word(n.Name), opt("zone", word(n.Zone), n.Zone != ""), "addrs="+list(n.Addrs, netip.Addr.String),
			opt("cidrs", list(n.PodCIDRs, netip.Prefix.String), len(n.PodCIDRs) > 0), opt("leaving", "yes", n.Leaving), originAttr(n.Origin))
	}
	for _, e := range endpoints {
		w.endpoint("endpoint", e)
	}
}

func (w *printer) endpoint(keyword string, e *Endpoint) {
	w.words(keyword, endpointWord(e), opt("node", word(e.Node), e.Node != "" && e.Kind != NodeEndpoint), "addrs="+list(e.Addrs, netip.Addr.String),
		opt("nodeports", list(e.NodePorts, NodePort.String), len(e.NodePorts) > 0),
		opt("ports", list(e.Ports, namedPortWord), len(e.Ports) > 0),
		opt("listens", list(e.Listens, L4.String), len(e.Listens) > 0), originAttr(e.Origin))
}

// group names the members and adds only those addresses that are not theirs.
func (w *printer) group(g *Group) {
	switch g.Kind {
	case Blocks:
		w.words("group", keyWord(g.Key), "blocks="+g.Addrs.String())
		return
	case Names:
		w.words("group", keyWord(g.Key), "names="+list(g.Patterns, word), knownWord(g.Addrs))
		return
	case Dialled:
		w.words("group", keyWord(g.Key), "dialled="+list(g.Dials, Dial.String))
		return
	}
	rest := g.Addrs.Subtract(addrsOf(g.Members))
	w.words("group", keyWord(g.Key), "members="+list(g.Members, endpointWord), opt("addrs", rest.String(), !rest.IsEmpty()))
}

// knownWord has what is known of names.
func knownWord(addrs AddrSet) string { return opt("known", addrs.String(), !addrs.IsEmpty()) }

// logWord gives "log=yes", or "log=label:" and the label.
func logWord(l Logging) string {
	if l.Label == "" {
		return opt("log", "yes", l.On)
	}
	return "log=label:" + word(l.Label)
}

// addrsOf is the set of the endpoints' addresses.
func addrsOf(endpoints []*Endpoint) AddrSet {
	var addrs []netip.Addr
	for _, e := range endpoints {
		addrs = append(addrs, e.Addrs...)
	}
	return AddrSetOf(addrs...)
}

func (w *printer) policy(p *Policy) {
	name := word(p.Name)
	if p.Namespace != "" {
		name = word(p.Namespace) + "/" + name
	}
	rank := fmt.Sprintf("%d/%s", p.Rank.Tier, strconv.FormatFloat(p.Rank.Priority, 'g', -1, 64))
	if p.Rank.Interleave {
		rank += "/interleave"
	}
	var isolates []Direction
	for _, d := range Directions() {
		if p.Isolates[d] {
			isolates = append(isolates, d)
		}
	}
	w.text.WriteByte('\n')
	w.words("policy", word(p.Kind), name, p.Phase.String(), opt("rank", rank, p.Rank != Rank{}),
		opt("isolates", list(isolates, Direction.String), len(isolates) > 0), logWord(p.Logging), opt("lockout", "allow", p.MayLockOut),
		"subjects="+list(p.Subjects, groupWord), originAttr(p.Origin))
	for _, d := range Directions() {
		for i := range p.Rules[d] {
			w.policyRule(d, i, &p.Rules[d][i])
		}
	}
}

func (w *printer) policyRule(d Direction, index int, r *PolicyRule) {
	peers := list(r.Peers, groupWord)
	if r.AnyPeer {
		peers = "any"
	}
	w.words(" ", d.String(), r.Action.String(), opt("turn", strconv.Itoa(r.Turn), r.Turn != index), opt("name", word(r.Name), r.Name != ""),
		opt("subjects", list(r.Subjects, groupWord), r.Subjects != nil),
		"peers="+peers, "ports="+list(r.Ports, portSpecWord), logWord(r.Logging), originAttr(r.Origin))
}

// list writes a list with the endpoints that it is assigned to, and its rules.
func (w *printer) list(p *Pipeline, d Direction, ph Phase, id ListID) {
	c := p.Classifier(d, ph)
	l := &c.Lists[id]
	var assigned []*Endpoint
	for i, e := range p.Endpoints {
		if i < len(c.Assign) && c.Assign[i] == id {
			assigned = append(assigned, e)
		}
	}
	w.text.WriteByte('\n')
	w.words("list", d.String(), ph.String(), keyWord(l.Key), opt("name", word(l.Name), l.Name != ""),
		"endpoints="+list(assigned, endpointWord))
	for i := range l.Rules {
		w.rule(p, &l.Rules[i])
	}
}

func (w *printer) rule(p *Pipeline, r *Rule) {
	peers := list(r.Peers, func(id SetID) string { return keyWord(p.Sets[id].Key) })
	if r.AnyPeer {
		peers = "any"
	}
	words := []string{" ", r.Action.String(), opt("id", fmt.Sprintf("%012x", uint64(r.ID)), r.ID != 0), "peers=" + peers,
		"l4=" + r.L4.String(), logWord(r.Logging)}
	for _, o := range r.Origins {
		words = append(words, originAttr(*o))
	}
	w.words(words...)
}
