package source

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slow times keep looks out of the tests that are about events.
func slow() Times { return Times{Look: time.Hour} }

func open(t *testing.T, root string, times Times) *Directory {
	d, err := Open(root, times, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func put(t *testing.T, path, text string) {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// contents waits for the next whole state and reads it: texts by name.
func contents(t *testing.T, d *Directory) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		require.NoError(t, d.Next(ctx))
		got := map[string]string{}
		whole, err := d.Whole(func(files []string) {
			for _, path := range files {
				text, err := os.ReadFile(path)
				if errors.Is(err, os.ErrNotExist) {
					continue // then the state is not whole
				}
				require.NoError(t, err)
				name, err := filepath.Rel(d.root, path)
				require.NoError(t, err)
				got[name] = string(text)
			}
		})
		require.NoError(t, err)
		if whole {
			return got
		}
	}
}

// nothing asserts that no state is to come. It cannot wait for ever: it waits for twice what it takes to come to rest.
func nothing(t *testing.T, d *Directory) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*d.times.Quiet)
	defer cancel()
	require.ErrorIs(t, d.Next(ctx), context.DeadlineExceeded)
}

func TestEveryWayToChange(t *testing.T) {
	root := filepath.Join(t.TempDir(), "policies")
	put(t, root+"/a.yaml", "1")
	put(t, root+"/sub/b.yml", "1")
	put(t, root+"/c.json", "1")
	put(t, root+"/README.md", "no")
	put(t, root+"/.hidden/d.yaml", "no")
	put(t, root+"/.e.yaml", "no")
	d := open(t, root, slow())
	want := map[string]string{"a.yaml": "1", "sub/b.yml": "1", "c.json": "1"}
	require.Equal(t, want, contents(t, d))
	changed := func(why string) {
		t.Helper()
		got := contents(t, d)
		require.Equal(t, want, got, why)
		nothing(t, d)
	}
	nothing(t, d)

	put(t, root+"/README.md", "still not")
	put(t, root+"/.hidden/d.yaml", "still not")
	put(t, root+"/.a.yaml.swp", "x")
	nothing(t, d)

	put(t, root+"/a.yaml", "2")
	want["a.yaml"] = "2"
	changed("written in place")

	put(t, root+"/a.yaml~tmp", "3")
	require.NoError(t, os.Rename(root+"/a.yaml~tmp", root+"/a.yaml"))
	want["a.yaml"] = "3"
	changed("renamed over, as editors do")

	put(t, root+"/x/y/z.yaml", "1")
	want["x/y/z.yaml"] = "1"
	changed("in new directories")
	put(t, root+"/x/y/z.yaml", "2")
	want["x/y/z.yaml"] = "2"
	changed("which are watched")

	require.NoError(t, os.Rename(root+"/x", root+"/w"))
	delete(want, "x/y/z.yaml")
	want["w/y/z.yaml"] = "2"
	changed("a directory renamed")
	put(t, root+"/w/y/z.yaml", "3")
	want["w/y/z.yaml"] = "3"
	changed("is watched under its new name")

	require.NoError(t, os.RemoveAll(root+"/w"))
	delete(want, "w/y/z.yaml")
	changed("removed")

	before := time.Now().Add(-time.Hour)
	info, err := os.Stat(root + "/a.yaml")
	require.NoError(t, err)
	put(t, root+"/a.yaml", "4")
	require.NoError(t, os.Chtimes(root+"/a.yaml", before, info.ModTime()))
	want["a.yaml"] = "4"
	changed("of the same size and time")
}

func TestTreeIsReplaced(t *testing.T) {
	dir := t.TempDir()
	put(t, dir+"/one/a.yaml", "1")
	put(t, dir+"/two/a.yaml", "2")
	require.NoError(t, os.Symlink("one", dir+"/current"))
	d := open(t, dir+"/current", slow())
	require.Equal(t, map[string]string{"a.yaml": "1"}, contents(t, d))

	require.NoError(t, os.Symlink("two", dir+"/next"))
	require.NoError(t, os.Rename(dir+"/next", dir+"/current"))
	require.Equal(t, map[string]string{"a.yaml": "2"}, contents(t, d))
	put(t, dir+"/two/a.yaml", "3")
	require.Equal(t, map[string]string{"a.yaml": "3"}, contents(t, d))

	// away, and back
	require.NoError(t, os.Remove(dir+"/current"))
	require.NoError(t, d.Next(t.Context()))
	_, err := d.Whole(func([]string) { t.Fatal("there is nothing to read") })
	require.ErrorIs(t, err, os.ErrNotExist)
	nothing(t, d)
	put(t, dir+"/current/b.yaml", "4")
	require.Equal(t, map[string]string{"b.yaml": "4"}, contents(t, d))
}

