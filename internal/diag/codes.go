package diag

// Code is a finding's stable name, "HG" and four digits. The thousands tell the stage: 1 input, 2 resolving, 3 analysis of
// rules, 4 targets, 5 runtime, 9 defects of headgate itself. A code is never reused.
type Code string

// Row documents one code: its severity, what it means and the standard way out.
type Row struct {
	Code     Code
	Severity Severity
	Title    string
	Hint     string
}

// The codes. Codes returns the table that documents them.
const (
	Syntax             Code = "HG1001"
	UnknownField       Code = "HG1002"
	WrongType          Code = "HG1003"
	DuplicateKey       Code = "HG1004"
	MissingField       Code = "HG1005"
	BadName            Code = "HG1006"
	UnknownKind        Code = "HG1007"
	DuplicateObject    Code = "HG1008"
	Unreadable         Code = "HG1009"
	NoManifests        Code = "HG1010"
	TooLarge           Code = "HG1011"
	UnknownVersion     Code = "HG1012"
	RemoteInput        Code = "HG1013"
	BadCIDR            Code = "HG1101"
	HostBits           Code = "HG1102"
	ExceptOutside      Code = "HG1103"
	BadAddress         Code = "HG1104"
	BadPort            Code = "HG1105"
	BadPortRange       Code = "HG1106"
	BadProtocol        Code = "HG1107"
	BadSelector        Code = "HG1108"
	BadPeer            Code = "HG1109"
	BadPolicyType      Code = "HG1110"
	BadLabel           Code = "HG1111"
	IgnoredRules       Code = "HG1112"
	BadPriority        Code = "HG1113"
	BadAction          Code = "HG1114"
	BadAppliedTo       Code = "HG1115"
	BadDomainName      Code = "HG1116"
	BadICMP            Code = "HG1117"
	DuplicateRule      Code = "HG1118"
	BadCount           Code = "HG1119"
	BadGroup           Code = "HG1120"
	LateTier           Code = "HG1121"
	LongLogLabel       Code = "HG1122"
	NotSupported       Code = "HG1123"
	BadService         Code = "HG1124"
	IgnoredValue       Code = "HG1125"
	BadNeed            Code = "HG1126"
	BadEgress          Code = "HG1127"
	BadPool            Code = "HG1128"
	BadQuantity        Code = "HG1129"
	GatewayInRange     Code = "HG1130"
	LanguageSyntax     Code = "HG1201"
	UndeclaredName     Code = "HG1202"
	DeclaredTwice      Code = "HG1203"
	BadImport          Code = "HG1204"
	Misplaced          Code = "HG1205"
	EndlessName        Code = "HG1206"
	UnmetExpectation   Code = "HG1207"
	LeftOut            Code = "HG1208"
	DuplicateAddress   Code = "HG2001"
	UnknownNode        Code = "HG2002"
	SelectsNothing     Code = "HG2003"
	UnresolvedPort     Code = "HG2004"
	UnknownNamespace   Code = "HG2005"
	PodWithoutAddress  Code = "HG2006"
	UnknownTier        Code = "HG2007"
	DuplicateTier      Code = "HG2008"
	UnknownGroup       Code = "HG2009"
	GroupNesting       Code = "HG2010"
	BlocksInAppliedTo  Code = "HG2011"
	GroupReachesOut    Code = "HG2012"
	NotYet             Code = "HG2013"
	EqualPriority      Code = "HG2014"
	MixedBaselines     Code = "HG2015"
	UnknownService     Code = "HG2016"
	EnforcedNowhere    Code = "HG2017"
	TooManyTiers       Code = "HG2018"
	UnknownPool        Code = "HG2019"
	PoolExhausted      Code = "HG2020"
	AddressOutsidePool Code = "HG2021"
	AddressTaken       Code = "HG2022"
	OverlappingPools   Code = "HG2023"
	NoNodeForAddress   Code = "HG2024"
	TwoEgresses        Code = "HG2025"
	SeveralLimits      Code = "HG2026"
	ShadowedRule       Code = "HG3001"
	RedundantRule      Code = "HG3002"
	AnalysisLimited    Code = "HG3003"
	AmbiguousOrder     Code = "HG3004"
	PassLeadsNowhere   Code = "HG3005"
	MatchesNothing     Code = "HG3006"
	LocksOut           Code = "HG3007"
	CannotExpress      Code = "HG4001"
	IDCollision        Code = "HG4002"
	TooManyExits       Code = "HG4003"
	NotServedHere      Code = "HG4004"
	ApplyRefused       Code = "HG5001"
	GateOff            Code = "HG5002"
	Internal           Code = "HG9001"
)

