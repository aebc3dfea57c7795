package names

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/packet"
)

// Packet learns from an IP packet with an answer of DNS over UDP, or a part of one over TCP, from the server to the client, and
// reports whether Known has changed. Over TCP, everything up to the first byte that is missing is learned. Other packets teach
// nothing, nor do fragments after the first.
func (c *Cache) Packet(b []byte, now time.Time) bool {
	p, ok := packet.Parse(b)
	if !ok {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if data, ok := p.UDP(); ok {
		changed, _ := c.message(data, now)
		return changed
	}
	if s, ok := p.TCP(); ok && !p.Cut {
		return c.segment(&p, s, now)
	}
	return false
}

// Message learns from a message of DNS in wire format (RFC 1035), and reports whether Known has changed. It must be a response
// to one question of class IN, without an error; what a truncated one has counts. An address lives until the TTL of its record
// ends, and the grace; if it was known to live longer, that stays. Never learned are addresses that only have a meaning to the
// client's own machine or link, which a foreign zone has no business naming ("rebinding"): unspecified, loopback, link-local,
// multicast, broadcast, 0.0.0.0/8, and IPv4-mapped ones.
func (c *Cache) Message(msg []byte, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed, _ := c.message(msg, now)
	return changed
}

// message learns, and reports whether it is a response at all.
func (c *Cache) message(msg []byte, now time.Time) (changed, ok bool) {
	a, ok := parse(msg)
	if !ok {
		c.stats.Broken++
		return false, false
	}
	chain := a.chain()
	for _, r := range a.addrs {
		last := slices.Index(chain, r.owner)
		if last < 0 {
			continue
		}
		if !learnable(r.addr) {
			c.stats.Refused++
			continue
		}
		until := now.Add(max(min(time.Duration(r.ttl)*time.Second, MaxTTL), c.options.MinTTL) + c.options.Grace)
		for _, text := range chain[:last+1] {
			if isSpellable(text) {
				changed = c.add(text, r.addr, until) || changed
			}
		}
	}
	return changed, true
}

// learnable reports whether an address may belong to a name.
func learnable(a netip.Addr) bool {
	broadcast := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return a.IsValid() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() && !a.IsLinkLocalUnicast() && !a.Is4In6() &&
		a != broadcast && !(a.Is4() && a.As4()[0] == 0) && a.Zone() == ""
}

// isSpellable reports whether a name in the presentation format of RFC 1035 is without escapes: a policy cannot have others.
func isSpellable(text string) bool { return text != "" && !strings.Contains(text, `\`) }

// answer is what matters of a response.
type answer struct {
	question string
	aliases  map[string]string // of the records CNAME, the first of each owner: there may be only one (RFC 1034, section 3.6.2)
	addrs    []record
}

// record is a record of type A or AAAA.
type record struct {
	owner string
	addr  netip.Addr
	ttl   uint32 // seconds
}

// maxChain is how many names a chain can have. Resolvers give up earlier.
const maxChain = 32

// chain gives the names to which the question leads, in order.
func (a *answer) chain() []string {
	var out []string
	for text, ok := a.question, true; ok && len(out) < maxChain && !slices.Contains(out, text); text, ok = a.aliases[text] {
		out = append(out, text)
	}
	return out
}

// headerLen is the size of a message's header, recordLen that of a record between its owner and its data (RFC 1035, section 4.1).
const (
	headerLen = 12
	recordLen = 10
)

// parse reads the sections that matter, the question and the answers: a client looks no further, so nothing beyond may keep
// an answer from being learned; nor may records of unknown types. It reports false for what is not a response to one question
// of class IN. One with an error code has no addresses.
func parse(msg []byte) (answer, bool) {
	const codes = 0xf
	if len(msg) < headerLen || !isResponse(msg) {
		return answer{}, false
	}
	question, at, ok := readName(msg, headerLen)
	if !ok || at+4 > len(msg) || binary.BigEndian.Uint16(msg[at+2:]) != dns.ClassINET {
		return answer{}, false
	}
	a := answer{question: question, aliases: map[string]string{}}
	if msg[3]&codes != dns.RcodeSuccess {
		return a, true
	}
	at += 4
	for n := binary.BigEndian.Uint16(msg[6:]); n > 0 && ok; n-- {
		at, ok = a.read(msg, at)
	}
	return a, true
}

// isResponse reports whether a header is that of a response to a query of one question.
func isResponse(header []byte) bool {
	const response, opcodes = 0x80, 0x78
	return header[2]&(response|opcodes) == response && binary.BigEndian.Uint16(header[4:]) == 1
}

// read takes in the record at an offset, and returns where the next one begins. It reports false where the message ends.
func (a *answer) read(msg []byte, at int) (int, bool) {
	owner, at, ok := readName(msg, at)
	if !ok || at+recordLen > len(msg) {
		return 0, false
	}
	kind, class := binary.BigEndian.Uint16(msg[at:]), binary.BigEndian.Uint16(msg[at+2:])
	ttl := binary.BigEndian.Uint32(msg[at+4:])
	if ttl > 1<<31-1 {
		ttl = 0 // RFC 2181, section 8
	}
	size := int(binary.BigEndian.Uint16(msg[at+8:]))
	at += recordLen
	end := at + size
	if end > len(msg) {
		return 0, false
	}
	switch {
	case class != dns.ClassINET:
	case kind == dns.TypeA && size == ir.IPv4.Bits()/8:
		a.addrs = append(a.addrs, record{owner, netip.AddrFrom4([4]byte(msg[at:])), ttl})
	case kind == dns.TypeAAAA && size == ir.IPv6.Bits()/8:
		a.addrs = append(a.addrs, record{owner, netip.AddrFrom16([16]byte(msg[at:])), ttl})
	case kind == dns.TypeCNAME:
		if target, _, ok := readName(msg[:end], at); ok && a.aliases[owner] == "" {
			a.aliases[owner] = target
		}
	}
	return end, true
}

// readName reads a name, in lower case and without the final dot, and returns where it ends. Bytes that are not printable, and
// those that mean something to the presentation format, come escaped.
func readName(msg []byte, at int) (string, int, bool) {
	text, end, err := dns.UnpackDomainName(msg, at)
	if err != nil {
		return "", 0, false
	}
	return strings.TrimSuffix(dns.CanonicalName(text), "."), end, true
}
