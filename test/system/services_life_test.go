package system

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// varied is a Service whose backends change. It has one port, 80, for TCP and UDP, a cluster address of each family, and external addresses
// that lead to the same backends.
type varied struct {
	name     string
	index    int
	external int      // how many external addresses of each family
	affinity int      // seconds; 0: none
	backends []string // pods
}

// variedPods are two clients and four pods that may be backends, in turn on the nodes n1 and n2.
func variedPods() []string { return []string{"c1", "c2", "b1", "b2", "b3", "b4"} }

func variedAddr(pod string, is4 bool) string {
	i := slices.Index(variedPods(), pod)
	if is4 {
		return fmt.Sprintf("10.244.%d.%d", i%2+1, 10+i)
	}
	return fmt.Sprintf("fd00:10:244:%d::%d", i%2+1, 10+i)
}

// cluster is the address inside the cluster.
func (s varied) cluster(is4 bool) string {
	if is4 {
		return fmt.Sprintf("10.96.0.%d", s.index)
	}
	return fmt.Sprintf("fd00:96::%d", s.index)
}

// outside lists the external addresses.
func (s varied) outside() []string {
	var out []string
	for i := range s.external {
		out = append(out, fmt.Sprintf("203.0.%d.%d", s.index, i+1), fmt.Sprintf("2001:db8:113:%d::%x", s.index, i+1))
	}
	return out
}

func (s varied) nodePort() uint16 { return uint16(30000 + s.index) }

// yaml writes the Service and its slices, which are there though they are empty.
func (s varied) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: shop}, spec: {type: NodePort, clusterIP: %s, clusterIPs: [%s, %q], ipFamilyPolicy: RequireDualStack, ",
		s.name, s.cluster(true), s.cluster(true), s.cluster(false))
	if s.affinity > 0 {
		fmt.Fprintf(&b, "sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: %d}}, ", s.affinity)
	}
	fmt.Fprintf(&b, "externalIPs: [%s], ", listed(s.outside()))
	fmt.Fprintf(&b, "ports: [{name: http, port: 80, nodePort: %d}, {name: echo, protocol: UDP, port: 80, nodePort: %d}]}}\n", s.nodePort(), s.nodePort())
	for _, is4 := range []bool{true, false} {
		family := map[bool]string{true: "IPv4", false: "IPv6"}[is4]
		var endpoints []string
		for _, pod := range s.backends {
			endpoints = append(endpoints, fmt.Sprintf("{addresses: [%q], nodeName: n%d}", variedAddr(pod, is4), slices.Index(variedPods(), pod)%2+1))
		}
		fmt.Fprintf(&b, "---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: %s-%s, namespace: shop, labels: {kubernetes.io/service-name: %s}}, addressType: %s, ",
			s.name, strings.ToLower(family), s.name, family)
		fmt.Fprintf(&b, "ports: [{name: http, port: 8080}, {name: echo, protocol: UDP, port: 8080}], endpoints: [%s]}\n", strings.Join(endpoints, ", "))
	}
	return b.String()
}

func listed(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, fmt.Sprintf("%q", w))
	}
	return strings.Join(out, ", ")
}

// variedCluster compiles a cluster with some Services.
func variedCluster(t *testing.T, services ...varied) *compiler.Result {
	t.Helper()
	var b strings.Builder
	b.WriteString("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n")
	for i := 1; i <= 2; i++ {
		fmt.Fprintf(&b, `---
{apiVersion: v1, kind: Node, metadata: {name: n%d}, spec: {podCIDRs: [10.244.%d.0/24, "fd00:10:244:%d::/64"]}, status: {addresses: [{type: InternalIP, address: 192.168.10.1%d}, {type: InternalIP, address: "fd00:192::1%d"}]}}
`, i, i, i, i, i)
	}
	for i, name := range variedPods() {
		fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: shop}, spec: {nodeName: n%d, containers: [{name: c, image: i}]}, status: {podIPs: [{ip: %s}, {ip: %q}]}}\n",
			name, i%2+1, variedAddr(name, true), variedAddr(name, false))
	}
	for _, s := range services {
		b.WriteString(s.yaml())
	}
	var report diag.Report
	return compileObjects(t, manifest.Parse("varied.yaml", []byte(b.String()), &report), &report)
}

