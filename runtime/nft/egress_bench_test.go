package nft_test

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// BenchmarkLimit tells how much a pod gets through the limit of its Egress, in all and after the first second, and what that is of the
// rate. Each takes 10 seconds. The last rate is beyond what the machine can do: it tells what that is.
func BenchmarkLimit(b *testing.B) {
	needRoot(b)
	for _, rate := range []uint64{5e6, 50e6, 200e6, 100e9} {
		for _, connections := range []int{1, 8} {
			for f := range 2 {
				b.Run(fmt.Sprintf("%dM/%dx/%s", rate/1e6, connections, ir.Families()[f]), func(b *testing.B) {
					for range b.N {
						measureLimit(b, rate, connections, f)
					}
				})
			}
		}
	}
}

func measureLimit(b *testing.B, rate uint64, connections, f int) {
	r := newRegion(b)
	r.egress("e1", "n2", ir.Limit{Rate: rate, Burst: rate / 10}, "a1")
	r.apply()
	var received atomic.Int64
	at := net.JoinHostPort(regional["server"][f], "7002")
	r.server.in(func() {
		l, err := net.Listen("tcp", at)
		require.NoError(b, err)
		b.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go io.Copy(counted{&received}, c)
			}
		}()
	})
	r.pods["a1"].in(func() {
		for range connections {
			c, err := net.DialTimeout("tcp", at, patience)
			require.NoError(b, err)
			b.Cleanup(func() { c.Close() })
			go io.Copy(c, zeros{})
		}
	})
	const lasts = 10
	begin, first := time.Now(), int64(0)
	time.Sleep(time.Second)
	first, second := received.Load(), time.Now()
	time.Sleep(lasts*time.Second - time.Since(begin))
	all, now := received.Load(), time.Now()
	b.ReportMetric(float64(8*all)/now.Sub(begin).Seconds()/float64(rate), "of-rate")
	b.ReportMetric(float64(8*(all-first))/now.Sub(second).Seconds()/float64(rate), "of-rate-after-1s")
}

type counted struct{ n *atomic.Int64 }

func (c counted) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }
