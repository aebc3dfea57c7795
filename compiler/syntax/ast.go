package syntax

// Span is a piece of a file's text: from a line and column to before another, both from 1, columns in bytes. The zero Span is nowhere.
type Span struct{ Line, Col, EndLine, EndCol int32 }

// File is what one file says. Its declarations are in the order of the text, which has no meaning.
type File struct {
	Name    string
	Imports []*Import
	Decls   []Decl
	Missing Missing
}

// Import makes the names that another directory declares known under the last part of its path.
type Import struct {
	Span
	Path Word
}

// Word is a name, a number, an address, or any other text of a program that stands for itself. Quoted tells that it was written as a
// string, which matters only in the values of fields. The zero Word is absent.
type Word struct {
	Span
	Text   string
	Quoted bool
}

// Stated reports whether the word is there.
func (w Word) Stated() bool { return w.Text != "" || w.Quoted }

// Decl is a declaration: *Let, *Namespace, or one of an object.
type Decl interface{ Where() Span }

// Where is where the declaration stands.
func (s Span) Where() Span { return s }

// Head is what declarations of objects begin with.
type Head struct {
	Span
	Name        Word
	Labels      []Pair
	Annotations []Pair
}

// Pair is a label or an annotation that an object has.
type Pair struct{ Key, Value Word }

// Let gives a name to peers or to ports; exactly one list is not empty. A list of nothing but references is in Peers.
type Let struct {
	Span
	Name  Word
	Peers []Peer
	Ports []Port
}

// Namespace holds the declarations of a namespace. Block tells that it has braces.
type Namespace struct {
	Head
	Block bool
	Decls []Decl
}

// Standing says which of the upstream API's places a policy has.
type Standing string

// The places of policies. Plain is for policies of Kubernetes and Antrea.
const (
	Plain    Standing = ""
	Admin    Standing = "admin"
	Baseline Standing = "baseline"
)

// Policy is a policy of any kind. Legacy is for Admin and Baseline only: the kinds of v1alpha1.
type Policy struct {
	Head
	Standing Standing
	Legacy   bool
	Tier     Word
	Priority Word
	For      []Peer
	Rules    []Rule
	Partial  bool // one of its rules has an error and is not among them
}

// Rule is one sentence of a policy. Out tells its direction: to peers, not from them.
type Rule struct {
	Span
	Name   Word
	Action Word // allow, drop, reject, pass
	Out    bool
	Peers  []Peer
	Ports  []Port // none: all traffic
	For    []Peer
	Log    bool
	Label  Word // of what is logged
}

// Tier is a place for policies.
type Tier struct {
	Head
	Priority    Word
	Description Word
}

// Group is an object that names peers.
type Group struct {
	Head
	Peers []Peer
}

// Egress gives pods an address to leave the cluster with.
type Egress struct {
	Head
	For   []Peer
	As    []Word
	Pools []Word
	Rate  Word
	Burst Word // beside Rate

	Fields []Field
}

// Pool holds addresses: prefixes and ranges. Limited tells that it says which nodes hold them.
type Pool struct {
	Head
	Ranges  []Word
	Gateway Word // with the length of its subnet's prefix
	VLAN    Word
	Limited bool
	Nodes   *Selector // nil: all
}

// Node is a machine of the cluster.
type Node struct {
	Head
	Addrs  []Word
	Pods   []Word // prefixes of its pods
	Fields []Field
}

// Pod is a workload.
type Pod struct {
	Head
	Node   Word
	Addrs  []Word
	Ports  []Listen
	Fields []Field
}

// Service is what a Service is dialled by, and the pods that answer. Selects tells that it says which.
type Service struct {
	Head
	Type    Word
	Selects bool
	Pods    *Selector // nil: all
	Addrs   []Word
	Ports   []Listen
	Fields  []Field
}

// Machine is a machine outside the cluster on which policies are enforced.
type Machine struct {
	Head
	Faces []Face
}

// Face is an interface of a Machine.
type Face struct {
	Name  Word
	Addrs []Word
}

