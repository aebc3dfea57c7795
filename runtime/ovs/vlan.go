package ovs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/go-logr/logr"
	"github.com/ovn-kubernetes/libovsdb/client"
	"github.com/ovn-kubernetes/libovsdb/model"
	"github.com/ovn-kubernetes/libovsdb/ovsdb"
)

// VLANs makes internal ports with a tag beside a node's own one, for nodes whose own address is on a bridge: a device of the kernel on
// top of a bridge's would be one that the bridge knows nothing of. It holds no connection between calls, and is safe for concurrent use.
type VLANs struct{ socket string }

// NewVLANs returns VLANs for the database at a socket. While there is no such socket, there are no ports either.
func NewVLANs(socket string) *VLANs { return &VLANs{socket} }

// ownerID marks the ports that Add made.
const ownerID = "headgate"

// The columns that matter for VLANs.
type (
	vlanBridge struct {
		UUID  string   `ovsdb:"_uuid"`
		Name  string   `ovsdb:"name"`
		Ports []string `ovsdb:"ports"`
	}
	vlanPort struct {
		UUID        string            `ovsdb:"_uuid"`
		Name        string            `ovsdb:"name"`
		Interfaces  []string          `ovsdb:"interfaces"`
		Tag         *int              `ovsdb:"tag"`
		ExternalIDs map[string]string `ovsdb:"external_ids"`
	}
	vlanInterface struct {
		UUID   string  `ovsdb:"_uuid"`
		Name   string  `ovsdb:"name"`
		Type   string  `ovsdb:"type"`
		Ofport *int    `ovsdb:"ofport"`
		Error  *string `ovsdb:"error"`
	}
)

// vlanTables is what the database has at one moment, and a connection that follows it.
type vlanTables struct {
	client.Client
	bridges []vlanBridge
	ports   []vlanPort
}

// with calls f with a connection, if there is a database.
func (v *VLANs) with(ctx context.Context, f func(*vlanTables) error) error {
	if _, err := os.Stat(v.socket); errors.Is(err, fs.ErrNotExist) {
		return f(&vlanTables{})
	}
	schema, err := model.NewClientDBModel("Open_vSwitch", map[string]model.Model{
		"Bridge": &vlanBridge{}, "Port": &vlanPort{}, "Interface": &vlanInterface{},
	})
	if err != nil {
		return err
	}
	quiet := logr.Discard()
	db, err := client.NewOVSDBClient(schema, client.WithEndpoint("unix:"+v.socket), client.WithLogger(&quiet))
	if err != nil {
		return err
	}
	if err := db.Connect(ctx); err != nil {
		return fmt.Errorf("OVSDB at %s: %w", v.socket, err)
	}
	defer db.Close()
	b, p, i := &vlanBridge{}, &vlanPort{}, &vlanInterface{}
	_, err = db.Monitor(ctx, db.NewMonitor(client.WithTable(b, &b.Name, &b.Ports),
		client.WithTable(p, &p.Name, &p.Interfaces, &p.Tag, &p.ExternalIDs), client.WithTable(i, &i.Name, &i.Type, &i.Ofport, &i.Error)))
	t := &vlanTables{Client: db}
	if err == nil {
		err = errors.Join(db.List(ctx, &t.bridges), db.List(ctx, &t.ports))
	}
	if err == nil {
		err = f(t)
	}
	if err != nil {
		return fmt.Errorf("OVSDB: %w", err)
	}
	return nil
}

// port finds a port by name, which is that of its device unless it is a bond.
func (t *vlanTables) port(name string) *vlanPort {
	if at := slices.IndexFunc(t.ports, func(p vlanPort) bool { return p.Name == name }); at >= 0 {
		return &t.ports[at]
	}
	return nil
}

// bridgeOf finds the bridge that a port is of.
func (t *vlanTables) bridgeOf(p *vlanPort) *vlanBridge {
	if at := slices.IndexFunc(t.bridges, func(b vlanBridge) bool { return slices.Contains(b.Ports, p.UUID) }); at >= 0 {
		return &t.bridges[at]
	}
	return nil
}

