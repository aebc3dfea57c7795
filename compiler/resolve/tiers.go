package resolve

import (
	"cmp"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// mostTiers is how many tiers of different priorities there can be, the default ones included. Source: Antrea's admission webhook,
// which refuses to create another one (maxSupportedTiers; a soft limit, "maximum number of Tiers supported").
const mostTiers = 20

// diagnoseTierCount tells of the tiers that are too many, by the places of their declarations: the first ones would have been created.
func (x *Index) diagnoseTierCount(report *diag.Report) {
	taken := map[uint8]bool{}
	for _, priority := range staticTiers() {
		taken[priority] = true
	}
	declared := make([]*manifest.Tier, 0, len(x.tiers))
	for _, t := range x.tiers {
		declared = append(declared, t)
	}
	slices.SortFunc(declared, func(a, b *manifest.Tier) int { return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Name, b.Name)) })
	for _, t := range declared {
		switch {
		case taken[t.Priority]:
		case len(taken) >= mostTiers:
			report.Add(diag.TooManyTiers, t.Origin("", t.Pos), "tier %s is one too many: there can be %d, of which %d always exist", t.Name, mostTiers, len(staticTiers()))
		default:
			taken[t.Priority] = true
		}
	}
}
