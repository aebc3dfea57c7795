// Code generated from Headgate.g4 by ANTLR 4.13.1. DO NOT EDIT.

package gen

import "github.com/antlr4-go/antlr/v4"

type BaseHeadgateVisitor struct {
	*antlr.BaseParseTreeVisitor
}

func (v *BaseHeadgateVisitor) VisitFile(ctx *FileContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitImporting(ctx *ImportingContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitLet(ctx *LetContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitNamespace(ctx *NamespaceContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPolicy(ctx *PolicyContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitTier(ctx *TierContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitGroup(ctx *GroupContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitEgress(ctx *EgressContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPool(ctx *PoolContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitNode(ctx *NodeContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPod(ctx *PodContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitService(ctx *ServiceContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitMachine(ctx *MachineContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitEntity(ctx *EntityContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitObject(ctx *ObjectContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitExpect(ctx *ExpectContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitTerm(ctx *TermContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitStanding(ctx *StandingContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitMeta(ctx *MetaContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitLabels(ctx *LabelsContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPair(ctx *PairContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPolicyRule(ctx *PolicyRuleContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPeers(ctx *PeersContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitAnyPeer(ctx *AnyPeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitNonePeer(ctx *NonePeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitMemberPeer(ctx *MemberPeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPlacePeer(ctx *PlacePeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitNodesPeer(ctx *NodesPeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitNamedPeer(ctx *NamedPeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitBlockPeer(ctx *BlockPeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitReferencePeer(ctx *ReferencePeerContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitAddresses(ctx *AddressesContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitSelectedPlace(ctx *SelectedPlaceContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitNamedPlace(ctx *NamedPlaceContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitOwnPlace(ctx *OwnPlaceContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitSamePlace(ctx *SamePlaceContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitSelector(ctx *SelectorContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitEqual(ctx *EqualContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitAmong(ctx *AmongContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitExists(ctx *ExistsContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitPorts(ctx *PortsContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitTransportPort(ctx *TransportPortContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitAnotherPort(ctx *AnotherPortContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitIcmpPort(ctx *IcmpPortContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitIgmpPort(ctx *IgmpPortContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitNamedPort(ctx *NamedPortContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitReferencePort(ctx *ReferencePortContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitTransport(ctx *TransportContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitListens(ctx *ListensContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitListen(ctx *ListenContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitFace(ctx *FaceContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitBody(ctx *BodyContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitField(ctx *FieldContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitScalar(ctx *ScalarContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitList(ctx *ListContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitMapping(ctx *MappingContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitWords(ctx *WordsContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitWord(ctx *WordContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitAddress(ctx *AddressContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitName(ctx *NameContext) interface{} {
	return v.VisitChildren(ctx)
}

func (v *BaseHeadgateVisitor) VisitKeyword(ctx *KeywordContext) interface{} {
	return v.VisitChildren(ctx)
}
