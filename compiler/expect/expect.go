package expect

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

const (
	// Limit is the number of packets that are judged for one expectation. One that would take more does not hold.
	Limit = 1 << 22
	// Examples is the number of contradictions that are kept of an expectation: the first of each that another rule decides.
	Examples = 8
)

// Place is one end of a packet.
type Place struct {
	Name string // as `headgate eval` takes it: "shop/web-1", "node/n1" or an address
	Addr netip.Addr
}

// Judged is a packet, and what becomes of it.
type Judged struct {
	From, To Place
	Packet   ir.Packet
	Verdict  ir.Verdict
}

// Result is what became of one expectation. It holds if there are neither Contradictions nor a Problem.
type Result struct {
	Origin         source.Origin
	Text           string    // "allow from pod shop/web-1 to pod shop/db-1 on tcp/5432"
	Want           ir.Action // Allow, Drop or Reject
	Packets        int       // that were judged, one of each class
	Contradicting  int       // of these
	Contradictions []Judged
	Problem        string // why it cannot be judged; "" if it was
}

// Holds reports whether every packet gets the verdict.
func (r *Result) Holds() bool { return r.Contradicting == 0 && r.Problem == "" }

// Judge judges all expectations of the objects, in their order. The Program is what the same objects mean.
func Judge(objects *manifest.Objects, program *ir.Program) []Result {
	return JudgeEach(objects, program, nil)
}

// JudgeEach is Judge, and calls visit, unless that is nil, with every packet that it judges and the index of the expectation's Result.
func JudgeEach(objects *manifest.Objects, program *ir.Program, visit func(result int, packet Judged)) []Result {
	var out []Result
	var j *judge
	for _, e := range objects.Expectations {
		for i := range e.Expect {
			if j == nil {
				j = newJudge(objects, program)
			}
			if visit != nil {
				j.visit = func(packet Judged) { visit(len(out), packet) }
			}
			out = append(out, j.judge(e, &e.Expect[i]))
		}
	}
	return out
}

// judge is what judging expectations of a Program needs.
type judge struct {
	world     *world
	cuts      cuts
	evaluator *ir.ProgramEvaluator
	visit     func(Judged) // may be nil
	limit     int
}

func newJudge(objects *manifest.Objects, program *ir.Program) *judge {
	return &judge{newWorld(objects, program), cutsOf(program), program.Evaluator(), nil, Limit}
}

func (j *judge) judge(of *manifest.Expectations, e *manifest.Expectation) Result {
	r := Result{Origin: of.Origin(e.Field, e.Pos), Text: textOf(e), Want: actionOf(e.Verdict)}
	from, problem := j.world.side("from", e.From)
	if problem == "" {
		var to []place
		if to, problem = j.world.side("to", e.To); problem == "" {
			problem = j.pairs(&r, from, to, e.Ports)
		}
	}
	r.Problem = problem
	return r
}

// pairs judges every pair, and returns why the expectation cannot hold whatever the verdicts are, or "".
func (j *judge) pairs(r *Result, from, to []place, ports []manifest.RankedPort) string {
	boxes, met := boxesOf(ports), map[string]bool{}
	told := map[string]bool{}
	for _, src := range from {
		for _, dst := range to {
			if src.is(dst) {
				continue
			}
			for _, shape := range j.cuts.shapes(boxes, src, dst) {
				if met[shape.name] = true; r.Packets == j.limit {
					return fmt.Sprintf("it is about more than %d packets that rules can tell apart: say it of fewer endpoints or ports at a time", j.limit)
				}
				r.Packets++
				j.packet(r, told, src, dst, shape.packet(src, dst))
			}
		}
	}
	for _, b := range boxes {
		if b.Name != "" && !met[b.Name] {
			return fmt.Sprintf("no destination has a port of the name %q", b.Name)
		}
	}
	if r.Packets == 0 {
		return "no packet tests it: the two sides have no address family in common, or each is but itself"
	}
	return ""
}

// packet judges one packet.
func (j *judge) packet(r *Result, told map[string]bool, src, dst place, p ir.Packet) {
	v := j.evaluator.Eval(p)
	judged := Judged{Place{src.name, p.Src}, Place{dst.name, p.Dst}, p, v}
	if j.visit != nil {
		j.visit(judged)
	}
	if v.Action == r.Want {
		return
	}
	r.Contradicting++
	key := why(v)
	if told[key] || len(r.Contradictions) == Examples {
		return
	}
	told[key] = true
	r.Contradictions = append(r.Contradictions, judged)
}

// why is equal for verdicts that the same rules gave.
func why(v ir.Verdict) string {
	var b strings.Builder
	for _, d := range v.Decisions {
		fmt.Fprintf(&b, "%v %v %s", d.Direction, d.Action, d.Reason)
		for _, o := range d.Origins {
			b.WriteString(" " + o.String())
		}
		b.WriteByte(';')
	}
	return b.String()
}

func actionOf(verdict string) ir.Action {
	i := slices.IndexFunc([]ir.Action{ir.Allow, ir.Drop, ir.Reject}, func(a ir.Action) bool { return strings.EqualFold(a.String(), verdict) })
	return []ir.Action{ir.Allow, ir.Drop, ir.Reject}[max(i, 0)] // a verdict that is none was refused by the reader
}

// Report adds a finding for each expectation that does not hold.
func Report(results []Result, report *diag.Report) {
	for i := range results {
		if r := &results[i]; !r.Holds() {
			report.AddFinding(r.finding())
		}
	}
}

func (r *Result) finding() diag.Finding {
	f := diag.Finding{Code: diag.UnmetExpectation, Origin: r.Origin, Message: "expected " + r.Text + ": " + r.Problem}
	if r.Problem != "" && len(r.Contradictions) == 0 {
		return f
	}
	c := &r.Contradictions[0]
	f.Message = fmt.Sprintf("expected %s, but %s from %s to %s is answered with %s", r.Text, Traffic(c.Packet), c.From, c.To, c.Verdict.Action)
	deciding := c.Verdict.Deciding()
	for _, o := range deciding.Origins {
		f.Related = append(f.Related, diag.Related{Origin: *o, Message: deciding.Direction.String() + " is decided here"})
	}
	if len(deciding.Origins) == 0 {
		f.Message += " (" + deciding.Direction.String() + ": " + deciding.Reason + ")"
	}
	return f
}

// String gives "shop/web-1 (10.0.0.1)", or an address alone.
func (p Place) String() string {
	if p.Name == p.Addr.String() {
		return p.Name
	}
	return p.Name + " (" + p.Addr.String() + ")"
}

// Traffic gives what a packet carries as `headgate eval --port` takes it.
func Traffic(p ir.Packet) string {
	switch {
	case p.Proto.HasPorts():
		return fmt.Sprintf("%s/%d", p.Proto, p.DstPort)
	case p.Proto == ir.ProtoICMP || p.Proto == ir.ProtoICMPv6:
		return fmt.Sprintf("%s/%d/%d", p.Proto, p.DstPort>>8, p.DstPort&0xff)
	case p.Proto == ir.ProtoIGMP:
		return fmt.Sprintf("igmp/%#x", p.DstPort>>8)
	}
	return fmt.Sprintf("proto/%d", p.Proto)
}
