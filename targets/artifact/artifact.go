// Package artifact holds what a target generates for one node: keyed objects in load order, their canonical text, a content
// hash, and the differences between two artifacts.
//
// It knows nothing of any target. Text is byte-stable; equal artifacts have equal hashes; applying Diff(a, b) to a gives b.
package artifact

// Artifact is the complete desired state of one node's dataplane, in the order in which it must be loaded: an object stands
// after the objects that it refers to.
type Artifact struct {
	Target  string   `json:"target"` // "nftables" or "openflow"
	Node    string   `json:"node"`
	Objects []Object `json:"objects"`

	known *known // its hash, if that is known already; see Hashed
}

// Object is one thing that the dataplane holds under a name: a table, a set, a chain, a flow, a group. Key is unique in the
// artifact and stable across generations. Head is its own text without members. Items are its members' texts: the elements of
// a set, or the rules of a chain. What is Volatile follows packets and not declarations, such as the addresses that DNS gave
// for a name: it is no part of the hash, and of a generation. Value is the target's own structured form, which the runtime for that target uses; it is not
// part of equality or of the hash.
type Object struct {
	Key     string   `json:"key"`
	Head    string   `json:"head"`
	Ordered bool     `json:"ordered,omitempty"` // Items are a sequence; otherwise a set, sorted and distinct
	Items   []string `json:"items,omitempty"`   // see Ordered
	// Volatile is VolatileItems where the items come and go, VolatileObject where the object does.
	Volatile Volatility `json:"volatile,omitempty"`
	Value    any        `json:"-"`

	known *sum // what of the hash is known already; see Summed
}

// Volatility says what of an object follows packets and not declarations.
type Volatility uint8

// The volatilities.
const (
	Lasting        Volatility = iota // nothing
	VolatileItems                    // its items
	VolatileObject                   // that it is there at all
)
