package workload

import (
	"io"
	"net/netip"
	"strconv"
	"time"

	sigsyaml "sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// WriteLeaving writes the Egresses and pools as a stream of YAML documents that manifest.Read reads back, positions aside.
func WriteLeaving(w io.Writer, o *manifest.Objects) error {
	write := func(m *manifest.Meta, metadata, spec, status tree) error {
		metadata["name"] = m.Name
		root := tree{"apiVersion": antrea + "/v1beta1", "kind": m.Kind, "metadata": metadata, "spec": spec}
		if len(status) > 0 {
			root["status"] = status
		}
		text, err := sigsyaml.Marshal(root)
		if err == nil {
			_, err = w.Write(append([]byte("---\n"), text...))
		}
		return err
	}
	for _, p := range o.ExternalIPPools {
		if err := write(&p.Meta, tree{}, poolSpec(p), nil); err != nil {
			return err
		}
	}
	for _, e := range o.Egresses {
		metadata, status := tree{}, stated(tree{"egressNode": e.Status.Node})
		if !e.Created.IsZero() {
			metadata["creationTimestamp"] = e.Created.Format(time.RFC3339)
		}
		if e.Status.Addr.IsValid() {
			status["egressIP"] = e.Status.Addr
		}
		if err := write(&e.Meta, metadata, egressSpec(e), status); err != nil {
			return err
		}
	}
	return nil
}

func poolSpec(p *manifest.ExternalIPPool) tree {
	ranges := []tree{}
	for _, r := range p.Ranges {
		if r.CIDR.IsValid() {
			ranges = append(ranges, tree{"cidr": r.CIDR})
		} else {
			ranges = append(ranges, tree{"start": r.First, "end": r.Last})
		}
	}
	out := tree{"ipRanges": ranges, "nodeSelector": labelSelector(p.NodeSelector)}
	if s := p.Subnet; s != nil {
		out["subnetInfo"] = tree{"gateway": s.Gateway, "prefixLength": s.Bits, "vlan": s.VLAN}
	}
	return out
}

func egressSpec(e *manifest.Egress) tree {
	to := tree{}
	for name, s := range map[string]*manifest.Selector{"podSelector": e.PodSelector, "namespaceSelector": e.NamespaceSelector} {
		if s != nil {
			to[name] = labelSelector(*s)
		}
	}
	out := tree{"appliedTo": to}
	var addrs []netip.Addr
	var pools []string
	for _, a := range e.Addresses {
		if a.Addr.IsValid() {
			addrs = append(addrs, a.Addr)
		}
		if a.Pool != "" {
			pools = append(pools, a.Pool)
		}
	}
	if one(out, "egressIP", addrs); len(addrs) > 1 {
		out["egressIPs"] = addrs
	}
	if one(out, "externalIPPool", pools); len(pools) > 1 {
		out["externalIPPools"] = pools
	}
	if b := e.Bandwidth; b != nil {
		out["bandwidth"] = tree{"rate": strconv.FormatInt(b.Rate, 10), "burst": strconv.FormatInt(b.Burst, 10)}
	}
	return out
}

// one sets a field for one value.
func one[T any](t tree, field string, values []T) {
	if len(values) == 1 {
		t[field] = values[0]
	}
}