// varying is a lab whose Services change.
type varying struct {
	*dialler
	lab      *lab.Lab
	services []varied
}

// change brings some Services in the place of those of the same names, and the cluster to what it is then. A Service without an index goes.
func (v *varying) change(t *testing.T, services ...varied) {
	t.Helper()
	for _, s := range services {
		v.services = slices.DeleteFunc(v.services, func(old varied) bool { return old.name == s.name })
		if s.index != 0 {
			v.services = append(v.services, s)
		}
	}
	loaded, err := enforce.Load(t.Context(), v.lab, variedCluster(t, v.services...).Placed...)
	require.NoError(t, err)
	for _, n := range loaded {
		require.False(t, n.Drifted, n.Summary)
	}
}

// picks makes each dial once, and returns who answers.
func (v *varying) picks(t *testing.T, dials []dial) []string {
	t.Helper()
	out := make([]string, len(dials))
	for i, r := range probeEach(t, v.lab, dials, 1) {
		require.Equal(t, lab.Allow, r.Verdict, "%+v: %s", dials[i], r.Detail)
		out[i] = strings.TrimPrefix(r.Responder, "pod/shop/")
	}
	return out
}

// TestServicesInTime: connections are spread evenly; clients with session affinity get the backend that they had, until it goes or their
// time is up; what is established lives through changes, and clients without connections move on.
//
// spec: 10.3
func TestServicesInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	everybody := []string{"b1", "b2", "b3", "b4"}
	services := []varied{
		{name: "even", index: 1, external: 50, backends: everybody},
		{name: "sticky", index: 2, external: 10, affinity: 3600, backends: everybody},
		{name: "brief", index: 3, external: 10, affinity: 1, backends: everybody},
		{name: "live", index: 4, backends: everybody},
		{name: "other", index: 5, backends: []string{"b4"}},
	}
	r := variedCluster(t, services...)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l, d := servicesLab(t, r, target)
			v := &varying{d, l, slices.Clone(services)}
			v.change(t, varied{name: "other"})
			for _, part := range []struct {
				name string
				run  func(t *testing.T)
			}{
				{"spread", func(t *testing.T) {
					v.spreads(t, services[0])
					v.change(t, varied{name: services[0].name})
				}},
				{"affinity", func(t *testing.T) { v.remembers(t, services[1], services[4]) }},
				{"expiry", func(t *testing.T) { v.forgets(t, services[2]) }},
				{"streams", func(t *testing.T) { v.streamsOn(t, services[3], services[4]) }},
				{"datagrams", func(t *testing.T) { v.movesOn(t, services[3]) }},
			} {
				t.Run(part.name, part.run)
			}
		})
	}
}

// spreads has many connections of each kind of client spread evenly, by the chi-square test.
func (v *varying) spreads(t *testing.T, s varied) {
	const connections = 800
	http, echo := lab.Port{Proto: lab.TCP, Port: 80}, lab.Port{Proto: lab.UDP, Port: 80}
	node := func(proto lab.Proto) lab.Port { return lab.Port{Proto: proto, Port: s.nodePort()} }
	many := func(c dial) []dial { return slices.Repeat([]dial{c}, connections) }
	samples := map[string][]dial{
		"a pod, TCP over IPv4":    many(dialTo("pod/shop/c1", s.cluster(true), http)),
		"a pod, TCP over IPv6":    many(dialTo("pod/shop/c1", s.cluster(false), http)),
		"the node, TCP":           many(dialTo("node/n1", s.cluster(true), http)),
		"the node, UDP over IPv6": many(dialTo("node/n1", s.cluster(false), echo)),
		"a host, TCP over IPv6":   many(dialTo("host/one", "fd00:192::11", node(lab.TCP))),
		"a host, UDP":             many(dialTo("host/one", "192.168.10.11", node(lab.UDP))),
	}
	if v.target == lab.NFTables {
		samples["a pod, UDP"] = many(dialTo("pod/shop/c1", s.cluster(true), echo))
	}
	var pairs []dial // of an address and a client, which are all that counts for UDP in the bridge
	for _, from := range []string{"pod/shop/c1", "pod/shop/c2", "pod/shop/b1", "pod/shop/b2"} {
		for _, to := range s.outside() {
			pairs = append(pairs, dialTo(from, to, echo))
		}
	}
	samples["pods, UDP to many addresses"] = pairs
	for name, dials := range samples {
		counts := v.sample(t, dials)
		// With three degrees of freedom chance exceeds 30.7 once in a million times.
		if x := chiSquare(counts, s.backends); x > 30.7 {
			t.Errorf("%s: %d connections are spread as %v: chi-square %.1f", name, len(dials), counts, x)
		}
	}
}

