package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/cluster"
	"github.com/headgate-net/headgate/compiler/expect"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

// testOptions are the flags of test.
type testOptions struct {
	input inputs
	out   output
	known knownNames
	only  string
	lab   labTest
}

func newTest() *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Judge every expectation of the input, and show the packets that contradict",
		Long: `Test judges the expectations in the given files: expect in files of the policy language (.hg), and objects of the kind
Expectations (headgate-net.github.io/v1alpha1) in YAML. An expectation holds if every packet that it is about gets the verdict that it
says: of every endpoint of the one side to every endpoint of the other, in each family that both have, on each of its ports. One
packet is judged of each class that rules can tell apart, so that nothing is left to chance; addresses of blocks are judged as what they
are, pods as pods. Not judged is what no policy can decide: what an endpoint sends itself, and the ICMPv6 without which IPv6
does not work, unless an expectation names its type.

An expectation fails if some packet gets another verdict, which is shown with the rules that decide; if one of its peers is nobody, or no
packet tests it; and if rules tell more than 4194304 of its packets apart. What the input lacks is made up as lab does:
pods for the selectors of the policies if there are none at all, places and addresses.

With --lab the packets are sent, too: in a lab of the cluster, with the rules of --target. That does not change what is expected. A packet
of which becomes something else than the policies mean is told apart from expectations that fail, as DIFFERS, and in JUnit's form as an
error: there the rules are wrong, or the machine was too slow. A lab sends TCP, UDP and SCTP to ports and echo requests, from and to pods,
nodes, machines and addresses outside; of an expectation about more than 256 such packets as many at even distances. What is not sent is
counted.

The exit status is 0 if all hold, and all packets that were sent did as they should; 1 if some expectation fails, or some packet differs; 2
if the input has errors; 3 without any expectation, or if the lab cannot be built. The commands compile, lint, diff and apply take an
expectation that does not hold for an error of the input (HG1207); an agent that follows a directory warns of it.`,
		Example: `    headgate test -f manifests/ -f policies.hg
    headgate test -R -f manifests/ -o junit > headgate.xml
    headgate test -f manifests/ --lab --target openflow`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "junit", "tap")
	o.known.flags(cmd)
	o.lab.flags(cmd)
	cmd.Flags().StringVar(&o.only, "run", "", "only expectations whose text, as it is printed, matches this regular expression")
	return cmd
}

func (o *testOptions) run(cmd *cobra.Command) error {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return usageError(cmd, fmt.Errorf("--run: %w", err))
	}
	if err := o.lab.check(cmd); err != nil {
		return err
	}
	results, placed, err := o.judge(cmd)
	if err != nil {
		return err
	}
	if len(results) == 0 {
		return errors.New("there are no expectations in the input")
	}
	counts := func(result int) bool { return only.MatchString(results[result].Text) }
	if o.lab.on {
		if err := o.lab.play(cmd, placed, counts); err != nil {
			return err
		}
	}
	report := newTestReport(results, counts, &o.lab)
	if report.Expectations == 0 {
		return fmt.Errorf("--run: no expectation matches %q", o.only)
	}
	if err := o.print(cmd.OutOrStdout(), report); err != nil {
		return err
	}
	if !report.isGood() {
		return &exit{code: exitDifferent} // it has been printed
	}
	return nil
}

// judge reads the input, whose errors are told, and judges its expectations. The pipelines are those of all nodes, for a lab.
func (o *testOptions) judge(cmd *cobra.Command) ([]expect.Result, []*ir.Pipeline, error) {
	known, err := place.Known(o.known.items)
	if err != nil {
		return nil, nil, fmt.Errorf("--fqdn: %w", err)
	}
	report := &diag.Report{}
	objects, err := o.input.read(cmd, report)
	if err != nil {
		return nil, nil, err
	}
	options, err := o.input.cluster.complete(compiler.Options{Known: known}, report)
	if err != nil {
		return nil, nil, err
	}
	completed, added := cluster.Complete(objects)
	var result *compiler.Result
	if o.lab.on {
		g, err := generate(completed, o.lab.lab.target, options, report)
		if err != nil {
			return nil, nil, err
		}
		result = g.result
	} else {
		options.Nodes = []string{}
		result = compiler.Compile(completed, options, report)
	}
	if err := o.input.diagnostics.report(cmd.ErrOrStderr(), report); err != nil {
		return nil, nil, err
	}
	if !added.IsZero() && !o.input.diagnostics.quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: completed the input: %s\n", addedText(added))
	}
	if err := o.input.cluster.check(result.Program); err != nil || !o.lab.on {
		return expect.Judge(completed, result.Program), nil, err
	}
	results, err := o.lab.judge(completed, result.Program)
	return results, result.Placed, err
}

func (o *testOptions) print(w io.Writer, r *testReport) error {
	switch o.out.format {
	case "json":
		return writeStructured(w, r, "json")
	case "junit":
		return r.junit(w)
	case "tap":
		_, err := io.WriteString(w, r.tap())
		return err
	}
	_, err := io.WriteString(w, r.text(newPalette(o.input.diagnostics.color, w)))
	return err
}

// checkExpectations reports the expectations that do not hold. It costs nothing if there are none.
func checkExpectations(objects *manifest.Objects, result *compiler.Result, report *diag.Report) {
	if len(objects.Expectations) == 0 || report.HasErrors() {
		return // what is wrong comes first: it may be the reason
	}
	for _, f := range unmetExpectations(objects, result) {
		report.AddFinding(f)
	}
}

