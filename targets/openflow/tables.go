// Package openflow turns one node's ir.Pipeline into the flows of its integration bridge, for Open vSwitch.
//
// It is pure and knows neither port numbers nor MAC addresses: flows refer to ports by name (Ref), and Bind puts the node's
// reality in. Guarantees: packets only ever go to a table of a higher number; every table says what happens to a packet that
// it has no flow for; equal pipelines give equal flows, byte for byte, in a fixed order; a flow that judges carries its rule in
// its cookie; Model, which interprets the flows as ovs-fields(7) documents, judges like the Pipeline they came from.
package openflow

import "github.com/headgate-net/headgate/ir"

// Table is the number of a flow table.
type Table uint8

// The tables, in the order in which a packet meets them. Gaps are for what comes later.
const (
	Classify         Table = 0
	SpoofGuard       Table = 5
	Neighbour        Table = 10
	ConnTrack        Table = 15
	Unhairpin        Table = 16
	State            Table = 20
	Associations     Table = 21
	Service          Table = 25
	Affinity         Table = 26
	Comeback         Table = 27
	Balanced         Table = 28
	EgressSubject    Table = 30
	EgressAdmin      Table = 31
	EgressNamespace  Table = 32
	EgressBaseline   Table = 33
	EgressNames      Table = 34
	Forward          Table = 40
	Departure        Table = 41
	Source           Table = 42
	Plain            Table = 43
	Bandwidth        Table = 44
	IngressSubject   Table = 50
	IngressAdmin     Table = 51
	IngressNamespace Table = 52
	IngressBaseline  Table = 53
	Commit           Table = 60
	Output           Table = 70
	HairpinOutput    Table = 71
)

// TableInfo documents a table. A packet that no other flow of the table matches goes on to Miss; if Miss is the table
// itself, it is dropped, or goes on where it was resubmitted.
type TableInfo struct {
	Table   Table
	Name    string
	Purpose string
	Miss    Table
}

// Tables returns every table in order.
func Tables() []TableInfo {
	return []TableInfo{
		{Classify, "Classify", "notes whether a packet comes from the gateway or a tunnel; any other port must be a pod's", SpoofGuard},
		{SpoofGuard, "SpoofGuard", "lets a pod send with its own MAC and addresses only", SpoofGuard},
		{Neighbour, "Neighbour", "answers ARP requests with the router's MAC, and lets a pod and the gateway discover each other for IPv6", ConnTrack},
		{ConnTrack, "ConnTrack", "sends IP packets through connection tracking", ConnTrack},
		{Unhairpin, "Unhairpin", "tracks what answers a pod that reached itself by a Service, once its destination is that pod again", Unhairpin},
		{State, "State", "marks what policy never judges: established and related packets, a pod to itself, neighbour discovery", EgressSubject},
		{Associations, "Associations", "marks packets of SCTP associations that policy allowed; its flows are learned in Commit", Associations},
		{Service, "Service", "finds what a pod dials among the Services: balances, refuses or drops its first packet", EgressSubject},
		{Affinity, "Affinity", "notes the backend that a client had; its flows are learned where connections are balanced, Service asks it", Affinity},
		{Comeback, "Comeback", "balances connections to Services with affinity: to the backend that was noted while there is one", Comeback},
		{Balanced, "Balanced", "lets a pod that was led to itself pass", EgressSubject},
		{EgressSubject, "EgressSubject", "assigns the sending pod's egress rule lists", Forward},
		{EgressAdmin, "EgressAdmin", "egress rules of the admin phase", EgressNamespace},
		{EgressNamespace, "EgressNamespace", "egress rules of the namespace phase", EgressBaseline},
		{EgressBaseline, "EgressBaseline", "egress rules of the baseline phase", Forward},
		{EgressNames, "EgressNames", "notes which groups of DNS names have the destination; EgressSubject asks it where rules do", EgressNames},
		{Forward, "Forward", "routes to a local pod, to another node or to the gateway", Forward},
		{Departure, "Departure", "follows connections that leave the cluster by an Egress, and finds destinations that are inside", Source},
		{Source, "Source", "begins the connections of pods that an Egress selects: to the node that holds its address", Plain},
		{Plain, "Plain", "sends what no Egress concerns to the gateway; what comes from a tunnel ends here", Plain},
		{Bandwidth, "Bandwidth", "limits what leaves from here by the addresses of an Egress", IngressSubject},
		{IngressSubject, "IngressSubject", "assigns the receiving pod's ingress rule lists", Commit},
		{IngressAdmin, "IngressAdmin", "ingress rules of the admin phase", IngressNamespace},
		{IngressNamespace, "IngressNamespace", "ingress rules of the namespace phase", IngressBaseline},
		{IngressBaseline, "IngressBaseline", "ingress rules of the baseline phase", Commit},
		{Commit, "Commit", "remembers the connection", Commit},
		{Output, "Output", "sends the packet out of the port that was chosen", Output},
		{HairpinOutput, "HairpinOutput", "sends a packet back to the pod that reached itself by a Service", HairpinOutput},
	}
}