// A volume of Kubernetes: files are links into a hidden directory, which is replaced as a whole.
func TestProjectedVolume(t *testing.T) {
	root := t.TempDir() + "/volume"
	put(t, root+"/..1/a.yaml", "1")
	require.NoError(t, os.Symlink("..1", root+"/..data"))
	require.NoError(t, os.Symlink("..data/a.yaml", root+"/a.yaml"))
	d := open(t, root, slow())
	require.Equal(t, map[string]string{"a.yaml": "1"}, contents(t, d))
	put(t, root+"/..2/a.yaml", "2")
	require.NoError(t, os.Symlink("..2", root+"/..data_tmp"))
	require.NoError(t, os.Rename(root+"/..data_tmp", root+"/..data"))
	require.Equal(t, map[string]string{"a.yaml": "2"}, contents(t, d))
}

// What no event tells is found by looking.
func TestLooks(t *testing.T) {
	dir := t.TempDir()
	put(t, dir+"/elsewhere.yaml", "1")
	require.NoError(t, os.Mkdir(dir+"/tree", 0o755))
	require.NoError(t, os.Symlink(dir+"/elsewhere.yaml", dir+"/tree/a.yaml"))
	d := open(t, dir+"/tree", Times{Quiet: time.Millisecond, Look: time.Millisecond})
	require.Equal(t, map[string]string{"a.yaml": "1"}, contents(t, d))
	put(t, dir+"/elsewhere.yaml", "22")
	require.Equal(t, map[string]string{"a.yaml": "22"}, contents(t, d))
}

// A state that was read while somebody wrote is no state.
func TestChangeWhileReading(t *testing.T) {
	root := t.TempDir()
	put(t, root+"/a.yaml", "1")
	put(t, root+"/b.yaml", "1")
	d := open(t, root, slow())
	require.NoError(t, d.Next(t.Context()))
	whole, err := d.Whole(func([]string) { put(t, root+"/b.yaml", "2") })
	require.NoError(t, err)
	require.False(t, whole)
	require.Equal(t, map[string]string{"a.yaml": "1", "b.yaml": "2"}, contents(t, d))
}

// While git holds the lock of its index, nothing is read, however long that takes; a checkout is seen as a whole.
func TestCheckout(t *testing.T) {
	work := t.TempDir()
	root := work + "/policies"
	put(t, root+"/a.yaml", "1")
	put(t, work+"/.git/index", "")
	put(t, work+"/.git/index.lock", "")
	d := open(t, root, Times{Quiet: time.Millisecond, Cap: time.Millisecond, Look: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, d.Next(ctx), context.DeadlineExceeded)
	put(t, root+"/b.yaml", "1")
	require.NoError(t, os.Remove(work+"/.git/index.lock"))
	require.Equal(t, map[string]string{"a.yaml": "1", "b.yaml": "1"}, contents(t, d))

	// a linked work tree, and a lock that was left behind
	linked := t.TempDir()
	put(t, linked+"/a.yaml", "1")
	put(t, linked+"/.git", "gitdir: "+work+"/.git/worktrees/x\n")
	put(t, work+"/.git/worktrees/x/index.lock", "")
	d = open(t, linked, Times{Quiet: time.Millisecond, Lock: 100 * time.Millisecond, Look: time.Hour})
	begun := time.Now()
	require.Equal(t, map[string]string{"a.yaml": "1"}, contents(t, d))
	require.GreaterOrEqual(t, time.Since(begun), 100*time.Millisecond)
}

// Two commits of many files each are checked out in turn by git itself, and no mixture is ever read.
func TestGitSwitchesWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root") // and git, which is there with the other tools
	}
	root := t.TempDir()
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-C", root, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	git("init", "-q", "-b", "main")
	const files = 300
	for _, branch := range []string{"one", "two"} {
		git("checkout", "-q", "--orphan", branch)
		for i := range files {
			put(t, root+"/d"+strconv.Itoa(i%20)+"/"+strconv.Itoa(i)+".yaml", branch)
		}
		git("add", ".")
		git("commit", "-q", "-m", branch)
	}
	d := open(t, root, Times{Quiet: time.Millisecond, Cap: time.Millisecond})
	for i := range 10 {
		branch := []string{"one", "two"}[i%2]
		done := make(chan struct{})
		go func() {
			defer close(done)
			git("checkout", "-q", branch)
		}()
		for seen := false; !seen; {
			got := contents(t, d)
			require.Len(t, got, files)
			texts := slices.Compact(slices.Sorted(maps.Values(got)))
			require.Len(t, texts, 1, "a mixture of %s", strings.Join(texts, " and "))
			seen = texts[0] == branch
		}
		<-done
	}
}

// A tree that is changed all the time is read now and then all the same, each read of one state.
func TestCap(t *testing.T) {
	root := t.TempDir()
	put(t, root+"/a.yaml", "0")
	d := open(t, root, Times{Quiet: 20 * time.Millisecond, Cap: 30 * time.Millisecond, Look: time.Hour})
	contents(t, d)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				os.WriteFile(root+"/b.yaml", []byte(strconv.Itoa(i)), 0o644)
			}
		}
	}()
	require.Contains(t, contents(t, d), "b.yaml")
	close(stop)
	<-done
}
