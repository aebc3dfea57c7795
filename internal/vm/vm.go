// Package vm runs a program on another kernel: it boots Debian's kernel in an emulated machine that holds one program,
// with its tools and the kernel's networking modules, and reports that program's exit status.
//
// The machine has no disk and no network device, so nothing it does reaches this machine or any other. A machine that
// panics, hangs or ends early is an error, never a success: only the exit status that the guest itself sends counts.
// Emulation is in software (about ten times slower than the processor): for functions, not for timings.
package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// statusPrefix opens the line with which a guest reports an exit status in decimal; failurePrefix one that says why the
// program never started. They travel on a serial line of their own, which no program's output can reach by accident.
const (
	statusPrefix  = "exit "
	failurePrefix = "failed "
)

// consoleTail is how many lines of the console an error quotes: a panic with its call trace fits.
const consoleTail = 120

// Config says what to run. Command is the program, as the machine knows it, and its arguments.
type Config struct {
	Image     Image
	Command   []string
	Dir       string   // working directory; "/" when empty
	Env       []string // NAME=value, besides PATH, HOME, TERM=dumb and NO_COLOR=1
	MemoryMiB int      // 2048 when 0
	CPUs      int      // 2 when 0
	Output    io.Writer
	Console   io.Writer // the kernel's messages; both writers may be nil and receive bytes as they come
}

// Result is what a machine that ended properly leaves: the program's exit status, what it wrote to standard output and
// error, the kernel's messages, and how long it took to build the image and to run the machine.
type Result struct {
	Status  int
	Output  string
	Console string
	Built   time.Duration
	Ran     time.Duration
}