// Info returns the table's row; ok is false for a number that is no table of ours.
func (t Table) Info() (info TableInfo, ok bool) {
	for _, row := range Tables() {
		if row.Table == t {
			return row, true
		}
	}
	return TableInfo{}, false
}

// policyTable returns the table of a direction's phase.
func policyTable(d ir.Direction, ph ir.Phase) Table {
	return [2][ir.NumPhases]Table{
		{EgressAdmin, EgressNamespace, EgressBaseline},
		{IngressAdmin, IngressNamespace, IngressBaseline},
	}[d][ph]
}

// subjectTable returns the table that assigns a direction's rule lists.
func subjectTable(d ir.Direction) Table { return [2]Table{EgressSubject, IngressSubject}[d] }

// afterPolicy returns the table for packets that a direction allows.
func afterPolicy(d ir.Direction) Table { return [2]Table{Forward, Commit}[d] }

// The registers. A packet starts with zeros in all of them.
const (
	regSource  = Reg0 // where the packet comes from: fromPod, fromGateway or fromTunnel
	regPort    = Reg1 // the port it will leave by
	regDest    = Reg2 // what that port is, in the same code
	regBypass  = Reg3 // 1: policy does not judge it
	regScratch = Reg7
	regNames   = Reg8 // and the seven after it: a bit for each group of DNS names that has the packet's destination
)

// The code of regSource and regDest.
const (
	fromPod     = 1
	fromGateway = 2
	fromTunnel  = 3
)

// regList returns the register that holds the number of the subject's rule list for a phase; 0 means none. Both directions use
// the same ones, one after the other.
func regList(ph ir.Phase) Field { return [ir.NumPhases]Field{Reg4, Reg5, Reg6}[ph] }

// Zone is the connection tracking zone of headgate's bridge: "HG".
const Zone uint16 = 0x4847

// RouterMAC is the address with which the bridge answers every ARP request and sends to pods. It is locally administered.
func RouterMAC() MAC { return MAC{0x02, 0x48, 0x47, 0x00, 0x00, 0x01} }

// Cookies: the upper 16 bits of every flow of ours are CookieMarker. The rest is the ID of the rule that decides; for flows that
// are no single rule's, the number of their table, which is less than minRuleID.
const (
	CookieMarker uint64 = uint64(Zone) << 48
	CookieMask   uint64 = 0xffff << 48

	minRuleID ir.RuleID = 256
)

// RuleOf returns the rule that a cookie names; ok is false for foreign flows and for those that are no single rule's.
func RuleOf(cookie uint64) (id ir.RuleID, ok bool) {
	id = ir.RuleID(cookie &^ CookieMask)
	return id, cookie&CookieMask == CookieMarker && id >= minRuleID
}
