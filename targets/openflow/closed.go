package openflow

import "github.com/headgate-net/headgate/targets/artifact"

// Closed makes the artifact of a node that does not know yet what is allowed: nothing passes through its bridge.
func Closed(node string) artifact.Artifact {
	f := &Flow{Table: Classify, Priority: 65535, Cookie: infraCookie(Classify)}
	return artifact.Artifact{Target: TargetName, Node: node, Objects: []artifact.Object{{Key: f.Key(), Head: f.String(), Value: f}}}
}
