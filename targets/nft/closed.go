package nft

import "github.com/headgate-net/headgate/targets/artifact"

// Closed makes the artifact of a node that does not know yet what is allowed: nothing passes through it. What it sends and receives
// itself is left alone.
func Closed(node string) artifact.Artifact {
	return Artifact(&Ruleset{Node: node, Chains: []*Chain{{Name: "closed", Hook: Forward, Rules: []*Rule{{Verdict: Verdict{Kind: Drop}}}}}})
}
