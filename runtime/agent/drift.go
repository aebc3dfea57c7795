package agent

import "maps"

// Repairs tells how often each dataplane was found changed by somebody else and was put right, by its target. Only those are in it that
// ever were.
func (n *Node) Repairs() map[string]uint64 {
	n.counting.Lock()
	defer n.counting.Unlock()
	return maps.Clone(n.repairs)
}

// mended counts a repair, and tells what was different.
func (n *Node) mended(r *Loaded) {
	target := r.Artifact.Target
	n.counting.Lock()
	n.repairs[target]++
	n.counting.Unlock()
	n.log.Warn("the rules had been changed by somebody else; repaired", "target", target, "changes", r.Changes.String(), "difference", brief(r.Done))
}
