package vm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// metaPackage depends on the newest kernel package for virtual machines of the Debian release at hand.
const metaPackage = "linux-image-cloud-amd64"

// Kernel is a kernel on this machine's disk, ready to boot: its release as `uname -r` gives it, the compressed image, and
// the directory that holds its modules with the indexes of depmod(8).
type Kernel struct {
	Release string
	Image   string
	Modules string
}

// DebianKernel returns the kernel for virtual machines of the Debian release that this machine runs. The package is
// downloaded once and kept unpacked under the user's cache directory, in headgate/vm; nothing is installed.
// It needs apt-get, dpkg-deb and depmod, and root if the package lists must be fetched. Only amd64 is supported.
func DebianKernel(ctx context.Context) (Kernel, error) {
	kernel, err := debianKernel(ctx)
	if err == nil {
		return kernel, nil
	}
	// The package lists may be missing, as in a fresh container, or name a version that the archive no longer has.
	if _, updated := output(ctx, "", "apt-get", "update", "-q"); updated != nil {
		return Kernel{}, errors.Join(err, updated)
	}
	return debianKernel(ctx)
}

func debianKernel(ctx context.Context) (Kernel, error) {
	name, err := kernelPackage(ctx)
	if err != nil {
		return Kernel{}, err
	}
	version, err := kernelVersion(ctx, name)
	if err != nil {
		return Kernel{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return Kernel{}, err
	}
	cache = filepath.Join(cache, "headgate", "vm")
	dir := filepath.Join(cache, name+"_"+strings.ReplaceAll(version, ":", "%"))
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := unpackKernel(ctx, cache, dir, name+"="+version); err != nil {
			return Kernel{}, fmt.Errorf("kernel package %s: %w", name, err)
		}
	}
	return findKernel(dir)
}

// kernelPackage asks for the package that the meta package stands for at the moment.
func kernelPackage(ctx context.Context) (string, error) {
	out, err := output(ctx, "", "apt-cache", "depends", metaPackage)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "Depends: linux-image-"); ok {
			return "linux-image-" + name, nil
		}
	}
	return "", fmt.Errorf("no dependency of %s names a kernel", metaPackage)
}

func kernelVersion(ctx context.Context, name string) (string, error) {
	out, err := output(ctx, "", "apt-cache", "policy", name)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		if version, ok := strings.CutPrefix(strings.TrimSpace(line), "Candidate: "); ok && version != "(none)" {
			return version, nil
		}
	}
	return "", fmt.Errorf("package %s has no candidate version", name)
}

// unpackKernel downloads into a directory of its own and renames it when it is complete, so that an interrupted or a
// simultaneous run leaves no half kernel behind.
func unpackKernel(ctx context.Context, cache, dir, spec string) error {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(cache, "download-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if _, err := output(ctx, tmp, "apt-get", "download", "-q", spec); err != nil {
		return err
	}
	packages, err := filepath.Glob(filepath.Join(tmp, "*.deb"))
	if err != nil || len(packages) != 1 {
		return fmt.Errorf("apt-get download left %d packages, want 1 (%v)", len(packages), err)
	}
	root := filepath.Join(tmp, "root")
	if _, err := output(ctx, tmp, "dpkg-deb", "-x", packages[0], root); err != nil {
		return err
	}
	found, err := findKernel(root)
	if err != nil {
		return err
	}
	if _, err := output(ctx, tmp, "depmod", "-b", root, found.Release); err != nil {
		return err
	}
	if err := os.Rename(root, dir); err != nil {
		if _, stat := os.Stat(dir); stat == nil {
			return nil
		}
		return err
	}
	return nil
}

func findKernel(root string) (Kernel, error) {
	images, err := filepath.Glob(filepath.Join(root, "boot", "vmlinuz-*"))
	if err != nil || len(images) != 1 {
		return Kernel{}, fmt.Errorf("%s holds %d kernel images, want 1 (%v)", root, len(images), err)
	}
	release := strings.TrimPrefix(filepath.Base(images[0]), "vmlinuz-")
	modules := filepath.Join(root, "lib", "modules", release)
	if _, err := os.Stat(modules); err != nil {
		return Kernel{}, err
	}
	return Kernel{Release: release, Image: images[0], Modules: modules}, nil
}

// output runs a program in dir and returns what it prints; the error carries what it complains about.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, lookPath(name), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", cmd, err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}

// lookPath finds a program even where PATH lacks the sbin directories; a name that is nowhere is returned as it is, and
// running it then says so.
func lookPath(name string) string {
	if found, err := exec.LookPath(name); err == nil {
		return found
	}
	for _, dir := range [...]string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return found
		}
	}
	return name
}