// sample counts who answers dials. Those that go unanswered at first are made again, and may come to another backend; so a sample with
// many of them, as when neighbours have to be found first, is none.
func (v *varying) sample(t *testing.T, dials []dial) map[string]int {
	t.Helper()
	for range 10 {
		counts, again := map[string]int{}, 0
		for i, r := range probeEach(t, v.lab, dials, 1) {
			require.Equal(t, lab.Allow, r.Verdict, "%+v: %s", dials[i], r.Detail)
			counts[strings.TrimPrefix(r.Responder, "pod/shop/")]++
			if r.Attempts > 1 {
				again++
			}
		}
		if again < len(dials)/100 {
			return counts
		}
	}
	require.Fail(t, "packets are lost all the time", "%+v", dials[0])
	return nil
}

// chiSquare is the statistic of Pearson's test for equal shares.
func chiSquare(counts map[string]int, of []string) float64 {
	all, x := 0.0, 0.0
	for _, n := range counts {
		all += float64(n)
	}
	share := all / float64(len(of))
	for _, name := range of {
		x += (float64(counts[name]) - share) * (float64(counts[name]) - share) / share
	}
	return x
}

// clients have all kinds of clients that enter by n1 dial all that they can.
func (v *varying) clients(s varied, protos ...lab.Proto) []dial {
	var out []dial
	for _, proto := range protos {
		port := lab.Port{Proto: proto, Port: 80}
		for _, to := range s.outside() {
			for _, from := range []string{"pod/shop/c1", "node/n1", "host/one"} {
				out = append(out, dialTo(from, to, port))
			}
		}
		for _, is4 := range []bool{true, false} {
			out = append(out, dialTo("pod/shop/c1", s.cluster(is4), port), dialTo("pod/shop/b1", s.cluster(is4), port), dialTo("node/n1", s.cluster(is4), port))
		}
		for _, at := range []string{"192.168.10.11", "fd00:192::11"} {
			out = append(out, dialTo("pod/shop/c1", at, lab.Port{Proto: proto, Port: s.nodePort()}), dialTo("host/one", at, lab.Port{Proto: proto, Port: s.nodePort()}))
		}
	}
	return out
}

// remembers: a client gets the backend that it had, whatever else changes, and another one for good when that goes.
func (v *varying) remembers(t *testing.T, s, other varied) {
	dials := v.clients(s, lab.TCP, lab.UDP)
	had := v.picks(t, dials)
	require.Subset(t, had, s.backends)
	same := func(why string) {
		t.Helper()
		const times = 4
		for i, r := range probeEach(t, v.lab, dials, times) {
			if got := strings.TrimPrefix(r.Responder, "pod/shop/"); got != had[i/times] {
				t.Errorf("%s: %+v got %s %s, had %s", why, dials[i/times], r.Verdict, got, had[i/times])
			}
		}
	}
	same("it comes back")
	v.change(t, other)
	same("a Service comes")
	v.change(t, varied{name: other.name})
	same("a Service goes")
	fewer := s
	fewer.backends = []string{"b1", "b3", "b4"}
	v.change(t, fewer)
	for i, now := range v.picks(t, dials) {
		if had[i] == "b2" {
			require.NotEqual(t, "b2", now, "%+v", dials[i])
			had[i] = now
		}
	}
	same("a backend goes")
	v.change(t, s)
	same("a backend comes")
}

