package nft

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// private is what Apply needs to know beyond the artifact.
type private struct {
	handles    map[string][]uint64 // of rules, by chain's key, parallel to Items
	generation *artifact.Object    // the set that stores it; nil if there is none
	epoch      uint64              // of the Dataplane's count
}

// readAttempts bounds how often a ruleset that changes while it is read is read again.
const readAttempts = 20

// Observe reads our table. Objects come in load order as far as it can be told from the kernel: the table, sets, chains
// without hook, maps, base chains, each by name.
func (d *Dataplane) Observe(ctx context.Context) (agent.State, error) {
	for attempt := 0; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return agent.State{}, err
		}
		var state agent.State
		err := d.with(func(s *socket) (err error) {
			state, err = d.count.observe(s)
			return err
		})
		if errors.Is(err, errInterrupted) && attempt < readAttempts {
			continue
		}
		return state, err
	}
}

func observe(s *socket) (agent.State, error) {
	o := observer{socket: s, private: private{handles: map[string][]uint64{}}}
	state := agent.State{Artifact: artifact.Artifact{Target: nft.Target}}
	found, err := o.table()
	if err != nil || !found {
		return state, err
	}
	for _, read := range []func() error{o.sets, o.chains, o.rules, o.others} {
		if err := read(); err != nil {
			return state, err
		}
	}
	slices.SortStableFunc(o.objects, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.object.Key, b.object.Key))
	})
	for _, p := range o.objects {
		state.Artifact.Objects = append(state.Artifact.Objects, *p.object)
	}
	if g := o.private.generation; g != nil {
		state.Generation = nft.ParseGeneration(g.Value.(*nft.Set))
	}
	state.Private = &o.private
	return state, nil
}

// placed is an object with its place in the load order.
type placed struct {
	order  int
	object *artifact.Object
}

// The places in the load order.
const (
	orderTable = iota
	orderLimit
	orderSet
	orderChain
	orderMap
	orderBase
)

// observer reads a table, which may change meanwhile: then a dump reports it, or something is missing.
type observer struct {
	socket  *socket
	objects []placed
	private private
}

func (o *observer) add(order int, object artifact.Object) *artifact.Object {
	o.objects = append(o.objects, placed{order, &object})
	return &object
}

// inTable is the body of a request about our table; every kind of object has the table's name as attribute 1.
func inTable() *buffer {
	var w buffer
	w.str(1, nft.TableName)
	return &w
}

func (o *observer) table() (found bool, err error) {
	err = o.socket.request(message{unix.NFT_MSG_GETTABLE, 0, inTable().b}, func(body []byte) error {
		a, err := parseAttrs(body)
		head := "table inet " + nft.TableName
		if flags := a.u32(unix.NFTA_TABLE_FLAGS); flags != 0 {
			head += fmt.Sprintf(" { foreign flags %#x }", flags)
		}
		o.add(orderTable, artifact.Object{Key: nft.TableKey, Head: head})
		return err
	})
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read table: %w", err)
	}
	return true, nil
}

// dump calls f for every object of a kind that lies in our table.
func (o *observer) dump(typ uint16, what string, f func(a attrs) error) error {
	err := o.socket.request(message{typ, unix.NLM_F_DUMP, inTable().b}, func(body []byte) error {
		a, err := parseAttrs(body)
		if err != nil || a.str(1) != nft.TableName {
			return err
		}
		return f(a)
	})
	if errors.Is(err, unix.ENOENT) {
		return errInterrupted
	}
	if err != nil && !errors.Is(err, errInterrupted) {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return err
}

func (o *observer) sets() error {
	type read struct {
		set    *nft.Set
		object *artifact.Object
	}
	var sets []read
	err := o.dump(unix.NFT_MSG_GETSET, "sets", func(a attrs) error {
		s, head, ok := readSet(a)
		if !ok {
			return nil
		}
		order := orderSet
		if s.Verdicts {
			order = orderMap
		}
		object := artifact.Object{Key: nft.SetKey(s), Head: head, Volatile: nft.VolatilityOf(s.Name), Value: s}
		if object.Key == nft.SetKey(nft.GenerationSet("")) {
			o.private.generation = &object
			sets = append(sets, read{s, &object})
		} else {
			sets = append(sets, read{s, o.add(order, object)})
		}
		return nil
	})
	for _, r := range sets {
		if err == nil && r.set.Key != nil && !nft.IsRuntimes(r.set.Name) {
			err = o.elements(r.set, r.object)
		}
	}
	return err
}

// elements reads a set's elements until it gets each of them once: while the kernel enlarges a hash table, which it does in
// the background, it may list some twice and leave as many out.
func (o *observer) elements(s *nft.Set, object *artifact.Object) error {
	for attempt := range readAttempts {
		rows, err := o.readElements(s)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(rows, func(r row) bool { return r.repeated }) {
			time.Sleep(time.Millisecond << min(attempt, maxBackoff))
			continue
		}
		for _, r := range rows {
			object.Items = append(object.Items, r.text)
			s.Elements = append(s.Elements, r.Element)
		}
		return nil
	}
	return fmt.Errorf("read set %s: the kernel keeps listing elements twice", s.Name)
}

// row is an element with its text. An element that is not ours has a text only.
type row struct {
	text string
	*nft.Element
	repeated bool
}

// maxBackoff bounds the pause between two attempts, to 64 milliseconds.
const maxBackoff = 6

func (o *observer) readElements(s *nft.Set) ([]row, error) {
	var raw []rawElement
	var rows []row
	w := inTable()
	w.str(unix.NFTA_SET_ELEM_LIST_SET, s.Name)
	err := o.socket.request(message{unix.NFT_MSG_GETSETELEM, unix.NLM_F_DUMP, w.b}, func(body []byte) error {
		a, err := parseAttrs(body)
		if err != nil {
			return err
		}
		return each(a[unix.NFTA_SET_ELEM_LIST_ELEMENTS], func(_ uint16, data []byte) error {
			if e, err := readElement(s, data); err == nil {
				raw = append(raw, e)
			} else {
				rows = append(rows, row{text: foreign("element", data), Element: &nft.Element{}})
			}
			return nil
		})
	})
	if errors.Is(err, unix.ENOENT) {
		return nil, errInterrupted
	}
	for _, e := range joinElements(s, raw) {
		rows = append(rows, row{text: nft.ElementText(s, e), Element: e})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.text, b.text) })
	for i := 1; i < len(rows); i++ {
		rows[i].repeated = rows[i].text == rows[i-1].text
	}
	return rows, err
}

