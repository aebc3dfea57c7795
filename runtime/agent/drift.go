package agent

// mended tells the Meter that a dataplane was found changed by somebody else and was put right, and the log what was different.
func (n *Node) mended(r *Loaded) {
	target := r.Artifact.Target
	if n.options.Meter != nil {
		n.options.Meter.Repaired(target)
	}
	n.log.Warn("the rules had been changed by somebody else; repaired", "target", target, "changes", r.Changes.String(), "difference", brief(r.Done))
}
