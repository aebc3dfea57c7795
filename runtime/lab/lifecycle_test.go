package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const (
	parentSpec = "HEADGATE_LAB_TEST_PARENT" // makes the test binary a program that brings up the lab of this Spec
	stateGiven = "HEADGATE_LAB_TEST_STATE"  // XDG_RUNTIME_DIR is as the test wants it
)

// parentMain is that program: it says when the lab is up, and then waits for its end.
func parentMain() {
	text := os.Getenv(parentSpec)
	if text == "" {
		return
	}
	os.Unsetenv(parentSpec)
	var spec Spec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		panic(err)
	}
	if _, err := Up(context.Background(), spec, Options{}); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("up")
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// startParent starts that program. The test kills it, or its standard input ends with the test.
func startParent(t *testing.T, spec Spec) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	text, err := json.Marshal(spec)
	require.NoError(t, err)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), parentSpec+"="+string(text))
	_, err = cmd.StdinPipe()
	require.NoError(t, err)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	return cmd, &out
}

// supervisors returns the pids of the processes that supervise the named lab.
func supervisors(t *testing.T, name string) []int {
	t.Helper()
	var pids []int
	for _, pid := range allProcesses(t) {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err == nil && strings.HasPrefix(string(line), "headgate-lab "+name+"\x00") {
			pids = append(pids, pid)
		}
	}
	return pids
}

func allProcesses(t *testing.T) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	require.NoError(t, err)
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// inPidNamespace returns the processes of a pid namespace, given as the target of its link in /proc.
func inPidNamespace(t *testing.T, namespace string) []int {
	t.Helper()
	var pids []int
	for _, pid := range allProcesses(t) {
		if link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid)); err == nil && link == namespace {
			pids = append(pids, pid)
		}
	}
	return pids
}

// eventually waits for what happens some time after a process was killed.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), what)
	}
}

// requireNothingLeft demands that a lab has no process, mount, link or directory on this machine.
func requireNothingLeft(t *testing.T, name, pidNamespace string) {
	t.Helper()
	eventually(t, "the supervisor ends", func() bool { return len(supervisors(t, name)) == 0 })
	if pidNamespace != "" {
		eventually(t, "every process ends", func() bool { return len(inPidNamespace(t, pidNamespace)) == 0 })
	}
	eventually(t, "no lab of that name is known", func() bool {
		labs, err := List() // removes what the dead could not
		require.NoError(t, err)
		return !slices.ContainsFunc(labs, func(l Info) bool { return l.Name == name })
	})
	base, err := baseDir()
	require.NoError(t, err)
	require.NoDirExists(t, filepath.Join(base, name))
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	require.NotContains(t, string(mounts), base)
	require.NotContains(t, string(mounts), namesDir+"/pod.")
	links, err := net.Interfaces()
	require.NoError(t, err)
	for _, link := range links {
		require.NotEqual(t, fabricBridge, link.Name)
		require.NotContains(t, link.Name, podLink(&Pod{Namespace: "x", Name: "p1-1"}))
	}
}

func TestKilledLabsLeaveNothing(t *testing.T) {
	needsRoot(t)
	victims := map[string]func(parent *os.Process, supervisor []int){
		"parent":             func(parent *os.Process, _ []int) { parent.Kill() },
		"parent interrupted": func(parent *os.Process, _ []int) { parent.Signal(os.Interrupt) },
		"supervisor":         func(_ *os.Process, supervisor []int) { killAll(supervisor) },
		"both": func(parent *os.Process, supervisor []int) {
			killAll(supervisor)
			parent.Kill()
		},
	}
	// Moments at which a lab of this size is being claimed, started, built, and has long been up.
	delays := []time.Duration{0, 10, 40, 120, 400}
	for _, target := range []Target{NFTables, OpenFlow} {
		for victim, kill := range victims {
			for i, delay := range delays {
				name := fmt.Sprintf("kill-%s-%c%c-%d", target, victim[0], victim[len(victim)-1], i)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					spec := dualStack(target, 2, 3, everyPort()...)
					spec.Name = unique(name)
					parent, _ := startParent(t, spec)
					time.Sleep(delay * time.Millisecond)
					found := supervisors(t, spec.Name)
					namespace := ""
					if len(found) > 0 {
						namespace, _ = os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", found[0]))
					}
					kill(parent.Process, found)
					parent.Process.Kill() // also where the supervisor alone was the victim, or had not started
					parent.Wait()
					requireNothingLeft(t, spec.Name, namespace)
				})
			}
		}
	}
}

