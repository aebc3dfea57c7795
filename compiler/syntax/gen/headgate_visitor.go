// Code generated from Headgate.g4 by ANTLR 4.13.1. DO NOT EDIT.

package gen

import "github.com/antlr4-go/antlr/v4"

// A complete Visitor for a parse tree produced by HeadgateParser.
type HeadgateVisitor interface {
	antlr.ParseTreeVisitor

	// Visit a parse tree produced by HeadgateParser#file.
	VisitFile(ctx *FileContext) interface{}

	// Visit a parse tree produced by HeadgateParser#importing.
	VisitImporting(ctx *ImportingContext) interface{}

	// Visit a parse tree produced by HeadgateParser#let.
	VisitLet(ctx *LetContext) interface{}

	// Visit a parse tree produced by HeadgateParser#namespace.
	VisitNamespace(ctx *NamespaceContext) interface{}

	// Visit a parse tree produced by HeadgateParser#policy.
	VisitPolicy(ctx *PolicyContext) interface{}

	// Visit a parse tree produced by HeadgateParser#tier.
	VisitTier(ctx *TierContext) interface{}

	// Visit a parse tree produced by HeadgateParser#group.
	VisitGroup(ctx *GroupContext) interface{}

	// Visit a parse tree produced by HeadgateParser#egress.
	VisitEgress(ctx *EgressContext) interface{}

	// Visit a parse tree produced by HeadgateParser#pool.
	VisitPool(ctx *PoolContext) interface{}

	// Visit a parse tree produced by HeadgateParser#node.
	VisitNode(ctx *NodeContext) interface{}

	// Visit a parse tree produced by HeadgateParser#pod.
	VisitPod(ctx *PodContext) interface{}

	// Visit a parse tree produced by HeadgateParser#service.
	VisitService(ctx *ServiceContext) interface{}

	// Visit a parse tree produced by HeadgateParser#machine.
	VisitMachine(ctx *MachineContext) interface{}

	// Visit a parse tree produced by HeadgateParser#entity.
	VisitEntity(ctx *EntityContext) interface{}

	// Visit a parse tree produced by HeadgateParser#object.
	VisitObject(ctx *ObjectContext) interface{}

	// Visit a parse tree produced by HeadgateParser#expect.
	VisitExpect(ctx *ExpectContext) interface{}

	// Visit a parse tree produced by HeadgateParser#term.
	VisitTerm(ctx *TermContext) interface{}

	// Visit a parse tree produced by HeadgateParser#standing.
	VisitStanding(ctx *StandingContext) interface{}

	// Visit a parse tree produced by HeadgateParser#meta.
	VisitMeta(ctx *MetaContext) interface{}

	// Visit a parse tree produced by HeadgateParser#labels.
	VisitLabels(ctx *LabelsContext) interface{}

	// Visit a parse tree produced by HeadgateParser#pair.
	VisitPair(ctx *PairContext) interface{}

	// Visit a parse tree produced by HeadgateParser#policyRule.
	VisitPolicyRule(ctx *PolicyRuleContext) interface{}

	// Visit a parse tree produced by HeadgateParser#peers.
	VisitPeers(ctx *PeersContext) interface{}

	// Visit a parse tree produced by HeadgateParser#anyPeer.
	VisitAnyPeer(ctx *AnyPeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#nonePeer.
	VisitNonePeer(ctx *NonePeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#memberPeer.
	VisitMemberPeer(ctx *MemberPeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#placePeer.
	VisitPlacePeer(ctx *PlacePeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#nodesPeer.
	VisitNodesPeer(ctx *NodesPeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#namedPeer.
	VisitNamedPeer(ctx *NamedPeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#blockPeer.
	VisitBlockPeer(ctx *BlockPeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#referencePeer.
	VisitReferencePeer(ctx *ReferencePeerContext) interface{}

	// Visit a parse tree produced by HeadgateParser#addresses.
	VisitAddresses(ctx *AddressesContext) interface{}

	// Visit a parse tree produced by HeadgateParser#selectedPlace.
	VisitSelectedPlace(ctx *SelectedPlaceContext) interface{}

	// Visit a parse tree produced by HeadgateParser#namedPlace.
	VisitNamedPlace(ctx *NamedPlaceContext) interface{}

	// Visit a parse tree produced by HeadgateParser#ownPlace.
	VisitOwnPlace(ctx *OwnPlaceContext) interface{}

	// Visit a parse tree produced by HeadgateParser#samePlace.
	VisitSamePlace(ctx *SamePlaceContext) interface{}

	// Visit a parse tree produced by HeadgateParser#selector.
	VisitSelector(ctx *SelectorContext) interface{}

	// Visit a parse tree produced by HeadgateParser#equal.
	VisitEqual(ctx *EqualContext) interface{}

	// Visit a parse tree produced by HeadgateParser#among.
	VisitAmong(ctx *AmongContext) interface{}

	// Visit a parse tree produced by HeadgateParser#exists.
	VisitExists(ctx *ExistsContext) interface{}

	// Visit a parse tree produced by HeadgateParser#ports.
	VisitPorts(ctx *PortsContext) interface{}

	// Visit a parse tree produced by HeadgateParser#transportPort.
	VisitTransportPort(ctx *TransportPortContext) interface{}

	// Visit a parse tree produced by HeadgateParser#anotherPort.
	VisitAnotherPort(ctx *AnotherPortContext) interface{}

	// Visit a parse tree produced by HeadgateParser#icmpPort.
	VisitIcmpPort(ctx *IcmpPortContext) interface{}

	// Visit a parse tree produced by HeadgateParser#igmpPort.
	VisitIgmpPort(ctx *IgmpPortContext) interface{}

	// Visit a parse tree produced by HeadgateParser#namedPort.
	VisitNamedPort(ctx *NamedPortContext) interface{}

	// Visit a parse tree produced by HeadgateParser#referencePort.
	VisitReferencePort(ctx *ReferencePortContext) interface{}

	// Visit a parse tree produced by HeadgateParser#transport.
	VisitTransport(ctx *TransportContext) interface{}

	// Visit a parse tree produced by HeadgateParser#listens.
	VisitListens(ctx *ListensContext) interface{}

	// Visit a parse tree produced by HeadgateParser#listen.
	VisitListen(ctx *ListenContext) interface{}

	// Visit a parse tree produced by HeadgateParser#face.
	VisitFace(ctx *FaceContext) interface{}

	// Visit a parse tree produced by HeadgateParser#body.
	VisitBody(ctx *BodyContext) interface{}

	// Visit a parse tree produced by HeadgateParser#field.
	VisitField(ctx *FieldContext) interface{}

	// Visit a parse tree produced by HeadgateParser#scalar.
	VisitScalar(ctx *ScalarContext) interface{}

	// Visit a parse tree produced by HeadgateParser#list.
	VisitList(ctx *ListContext) interface{}

	// Visit a parse tree produced by HeadgateParser#mapping.
	VisitMapping(ctx *MappingContext) interface{}

	// Visit a parse tree produced by HeadgateParser#words.
	VisitWords(ctx *WordsContext) interface{}

	// Visit a parse tree produced by HeadgateParser#word.
	VisitWord(ctx *WordContext) interface{}

	// Visit a parse tree produced by HeadgateParser#address.
	VisitAddress(ctx *AddressContext) interface{}

	// Visit a parse tree produced by HeadgateParser#name.
	VisitName(ctx *NameContext) interface{}

	// Visit a parse tree produced by HeadgateParser#keyword.
	VisitKeyword(ctx *KeywordContext) interface{}
}