// unmetExpectations finds the expectations that do not hold.
func unmetExpectations(objects *manifest.Objects, result *compiler.Result) []diag.Finding {
	completed, added := cluster.Complete(objects)
	program := result.Program
	if !added.IsZero() {
		program = resolve.Of(completed).Program(resolve.Cluster(), nil)
	}
	report := &diag.Report{}
	expect.Report(expect.Judge(completed, program), report)
	return report.Findings()
}

// tested is what became of an expectation, as printed.
type tested struct {
	Expected      string          `json:"expected"`
	Holds         bool            `json:"holds"`
	At            rule            `json:"at"`
	Packets       int             `json:"packets"`
	Contradicting int             `json:"contradicting,omitempty"`
	Problem       string          `json:"problem,omitempty"`
	Examples      []contradiction `json:"contradictions,omitempty"`
	Sent          int             `json:"sent,omitempty"` // in a lab
	Differ        []packetsDiffer `json:"differ,omitempty"`
}

// contradiction is a packet that got another verdict, and why.
type contradiction struct {
	From      string     `json:"from"`
	FromIP    string     `json:"fromAddress"`
	To        string     `json:"to"`
	ToIP      string     `json:"toAddress"`
	Traffic   string     `json:"traffic"`
	Source    uint16     `json:"sourcePort,omitempty"`
	Verdict   string     `json:"verdict"`
	Decisions []decision `json:"decisions"`

	head string
}

// testReport is what test prints.
type testReport struct {
	Expectations int      `json:"expectations"`
	Failed       int      `json:"failed"`
	Lab          *played  `json:"lab,omitempty"`
	Results      []tested `json:"results"`
}

func newTestReport(results []expect.Result, counts func(result int) bool, l *labTest) *testReport {
	r := &testReport{}
	if l.on {
		r.Lab = &played{Target: l.lab.target}
	}
	for i := range results {
		if !counts(i) {
			continue
		}
		t := testedOf(&results[i])
		if r.Expectations++; !t.Holds {
			r.Failed++
		}
		if l.on {
			l.tell(&t, i)
			r.Lab.Sent, r.Lab.NotSent, r.Lab.Differ = r.Lab.Sent+t.Sent, r.Lab.NotSent+t.Packets-t.Sent, r.Lab.Differ+len(t.Differ)
		}
		r.Results = append(r.Results, t)
	}
	return r
}

// isGood reports whether all expectations hold and no packet differs.
func (r *testReport) isGood() bool { return r.Failed == 0 && (r.Lab == nil || r.Lab.Differ == 0) }

func testedOf(r *expect.Result) tested {
	t := tested{Expected: r.Text, Holds: r.Holds(), At: ruleOf(&r.Origin), Packets: r.Packets, Contradicting: r.Contradicting, Problem: r.Problem}
	for _, c := range r.Contradictions {
		out := contradiction{From: c.From.Name, FromIP: c.From.Addr.String(), To: c.To.Name, ToIP: c.To.Addr.String(),
			Traffic: expect.Traffic(c.Packet), Source: c.Packet.SrcPort, Verdict: c.Verdict.Action.String()}
		out.head = fmt.Sprintf("%s -> %s %s", c.From, c.To, out.Traffic)
		for _, v := range c.Verdict.Decisions {
			d := decisionOf(v)
			d.Direction = v.Direction.String()
			out.Decisions = append(out.Decisions, d)
		}
		t.Examples = append(t.Examples, out)
	}
	return t
}

// text prints what fails, what differs, and the sum.
func (r *testReport) text(colors palette) string {
	var b strings.Builder
	for i := range r.Results {
		t := &r.Results[i]
		word := ""
		switch {
		case !t.Holds:
			word = "FAIL"
		case len(t.Differ) > 0:
			word = "DIFFERS"
		default:
			continue
		}
		fmt.Fprintf(&b, "%s  %s\n  expected in %s\n", colors.paint(red, word), t.Expected, t.At)
		t.why(&b, colors, "  ")
	}
	color := green
	if !r.isGood() {
		color = red
	}
	return b.String() + colors.paint(color, r.summary()) + "\n"
}

func (r *testReport) summary() string {
	text := fmt.Sprintf("%s, %d failed", plural(r.Expectations, "expectation"), r.Failed)
	if l := r.Lab; l != nil {
		text += fmt.Sprintf("; %s sent on %s, %d not sent, %d differ from what the policies say", plural(l.Sent, "packet"), l.Target, l.NotSent, l.Differ)
	}
	return text
}

// why prints why an expectation does not hold.
func (t *tested) why(b *strings.Builder, colors palette, indent string) {
	if t.Problem != "" {
		fmt.Fprintf(b, "%s%s\n", indent, t.Problem)
	}
	for i := range t.Examples {
		c := &t.Examples[i]
		fmt.Fprintf(b, "%s%s  %s\n", indent, paintedWord(colors, c.Verdict), c.head)
		(&judgement{Decisions: c.Decisions}).decisionsText(b, colors, indent+"  ")
	}
	if t.Contradicting > 1 {
		fmt.Fprintf(b, "%s%d of %d packets that rules tell apart contradict\n", indent, t.Contradicting, t.Packets)
	}
	for i, d := range t.Differ {
		if i == expect.Examples {
			fmt.Fprintf(b, "%sand %d more\n", indent, len(t.Differ)-i)
			break
		}
		fmt.Fprintf(b, "%ssent %s\n", indent, d)
	}
}