// unique makes a name that no other run of these tests uses: requireNothingLeft looks at the whole machine.
func unique(name string) string { return fmt.Sprintf("%s-%d", name, os.Getpid()) }

func killAll(pids []int) {
	for _, pid := range pids {
		unix.Kill(pid, unix.SIGKILL)
	}
}

func TestLostSupervisorIsCleanedUpByItsParent(t *testing.T) {
	needsRoot(t)
	spec := dualStack(OpenFlow, 1, 1)
	spec.Name = unique("lost")
	l := bringUp(t, spec, Options{})
	pids := supervisors(t, l.Name())
	require.Len(t, pids, 1)
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pids[0]))
	require.NoError(t, err)
	require.Greater(t, len(inPidNamespace(t, namespace)), 2, "the switch runs in the lab's pid namespace")
	killAll(pids)
	<-l.exited
	require.NoDirExists(t, l.dir)
	requireNothingLeft(t, l.Name(), namespace)
	_, err = l.Probe(context.Background(), nil)
	require.ErrorIs(t, err, ErrNoLab)
}

func TestFailedUpLeavesNothing(t *testing.T) {
	needsRoot(t)
	t.Setenv("OVS_PKGDATADIR", "/nonexistent")
	spec := dualStack(OpenFlow, 2, 2)
	spec.Name = unique("doomed")
	_, err := Up(context.Background(), spec, Options{})
	require.ErrorContains(t, err, "/nonexistent/vswitch.ovsschema")
	requireNothingLeft(t, spec.Name, "")
}

func TestCancelledUpLeavesNothing(t *testing.T) {
	needsRoot(t)
	for _, delay := range []time.Duration{0, 5, 20, 50, 100} {
		ctx, cancel := context.WithTimeout(context.Background(), delay*time.Millisecond)
		spec := dualStack(OpenFlow, 4, 10)
		spec.Name = unique("cancelled")
		l, err := Up(ctx, spec, Options{})
		cancel()
		if err == nil {
			require.NoError(t, l.Down(context.Background()))
		} else {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		requireNothingLeft(t, spec.Name, "")
	}
}

func TestParallelLabsDoNotCollide(t *testing.T) {
	needsRoot(t)
	labs := make([]*Lab, 2)
	var group sync.WaitGroup
	for i := range labs {
		group.Go(func() { labs[i] = bringUp(t, dualStack(NFTables, 2, 2), Options{}) })
	}
	group.Wait()
	require.NotEqual(t, labs[0].Name(), labs[1].Name())
	for _, node := range []string{"node/n1", "node/n2"} {
		load(t, labs[0], node, `table inet t { chain c { type filter hook forward priority 0; policy drop; }; }`)
	}
	for i, want := range []Verdict{Drop, Allow} {
		m, err := labs[i].Matrix(context.Background(), MatrixRequest{Ports: []Port{{TCP, 80}}})
		require.NoError(t, err)
		requireAll(t, m, want)
	}
	again := dualStack(NFTables, 1, 1)
	again.Name = labs[0].Name()
	_, err := Up(context.Background(), again, Options{})
	require.ErrorIs(t, err, ErrRunning)
}

func TestDetachedLabIsFoundByName(t *testing.T) {
	needsRoot(t)
	spec := dualStack(NFTables, 1, 2)
	spec.Name = unique("kept")
	started := bringUp(t, spec, Options{Detach: true})
	started.lifeline.Close() // as when the process that brought it up ends
	l, err := Attach(spec.Name)
	require.NoError(t, err)
	require.Equal(t, spec, *l.Spec())
	labs, err := List()
	require.NoError(t, err)
	require.Contains(t, labs, Info{Name: spec.Name, Target: NFTables, Nodes: 1, Pods: 2, Hosts: 1})
	m, err := l.Matrix(context.Background(), MatrixRequest{Ports: []Port{{UDP, 5}}})
	require.NoError(t, err)
	requireAll(t, m, Allow)
	require.NoError(t, l.Down(context.Background()))
	_, err = Attach(spec.Name)
	require.ErrorIs(t, err, ErrNoLab)
	requireNothingLeft(t, spec.Name, "")
}

func TestExec(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 1, 1), Options{})
	ctx := context.Background()
	var out, errs bytes.Buffer
	status, err := l.Exec(ctx, "pod/x/p1-1", []string{"sh", "-c", "cat; echo no >&2; exit 3"},
		Stdio{In: strings.NewReader("hello"), Out: &out, Err: &errs})
	require.NoError(t, err)
	require.Equal(t, 3, status)
	require.Equal(t, "hello", out.String())
	require.Equal(t, "no\n", errs.String())
	require.Contains(t, run(t, l, "pod/x/p1-1", "ip", "-o", "addr"), "10.1.1.2/32")

	status, err = l.Exec(ctx, "node/n1", []string{"sh", "-c", "kill -TERM $$"}, Stdio{})
	require.NoError(t, err)
	require.Equal(t, 128+int(unix.SIGTERM), status)

	_, err = l.Exec(ctx, "pod/x/nobody", []string{"true"}, Stdio{})
	require.ErrorIs(t, err, ErrNoPlace)
	_, err = l.Exec(ctx, "node/n1", []string{"/nonexistent"}, Stdio{})
	require.ErrorContains(t, err, "no such file")
}

