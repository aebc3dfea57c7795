package ir

// Dial tells what becomes of a packet that Program.Dial finds to be for this port of the Service; NotService if it cannot be for it.
// Masked may have backends on the node, too: only the Program knows who is there.
func (s *Service) Dial(port *ServicePort, node *Node, side Side, pkt Packet) Balanced {
	b := s.dial(port, node, side, pkt)
	if b.Outcome != NotService {
		b.Service = s
	}
	return b
}
