package lint

import (
	"iter"
	"slices"

	"github.com/headgate-net/headgate/compiler/cell"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// class is the endpoints that have the same lists in every phase of a direction, those without address left out.
type class struct {
	direction ir.Direction
	endpoints []*ir.Endpoint
	families  map[ir.Family]bool
	lists     [ir.NumPhases]ir.ListID
	rules     []*ir.Rule     // of all phases in order; isolation as one rule
	decls     []*declaration // by rule; nil for isolation
	ends      [ir.NumPhases]int
	isolation []*source.Origin // of all policies that isolate
	runs      []int            // by rule: one past the last of the run of one action, logging and phase that it is in
	opaque    []int            // the rules that are, ascending
	logging   []int            // the rules that log, ascending
	divided   *division        // nil before it is needed
	isLimited bool
}

// division is a class's cells.
type division struct {
	peers    []int     // by rule: number of its peers
	l4       []int     // by rule: number of its layer 4
	classes  [][]int32 // by number of peers: the classes of addresses in them that have a packet
	boxes    [][]int32 // by number of layer 4: the boxes in it that have a packet
	inClass  [][]int32 // by class: the numbers of peers that contain it
	inBox    [][]int32 // by box: the numbers of layer 4 that contain it
	examples []peer    // by class
	traffic  []traffic // by box
	shapes   [][]shape // by number of peers; by number of layer 4
	steps    int
}

// shape is the rules with the same peers and layer 4, ascending.
type shape struct {
	l4    int32
	rules []int32
}

func compareShape(s shape, l4 int32) int { return int(s.l4) - int(l4) }

// at returns the rules with some peers that contain a box.
func (v *division) at(peers, box int32) iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		shapes, in := v.shapes[peers], v.inBox[box]
		if len(shapes) <= len(in) {
			for i := range shapes {
				v.steps++
				if _, has := slices.BinarySearch(v.boxes[shapes[i].l4], box); has && !yield(shapes[i].rules) {
					return
				}
			}
			return
		}
		for _, l4 := range in {
			v.steps++
			if i, has := slices.BinarySearchFunc(shapes, l4, compareShape); has && !yield(shapes[i].rules) {
				return
			}
		}
	}
}

// spot is a cell: a class of addresses and a box of layer 4.
type spot struct{ class, box int32 }

// classify finds the classes of one direction, and where each declaration is used.
func (a *analysis) classify(d ir.Direction) {
	byLists := map[[ir.NumPhases]ir.ListID]*class{}
	for i, e := range a.flat.Endpoints {
		if len(e.Addrs) == 0 {
			continue
		}
		var lists [ir.NumPhases]ir.ListID
		for _, ph := range ir.Phases() {
			lists[ph] = a.flat.Classifier(d, ph).Assign[i]
		}
		c := byLists[lists]
		if c == nil {
			c = &class{direction: d, lists: lists, families: map[ir.Family]bool{}}
			byLists[lists] = c
			a.classes = append(a.classes, c)
			a.gather(c)
		}
		c.endpoints = append(c.endpoints, e)
		for _, addr := range e.Addrs {
			c.families[ir.FamilyOf(addr)] = true
		}
	}
}

// gather collects the rules of a class.
func (a *analysis) gather(c *class) {
	for _, ph := range ir.Phases() {
		if id := c.lists[ph]; id != ir.NoList {
			rules := a.flat.Classifier(c.direction, ph).Lists[id].Rules
			for i := range rules {
				a.addRule(c, &rules[i])
			}
		}
		c.ends[ph] = len(c.rules)
	}
	c.runs = make([]int, len(c.rules))
	for i := len(c.rules) - 1; i >= 0; i-- {
		c.runs[i] = i + 1
		if i+1 < len(c.rules) && c.rules[i+1].Action == c.rules[i].Action && c.rules[i+1].Logging == c.rules[i].Logging && c.phase(i) == c.phase(i+1) {
			c.runs[i] = c.runs[i+1]
		}
	}
}

func (a *analysis) addRule(c *class, r *ir.Rule) {
	decl := a.of[r.Origins[0]]
	if decl == nil {
		c.isolation = append(c.isolation, r.Origins...)
		if len(c.isolation) > len(r.Origins) {
			return // the first drop of everything stands for all
		}
	}
	i := len(c.rules)
	c.rules, c.decls = append(c.rules, r), append(c.decls, decl)
	if a.flat.IsOpaque(r) {
		c.opaque = append(c.opaque, i)
	}
	if r.Logging.On {
		c.logging = append(c.logging, i)
	}
	switch {
	case decl == nil:
	case len(decl.uses) > 0 && decl.uses[len(decl.uses)-1].class == c:
		decl.uses[len(decl.uses)-1].to = i + 1
	default:
		decl.uses = append(decl.uses, use{c, i, i + 1})
	}
}

