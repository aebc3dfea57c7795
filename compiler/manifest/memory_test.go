package manifest

import (
	"context"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
)

// heapWatch reads on and measures the live heap now and then.
type heapWatch struct {
	io.Reader
	every, left int
	peak        uint64
}

func (w *heapWatch) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if w.left -= n; w.left < 0 {
		w.left = w.every
		w.peak = max(w.peak, liveHeap())
	}
	return n, err
}

func liveHeap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// What is read and not kept needs no memory, however long the stream or the one List in it is.
func TestMemoryIsBounded(t *testing.T) {
	for _, s := range []shape{documents, yamlList, jsonList, jsonLine} {
		text, err := io.ReadAll(&generator{shape: s, left: 1 << 20, foreign: true})
		require.NoError(t, err)
		before := liveHeap()
		w := &heapWatch{Reader: repeat(s, text, 20<<20), every: 4 << 20}
		objects, findings := readWith(t, w, 0)
		require.Empty(t, objects.Pods)
		require.Equal(t, 1, len(findings))
		require.Equal(t, diag.UnknownKind, findings[0].Code)
		cores := uint64(runtime.GOMAXPROCS(0))
		trees, texts := 16*cores*defaultWindow, (4*cores+8)*defaultWindow
		require.Less(t, w.peak, before+trees+texts, "%s", s)
	}
}

// peakRSS is the most memory that the process has had since resetPeak, in bytes.
func peakRSS(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(b, err)
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(b, m)
	kb, err := strconv.Atoi(string(m[1]))
	require.NoError(b, err)
	return float64(kb) * 1024
}

func resetPeak(b *testing.B) {
	debug.FreeOSMemory()
	require.NoError(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200))
}

// BenchmarkHundredMegabytes reads 100 MB that are made up on the way, which is a part of the time. It reports the process's peak memory and what the objects take.
func BenchmarkHundredMegabytes(b *testing.B) {
	const size = 100_000_000
	for _, s := range []shape{documents, yamlList, jsonLine} {
		text := generate(s, 4_000_000)
		b.Run(string(s), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				resetPeak(b)
				before := cpuTime(b)
				var report diag.Report
				objects := Read(context.Background(), Options{Files: []string{"-"}, Stdin: repeat(s, text, size)}, &report)
				used := cpuTime(b) - before
				require.Empty(b, report.Findings())
				require.NotEmpty(b, objects.Pods)
				b.ReportMetric(size/used.Seconds()/1e6, "MB/cpu-s")
				b.ReportMetric(peakRSS(b)/1e6, "peak-RSS-MB")
				b.ReportMetric(float64(liveHeap())/1e6, "live-MB")
				b.ReportMetric(float64(len(objects.Pods)+len(objects.NetworkPolicies)), "objects")
				runtime.KeepAlive(objects)
			}
		})
	}
}

// repeat gives a stream of about size bytes from the items of text, without names occurring twice: each time round the
// namespaces get another number.
func repeat(s shape, text []byte, size int) io.Reader {
	return &repeater{shape: s, text: string(text), left: size}
}

type repeater struct {
	shape shape
	text  string
	left  int
	round int
	chunk string
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.chunk == "" {
		if r.left <= 0 {
			return 0, io.EOF
		}
		head, tail := 0, len(r.text)
		switch r.shape {
		case yamlList:
			head, tail = strings.Index(r.text, "- "), strings.LastIndex(r.text, "kind: List")
		case jsonLine:
			head, tail = strings.Index(r.text, "[")+1, strings.LastIndex(r.text, "], \"kind\"")
		}
		r.chunk = strings.ReplaceAll(r.text[head:tail], "team-", "t"+strconv.Itoa(r.round)+"-")
		separator := map[shape]string{documents: "---\n", jsonLine: ","}[r.shape]
		if r.left -= len(r.chunk); r.round == 0 {
			r.chunk = r.text[:head] + r.chunk
		} else {
			r.chunk = separator + r.chunk
		}
		if r.left <= 0 {
			r.chunk += r.text[tail:]
		}
		r.round++
	}
	n := copy(p, r.chunk)
	r.chunk = r.chunk[n:]
	return n, nil
}