// forgets: a client that has been away may get any backend.
func (v *varying) forgets(t *testing.T, s varied) {
	dials := slices.DeleteFunc(v.clients(s, lab.TCP, lab.UDP), func(c dial) bool { return c.from == "pod/shop/b1" || v.hasOnePick(c) })
	kind := func(c dial) string { return fmt.Sprintf("%s %s %t", c.from, c.port.Proto, c.to.Is4()) }
	waiting := map[string]bool{}
	for _, c := range dials {
		waiting[kind(c)] = true
	}
	had := v.picks(t, dials)
	require.Eventually(t, func() bool { // its pause is longer than they are remembered
		now := v.picks(t, dials)
		for i, c := range dials {
			if now[i] != had[i] {
				delete(waiting, kind(c))
			}
		}
		had = now
		return len(waiting) == 0
	}, time.Minute, 2*time.Second, "%v", waiting)
}

// streamsOn: what is established goes on, without a pause, while Services and backends come and go, its own backend among them.
func (v *varying) streamsOn(t *testing.T, s, other varied) {
	var streams []*running
	var backends []string
	at := func(to string, port uint16) string { return netip.AddrPortFrom(netip.MustParseAddr(to), port).String() }
	for _, c := range [][2]string{
		{"pod/shop/c1", at(s.cluster(true), 80)}, {"pod/shop/c2", at(s.cluster(false), 80)}, {"pod/shop/b1", at(s.cluster(true), 80)}, {"node/n1", at(s.cluster(true), 80)},
		{"host/one", at("192.168.10.11", s.nodePort())}, {"host/two", at("fd00:192::12", s.nodePort())}, {"pod/shop/c1", at("192.168.10.12", s.nodePort())},
	} {
		r := run(t, v.lab, c[0], "stream", c[1])
		line, err := r.out.ReadString('\n')
		require.NoError(t, err, "%v: %s", c, line)
		streams, backends = append(streams, r), append(backends, strings.TrimPrefix(strings.TrimSpace(line), "pod/shop/"))
	}
	require.Subset(t, s.backends, backends)
	living := func(after string) {
		t.Helper()
		for _, r := range streams {
			r.say(t, after)
		}
	}
	living("the beginning")
	v.change(t, other)
	living("a Service has come")
	v.change(t, varied{name: other.name})
	living("a Service has gone")
	for _, gone := range s.backends {
		fewer := s
		fewer.backends = slices.DeleteFunc(slices.Clone(s.backends), func(b string) bool { return b == gone })
		v.change(t, fewer)
		living(gone + " has gone, the one before has come back")
	}
	for _, r := range streams {
		r.kill()
	}
}

// movesOn: who has no connection to lose leaves a backend that goes, and is refused, or not any more, without having stopped to ask.
func (v *varying) movesOn(t *testing.T, s varied) {
	only := func(backends ...string) {
		t.Helper()
		changed := s
		changed.backends = backends
		v.change(t, changed)
	}
	only("b1")
	at := func(to string, port uint16) string { return netip.AddrPortFrom(netip.MustParseAddr(to), port).String() }
	calls := [][2]string{
		{"pod/shop/c1", at(s.cluster(true), 80)}, {"pod/shop/c2", at(s.cluster(true), 80)}, {"pod/shop/c1", at(s.cluster(false), 80)}, {"node/n1", at(s.cluster(true), 80)},
		{"node/n2", at(s.cluster(false), 80)}, {"host/one", at("192.168.10.11", s.nodePort())}, {"host/two", at("fd00:192::12", s.nodePort())},
	}
	var talkers []*running
	for _, c := range calls {
		talkers = append(talkers, run(t, v.lab, c[0], "talk", c[1]))
	}
	answers := func(who string) {
		t.Helper()
		for i, r := range talkers {
			stuck := time.AfterFunc(time.Minute, r.kill)
			line, err := r.out.ReadString('\n')
			stuck.Stop()
			if err != nil || line != who+"\n" {
				t.Errorf("%s to %s: %q (%v), want %s", calls[i][0], calls[i][1], line, err, who)
			}
		}
		require.False(t, t.Failed())
	}
	answers("pod/shop/b1")
	only("b2")
	answers("pod/shop/b2")
	only()
	answers("refused")
	only("b3")
	answers("pod/shop/b3")
	for _, r := range talkers {
		r.kill()
	}
}
