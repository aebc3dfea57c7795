package nft

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// chainType is the type of a base chain.
func chainType(c *nft.Chain) string {
	switch {
	case c.NAT:
		return "nat"
	case c.Reroutes:
		return "route"
	}
	return "filter"
}

// batch is a transaction in the making: its messages, and for each what it is about.
type batch struct {
	messages []message
	about    []about
	sets     uint32 // created so far
}

// about says what a message does, for errors.
type about struct {
	what    string
	origins []*source.Origin
}

// Apply carries out a plan made from a state that Observe of this Dataplane returned. Foreign objects, and changes of what the
// kernel cannot change in place, make it replace the whole table, still in one transaction. It is refused with
// *agent.RefusedError. The context is checked before the transaction only, because that cannot be interrupted.
func (d *Dataplane) Apply(ctx context.Context, from agent.State, plan artifact.Plan) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b, err := plannedBatch(from, plan)
	if err != nil || len(b.messages) == 0 {
		return err
	}
	if err := d.commit(b); err != nil {
		return err
	}
	return d.changed(plan)
}

// changed does what comes after a transaction.
func (d *Dataplane) changed(plan artifact.Plan) error {
	select {
	case d.applied <- struct{}{}:
	default:
	}
	return errors.Join(d.forgetLost(plan), d.forgetMoved(plan), d.forgetGone(plan))
}

func plannedBatch(from agent.State, plan artifact.Plan) (*batch, error) {
	b := &batch{}
	known, _ := from.Private.(*private)
	if known == nil {
		known = &private{}
	}
	if len(plan.To.Objects) == 0 {
		if len(from.Artifact.Objects) > 0 {
			b.add(message{unix.NFT_MSG_DELTABLE, 0, inTable().b}, "deletion of the table", nil)
			b.without(nft.LeftTable)
		}
		return b, nil
	}
	var err error
	if needsReload(plan) || isForeign(known.generation) {
		err = b.reload(plan.To)
	} else {
		err = b.delta(known, plan)
	}
	return b, errors.Join(err, b.left(plan))
}

func (d *Dataplane) commit(b *batch) error {
	var refused []refusal
	err := d.with(func(s *socket) (err error) {
		refused, err = d.count.step(s, b.messages, 0)
		return err
	})
	if err != nil || len(refused) == 0 {
		return err
	}
	return b.refusedError(refused)
}

// refusedError tells what the refusals are about.
func (b *batch) refusedError(refused []refusal) error {
	e := &agent.RefusedError{}
	for _, r := range refused {
		reason := error(r.errno)
		if r.text != "" {
			reason = fmt.Errorf("%w: %s", r.errno, r.text)
		}
		subject := about{what: "the transaction"}
		if r.index >= 0 && r.index < len(b.about) {
			subject = b.about[r.index]
		}
		e.Refusals = append(e.Refusals, agent.Refusal{What: subject.what, Origins: subject.origins, Err: reason})
	}
	return e
}

func (b *batch) add(m message, what string, origins []*source.Origin) {
	b.messages, b.about = append(b.messages, m), append(b.about, about{what, origins})
}

// needsReload reports whether a plan has something that cannot be done piece by piece.
func needsReload(plan artifact.Plan) bool {
	return slices.ContainsFunc(plan.Changes, func(c artifact.Change) bool {
		if c.Op == artifact.Replace || c.Key == nft.TableKey {
			return true
		}
		return c.Op == artifact.Delete && kindOf(c.Key) == kindForeign
	})
}

// reload replaces the table.
func (b *batch) reload(to artifact.Artifact) error {
	table := inTable().b
	b.add(message{unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE, table}, "the table", nil)
	b.add(message{unix.NFT_MSG_DELTABLE, 0, table}, "deletion of the table", nil)
	b.add(message{unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE, table}, "the table", nil)
	if err := b.generation(nil, artifact.Generation(to)); err != nil {
		return err
	}
	for _, o := range to.Objects {
		if err := b.create(o); err != nil {
			return err
		}
	}
	return nil
}

