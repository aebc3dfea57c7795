package targets

import (
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Tally counts what an artifact has its dataplane hold, by kind; nothing for a target that is not known here. The artifact must have the
// Values that targets give to it. The cost is that of going through its objects, not their items.
func Tally(a artifact.Artifact) []artifact.Tally {
	switch a.Target {
	case nft.Target:
		return nft.Tally(a)
	case openflow.TargetName:
		return openflow.Tally(a)
	case iproute.Target:
		return iproute.Tally(a)
	}
	return nil
}
