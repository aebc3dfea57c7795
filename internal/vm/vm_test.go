package vm

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hostEnv lets the tests of this package boot machines. They take minutes of processor time, so `go test ./...` leaves
// them to `make test-vm`, which sets it.
const hostEnv = "HEADGATE_VM"

func needsVM(t *testing.T) (context.Context, Kernel) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
	if os.Getenv(hostEnv) != "1" {
		t.Skip("runs in make test-vm")
	}
	kernel, err := DebianKernel(t.Context())
	require.NoError(t, err)
	return t.Context(), kernel
}

// guest is a package to run on the second kernel; tests names those to run, all of them if empty.
type guest struct {
	Program
	tests []string
}

func guests() []guest {
	return []guest{
		{Program: Program{Package: "internal/vm/guest", Commands: []string{"cmd/headgate"}, Load: []string{
			"8021q", "openvswitch", "sctp", "ip_vs", "nf_flow_table", "vxlan", "geneve", "dummy", "veth",
		}}},
		{Program: Program{Package: "runtime/lab", Load: []string{"openvswitch", "geneve"}}, tests: []string{
			"TestRoutedPodsReachEachOther", "TestDropAndRejectAreToldApart", "TestEveryPlaceReachesEveryPlace",
			"TestKernelSwitchedPodsObeyFlows",
		}},
		{Program: Program{Package: "runtime/lab/enforce", Load: []string{"openvswitch", "geneve"}}, tests: []string{
			"TestNoPodSpeaksForAnotherInTheKernel",
		}},
		{Program: Program{Package: "runtime/ovs", Load: []string{"openvswitch", "geneve"}}, tests: []string{"TestKernelDatapath"}},
		{Program: Program{Package: "runtime/iproute", Load: []string{"8021q", "vxlan"}}, tests: []string{
			"TestVLANsOfTheKernel", "TestPacketsLeaveThroughTheHolder", "TestKilledProcessLosesItsAddresses", "TestOnlyOursIsTouched", "TestDrift",
		}},
		{Program: Program{Package: "test/system", Commands: []string{"cmd/headgate"}, Load: []string{"8021q", "vxlan", "veth"}, MemoryMiB: 2048},
			tests: []string{"TestEgressOfYelb"}},
	}
}

func TestGuests(t *testing.T) {
	ctx, kernel := needsVM(t)
	for _, row := range guests() {
		t.Run(row.Package, func(t *testing.T) {
			if len(row.tests) > 0 {
				row.Args = append(row.Args, "-test.run=^("+strings.Join(row.tests, "|")+")$")
			}
			result, err := GoTest(ctx, "../..", kernel, row.Program, t.Output())
			require.NoError(t, err)
			t.Logf("kernel %s: image built in %s, machine ran for %s", kernel.Release, result.Built.Round(time.Millisecond), result.Ran.Round(time.Millisecond))
			require.Zero(t, result.Status, "exit status in the machine; kernel messages:\n%s", tail(result.Console, consoleTail))
			outcomes, err := ParseOutcomes(result.Output)
			require.NoError(t, err)
			require.NotEmpty(t, outcomes.Passed, "no test ran")
			if len(row.tests) > 0 {
				require.ElementsMatch(t, row.tests, outcomes.Passed, "a test has gone")
			}
			require.Empty(t, outcomes.Failed)
			require.Empty(t, outcomes.Skipped, "nothing may be skipped in the machine")
		})
	}
}

// TestLabRun has the program itself build a cluster on the second kernel, load its rules and send packets: lab run fails
// unless every answer is what the policies say.
func TestLabRun(t *testing.T) {
	ctx, kernel := needsVM(t)
	for _, run := range []struct {
		name, example string
		load, args    []string
		want          []string
	}{
		{"nftables", "three-tier", nil, []string{"--target=nftables", "--port=TCP/5432"}, []string{"0 of 49 cells differ"}},
		{"openflow", "three-tier", nil, []string{"--target=openflow", "--port=TCP/5432"}, []string{"0 of 49 cells differ"}},
		{"openflow in the kernel", "dual-stack", []string{"openvswitch", "geneve"},
			[]string{"--target=openflow", "--datapath=kernel", "--port=TCP/80", "--port=TCP/8080", "--port=UDP/53", "--port=SCTP/7777"},
			[]string{"0 of 64 cells differ", "1 app/both    . . . #"}},
	} {
		t.Run(run.name, func(t *testing.T) {
			example := "examples/" + run.example
			result, err := GoRun(ctx, "../..", kernel, Program{
				Package: "cmd/headgate", Trees: []string{example}, Load: run.load, Args: append([]string{"lab", "run", "-f", example}, run.args...),
			}, t.Output())
			require.NoError(t, err)
			t.Logf("machine ran for %s", result.Ran.Round(time.Millisecond))
			require.Zero(t, result.Status)
			for _, want := range run.want {
				require.Contains(t, result.Output, want)
			}
		})
	}
}

// TestFailuresAreSeen holds the harness to its promise: whatever goes wrong in a machine is not a success.
func TestFailuresAreSeen(t *testing.T) {
	ctx, kernel := needsVM(t)
	run := func(ctx context.Context, load []string, script string) (Result, error) {
		return Run(ctx, Config{Image: Image{Kernel: kernel, Load: load}, Command: []string{"sh", "-c", script}, MemoryMiB: 512})
	}
	t.Run("exit status and output", func(t *testing.T) {
		result, err := run(ctx, nil, "echo to stdout; echo 'exit 0'; echo to stderr >&2; exit 42")
		require.NoError(t, err)
		require.Equal(t, 42, result.Status)
		require.Equal(t, "to stdout\nexit 0\nto stderr\n", result.Output)
	})
	t.Run("panic", func(t *testing.T) {
		_, err := run(ctx, nil, "echo c >/proc/sysrq-trigger; sleep 60")
		require.ErrorContains(t, err, "without an exit status")
		require.ErrorContains(t, err, "Kernel panic")
	})
	t.Run("missing module", func(t *testing.T) {
		_, err := run(ctx, []string{"no_such_module"}, "true")
		require.ErrorContains(t, err, "modprobe no_such_module")
	})
	t.Run("early power off", func(t *testing.T) {
		_, err := run(ctx, nil, "poweroff -f")
		require.ErrorContains(t, err, "without an exit status")
	})
	t.Run("endless", func(t *testing.T) {
		short, cancel := context.WithCancel(ctx)
		defer cancel()
		started := &trigger{word: "started", act: cancel}
		_, err := Run(short, Config{Image: Image{Kernel: kernel}, Command: []string{"sh", "-c", "echo started; sleep 3600"}, MemoryMiB: 512, Output: started})
		require.ErrorIs(t, err, context.Canceled)
	})
}

// trigger acts once a word was written to it.
type trigger struct {
	seen bytes.Buffer
	word string
	act  func()
}

func (w *trigger) Write(p []byte) (int, error) {
	w.seen.Write(p)
	if strings.Contains(w.seen.String(), w.word) {
		w.act()
	}
	return len(p), nil
}
