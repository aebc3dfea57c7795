package flatten

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// longKey is the length from which a list's key gives a hash instead of naming its policies.
const longKey = 200

// stage flattens one direction and phase.
type stage struct {
	*flattener
	direction ir.Direction
	rules     []ir.RuleRef
	plain     [][]ir.Rule  // by index in rules: flattened, where that does not depend on the endpoint
	isolating []*ir.Policy // in Program order
	drops     []ir.Rule    // by index in isolating
	subjects  []*ir.Group  // every group of subjects
	concerns  []concern    // by index in subjects
	groupsOf  [][]int32    // by endpoint: ascending indices in subjects
	lists     []ir.List
	byKey     map[string]ir.ListID
}

// concern is what being in a group subjects an endpoint to: ascending indices in stage.rules and stage.isolating.
type concern struct{ rules, isolating []int32 }

func (f *flattener) classifier(d ir.Direction, ph ir.Phase) ir.Classifier {
	s := &stage{flattener: f, direction: d, rules: f.program.OrderedRules(d, ph), byKey: map[string]ir.ListID{}}
	if ph == ir.Namespace {
		for _, p := range f.program.Policies {
			if p.Phase == ph && p.Isolates[d] {
				s.isolating = append(s.isolating, p)
			}
		}
	}
	s.collectConcerns()
	s.findMembers()
	assign := make([]ir.ListID, len(f.endpoints))
	classes := map[string]*class{}
	for i, e := range f.endpoints {
		assign[i] = ir.NoList
		if len(s.groupsOf[i]) > 0 {
			assign[i] = s.listOf(e, s.classOf(s.groupsOf[i], classes))
		}
	}
	return sortLists(s.lists, assign)
}

// collectConcerns goes through the rules and isolating policies once, by group of subjects.
func (s *stage) collectConcerns() {
	ids := map[*ir.Group]int32{}
	of := func(g *ir.Group) *concern {
		id, known := ids[g]
		if !known {
			id = int32(len(s.subjects))
			ids[g] = id
			s.subjects = append(s.subjects, g)
			s.concerns = append(s.concerns, concern{})
		}
		return &s.concerns[id]
	}
	s.plain = make([][]ir.Rule, len(s.rules))
	for i, ref := range s.rules {
		for _, g := range ref.Subjects(s.direction) {
			c := of(g)
			c.rules = append(c.rules, int32(i))
		}
	}
	s.drops = make([]ir.Rule, len(s.isolating))
	for i, p := range s.isolating {
		s.drops[i] = ir.Rule{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, Logging: p.Logging,
			Origins: []*source.Origin{p.IsolationOrigin()}}
		for _, g := range p.Subjects {
			c := of(g)
			c.isolating = append(c.isolating, int32(i))
		}
	}
}

// findMembers fills groupsOf.
func (s *stage) findMembers() {
	s.groupsOf = make([][]int32, len(s.endpoints))
	for id, g := range s.subjects {
		for _, i := range s.membersOf(g) {
			s.groupsOf[i] = append(s.groupsOf[i], int32(id))
		}
	}
}

// membersOf returns the indices of the endpoints that are members of a group, each once. Where the endpoints are few and the
// group is large, it looks for each endpoint in the group, and remembers what it found for the other stages.
func (f *flattener) membersOf(g *ir.Group) []int32 {
	const probe = 16 // members that are walked in the time of one binary search
	found, known := f.members[g]
	if known {
		return found
	}
	if len(g.Members) > probe*len(f.endpoints) {
		for i, e := range f.endpoints {
			if _, member := slices.BinarySearchFunc(g.Members, e, (*ir.Endpoint).Compare); member {
				found = append(found, int32(i))
			}
		}
		f.members[g] = found
		return found
	}
	for _, e := range g.Members {
		if i, kept := f.index[e]; kept {
			found = append(found, i)
		}
	}
	return found
}

// class is the endpoints that the same groups of subjects contain.
type class struct {
	concern
	names []portName // of ingress rules, sorted: the list depends on the numbers the endpoint gives them
	list  ir.ListID  // if there are no names; NoList before it is made
	key   string
}

func (s *stage) classOf(groups []int32, classes map[string]*class) *class {
	var buf [64]byte
	id := buf[:0]
	for _, g := range groups {
		id = binary.BigEndian.AppendUint32(id, uint32(g))
	}
	c := classes[string(id)]
	if c != nil {
		return c
	}
	c = &class{list: ir.NoList}
	if len(groups) == 1 {
		c.concern = s.concerns[groups[0]]
	} else {
		for _, g := range groups {
			c.rules = append(c.rules, s.concerns[g].rules...)
			c.isolating = append(c.isolating, s.concerns[g].isolating...)
		}
		slices.Sort(c.rules)
		slices.Sort(c.isolating)
		c.rules, c.isolating = slices.Compact(c.rules), slices.Compact(c.isolating)
	}
	if s.direction == ir.Ingress {
		c.names = s.namesIn(c.rules)
	}
	c.key = s.keyOf(c.concern)
	classes[string(id)] = c
	return c
}

