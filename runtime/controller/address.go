package controller

import (
	"fmt"
	"net/netip"
	"slices"
)

// The conditions of Egresses, as Antrea names them.
const (
	conditionAllocated = "IPAllocated"
	conditionAssigned  = "IPAssigned"
)

// egress is the status of an Egress. The caller holds the lock.
func (c *Controller) egress(e *Egress, refusal *Refusal) map[string]any {
	addr, node := "", ""
	if e.Addr.IsValid() {
		addr, node = e.Addr.String(), c.holder(e.Addr)
	}
	allocated := condition{conditionAllocated, "True", "Allocated", "it has an address", 0}
	if addr == "" {
		allocated = condition{conditionAllocated, "False", "AllocationError", "there is no address for it", 0}
		if refusal != nil {
			allocated.message = refusal.Code + ": " + refusal.text()
		}
	}
	assigned := condition{conditionAssigned, "True", "Assigned", "a node holds its address", 0}
	if node == "" {
		assigned = condition{conditionAssigned, "False", "AssignmentError", "no node says that it holds its address", 0}
	}
	list := []any{assigned.object()}
	if e.Pooled {
		list = []any{allocated.object(), assigned.object()}
	}
	return map[string]any{"egressIP": addr, "egressNode": node, "conditions": list}
}

// holder is the node that says that it holds an address: of several the one that has said so last, for one that was lost says nothing
// any more.
func (c *Controller) holder(addr netip.Addr) string {
	best := ""
	for name, says := range c.nodes {
		if !slices.Contains(says.Status.Addresses, addr.String()) {
			continue
		}
		if best == "" || says.Status.Renewed.After(c.nodes[best].Status.Renewed.Time) || says.Status.Renewed.Equal(&c.nodes[best].Status.Renewed) && name < best {
			best = name
		}
	}
	return best
}

// pool is the status of an ExternalIPPool.
func (p *Pool) status() map[string]any {
	return map[string]any{"usage": map[string]any{"total": int64(p.Total), "used": int64(p.Used)}}
}

// ingress is the status of a Service that has addresses of a pool.
func (s *Service) ingress() map[string]any {
	list := make([]any, len(s.Addrs))
	for i, a := range s.Addrs {
		list[i] = map[string]any{"ip": a.String()}
	}
	return map[string]any{"loadBalancer": map[string]any{"ingress": list}}
}

// hasIngress reports whether the status of a Service has just these addresses, as such of nodes.
func hasIngress(status map[string]any, addrs []netip.Addr) bool {
	balancer, _ := status["loadBalancer"].(map[string]any)
	list, _ := balancer["ingress"].([]any)
	if len(list) != len(addrs) {
		return false
	}
	for i, item := range list {
		entry, _ := item.(map[string]any)
		mode := fmt.Sprint(entry["ipMode"])
		if entry["ip"] != addrs[i].String() || entry["hostname"] != nil || entry["ipMode"] != nil && mode != "VIP" {
			return false
		}
	}
	return true
}