func (o *observer) chains() error {
	return o.dump(unix.NFT_MSG_GETCHAIN, "chains", func(a attrs) error {
		c := &nft.Chain{Name: a.str(unix.NFTA_CHAIN_NAME)}
		object := nft.ChainObject(c)
		order := orderChain
		if hook := a[unix.NFTA_CHAIN_HOOK]; hook != nil {
			order = orderBase
			object.Head = readHook(c, a, hook)
		}
		o.add(order, object)
		return nil
	})
}

// readHook gives the head of a base chain.
func readHook(c *nft.Chain, a attrs, hook []byte) string {
	h, err := parseAttrs(hook)
	number := h.u32(unix.NFTA_HOOK_HOOKNUM)
	c.NAT = a.str(unix.NFTA_CHAIN_TYPE) == chainType(&nft.Chain{NAT: true})
	c.Reroutes = a.str(unix.NFTA_CHAIN_TYPE) == chainType(&nft.Chain{Reroutes: true})
	if err != nil || number > 4 || a.u32(unix.NFTA_CHAIN_POLICY) != verdictAccept || a.str(unix.NFTA_CHAIN_TYPE) != chainType(c) || h[unix.NFTA_HOOK_DEV] != nil {
		return fmt.Sprintf("%s { foreign type %s hook %d policy %d }", nft.ChainKey(c), a.str(unix.NFTA_CHAIN_TYPE), number, a.u32(unix.NFTA_CHAIN_POLICY))
	}
	c.Hook, c.Priority = nft.Prerouting+nft.Hook(number), int32(h.u32(unix.NFTA_HOOK_PRIORITY))
	return nft.ChainObject(c).Head
}

func (o *observer) rules() error {
	chains := map[string]*artifact.Object{}
	for _, p := range o.objects {
		chains[p.object.Key] = p.object
	}
	return o.dump(unix.NFT_MSG_GETRULE, "rules", func(a attrs) error {
		key := nft.ChainKey(&nft.Chain{Name: a.str(unix.NFTA_RULE_CHAIN)})
		object := chains[key]
		if object == nil {
			return errInterrupted // a chain that came after the chains were read
		}
		object.Items = append(object.Items, readRule(a))
		o.private.handles[key] = append(o.private.handles[key], a.u64(unix.NFTA_RULE_HANDLE))
		return nil
	})
}

// others reads limits, and finds what we never make: other named objects, and flow tables.
func (o *observer) others() error {
	for _, typ := range []uint16{unix.NFT_MSG_GETOBJ, unix.NFT_MSG_GETFLOWTABLE} {
		err := o.dump(typ, "objects", func(a attrs) error {
			if l, ok := readLimit(a); ok && typ == unix.NFT_MSG_GETOBJ {
				o.add(orderLimit, nft.LimitObject(l))
				return nil
			}
			key := fmt.Sprintf("foreign object %s %d", a.str(unix.NFTA_OBJ_NAME), a.u32(unix.NFTA_OBJ_TYPE))
			o.add(orderSet, artifact.Object{Key: key, Head: key})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
