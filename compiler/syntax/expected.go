package syntax

import (
	"maps"
	"slices"
	"strings"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/compiler/syntax/gen"
	"github.com/headgate-net/headgate/internal/diag"
)

// explain words an error: what is there, what could be there, and what was probably meant.
func (p *parser) explain(tokens []antlr.Token, f *failure) Problem {
	token := tokens[f.token]
	words := p.expected(tokens, f)
	out := Problem{Code: diag.LanguageSyntax, Span: p.text.span(token, token), Hint: p.hint(token, tokens[max(0, f.token-1)], words)}
	what := `"` + token.GetText() + `"`
	switch token.GetTokenType() {
	case antlr.TokenEOF:
		return p.ends(tokens, words)
	case gen.HeadgateLexerSTRING:
		what = "the string " + token.GetText()
	}
	out.Message = "unexpected " + what
	if phrase := phrase(words); phrase != "" {
		out.Message += "; expected " + phrase
	}
	return out
}

// ends words that a file ends too early: at the line before which a brace is missing, or at the last word, which can be seen; and with the
// bracket that is open.
func (p *parser) ends(tokens []antlr.Token, words []string) Problem {
	out := Problem{Code: diag.LanguageSyntax, Span: Span{1, 1, 1, 1}, Message: "the file ends too early"}
	if phrase := phrase(words); phrase != "" {
		out.Message += "; expected " + phrase
	}
	read := tokens[:len(tokens)-1]
	if last := len(read) - 1; last >= 0 {
		out.Span = p.text.span(read[last], read[last])
	}
	if at := unclosed(tokens); at > 0 {
		out.Span, read = p.text.span(read[at], read[at]), read[:at]
		out.Message = `unexpected "` + tokens[at].GetText() + `"; expected "}" before it`
	}
	var open []antlr.Token
	for _, token := range read {
		switch token.GetText() {
		case "(", "[", "{":
			open = append(open, token)
		case ")", "]", "}":
			open = open[:max(0, len(open)-1)]
		}
	}
	if last := len(open) - 1; last >= 0 {
		closing := map[string]string{"(": ")", "[": "]", "{": "}"}[open[last].GetText()]
		out.Other = &Problem{Span: p.text.span(open[last], open[last]), Message: "what begins here needs a " + closing + " at its end"}
		out.Hint = "write " + closing
	}
	return out
}

// longestLead is how many tokens a sentence may have before an error for what was expected to be told: finding out takes a try for each
// kind of token.
const longestLead = 1000

// expected finds the tokens that could stand in place of the one that does not fit: keywords and signs as they are written, and "name",
// "number", "address", "string", "label" and "end". It tries all of them, behind the shortest beginning that leads to the place.
func (p *parser) expected(tokens []antlr.Token, f *failure) []string {
	var lead []antlr.Token
	for t := antlr.Tree(f.context); t != nil; t = t.GetParent() {
		if open := opening(t); open != nil {
			lead = append(slices.Clone(tokens[open[0]:open[1]]), lead...)
		}
	}
	_, begin := f.sentence()
	lead = append(lead, tokens[begin:f.token]...)
	if len(lead) > longestLead {
		return nil
	}
	end := tokens[len(tokens)-1]
	var out []string
	for kind := 1; kind < len(gen.HeadgateParserStaticData.SymbolicNames); kind++ {
		word, ok := spelling(kind)
		if ok && p.fits(lead, newToken(kind, word), end) {
			out = append(out, word)
		}
	}
	if _, f := p.attempt(append(slices.Clone(lead), end)); f == nil {
		out = append(out, "end")
	}
	newStream(tokens) // the tries have numbered the tokens anew
	return out
}

// opening gives the tokens from the beginning of what has a block up to the brace that opens it, nil for others.
func opening(t antlr.Tree) []int {
	switch ctx := t.(type) {
	case *gen.NamespaceContext, *gen.PolicyContext, *gen.BodyContext:
		return openingOf(ctx.(antlr.ParserRuleContext))
	case *gen.EgressContext, *gen.NodeContext, *gen.PodContext, *gen.ServiceContext, *gen.EntityContext, *gen.ObjectContext:
		rule := ctx.(antlr.ParserRuleContext)
		children := rule.GetChildren()
		if body, ok := children[len(children)-1].(*gen.BodyContext); ok && openingOf(body) != nil {
			return []int{rule.GetStart().GetTokenIndex(), body.GetStart().GetTokenIndex()}
		}
	}
	return nil
}

func openingOf(ctx antlr.ParserRuleContext) []int {
	for _, child := range ctx.GetChildren() {
		if c, ok := child.(antlr.TerminalNode); ok && c.GetSymbol().GetText() == "{" {
			return []int{ctx.GetStart().GetTokenIndex(), c.GetSymbol().GetTokenIndex() + 1}
		}
	}
	return nil
}

// fits tries a token behind others.
func (p *parser) fits(lead []antlr.Token, token, end antlr.Token) bool {
	_, f := p.attempt(append(slices.Clone(lead), token, end))
	return f == nil || f.token > len(lead)
}

