package resolve

import (
	"github.com/headgate-net/headgate/compiler/manifest"
)

// nameLabel is the label by which every namespace carries its own name. Source: KEP-2161, immutable label selectors for all
// namespaces.
const nameLabel = "kubernetes.io/metadata.name"

// anchor returns labels of which anything the selector matches carries exactly one: the shortest list of values that one of
// its requirements allows. It returns nil if no requirement lists values.
func anchor(s manifest.Selector) []manifest.Label {
	var best *manifest.Requirement
	for i := range s.Requirements {
		r := &s.Requirements[i]
		if r.Op == manifest.In && (best == nil || len(r.Values) < len(best.Values)) {
			best = r
		}
	}
	if best == nil {
		return nil
	}
	out := make([]manifest.Label, len(best.Values))
	for i, v := range best.Values {
		out[i] = manifest.Label{Key: best.Key, Value: v}
	}
	return out
}

// onlyName returns the namespace that a namespace selector names outright.
func onlyName(s manifest.Selector) (string, bool) {
	if len(s.Requirements) != 1 {
		return "", false
	}
	r := s.Requirements[0]
	if r.Key != nameLabel || r.Op != manifest.In || len(r.Values) != 1 {
		return "", false
	}
	return r.Values[0], true
}
