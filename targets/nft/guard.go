package nft

import "github.com/headgate-net/headgate/targets/mark"

// GuardTable is the name of the table, of family inet, in which Guard is loaded.
const GuardTable = "headgate_guard"

// Guard is for the time in which the tunnel comes or goes, and what is there for Egresses with it: nothing leaves that comes out of the tunnel
// and has no mark, because nobody translates it. What the rules that are in force let leave goes on, and so do replies.
func Guard() *Ruleset {
	const prerouting, tunnel = "guard_prerouting", "guard_tunnel"
	any := markValue(mark.RouteMask)
	judge := &Chain{Name: tunnel, Rules: []*Rule{
		acceptIf(Match{Fields: []Field{CtReply}}),
		acceptIf(Match{Fields: []Field{MarkAny}, From: any, To: any}),
		{Verdict: Verdict{Kind: Drop}},
	}}
	in := &Chain{Name: prerouting, Hook: Prerouting, Priority: priorityLeave + 1, Rules: []*Rule{
		{Matches: []Match{{Fields: []Field{InTunnel}}}, Verdict: Verdict{Kind: Goto, Target: tunnel}}}}
	return &Ruleset{Lists: []*Chain{judge}, Chains: []*Chain{in}}
}
