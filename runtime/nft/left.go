package nft

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// # What remains of Egresses
//
// Where a plan takes all there is for Egresses away, connections by their addresses are still known to connection tracking. They get
// a table of their own (nft.LeftBehind), in the same transaction; it goes as soon as there is an Egress again, or with everything else of
// ours. It is no part of what is observed: no Pipeline says what was there before it.

// left makes or deletes the table.
func (b *batch) left(plan artifact.Plan) error {
	begins, ends := nft.Begins(plan), nft.Ends(plan)
	if begins || ends {
		b.without(nft.LeftTable)
	}
	if !ends {
		return nil
	}
	ids, _ := nft.Gone(plan)
	return b.beside(nft.LeftTable, nft.LeftBehind(ids, nft.Stays(plan)))
}

// beside makes a table of its own for some rules.
func (b *batch) beside(table string, rules *nft.Ruleset) error {
	from := len(b.messages)
	b.add(message{unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE, inTable().b}, "the table "+table, nil)
	for _, o := range nft.Artifact(rules).Objects {
		if err := b.create(o); err != nil {
			return err
		}
	}
	for i := from; i < len(b.messages); i++ {
		b.messages[i].body = renamed(b.messages[i].body, table)
	}
	return nil
}

// without deletes a table of its own, if there is one.
func (b *batch) without(table string) {
	body := renamed(inTable().b, table)
	b.add(message{unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE, body}, "the table "+table, nil)
	b.add(message{unix.NFT_MSG_DELTABLE, 0, body}, "deletion of the table "+table, nil)
}

// renamed makes the body of a request about our table one about another table. Its first attribute is the table's name.
func renamed(body []byte, table string) []byte {
	first := (int(binary.NativeEndian.Uint16(body)) + 3) &^ 3
	var w buffer
	w.str(1, table)
	return append(w.b, body[first:]...)
}

// goneFilter finds connections by addresses that nobody holds any more and that may begin anew, as netlink.CustomConntrackFilter wants it.
type goneFilter struct {
	ids  map[uint32]bool
	mask uint32
}

// MatchConntrackFlow reports whether the connection is one.
func (g *goneFilter) MatchConntrackFlow(flow *netlink.ConntrackFlow) bool {
	return g.ids[flow.Mark&g.mask] && flow.Forward.Protocol != unix.IPPROTO_TCP && flow.Forward.Protocol != unix.IPPROTO_SCTP
}

// forgetGone has connection tracking forget those that a plan leaves without an address.
func (d *Dataplane) forgetGone(plan artifact.Plan) error {
	ids, mask := nft.Gone(plan)
	if len(ids) == 0 {
		return nil
	}
	filter := &goneFilter{map[uint32]bool{}, mask}
	for _, id := range ids {
		filter.ids[id] = true
	}
	if _, err := d.forgetAll(filter); err != nil {
		return fmt.Errorf("forget connections whose address has gone: %w", err)
	}
	return nil
}

// forgetAll deletes the connections that a filter finds, and tells how many those were.
func (d *Dataplane) forgetAll(filter netlink.CustomConntrackFilter) (deleted int, err error) {
	var handle *netlink.Handle
	err = inside(d.netns, func() (err error) {
		handle, err = netlink.NewHandle(unix.NETLINK_NETFILTER)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("connection tracking: %w", err)
	}
	defer handle.Close()
	for _, f := range []netlink.InetFamily{unix.AF_INET, unix.AF_INET6} {
		n, failed := forget(handle, f, filter)
		deleted += n
		err = errors.Join(err, failed)
	}
	return deleted, err
}
