package syntax

import (
	"strings"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
	"github.com/headgate-net/headgate/internal/diag"
)

// builder turns ANTLR's tree of a text without errors into ours. It is a visitor with a method for every rule of the grammar and every
// labelled alternative, so that a rule without one does not compile.
type builder struct {
	antlr.BaseParseTreeVisitor
	text *text
}

var _ gen.HeadgateVisitor = (*builder)(nil)

// read visits a tree whose method gives a T.
func read[T any](b *builder, t antlr.ParseTree) T { return t.Accept(b).(T) }

// optional is read for what may be absent.
func optional[T any, C interface {
	comparable
	antlr.ParseTree
}](b *builder, t C) T {
	var none C
	if t == none {
		var zero T
		return zero
	}
	return read[T](b, t)
}

// each reads a list.
func each[T any, C antlr.ParseTree](b *builder, trees []C) []T {
	var out []T
	for _, t := range trees {
		out = append(out, read[T](b, t))
	}
	return out
}

// token makes a word of a token; the zero Word of none.
func (b *builder) token(t antlr.Token) Word {
	if t == nil {
		return Word{}
	}
	w := Word{Span: b.text.span(t, t), Text: t.GetText()}
	if t.GetTokenType() == gen.HeadgateLexerLABEL {
		w.Text = strings.TrimSuffix(w.Text, ":")
		w.EndCol--
	}
	if strings.HasPrefix(w.Text, `"`) {
		w.Text, w.Quoted = b.text.unquote(w), true
	}
	return w
}

func (b *builder) first(ctx antlr.ParserRuleContext) Word { return b.token(ctx.GetStart()) }

func (b *builder) span(ctx antlr.ParserRuleContext) Span {
	return b.text.span(ctx.GetStart(), ctx.GetStop())
}

func (b *builder) head(ctx antlr.ParserRuleContext, name gen.INameContext, meta gen.IMetaContext) Head {
	h := read[Head](b, meta)
	h.Span, h.Name = b.span(ctx), read[Word](b, name)
	return h
}

// VisitFile gives a *File.
func (b *builder) VisitFile(ctx *gen.FileContext) any {
	return &File{Imports: each[*Import](b, ctx.AllImporting()), Decls: each[Decl](b, ctx.AllDeclaration())}
}

// VisitImporting gives an *Import.
func (b *builder) VisitImporting(ctx *gen.ImportingContext) any {
	return &Import{Span: b.span(ctx), Path: b.token(ctx.GetPath())}
}

// VisitLet gives a *Let. All methods about declarations give what they are named after.
func (b *builder) VisitLet(ctx *gen.LetContext) any {
	l := &Let{Span: b.span(ctx), Name: b.token(ctx.GetLabel())}
	ports := false
	terms := each[any](b, ctx.AllTerm())
	for _, term := range terms {
		_, is := term.(Port)
		ports = ports || is
	}
	for _, term := range terms {
		peer, is := term.(Peer)
		switch {
		case is && !ports:
			l.Peers = append(l.Peers, peer)
		case is:
			l.Ports = append(l.Ports, b.portOf(peer))
		default:
			l.Ports = append(l.Ports, term.(Port))
		}
	}
	return l
}

// portOf is what looks like a peer but stands among ports: a name, or a number.
func (b *builder) portOf(p Peer) Port {
	switch {
	case p.Kind == PeerNamed:
		return Port{Span: p.Span, Kind: PortsNamed, Value: p.Name}
	case p.Kind != Block || len(p.Except) > 0 || strings.ContainsAny(p.Name.Text, ".:/"):
		b.text.report(diag.LanguageSyntax, p.Span, "write two lets, one for peers and one for ports", "a list is of peers or of ports, not of both")
	}
	return Port{Span: p.Span, Kind: AnotherPort, Value: p.Name}
}

// VisitTerm gives a Peer or a Port.
func (b *builder) VisitTerm(ctx *gen.TermContext) any {
	if peer := ctx.Peer(); peer != nil {
		return peer.Accept(b)
	}
	return ctx.Port().Accept(b)
}

// VisitNamespace is for namespaces.
func (b *builder) VisitNamespace(ctx *gen.NamespaceContext) any {
	return &Namespace{Head: b.head(ctx, ctx.Name(), ctx.Meta()), Block: ctx.GetBlock() != nil, Decls: each[Decl](b, ctx.AllDeclaration())}
}

// VisitPolicy is for policies.
func (b *builder) VisitPolicy(ctx *gen.PolicyContext) any {
	p := optional[Policy](b, ctx.Standing())
	p.Head = b.head(ctx, ctx.Name(0), ctx.Meta())
	p.Tier, p.Priority = optional[Word](b, ctx.GetTier()), b.token(ctx.GetPriority())
	p.For, p.Rules = optional[[]Peer](b, ctx.Peers()), each[Rule](b, ctx.AllPolicyRule())
	p.Partial = b.text.missing.within(b.text, ctx.GetStart(), ctx.GetStop())
	return &p
}

// VisitStanding gives a Policy that says what it is.
func (b *builder) VisitStanding(ctx *gen.StandingContext) any {
	return Policy{Standing: Standing(ctx.GetLevel().GetText()), Legacy: ctx.GetLegacy() != nil}
}

// VisitTier is for tiers.
func (b *builder) VisitTier(ctx *gen.TierContext) any {
	return &Tier{Head: b.head(ctx, ctx.Name(), ctx.Meta()), Priority: b.token(ctx.GetPriority()), Description: b.token(ctx.GetDescription())}
}

