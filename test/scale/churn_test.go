package scale

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// plant is what the agent of one node works with: a session with a cluster's objects, and a dataplane that is real.
type plant struct {
	objects  *manifest.Objects
	session  *compiler.Session
	name     string
	node     *agent.Node
	vswitchd *exec.Cmd // nil without one
}

func newPlant(b testing.TB, objects *manifest.Objects, target string) *plant {
	return newPlantOn(b, objects, target, objects.Nodes[0].Name)
}

func newPlantOn(b testing.TB, objects *manifest.Objects, target, name string) *plant {
	p := &plant{objects: objects, session: holding(objects), name: name}
	made, _ := targets.Lookup(target)
	planes := []agent.Plane{{Dataplane: newNamespace(b), Target: nft.Target}}
	if target == openflow.TargetName {
		d, vswitchd := openSwitch(b, p.compile(b))
		planes, p.vswitchd = append(planes, agent.Plane{Dataplane: d, Target: target}), vswitchd
	}
	p.node = agent.NewNode(agent.Options{Target: made, Planes: planes})
	p.load(b)
	p.load(b)
	return p
}

func (p *plant) compile(b testing.TB) *ir.Pipeline {
	var report diag.Report
	out := p.session.Compile(&report, p.name)[0]
	require.False(b, report.HasErrors())
	return out
}

// load brings what the session says into the dataplanes.
func (p *plant) load(b testing.TB) []agent.Loaded {
	results, err := p.node.Load(b.Context(), p.compile(b), nil)
	require.NoError(b, err)
	return results
}

// meter measures the processor time of a benchmark's loop: that of this process, the collection of garbage included, and the switch's.
func (p *plant) meter(b *testing.B, changes int, loop func()) {
	runtime.GC()
	own, others := processorTime(b), int64(0)
	if p.vswitchd != nil {
		others = processorTimeOf(b, p.vswitchd)
	}
	loop()
	per := float64(b.N * changes)
	b.ReportMetric(float64(processorTime(b)-own)/per, "cpu-ns/change")
	if p.vswitchd != nil {
		b.ReportMetric(float64(processorTimeOf(b, p.vswitchd)-others)/per, "switch-cpu-ns/change")
	}
}

// both runs a benchmark for each target.
func both(b *testing.B, name string, bench func(b *testing.B, target string)) {
	for _, target := range []string{nft.Target, openflow.TargetName} {
		b.Run(name+target, func(b *testing.B) { bench(b, target) })
	}
}

// BenchmarkOnePolicyChanged changes the ports of one of 250 policies in a cluster of 50,000 pods, which the node runs a pod of, and has
// it in force: an iteration is the time from the changed object to the dataplane's word that packets are judged by it.
func BenchmarkOnePolicyChanged(b *testing.B) {
	both(b, "", func(b *testing.B, target string) {
		objects := workload.Customers(50_000, 5_000)
		objects.NetworkPolicies = objects.NetworkPolicies[:250]
		p := newPlantOn(b, objects, target, nodeWith(objects, objects.NetworkPolicies[0].Namespace))
		i := 0
		p.meter(b, 1, func() {
			for b.Loop() {
				i++
				p.session.Upsert(withPort(objects.NetworkPolicies[0], uint16(1+i%60_000)))
				require.True(b, changedAnything(p.load(b)))
			}
		})
	})
}

// nodeWith is a node that runs a pod of a namespace.
func nodeWith(objects *manifest.Objects, namespace string) string {
	at := slices.IndexFunc(objects.Pods, func(p *manifest.Pod) bool { return p.Namespace == namespace })
	return objects.Pods[at].NodeName
}

// withPort is a policy that lets its first peers in on another port.
func withPort(policy *manifest.NetworkPolicy, port uint16) *manifest.NetworkPolicy {
	changed := *policy
	rule := changed.IngressRules[0]
	rule.Ports = []manifest.Port{{Field: "spec.ingress[0].ports[0]", Protocol: "TCP", From: port, To: port}}
	changed.IngressRules = []manifest.Rule{rule}
	return &changed
}

func changedAnything(results []agent.Loaded) bool {
	for _, r := range results {
		if r.Applied {
			return true
		}
	}
	return false
}

// BenchmarkChurn is a cluster of 100,000 pods and 2,000 policies in which pods come and go all the time, anywhere. So many changes as said
// are one generation: as many as come while the generation before is loaded.
func BenchmarkChurn(b *testing.B) {
	for _, changes := range []int{1, 10, 100, 1000} {
		both(b, fmt.Sprintf("changes=%d/", changes), func(b *testing.B, target string) {
			objects := workload.Customers(100_000, 2_000)
			p := newPlantOn(b, objects, target, nodeWith(objects, objects.NetworkPolicies[0].Namespace))
			c := churn{plant: p, random: rand.New(rand.NewPCG(9, 12)), gone: map[int]bool{}}
			p.meter(b, changes, func() {
				for b.Loop() {
					for range changes {
						c.step()
					}
					p.load(b)
				}
			})
		})
	}
}

// churn has pods come and go.
type churn struct {
	*plant
	random *rand.Rand
	gone   map[int]bool
	made   int
}

// step takes a pod away, or brings one back with another address.
func (c *churn) step() {
	at := c.random.IntN(len(c.objects.Pods))
	pod := c.objects.Pods[at]
	if c.gone[at] = !c.gone[at]; c.gone[at] {
		c.session.Delete("Pod", pod.Namespace, pod.Name)
		return
	}
	c.made++
	again := *pod
	again.Addrs = []netip.Addr{netip.AddrFrom4([4]byte{11, byte(c.made >> 16), byte(c.made >> 8), byte(c.made)})}
	c.session.Upsert(&again)
}

// BenchmarkMemory tells what the agent of one node holds of a large cluster: the heap that lives, with the objects and without.
func BenchmarkMemory(b *testing.B) {
	for _, shape := range workload.Shapes() {
		if len(shape.Make().Pods) < 100_000 {
			continue
		}
		both(b, shape.Name+"/", func(b *testing.B, target string) {
			for b.Loop() {
				before := heap()
				objects := shape.Make()
				with := heap()
				p := newPlant(b, objects, target)
				all := heap()
				b.ReportMetric(float64(all-before)/(1<<20), "MB")
				b.ReportMetric(float64(all-with)/(1<<20), "MB-without-objects")
				runtime.KeepAlive(p)
			}
		})
	}
}

// heap is how many bytes live.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