func newToken(kind int, text string) antlr.Token {
	token := antlr.CommonTokenFactoryDEFAULT.Create(&antlr.TokenSourceCharStreamPair{}, kind, text, antlr.TokenDefaultChannel, 0, 0, 1, 0)
	token.SetText(text)
	return token
}

// spelling is how a kind of token is told; false for comments and what is no token of the language.
func spelling(kind int) (string, bool) {
	switch kind {
	case gen.HeadgateLexerWORD:
		return "name", true
	case gen.HeadgateLexerNUMBER:
		return "number", true
	case gen.HeadgateLexerADDRESS:
		return "address", true
	case gen.HeadgateLexerSTRING:
		return "string", true
	case gen.HeadgateLexerLABEL:
		return "label", true
	}
	word, ok := keywords()[kind]
	return word, ok
}

// family is a number of words that are told by one phrase where all of them could stand.
type family struct {
	phrase string
	words  []string
}

func families() []family {
	var all []string
	for _, word := range keywords() {
		if word[0] >= 'a' && word[0] <= 'z' {
			all = append(all, word)
		}
	}
	return []family{
		{"a value", append(slices.Clone(all), "name", "number", "address", "string", "[", "{")},
		{"a name or an address", append(slices.Clone(all), "name", "number", "address", "string")},
		{"a name", append(all, "name", "number", "string")},
		{"a declaration", beginnings()[1:]},
		{"a rule, such as allow from any", strings.Fields("allow drop reject pass label")},
		{"a peer, such as pods (app = web) or 10.0.0.0/8", strings.Fields("any none pods machines nodes namespaces namespace own group account service pod node domain name number address")},
		{"a port, such as tcp 80", strings.Fields("tcp udp sctp icmp igmp port name")},
		{"tcp, udp or sctp", strings.Fields("tcp udp sctp")},
		{"an address", strings.Fields("number address")},
	}
}

// phrase tells what was expected.
func phrase(words []string) string {
	words = slices.Clone(words)
	var parts []string
	for _, f := range families() {
		missing := slices.ContainsFunc(f.words, func(word string) bool { return !slices.Contains(words, word) })
		if missing {
			continue
		}
		parts = append(parts, f.phrase)
		words = slices.DeleteFunc(words, func(word string) bool { return slices.Contains(f.words, word) })
	}
	for _, word := range words {
		switch word {
		case "name", "number", "string":
			parts = append(parts, "a "+word)
		case "address":
			parts = append(parts, "an address")
		case "label":
			parts = append(parts, "the name of a rule")
		case "end":
			parts = append(parts, "the end of the file")
		default:
			parts = append(parts, `"`+word+`"`)
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " or " + parts[len(parts)-1]
}

// hint offers the word that was meant.
func (p *parser) hint(token, before antlr.Token, expected []string) string {
	text := token.GetText()
	switch text {
	case `"`:
		return "a string ends on the line on which it begins"
	case "}":
		if slices.Contains(expected, "end") {
			return "no { is open here: write the one that is missing before, or leave this one out"
		}
	case "#", "/":
		return "comments begin with //"
	case ";":
		return "sentences end by themselves: leave it out"
	case "'":
		return `strings have double quotes: "..."`
	case "=":
		if before.GetText() == "=" {
			return "write a single ="
		}
	case "(":
		switch all := before.GetText() + "s"; all {
		case "pods", "nodes", "namespaces", "machines":
			return "did you mean " + all + " instead of " + before.GetText() + "?"
		}
	}
	if meant := foreign()[strings.ToLower(text)]; meant != "" && slices.Contains(expected, strings.Fields(meant)[0]) {
		return "write " + meant
	}
	classes := []string{"name", "number", "address", "string", "label", "end"}
	candidates := slices.DeleteFunc(slices.Clone(expected), func(word string) bool { return len(word) < 2 || slices.Contains(classes, word) })
	if near := schema.Nearest(text, candidates); near != "" && near != text {
		return "did you mean " + near + "?"
	}
	if near := schema.Nearest(before.GetText(), slices.Sorted(maps.Values(keywords()))); before.GetTokenType() == gen.HeadgateLexerWORD && len(before.GetText()) > 2 && near != "" {
		return "did you mean " + near + " instead of " + before.GetText() + "?"
	}
	return ""
}

// foreign has words of other languages, and what they are called here.
func foreign() map[string]string {
	return map[string]string{
		"accept": "allow", "permit": "allow", "deny": "drop", "block": "drop", "ingress": "allow from PEERS", "egress": "allow to PEERS",
		"const": "let", "var": "let", "service_account": "account", "serviceaccount": "account", "fqdn": "domain", "cidr": "the address alone",
		"ipblock": "the address alone", "externalnode": "machine", "externalentity": "entity", "applied": "for", "appliedto": "for",
		"assert": "expect", "test": "expect", "==": "=",
	}
}
