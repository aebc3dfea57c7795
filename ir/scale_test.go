package ir_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// tenants is a cluster of namespaces with four pods and three NetworkPolicies each.
func tenants(namespaces int) *ir.Program {
	p := &ir.Program{}
	for n := range namespaces {
		ns := fmt.Sprintf("ns-%05d", n)
		var pods []*ir.Endpoint
		for i := range 4 {
			at := 4*n + i
			pods = append(pods, &ir.Endpoint{Namespace: ns, Name: fmt.Sprintf("pod-%d", i), Node: "n", Origin: source.Origin{Object: "Pod"},
				Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, byte(at >> 16), byte(at >> 8), byte(at)})}})
		}
		all, two := group("pods ns="+ns, pods...), group("pods ns="+ns+" a=b", pods[:2]...)
		p.Endpoints = append(p.Endpoints, pods...)
		p.Groups = append(p.Groups, all, two)
		for i, subject := range []*ir.Group{all, two, two} {
			np := netpol(fmt.Sprintf("np-%d", i), subject, ir.PolicyRule{Peers: []*ir.Group{two}, Ports: []ir.PortSpec{tcp(uint16(80 + i))}})
			np.Namespace = ns
			p.Policies = append(p.Policies, np)
		}
	}
	return p
}

func BenchmarkProgramEvaluator100kPods(b *testing.B) {
	p := tenants(25000)
	b.ReportAllocs()
	for b.Loop() {
		p.Evaluator()
	}
}

func BenchmarkProgramCheck100kPods(b *testing.B) {
	p := tenants(25000)
	if err := p.Check(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Check()
	}
}

func BenchmarkProgramText100kPods(b *testing.B) {
	p := tenants(25000)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(p.String())))
	}
}

func BenchmarkProgramEval(b *testing.B) {
	p := tenants(1000)
	e := p.Evaluator()
	pkt := packet("10.0.0.1", "10.0.0.2", ir.ProtoTCP, 81)
	b.ReportAllocs()
	for b.Loop() {
		e.Eval(pkt)
	}
}
