package syntax

import "github.com/headgate-net/headgate/compiler/syntax/gen"

// VisitPeers gives a []Peer.
func (b *builder) VisitPeers(ctx *gen.PeersContext) any { return each[Peer](b, ctx.AllPeer()) }

// VisitAnyPeer gives a Peer, as do all methods about peers.
func (b *builder) VisitAnyPeer(ctx *gen.AnyPeerContext) any {
	return Peer{Span: b.span(ctx), Kind: AnyPeer}
}

// VisitNonePeer is for nobody.
func (b *builder) VisitNonePeer(ctx *gen.NonePeerContext) any {
	return Peer{Span: b.span(ctx), Kind: NonePeer}
}

// VisitMemberPeer is for pods and machines.
func (b *builder) VisitMemberPeer(ctx *gen.MemberPeerContext) any {
	p := Peer{Span: b.span(ctx), Kind: Pods, Selector: optional[*Selector](b, ctx.Selector()), In: optional[*Place](b, ctx.Place())}
	if ctx.GetWhat().GetText() == "machines" {
		p.Kind = Machines
	}
	return p
}

// VisitPlacePeer is for all pods of a place.
func (b *builder) VisitPlacePeer(ctx *gen.PlacePeerContext) any {
	return Peer{Span: b.span(ctx), Kind: Everybody, In: read[*Place](b, ctx.Place())}
}

// VisitNodesPeer is for nodes.
func (b *builder) VisitNodesPeer(ctx *gen.NodesPeerContext) any {
	return Peer{Span: b.span(ctx), Kind: Nodes, Selector: optional[*Selector](b, ctx.Selector())}
}

// VisitNamedPeer is for what has a name.
func (b *builder) VisitNamedPeer(ctx *gen.NamedPeerContext) any {
	return Peer{Span: b.span(ctx), Kind: namedKind(ctx.GetWhat().GetText()), Name: read[Word](b, ctx.Name())}
}

// namedKind is the kind of peer that begins with a keyword and has a name.
func namedKind(keyword string) PeerKind {
	switch keyword {
	case "group":
		return GroupNamed
	case "account":
		return AccountOf
	case "service":
		return ServiceOf
	case "pod":
		return PodNamed
	case "node":
		return NodeNamed
	default:
		return Domain
	}
}

// VisitBlockPeer is for addresses.
func (b *builder) VisitBlockPeer(ctx *gen.BlockPeerContext) any {
	return Peer{Span: b.span(ctx), Kind: Block, Name: read[Word](b, ctx.Address()), Except: optional[[]Word](b, ctx.Addresses())}
}

// VisitAddresses gives a []Word.
func (b *builder) VisitAddresses(ctx *gen.AddressesContext) any {
	return each[Word](b, ctx.AllAddress())
}

// VisitReferencePeer is for the name of a let.
func (b *builder) VisitReferencePeer(ctx *gen.ReferencePeerContext) any {
	return Peer{Span: b.span(ctx), Kind: PeerNamed, Name: b.first(ctx)}
}

// VisitSelectedPlace gives a *Place, as do all methods about places.
func (b *builder) VisitSelectedPlace(ctx *gen.SelectedPlaceContext) any {
	return &Place{Span: b.span(ctx), Kind: Selected, Selector: optional[*Selector](b, ctx.Selector())}
}

// VisitNamedPlace is for one namespace.
func (b *builder) VisitNamedPlace(ctx *gen.NamedPlaceContext) any {
	return &Place{Span: b.span(ctx), Kind: Named, Name: read[Word](b, ctx.Name())}
}

// VisitOwnPlace is for the subject's own namespace.
func (b *builder) VisitOwnPlace(ctx *gen.OwnPlaceContext) any {
	return &Place{Span: b.span(ctx), Kind: Own}
}

// VisitSamePlace is for namespaces like the subject's.
func (b *builder) VisitSamePlace(ctx *gen.SamePlaceContext) any {
	return &Place{Span: b.span(ctx), Kind: SameAsOwner, Keys: each[Word](b, ctx.AllName())}
}

// VisitSelector gives a *Selector.
func (b *builder) VisitSelector(ctx *gen.SelectorContext) any {
	return &Selector{Span: b.span(ctx), Requirements: each[Requirement](b, ctx.AllRequirement())}
}

// VisitEqual gives a Requirement, as do the next two.
func (b *builder) VisitEqual(ctx *gen.EqualContext) any {
	r := Requirement{Span: b.span(ctx), Key: read[Word](b, ctx.Name(0)), Values: []Word{read[Word](b, ctx.Name(1))}}
	if ctx.GetSign().GetText() == "!=" {
		r.Is = Differs
	}
	return r
}

// VisitAmong is for lists of values.
func (b *builder) VisitAmong(ctx *gen.AmongContext) any {
	words := each[Word](b, ctx.AllName())
	r := Requirement{Span: b.span(ctx), Key: words[0], Is: Among, Values: words[1:]}
	if ctx.GetNegated() != nil {
		r.Is = NotAmong
	}
	return r
}