// VisitGroup is for groups.
func (b *builder) VisitGroup(ctx *gen.GroupContext) any {
	return &Group{Head: b.head(ctx, ctx.Name(), ctx.Meta()), Peers: read[[]Peer](b, ctx.Peers())}
}

// VisitEgress is for Egresses.
func (b *builder) VisitEgress(ctx *gen.EgressContext) any {
	return &Egress{Head: b.head(ctx, ctx.Name(), ctx.Meta()), For: read[[]Peer](b, ctx.Peers()), As: optional[[]Word](b, ctx.GetAddrs()),
		Pools: optional[[]Word](b, ctx.GetPools()), Rate: b.token(ctx.GetRate()), Burst: b.token(ctx.GetBurst()), Fields: optional[[]Field](b, ctx.Body())}
}

// VisitPool is for pools.
func (b *builder) VisitPool(ctx *gen.PoolContext) any {
	return &Pool{Head: b.head(ctx, ctx.Name(), ctx.Meta()), Ranges: read[[]Word](b, ctx.Words()), Gateway: optional[Word](b, ctx.GetGateway()),
		VLAN: b.token(ctx.GetVlan()), Limited: ctx.GetLimited() != nil, Nodes: optional[*Selector](b, ctx.Selector())}
}

// VisitNode is for nodes.
func (b *builder) VisitNode(ctx *gen.NodeContext) any {
	return &Node{Head: b.head(ctx, ctx.Name(), ctx.Meta()), Addrs: optional[[]Word](b, ctx.GetAddrs()), Pods: optional[[]Word](b, ctx.GetPrefixes()),
		Fields: optional[[]Field](b, ctx.Body())}
}

// VisitPod is for pods.
func (b *builder) VisitPod(ctx *gen.PodContext) any {
	return &Pod{Head: b.head(ctx, ctx.Name(0), ctx.Meta()), Node: optional[Word](b, ctx.GetHost()), Addrs: optional[[]Word](b, ctx.GetAddrs()),
		Ports: optional[[]Listen](b, ctx.Listens()), Fields: optional[[]Field](b, ctx.Body())}
}

// VisitService is for Services.
func (b *builder) VisitService(ctx *gen.ServiceContext) any {
	return &Service{Head: b.head(ctx, ctx.Name(0), ctx.Meta()), Type: optional[Word](b, ctx.GetType_()), Selects: ctx.GetSelects() != nil,
		Pods: optional[*Selector](b, ctx.Selector()), Addrs: optional[[]Word](b, ctx.GetAddrs()), Ports: optional[[]Listen](b, ctx.Listens()),
		Fields: optional[[]Field](b, ctx.Body())}
}

// VisitMachine is for machines.
func (b *builder) VisitMachine(ctx *gen.MachineContext) any {
	return &Machine{Head: b.head(ctx, ctx.Name(), ctx.Meta()), Faces: each[Face](b, ctx.AllFace())}
}

// VisitEntity is for entities.
func (b *builder) VisitEntity(ctx *gen.EntityContext) any {
	return &Entity{Head: b.head(ctx, ctx.Name(0), ctx.Meta()), Machine: optional[Word](b, ctx.GetMachine()), Addrs: optional[[]Word](b, ctx.GetAddrs()),
		Ports: optional[[]Listen](b, ctx.Listens()), Fields: optional[[]Field](b, ctx.Body())}
}

// VisitObject is for objects.
func (b *builder) VisitObject(ctx *gen.ObjectContext) any {
	return &Object{Head: b.head(ctx, ctx.Name(2), ctx.Meta()), Version: read[Word](b, ctx.GetVersion()), Kind: read[Word](b, ctx.GetKind()),
		Fields: read[[]Field](b, ctx.Body())}
}

// VisitExpect is for expectations.
func (b *builder) VisitExpect(ctx *gen.ExpectContext) any {
	return &Expect{Span: b.span(ctx), Verdict: b.token(ctx.GetVerdict()), From: read[[]Peer](b, ctx.GetSource()), To: read[[]Peer](b, ctx.GetDestination()),
		Ports: optional[[]Port](b, ctx.Ports())}
}

// VisitMeta gives a Head.
func (b *builder) VisitMeta(ctx *gen.MetaContext) any {
	return Head{Labels: optional[[]Pair](b, ctx.GetOwn()), Annotations: optional[[]Pair](b, ctx.GetNotes())}
}

// VisitLabels gives a []Pair.
func (b *builder) VisitLabels(ctx *gen.LabelsContext) any { return each[Pair](b, ctx.AllPair()) }

// VisitPair gives a Pair.
func (b *builder) VisitPair(ctx *gen.PairContext) any {
	return Pair{read[Word](b, ctx.GetKey()), read[Word](b, ctx.GetVal())}
}

// VisitPolicyRule gives a Rule.
func (b *builder) VisitPolicyRule(ctx *gen.PolicyRuleContext) any {
	r := Rule{Span: b.span(ctx), Action: b.token(ctx.GetVerb()), Out: ctx.GetWay().GetText() == "to", Log: ctx.GetLog() != nil, Label: b.token(ctx.GetLabel())}
	if label := ctx.LABEL(); label != nil {
		r.Name = b.token(label.GetSymbol())
	}
	r.Peers, r.For = read[[]Peer](b, ctx.GetOthers()), optional[[]Peer](b, ctx.GetSubjects())
	r.Ports = optional[[]Port](b, ctx.Ports())
	return r
}