// Run builds the image, boots it, runs the command and waits until the machine is off. A command that fails is a Result
// with its Status; an error means that the machine gave no exit status: it did not boot, a module of Load is missing, the
// kernel panicked, or ctx ended. The error then quotes the end of the console.
func Run(ctx context.Context, cfg Config) (Result, error) {
	started := time.Now()
	dir, err := os.MkdirTemp("", "headgate-vm-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	initrd := filepath.Join(dir, "initrd")
	if err := writeInitrd(ctx, cfg, initrd); err != nil {
		return Result{}, fmt.Errorf("virtual machine image: %w", err)
	}
	built := time.Now()
	result, err := boot(ctx, cfg, initrd)
	result.Built, result.Ran = built.Sub(started), time.Since(built)
	return result, err
}

// writeInitrd writes the image, then a second archive with the program to start: the kernel unpacks both.
func writeInitrd(ctx context.Context, cfg Config, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := Build(ctx, cfg.Image, f); err != nil {
		return err
	}
	a := newArchive()
	a.file("/init", 0o755, []byte(initScript(cfg)))
	if err := a.writeTo(f); err != nil {
		return err
	}
	return f.Close()
}

// initScript is the guest's first process. Serial line 0 is the kernel's, 1 the program's, 2 carries the exit status.
// Setting a terminal's mode waits for what was written before, which is how the script flushes line 1.
func initScript(cfg Config) string {
	lines := []string{
		"#!/bin/busybox sh",
		"/bin/busybox --install -s /bin 2>/dev/null",
		"export PATH=" + searchPath + " HOME=/root TERM=dumb NO_COLOR=1",
		"mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev",
		"mkdir -p /dev/pts /dev/shm; mount -t devpts devpts /dev/pts",
		"for d in /dev/shm /run /tmp; do mount -t tmpfs tmpfs $d; done; chmod 1777 /tmp /dev/shm",
		"mkdir -p /run/openvswitch /run/netns /run/lock; ln -s /proc/self/fd /dev/fd",
		"stty -F /dev/ttyS1 raw -echo; stty -F /dev/ttyS2 raw -echo",
		"finish() { stty -F /dev/ttyS1 raw; echo \"$1\" >/dev/ttyS2; stty -F /dev/ttyS2 raw; poweroff -f; }",
		"echo /usr/sbin/modprobe >/proc/sys/kernel/modprobe",
		deviceNodes,
		"hostname guest; /bin/busybox ip link set lo up",
	}
	for _, module := range cfg.Image.Load {
		lines = append(lines, fmt.Sprintf("/usr/sbin/modprobe %s || finish %s", quote(module), quote(failurePrefix+"modprobe "+module)))
	}
	if slices.Contains(cfg.Image.Load, "openvswitch") {
		lines = append(lines, switchTime)
	}
	dir := cfg.Dir
	if dir == "" {
		dir = "/"
	}
	words := []string{"/bin/busybox", "env"}
	for _, word := range append(append([]string(nil), cfg.Env...), cfg.Command...) {
		words = append(words, quote(word))
	}
	return strings.Join(append(lines,
		fmt.Sprintf("cd %s || finish %s", quote(dir), quote(failurePrefix+"cd "+dir)),
		strings.Join(words, " ")+" </dev/null >/dev/ttyS1 2>&1",
		`finish "`+statusPrefix+`$?"`, ""), "\n")
}

// deviceNodes makes the devices that load their module when they are opened, as udev does: modules.devname has lines such
// as "tun net/tun c10:200".
const deviceNodes = `sed -n 's/^[^#][^ ]* \([^ ]*\) \([bc]\)\([0-9]*\):/\1 \2 \3 /p' /lib/modules/*/modules.devname | while read -r name rest; do
	mkdir -p "$(dirname "/dev/$name")"; test -e "/dev/$name" || mknod "/dev/$name" $rest
done 2>/dev/null`

// switchTime waits. In the first 10 seconds after boot Open vSwitch 3.1 takes the machine for one without processors, because it
// believes that it has counted them just now (count_cpu_cores in its lib/ovs-thread.c): it starts no handlers then, and what the
// kernel's datapath asks for is lost until it counts again.
const switchTime = `until test "$(cut -d. -f1 /proc/uptime)" -ge 11; do sleep 1; done`

// quote makes one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// boot runs the emulator with the three serial lines on pipes. The kernel turns an oops into a panic and a panic into a
// reboot, and the emulator ends at a reboot: a broken guest ends at once, without a status.
func boot(ctx context.Context, cfg Config, initrd string) (Result, error) {
	lines := [3]line{{also: cfg.Console}, {also: cfg.Output}, {}}
	args := []string{
		"-accel", "tcg", "-cpu", "max", "-m", strconv.Itoa(orDefault(cfg.MemoryMiB, 2048)), "-smp", strconv.Itoa(orDefault(cfg.CPUs, 2)),
		"-nodefaults", "-display", "none", "-no-reboot", "-nic", "none", "-kernel", cfg.Image.Kernel.Image, "-initrd", initrd,
		"-append", "console=ttyS0 quiet panic=-1 oops=panic",
	}
	cmd := exec.CommandContext(ctx, lookPath("qemu-system-x86_64"), args...)
	cmd.WaitDelay = 10 * time.Second
	// The machine must not outlive a killed test. The kernel sends the signal when the thread ends that started the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	for i := range lines {
		if err := lines[i].open(); err != nil {
			return Result{}, err
		}
		defer lines[i].read.Close()
		defer lines[i].write.Close()
		id := "line" + strconv.Itoa(i)
		cmd.Args = append(cmd.Args, "-chardev", fmt.Sprintf("file,id=%s,path=/dev/fd/%d", id, 3+i), "-serial", "chardev:"+id)
		cmd.ExtraFiles = append(cmd.ExtraFiles, lines[i].write)
	}
	if err := cmd.Start(); err != nil {
		return Result{}, err
	}
	for i := range lines {
		lines[i].write.Close()
		go lines[i].drain()
	}
	ended := cmd.Wait()
	for i := range lines {
		<-lines[i].done
	}
	result := Result{Console: strings.ReplaceAll(lines[0].String(), "\r", ""), Output: lines[1].String()}
	status, err := parseStatus(lines[2].String())
	if err == nil {
		result.Status = status
		return result, nil
	}
	reason := errors.Join(context.Cause(ctx), err, ended)
	return result, fmt.Errorf("virtual machine: %w\n%s%s", reason, complaints.String(), tail(result.Console, consoleTail))
}

// line is one serial line of the guest, kept and passed on as it comes.
type line struct {
	bytes.Buffer
	also        io.Writer
	read, write *os.File
	done        chan struct{}
}

func (l *line) open() error {
	var err error
	l.read, l.write, err = os.Pipe()
	l.done = make(chan struct{})
	return err
}

func (l *line) drain() {
	defer close(l.done)
	var w io.Writer = &l.Buffer
	if l.also != nil {
		w = io.MultiWriter(&l.Buffer, l.also)
	}
	if _, err := io.Copy(w, l.read); err != nil {
		io.Copy(&l.Buffer, l.read) // the other writer failed; the guest must not block for that
	}
}

// parseStatus reads the status line. No line, or more than one, is an error.
func parseStatus(s string) (int, error) {
	s = strings.TrimSpace(s)
	if reason, ok := strings.CutPrefix(s, failurePrefix); ok {
		return 0, fmt.Errorf("the guest could not start the program: %s", reason)
	}
	number, ok := strings.CutPrefix(s, statusPrefix)
	if !ok {
		return 0, errors.New("the guest ended without an exit status")
	}
	status, err := strconv.Atoi(number)
	if err != nil {
		return 0, fmt.Errorf("the guest's exit status cannot be read: %q", s)
	}
	return status, nil
}

func orDefault(n, byDefault int) int {
	if n == 0 {
		return byDefault
	}
	return n
}

// tail returns the last n lines of s.
func tail(s string, n int) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
