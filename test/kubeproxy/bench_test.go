package kubeproxy

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/nft"
)

// BenchmarkBeside measures kube-proxy and headgate, one after the other, with the same Services of two endpoints, and reports what
// kube-proxy takes for each thing, what headgate takes, and how many times as much the one is of the other.
//
//	complete   until a connection to the last Service is served: of kube-proxy from its start on, of headgate from objects that were
//	           read already, compiling included
//	rules      the part of it that is spent on rules: kube-proxy's own figure for its first full sync of IPv4; compiling one node,
//	           generating, loading and reading back
//	one-more   from a new Service and its slice to the rules for it, mean of ten: kube-proxy's own figure for a partial sync; all that
//	           headgate's agent does
//	memory     resident memory of kube-proxy at rest; the live heap of headgate's with everything in it that it would keep
//	connect    median time to set up a TCP connection from a pod of the node to a Service, and be answered
func BenchmarkBeside(b *testing.B) {
	for _, services := range []int{1000, 5000, 10000} {
		b.Run(fmt.Sprint(services), func(b *testing.B) {
			for range b.N {
				beside(b, services)
			}
		})
	}
}

// figures are what is measured of one side.
type figures struct {
	complete, rules, oneMore, connect time.Duration
	memory                            int // bytes
}

func beside(b *testing.B, services int) {
	proxy := measureProxy(b, services)
	gate := measureGate(b, services)
	report := func(name string, x, y float64, unit string) {
		b.ReportMetric(x, name+"-kube-proxy-"+unit)
		b.ReportMetric(y, name+"-headgate-"+unit)
		b.ReportMetric(x/y, name+"-ratio")
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	report("complete", ms(proxy.complete), ms(gate.complete), "ms")
	report("rules", ms(proxy.rules), ms(gate.rules), "ms")
	report("one-more", ms(proxy.oneMore), ms(gate.oneMore), "ms")
	report("memory", float64(proxy.memory)/(1<<20), float64(gate.memory)/(1<<20), "MiB")
	report("connect", float64(proxy.connect.Microseconds()), float64(gate.connect.Microseconds()), "us")
}

// bed is the network of a benchmark: a client that is a pod of the first node, and one machine that is all other pods.
type bed struct {
	*Network
	objects *manifest.Objects
	client  *Place
	from    netip.Addr
}

func newBed(b *testing.B, services int) *bed {
	o := workload.Balanced(services, 2, manifest.IPv4)
	t := &bed{Network: NewNetwork(b, o.Nodes[0].Addrs[0]), objects: o}
	at := slices.IndexFunc(o.Pods, func(p *manifest.Pod) bool { return p.NodeName == o.Nodes[0].Name })
	t.from = o.Pods[at].Addrs[0]
	t.client = t.Join(false, t.from)
	t.client.Serve("tcp", netip.AddrPortFrom(t.from, 8080)) // of which it is a backend itself, like other pods
	pods := t.Join(true, netip.MustParseAddr("203.0.113.5"))
	// Pods answer at any address but the client's.
	pods.shell("ip route add local 10.0.0.0/8 dev lo table main; ip route add " + t.from.String() + " via 169.254.1.1 dev eth0 onlink")
	pods.Serve("tcp", netip.MustParseAddrPort("0.0.0.0:8080"))
	return t
}

func virtual(s *manifest.Service) netip.AddrPort { return netip.AddrPortFrom(s.ClusterIPs[0], 80) }

// wait dials until it is served.
func (t *bed) wait(b *testing.B, to netip.AddrPort) {
	require.NoError(b, t.client.In(func() error {
		for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			_, err := ask(ctx, ir.ProtoTCP, t.from, to)
			cancel()
			if err == nil {
				return nil
			}
		}
		return fmt.Errorf("%s is never served", to)
	}))
}