func TestCancelledExecIsKilled(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 1, 1), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	go func() {
		io.ReadFull(r, make([]byte, 3)) // "up\n": the children run
		cancel()
		io.Copy(io.Discard, r)
	}()
	_, err := l.Exec(ctx, "node/n1", []string{"sh", "-c", "sleep 1000 & echo up; sleep 1000"}, Stdio{Out: w})
	require.ErrorIs(t, err, context.Canceled)
	eventually(t, "no sleep is left", func() bool { return !strings.Contains(run(t, l, "node/n1", "ps", "ax"), "sleep 1000") })
}

// Orphans are the supervisor's to collect.
func TestOrphansAreReaped(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 1, 0), Options{})
	for range 5 {
		run(t, l, "node/n1", "sh", "-c", "(true &) ; (true &)")
	}
	eventually(t, "no process is defunct", func() bool { return !strings.Contains(run(t, l, "node/n1", "ps", "ax"), "defunct") })
}

// asNobody runs tests of this package as a user without privileges, who may open the device that Open vSwitch needs or not.
func asNobody(t *testing.T, tunMode string, tests ...string) (output string, err error) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "lab") // where this user may execute and write
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.Chown(dir, 65534, 65534))
	program := filepath.Join(dir, "lab.test")
	text, err := os.ReadFile("/proc/self/exe")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, text, 0o755))
	// A device of our own, in a mount namespace of our own, because systems differ in the mode of /dev/net/tun.
	const script = `mknod -m "$2" "$1/tun" c 10 200 && mount --bind "$1/tun" /dev/net/tun && shift 2 &&
		exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`
	cmd := exec.Command("unshare", "--mount", "sh", "-c", script, "sh", dir, tunMode,
		program, "-test.v", "-test.run=^("+strings.Join(tests, "|")+")$")
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "XDG_RUNTIME_DIR=" + dir, stateGiven + "=1"}
	out, err := cmd.CombinedOutput()
	require.NoDirExists(t, filepath.Join(dir, "headgate-lab-65534"))
	return string(out), err
}

func TestUnprivilegedLab(t *testing.T) {
	needsRoot(t)
	tests := []string{
		"TestRoutedPodsReachEachOther", "TestManyRejectsAreAllSeen", "TestApplierRunsInEachNode", "TestExec",
		"TestDetachedLabIsFoundByName", "TestSwitchedPodsObeyFlows",
	}
	out, err := asNobody(t, "0666", tests...)
	require.NoError(t, err, out)
	require.Equal(t, len(tests), strings.Count(out, "--- PASS"), out)
}

func TestUnprivilegedSwitchNeedsItsDevice(t *testing.T) {
	needsRoot(t)
	out, err := asNobody(t, "0600", "TestSwitchedPodsObeyFlows")
	require.Error(t, err)
	require.Contains(t, out, "an openflow lab needs /dev/net/tun: permission denied")
}
