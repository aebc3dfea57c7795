package resolve

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/ir"
)

// group is a selector, a list of pods, an address block, names or a list of Services that some policy uses, interned by key. Members are those of the last flush.
type group struct {
	key       string
	namespace string         // selects in this namespace, or
	spaces    *spaceSelector // in the namespaces that this selects; nil with namespace, and for blocks
	pods      manifest.Selector
	account   string // of the service account, if it selects by that
	kind      ir.GroupKind
	patterns  []string              // of names
	dial      func() []ir.Dial      // gives what Services are dialled by, in order
	compute   func() []*ir.Endpoint // gives the members, in order, if they do not follow from single pods
	refs      int
	subjectOf []*policy // by Compare

	members  []*ir.Endpoint // never changed in place: Programs share it
	addrs    ir.AddrSet
	dials    []ir.Dial
	resolved *ir.Group // nil after a change
	added    []*pod
	removed  []*ir.Endpoint
}

// groupIndex finds the groups that could select a pod, and the namespace selectors that could select a namespace, by one
// label that a match must carry; the rest are those without such a label. It also has what groups of names look up.
type groupIndex struct {
	byLabel        map[placedLabel][]*group
	byNamespace    map[string][]*group
	spaceSelectors map[string]*spaceSelector
	spaceByLabel   map[manifest.Label][]*spaceSelector
	spaceRest      []*spaceSelector
	spaces         map[manifest.Label][]*namespace
	known          map[string][]netip.Addr // addresses of DNS names, for groups of names
}

// placedLabel is a label of pods in one namespace, or in any ("").
type placedLabel struct {
	namespace string
	label     manifest.Label
}

func newGroupIndex() groupIndex {
	return groupIndex{
		byLabel:        map[placedLabel][]*group{},
		byNamespace:    map[string][]*group{},
		spaceSelectors: map[string]*spaceSelector{},
		spaceByLabel:   map[manifest.Label][]*spaceSelector{},
		spaces:         map[manifest.Label][]*namespace{},
	}
}

func (in *groupIndex) unpost(l manifest.Label, n *namespace) { removeFrom(in.spaces, l, n) }

func (in *groupIndex) register(g *group) {
	labels := anchor(g.pods)
	for _, l := range labels {
		at := placedLabel{g.namespace, l}
		in.byLabel[at] = append(in.byLabel[at], g)
	}
	switch {
	case labels != nil:
	case g.spaces != nil:
		g.spaces.rest = append(g.spaces.rest, g)
	default:
		in.byNamespace[g.namespace] = append(in.byNamespace[g.namespace], g)
	}
}

func (in *groupIndex) unregister(g *group) {
	labels := anchor(g.pods)
	for _, l := range labels {
		removeFrom(in.byLabel, placedLabel{g.namespace, l}, g)
	}
	switch {
	case labels != nil:
	case g.spaces != nil:
		g.spaces.rest = slices.DeleteFunc(g.spaces.rest, func(o *group) bool { return o == g })
	default:
		removeFrom(in.byNamespace, g.namespace, g)
	}
}

// matching returns the registered groups that select p.
func (in *groupIndex) matching(p *pod) []*group {
	var out []*group
	consider := func(groups []*group) {
		for _, g := range groups {
			if g.matches(p) {
				out = append(out, g)
			}
		}
	}
	if len(in.byLabel) > 0 {
		for _, l := range p.object.Labels {
			consider(in.byLabel[placedLabel{p.object.Namespace, l}])
			consider(in.byLabel[placedLabel{"", l}])
		}
	}
	consider(in.byNamespace[p.object.Namespace])
	for _, s := range p.space.selectors {
		consider(s.rest)
	}
	return out
}

func (g *group) matches(p *pod) bool {
	if g.spaces != nil {
		return g.spaces.spaces[p.space] && g.pods.Matches(p.object.Labels)
	}
	if g.account != "" && g.account != cmp.Or(p.object.ServiceAccount, "default") {
		return false
	}
	return g.namespace == p.object.Namespace && g.pods.Matches(p.object.Labels)
}

// acquireAccount interns the group of a service account's pods.
func (x *Index) acquireAccount(namespace, name string) *group {
	return x.acquire("pods ns="+namespace+" account="+name, func() *group { return &group{namespace: namespace, account: name} })
}

