package source

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// identity tells a directory from another that took its name.
type identity struct{ device, inode uint64 }

// version tells one content of a file from another: programs that write a file change its times, those that replace it its identity.
type version struct {
	identity
	size, modified, changed int64
}

// state is what a tree's files are at one moment, by path.
type state map[string]version

func (s state) equal(o state) bool { return maps.Equal(s, o) }

func (s state) paths() []string { return slices.Sorted(maps.Keys(s)) }

func isManifest(name string) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json", ".hg":
		return !isHidden(name)
	}
	return false
}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// concerns reports whether an event can have changed what is to be read. Links that lead into hidden directories change with
// hidden names, so those count too; access times and modes alone do not.
func (d *Directory) concerns(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	outside := filepath.Dir(e.Name) == filepath.Dir(d.root) && d.root != filepath.Dir(d.root)
	return !outside || e.Name == d.root // of the tree's own directory only itself matters
}

// look is state, or nil if the tree cannot be read.
func (d *Directory) look() state {
	s, err := d.state()
	if err != nil {
		return nil
	}
	return s
}

// state reads the state of the tree.
func (d *Directory) state() (state, error) {
	s := state{}
	err := d.walk(func(path string, entry fs.DirEntry) error {
		if entry.IsDir() || !isManifest(entry.Name()) {
			return nil
		}
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			s[path] = version{} // a link that leads nowhere, or a file that is just being replaced: reading will tell
		case err != nil:
			return err
		case !info.IsDir():
			s[path] = versionOf(info)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// walk calls f with everything in the tree that is not hidden.
func (d *Directory) walk(f func(path string, entry fs.DirEntry) error) error {
	// With a separator at its end, a symbolic link is followed.
	return filepath.WalkDir(d.root+string(filepath.Separator), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist) && filepath.Clean(path) != d.root:
			return nil // gone since it was listed
		case err != nil:
			return err
		case filepath.Clean(path) != d.root && isHidden(entry.Name()):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return f(filepath.Clean(path), entry)
	})
}

// follow has every directory of the tree watched, and the one that it is in, which tells when the tree is replaced.
func (d *Directory) follow() {
	present := map[string]bool{}
	watch := func(path string) {
		present[path] = true
		info, err := os.Stat(path)
		if err != nil {
			return
		}
		id := versionOf(info).identity
		if was, known := d.watched[path]; known && was == id {
			return
		} else if known {
			_ = d.watcher.Remove(path) // it watches what had the name before
		}
		if err := d.watcher.Add(path); err != nil {
			d.log.Warn("a directory cannot be watched; it is looked at now and then", "directory", path, "error", err)
			return
		}
		d.watched[path] = id
	}
	watch(filepath.Dir(d.root))
	_ = d.walk(func(path string, entry fs.DirEntry) error {
		if entry.IsDir() {
			watch(path)
		}
		return nil
	})
	for path := range d.watched {
		if !present[path] {
			_ = d.watcher.Remove(path)
			delete(d.watched, path)
		}
	}
}

func versionOf(info fs.FileInfo) version {
	v := version{size: info.Size(), modified: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		v.identity = identity{uint64(st.Dev), st.Ino}
		v.changed = st.Ctim.Nano()
	}
	return v
}

// locked reports whether git is changing the tree: from before it writes the first file until after the last one, its index has a
// lock. Source: git's documentation of repository-layout and of the lock file API.
func (d *Directory) locked() bool {
	for dir := d.root; ; dir = filepath.Dir(dir) {
		if git := gitDir(filepath.Join(dir, ".git")); git != "" {
			_, err := os.Lstat(filepath.Join(git, "index.lock"))
			return err == nil
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// gitDir is the directory that a .git is, or that a file of that name, as in linked work trees, leads to; "" if there is none.
func gitDir(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	if info.IsDir() {
		return path
	}
	text, err := os.ReadFile(path)
	target, found := bytes.CutPrefix(bytes.TrimSpace(text), []byte("gitdir: "))
	switch {
	case err != nil || !found:
		return ""
	case filepath.IsAbs(string(target)):
		return string(target)
	}
	return filepath.Join(filepath.Dir(path), string(target))
}
