package openflow

import (
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// How answers of DNS are held back until what they say is learned: the runtime puts one more flow before those of the table Output
// for each pod that has rules about names, protocol and family. It hands the packet to the agent, marked with HoldMark, and the agent
// sends it on by ReleaseActions: the packet has been tracked, translated back and routed by then, and goes on as it would have. Those
// flows are in no Pipeline: they have a cookie that is not of CookieMarker and go by themselves unless the runtime renews them, so that
// answers pass while no agent is there.

// HoldMark is what a flow says of a packet that it holds.
func HoldMark() []byte { return []byte{'H', 'G', 3} }

// HoldCookie is that of the flows that hold.
const HoldCookie uint64 = 0x4848 << 48

const (
	holdPriority = 300 // above all others of the table
	held         = 3   // in regBypass: the agent has had it
	dnsPort      = 53
)

// Hold lists the flows that hold what established connections with port 53 answer to pods.
func Hold(pods []Ref) []Flow {
	var out []Flow
	reply := Uint(ctTracked | ctEstablished | ctReply)
	for _, pod := range pods {
		for _, f := range ir.Families() {
			for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
				match := []Term{ethOf(f), Is(IPProto, uint64(proto)), IsMasked(CTState, reply, reply), IsRef(regPort, pod), Is(regBypass, 1), Is(L4Src, dnsPort)}
				out = append(out, Flow{Table: Output, Priority: holdPriority, Cookie: HoldCookie, Match: match, Actions: []Action{simple(HoldBack)}})
			}
		}
	}
	return out
}

// ReleaseActions send a packet on that a flow of Hold has handed over with some metadata.
func ReleaseActions(metadata []Term) []Action {
	var out []Action
	for _, t := range metadata {
		if slices.Contains([]Field{regSource, regPort, regDest}, t.Field) {
			out = append(out, setValue(t.Field, t.Value))
		}
	}
	return append(out, set(regBypass, held), resubmit(Output))
}

// WatchedBy tells the pod whose packets a flow sends through the table EgressNames; ok is false for every other flow.
func WatchedBy(f *Flow) (pod Ref, ok bool) {
	if f.Table != EgressSubject || len(f.Match) != 1 || len(f.Actions) == 0 {
		return "", false
	}
	asks := f.Actions[0].Op == Resubmit && f.Actions[0].Table == EgressNames
	return f.Match[0].Ref, asks && f.Match[0].Ref != ""
}
