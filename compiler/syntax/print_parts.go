package syntax

func (p *Policy) words() []string {
	out := []string{when(p.Legacy, "legacy"), string(p.Standing), "policy"}
	out = append(out, p.Head.words()...)
	return append(out, clause("tier", stated(p.Tier, Word.name)), clause("priority", p.Priority.Text), clause("for", peers(p.For)))
}

func (r Rule) words() []string {
	name := ""
	if r.Name.Stated() {
		name = r.Name.name() + ":"
	}
	return []string{name, r.Action.Text, r.way(), peers(r.Peers), clause("on", ports(r.Ports)), clause("for", peers(r.For)), when(r.Log, "log"),
		when(r.Log, stated(r.Label, Word.quoted))}
}

func peers(list []Peer) string { return join(list, Peer.text) }

func (p Peer) text() string {
	switch p.Kind {
	case AnyPeer:
		return "any"
	case NonePeer:
		return "none"
	case Pods:
		return "pods" + clause("", p.Selector.text()) + clause(" in", p.In.text())
	case Machines:
		return "machines" + clause("", p.Selector.text()) + clause(" in", p.In.text())
	case Everybody:
		return p.In.text()
	case Nodes:
		return "nodes" + clause("", p.Selector.text())
	case GroupNamed:
		return "group " + p.Name.name()
	case AccountOf:
		return "account " + p.Name.name()
	case ServiceOf:
		return "service " + p.Name.name()
	case PodNamed:
		return "pod " + p.Name.name()
	case NodeNamed:
		return "node " + p.Name.name()
	case Domain:
		return "domain " + p.Name.name()
	case Block:
		switch len(p.Except) {
		case 0:
			return p.Name.Text
		case 1:
			return p.Name.Text + " except " + p.Except[0].Text
		}
		return p.Name.Text + " except (" + words(p.Except) + ")"
	default:
		return p.Name.Text
	}
}

// text is "" for no place.
func (p *Place) text() string {
	switch {
	case p == nil:
		return ""
	case p.Kind == Named:
		return "namespace " + p.Name.name()
	case p.Kind == Own:
		return "own namespace"
	case p.Kind == SameAsOwner:
		return "namespaces with same (" + join(p.Keys, Word.name) + ")"
	default:
		return "namespaces" + clause("", p.Selector.text())
	}
}

// text is "" for no selector.
func (s *Selector) text() string {
	if s == nil {
		return ""
	}
	return "(" + join(s.Requirements, Requirement.text) + ")"
}

func (r Requirement) text() string {
	key := r.Key.name()
	switch r.Is {
	case Equal:
		return key + " = " + r.Values[0].name()
	case Differs:
		return key + " != " + r.Values[0].name()
	case Among:
		return key + " in (" + join(r.Values, Word.name) + ")"
	case NotAmong:
		return key + " not in (" + join(r.Values, Word.name) + ")"
	case Present:
		return key
	default:
		return "!" + key
	}
}

func ports(list []Port) string { return join(list, Port.text) }

func (p Port) text() string {
	out := ""
	switch p.Kind {
	case Transport:
		out = p.Protocol.Text + clause("", stated(p.Value, Word.portName))
	case AnotherPort, PortsNamed:
		out = p.Value.Text
	case ICMP:
		out = "icmp" + clause("", p.Value.Text)
	case IGMP:
		out = "igmp" + clause("", p.Value.Text) + clause(" group", p.Group.Text)
	case ByName:
		out = "port " + p.Value.portName()
	}
	return out + clause(" source", p.Source.Text)
}

func listens(list []Listen) string {
	if len(list) == 0 {
		return ""
	}
	return "ports (" + join(list, Listen.text) + ")"
}

func (l Listen) text() string {
	name := ""
	if l.Name.Stated() {
		name = l.Name.name() + " = "
	}
	return name + l.Protocol.Text + " " + l.Port.Text + clause(" to", stated(l.To, Word.portName)) + clause(" node", l.Node.Text)
}

func faces(list []Face) string {
	return join(list, func(f Face) string {
		name := ""
		if f.Name.Stated() {
			name = f.Name.name() + " = "
		}
		if len(f.Addrs) == 1 {
			return name + f.Addrs[0].Text
		}
		return name + "(" + words(f.Addrs) + ")"
	})
}

func (v Value) text() string {
	switch v.Kind {
	case List:
		return "[" + join(v.Items, Value.text) + "]"
	case Mapping:
		return "{" + join(v.Fields, func(f Field) string { return f.Path.name() + " = " + f.Value.text() }) + "}"
	default:
		return v.Word.word()
	}
}