// acquirePods interns the group of a pod selector in one namespace.
func (x *Index) acquirePods(namespace string, pods manifest.Selector) *group {
	key := "pods ns=" + namespace
	if s := pods.String(); s != "" {
		key += " " + s
	}
	return x.acquire(key, func() *group { return &group{namespace: namespace, pods: pods} })
}

// acquireSelected interns the group of a pod selector in the namespaces that another selector matches.
func (x *Index) acquireSelected(spaces, pods manifest.Selector) *group {
	if name, ok := onlyName(spaces); ok {
		return x.acquirePods(name, pods)
	}
	key := spaces.String()
	if key == "" {
		key = "*"
	}
	key = "pods nsel:" + key
	if s := pods.String(); s != "" {
		key += ";" + s
	}
	return x.acquire(key, func() *group { return &group{spaces: x.acquireSpaces(spaces), pods: pods} })
}

// acquireBlock interns a prefix without the prefixes inside it.
func (x *Index) acquireBlock(b *manifest.IPBlock) *group {
	key := "block " + b.CIDR.Masked().String()
	except := ir.PrefixSet(b.Except...)
	if len(b.Except) > 0 {
		words := make([]string, 0, len(b.Except))
		for _, p := range except.Prefixes() {
			words = append(words, p.String())
		}
		key += " except " + strings.Join(words, ",")
	}
	return x.acquire(key, func() *group {
		return &group{kind: ir.Blocks, addrs: ir.PrefixSet(b.CIDR).Subtract(except)}
	})
}

// acquire interns a group under a key, or under a shorter one that stands for it.
func (x *Index) acquire(key string, make func() *group) *group {
	key = shorten(key)
	g := x.groups[key]
	if g == nil {
		g = make()
		g.key = key
		x.groups[key] = g
		switch {
		case g.compute != nil || g.dial != nil:
			x.computed[g] = true
		case g.kind == ir.Members:
			x.fresh = append(x.fresh, g)
		}
	}
	g.refs++
	return g
}

