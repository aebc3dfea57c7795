package targets

import (
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// Masquerading returns a Target whose rules mark what is to be masqueraded with a bit for which nft.Options.Check has no error.
func (t Target) Masquerading(bit uint32) Target {
	o := nft.Options{MasqueradeBit: bit}
	if t.Name == nft.Target {
		t.Generate = o.Generate
		t.again = func() func(*ir.Pipeline, *diag.Report) artifact.Artifact { return o.Generator().Generate }
		return t
	}
	t.Own = o.GenerateOwn
	t.ownAgain = func() func(*ir.Pipeline, *diag.Report) artifact.Artifact { return o.OwnGenerator().Generate }
	return t
}
