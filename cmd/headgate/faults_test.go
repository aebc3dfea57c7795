package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// shopDir is a directory with twoNodes, and a function that puts files into it, each whole.
func shopDir(t *testing.T) (root string, write func(name, text string)) {
	root = t.TempDir()
	write = func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(root, "."+name), []byte(text), 0o644))
		require.NoError(t, os.Rename(filepath.Join(root, "."+name), filepath.Join(root, name)))
	}
	write("cluster.yaml", strings.Replace(twoNodes, "{name: web, namespace: shop}", "{name: web, namespace: shop, labels: {app: web}}", 1))
	return root, write
}

// policyOn is a policy for the pod of shopDir that opens a port.
func policyOn(name string, port int) string {
	return strings.NewReplacer("NAME", name, "SELECTED", "web", "80", fmt.Sprint(port)).Replace(onWeb)
}

// TestFullDisk: an agent whose state directory has no room puts rules in force all the same, says what it cannot keep, and leaves what was
// kept as it was. With room again it goes on.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	state := t.TempDir()
	require.NoError(t, syscall.Mount("none", state, "tmpfs", 0, "size=32k"))
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(state, syscall.MNT_DETACH)) })
	root, write := shopDir(t)
	write("p.yaml", policyOn("p", 81))
	first := resume(t, root, state, &blank{}, "n1", false)
	first.log.until(t, "number=1 ", "")
	first.end()

	filler := filepath.Join(state, "filler")
	require.ErrorIs(t, os.WriteFile(filler, make([]byte, 1<<20), 0o600), syscall.ENOSPC)
	lock, err := lockAgent(state)
	require.NoError(t, err)
	defer lock.Close()
	next := resume(t, root, state, &blank{}, "n1", false)
	next.log.until(t, "the last good generation is in force until there is a newer one", "")
	for port := 82; port < 84; port++ {
		write("p.yaml", policyOn("p", port))
		next.log.until(t, fmt.Sprintf("number=%d ", port-80), "")
		next.log.until(t, "could not be kept", "")
		require.True(t, errors.Is(os.WriteFile(filepath.Join(state, "more"), make([]byte, 1<<16), 0o600), syscall.ENOSPC))
		k, err := recall(state, nft.Target)
		require.NoError(t, err)
		require.EqualValues(t, 1, k.Number)
		require.NoFileExists(t, keptPath(state, nft.Target)+".new")
	}
	require.NoError(t, os.Remove(filler))
	require.NoError(t, os.Remove(filepath.Join(state, "more")))
	write("p.yaml", policyOn("p", 90))
	require.Zero(t, next.log.until(t, "number=4 ", "could not be kept"))
	next.end()
	k, err := recall(state, nft.Target)
	require.NoError(t, err)
	require.EqualValues(t, 4, k.Number)
}

// TestFloodOfChanges changes files without a pause, more than a thousand times a second: the agent ends up where a new one begins, and
// holds no more goroutines and hardly more memory than before.
func TestFloodOfChanges(t *testing.T) {
	const files, changes = 50, 6000
	root, write := shopDir(t)
	state := t.TempDir()
	round := func(i int) { write(fmt.Sprintf("p%d.yaml", i%files), policyOn(fmt.Sprint("p", i%files), 1+i%5000)) }
	for i := range files {
		round(i)
	}
	a := resume(t, root, state, &blank{}, "n1", false)
	seen := make(chan struct{})
	go func() { // what is said, so that nobody waits for it to be read
		for line := range a.log {
			if strings.Contains(line, "the end") {
				close(seen)
				return
			}
		}
	}()
	holdsNow := func() artifact.Artifact {
		b := resume(t, root, t.TempDir(), &blank{}, "n1", false)
		b.log.until(t, "rules in force", "")
		defer b.end()
		return b.plane.holds
	}
	settled := func() {
		t.Helper()
		want := holdsNow()
		require.Eventually(t, func() bool {
			k, err := recall(state, nft.Target)
			return err == nil && artifact.Equal(want, nft.Generate(k.pipeline, &diag.Report{}))
		}, time.Minute, 10*time.Millisecond)
	}
	settled()
	memory, goroutines := inUse(), runtime.NumGoroutine()
	began := time.Now()
	for i := range changes {
		round(i * 7)
	}
	t.Logf("%.0f changes a second", changes/time.Since(began).Seconds())
	settled()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "%d goroutines, and before %d", runtime.NumGoroutine(), goroutines)
	}
	after := inUse()
	t.Logf("%d and then %d bytes in use, %d goroutines", memory, after, goroutines)
	require.Less(t, after, memory+8<<20)
	a.end()
	a.log <- "the end"
	<-seen
}

// inUse is how much of the heap is in use.
func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
