package resolve

import (
	"slices"
	"strings"

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

func selects(s manifest.Selector, labels manifest.Labels) bool {
	for i := range s.Requirements {
		if !satisfies(&s.Requirements[i], labels) {
			return false
		}
	}
	return true
}

func satisfies(r *manifest.Requirement, labels manifest.Labels) bool {
	i, has := slices.BinarySearchFunc(labels, r.Key, func(l manifest.Label, key string) int { return strings.Compare(l.Key, key) })
	switch r.Op {
	case manifest.In:
		return has && slices.Contains(r.Values, labels[i].Value)
	case manifest.NotIn:
		return !has || !slices.Contains(r.Values, labels[i].Value)
	case manifest.Exists:
		return has
	}
	return !has
}

// selectorKey is the selector's identity as text, "" for the one that selects everything. Label keys and values contain
// none of the characters that separate them here.
func selectorKey(s manifest.Selector) string {
	var b strings.Builder
	for i, r := range s.Requirements {
		if i > 0 {
			b.WriteByte(',')
		}
		switch {
		case r.Op == manifest.In && len(r.Values) == 1:
			b.WriteString(r.Key + "=" + r.Values[0])
		case r.Op == manifest.In:
			b.WriteString(r.Key + " in (" + strings.Join(r.Values, " ") + ")")
		case r.Op == manifest.NotIn:
			b.WriteString(r.Key + " notin (" + strings.Join(r.Values, " ") + ")")
		case r.Op == manifest.Exists:
			b.WriteString(r.Key)
		default:
			b.WriteString("!" + r.Key)
		}
	}
	return b.String()
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
