package vm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseStatus(t *testing.T) {
	for _, c := range []struct {
		in     string
		status int
		fails  string
	}{
		{"exit 0\n", 0, ""},
		{"exit 137\n", 137, ""},
		{"", 0, "without an exit status"},
		{"hello exit 0\n", 0, "without an exit status"},
		{"exit 0\nexit 0\n", 0, "cannot be read"},
		{"exit \n", 0, "without an exit status"},
		{"exit zero\n", 0, "cannot be read"},
		{"failed modprobe sctp\n", 0, "modprobe sctp"},
	} {
		status, err := parseStatus(c.in)
		if c.fails == "" {
			require.NoError(t, err, c.in)
		} else {
			require.ErrorContains(t, err, c.fails, c.in)
		}
		require.Equal(t, c.status, status, c.in)
	}
}

func TestParseOutcomes(t *testing.T) {
	got, err := ParseOutcomes("=== RUN   TestA\n    --- FAIL: TestA/x (0.00s)\n--- PASS: TestA (0.01s)\n--- SKIP: TestB (0.00s)\n--- FAIL: TestC (1.00s)\nFAIL\n")
	require.NoError(t, err)
	require.Equal(t, Outcomes{Passed: []string{"TestA"}, Failed: []string{"TestC"}, Skipped: []string{"TestB"}}, got)
}

// TestInitScriptIsQuoted runs the generated words through a real shell: the guest must get them unchanged.
func TestInitScriptIsQuoted(t *testing.T) {
	word := "a'b \"$HOME\" `id` \\ \n*"
	out, err := exec.Command("/bin/sh", "-c", "printf %s "+quote(word)).Output()
	require.NoError(t, err)
	require.Equal(t, word, string(out))
	script := initScript(Config{Image: Image{Load: []string{"sctp"}}, Command: []string{"p", "it's"}, Env: []string{"A=b c"}, Dir: "/x y"})
	require.Contains(t, script, "/bin/busybox env 'A=b c' 'p' 'it'\\''s' </dev/null")
	require.Contains(t, script, "cd '/x y' || finish")
	require.Contains(t, script, "/usr/sbin/modprobe 'sctp' || finish 'failed modprobe sctp'")
	require.NotContains(t, script, switchTime)
	require.Contains(t, initScript(Config{Image: Image{Load: []string{"openvswitch"}}}), switchTime)
}

// TestArchive checks the bytes against the format's description: fixed-width hexadecimal headers, names and data padded
// to four bytes, a trailer.
func TestArchive(t *testing.T) {
	a := newArchive()
	a.file("/d/f", 0o644, []byte("hello"))
	a.link("/l", "d/f")
	a.add("/n", node{mode: typeChar | 0o600, rdev: [2]uint32{5, 1}})
	var got bytes.Buffer
	require.NoError(t, a.writeTo(&got))
	header := func(inode, mode, size, major, minor, name string) string {
		return "070701" + inode + mode + "00000000" + "00000000" + "00000001" + "00000000" + size + "00000000" + "00000000" + major + minor + name + "00000000"
	}
	zero := "00000000"
	want := header("00000001", "000041ed", zero, zero, zero, "00000002") + "d\x00" +
		header("00000002", "000081a4", "00000005", zero, zero, "00000004") + "d/f\x00\x00\x00" + "hello\x00\x00\x00" +
		header("00000003", "0000a1ff", "00000003", zero, zero, "00000002") + "l\x00" + "d/f\x00" +
		header("00000004", "00002180", zero, "00000005", "00000001", "00000002") + "n\x00" +
		header(zero, zero, zero, zero, zero, "0000000b") + "TRAILER!!!\x00\x00\x00\x00"
	require.Equal(t, want, got.String())
	var again bytes.Buffer
	require.NoError(t, a.writeTo(&again))
	require.Equal(t, got.Bytes(), again.Bytes())
}

func TestModulesAreClosedUnderDependency(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"kernel/net/a/a.ko", "kernel/fs/b.ko", "kernel/fs/c.ko", "kernel/drivers/net/veth.ko", "kernel/drivers/net/ethernet/x.ko"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	deps := "kernel/net/a/a.ko: kernel/fs/b.ko\nkernel/fs/b.ko:\nkernel/fs/c.ko:\nkernel/drivers/net/veth.ko:\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "modules.dep"), []byte(deps), 0o644))
	got, err := networkModules(Kernel{Modules: dir})
	require.NoError(t, err)
	require.Equal(t, []string{"kernel/drivers/net/veth.ko", "kernel/fs/b.ko", "kernel/net/a/a.ko"}, got)
}
