package ir

import (
	"net/netip"
	"slices"
)

// services checks the Program's Services.
func (c *checker) services(services []*Service) {
	seen := map[NodePort]bool{}
	for i, s := range services {
		object := any("service " + s.String())
		c.expect(s.Namespace != "" && s.Name != "" && s.Origin.Object != "", object, "no namespace, name or origin")
		c.expect(i == 0 || services[i-1].Compare(s) < 0, object, "services are not in order")
		for _, addrs := range [][]netip.Addr{s.ClusterIPs, s.ExternalIPs, s.LoadBalancers} {
			c.addrs(object, addrs)
		}
		c.expect(s.Affinity >= 0, object, "a negative affinity")
		for j := range s.Ports {
			p := &s.Ports[j]
			c.expect(p.Proto.HasPorts() && p.Port != 0, object, "a port lacks protocol or number")
			c.expect(j == 0 || NodePort{s.Ports[j-1].Proto, s.Ports[j-1].Port}.Compare(NodePort{p.Proto, p.Port}) < 0, object, "ports are not in order")
			c.expect(p.NodePort == 0 || !seen[NodePort{p.Proto, p.NodePort}], object, "another port has its node port")
			seen[NodePort{p.Proto, p.NodePort}] = true
			c.backends(object, p.Backends)
		}
	}
}

func (c *checker) backends(object any, backends []Backend) {
	for i, b := range backends {
		c.expect(b.Addr.IsValid() && !b.Addr.Is4In6() && b.Port != 0, object, "a backend lacks address or port")
		c.expect(i == 0 || backends[i-1].Compare(b) < 0, object, "backends are not in order")
		c.expect(slices.IsSorted(b.Zones) && slices.IsSorted(b.Nodes), object, "hints are not in order")
	}
}

// frontends checks what a Pipeline has for Services.
func (c *checker) frontends(p *Pipeline) {
	pools := map[*Pool]bool{nil: false}
	for i, pool := range p.Pools {
		pools[pool] = true
		object := any("pool " + pool.Key)
		c.expect(pool.Key != "" && len(pool.Targets) > 0, object, "no key or no targets")
		c.expect(i == 0 || p.Pools[i-1].Key < pool.Key, object, "pools are not in order")
		c.expect(slices.IsSortedFunc(pool.Targets, netip.AddrPort.Compare), object, "targets are not in order")
	}
	for i, f := range p.Frontends {
		object := any("frontend " + f.Entry.String())
		c.expect(p.Node != "" && !IsMachine(p.Node), object, "is on no node")
		c.expect(i == 0 || p.Frontends[i-1].Entry.Compare(f.Entry) < 0, object, "frontends are not in order")
		c.expect(f.Entry.IsRest() || f.Entry.Proto.HasPorts() && f.Entry.Port != 0, object, "no protocol or port")
		c.expect(!f.Entry.IsRest() || f.Entry.Addr.IsValid() && f.Entry.Port == 0, object, "the rest of no address, or of a port")
		c.expect(f.Service != "", object, "no service")
		c.expect(!f.Entry.Addr.IsValid() || FamilyOf(f.Entry.Addr) == f.Entry.Family, object, "the address is of another family")
		c.expect(f.Origin != nil && f.Origin.Object != "", object, "no origin")
		for _, r := range f.Routes {
			c.expect(r.Outcome <= Discard, object, "unknown outcome")
			c.expect(!f.Entry.IsRest() || r == Route{Outcome: Refuse}, object, "the rest of an address is not refused")
			balances := r.Outcome == Balance
			c.expect(balances || r.Pool == nil && !r.Masquerade, object, "a pool or masquerade without balance")
			c.expect(!balances || pools[r.Pool], object, "a pool does not exist")
		}
	}
}
