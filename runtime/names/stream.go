package names

import (
	"container/list"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/runtime/packet"
)

// Limits of what is kept of TCP connections: together at most 4 MiB. A connection that is dropped is taken up again with the
// next segment, which is taken to begin a message.
const (
	maxStreams     = 1024
	maxStreamBytes = 2 * (2 + 1<<16) // of one: the longest message, and one more for segments that came early
	partBytes      = 64              // what a part costs beside its data
	maxAllBytes    = 4 << 20
	streamIdle     = 30 * time.Second // then nothing is left to be sent again
	gapLife        = 3 * time.Second  // then what is missing has gone by unseen, else it would have been sent again
)

// flow is one direction of a TCP connection.
type flow struct{ from, to netip.AddrPort }

// stream is what is kept of a flow: what came of the message that is incomplete, and of what is behind it.
type stream struct {
	flow  flow
	next  uint32    // the sequence number where the next message begins
	sure  bool      // next is known, not guessed
	parts []part    // by place, without overlaps, none before next
	size  int       // what they cost
	seen  time.Time // when its last segment came
	gap   uint32    // where something is missing
	since time.Time // how long that has been so; the zero time: nothing is missing
}

// part is a piece of a stream.
type part struct {
	seq  uint32
	data []byte
}

func (p part) end() uint32 { return p.seq + uint32(len(p.data)) }

// streams are the flows that are not at rest: those between two messages need no memory but where the next one begins.
type streams struct {
	flows map[flow]*list.Element
	order *list.List // of *stream, the one that has been silent longest in front
	size  int
}

func newStreams() streams { return streams{flows: map[flow]*list.Element{}, order: list.New()} }

func (s *streams) len() int { return len(s.flows) }

// expire forgets the flows that have been idle, and returns how many of them were in the middle of a message.
func (s *streams) expire(now time.Time) uint64 {
	var dropped uint64
	for e := s.order.Front(); e != nil && now.Sub(e.Value.(*stream).seen) > streamIdle; e = s.order.Front() {
		if e.Value.(*stream).size > 0 {
			dropped++
		}
		s.remove(e)
	}
	return dropped
}

func (s *streams) remove(e *list.Element) {
	f := s.order.Remove(e).(*stream)
	s.size -= f.size
	delete(s.flows, f.flow)
}

// get returns the stream of a flow, which becomes the one seen last. A new one begins at the sequence number given.
func (s *streams) get(f flow, seq uint32, now time.Time) *list.Element {
	e := s.flows[f]
	if e == nil {
		e = s.order.PushBack(&stream{flow: f, next: seq})
		s.flows[f] = e
	}
	s.order.MoveToBack(e)
	e.Value.(*stream).seen = now
	return e
}

// segment takes in a TCP segment and learns from the messages that it completes.
func (c *Cache) segment(p *packet.IP, seg packet.Segment, now time.Time) bool {
	c.stats.Dropped += c.streams.expire(now)
	src, dst, _ := p.Ports()
	f := flow{netip.AddrPortFrom(p.Src, src), netip.AddrPortFrom(p.Dst, dst)}
	if seg.Flags&(packet.SYN|packet.RST) != 0 {
		if e := c.streams.flows[f]; e != nil {
			c.streams.remove(e)
		}
		if seg.Flags&packet.RST != 0 {
			return false
		}
		seg.Seq++ // a SYN counts as one
		c.streams.get(f, seg.Seq, now).Value.(*stream).sure = true
	}
	if len(seg.Data) == 0 && c.streams.flows[f] == nil {
		return false // there is nothing to begin with
	}
	e := c.streams.get(f, seg.Seq, now)
	s := e.Value.(*stream)
	before := s.size
	changed, ok := c.feed(s, part{seg.Seq, seg.Data}, now)
	c.streams.size += s.size - before
	switch {
	case !ok:
		c.streams.remove(e)
	case seg.Flags&packet.FIN != 0 && s.size == 0:
		c.streams.remove(e) // all that was sent has come
	}
	for c.streams.size > maxAllBytes || c.streams.len() > maxStreams {
		c.stats.Dropped++
		c.streams.remove(c.streams.order.Front())
	}
	return changed
}