// delta changes the table piece by piece: new objects first, in load order, then what changes, then deletions. What is deleted
// is emptied before, so that deleted objects may refer to each other.
func (b *batch) delta(known *private, plan artifact.Plan) error {
	if err := b.generation(known.generation, artifact.Generation(plan.To)); err != nil {
		return err
	}
	for _, c := range plan.Changes {
		if c.Op == artifact.Add {
			if err := b.create(c.New); err != nil {
				return err
			}
		}
	}
	for _, c := range plan.Changes {
		if c.Op == artifact.Modify {
			if err := b.modify(known, c); err != nil {
				return err
			}
		}
	}
	for _, c := range plan.Changes {
		if c.Op == artifact.Delete {
			b.empty(c.Key)
		}
	}
	for _, c := range plan.Changes {
		if c.Op == artifact.Delete {
			b.delete(c.Key)
		}
	}
	return nil
}

// isForeign reports whether something else has the name of the set that stores the generation.
func isForeign(generation *artifact.Object) bool {
	return generation != nil && generation.Head != nft.SetObject(nft.GenerationSet("")).Head
}

// generation stores a generation in the set that is there, or in a new one.
func (b *batch) generation(old *artifact.Object, generation string) error {
	want := nft.SetObject(nft.GenerationSet(generation))
	if old == nil {
		return b.create(want)
	}
	plan := artifact.Diff(artifact.Artifact{Objects: []artifact.Object{*old}}, artifact.Artifact{Objects: []artifact.Object{want}})
	if plan.IsEmpty() {
		return nil
	}
	return b.modify(nil, plan.Changes[0])
}

func chainBody(name string) *buffer {
	w := inTable()
	w.str(unix.NFTA_CHAIN_NAME, name)
	return w
}

// create makes an object with its items.
func (b *batch) create(o artifact.Object) error {
	switch v := o.Value.(type) {
	case *nft.Limit:
		b.add(newLimit(v), o.Key, nil)
		return nil
	case *nft.Set:
		b.sets++
		b.add(newSet(v, b.sets), o.Key, nil)
		return b.elements(unix.NFT_MSG_NEWSETELEM, v, v.Elements)
	case *nft.Chain:
		b.add(newChain(v), o.Key, nil)
		for i, r := range v.Rules {
			if err := b.rule(v, r, o.Items[i], 0); err != nil {
				return err
			}
		}
		return nil
	}
	if o.Key == nft.TableKey {
		return nil
	}
	return fmt.Errorf("object %q has no value that nftables could hold", o.Key)
}

func newChain(c *nft.Chain) message {
	w := chainBody(c.Name)
	if c.Hook != nft.NoHook {
		hook := w.open(unix.NFTA_CHAIN_HOOK | nested)
		w.u32(unix.NFTA_HOOK_HOOKNUM, uint32(c.Hook-nft.Prerouting))
		w.u32(unix.NFTA_HOOK_PRIORITY, uint32(c.Priority))
		w.close(hook)
		w.u32(unix.NFTA_CHAIN_POLICY, verdictAccept)
		w.str(unix.NFTA_CHAIN_TYPE, chainType(c))
	}
	return message{unix.NFT_MSG_NEWCHAIN, unix.NLM_F_CREATE | unix.NLM_F_EXCL, w.b}
}

// rule adds a rule before the one with the given handle, or at the end if that is 0.
func (b *batch) rule(c *nft.Chain, r *nft.Rule, text string, before uint64) error {
	list, err := compile(r)
	if err != nil {
		return fmt.Errorf("rule %q of chain %s: %w", text, c.Name, err)
	}
	w := inTable()
	w.str(unix.NFTA_RULE_CHAIN, c.Name)
	at := w.open(unix.NFTA_RULE_EXPRESSIONS | nested)
	for _, e := range list {
		e.write(w)
	}
	w.close(at)
	if r.Comment != "" {
		w.attr(unix.NFTA_RULE_USERDATA, writeComment(r.Comment))
	}
	flags := uint16(unix.NLM_F_CREATE | unix.NLM_F_APPEND)
	if before != 0 {
		flags = unix.NLM_F_CREATE
		w.u64(unix.NFTA_RULE_POSITION, before)
	}
	b.add(message{unix.NFT_MSG_NEWRULE, flags, w.b}, fmt.Sprintf("rule %q of chain %s", text, c.Name), r.Origins)
	return nil
}

func (b *batch) elements(typ uint16, s *nft.Set, elements []*nft.Element) error {
	messages, err := elementMessages(typ, s, elements)
	if err != nil {
		return fmt.Errorf("set %s: %w", s.Name, err)
	}
	what := "elements of " + nft.SetKey(s)
	if typ == unix.NFT_MSG_DELSETELEM {
		what = "deletion of " + what
	}
	for _, m := range messages {
		b.add(m, what, nil)
	}
	return nil
}

