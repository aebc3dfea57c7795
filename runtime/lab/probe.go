package lab

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Verdict is what became of a probe, or of a pair in a Matrix.
type Verdict string

// The verdicts. Mixed and None occur in a Matrix only; Failed does not: it means that the lab could not tell.
const (
	Allow  Verdict = "allow"  // answered
	Drop   Verdict = "drop"   // silence
	Reject Verdict = "reject" // refused: TCP reset or ICMP
	Mixed  Verdict = "mixed"  // IPv4 and IPv6 differ
	None   Verdict = "none"   // no family in common
	Failed Verdict = "error"  // not sent, or no route
)

// ProbeRequest asks for one connection attempt. With a fixed SourcePort, UDP and ICMP may meet a connection that an earlier
// probe established, which policy does not judge again.
type ProbeRequest struct {
	From       string     `json:"from"` // "pod/NAMESPACE/NAME", "node/NAME" or "host/NAME"
	To         netip.Addr `json:"to"`
	Port       Port       `json:"port"`
	SourcePort uint16     `json:"sourcePort,omitempty"` // 0: any
}

// ProbeResult says what became of a probe. Responder and Seen are the word of the responder that answered over TCP, UDP or SCTP:
// who it is, and from which address the probe seemed to come.
type ProbeResult struct {
	Verdict   Verdict        `json:"verdict"`
	Detail    string         `json:"detail,omitempty"` // how it was refused, or why it failed
	Responder string         `json:"responder,omitempty"`
	Seen      netip.AddrPort `json:"seen,omitzero"`
	Attempts  int            `json:"attempts"`
}

// Patience, by attempt. A busy machine is not a policy: what stays silent is tried again with more time, and once more while
// the supervisor itself was kept waiting for the processor for long.
const (
	minAttempts = 2
	maxAttempts = 4
	lagShare    = 4 // a delay of a quarter of the patience is long
)

// single reports whether a probe gets one attempt, with all the patience there is. A second SYN of its own from the same port
// would belong to the connection of the first, as middle boxes see it; so repeating it is left to TCP.
func (p *ProbeRequest) single() bool { return p.SourcePort != 0 && p.Port.Proto == TCP }

func (p *ProbeRequest) patience(attempt int) time.Duration {
	if p.single() {
		attempt = maxAttempts - 1
	}
	return patience(attempt)
}

func patience(attempt int) time.Duration {
	return [maxAttempts]time.Duration{700 * time.Millisecond, 2 * time.Second, 4 * time.Second, 4 * time.Second}[attempt]
}

// Pacing. A probe that has had no answer after stride does not hold back others any more, so that silence costs patience once,
// not once for each batch; inFlight bounds the sockets.
const (
	stride   = 50 * time.Millisecond
	inFlight = 1024
)

// atOnce is how many probes may be on their way at a time. A userspace datapath has small buffers.
func (c *cluster) atOnce() int {
	if c.boot.Spec.Target == OpenFlow {
		return 64
	}
	return 256
}

// probe sends probes and returns their results in the same order.
func (c *cluster) probe(ctx context.Context, probes []ProbeRequest) ([]ProbeResult, error) {
	for i := range probes {
		if _, err := c.space(probes[i].From); err != nil {
			return nil, err
		}
	}
	results := make([]ProbeResult, len(probes))
	pending := make([]int, len(probes))
	for i := range pending {
		pending[i] = i
	}
	for attempt := 0; attempt < maxAttempts && len(pending) > 0; attempt++ {
		lag := c.probeAll(ctx, probes, pending, results, attempt)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if attempt+1 >= minAttempts && lagShare*lag < patience(attempt) {
			break
		}
		var silent []int
		for _, i := range pending {
			if results[i].Verdict == Drop && !probes[i].single() {
				silent = append(silent, i)
			}
		}
		pending = silent
	}
	return results, nil
}

// probeAll makes one attempt at each pending probe. It returns the longest that the supervisor was late for a timer meanwhile.
func (c *cluster) probeAll(ctx context.Context, probes []ProbeRequest, pending []int, results []ProbeResult, attempt int) time.Duration {
	meter := startLagMeter()
	moving, waiting := make(chan struct{}, c.atOnce()), make(chan struct{}, inFlight)
	var group sync.WaitGroup
	for _, i := range pending {
		if ctx.Err() != nil {
			break
		}
		waiting <- struct{}{}
		moving <- struct{}{}
		group.Go(func() {
			settled := sync.OnceFunc(func() { <-moving })
			timer := time.AfterFunc(stride, settled)
			results[i] = c.probeOnce(probes[i], probes[i].patience(attempt))
			results[i].Attempts = attempt + 1
			timer.Stop()
			settled()
			<-waiting
		})
	}
	group.Wait()
	return meter.stop()
}

// probeOnce makes one attempt.
func (c *cluster) probeOnce(p ProbeRequest, wait time.Duration) ProbeResult {
	if !p.To.IsValid() {
		return ProbeResult{Verdict: Failed, Detail: "no address to probe"}
	}
	switch p.Port.Proto {
	case TCP:
		return c.probeTCP(p, wait)
	case UDP, SCTP, ICMP:
		return c.probeDatagram(p, wait)
	}
	return ProbeResult{Verdict: Failed, Detail: fmt.Sprintf("protocol %q is not one of TCP, UDP, SCTP, ICMP", p.Port.Proto)}
}

// sourcePorts hands out source ports and tags for protocols that the kernel does not number itself.
type sourcePorts struct{ last atomic.Uint32 }

// next returns a number from 49152 to 65535; equal ones are far apart.
func (s *sourcePorts) next() uint16 { return uint16(49152 + s.last.Add(1)%16384) }

// lagMeter measures how late timers fire: how long this process waits for a processor.
type lagMeter struct {
	quit chan struct{}
	done chan time.Duration
}

func startLagMeter() *lagMeter {
	m := &lagMeter{quit: make(chan struct{}), done: make(chan time.Duration, 1)}
	go func() {
		const period = 20 * time.Millisecond
		var worst time.Duration
		for {
			start := time.Now()
			select {
			case <-m.quit:
				m.done <- worst
				return
			case <-time.After(period):
				worst = max(worst, time.Since(start)-period)
			}
		}
	}()
	return m
}

func (m *lagMeter) stop() time.Duration {
	close(m.quit)
	return <-m.done
}
