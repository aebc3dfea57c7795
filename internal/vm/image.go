package vm

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// searchPath is PATH inside the machine; busybox's applets live in /bin and give way to the real tools.
const searchPath = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// File is something to have inside the machine: a file of this machine, or a whole directory, at Path. A program needs its
// libraries too; those of Tools come by themselves.
type File struct {
	Path   string // absolute, in the machine
	Source string // on this machine
}

// Image says what a machine holds. Besides it there are always busybox, dash, kmod, the kernel's networking modules (so that
// the kernel finds by itself what it wants) and the system tables under /etc that name resolution reads.
type Image struct {
	Kernel Kernel
	Load   []string // modules that are loaded, with success, before the program starts
	Tools  []string // programs of this machine, by name; they come with their libraries
	Files  []File
}

// NetworkTools lists the programs that exercise networking: iproute2, nftables, conntrack, ethtool, tcpdump, Open vSwitch,
// and what enters namespaces.
func NetworkTools() []string {
	return []string{
		"ip", "tc", "bridge", "ss", "sysctl", "nft", "conntrack", "ethtool", "tcpdump", "nsenter", "setpriv", "unshare",
		"ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovsdb-client", "ovs-vsctl", "ovs-ofctl", "ovs-appctl", "ovs-dpctl",
	}
}

// NetworkFiles lists the data that the programs of NetworkTools read.
func NetworkFiles() []File {
	same := func(name string) File { return File{Path: name, Source: name} }
	return []File{same("/usr/share/openvswitch/vswitch.ovsschema"), same("/etc/iproute2")}
}

// Build writes the image as an initial file system (an uncompressed "newc" archive; unpacking gzip under emulation would
// take longer than reading it). The same files give the same bytes.
func Build(ctx context.Context, img Image, w io.Writer) error {
	a := newArchive()
	for _, dir := range [...]string{"/proc", "/sys", "/dev", "/run", "/root", "/usr/bin", "/var/lib", "/etc/openvswitch"} {
		a.dir(dir, 0o755)
	}
	a.dir("/tmp", 0o1777)
	a.link("/var/run", "/run")
	a.link("/var/tmp", "/tmp")
	a.link("/etc/mtab", "/proc/self/mounts")
	a.add("/dev/console", node{mode: typeChar | 0o600, rdev: [2]uint32{5, 1}})
	a.file("/etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"))
	a.file("/etc/group", 0o644, []byte("root:x:0:\nnogroup:x:65534:\n"))
	a.file("/etc/hosts", 0o644, []byte("127.0.0.1 localhost\n::1 localhost\n"))
	a.file("/etc/nsswitch.conf", 0o644, []byte("passwd: files\ngroup: files\nhosts: files\nprotocols: files\nservices: files\n"))
	for _, name := range [...]string{"/etc/protocols", "/etc/services"} {
		if err := addTree(a, File{Path: name, Source: name}); err != nil {
			return err
		}
	}
	if err := addModules(a, img.Kernel); err != nil {
		return err
	}
	if err := addTools(ctx, a, img.Tools); err != nil {
		return err
	}
	for _, f := range img.Files {
		if err := addTree(a, f); err != nil {
			return err
		}
	}
	return a.writeTo(w)
}

// addTools adds busybox, kmod's modprobe, a shell and the named programs at their usual places. The shell is not busybox's,
// which runs its own applets before it looks for a program of that name.
func addTools(ctx context.Context, a *archive, names []string) error {
	places := map[string]string{"busybox": "/bin/busybox", "dash": "/bin/sh"}
	for _, name := range append([]string{"busybox", "dash", "modprobe"}, names...) {
		source := lookPath(name)
		if !filepath.IsAbs(source) {
			return fmt.Errorf("program %s is not installed", name)
		}
		dest := cmp.Or(places[name], "/usr/sbin/"+name)
		if err := addTree(a, File{Path: dest, Source: source}); err != nil {
			return err
		}
		libraries, err := libraries(ctx, source)
		if err != nil {
			return err
		}
		for _, lib := range libraries {
			if !a.has(lib) {
				if err := addTree(a, File{Path: lib, Source: lib}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// libraries asks the dynamic loader which files a program maps; a static program has none.
func libraries(ctx context.Context, program string) ([]string, error) {
	out, err := output(ctx, "", "ldd", program)
	if err != nil {
		if strings.Contains(err.Error(), "not a dynamic executable") {
			return nil, nil
		}
		return nil, err
	}
	var found []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, "not found") {
			return nil, fmt.Errorf("library of %s: %s", program, strings.TrimSpace(line))
		}
		for _, field := range strings.Fields(line) {
			if strings.HasPrefix(field, "/") {
				found = append(found, field)
			}
		}
	}
	return found, nil
}

// addTree adds a file, or a directory with all that is under it. Symbolic links are followed: the machine need not share
// this one's layout.
func addTree(a *archive, f File) error {
	info, err := os.Stat(f.Source)
	if err != nil {
		return err
	}
	if info.IsDir() {
		entries, err := os.ReadDir(f.Source)
		if err != nil {
			return err
		}
		a.dir(f.Path, 0o755)
		for _, e := range entries {
			if err := addTree(a, File{Path: path.Join(f.Path, e.Name()), Source: filepath.Join(f.Source, e.Name())}); err != nil {
				return err
			}
		}
		return nil
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is neither a file nor a directory", f.Source)
	}
	data, err := os.ReadFile(f.Source)
	if err != nil {
		return err
	}
	a.file(f.Path, uint32(info.Mode().Perm()), data)
	return nil
}

// moduleDirs are the parts of a kernel's module tree that networking needs. Drivers of network hardware stay out: there
// is none.
func moduleDirs() []string {
	return []string{
		"kernel/net", "kernel/lib", "kernel/crypto", "kernel/arch/x86/crypto", "kernel/drivers/net/*.ko",
		"kernel/drivers/net/vxlan", "kernel/drivers/net/wireguard", "kernel/drivers/net/bonding", "kernel/drivers/net/macvlan",
		"kernel/drivers/net/ipvlan",
	}
}

// addModules adds the networking modules, all they depend on, and the indexes.
func addModules(a *archive, k Kernel) error {
	chosen, err := networkModules(k)
	if err != nil {
		return err
	}
	indexes, err := filepath.Glob(filepath.Join(k.Modules, "modules.*"))
	if err != nil {
		return err
	}
	for _, name := range indexes {
		chosen = append(chosen, filepath.Base(name))
	}
	for _, name := range chosen {
		dest := path.Join("/lib/modules", k.Release, name)
		if err := addTree(a, File{Path: dest, Source: filepath.Join(k.Modules, name)}); err != nil {
			return err
		}
	}
	return nil
}

// networkModules lists module files relative to the module directory, sorted, closed under dependency.
func networkModules(k Kernel) ([]string, error) {
	depends, err := moduleDependencies(k)
	if err != nil {
		return nil, err
	}
	chosen := map[string]bool{}
	add := func(name string) {
		chosen[name] = true
		for _, d := range depends[name] { // modules.dep is transitively closed: modules.dep(5)
			chosen[d] = true
		}
	}
	for _, pattern := range moduleDirs() {
		roots, err := filepath.Glob(filepath.Join(k.Modules, pattern))
		if err != nil {
			return nil, err
		}
		for _, root := range roots {
			err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
				if err == nil && !entry.IsDir() && strings.Contains(entry.Name(), ".ko") {
					add(strings.TrimPrefix(name, k.Modules+"/"))
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	names := make([]string, 0, len(chosen))
	for name := range chosen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func moduleDependencies(k Kernel) (map[string][]string, error) {
	data, err := os.ReadFile(filepath.Join(k.Modules, "modules.dep"))
	if err != nil {
		return nil, err
	}
	depends := map[string][]string{}
	for line := range strings.Lines(string(data)) {
		if name, rest, ok := strings.Cut(line, ":"); ok {
			depends[name] = strings.Fields(rest)
		}
	}
	return depends, nil
}