// IsPort reports whether a device is a port of a bridge, its own one for instance.
func (v *VLANs) IsPort(ctx context.Context, device string) (is bool, err error) {
	err = v.with(ctx, func(t *vlanTables) error {
		is = t.port(device) != nil
		return nil
	})
	return is, err
}

// Tag tells the VLAN of a port that Add made; 0 if there is none of the name.
func (v *VLANs) Tag(ctx context.Context, device string) (tag uint16, err error) {
	err = v.with(ctx, func(t *vlanTables) error {
		if p := t.port(device); p != nil && p.Tag != nil && p.ExternalIDs[ownerID] != "" {
			tag = uint16(*p.Tag)
		}
		return nil
	})
	return tag, err
}

// Add makes a port with a tag on the bridge that another one is of, and waits until its device is there.
func (v *VLANs) Add(ctx context.Context, beside, device string, tag uint16) error {
	return v.with(ctx, func(t *vlanTables) error {
		near := t.port(beside)
		if near == nil {
			return fmt.Errorf("there is no port %s", beside)
		}
		bridge := t.bridgeOf(near)
		if bridge == nil {
			return fmt.Errorf("port %s is of no bridge", beside)
		}
		number := int(tag)
		made := &vlanInterface{UUID: "newinterface", Name: device, Type: "internal"}
		port := &vlanPort{UUID: "newport", Name: device, Interfaces: []string{made.UUID}, Tag: &number, ExternalIDs: map[string]string{ownerID: "vlan"}}
		var ops []ovsdb.Operation
		for _, row := range []model.Model{made, port} {
			op, err := t.Create(row)
			if err != nil {
				return err
			}
			ops = append(ops, op...)
		}
		mutation, err := t.Where(bridge).Mutate(bridge, model.Mutation{Field: &bridge.Ports, Mutator: ovsdb.MutateOperationInsert, Value: []string{port.UUID}})
		if err != nil {
			return err
		}
		if err := t.transact(ctx, append(ops, mutation...)); err != nil {
			return err
		}
		return t.await(ctx, device)
	})
}

// How long the switch may take to make a device, and how often to look.
const (
	deviceTime  = 10 * time.Second
	deviceEvery = 10 * time.Millisecond
)

// await waits until a device has a number in the switch.
func (t *vlanTables) await(ctx context.Context, device string) error {
	ctx, cancel := context.WithTimeout(ctx, deviceTime)
	defer cancel()
	ticker := time.NewTicker(deviceEvery)
	defer ticker.Stop()
	for {
		var found []vlanInterface
		if err := t.List(ctx, &found); err != nil {
			return err
		}
		for _, i := range found {
			switch {
			case i.Name == device && i.Error != nil && *i.Error != "":
				return fmt.Errorf("device %s: %s", device, *i.Error)
			case i.Name == device && i.Ofport != nil && *i.Ofport > 0:
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("device %s is not made: %w", device, ctx.Err())
		case <-ticker.C:
		}
	}
}

// Delete takes a port away that Add made, if it is there.
func (v *VLANs) Delete(ctx context.Context, device string) error {
	return v.with(ctx, func(t *vlanTables) error {
		p := t.port(device)
		if p == nil || p.ExternalIDs[ownerID] == "" {
			return nil
		}
		bridge := t.bridgeOf(p)
		if bridge == nil {
			return nil
		}
		ops, err := t.Where(bridge).Mutate(bridge, model.Mutation{Field: &bridge.Ports, Mutator: ovsdb.MutateOperationDelete, Value: []string{p.UUID}})
		if err != nil {
			return err
		}
		return t.transact(ctx, ops)
	})
}

func (t *vlanTables) transact(ctx context.Context, ops []ovsdb.Operation) error {
	results, err := t.Transact(ctx, ops...)
	if err != nil {
		return err
	}
	_, err = ovsdb.CheckOperationResults(results, ops)
	return err
}
