package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	input inputs
	out   output
	nodes []string
}

func newExplain() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain THING...",
		Short: "Say where a rule, chain, set, cookie or comment comes from, or what a code means",
		Long: `Explain maps what is seen on a node back to the input: a rule's id, comment or cookie to the objects, fields and lines that
it came from; a chain or a set to the policies or selectors that it stands for. With the code of a finding (HG1103) it prints
what the code means and the way out, and needs no input.

What belongs to Services is found by what is dialled, or by a backend: ADDRESS:PORT, ADDRESS:PORT/PROTOCOL or an ADDRESS, an element
of a map or set as nft lists it (10.96.0.9 . tcp . 5432 . 1), or a flow as ovs-ofctl dumps it, with nw_dst and tp_dst. A group of
Open vSwitch is group:ID, as in its actions; Services with equal backends share one. IDs of groups are a node's own: see --node.

An ADDRESS of a pool, or by which pods leave the cluster, is explained by whose it is and which node holds it.`,
		Example: `    headgate explain -f examples/three-tier 0x4847bd9d1ecf2233
    headgate explain -f examples/services '10.96.0.20 . tcp . 80 . 1'
    headgate explain -f examples/services --node node-1 group:1212625478
    headgate explain HG1103`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	cmd.Flags().StringArrayVar(&o.nodes, "node", nil, "only what this node has; repeatable")
	return cmd
}

// explanation says what one thing is. Kind is "rule", "rules" (a chain or other list), "set", "table", "frame", "service" (what is
// dialled), "backend", "address", "group" or "code".
type explanation struct {
	Thing   string   `json:"thing"`
	Kind    string   `json:"kind"`
	Means   string   `json:"means"`
	Sources []rule   `json:"sources,omitempty"`
	Nodes   []string `json:"nodes,omitempty"`
	Hint    string   `json:"hint,omitempty"`
}

func (o *explainOptions) run(cmd *cobra.Command, args []string) error {
	var g *generation
	var found []explanation
	for _, thing := range args {
		if code, ok := explainCode(thing); ok {
			found = append(found, code)
			continue
		}
		if g == nil {
			var err error
			if g, err = o.input.generate(cmd, string(lab.NFTables), compiler.Options{Nodes: o.nodes}); err != nil {
				return err
			}
			if err := (&compileOptions{nodes: o.nodes}).checkNodes(g); err != nil {
				return err
			}
		}
		list, err := explain(newEvalInput(g), g.result, thing)
		if err != nil {
			return err
		}
		found = append(found, list...)
	}
	return o.out.write(cmd.OutOrStdout(), found, func() string {
		var b strings.Builder
		for _, e := range found {
			e.text(&b)
		}
		return b.String()
	})
}

func explainCode(thing string) (explanation, bool) {
	for _, row := range diag.Codes() {
		if strings.EqualFold(thing, string(row.Code)) {
			return explanation{Thing: string(row.Code), Kind: "code", Means: row.Severity.String() + ": " + row.Title, Hint: row.Hint}, true
		}
	}
	return explanation{}, false
}

// explain finds what a word from a node stands for.
func explain(in *evalInput, result *compiler.Result, thing string) ([]explanation, error) {
	if list, is, err := in.explainService(result, thing); is {
		return list, err
	}
	list := explainRules(in, result, thing)
	if len(list) == 0 {
		return nil, fmt.Errorf("%q is no rule id, comment, cookie, chain, set, group or address of a Service that this input makes", thing)
	}
	return list, nil
}

// explainRules finds what policies make, and what no declaration does.
func explainRules(in *evalInput, result *compiler.Result, thing string) []explanation {
	if cookie, ok := parseCookie(thing); ok {
		if id, isRule := openflow.RuleOf(cookie); isRule {
			return explainRule(result, thing, id)
		}
		if table, ok := tableOf(cookie); ok {
			return []explanation{{Thing: thing, Kind: "table", Means: table, Hint: flowHint(cookie)}}
		}
	}
	word := strings.Trim(thing, `"`)
	word, _, _ = strings.Cut(word, " ") // a comment begins with the rule's id
	if id, err := strconv.ParseUint(word, 16, 48); err == nil {
		if list := explainRule(result, thing, ir.RuleID(id)); len(list) > 0 {
			return list
		}
	}
	// The names that targets give to chains and sets end in the name that the IR gives to lists and sets.
	name := word[strings.LastIndexAny(word, "_@")+1:]
	if list := append(explainLists(result, thing, name), explainSets(result, thing, name)...); len(list) > 0 {
		return list
	}
	return explainFrame(in, result, thing, strings.TrimPrefix(word, "@"))
}

// explainFrame finds the objects of an nftables ruleset that stand for nothing in the input alone.
func explainFrame(in *evalInput, result *compiler.Result, thing, name string) []explanation {
	e := explanation{Thing: thing, Kind: "frame"}
	var held []artifact.Object
	for _, p := range result.Placed {
		for _, o := range nft.Generate(p, &diag.Report{}).Objects {
			if o.Key == "chain "+name || o.Key == "map "+name || o.Key == "set "+name {
				e.Means = o.Key + ", which no single declaration makes"
				e.Nodes = append(e.Nodes, p.Node)
				held = append(held, o)
			}
		}
	}
	if len(e.Nodes) == 0 {
		return nil
	}
	in.describeElements(&e, held)
	return []explanation{e}
}

