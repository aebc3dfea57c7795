package ir

import (
	"fmt"
	"slices"
	"strings"
)

// isName reports whether a name has the form that the pass "name" gives: 12 hexadecimal digits.
func isName(name string) bool { return len(name) == 12 && strings.Trim(name, "0123456789abcdef") == "" }

// maxRuleID is the largest RuleID: 48 bits.
const maxRuleID RuleID = 1<<48 - 1

// Check tells every invariant that the Pipeline violates, each with the object that does; nil if there is none. A violation is
// a mistake of the stage or pass that made the Pipeline, never of the user.
func (p *Pipeline) Check() error {
	c := newChecker()
	c.nodes(p.Nodes)
	c.endpoints(p.Endpoints)
	c.machines(p.Nodes, p.Endpoints)
	c.expect(!IsMachine(p.Node) || len(p.Nodes)+len(p.Remote) == 0, "pipeline "+p.Node, "a machine outside the cluster has nodes")
	for _, e := range p.Endpoints {
		c.expect(p.Node == "" || e.Node == p.Node || e.Kind == ServiceEndpoint, "endpoint "+e.String(), "is on another node than the pipeline")
	}
	c.remote(p)
	n := &namer{checker: c, named: p.IsNamed(), seen: map[string]bool{}}
	for i, s := range p.Sets {
		object := any("set " + s.Key)
		c.expect(s.Key != "", object, "no key")
		c.expect(i == 0 || p.Sets[i-1].Key < s.Key, object, "sets are not in order")
		c.expect(s.Kind <= Dialled, object, "unknown kind")
		c.opaque(object, s.Kind, s.Patterns, s.Dials)
		n.name(object, s.Name)
	}
	for _, d := range Directions() {
		for _, ph := range Phases() {
			c.classifier(p, d, ph, n)
		}
	}
	c.frontends(p)
	c.health(p)
	c.snats(p)
	return c.err()
}

// remote checks the endpoints of other nodes.
func (c *checker) remote(p *Pipeline) {
	c.endpoints(p.Remote)
	inside := map[string]AddrSet{}
	for _, n := range p.Nodes {
		inside[n.Name] = PrefixSet(n.PodCIDRs...)
	}
	for _, e := range p.Remote {
		object := any("remote endpoint " + e.String())
		c.expect(p.Node != "" && e.Node != p.Node, object, "is not on another node than the pipeline")
		c.expect(e.Kind == PodEndpoint, object, "is no pod")
		c.expect(!inside[e.Node].Covers(AddrSetOf(e.Addrs...)), object, "has no address outside its node's pod CIDRs")
	}
}

// IsNamed reports whether the pass "name" has been over the Pipeline: some set, list or rule has a name.
func (p *Pipeline) IsNamed() bool {
	if len(p.Sets) > 0 && p.Sets[0].Name != "" {
		return true
	}
	for _, d := range Directions() {
		for _, ph := range Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				if l.Name != "" || slices.ContainsFunc(l.Rules, func(r Rule) bool { return r.ID != 0 }) {
					return true
				}
			}
		}
	}
	return slices.ContainsFunc(p.Sets, func(s Set) bool { return s.Name != "" })
}

// namer checks the names of one scope: all sets, or the lists of one classifier.
type namer struct {
	*checker
	named bool
	seen  map[string]bool
}

func (n *namer) name(object any, name string) {
	if !n.named {
		return // then, by IsNamed, there is no name
	}
	n.expect(isName(name), object, "the name is missing or malformed")
	n.expect(!n.seen[name], object, "another has the same name")
	n.seen[name] = true
}

func (c *checker) classifier(p *Pipeline, d Direction, ph Phase, n *namer) {
	classifier := p.Classifier(d, ph)
	stage := any(d.String() + " " + ph.String())
	c.expect(len(classifier.Assign) == len(p.Endpoints), stage, "the assignments are not parallel to the endpoints")
	for _, id := range classifier.Assign {
		c.expect(id == NoList || id >= 0 && int(id) < len(classifier.Lists), stage, "an assigned list does not exist")
	}
	scope := &namer{checker: c, named: n.named, seen: map[string]bool{}}
	for i, l := range classifier.Lists {
		object := any(fmt.Sprintf("%s list %s", stage, l.Key))
		c.expect(l.Key != "", object, "no key")
		c.expect(i == 0 || classifier.Lists[i-1].Key < l.Key, object, "lists are not in order")
		scope.name(object, l.Name)
		for j := range l.Rules {
			c.rule(&ruleObject{object, j}, p, &l.Rules[j], n.named)
		}
	}
}

// ruleObject names a rule of a list in violations.
type ruleObject struct {
	list  any
	index int
}

// String gives the list's name and the rule's index.
func (o *ruleObject) String() string { return fmt.Sprintf("%v rule %d", o.list, o.index) }

func (c *checker) rule(object any, p *Pipeline, r *Rule, named bool) {
	c.expect(r.AnyPeer != (len(r.Peers) > 0), object, "not exactly one of any peer and peers")
	for i, id := range r.Peers {
		c.expect(id >= 0 && int(id) < len(p.Sets), object, "a set does not exist")
		c.expect(i == 0 || r.Peers[i-1] < id, object, "peers are not in order")
	}
	c.expect(len(r.L4) > 0, object, "matches no packet at layer 4")
	c.expect(!slices.ContainsFunc(r.L4, func(b L4) bool { return !b.isValid() }), object, "a box is not valid")
	c.expect(r.L4.Equal(MakeL4Set(r.L4...)), object, "layer 4 is not in canonical form")
	c.expect(r.Action <= Pass, object, "unknown action")
	c.expect(r.Logging.On || r.Logging.Label == "", object, "a label without logging")
	c.expect(len(r.Origins) > 0, object, "no origins")
	for i, o := range r.Origins {
		if c.expect(o != nil, object, "a nil origin"); o == nil {
			return
		}
		c.expect(o.Object != "", object, "an origin without object")
		c.expect(i == 0 || r.Origins[i-1].Compare(*o) < 0, object, "origins are not in order")
	}
	if named {
		c.expect(r.ID > 0 && r.ID <= maxRuleID, object, "the id is missing or too large")
	}
}