// shorten cuts a key that is too long to read, and makes up for it with a hash of the whole.
func shorten(key string) string {
	const long, head = 200, 120
	if len(key) < long {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return key[:head] + "... " + hex.EncodeToString(sum[:16])
}

func (x *Index) release(g *group) {
	if g.refs--; g.refs > 0 {
		return
	}
	delete(x.groups, g.key)
	delete(x.computed, g)
	if g.kind != ir.Members || g.compute != nil {
		return
	}
	for _, e := range g.members {
		if p := x.pods[objectName{e.Namespace, e.Name}]; p != nil {
			p.leave(g)
		}
	}
	for _, p := range g.added {
		p.leave(g)
	}
	if i := slices.Index(x.fresh, g); i >= 0 {
		x.fresh = slices.Delete(x.fresh, i, i+1)
	} else {
		x.groupsBy.unregister(g)
	}
	if g.spaces != nil {
		x.releaseSpaces(g.spaces)
	}
}

func (p *pod) leave(g *group) {
	p.groups = slices.DeleteFunc(p.groups, func(o *group) bool { return o == g })
}

// flush brings every group up to date.
func (x *Index) flush() {
	for p := range x.dirty {
		x.rematch(p)
	}
	clear(x.dirty)
	for _, g := range x.fresh {
		x.populate(g)
		x.groupsBy.register(g)
	}
	x.fresh = nil
	for _, g := range x.touched {
		if g.refs > 0 {
			g.apply(x.owners)
		}
	}
	x.touched = nil
}

// rematch finds the groups of a new, moved or removed pod.
func (x *Index) rematch(p *pod) {
	var now []*group
	if !p.gone {
		now = x.groupsBy.matching(p)
	}
	for _, g := range p.groups {
		if !slices.Contains(now, g) {
			x.touch(g)
			g.drop(p)
		}
	}
	for _, g := range now {
		if !slices.Contains(p.groups, g) {
			x.touch(g)
			g.added = append(g.added, p)
		}
	}
	p.groups = now
}

// drop takes out a member, or an endpoint that was only about to become one again under another address.
func (g *group) drop(p *pod) {
	if i := slices.Index(g.added, p); i >= 0 {
		g.added = slices.Delete(g.added, i, i+1)
		return
	}
	g.removed = append(g.removed, p.endpoint)
}

func (x *Index) touch(g *group) {
	if len(g.added)+len(g.removed) == 0 {
		x.touched = append(x.touched, g)
	}
}

// populate looks up the members of a new group. A selector of one requirement needs no second look at the pods of its label.
func (x *Index) populate(g *group) {
	labels := anchor(g.pods)
	settled := g.spaces == nil && g.account == "" && len(g.pods.Requirements) == min(len(labels), 1)
	var lists [][]*ir.Endpoint
	for _, pods := range x.candidates(g, labels) {
		var list []*ir.Endpoint
		if settled {
			list = make([]*ir.Endpoint, 0, len(pods))
		}
		for _, p := range pods {
			if settled || g.matches(p) {
				list = append(list, p.endpoint)
				p.join(g)
			}
		}
		if len(list) > 0 {
			lists = append(lists, list)
		}
	}
	g.members = unionOf(lists)
	g.addrs, g.resolved = ir.AddrsOf(g.members), nil
}

// candidates returns lists of pods, each in order and no pod twice, that have every pod with one of the group's anchor labels, or in its
// namespaces if there are none.
func (x *Index) candidates(g *group, labels []manifest.Label) [][]*pod {
	var out [][]*pod
	switch {
	case labels == nil && g.spaces == nil:
		if n := x.namespaces[g.namespace]; n != nil {
			out = append(out, n.endpoints.list())
		}
	case labels == nil:
		for n := range g.spaces.spaces {
			out = append(out, n.endpoints.list())
		}
	}
	for _, l := range labels {
		post := x.labels[l]
		switch {
		case post == nil:
		case g.spaces == nil:
			out = append(out, post.within(g.namespace))
		default:
			out = append(out, post.list())
		}
	}
	return out
}

// join notes that a pod is a member of a group. Most are in no more groups than they have labels.
func (p *pod) join(g *group) {
	if p.groups == nil {
		p.groups = make([]*group, 0, len(p.object.Labels))
	}
	p.groups = append(p.groups, g)
}

// apply brings the changes since the last flush into members and addrs, in time proportional to the group.
func (g *group) apply(owners map[netip.Addr][]*pod) {
	if len(g.added)+len(g.removed) == 0 {
		return
	}
	slices.SortFunc(g.added, comparePods)
	slices.SortFunc(g.removed, (*ir.Endpoint).Compare)
	left := without(g.members, g.removed)
	added := endpointsIn(g.added)
	g.addrs = g.addrs.Subtract(ir.AddrSetOf(g.abandoned(owners)...)).Union(ir.AddrsOf(added))
	g.members = unionOf([][]*ir.Endpoint{left, added})
	g.resolved, g.added, g.removed = nil, nil, nil
}

// without leaves endpoints out of a list that may be in it. Both are in order.
func without(list, gone []*ir.Endpoint) []*ir.Endpoint {
	if len(gone) == 0 {
		return list
	}
	out := make([]*ir.Endpoint, 0, len(list))
	for _, e := range gone {
		at := seek(list, e)
		out, list = append(out, list[:at]...), list[at:]
		if len(list) > 0 && list[0] == e {
			list = list[1:]
		}
	}
	return append(out, list...)
}

// abandoned lists the addresses of removed members that no present member has too.
func (g *group) abandoned(owners map[netip.Addr][]*pod) []netip.Addr {
	var out []netip.Addr
	for _, e := range g.removed {
		for _, a := range e.Addrs {
			stays := func(q *pod) bool { return slices.Contains(q.groups, g) && slices.Contains(q.endpoint.Addrs, a) }
			if !slices.ContainsFunc(owners[a], stays) {
				out = append(out, a)
			}
		}
	}
	return out
}

// resolve returns the group as the last flush left it.
func (g *group) resolve() *ir.Group {
	if g.resolved == nil {
		g.resolved = &ir.Group{Key: g.key, Kind: g.kind, Members: g.members, Patterns: g.patterns, Dials: g.dials, Addrs: g.addrs}
	}
	return g.resolved
}
