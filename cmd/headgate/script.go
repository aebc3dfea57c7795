package main

import (
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// script prints an artifact in its target's own language: input for nft -f, a script of ip, or flows as ovs-ofctl prints them, with the names
// of ports where numbers will stand.
func script(a artifact.Artifact) string {
	switch a.Target {
	case nft.Target:
		return nft.Script(a)
	case iproute.Target:
		return iproute.Script(a)
	case openflow.TargetName:
		p := &openflow.Pipeline{Node: a.Node}
		for _, o := range a.Objects {
			if f, ok := o.Value.(*openflow.Flow); ok {
				p.Flows = append(p.Flows, *f)
			}
		}
		return p.Text()
	}
	return artifact.Text(a)
}

// extension is the suffix of files that hold a target's scripts.
func extension(target string) string {
	switch target {
	case nft.Target:
		return ".nft"
	case iproute.Target:
		return ".sh"
	}
	return ".flows"
}