// phase returns the phase of a rule.
func (c *class) phase(i int) ir.Phase {
	for _, ph := range ir.Phases() {
		if i < c.ends[ph] {
			return ph
		}
	}
	return ir.Baseline
}

// start is the first rule of a phase.
func (c *class) start(ph ir.Phase) int {
	if ph == 0 {
		return 0
	}
	return c.ends[ph-1]
}

// divide returns the cells of a class, nil if they are too many.
func (a *analysis) divide(c *class) *division {
	if c.divided != nil || c.isLimited {
		return c.divided
	}
	if a.divided += len(c.rules); a.divided > a.mostDivided {
		c.isLimited = true
		return nil
	}
	rules := make([]ir.Rule, len(c.rules))
	for i, r := range c.rules {
		rules[i] = *r
	}
	for _, i := range c.opaque { // what is left is what they match for certain
		rules[i].Peers = slices.DeleteFunc(slices.Clone(rules[i].Peers), func(id ir.SetID) bool { return a.flat.Sets[id].Kind.IsOpaque() })
	}
	v := &division{}
	var peers, l4 []*ir.Rule
	v.peers, peers = cell.Numbers(rules, cell.PeersKey)
	v.l4, l4 = cell.Numbers(rules, cell.L4Key)
	classes, ok := a.addrs.OfRules(peers)
	if !ok {
		c.isLimited = true
		return nil
	}
	boxes, ok := cell.BoxesOf(l4)
	if !ok {
		c.isLimited = true
		return nil
	}
	a.keepPeers(c, v, classes)
	v.keepTraffic(boxes)
	v.inClass, v.inBox = cell.Invert(v.classes), cell.Invert(v.boxes)
	v.shapes = make([][]shape, len(peers))
	for i := range rules {
		shapes, l4 := &v.shapes[v.peers[i]], int32(v.l4[i])
		k, known := slices.BinarySearchFunc(*shapes, l4, compareShape)
		if !known {
			*shapes = slices.Insert(*shapes, k, shape{l4: l4})
		}
		(*shapes)[k].rules = append((*shapes)[k].rules, int32(i))
	}
	c.divided = v
	return v
}

// keepPeers keeps the classes of addresses that an endpoint of the class exchanges packets with.
func (a *analysis) keepPeers(c *class, v *division, classes *cell.Classes) {
	v.examples = make([]peer, len(classes.Examples))
	for i, example := range classes.Examples {
		v.examples[i] = a.world.peerIn(c, example)
	}
	v.classes = make([][]int32, len(classes.Of))
	for i, of := range classes.Of {
		for _, class := range of {
			if v.examples[class].endpoint != nil {
				v.classes[i] = append(v.classes[i], class)
			}
		}
	}
}

// keepTraffic keeps the boxes that a packet is in.
func (v *division) keepTraffic(boxes *cell.Boxes) {
	joined, to := cell.Join(boxes.Of)
	named, count := boxes.Protos(), int32(0)
	for _, n := range to {
		count = max(count, n+1)
	}
	v.traffic = make([]traffic, count)
	for i := range v.traffic {
		v.traffic[i] = traffic{proto: ir.ProtoAny}
	}
	for _, of := range boxes.Of {
		for _, box := range of {
			t := &v.traffic[to[box]]
			if found := trafficIn(boxes.Box(box), named); found.better(*t) {
				*t = found
			}
		}
	}
	v.boxes = make([][]int32, len(joined))
	for i, of := range joined {
		for _, box := range of {
			if v.traffic[box].proto != ir.ProtoAny {
				v.boxes[i] = append(v.boxes[i], box)
			}
		}
	}
}

// better reports whether one packet is a better example than another: it exists, and its source port needs no mention.
func (t traffic) better(o traffic) bool {
	switch {
	case t.proto == ir.ProtoAny:
		return false
	case o.proto == ir.ProtoAny:
		return true
	}
	return o.proto.HasPorts() && o.src != defaultSource && t.src == defaultSource
}

// eachSpot calls yield for the cells of rules[from:to] until it returns false or the class is given up; it returns whether all
// calls returned true.
func (a *analysis) eachSpot(u use, yield func(*division, spot) bool) bool {
	v := a.divide(u.class)
	if v == nil {
		return false
	}
	before := v.steps
	defer func() { a.looks += v.steps - before }()
	if a.looks > a.mostLooks {
		u.class.isLimited = true
	}
	for i := u.from; i < u.to; i++ {
		for _, class := range v.classes[v.peers[i]] {
			for _, box := range v.boxes[v.l4[i]] {
				if v.steps > looksPerRule*len(u.class.rules) {
					u.class.isLimited = true
				}
				if u.class.isLimited || !yield(v, spot{class, box}) {
					return false
				}
			}
		}
	}
	return true
}

func (v *division) packet(d ir.Direction, at spot) packet {
	return packet{d, v.examples[at.class], v.traffic[at.box]}
}