func parseCookie(thing string) (uint64, bool) {
	text, isHex := strings.CutPrefix(strings.TrimPrefix(thing, "cookie="), "0x")
	if !isHex {
		return 0, false
	}
	cookie, err := strconv.ParseUint(text, 16, 64)
	return cookie, err == nil
}

// tableOf describes the table whose number a cookie of no rule carries.
func tableOf(cookie uint64) (string, bool) {
	if cookie&openflow.CookieMask != openflow.CookieMarker {
		return "", false
	}
	info, ok := openflow.Table(cookie &^ openflow.CookieMask).Info()
	return fmt.Sprintf("a flow of table %s, of no single rule: %s", info.Name, info.Purpose), ok
}

// lists calls f for every rule list of every node.
func lists(result *compiler.Result, f func(p *ir.Pipeline, d ir.Direction, ph ir.Phase, l *ir.List)) {
	for _, p := range result.Placed {
		for _, d := range ir.Directions() {
			for _, ph := range ir.Phases() {
				c := p.Classifier(d, ph)
				for i := range c.Lists {
					f(p, d, ph, &c.Lists[i])
				}
			}
		}
	}
}

func explainRule(result *compiler.Result, thing string, id ir.RuleID) []explanation {
	e := explanation{Thing: thing, Kind: "rule"}
	lists(result, func(p *ir.Pipeline, d ir.Direction, _ ir.Phase, l *ir.List) {
		for i := range l.Rules {
			r := &l.Rules[i]
			if r.ID != id {
				continue
			}
			e.Means = fmt.Sprintf("%s %s %s", d, r.Action, r.L4)
			if r.Logging.On {
				e.Means += ", logged" + labelText(r.Logging.Label)
			}
			e.add(p.Node, r.Origins)
		}
	})
	if len(e.Nodes) == 0 {
		return nil
	}
	return []explanation{e}
}

func (e *explanation) add(node string, origins []*source.Origin) {
	if !slices.Contains(e.Nodes, node) {
		e.Nodes = append(e.Nodes, node)
	}
	for _, o := range origins {
		if r := ruleOf(o); !slices.Contains(e.Sources, r) {
			e.Sources = append(e.Sources, r)
		}
	}
}

func explainLists(result *compiler.Result, thing, name string) []explanation {
	var out []explanation
	lists(result, func(p *ir.Pipeline, d ir.Direction, ph ir.Phase, l *ir.List) {
		if l.Name != name {
			return
		}
		policies, names, _ := strings.Cut(l.Key, "|")
		means := fmt.Sprintf("%s rules, phase %s, of the pods that these concern: %s", d, ph, policies)
		if names != "" {
			means += "; where " + strings.ReplaceAll(names, "|", ", ")
		}
		i := slices.IndexFunc(out, func(e explanation) bool { return e.Means == means })
		if i < 0 {
			out = append(out, explanation{Thing: thing, Kind: "rules", Means: means})
			i = len(out) - 1
		}
		for _, r := range l.Rules {
			out[i].add(p.Node, r.Origins)
		}
	})
	return out
}

func explainSets(result *compiler.Result, thing, name string) []explanation {
	e := explanation{Thing: thing, Kind: "set"}
	for _, p := range result.Placed {
		for i, s := range p.Sets {
			if s.Name != name {
				continue
			}
			e.Means = meaningOf(&s)
			e.add(p.Node, originsOfSet(p, ir.SetID(i)))
		}
	}
	if len(e.Nodes) == 0 {
		return nil
	}
	return []explanation{e}
}

// meaningOf says what a set holds.
func meaningOf(s *ir.Set) string {
	switch s.Kind {
	case ir.Names:
		return "addresses that DNS gives for " + strings.Join(s.Patterns, ", ")
	case ir.Dialled:
		var dials []string
		for _, d := range s.Dials {
			dials = append(dials, d.String())
		}
		return fmt.Sprintf("what was dialled: %s of %s", strings.Join(dials, ", "), s.Key)
	}
	return fmt.Sprintf("%s of %s", s.Kind, s.Key)
}

// originsOfSet lists the declarations of the rules that use a set.
func originsOfSet(p *ir.Pipeline, id ir.SetID) []*source.Origin {
	var out []*source.Origin
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				for _, r := range l.Rules {
					if slices.Contains(r.Peers, id) {
						out = append(out, r.Origins...)
					}
				}
			}
		}
	}
	return ir.SortOrigins(out)
}

func (e *explanation) text(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n", e.Thing, e.Means)
	if e.Hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", e.Hint)
	}
	for _, r := range e.Sources {
		fmt.Fprintf(w, "  from %s\n", r)
	}
	if len(e.Nodes) > 0 {
		fmt.Fprintf(w, "  on %s\n", strings.Join(e.Nodes, ", "))
	}
}