// feed adds a part to a stream and learns from the messages that are complete. It reports false if the stream must be given up.
func (c *Cache) feed(s *stream, p part, now time.Time) (changed, ok bool) {
	if ahead := int32(p.seq - s.next); ahead > maxStreamBytes || ahead < -1<<20 {
		// Far from where it was: much has gone by unseen. It goes on here.
		c.stats.Dropped++
		*s = stream{flow: s.flow, next: p.seq, seen: s.seen}
	}
	s.insert(p)
	for again := true; again; {
		more, ok := c.drain(s, now)
		changed = more || changed
		if !ok {
			return changed, false
		}
		s.measure(now)
		if again = s.skips(now); again {
			c.stats.Dropped++
		}
	}
	s.size = 0
	for _, p := range s.parts {
		s.size += len(p.data) + partBytes
	}
	if s.size > maxStreamBytes {
		c.stats.Dropped++
		return changed, false
	}
	return changed, true
}

// insert puts a part in its place. Of bytes that came before, the first copy stays.
func (s *stream) insert(p part) {
	if late := int32(s.next - p.seq); late > 0 {
		p = part{s.next, p.data[min(int(late), len(p.data)):]}
	}
	at := 0
	for ; at < len(s.parts) && len(p.data) > 0; at++ {
		q := s.parts[at]
		if before := int32(q.seq - p.seq); before > 0 {
			s.put(at, part{p.seq, p.data[:min(int(before), len(p.data))]})
			if int(before) >= len(p.data) {
				return
			}
			at++
		}
		if known := int32(q.end() - p.seq); known > 0 {
			p = part{q.end(), p.data[min(int(known), len(p.data)):]}
		}
	}
	s.put(len(s.parts), p)
}

func (s *stream) put(at int, p part) {
	if len(p.data) > 0 {
		s.parts = slices.Insert(s.parts, at, part{p.seq, slices.Clone(p.data)})
	}
}

// drain learns from the complete messages at the beginning, and removes them. It reports false if there are none where the first
// was taken to begin.
func (c *Cache) drain(s *stream, now time.Time) (changed, ok bool) {
	whole := s.whole()
	used := 0
	for len(whole)-used >= 2 {
		size := 2 + int(binary.BigEndian.Uint16(whole[used:]))
		if len(whole)-used < size {
			if !s.sure && !isBegun(whole[used+2:]) {
				c.stats.Broken++
				return changed, false
			}
			break
		}
		more, ok := c.message(whole[used+2:used+size], now)
		if !ok && !s.sure {
			return changed, false
		}
		changed = more || changed
		used += size
		s.sure = true
	}
	s.advance(used)
	return changed, true
}

// isBegun reports whether what is there of a message, whose end is missing, may be a response.
func isBegun(msg []byte) bool {
	return len(msg) < headerLen || isResponse(msg)
}

// whole returns what is there of the stream from next on, up to the first gap.
func (s *stream) whole() []byte {
	end, count := s.next, 0
	for ; count < len(s.parts) && s.parts[count].seq == end; count++ {
		end = s.parts[count].end()
	}
	if count == 0 {
		return nil
	}
	if count > 1 {
		joined := part{s.next, make([]byte, 0, end-s.next)}
		for _, p := range s.parts[:count] {
			joined.data = append(joined.data, p.data...)
		}
		s.parts = slices.Replace(s.parts, 0, count, joined)
	}
	return s.parts[0].data
}

// advance moves the beginning on by so many bytes, which are there.
func (s *stream) advance(n int) {
	if n == 0 {
		return
	}
	s.next += uint32(n)
	if rest := s.parts[0].data[n:]; len(rest) > 0 {
		s.parts[0] = part{s.next, slices.Clone(rest)}
	} else {
		s.parts = slices.Delete(s.parts, 0, 1)
	}
}

// measure notes since when the first gap has been where it is.
func (s *stream) measure(now time.Time) {
	end, more := s.next, len(s.parts) > 0
	if more && s.parts[0].seq == end {
		end, more = s.parts[0].end(), len(s.parts) > 1
	}
	switch {
	case !more:
		s.since = time.Time{}
	case s.since.IsZero() || s.gap != end:
		s.gap, s.since = end, now
	}
}

// skips goes on behind a gap that has been there for too long, if there is one: the segment after it is taken to begin a message.
func (s *stream) skips(now time.Time) bool {
	if s.since.IsZero() || now.Sub(s.since) <= gapLife {
		return false
	}
	if s.parts[0].seq == s.next {
		s.parts = slices.Delete(s.parts, 0, 1)
	}
	s.next, s.sure, s.since = s.parts[0].seq, false, time.Time{}
	return true
}