// has reports whether a rule contains a cell.
func (v *division) has(i int, at spot) bool {
	v.steps++
	_, inPeers := slices.BinarySearch(v.classes[v.peers[i]], at.class)
	_, inL4 := slices.BinarySearch(v.boxes[v.l4[i]], at.box)
	return inPeers && inL4
}

// view says which rules count.
type view uint8

const (
	left     view = iota // those that are not taken as removed
	declared             // all
)

// first returns the first of rules[from:to] that contains the cell and counts, or -1.
func (c *class) first(at spot, from, to int, of view) int {
	return c.find(at, from, to, search{of, false})
}

// some returns one of rules[from:to] that contains the cell and is not removed, or -1.
func (c *class) some(at spot, from, to int) int { return c.find(at, from, to, search{left, true}) }

type search struct {
	of     view
	enough bool // any rule will do
}

func (c *class) find(at spot, from, to int, s search) int {
	v, best := c.divided, -1
	if from >= to {
		return best
	}
	for _, p := range v.inClass[at.class] {
		for candidates := range v.at(p, at.box) {
			k := 0
			if int(candidates[0]) < from {
				k, _ = slices.BinarySearch(candidates, int32(from))
			}
			for ; k < len(candidates) && int(candidates[k]) < to && (best < 0 || int(candidates[k]) < best); k++ {
				if d := c.decls[candidates[k]]; s.of == declared || d == nil || !d.gone {
					best = int(candidates[k])
				}
			}
			if s.enough && best >= 0 {
				return best
			}
		}
	}
	return best
}

// all returns those of rules[from:to] that contain the cell, in order.
func (c *class) all(at spot, from, to int) []int {
	v := c.divided
	var out []int
	for _, p := range v.inClass[at.class] {
		for candidates := range v.at(p, at.box) {
			for _, i := range candidates {
				if from <= int(i) && int(i) < to {
					out = append(out, int(i))
				}
			}
		}
	}
	slices.Sort(out)
	v.steps += len(out)
	return out
}

// verdict judges a cell by the rules from one on: the action, and the rule that decides, -1 if none does.
func (c *class) verdict(at spot, from int, of view) (ir.Action, int) {
	for _, ph := range ir.Phases() {
		if from >= c.ends[ph] {
			continue
		}
		i := c.first(at, max(from, c.start(ph)), c.ends[ph], of)
		if i >= 0 && c.rules[i].Action != ir.Pass {
			return c.rules[i].Action, i
		}
	}
	return ir.Allow, -1
}

// outcome is what becomes of a cell that a rule decides: its action, or what later phases say.
func (c *class) outcome(at spot, i int, of view) ir.Action {
	if action := c.rules[i].Action; action != ir.Pass {
		return action
	}
	action, _ := c.verdict(at, c.ends[c.phase(i)], of)
	return action
}

// before returns the rule of an earlier phase that decides a cell, or -1.
func (c *class) before(at spot, ph ir.Phase) int {
	for _, q := range ir.Phases() {
		if q >= ph {
			break
		}
		if i := c.first(at, c.start(q), c.ends[q], left); i >= 0 && c.rules[i].Action != ir.Pass {
			return i
		}
	}
	return -1
}

// isDecidedBefore reports whether rules of an earlier phase decide a cell, whatever opaque rules match.
func (c *class) isDecidedBefore(at spot, ph ir.Phase) bool {
	for _, q := range ir.Phases() {
		if q >= ph {
			break
		}
		i := c.first(at, c.start(q), c.ends[q], left)
		if i >= 0 && c.rules[i].Action != ir.Pass && !c.mayPass(at, c.start(q), i) {
			return true
		}
	}
	return false
}

// logs reports whether one of rules[from:] that logs matches a cell.
func (c *class) logs(at spot, from int) bool {
	return slices.ContainsFunc(c.logging, func(i int) bool { return i >= from && c.divided.has(i, at) })
}

// mayMatch reports whether an opaque one of rules[from:to] could match packets of a cell.
func (c *class) mayMatch(at spot, from, to int) bool {
	return c.someOpaque(at, from, to, func(*ir.Rule) bool { return true })
}

// mayPass reports whether an opaque one of rules[from:to] could pass packets of a cell on to the next phase.
func (c *class) mayPass(at spot, from, to int) bool {
	return c.someOpaque(at, from, to, func(r *ir.Rule) bool { return r.Action == ir.Pass })
}

func (c *class) someOpaque(at spot, from, to int, ok func(*ir.Rule) bool) bool {
	v := c.divided
	return slices.ContainsFunc(c.opaque, func(i int) bool {
		if i < from || i >= to || !ok(c.rules[i]) {
			return false
		}
		v.steps++
		_, in := slices.BinarySearch(v.boxes[v.l4[i]], at.box)
		return in
	})
}
