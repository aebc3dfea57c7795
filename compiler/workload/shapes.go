package workload

import (
	"fmt"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// Tenants makes namespaces with the same number of pods and policies each. Half of a namespace's pods are app-1, the others
// app-2. Its first policy isolates all of them; its second lets app-2 reach app-1 on TCP 80, its third app-1 reach the outside;
// all others let one more port of app-1 in from app-2.
func Tenants(namespaces, podsEach, policiesEach int) *manifest.Objects {
	c := newCluster(namespaces * podsEach)
	outside := manifest.Peer{IPBlock: &manifest.IPBlock{CIDR: prefix("198.51.100.0/24")}}
	names := podNames(podsEach)
	one, two := label("app", "app-1"), label("app", "app-2")
	for n := range namespaces {
		ns := fmt.Sprintf("tenant-%05d", n)
		c.namespace(ns, label("tenant", ns))
		for i := range podsEach {
			c.pod(ns, names[i], [...]manifest.Label{one, two}[i%2])
		}
		for i := range policiesEach {
			switch i {
			case 0:
				p := c.policy(ns, "isolate", manifest.Selector{})
				p.Ingress, p.Egress = true, true
			case 1:
				allow(c.policy(ns, "serve", where(one)), true, pods(where(two)), 80)
			case 2:
				allow(c.policy(ns, "outside", where(one)), false, outside, 443)
			default:
				allow(c.policy(ns, fmt.Sprintf("port-%03d", i), where(one)), true, pods(where(two)), uint16(8000+i))
			}
		}
	}
	return &c.Objects
}

// AllSelectAll makes one namespace in which every policy selects every pod, and allows every pod both ways.
func AllSelectAll(podCount, policies int) *manifest.Objects {
	c := newCluster(podCount)
	c.namespace("all")
	for _, name := range podNames(podCount) {
		c.pod("all", name, label("app", "all"))
	}
	for i := range policies {
		p := c.policy("all", fmt.Sprintf("policy-%05d", i), where(label("app", "all")))
		allow(p, true, pods(where(label("app", "all"))))
		allow(p, false, pods(where(label("app", "all"))))
	}
	return &c.Objects
}

// OnePerPod makes one namespace in which every pod has a policy of its own, that lets one other pod in on one port.
func OnePerPod(n int) *manifest.Objects {
	c := newCluster(n)
	c.namespace("singles")
	names := podNames(n)
	for _, name := range names {
		c.pod("singles", name, label("pod", name))
	}
	for i, name := range names {
		p := c.policy("singles", name, where(label("pod", name)))
		allow(p, true, pods(where(label("pod", names[(i+1)%n]))), 8080)
	}
	return &c.Objects
}

// Customers makes a namespace for every ten pods: one is "services", which all share, the others are customers'. Policies isolate
// customers from each other: a customer's first lets its own namespace in and out, each further one lets the services in on one
// port.
func Customers(podCount, policies int) *manifest.Objects {
	const each = 10
	c := newCluster(podCount)
	customers := podCount/each - 1
	names := podNames(each)
	c.namespace("services", label("role", "shared"))
	for _, name := range names {
		c.pod("services", name, label("app", "serve"))
	}
	shared := where(label("role", "shared"))
	for n := range customers {
		ns := fmt.Sprintf("customer-%05d", n)
		c.namespace(ns, label("customer", ns))
		for _, name := range names {
			c.pod(ns, name, label("app", "work"))
		}
		// The first customers get the remainder, so that the number of policies is exact.
		count := policies / customers
		if n < policies%customers {
			count++
		}
		for i := range count {
			p := c.policy(ns, fmt.Sprintf("policy-%02d", i), manifest.Selector{})
			if i == 0 {
				allow(p, true, pods(manifest.Selector{}))
				allow(p, false, pods(manifest.Selector{}))
				continue
			}
			allow(p, true, manifest.Peer{NamespaceSelector: &shared}, uint16(9000+i))
		}
	}
	return &c.Objects
}

// ACLs makes one pod that rules let other pods reach: each rule has a group of pods of its own, overlapping the next groups,
// and some ports.
func ACLs(rules, members, ports int) *manifest.Objects {
	c := newCluster(rules + members)
	c.namespace("acls")
	in := make([]manifest.Label, rules) // one text of each, as there is when they were read
	for r := range in {
		in[r] = label(fmt.Sprintf("z%05d", r), "in")
	}
	for i, name := range podNames(rules + members) {
		p := c.pod("acls", name, label("role", "client"))
		p.Labels = append(p.Labels, in[max(0, i-members+1):min(i+1, rules)]...)
	}
	c.pod("acls", "server", label("role", "server"))
	numbers := make([]uint16, ports)
	for i := range numbers {
		numbers[i] = uint16(1000 + 2*i)
	}
	for r := range rules {
		p := c.policy("acls", fmt.Sprintf("acl-%05d", r), where(label("role", "server")))
		allow(p, true, pods(where(in[r])), numbers...)
	}
	return &c.Objects
}

func podNames(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("pod-%05d", i)
	}
	return out
}