// Codes returns the table of every code, in order. test/case/testdata/codes has an input for each that an input can produce.
//
//headgate:table
func Codes() []Row {
	return []Row{
		{Syntax, Error, "the text is not well-formed YAML or JSON", "correct the syntax at this place"},
		{UnknownField, Error, "the object's kind has no such field", "remove the field or correct its spelling"},
		{WrongType, Error, "the field's value has another type than the field", "write a value of the type named in the message"},
		{DuplicateKey, Error, "a key occurs twice in one mapping", "keep one of the two"},
		{MissingField, Error, "a required field is missing", "add the field"},
		{BadName, Error, "a name is not a valid Kubernetes name", "use lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit"},
		{UnknownKind, Note, "objects of kinds that headgate does not read were skipped", ""},
		{DuplicateObject, Error, "the same object is declared twice", "keep one of the two declarations"},
		{Unreadable, Error, "an input cannot be read", "check that the path exists and is readable"},
		{NoManifests, Error, "the input holds no manifests", "name a file or directory with .yaml, .yml, .json or .hg files; -R descends into directories"},
		{TooLarge, Error, "a limit on the input's size or depth is exceeded", "split the input"},
		{UnknownVersion, Error, "headgate reads this kind, but not in this API version", "use the version named in the message"},
		{RemoteInput, Error, "a kustomization names something that would have to be fetched; headgate does not use the network", "vendor it and name the copy, or pipe `kustomize build DIR` into `headgate compile -f -`"},
		{BadCIDR, Error, "a CIDR cannot be read", "write ADDRESS/LENGTH, for instance 10.0.0.0/8 or 2001:db8::/32"},
		{HostBits, Warning, "a CIDR has bits set beyond its prefix length; they are ignored", "write the network's first address; API servers from 1.37 refuse host bits"},
		{ExceptOutside, Error, "an except entry is not a strict subset of its cidr", "except entries must lie inside cidr and be smaller than it"},
		{BadAddress, Error, "an IP address cannot be read", "write one IPv4 or IPv6 address without prefix length"},
		{BadPort, Error, "a port is neither a number from 1 to 65535 nor a valid port name", "use a number from 1 to 65535 or the name of a container port"},
		{BadPortRange, Error, "endPort does not go with its port", "endPort needs a numeric port and must not be smaller than it"},
		{BadProtocol, Error, "a protocol is not known here", "use TCP, UDP or SCTP"},
		{BadSelector, Error, "a label selector is not valid", "In and NotIn need values; Exists and DoesNotExist must have none"},
		{BadPeer, Error, "a peer does not say what it means in one way", "use either ipBlock, or podSelector and namespaceSelector"},
		{BadPolicyType, Error, "a policy type is not known", "use Ingress and Egress"},
		{BadLabel, Error, "a label key or value is not valid", "see the syntax of Kubernetes labels: at most 63 letters, digits, '-', '_' and '.'"},
		{IgnoredRules, Warning, "rules stand in a direction that policyTypes does not list; they have no effect", "add the direction to policyTypes or remove the rules"},
		{BadPriority, Error, "a priority lies outside its range or is reserved", "use a priority in the range that the message names"},
		{BadAction, Error, "an action is not known, or not possible in this policy", "use one of the actions that the message names"},
		{BadAppliedTo, Error, "appliedTo is missing, in two places, or does not say in one way what it selects", "write appliedTo either in spec or in every rule, each entry of one kind"},
		{BadDomainName, Error, "a domain name cannot be matched", "write a DNS name, for instance www.example.com or *.example.com, in an egress rule"},
		{BadICMP, Error, "an ICMP or IGMP message cannot be selected like this", "see the fields icmpType, icmpCode, igmpType and groupAddress of Antrea's API"},
		{DuplicateRule, Error, "two rules of a policy cannot be told apart", "give each rule a name of its own"},
		{BadCount, Error, "a list has more or fewer entries than the API allows", "split the object, or leave the list out"},
		{BadGroup, Error, "a group does not say in one way what it consists of", "set exactly one of podSelector (with or without namespaceSelector), namespaceSelector, externalEntitySelector, nodeSelector, serviceReference, ipBlocks, childGroups"},
		{LateTier, Warning, "a tier comes after those of the applications; its policies may never decide anything", "use a priority below 250"},
		{LongLogLabel, Warning, "a log label is longer than the 12 characters that nodes log", "shorten it"},
		{NotSupported, Error, "headgate does not support this field of the API yet", "leave the field out"},
		{BadService, Error, "fields of a Service do not go together, or one has a value that the API does not know", "use one of the values that the API documents for this type of Service"},
		{IgnoredValue, Warning, "the API takes a value that means nothing; it has no effect", "correct or remove it"},
		{BadNeed, Error, "an entry of what nodes need does not say in one way what it means", "see the list that `headgate needs` prints"},
		{BadEgress, Error, "an Egress does not say in one way which addresses it uses", "write egressIP, externalIPPool or both; or, for both families, egressIPs, externalIPPools or both"},
		{BadPool, Error, "the ranges of a pool and its subnet do not go together, or one of them is none", "write each range as cidr, or as start and end of one family, within the subnet; prefixLength and vlan have ranges"},
		{BadQuantity, Error, "a quantity cannot be read, or is out of bounds", "write a quantity from 1k to 1P, such as 500k or 10M"},
		{GatewayInRange, Warning, "a range of a pool has the gateway in it, which nobody gets", "leave the gateway out of the ranges"},
		{LanguageSyntax, Error, "the text is no sentence of the policy language", "see section 12.3 of spec.md for the grammar"},
		{UndeclaredName, Error, "a name that stands for nothing", "declare it with let, or import the directory that does; what Kubernetes names needs a keyword, such as group or pod"},
		{DeclaredTwice, Error, "a name is declared twice", "rename one of the two"},
		{BadImport, Error, "an import gives nothing", "import a directory with .hg files, by its path from the file's own directory"},
		{Misplaced, Error, "a part of a sentence that cannot stand where it does", "see section 12 of spec.md for what can"},
		{EndlessName, Error, "a name stands for itself", "say what it stands for without the name itself"},
		{UnmetExpectation, Error, "an expectation does not hold", "correct the policies or the expectation; `headgate test` shows the packets and the rules that decide"},
		{LeftOut, Note, "a conversion left out what no rule depends on", ""},
		{DuplicateAddress, Error, "two running pods have the same address", "remove the stale pod, or mark it as Succeeded or Failed"},
		{UnknownNode, Warning, "a pod runs on a node that is not declared", "add the Node's manifest"},
		{SelectsNothing, Note, "a policy, or a rule with an appliedTo of its own, applies to nothing", ""},
		{UnresolvedPort, Note, "a named port exists on none of the pods it could apply to", "declare the port in the pods' containers, with the same protocol"},
		{UnknownNamespace, Note, "a namespace is used but not declared; it is taken to exist with only its name as a label", ""},
		{PodWithoutAddress, Note, "a pod has no address yet, so no rule can name it", ""},
		{UnknownTier, Error, "a policy names a tier that does not exist, so its place in the order is not known", "declare the Tier, or use emergency, securityops, networkops, platform, application or baseline"},
		{DuplicateTier, Error, "two tiers have the same priority", "give each tier a priority of its own"},
		{UnknownGroup, Warning, "a group that does not exist is named; it selects nothing", "declare the group; a namespaced policy uses Groups of its namespace, a cluster-wide one ClusterGroups"},
		{GroupNesting, Error, "a group that has child groups is itself a child of another group", "name the innermost groups as children directly"},
		{BlocksInAppliedTo, Warning, "a policy is applied to a group of address blocks, which has no effect", "select pods, or use the group as a peer"},
		{GroupReachesOut, Error, "a namespaced policy is applied to a Group with pods of other namespaces; it is not in force", "restrict the Group to its own namespace, or use a cluster-wide policy"},
		{NotYet, Error, "headgate does not enforce this yet", "see the message"},
		{EqualPriority, Warning, "two policies of one tier have the same priority; they are judged in the order of their names", "give each a priority of its own"},
		{MixedBaselines, Warning, "baseline policies of both upstream APIs exist; the older API's comes last", "use one of the APIs"},
		{UnknownService, Warning, "a Service is named that does not exist, or cannot be used there; it selects nothing", "add the Service's manifest"},
		{EnforcedNowhere, Warning, "a policy applies to an external entity that belongs to no machine, so that nobody enforces it", "name the entity's ExternalNode in spec.externalNode, or declare an ExternalNode instead"},
		{TooManyTiers, Error, "more tiers are declared than Antrea takes", "join tiers; policies within a tier have priorities, too"},
		{UnknownPool, Warning, "an address is to come from a pool that does not exist, so there is none", "declare the ExternalIPPool, or name another one"},
		{PoolExhausted, Warning, "a pool has no address left for somebody who wants one", "add a range to the pool, or name another one"},
		{AddressOutsidePool, Warning, "an address is requested that its pool does not hand out, so there is none", "request another address, or leave the request out"},
		{AddressTaken, Warning, "an address is requested that somebody else has, so there is none", "request another address, or leave the request out"},
		{OverlappingPools, Error, "ranges of two pools have addresses in common", "take the addresses out of one of the pools"},
		{NoNodeForAddress, Warning, "no node can hold an address, so that it leads nowhere", "take an address of a pool with nodes that may hold it: label more nodes, or raise how many addresses a node may hold; with externalTrafficPolicy Local, run an endpoint on one of them"},
		{TwoEgresses, Warning, "several Egresses select a pod, of which the oldest counts, then the first by name", "narrow the selectors of one of them"},
		{SeveralLimits, Warning, "Egresses that share an address have different bandwidths; each limits its own pods alone", "give them the same bandwidth, or addresses of their own"},
		{ShadowedRule, Warning, "a rule never decides anything: rules before it, some with another verdict, match all its traffic", "reorder or remove one of the rules"},
		{RedundantRule, Note, "a rule adds nothing: without it all traffic has the same verdict", "remove it if that is not intended as documentation"},
		{AnalysisLimited, Note, "the exact analysis of some rules was given up at its limit; no rule was removed or reported wrongly", ""},
		{AmbiguousOrder, Warning, "rules of equal rank decide the same traffic differently; only a tie-break by name tells which one comes first", "give one of the policies another priority"},
		{PassLeadsNowhere, Note, "a Pass has nothing after it for any of its traffic, so that it means Allow", "write Allow if that is meant"},
		{MatchesNothing, Note, "a rule can match no packet of any endpoint there is", "correct its peers or ports, or remove it"},
		{LocksOut, Error, "a policy would cut a node or a machine off from what manages it", "allow this traffic in an earlier rule, or annotate the policy with headgate-net.github.io/allow-lockout: \"true\""},
		{CannotExpress, Error, "the target cannot express this", "use the other target, or a form that the message names"},
		{IDCollision, Error, "two identifiers hash to the same value", "rename one of the objects; please report this"},
		{TooManyExits, Error, "more addresses concern a node by which packets leave the cluster than marks can tell apart", "use fewer addresses for Egresses, or let each node's pods leave by fewer"},
		{NotServedHere, Warning, "a port of a Service is not served to the pods of this target's nodes", "let those pods dial backends directly, or run them on nodes with nftables"},
		{ApplyRefused, Error, "the dataplane refused a rule; the previous generation stays in force", "see the message of the kernel or of Open vSwitch"},
		{GateOff, Warning, "an object has no effect, because the feature gate of its kind is off", "switch the gate on in the agent's configuration file, or with --feature-gates"},
		{Internal, Error, "a defect of headgate, not of the input", "please report it with the input"},
	}
}

// Lookup returns the row of a code; an unknown code yields a row that says so with severity Error.
func Lookup(c Code) Row {
	for _, row := range Codes() {
		if row.Code == c {
			return row
		}
	}
	return Row{Code: c, Severity: Error, Title: "undocumented code"}
}
