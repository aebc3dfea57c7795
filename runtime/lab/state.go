package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// What callers may want to tell apart.
var (
	ErrRunning = errors.New("a lab of this name is running")
	ErrNoLab   = errors.New("there is no such lab")
	ErrNoPlace = errors.New("there is no such place in the lab")
)

// A lab's state directory, BASE/NAME, holds:
const (
	lockFile   = "lock"      // locked (flock) by the supervisor for as long as it lives
	specFile   = "spec.json" // the Spec
	socketFile = "control"   // the supervisor's unix socket
	logFile    = "log"       // the supervisor's standard output and error
	runDir     = "run"       // mount point of a tmpfs that only the lab sees
)

// Info describes a running lab.
type Info struct {
	Name   string `json:"name"`
	Target Target `json:"target"`
	Nodes  int    `json:"nodes"`
	Pods   int    `json:"pods"`
	Hosts  int    `json:"hosts"`
}

// List returns the running labs of this user, by name, after removing what killed ones left.
func List() ([]Info, error) {
	base, err := baseDir()
	if err != nil {
		return nil, err
	}
	var infos []Info
	err = withBase(base, func() error {
		names, err := sweep(base)
		if err != nil {
			return err
		}
		for _, name := range names {
			spec, err := readSpec(filepath.Join(base, name))
			if err != nil {
				return err
			}
			infos = append(infos, Info{Name: name, Target: spec.Target, Nodes: len(spec.Nodes), Pods: len(spec.Pods), Hosts: len(spec.Hosts)})
		}
		return nil
	})
	return infos, err
}

// baseDir returns the directory under which this user's labs keep their state directories.
func baseDir() (string, error) {
	uid := os.Getuid()
	leaf := "headgate-lab-" + strconv.Itoa(uid)
	candidates := []string{os.Getenv("XDG_RUNTIME_DIR"), "/run", os.TempDir()}
	for _, parent := range candidates {
		if !filepath.IsAbs(parent) || unix.Access(parent, unix.W_OK|unix.X_OK) != nil {
			continue
		}
		base := filepath.Join(parent, leaf)
		if len(base) > 60 {
			continue // leave room for socket paths, which end at 107 bytes
		}
		return base, nil
	}
	return "", fmt.Errorf("no directory for the lab's state: none of XDG_RUNTIME_DIR, /run and %s is writable and short enough", os.TempDir())
}

// withBase runs fn while it holds the lock on base, which it creates and, if it is left empty, removes.
func withBase(base string, fn func() error) error {
	for {
		if err := os.Mkdir(base, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		dir, err := os.OpenFile(base, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		again, err := locked(dir, base, fn)
		dir.Close()
		if !again {
			return err
		}
	}
}

// locked runs fn under the lock of dir. It asks to be called again if dir was removed while it waited.
func locked(dir *os.File, base string, fn func() error) (again bool, err error) {
	if err := flock(dir, unix.LOCK_EX); err != nil {
		return false, err
	}
	var held unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &held); err != nil {
		return false, err
	}
	if int(held.Uid) != os.Getuid() {
		return false, fmt.Errorf("%s belongs to another user", base)
	}
	var named unix.Stat_t
	if err := unix.Lstat(base, &named); err != nil || named.Ino != held.Ino || named.Dev != held.Dev {
		return true, nil
	}
	err = fn()
	os.Remove(base) // succeeds only when no lab is left
	return false, err
}

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// sweep removes the state directories under base that no living supervisor holds and returns the names of the others, sorted.
// The caller holds base's lock, so that a directory without a locked lock file is not one that is just being made.
func sweep(base string) ([]string, error) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return nil, err
	}
	var alive []string
	for _, entry := range entries {
		dir := filepath.Join(base, entry.Name())
		if inUse(dir) {
			alive = append(alive, entry.Name())
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return alive, nil
}

// inUse tells whether a living process holds the lock of a state directory.
func inUse(dir string) bool {
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer lock.Close()
	return flock(lock, unix.LOCK_EX|unix.LOCK_NB) != nil
}

// claim makes a state directory for the lab and locks it. It fills in spec.Name if that is empty.
func claim(base string, spec *Spec) (dir string, lock *os.File, err error) {
	err = withBase(base, func() error {
		names, err := sweep(base)
		if err != nil {
			return err
		}
		if spec.Name == "" {
			spec.Name = freeName(names)
		}
		if slices.Contains(names, spec.Name) {
			return fmt.Errorf("%w: %s", ErrRunning, spec.Name)
		}
		dir = filepath.Join(base, spec.Name)
		lock, err = makeState(dir, spec)
		return err
	})
	return dir, lock, err
}

// freeName returns the first of lab-1, lab-2, ... that is not taken.
func freeName(taken []string) string {
	for n := 1; ; n++ {
		if name := "lab-" + strconv.Itoa(n); !slices.Contains(taken, name) {
			return name
		}
	}
}

func makeState(dir string, spec *Spec) (*os.File, error) {
	if err := os.MkdirAll(filepath.Join(dir, runDir), 0o700); err != nil {
		return nil, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, specFile), text, 0o600); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(lock, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}

func readSpec(dir string) (*Spec, error) {
	text, err := os.ReadFile(filepath.Join(dir, specFile))
	if err != nil {
		return nil, err
	}
	spec := &Spec{}
	if err := json.Unmarshal(text, spec); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, specFile), err)
	}
	return spec, nil
}

// reclaim removes a state directory unless a living supervisor holds it.
func reclaim(dir string) error {
	base := filepath.Dir(dir)
	return withBase(base, func() error {
		if inUse(dir) {
			return nil
		}
		return os.RemoveAll(dir)
	})
}

// logTail returns the last lines that the supervisor wrote, for an error message.
func logTail(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, logFile))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