// VisitExists is for keys alone.
func (b *builder) VisitExists(ctx *gen.ExistsContext) any {
	r := Requirement{Span: b.span(ctx), Key: read[Word](b, ctx.Name()), Is: Present}
	if ctx.GetNegated() != nil {
		r.Is = Absent
	}
	return r
}

// VisitPorts gives a []Port.
func (b *builder) VisitPorts(ctx *gen.PortsContext) any { return each[Port](b, ctx.AllPort()) }

// VisitTransportPort gives a Port, as do all methods about ports.
func (b *builder) VisitTransportPort(ctx *gen.TransportPortContext) any {
	return Port{Span: b.span(ctx), Kind: Transport, Protocol: read[Word](b, ctx.Transport()), Value: b.token(ctx.GetVal()), Source: b.token(ctx.GetOrigin())}
}

// VisitAnotherPort is for more ports of one protocol.
func (b *builder) VisitAnotherPort(ctx *gen.AnotherPortContext) any {
	return Port{Span: b.span(ctx), Kind: AnotherPort, Value: b.token(ctx.GetVal()), Source: b.token(ctx.GetOrigin())}
}

// VisitIcmpPort is for messages.
func (b *builder) VisitIcmpPort(ctx *gen.IcmpPortContext) any {
	return Port{Span: b.span(ctx), Kind: ICMP, Value: b.token(ctx.GetVal())}
}

// VisitIgmpPort is for what is about groups.
func (b *builder) VisitIgmpPort(ctx *gen.IgmpPortContext) any {
	return Port{Span: b.span(ctx), Kind: IGMP, Value: b.token(ctx.GetVal()), Group: optional[Word](b, ctx.Address())}
}

// VisitNamedPort is for names of ports.
func (b *builder) VisitNamedPort(ctx *gen.NamedPortContext) any {
	return Port{Span: b.span(ctx), Kind: ByName, Value: b.token(ctx.GetVal())}
}

// VisitReferencePort is for the name of a let.
func (b *builder) VisitReferencePort(ctx *gen.ReferencePortContext) any {
	return Port{Span: b.span(ctx), Kind: PortsNamed, Value: b.token(ctx.GetVal())}
}

// VisitTransport gives a Word.
func (b *builder) VisitTransport(ctx *gen.TransportContext) any { return b.first(ctx) }

// VisitListens gives a []Listen.
func (b *builder) VisitListens(ctx *gen.ListensContext) any { return each[Listen](b, ctx.AllListen()) }

// VisitListen gives a Listen.
func (b *builder) VisitListen(ctx *gen.ListenContext) any {
	return Listen{Span: b.span(ctx), Name: optional[Word](b, ctx.Name()), Protocol: read[Word](b, ctx.Transport()), Port: b.token(ctx.GetNumber()),
		To: b.token(ctx.GetTarget()), Node: b.token(ctx.GetHost())}
}

// VisitFace gives a Face.
func (b *builder) VisitFace(ctx *gen.FaceContext) any {
	return Face{Name: optional[Word](b, ctx.Name()), Addrs: read[[]Word](b, ctx.Addresses())}
}

// VisitBody gives a []Field.
func (b *builder) VisitBody(ctx *gen.BodyContext) any { return each[Field](b, ctx.AllField()) }

// VisitField gives a Field.
func (b *builder) VisitField(ctx *gen.FieldContext) any {
	return Field{Span: b.span(ctx), Path: read[Word](b, ctx.Name()), Value: read[Value](b, ctx.Value())}
}

// VisitScalar gives a Value, as do the next two.
func (b *builder) VisitScalar(ctx *gen.ScalarContext) any {
	return Value{Span: b.span(ctx), Kind: Scalar, Word: read[Word](b, ctx.Word())}
}

// VisitList is for lists.
func (b *builder) VisitList(ctx *gen.ListContext) any {
	return Value{Span: b.span(ctx), Kind: List, Items: each[Value](b, ctx.AllValue())}
}

// VisitMapping is for mappings.
func (b *builder) VisitMapping(ctx *gen.MappingContext) any {
	return Value{Span: b.span(ctx), Kind: Mapping, Fields: each[Field](b, ctx.AllField())}
}

// VisitWords gives a []Word.
func (b *builder) VisitWords(ctx *gen.WordsContext) any { return each[Word](b, ctx.AllWord()) }

// VisitWord gives a Word, as do the rest.
func (b *builder) VisitWord(ctx *gen.WordContext) any { return b.first(ctx) }

// VisitAddress is for addresses.
func (b *builder) VisitAddress(ctx *gen.AddressContext) any { return b.first(ctx) }

// VisitName is for names.
func (b *builder) VisitName(ctx *gen.NameContext) any { return b.first(ctx) }

// VisitKeyword is for keywords that are names.
func (b *builder) VisitKeyword(ctx *gen.KeywordContext) any { return b.first(ctx) }
