// Package reach answers who can talk to whom: a matrix of pods by pods for each of a list of ports.
//
// Guarantees: a Matrix computed from a Program says for each cell what ir.Program.Eval says about its packets; pods are sorted by
// namespace, then name, and ports by protocol, then number; the same Program gives equal matrices.
package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// DefaultSourcePort is the source port of the packets that are judged unless Options say otherwise.
const DefaultSourcePort = 50000

// Word is the content of a cell: what happens to a new connection from one pod to another.
type Word uint8

// The words. Absent is not in any Matrix: Diff says it of pods and ports that one of its matrices does not have.
const (
	Allow  Word = iota
	Drop        // silently
	Reject      // the source is told
	Mixed       // families or addresses differ
	None        // the pods share no family
	Absent
)

// words are the texts of Word, in order.
func words() [6]string {
	return [...]string{"allow", "drop", "reject", "mixed", "none", "absent"}
}

// String gives the word in lower case.
func (w Word) String() string { return words()[w] }

// Port is a destination port of TCP, UDP or SCTP.
type Port struct {
	Proto ir.Proto
	Port  uint16
}

// String gives "TCP/80".
func (p Port) String() string {
	return strings.ToUpper(p.Proto.String()) + "/" + strconv.Itoa(int(p.Port))
}

// Compare orders ports by protocol, then number.
func (p Port) Compare(o Port) int {
	return cmp.Or(cmp.Compare(p.Proto, o.Proto), cmp.Compare(p.Port, o.Port))
}

// ParsePort reads what Port.String gives, in either case.
func ParsePort(s string) (Port, error) {
	name, number, _ := strings.Cut(s, "/")
	proto, err := ir.ParseProto(name)
	port, numberErr := strconv.ParseUint(number, 10, 16)
	if err != nil || numberErr != nil || !proto.HasPorts() {
		return Port{}, fmt.Errorf("%q is not PROTOCOL/PORT, such as tcp/80, with one of tcp, udp and sctp", s)
	}
	return Port{proto, uint16(port)}, nil
}

// Matrix says for each port what happens from each pod to each pod.
type Matrix struct {
	Pods   []string // "namespace/name", by namespace, then name
	Tables []Table  // by Port
}

// Table is the part of a Matrix for one port. Cells has a row for each source, of a cell for each destination, in the order of
// Matrix.Pods.
type Table struct {
	Port  Port
	Cells [][]Word
}

// Options say which packets are judged.
type Options struct {
	Ports      []Port
	Families   []ir.Family // nil: both
	SourcePort uint16      // 0: DefaultSourcePort
}

// Compute judges a packet from every endpoint with an address to every other one, for each port, and for each family that both
// have. Where families differ, or a pod's several addresses, the word is Mixed. A pod to itself is Allow. Endpoints that no
// policy can tell apart are judged once: the cost is that of the distinct pairs, plus a byte for each cell.
func Compute(prog *ir.Program, o Options) *Matrix {
	if o.Families == nil {
		o.Families = slices.Collect(slices.Values(families()))
	}
	o.SourcePort = cmp.Or(o.SourcePort, DefaultSourcePort)
	ports := slices.Clone(o.Ports)
	slices.SortFunc(ports, Port.Compare)

	pods := podsOf(prog)
	m := &Matrix{}
	for _, e := range pods {
		m.Pods = append(m.Pods, e.String())
	}
	c := classify(prog, pods)
	evaluator := prog.Evaluator()
	for _, port := range slices.Compact(ports) {
		j := &judge{evaluator, o, port}
		m.Tables = append(m.Tables, Table{port, c.fill(j)})
	}
	return m
}

func families() []ir.Family { f := ir.Families(); return f[:] }

func podsOf(prog *ir.Program) []*ir.Endpoint {
	var pods []*ir.Endpoint
	for _, e := range prog.Pods() {
		if len(e.Addrs) > 0 {
			pods = append(pods, e)
		}
	}
	slices.SortFunc(pods, (*ir.Endpoint).Compare)
	return pods
}

// judge gives the word for single pairs of endpoints.
type judge struct {
	*ir.ProgramEvaluator
	options Options
	port    Port
}

// word judges every pair of addresses of one family.
func (j *judge) word(src, dst *ir.Endpoint) Word {
	word := None
	for _, s := range src.Addrs {
		for _, d := range dst.Addrs {
			if f := ir.FamilyOf(s); f != ir.FamilyOf(d) || !slices.Contains(j.options.Families, f) {
				continue
			}
			word = join(word, j.packet(ir.Packet{Src: s, Dst: d, Proto: j.port.Proto, SrcPort: j.options.SourcePort, DstPort: j.port.Port}))
		}
	}
	return word
}

func (j *judge) packet(p ir.Packet) Word {
	for _, d := range ir.Directions() {
		switch j.Decide(d, p).Action {
		case ir.Drop:
			return Drop
		case ir.Reject:
			return Reject
		}
	}
	return Allow
}

// join is the common word of two, of which None says nothing.
func join(a, b Word) Word {
	switch {
	case a == None:
		return b
	case b == None || a == b:
		return a
	}
	return Mixed
}
