package vm

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// The file type bits of a Unix mode, as the archive format wants them.
const (
	typeDir     = 0o040000
	typeRegular = 0o100000
	typeSymlink = 0o120000
	typeChar    = 0o020000
)

// node is one member of an archive. For a symbolic link data is its target; rdev is {major, minor} of a device.
type node struct {
	mode uint32
	rdev [2]uint32
	data []byte
}

// archive collects the files of an initial file system by absolute path. Parent directories appear by themselves.
type archive struct {
	nodes map[string]node
}

func newArchive() *archive { return &archive{nodes: map[string]node{}} }

func (a *archive) add(name string, n node) {
	name = path.Clean("/" + name)
	for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
		if _, ok := a.nodes[dir]; !ok {
			a.nodes[dir] = node{mode: typeDir | 0o755}
		}
	}
	a.nodes[name] = n
}

func (a *archive) file(name string, perm uint32, data []byte) {
	a.add(name, node{mode: typeRegular | perm, data: data})
}

func (a *archive) dir(name string, perm uint32) { a.add(name, node{mode: typeDir | perm}) }

func (a *archive) link(name, target string) {
	a.add(name, node{mode: typeSymlink | 0o777, data: []byte(target)})
}

func (a *archive) has(name string) bool {
	_, ok := a.nodes[path.Clean("/"+name)]
	return ok
}

// writeTo writes the archive in the "newc" format that the kernel's Documentation/driver-api/early-userspace/buffer-format.rst
// describes. Members are sorted, so a directory precedes what it holds; times and owners are zero, so equal contents give
// equal bytes. Archives may follow each other in one file: the kernel unpacks them in order.
func (a *archive) writeTo(w io.Writer) error {
	names := make([]string, 0, len(a.nodes))
	for name := range a.nodes {
		names = append(names, name)
	}
	slices.Sort(names)
	buffered := bufio.NewWriterSize(w, 1<<20)
	for i, name := range names {
		writeMember(buffered, uint32(i+1), strings.TrimPrefix(name, "/"), a.nodes[name])
	}
	writeMember(buffered, 0, "TRAILER!!!", node{})
	return buffered.Flush()
}

// writeMember leaves errors to the writer, which keeps the first one until Flush.
func writeMember(w *bufio.Writer, inode uint32, name string, n node) {
	const links, mtime, owner, device, check = 1, 0, 0, 0, 0
	fmt.Fprintf(w, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		inode, n.mode, owner, owner, links, mtime, len(n.data), device, device, n.rdev[0], n.rdev[1], len(name)+1, check)
	const headerLen = 110
	w.WriteString(name)
	w.WriteByte(0)
	pad(w, headerLen+len(name)+1)
	w.Write(n.data)
	pad(w, len(n.data))
}

// pad fills up to a multiple of four after n bytes.
func pad(w *bufio.Writer, n int) {
	for ; n%4 != 0; n++ {
		w.WriteByte(0)
	}
}