// connect measures connections to Services at random, of an equal series on both sides.
func (t *bed) connect(b *testing.B) time.Duration {
	const times = 2000
	r := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	require.NoError(b, t.client.In(func() error {
		for range times {
			to := virtual(t.objects.Services[r.IntN(len(t.objects.Services))])
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			begin := time.Now()
			_, err := ask(ctx, ir.ProtoTCP, t.from, to)
			took = append(took, time.Since(begin))
			cancel()
			if err != nil {
				return err
			}
		}
		return nil
	}))
	slices.Sort(took)
	return took[len(took)/2]
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func measureProxy(b *testing.B, services int) (f figures) {
	t := newBed(b, services)
	c := cluster{objects: t.objects}
	feed, addr := NewFeedOn(t.Node)
	c.feed(b, feed)
	begin := time.Now()
	p := Start(t.Node, addr, t.objects.Nodes[0].Name, "10.0.0.0/8", "1s")
	defer p.Stop()
	t.wait(b, virtual(t.objects.Services[services-1]))
	f.complete = time.Since(begin)
	p.WaitFull()
	before := p.Metrics()
	f.rules = seconds(before[fullSyncs+`_sum{ip_family="IPv4"}`] / before[fullSyncs+`_count{ip_family="IPv4"}`])
	o := *t.objects
	const more = 10
	for range more {
		s, list := workload.OneMoreService(&o)
		o.Services, o.EndpointSlices = append(slices.Clip(o.Services), s), append(slices.Clip(o.EndpointSlices), list...)
		for _, slice := range list {
			require.NoError(b, feed.Put("endpointslices", workload.APISlice(slice)))
		}
		require.NoError(b, feed.Put("services", workload.APIService(s)))
		t.wait(b, virtual(s))
	}
	after := p.Metrics()
	part := func(what string) float64 {
		return after[partSyncs+what+`{ip_family="IPv4"}`] - before[partSyncs+what+`{ip_family="IPv4"}`]
	}
	require.Positive(b, part("_count"))
	f.oneMore = seconds(part("_sum") / part("_count"))
	f.memory, _ = p.Memory()
	f.connect = t.connect(b)
	return f
}

func measureGate(b *testing.B, services int) (f figures) {
	t := newBed(b, services)
	before := liveHeap()
	d := runtimenft.InNetNS(t.Node.FD())
	defer d.Close()
	target, _ := targets.Lookup(nft.Target)
	node := agent.NewNode(agent.Options{Target: target, Planes: []agent.Plane{{Dataplane: d, Target: nft.Target}}})
	session := compiler.NewSession(compiler.Options{})
	report := &diag.Report{}
	load := func() {
		_, err := node.Load(context.Background(), session.Compile(report, t.objects.Nodes[0].Name)[0], nil)
		require.NoError(b, err)
	}

	begin := time.Now()
	for _, list := range lists(t.objects) {
		session.Upsert(list)
	}
	load()
	f.rules = time.Since(begin)
	t.wait(b, virtual(t.objects.Services[services-1]))
	f.complete = time.Since(begin)

	o := *t.objects
	const more = 10
	for range more {
		s, list := workload.OneMoreService(&o)
		o.Services, o.EndpointSlices = append(slices.Clip(o.Services), s), append(slices.Clip(o.EndpointSlices), list...)
		begin := time.Now()
		for _, slice := range list {
			session.Upsert(slice)
		}
		session.Upsert(s)
		load()
		f.oneMore += time.Since(begin) / more
		t.wait(b, virtual(s))
	}
	require.False(b, report.HasErrors(), "%v", report.Findings())
	f.memory = liveHeap() - before
	runtime.KeepAlive(session)
	runtime.KeepAlive(node)
	f.connect = t.connect(b)
	return f
}

// liveHeap is what is in use on the heap, garbage aside.
func liveHeap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// lists gives every object of a cluster.
func lists(o *manifest.Objects) (out []any) {
	for _, x := range o.Namespaces {
		out = append(out, x)
	}
	for _, x := range o.Nodes {
		out = append(out, x)
	}
	for _, x := range o.Pods {
		out = append(out, x)
	}
	for _, x := range o.Services {
		out = append(out, x)
	}
	for _, x := range o.EndpointSlices {
		out = append(out, x)
	}
	return out
}