// Entity is something outside the cluster that has addresses, perhaps on a Machine.
type Entity struct {
	Head
	Machine Word
	Addrs   []Word
	Ports   []Listen
	Fields  []Field
}

// Object is any object of Kubernetes, field by field.
type Object struct {
	Head
	Version Word
	Kind    Word
	Fields  []Field
}

// Expect says what becomes of packets.
type Expect struct {
	Span
	Verdict Word // allow, drop, reject
	From    []Peer
	To      []Peer
	Ports   []Port // none: all traffic
}

// Listen is a port of a pod, an entity or a Service.
type Listen struct {
	Span
	Name     Word
	Protocol Word
	Port     Word
	To       Word // of a Service: the port of its pods
	Node     Word // of a Service: the port of nodes
}

// PeerKind is what a Peer is.
type PeerKind uint8

// The kinds of peers, and what each has of a Peer's fields beside its Span.
const (
	AnyPeer    PeerKind = iota
	NonePeer            // nobody: it stands alone
	Pods                // Selector, In
	Machines            // Selector, In
	Everybody           // In: all pods there
	Nodes               // Selector
	GroupNamed          // Name
	AccountOf           // Name
	ServiceOf           // Name
	PodNamed            // Name
	NodeNamed           // Name
	Domain              // Name
	Block               // Name, Except
	PeerNamed           // Name: a reference to a Let
)

// Peer is somebody at the other end, or whom a policy is for.
type Peer struct {
	Span
	Kind     PeerKind
	Name     Word
	Selector *Selector // nil: all
	In       *Place    // nil: nothing is said
	Except   []Word
}

// PlaceKind is what a Place is.
type PlaceKind uint8

// The kinds of places, and what each has of a Place's fields.
const (
	Selected    PlaceKind = iota // Selector
	Named                        // Name
	Own                          // the subject's namespace
	SameAsOwner                  // Keys: the namespaces with the subject's values of these labels
)

// Place is a set of namespaces.
type Place struct {
	Span
	Kind     PlaceKind
	Selector *Selector // nil: all
	Name     Word
	Keys     []Word
}

// Selector is a list of conditions on labels, all of which must hold.
type Selector struct {
	Span
	Requirements []Requirement
}

// Comparison is a condition's kind.
type Comparison uint8

// The comparisons, and how many values they have.
const (
	Equal    Comparison = iota // one
	Differs                    // one
	Among                      // at least one
	NotAmong                   // at least one
	Present                    // none
	Absent                     // none
)

// Requirement is one condition.
type Requirement struct {
	Span
	Key    Word
	Is     Comparison
	Values []Word
}

// PortKind is what a Port is.
type PortKind uint8

// The kinds of ports, and what each has of a Port's fields.
const (
	Transport   PortKind = iota // Protocol, Value: a number, a range, a name, or nothing for all; Source
	AnotherPort                 // Value: a number or a range, with the protocol of the one before it; Source
	ICMP                        // Value: type, or TYPE/CODE
	IGMP                        // Value: type; Group
	ByName                      // Value: a name, whatever its protocol
	PortsNamed                  // Value: a reference to a Let
)

// Port is traffic of one kind.
type Port struct {
	Span
	Kind     PortKind
	Protocol Word
	Value    Word
	Source   Word
	Group    Word
}

// Field sets a field of an object. Path has the names of fields, separated by dots; in a Mapping it is one key.
type Field struct {
	Span
	Path  Word
	Value Value
}

// fieldsOf lists the fields of a declaration, if its kind has any.
func fieldsOf(d Decl) []Field {
	switch d := d.(type) {
	case *Egress:
		return d.Fields
	case *Node:
		return d.Fields
	case *Pod:
		return d.Fields
	case *Service:
		return d.Fields
	case *Entity:
		return d.Fields
	case *Object:
		return d.Fields
	}
	return nil
}

// ValueKind is what a Value is.
type ValueKind uint8

// The kinds of values, and what each has of a Value's fields.
const (
	Scalar  ValueKind = iota // Word
	List                     // Items
	Mapping                  // Fields
)

// Value is the value of a Field.
type Value struct {
	Span
	Kind   ValueKind
	Word   Word
	Items  []Value
	Fields []Field
}
