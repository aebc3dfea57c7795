package openflow

import "slices"

// Binding is a node's reality: the number of each port, and the MAC address at the other end of it.
type Binding struct {
	Ports map[Ref]uint32
	MACs  map[Ref]MAC
}

// value returns what a ref stands for in a field.
func (b Binding) value(f Field, r Ref) (Value, bool) {
	if f.isMAC() {
		m, ok := b.MACs[r]
		return m.Value(), ok
	}
	n, ok := b.Ports[r]
	return Uint(uint64(n)), ok
}

// Flow returns f with numbers and addresses in place of refs. If the binding lacks some, they are returned as missing, in order
// and without repetitions, and the flow cannot be loaded yet.
func (b Binding) Flow(f Flow) (bound Flow, missing []Ref) {
	f.Match, f.Actions = slices.Clone(f.Match), slices.Clone(f.Actions)
	bind := func(field Field, r *Ref, v *Value) {
		if *r == "" {
			return
		}
		value, ok := b.value(field, *r)
		if !ok {
			missing = append(missing, *r)
			return
		}
		*v, *r = value, ""
	}
	for i := range f.Match {
		bind(f.Match[i].Field, &f.Match[i].Ref, &f.Match[i].Value)
	}
	for i := range f.Actions {
		bind(f.Actions[i].Field, &f.Actions[i].Ref, &f.Actions[i].Value)
	}
	slices.Sort(missing)
	return f, slices.Compact(missing)
}

// Bind binds all flows; those that name a port which the binding lacks are held back.
func (b Binding) Bind(flows []Flow) (bound []Flow, held map[Ref][]Flow) {
	held = map[Ref][]Flow{}
	for _, f := range flows {
		g, missing := b.Flow(f)
		for _, r := range missing {
			held[r] = append(held[r], f)
		}
		if len(missing) == 0 {
			bound = append(bound, g)
		}
	}
	return bound, held
}

// Names is a Binding the other way round.
type Names struct {
	ports map[uint32]Ref
	macs  map[Ref]MAC
}

// Names returns the reverse of the binding. Of several names for one port the first one counts.
func (b Binding) Names() Names {
	n := Names{make(map[uint32]Ref, len(b.Ports)), b.MACs}
	for ref, port := range b.Ports {
		if other, taken := n.ports[port]; !taken || ref < other {
			n.ports[port] = ref
		}
	}
	return n
}

// Flow puts refs back into a flow that was bound: port numbers, and the MAC address of a port that the flow names. What has no
// name stays a number.
func (n Names) Flow(f Flow) Flow {
	f.Match, f.Actions = slices.Clone(f.Match), slices.Clone(f.Actions)
	var named []Ref
	each := func(unbind func(Field, Value) Ref) {
		for i, t := range f.Match {
			if r := unbind(t.Field, t.Value); r != "" && t.Mask == t.Field.full() {
				f.Match[i].Ref, f.Match[i].Value = r, Value{}
			}
		}
		for i, a := range f.Actions {
			if r := unbind(a.Field, a.Value); r != "" && a.Op == SetField {
				f.Actions[i].Ref, f.Actions[i].Value = r, Value{}
			}
		}
	}
	each(func(field Field, v Value) Ref {
		if field != InPort && field != regPort {
			return ""
		}
		r := n.ports[uint32(v.Lo)]
		if r != "" {
			named = append(named, r)
		}
		return r
	})
	each(func(field Field, v Value) Ref {
		for _, port := range named {
			if m, ok := n.macs[port]; ok && field.isMAC() && m.Value() == v {
				return port
			}
		}
		return ""
	})
	slices.SortFunc(f.Match, compareTerms)
	return f
}
