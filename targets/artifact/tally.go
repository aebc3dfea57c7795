package artifact

// Tally says how many things of one kind an artifact has a dataplane hold, for people and for graphs. What is Volatile does not count.
type Tally struct {
	Kind  string // the target's own word in the singular, such as "rule" or "flow"
	Count int
}
