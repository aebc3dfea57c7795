package ovs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/go-logr/logr"
	"github.com/ovn-kubernetes/libovsdb/cache"
	"github.com/ovn-kubernetes/libovsdb/client"
	"github.com/ovn-kubernetes/libovsdb/model"

	"github.com/headgate-net/headgate/targets/openflow"
)

// The keys of an interface's external_ids that tell what is behind it, as Kubernetes integrations of Open vSwitch write them.
// iface-id is "NAMESPACE/NAME" for a pod, "gateway" and "tunnel" for the ports of those names.
const (
	ifaceID     = "iface-id"
	attachedMAC = "attached-mac"
)

// The columns that are read. A monitor must name the columns: the library drops an update that has one which the model lacks.
type bridgeRow struct {
	UUID  string   `ovsdb:"_uuid"`
	Name  string   `ovsdb:"name"`
	Ports []string `ovsdb:"ports"`
}

type portRow struct {
	UUID       string   `ovsdb:"_uuid"`
	Name       string   `ovsdb:"name"`
	Interfaces []string `ovsdb:"interfaces"`
}

type interfaceRow struct {
	UUID        string            `ovsdb:"_uuid"`
	Name        string            `ovsdb:"name"`
	Ofport      *int              `ovsdb:"ofport"`
	MACInUse    *string           `ovsdb:"mac_in_use"`
	ExternalIDs map[string]string `ovsdb:"external_ids"`
}

type switchRow struct {
	UUID        string            `ovsdb:"_uuid"`
	OtherConfig map[string]string `ovsdb:"other_config"`
}

// Ports follows the ports of a bridge in OVSDB.
type Ports struct {
	socket  string
	bridge  string
	changes chan struct{}
	stop    func() // ends the attempts to connect

	mu     sync.Mutex
	client client.Client     // nil until the database was there for the first time
	why    error             // why it was not
	news   uint64            // how often something changed
	known  *openflow.Binding // as of the last change; nil: it has to be looked up, which takes milliseconds
}

// Reconnecting to a database that went away is tried every second, each time for at most two.
const (
	retryEvery   = time.Second
	retryTimeout = 2 * time.Second
)

// answerTime is how long a database that is there may take for an answer.
const answerTime = 10 * time.Second

// AwayError says that there is no connection to the database at the moment.
type AwayError struct {
	Socket string
	Err    error // nil: there was one before
}

// Error gives the reason, if it is known.
func (e *AwayError) Error() string {
	if e.Err == nil {
		return "OVSDB at " + e.Socket + ": the connection is lost"
	}
	return "OVSDB at " + e.Socket + ": " + e.Err.Error()
}

// Unwrap gives the reason.
func (e *AwayError) Unwrap() error { return e.Err }

// OpenPorts connects to the database at a socket and waits for its first contents. The connection is taken up again whenever it
// breaks, until Close.
func OpenPorts(ctx context.Context, socket, bridge string) (*Ports, error) {
	p := &Ports{socket: socket, bridge: bridge, changes: make(chan struct{}, 1), stop: func() {}}
	if err := p.connect(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// AwaitPorts is OpenPorts for a database that need not be there yet: until it is, Binding gives an AwayError.
func AwaitPorts(ctx context.Context, socket, bridge string) *Ports {
	p := &Ports{socket: socket, bridge: bridge, changes: make(chan struct{}, 1), stop: func() {}}
	if p.isThere(ctx) {
		return p
	}
	trying, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	p.stop = func() {
		cancel()
		work.Wait()
	}
	work.Go(func() { p.await(trying) })
	return p
}

// await tries to connect until that succeeds or ctx ends.
func (p *Ports) await(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(retryEvery):
			if p.isThere(ctx) {
				p.changed()
				return
			}
		}
	}
}

// isThere tries to connect once.
func (p *Ports) isThere(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err := p.connect(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.why = err
	return err == nil
}

func (p *Ports) connect(ctx context.Context) error {
	schema, err := model.NewClientDBModel("Open_vSwitch", map[string]model.Model{
		"Bridge": &bridgeRow{}, "Port": &portRow{}, "Interface": &interfaceRow{}, "Open_vSwitch": &switchRow{},
	})
	if err != nil {
		return err
	}
	quiet := logr.Discard()
	db, err := client.NewOVSDBClient(schema, client.WithEndpoint("unix:"+p.socket), client.WithLogger(&quiet),
		client.WithReconnect(retryTimeout, backoff.NewConstantBackOff(retryEvery)))
	if err != nil {
		return err
	}
	if err := p.start(ctx, db); err != nil {
		db.Close()
		return &AwayError{p.socket, err}
	}
	p.mu.Lock()
	p.client = db
	p.mu.Unlock()
	return nil
}

func (p *Ports) start(ctx context.Context, db client.Client) error {
	if err := db.Connect(ctx); err != nil {
		return err
	}
	db.Cache().AddEventHandler(&cache.EventHandlerFuncs{
		AddFunc:    func(string, model.Model) { p.changed() },
		UpdateFunc: func(string, model.Model, model.Model) { p.changed() },
		DeleteFunc: func(string, model.Model) { p.changed() },
	})
	b, port, i, s := &bridgeRow{}, &portRow{}, &interfaceRow{}, &switchRow{}
	_, err := db.Monitor(ctx, db.NewMonitor(
		client.WithTable(b, &b.Name, &b.Ports),
		client.WithTable(port, &port.Name, &port.Interfaces),
		client.WithTable(s, &s.OtherConfig),
		client.WithTable(i, &i.Name, &i.Ofport, &i.MACInUse, &i.ExternalIDs)))
	return err
}

// database is the connection to the database, if there is one: the library waits for one that it had before, and tells nothing.
func (p *Ports) database() (client.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.client == nil:
		return nil, p.why
	case p.client.CurrentEndpoint() == "":
		return nil, &AwayError{p.socket, nil}
	}
	return p.client, nil
}