func (b *batch) modify(known *private, c artifact.Change) error {
	switch v := c.New.Value.(type) {
	case *nft.Set:
		return b.modifySet(v, c)
	case *nft.Chain:
		return b.modifyChain(v, c, known)
	}
	return fmt.Errorf("object %q has no value that nftables could hold", c.Key)
}

// modifySet deletes before it adds, because a map's key may get another verdict. Elements that are not ours cannot be deleted
// alone.
func (b *batch) modifySet(s *nft.Set, c artifact.Change) error {
	old, ok := c.Old.Value.(*nft.Set)
	if !ok {
		return fmt.Errorf("%s was not observed", c.Key)
	}
	var gone, come []*nft.Element
	for _, e := range c.Edits {
		if e.Op == artifact.Add {
			come = append(come, s.Elements[e.At])
			continue
		}
		if old.Elements[e.At].From == "" {
			b.add(flushSet(s.Name), "deletion of elements of "+c.Key, nil)
			return b.elements(unix.NFT_MSG_NEWSETELEM, s, s.Elements)
		}
		gone = append(gone, old.Elements[e.At])
	}
	if err := b.elements(unix.NFT_MSG_DELSETELEM, s, gone); err != nil {
		return err
	}
	return b.elements(unix.NFT_MSG_NEWSETELEM, s, come)
}

// modifyChain inserts each new rule before the next rule that stays, and deletes by handle.
func (b *batch) modifyChain(c *nft.Chain, change artifact.Change, known *private) error {
	handles := known.handles[change.Key]
	if len(handles) != len(change.Old.Items) {
		return fmt.Errorf("chain %s was not observed", c.Name)
	}
	stay := slices.Clone(handles)
	for _, e := range change.Edits {
		if e.Op == artifact.Delete {
			stay[e.At] = 0
			w := inTable()
			w.str(unix.NFTA_RULE_CHAIN, c.Name)
			w.u64(unix.NFTA_RULE_HANDLE, handles[e.At])
			b.add(message{unix.NFT_MSG_DELRULE, 0, w.b}, fmt.Sprintf("deletion of rule %q of chain %s", e.Text, c.Name), nil)
		}
	}
	stay = slices.DeleteFunc(stay, func(h uint64) bool { return h == 0 })
	added := 0
	for _, e := range change.Edits {
		if e.Op != artifact.Add {
			continue
		}
		before := uint64(0)
		if i := e.At - added; i < len(stay) {
			before = stay[i]
		}
		if err := b.rule(c, c.Rules[e.At], e.Text, before); err != nil {
			return err
		}
		added++
	}
	return nil
}

// The kinds of objects, by their keys.
type kind int

const (
	kindForeign kind = iota
	kindSet
	kindChain
	kindLimit
)

func kindOf(key string) kind {
	kind, _ := splitKey(key)
	return kind
}

// splitKey is the inverse of nft.SetKey and nft.ChainKey, and tells of the keys of limits.
func splitKey(key string) (kind, string) {
	for i, word := range []string{"set ", "map ", "chain ", "limit "} {
		if len(key) > len(word) && key[:len(word)] == word {
			return [...]kind{kindSet, kindSet, kindChain, kindLimit}[i], key[len(word):]
		}
	}
	return kindForeign, key
}

// empty takes an object's items away.
func (b *batch) empty(key string) {
	switch kind, name := splitKey(key); kind {
	case kindSet:
		b.add(flushSet(name), "deletion of elements of "+key, nil)
	case kindChain:
		w := inTable()
		w.str(unix.NFTA_RULE_CHAIN, name)
		b.add(message{unix.NFT_MSG_DELRULE, 0, w.b}, "deletion of rules of "+key, nil)
	}
}

func (b *batch) delete(key string) {
	switch kind, name := splitKey(key); kind {
	case kindSet:
		w := inTable()
		w.str(unix.NFTA_SET_NAME, name)
		b.add(message{unix.NFT_MSG_DELSET, 0, w.b}, "deletion of "+key, nil)
	case kindLimit:
		b.add(deleteLimit(name), "deletion of "+key, nil)
	case kindChain:
		b.add(message{unix.NFT_MSG_DELCHAIN, 0, chainBody(name).b}, "deletion of "+key, nil)
	}
}