func (s *stage) namesIn(rules []int32) []portName {
	var out []portName
	for _, i := range rules {
		for _, p := range s.rules[i].Rule(s.direction).Ports {
			if p.Name != "" && !slices.Contains(out, nameOf(p)) {
				out = append(out, nameOf(p))
			}
		}
	}
	slices.SortFunc(out, func(a, b portName) int {
		if c := compareText(a.name, b.name); c != 0 {
			return c
		}
		return int(a.proto) - int(b.proto)
	})
	return out
}

// keyOf names the policies of a class in order of judgement. A policy whose rules have subjects of their own may concern the
// class with some rules only; then their turns follow its name.
func (s *stage) keyOf(c concern) string {
	var words []string
	named := map[*ir.Policy]bool{}
	for at := 0; at < len(c.rules); {
		policy := s.rules[c.rules[at]].Policy
		word := policy.Origin.Object
		partial := policy.Rank.Interleave || slices.ContainsFunc(policy.Rules[s.direction],
			func(r ir.PolicyRule) bool { return r.Subjects != nil })
		for ; at < len(c.rules) && s.rules[c.rules[at]].Policy == policy; at++ {
			if partial {
				word += " #" + s.partOf(s.rules[c.rules[at]])
			}
		}
		words = append(words, word)
		named[policy] = true
	}
	for _, i := range c.isolating {
		if p := s.isolating[i]; !named[p] {
			words = append(words, p.Origin.Object)
		}
	}
	if s.isolating != nil {
		slices.Sort(words) // NetworkPolicies are a union: their order means nothing
	}
	key := strings.Join(words, ", ")
	if len(key) < longKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strconv.Itoa(len(words)) + " policies " + hex.EncodeToString(sum[:16])
}

// partOf tells a rule from the others of its policy by its turn, and by its subjects if it may be one of several parts of a
// declared rule: if others have its turn, or the policy has subjects of which these are some.
func (s *stage) partOf(ref ir.RuleRef) string {
	rules, turn := ref.Policy.Rules[s.direction], ref.Rule(s.direction).Turn
	part := strconv.Itoa(turn)
	parts := len(ref.Policy.Subjects) > 0 || ref.Index > 0 && rules[ref.Index-1].Turn == turn ||
		ref.Index+1 < len(rules) && rules[ref.Index+1].Turn == turn
	if !parts || rules[ref.Index].Subjects == nil {
		return part
	}
	words := make([]string, len(rules[ref.Index].Subjects))
	for i, g := range rules[ref.Index].Subjects {
		words[i] = g.Key
	}
	slices.Sort(words)
	return part + "@" + strings.Join(words, "+")
}

// listOf returns the list of an endpoint of the class, making it when it is the first to need it.
func (s *stage) listOf(e *ir.Endpoint, c *class) ir.ListID {
	if len(c.names) == 0 {
		if c.list == ir.NoList {
			c.list = s.intern(c, c.key, nil)
		}
		return c.list
	}
	values := make([]value, len(c.names))
	key := c.key
	for i, n := range c.names {
		values[i] = lookup(e, n)
		key += "|" + values[i].String()
	}
	return s.intern(c, key, values)
}

// intern returns the list of the key. Different groups of subjects can amount to the same policies, hence to one list.
func (s *stage) intern(c *class, key string, values []value) ir.ListID {
	if id, known := s.byKey[key]; known {
		return id
	}
	list := ir.List{Key: key, Rules: make([]ir.Rule, 0, len(c.rules)+len(c.isolating))}
	for _, i := range c.rules {
		list.Rules = append(list.Rules, s.flat(i, values)...)
	}
	// All of them drop the same; the first decides, and that is one that logs if any does.
	for _, logs := range []bool{true, false} {
		for _, i := range c.isolating {
			if s.drops[i].Logging.On == logs {
				list.Rules = append(list.Rules, s.drops[i])
			}
		}
	}
	id := ir.ListID(len(s.lists))
	s.lists = append(s.lists, list)
	s.byKey[key] = id
	return id
}

// flat returns the rules that a declared rule becomes.
func (s *stage) flat(i int32, values []value) []ir.Rule {
	if s.plain[i] != nil {
		return s.plain[i]
	}
	r := s.rules[i].Rule(s.direction)
	if s.direction == ir.Egress {
		s.plain[i] = s.egress(r)
		return s.plain[i]
	}
	out := s.ingress(r, values)
	if _, unnamed := boxes(r); unnamed {
		s.plain[i] = out
	}
	return out
}

func sortLists(lists []ir.List, assign []ir.ListID) ir.Classifier {
	order := make([]int32, len(lists))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return compareText(lists[a].Key, lists[b].Key) })
	out := ir.Classifier{Lists: make([]ir.List, len(lists)), Assign: assign}
	moved := make([]ir.ListID, len(lists))
	for to, from := range order {
		out.Lists[to] = lists[from]
		moved[from] = ir.ListID(to)
	}
	for i, id := range assign {
		if id != ir.NoList {
			assign[i] = moved[id]
		}
	}
	return out
}
