package member

import (
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkDetection tells how long it takes until all others miss a member whose link goes down, and how long until everybody has
// everybody back once it is up: run it with -benchtime 50x.
func BenchmarkDetection(b *testing.B) {
	for name, count := range map[string]int{"members=2": 2, "members=3": 3, "members=5": 5, "members=20": 20} {
		b.Run(name, func(b *testing.B) {
			f := newField(b, count)
			f.startAll()
			var lost, back []time.Duration
			for b.Loop() {
				gone := f.nodes[len(lost)%count]
				begun := time.Now()
				gone.attach("")
				f.untilDown([]string{gone.name}, f.without(gone)...)
				lost = append(lost, time.Since(begun))
				begun = time.Now()
				gone.attach("br0")
				f.untilDown([]string{}, f.nodes...)
				back = append(back, time.Since(begun))
				f.complete()
			}
			report(b, "lost", lost)
			report(b, "back", back)
		})
	}
}

// report gives the median and the 99th percentile.
func report(b *testing.B, what string, times []time.Duration) {
	slices.Sort(times)
	at := func(share float64) float64 { return times[int(share*float64(len(times)-1)+0.5)].Seconds() }
	b.ReportMetric(at(0.5), what+"-p50-s")
	b.ReportMetric(at(0.99), what+"-p99-s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFalseAlarms counts how often five members are missed that are all alive, while other programs want many times the processors
// that there are. One operation is a second.
func BenchmarkFalseAlarms(b *testing.B) {
	for _, busy := range []int{0, 4, 16} {
		b.Run(map[int]string{0: "programs=0", 4: "programs=4", 16: "programs=16"}[busy], func(b *testing.B) {
			f := newField(b, 5)
			f.startAll()
			for range busy {
				spin := exec.Command("sh", "-c", "while :; do :; done")
				require.NoError(b, spin.Start())
				b.Cleanup(func() { _ = spin.Process.Kill(); _ = spin.Wait() })
			}
			ticker := time.NewTicker(time.Second)
			defer ticker.Stop()
			for b.Loop() {
				<-ticker.C
			}
			alarms := 0
			for _, p := range f.nodes {
				alarms += p.log.count("WARN a node is not alive")
			}
			suspected := 0
			for _, p := range f.nodes {
				suspected += p.log.count("Suspect ")
			}
			b.ReportMetric(float64(alarms), "alarms")
			b.ReportMetric(float64(suspected), "suspected")
		})
	}
}
