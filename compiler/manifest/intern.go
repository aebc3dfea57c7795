package manifest

import (
	"hash/maphash"
	"slices"
	"sync"
)

// interner keeps one copy of each string, label list and selector. What it returns does not keep the text of the input
// alive. It is safe for concurrent use; the seed decides only which lock is taken.
type interner struct {
	seed   maphash.Seed
	shards [32]internShard
}

type internShard struct {
	mu           sync.RWMutex
	strings      map[string]string
	labels       map[string]Labels
	requirements map[string][]Requirement
}

func newInterner() *interner {
	in := &interner{seed: maphash.MakeSeed()}
	for i := range in.shards {
		in.shards[i].strings = make(map[string]string)
		in.shards[i].labels = make(map[string]Labels)
		in.shards[i].requirements = make(map[string][]Requirement)
	}
	return in
}

func (in *interner) shard(key []byte) *internShard {
	return &in.shards[maphash.Bytes(in.seed, key)%uint64(len(in.shards))]
}

// text returns the one copy of s.
func (in *interner) text(s string) string {
	if s == "" {
		return ""
	}
	sh := &in.shards[maphash.String(in.seed, s)%uint64(len(in.shards))]
	sh.mu.RLock()
	out, ok := sh.strings[s]
	sh.mu.RUnlock()
	if ok {
		return out
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if out, ok = sh.strings[s]; !ok {
		out = string([]byte(s))
		sh.strings[out] = out
	}
	return out
}

// bytes returns the one copy of the string in b.
func (in *interner) bytes(b []byte) string {
	sh := in.shard(b)
	sh.mu.RLock()
	out, ok := sh.strings[string(b)]
	sh.mu.RUnlock()
	if ok {
		return out
	}
	return in.text(string(b))
}

// labelList returns the one copy of a sorted list, which the caller may use again; nil for an empty one.
func (in *interner) labelList(scratch []Label, buf []byte) Labels {
	if len(scratch) == 0 {
		return nil
	}
	for _, l := range scratch {
		buf = append(buf, l.Key...)
		buf = append(buf, 0)
		buf = append(buf, l.Value...)
		buf = append(buf, 0)
	}
	sh := in.shard(buf)
	sh.mu.RLock()
	out, ok := sh.labels[string(buf)]
	sh.mu.RUnlock()
	if ok {
		return out
	}
	fresh := make(Labels, len(scratch))
	for i, l := range scratch {
		fresh[i] = Label{in.text(l.Key), in.text(l.Value)}
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if out, ok = sh.labels[string(buf)]; !ok {
		out = fresh
		sh.labels[string(buf)] = out
	}
	return out
}

// selector returns s with the one copy of its requirements.
func (in *interner) selector(s Selector) Selector {
	if len(s.Requirements) == 0 {
		return Selector{}
	}
	key := s.String()
	sh := in.shard([]byte(key))
	sh.mu.RLock()
	out, ok := sh.requirements[key]
	sh.mu.RUnlock()
	if ok {
		return Selector{out}
	}
	fresh := slices.Clone(s.Requirements)
	for i := range fresh {
		r := &fresh[i]
		r.Key = in.text(r.Key)
		values := make([]string, len(r.Values))
		for j, v := range r.Values {
			values[j] = in.text(v)
		}
		r.Values = slices.Clip(values)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if out, ok = sh.requirements[key]; !ok {
		out = fresh
		sh.requirements[key] = out
	}
	return Selector{out}
}
