package ovs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Binder tells which ports a bridge has. Ports is one.
type Binder interface {
	Binding(ctx context.Context) (openflow.Binding, error)
}

// Dataplane is one bridge, as agent.Dataplane wants it. Its methods may be called concurrently.
//
// A flow that names a port which does not exist cannot be loaded, and cannot be missed either: no packet comes from or goes to
// that port. Such flows are held back; Observe shows them as present, so that a reconciliation succeeds, and Held tells them.
// Once their port appears, the next Observe loads them first. Call Reconcile again when Ports.Changes says so. What was held is
// not stored anywhere: after a restart it shows as missing once, and Apply holds it again.
type Dataplane struct {
	node  string
	sw    Switch
	ports Binder
	close func()

	desk   *desk                       // nil if packets are handed to nobody
	prompt func() (wait func())        // nil if nothing needs to settle
	resume func(context.Context) error // has a switch that waits for flows go on; nil if none does
	forget func(context.Context, *agent.Stale) (int, error)
	follow func(context.Context) (*position, error) // nil if nobody follows what others change

	mu      sync.Mutex
	held    map[string]*openflow.Flow // by key
	past    tally                     // of flows that are gone
	watched []openflow.Ref            // pods whose answers of DNS matter, in order
	learned uint64                    // how often names were
	settled func()                    // waits until what was learned last is in force; nil if it is
}

var (
	_ agent.Dataplane = (*Dataplane)(nil)
	_ agent.Cleaner   = (*Dataplane)(nil)
)

// Options locate a bridge.
type Options struct {
	Node     string // what artifacts are to say in Node
	DBSocket string // path of ovsdb-server's socket; the bridge's OpenFlow socket is beside it
	Bridge   string
	Patient  bool // Open does not wait for the database: until it is there, Observe fails
}

// Open connects to a bridge, and until Close answers the packets that its flows reject, whether anybody watches or not. The second result is the channel of
// Ports.Changes, which receives a value also when somebody else may have changed flows, groups or meters.
func Open(ctx context.Context, o Options) (*Dataplane, <-chan struct{}, error) {
	ports, err := o.ports(ctx)
	if err != nil {
		return nil, nil, err
	}
	socket := filepath.Join(filepath.Dir(o.DBSocket), o.Bridge+".mgmt")
	conn := NewConn(socket)
	d := New(o.Node, conn, ports)
	d.desk, d.prompt, d.forget, d.resume = openDesk(socket), conn.daemon.prompt, conn.daemon.forgetStale, ports.resume
	d.follow = conn.position
	watching, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { conn.watchOver(watching, ports.notify) })
	d.close = func() {
		stop()
		work.Wait()
		ports.Close()
		conn.Close()
		d.desk.close()
	}
	return d, ports.Changes(), nil
}

func (o *Options) ports(ctx context.Context) (*Ports, error) {
	if o.Patient {
		return AwaitPorts(ctx, o.DBSocket, o.Bridge), nil
	}
	return OpenPorts(ctx, o.DBSocket, o.Bridge)
}

// New makes a dataplane of a switch whose ports are known otherwise.
func New(node string, sw Switch, ports Binder) *Dataplane {
	return &Dataplane{node: node, sw: sw, ports: ports, close: func() {}, held: map[string]*openflow.Flow{}, past: tally{}}
}

// Close ends the connections. The bridge keeps its flows.
func (d *Dataplane) Close() { d.close() }