// Ranked makes one policy of one rule for each of n positions in the order of judgement: 14 tiers, as many as there can be beside
// those that always exist, of n/14 priorities each. A rule is about what comes from a group of clients on some ports in a row; the first of them is the rule's own. With one
// port a rule overlaps no other, and every hundredth drops; with more it overlaps its neighbours, and every other drops. All apply
// to the same servers.
func Ranked(n, ports int) *manifest.Objects {
	const tiers, groups, apart = 14, 50, 98 // rules whose ports overlap stand n/98 places apart
	c := newCluster(4*groups + 100)
	c.namespace("ranked")
	for i, name := range podNames(4 * groups) {
		c.pod("ranked", name, label("group", fmt.Sprintf("g%02d", i%groups)))
	}
	for i := range 100 {
		c.pod("ranked", fmt.Sprintf("app-%03d", i), label("role", "server"))
	}
	servers := where(label("role", "server"))
	perTier, rank := (n+tiers-1)/tiers, 0
	for t := range tiers {
		meta := c.meta("Tier", "", fmt.Sprintf("tier-%03d", t))
		meta.Group = antrea
		c.Tiers = append(c.Tiers, &manifest.Tier{Meta: meta, Priority: uint8(51 + 3*t)})
	}
	for t := range apart {
		for i := range (n - t + apart - 1) / apart {
			at := i*apart + t
			p := &manifest.RankedPolicy{Meta: c.meta("ClusterNetworkPolicy", "", fmt.Sprintf("rule-%05d", at))}
			p.Tier, p.Priority = fmt.Sprintf("tier-%03d", rank/perTier), float64(1+rank%perTier)
			rank++
			p.Group, p.TierPos = antrea, p.Pos
			group, drops := at*7%groups, at%100 == 0
			if ports > 1 {
				group, drops = at/(2*ports)%groups, at%2 == 0
			}
			clients := where(label("group", fmt.Sprintf("g%02d", group)))
			p.AppliedTo = []manifest.RankedPeer{{Peer: manifest.Peer{Field: "spec.appliedTo[0]", Pos: p.Pos, PodSelector: &servers}}}
			r := manifest.RankedRule{Field: "spec.ingress[0]", Pos: p.Pos, Action: "Allow"}
			if drops {
				r.Action = "Drop"
			}
			r.Peers = []manifest.RankedPeer{{Peer: manifest.Peer{Field: "spec.ingress[0].from[0]", Pos: p.Pos, PodSelector: &clients}}}
			port := manifest.Port{Field: "spec.ingress[0].ports[0]", Pos: p.Pos, Protocol: "TCP", From: uint16(1000 + at), To: uint16(1000 + at + ports - 1)}
			r.Ports = []manifest.RankedPort{{Port: port, SourceTo: 65535}}
			p.IngressRules = []manifest.RankedRule{r}
			c.RankedPolicies = append(c.RankedPolicies, p)
		}
	}
	return &c.Objects
}
