package openflow

import "slices"

// How a packet is rejected: no action of a flow answers one, so the flow of a rule that rejects hands the packet to the agent,
// marked with RejectMark, and the agent sends an answer through the flows that AnswerActions lead to. While no agent is connected
// to the bridge, the packet is dropped and nothing more.

// RejectMark is what a flow says of a packet that it hands over to be rejected.
func RejectMark() []byte { return []byte{'H', 'G', 1} }

// RefuseMark is what a flow says of a packet that it hands over because nobody is there where it wants to go: the first packet of a
// connection to a Service without backends. It is answered like a rejected one, but for an ICMP error, which is "port unreachable".
func RefuseMark() []byte { return []byte{'H', 'G', 4} }

// answered is what regScratch has of an answer.
const answered = 1

// AnswerActions send the answer to a packet with some metadata on its way: it is routed like what a pod sends, because packets from a
// tunnel or the gateway may not go back to where they came from, and policy does not judge it. So no answer is ever rejected itself.
// Connection tracking has it come from whom the client has dialled. If the packet came from the gateway, whoever else may have sent it,
// the gateway gets the answer, on a node with Services.
func AnswerActions(metadata []Term) []Action {
	how := uint64(answered)
	if slices.Contains(metadata, Is(regSource, fromGateway)) {
		how = answeredBack
	}
	return []Action{set(regSource, fromPod), set(regBypass, 1), set(regScratch, how), {Op: TrackBack, Table: Forward, Zone: Zone}}
}