// list reads the rows of a kind as they are now.
func (p *Ports) list(ctx context.Context, rows any) error {
	db, err := p.database()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if err := db.List(ctx, rows); err != nil {
		return fmt.Errorf("OVSDB: %w", err)
	}
	return ctx.Err() // what is read then need not be all
}

// changed takes in that something in the database has changed.
func (p *Ports) changed() {
	p.mu.Lock()
	p.news, p.known = p.news+1, nil
	p.mu.Unlock()
	p.notify()
}

// notify leaves one token, however many changes there were since the last one was taken.
func (p *Ports) notify() {
	select {
	case p.changes <- struct{}{}:
	default:
	}
}

// Changes receives a value after ports may have changed; several changes may give one value.
func (p *Ports) Changes() <-chan struct{} { return p.changes }

// Close ends the connection.
func (p *Ports) Close() {
	p.stop()
	p.mu.Lock()
	db := p.client
	p.mu.Unlock()
	if db != nil {
		db.Close()
	}
}

// Binding tells the bridge's ports as they are now. A port counts once it has a number; if two claim one name, that with the
// higher number, which is the newer one, has it. The result must not be changed. Without a connection it is an AwayError.
func (p *Ports) Binding(ctx context.Context) (openflow.Binding, error) {
	if _, err := p.database(); err != nil {
		return openflow.Binding{}, err
	}
	p.mu.Lock()
	known, news := p.known, p.news
	p.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	b, err := p.lookUp(ctx)
	if err == nil {
		p.mu.Lock()
		if p.news == news {
			p.known = &b
		}
		p.mu.Unlock()
	}
	return b, err
}

// lookUp is Binding by the database.
func (p *Ports) lookUp(ctx context.Context) (openflow.Binding, error) {
	b := openflow.Binding{Ports: map[openflow.Ref]uint32{}, MACs: map[openflow.Ref]openflow.MAC{}}
	interfaces, err := p.interfaces(ctx)
	if err != nil {
		return b, err
	}
	for _, i := range interfaces {
		ref := refOf(i.ExternalIDs[ifaceID])
		if ref == "" || i.Ofport == nil || *i.Ofport <= int(b.Ports[ref]) {
			continue
		}
		b.Ports[ref] = uint32(*i.Ofport)
		delete(b.MACs, ref)
		if mac, ok := i.mac(ref); ok {
			b.MACs[ref] = mac
		}
	}
	return b, nil
}

// interfaces returns those of the bridge.
func (p *Ports) interfaces(ctx context.Context) ([]interfaceRow, error) {
	var bridges []bridgeRow
	var ports []portRow
	var interfaces []interfaceRow
	for _, list := range []any{&bridges, &ports, &interfaces} {
		if err := p.list(ctx, list); err != nil {
			return nil, err
		}
	}
	at := slices.IndexFunc(bridges, func(b bridgeRow) bool { return b.Name == p.bridge })
	if at < 0 {
		return nil, fmt.Errorf("OVSDB: there is no bridge %s", p.bridge)
	}
	ours := map[string]bool{}
	for _, port := range bridges[at].Ports {
		ours[port] = true
	}
	members := map[string]bool{}
	for _, port := range ports {
		for _, i := range port.Interfaces {
			members[i] = ours[port.UUID]
		}
	}
	return slices.DeleteFunc(interfaces, func(i interfaceRow) bool { return !members[i.UUID] }), nil
}

func refOf(id string) openflow.Ref {
	namespace, name, isPod := strings.Cut(id, "/")
	switch {
	case isPod:
		return openflow.PodRef(namespace, name)
	case id == string(openflow.GatewayRef), id == string(openflow.TunnelRef):
		return openflow.Ref(id)
	}
	return ""
}

// mac is the address at the far end: what external_ids says. The node's own stack is an interface of type internal, whose far end
// is itself.
func (i *interfaceRow) mac(ref openflow.Ref) (openflow.MAC, bool) {
	text := i.ExternalIDs[attachedMAC]
	if text == "" && ref == openflow.GatewayRef && i.MACInUse != nil {
		text = *i.MACInUse
	}
	m, err := openflow.ParseMAC(text)
	return m, err == nil
}