// Held tells which flows wait for a port, by key, in order.
func (d *Dataplane) Held() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	keys := make([]string, 0, len(d.held))
	for key := range d.held {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// HeldPorts tells the ports that flows wait for, in order.
func (d *Dataplane) HeldPorts(ctx context.Context) ([]openflow.Ref, error) {
	binding, err := d.ports.Binding(ctx)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []openflow.Ref
	for _, f := range d.held {
		_, missing := binding.Flow(*f)
		out = append(out, missing...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// observed is the State's Private: the ports by which names were put into the artifact, and what the bridge held under each key.
type observed struct {
	binding openflow.Binding
	entries map[string]Entry // by the key of the object
	groups  map[uint32]bool  // the IDs of the groups, even of those that cannot be read
	meters  map[uint32]bool  // likewise
	learned []Entry          // from packets
	marks   []Entry          // the generations
	since   *position        // what others had done by then; nil: it is not known
	names   uint64           // how often names had been learned by then
	spent   bool             // the maps are those of a later state
}

// generationTable holds the generation, as the one flow of a table that no packet reaches: so it changes in the very bundle that
// makes it true, which a column of OVSDB could not.
const generationTable openflow.Table = 253

// Observe reads the bridge's flows, but for those that the bridge has learned.
func (d *Dataplane) Observe(ctx context.Context) (agent.State, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// A switch whose database is away may say nothing until that is back, as Open vSwitch 3.1 does; so the database is asked first.
	binding, err := d.ports.Binding(ctx)
	if err != nil {
		return agent.State{}, err
	}
	if err := d.release(ctx, binding); err != nil {
		return agent.State{}, err
	}
	since, err := d.position(ctx)
	if err != nil {
		return agent.State{}, err
	}
	dump, err := d.sw.Dump(ctx)
	if err != nil {
		return agent.State{}, err
	}
	private := &observed{since: since, names: d.learned, binding: binding, entries: make(map[string]Entry, len(dump)), groups: map[uint32]bool{}, meters: map[uint32]bool{}}
	state := agent.State{Private: private}
	objects := make([]artifact.Object, 0, len(dump))
	names := binding.Names()
	for i := range dump {
		if dump[i].Group == nil && dump[i].Meter == nil && dump[i].Flow.Table == generationTable {
			state.Generation = generationOf(&dump[i].Flow)
			private.marks = append(private.marks, dump[i])
			continue
		}
		if isLearned(&dump[i]) {
			private.learned = append(private.learned, dump[i])
			continue // its packets make it come and go
		}
		o := object(&dump[i], names)
		private.entries[o.Key] = dump[i]
		if g := dump[i].Group; g != nil {
			private.groups[g.ID] = true
		}
		if m := dump[i].Meter; m != nil {
			private.meters[m.ID] = true
		}
		objects = append(objects, o)
	}
	for key, f := range d.held {
		if _, there := private.entries[key]; !there {
			objects = append(objects, artifact.Object{Key: key, Head: f.String(), Value: f})
		}
	}
	slices.SortFunc(objects, openflow.CompareObjects) // as a target does, so that they are soon compared
	d.watch(objects)
	state.Artifact = artifact.Artifact{Target: openflow.TargetName, Node: d.node, Objects: objects}
	if state.Generation != "" { // Apply may have failed where only that was left to do
		err = d.goOn(ctx)
	}
	return state, err
}

// keyOf is the key of an entry's object.
func keyOf(e *Entry, names openflow.Names) string {
	switch {
	case e.Foreign != "":
		return "foreign " + e.Foreign
	case e.Group != nil:
		return e.Group.Key()
	case e.Meter != nil:
		return e.Meter.Key()
	}
	f := names.Flow(e.Flow)
	return f.Key()
}

// object is an entry in the target's words.
func object(e *Entry, names openflow.Names) artifact.Object {
	switch {
	case e.Foreign != "":
		return artifact.Object{Key: "foreign " + e.Foreign, Head: e.Foreign}
	case e.Group != nil:
		return artifact.Object{Key: e.Group.Key(), Head: e.Group.String(), Value: e.Group}
	case e.Meter != nil:
		return artifact.Object{Key: e.Meter.Key(), Head: e.Meter.String(), Value: e.Meter}
	}
	f := names.Flow(e.Flow)
	o := artifact.Object{Key: f.Key(), Head: f.String(), Value: &f}
	if openflow.IsVolatile(&f) {
		o.Volatile = artifact.VolatileObject
	}
	return o
}

// release loads held flows whose ports have appeared. If the switch refuses them, they are no longer held, so that they show as
// missing: it is for Apply to fail, not for Observe.
func (d *Dataplane) release(ctx context.Context, binding openflow.Binding) error {
	var mods []Mod
	var keys []string
	for key, f := range d.held {
		if bound, missing := binding.Flow(*f); len(missing) == 0 {
			mods = append(mods, Mod{Add, Entry{Flow: bound}})
			keys = append(keys, key)
		}
	}
	slices.SortFunc(mods, func(a, b Mod) int { return a.Flow.Compare(&b.Flow) })
	var refused *agent.RefusedError
	err := d.bundle(ctx, mods, nil)
	if err == nil && len(mods) > 0 {
		err = d.settle(ctx)
	}
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	for _, key := range keys {
		delete(d.held, key)
	}
	if d.desk != nil && len(keys) > 0 {
		d.desk.wake() // answers may have to be held for that port
	}
	return nil
}

// Apply sends one bundle, and meters before and after it: the flows that the plan deletes, its groups, its other flows, the generation, and at last the groups
// that the plan deletes, with which any flow would go that still referred to them; a later deletion of such a flow in the same
// bundle can kill the daemon of Open vSwitch 3.1.
func (d *Dataplane) Apply(ctx context.Context, from agent.State, plan artifact.Plan) error {
	seen, ok := from.Private.(*observed)
	if !ok {
		return errors.New("the state was not observed by this dataplane")
	}
	if err := d.change(ctx, seen, plan); err != nil {
		return err
	}
	if err := d.goOn(ctx); err != nil {
		return err
	}
	return d.settle(ctx) // meanwhile names can be learned
}

// change sends the bundle of Apply.
func (d *Dataplane) change(ctx context.Context, seen *observed, plan artifact.Plan) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, err := planned(seen, plan)
	if err != nil {
		return err
	}
	c.leave()
	return d.carryOut(ctx, c, plan)
}

// planned sorts a plan's changes.
func planned(seen *observed, plan artifact.Plan) (*changes, error) {
	c := &changes{seen: seen, hold: map[string]*openflow.Flow{}}
	for i := range plan.Changes {
		if err := c.add(&plan.Changes[i]); err != nil {
			return nil, err
		}
	}
	return c, c.mark(plan.To)
}

// carryOut sends what there is to do. The caller has the lock.
func (d *Dataplane) carryOut(ctx context.Context, c *changes, plan artifact.Plan) error {
	if err := d.bundle(ctx, slices.Concat(c.before, c.groups, c.flows, c.after), plan.To.Objects); err != nil {
		return err
	}
	d.past.remember(c.gone, plan.To.Objects)
	if slices.ContainsFunc(plan.Changes, isAboutSubject) {
		d.watch(plan.To.Objects)
	}
	for _, key := range c.settled {
		delete(d.held, key)
	}
	for key, f := range c.hold {
		d.held[key] = f
	}
	return nil
}

// changes sorts a plan's changes into mods, in the order of the members, and what has to wait.
type changes struct {
	seen                         *observed
	before, groups, flows, after []Mod
	hold                         map[string]*openflow.Flow
	settled                      []string // keys that are not held any more
	gone                         []Entry  // flows whose counters go
}

func (c *changes) add(change *artifact.Change) error {
	old, loaded := c.seen.entries[change.Key]
	if change.Op == artifact.Delete {
		c.settled = append(c.settled, change.Key)
		if loaded {
			c.remove(old)
		}
		return nil
	}
	switch want := change.New.Value.(type) {
	case *openflow.Flow:
		c.flow(change.Key, want, old, loaded)
	case *openflow.Group:
		c.group(want)
	case *openflow.Meter:
		c.meter(want)
	default:
		return fmt.Errorf("object %s is neither a flow nor a group or meter", change.Key)
	}
	return nil
}

func (c *changes) group(want *openflow.Group) {
	command := Add
	if c.seen.groups[want.ID] {
		command = Modify
	}
	c.groups = append(c.groups, Mod{command, Entry{Group: want}})
	// What cannot be read is deleted under a key of its own; it is not to take the group along that has its ID now.
	c.after = slices.DeleteFunc(c.after, func(m Mod) bool { return m.Group != nil && m.Group.ID == want.ID })
}

func (c *changes) meter(want *openflow.Meter) {
	command := Add
	if c.seen.meters[want.ID] {
		command = Modify
	}
	c.groups = append(c.groups, Mod{command, Entry{Meter: want}})
	c.after = slices.DeleteFunc(c.after, func(m Mod) bool { return m.Meter != nil && m.Meter.ID == want.ID })
}

func (c *changes) remove(e Entry) {
	if e.Group != nil || e.Meter != nil {
		c.after = append(c.after, Mod{Delete, e})
	} else {
		c.before = append(c.before, Mod{Delete, e})
		c.gone = append(c.gone, e)
	}
}

func (c *changes) flow(key string, want *openflow.Flow, old Entry, loaded bool) {
	bound, missing := c.seen.binding.Flow(*want)
	if len(missing) > 0 {
		c.hold[key] = want
		if loaded { // a flow of one table, priority and match, but for a port that is gone
			c.remove(old)
		}
		return
	}
	command := Add
	if loaded && old.Flow.Cookie == bound.Cookie && old.Flow.IdleTimeout == bound.IdleTimeout { // which a Modify would leave
		command = Modify
	} else if loaded {
		c.gone = append(c.gone, old)
	}
	c.settled = append(c.settled, key)
	c.flows = append(c.flows, Mod{command, Entry{Flow: bound}})
}

// mark replaces the generation. A bridge that is to hold nothing holds none either, as if it had never been touched.
func (c *changes) mark(to artifact.Artifact) error {
	for _, e := range c.seen.marks {
		c.remove(e)
	}
	if len(to.Objects) == 0 {
		return nil
	}
	f, err := generationFlow(artifact.Generation(to))
	if err != nil {
		return err
	}
	c.flows = append(c.flows, Mod{Add, Entry{Flow: f}})
	return nil
}

// settle waits until what a bundle changed is in force.
func (d *Dataplane) settle(ctx context.Context) error {
	if err := d.sw.Settle(ctx); err != nil {
		return fmt.Errorf("the bundle is in force, but packets may still meet cached flows: %w", err)
	}
	return nil
}

// bundle sends mods, and names the source of the one that was refused.
func (d *Dataplane) bundle(ctx context.Context, mods []Mod, wanted []artifact.Object) error {
	if len(mods) == 0 {
		return nil
	}
	err := d.sw.Bundle(ctx, mods)
	if err == nil {
		return nil
	}
	var refused *ModError
	if !errors.As(err, &refused) {
		return err
	}
	r := agent.Refusal{What: "a bundle of flows", Err: errors.New(refused.Reason)}
	if refused.Index >= 0 {
		r.What, r.Origins = describe(&mods[refused.Index].Entry, wanted)
	}
	return &agent.RefusedError{Refusals: []agent.Refusal{r}}
}

func describe(e *Entry, wanted []artifact.Object) (string, []*source.Origin) {
	if e.Group != nil {
		return "the group " + e.Group.String(), e.Group.Origins
	}
	if e.Meter != nil {
		return "the meter " + e.Meter.String(), e.Meter.Origins
	}
	return "the flow " + e.Flow.String(), origins(&e.Flow, wanted)
}

// origins tells where a flow comes from. One that several rules share has no origins of its own, but each of its conjunctions
// leads to a flow that has; the first that is found among the wanted ones stands for all.
func origins(f *openflow.Flow, wanted []artifact.Object) []*source.Origin {
	if len(f.Origins) > 0 || len(f.Conjunctions) == 0 {
		return f.Origins
	}
	leads := []openflow.Term{openflow.Is(openflow.ConjID, uint64(f.Conjunctions[0].ID))}
	for _, o := range wanted {
		g, ok := o.Value.(*openflow.Flow)
		if ok && g.Table == f.Table && g.Priority == f.Priority && slices.Equal(g.Match, leads) {
			return g.Origins
		}
	}
	return nil
}
