package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// AddPod adds a pod to a lab that runs, and returns when it can carry traffic. Its addresses have to lie in its node's pod prefixes, to
// which everybody has a route. It may have no ports: what answers there is for whoever adds it to run.
func (l *Lab) AddPod(ctx context.Context, p Pod) error { return l.call(ctx, opAddPod, p, nil) }

// RemovePod ends every program that Exec or Start runs in a pod, and removes it. A pod that is gone already is no error.
func (l *Lab) RemovePod(ctx context.Context, namespace, name string) error {
	return l.call(ctx, opRemovePod, Pod{Namespace: namespace, Name: name}, nil)
}

// Program is what Start runs.
type Program struct {
	Name  string   `json:"name"`  // of its log and its pid file; letters, digits and inner dashes
	Where string   `json:"where"` // "node/NAME", "host/NAME" or "pod/NAMESPACE/NAME"
	Argv  []string `json:"argv"`
	Env   []string `json:"env,omitempty"` // beside what the supervisor has
}

// Log returns the path of what a started program prints. The file goes with the lab.
func (l *Lab) Log(name string) string { return filepath.Join(l.dir, name+".log") }

// PidFile returns the path of a file with the number that a started program has in the lab's own pid namespace: what Exec sees.
func (l *Lab) PidFile(name string) string { return filepath.Join(l.dir, name+".pid") }

// Start runs a program until it or the lab ends. That it has ended is written to the lab's log.
func (l *Lab) Start(ctx context.Context, p Program) error { return l.call(ctx, opStart, p, nil) }

// Detach has a lab that was brought up in the foreground outlive this process.
func (l *Lab) Detach(ctx context.Context) error { return l.call(ctx, opDetach, nil, nil) }

// addPod does what AddPod says. Pods come and go one at a time.
func (c *cluster) addPod(p Pod) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	node, err := c.admit(&p)
	if err != nil {
		return err
	}
	space, err := newNetNS(p.Where(), c.home, prepareNetNS)
	if err == nil && c.names {
		err = space.publish(namesDir)
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.spaces[p.Where()] = space
	c.boot.Spec.Pods = append(slices.Clone(c.boot.Spec.Pods), p)
	c.mu.Unlock()
	err = c.nodes[node].ns.in(func(l *links) { c.wirePod(l, &p) })
	if err == nil {
		err = c.buildPod(&c.boot.Spec.Nodes[node], &p)
	}
	if err == nil && c.boot.Spec.Target == OpenFlow {
		err = c.plugPods(c.nodes[node], []*Pod{&p})
	}
	if err == nil {
		err = c.keepSpec()
	}
	if err != nil {
		return errors.Join(err, c.dismantle(&p, node))
	}
	return nil
}

// admit checks a pod that is to come, and returns the index of its node.
func (c *cluster) admit(p *Pod) (node int, err error) {
	spec := c.boot.Spec
	spec.Pods = append(slices.Clone(spec.Pods), *p)
	if err := spec.Check(); err != nil {
		return 0, err
	}
	if len(p.Ports) > 0 {
		return 0, fmt.Errorf("%s: nothing answers on the ports of pods that come later", p.Where())
	}
	node = slices.IndexFunc(spec.Nodes, func(n Node) bool { return n.Name == p.Node })
	for _, a := range p.Addrs {
		if ownerOf(spec.Nodes, a) != node {
			return 0, fmt.Errorf("%s: %s is in no pod prefix of %s", p.Where(), a, p.Node)
		}
	}
	return node, nil
}

// removePod does what RemovePod says.
func (c *cluster) removePod(p *Pod) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	pods := c.boot.Spec.Pods
	at := slices.IndexFunc(pods, func(o Pod) bool { return o.Where() == p.Where() })
	if at < 0 {
		return nil
	}
	gone := pods[at]
	node := slices.IndexFunc(c.boot.Spec.Nodes, func(n Node) bool { return n.Name == gone.Node })
	return errors.Join(c.dismantle(&gone, node), c.keepSpec())
}

// dismantle undoes as much of addPod as was done.
func (c *cluster) dismantle(p *Pod, node int) error {
	c.endPrograms(p.Where())
	var errs []error
	if c.boot.Spec.Target == OpenFlow {
		errs = append(errs, c.vsctl(c.nodes[node], "--if-exists", "del-port", intBridge, podLink(p)))
	}
	errs = append(errs, c.nodes[node].ns.in(func(l *links) { l.remove(podLink(p)) }))
	c.mu.Lock()
	defer c.mu.Unlock()
	if space := c.spaces[p.Where()]; space != nil {
		delete(c.spaces, p.Where())
		if c.names {
			errs = append(errs, space.unpublish(namesDir))
		}
		errs = append(errs, space.file.Close())
	}
	c.boot.Spec.Pods = slices.DeleteFunc(slices.Clone(c.boot.Spec.Pods), func(o Pod) bool { return o.Where() == p.Where() })
	return errors.Join(errs...)
}

// remove deletes a link and the other end of its pair. One that is gone is no error.
func (l *links) remove(name string) {
	link, err := l.h.LinkByName(name)
	var missing netlink.LinkNotFoundError
	if errors.As(err, &missing) {
		return
	}
	if err == nil {
		err = l.h.LinkDel(link)
	}
	l.note(err, "delete link %s", name)
}

// unpublish undoes publish.
func (n *netNS) unpublish(dir string) error {
	path := filepath.Join(dir, strings.ReplaceAll(n.where, "/", "."))
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unbind %s: %w", path, err)
	}
	return os.Remove(path)
}

// keepSpec tells those who attach what there is now.
func (c *cluster) keepSpec() error {
	text, err := json.Marshal(&c.boot.Spec)
	if err != nil {
		return err
	}
	path := filepath.Join(c.dir, specFile)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// pods returns the pods that there are at the moment.
func (c *cluster) pods() []Pod {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.boot.Spec.Pods
}

// began notes a program that leads a session at a place. It is false if the place is gone.
func (c *cluster) began(where string, pid int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.spaces[where] == nil {
		return false
	}
	c.running[pid] = where
	return true
}

// ended forgets a program, before its number can be somebody else's.
func (c *cluster) ended(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, pid)
}

// endPrograms kills what runs at a place, with what it has started in its session's first process group.
func (c *cluster) endPrograms(where string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for pid, at := range c.running {
		if at == where {
			// It may have ended by itself.
			_ = unix.Kill(-pid, unix.SIGKILL)
		}
	}
}

// start does what Start says.
func (c *cluster) start(p Program) error {
	if len(p.Argv) == 0 || !isLabName(p.Name) {
		return fmt.Errorf("program %q: want a name of lower case letters, digits and inner dashes, and something to run", p.Name)
	}
	space, err := c.space(p.Where)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(c.dir, p.Name+".log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.Argv[0], p.Argv[1:]...)
	cmd.Env, cmd.Dir = c.env(p.Where, p.Env), "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := space.do(func() error { return c.children.start(cmd) }); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	pidFile := filepath.Join(c.dir, p.Name+".pid")
	if err := os.WriteFile(pidFile, fmt.Appendln(nil, cmd.Process.Pid), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if !c.began(p.Where, cmd.Process.Pid) {
		unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
	}
	go func() {
		err := c.children.wait(cmd)
		c.ended(cmd.Process.Pid)
		if err := os.Remove(pidFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(os.Stderr, err)
		}
		fmt.Fprintf(os.Stderr, "%s at %s has ended: %v\n", p.Name, p.Where, ending(err))
	}()
	return nil
}

// ending is how a program ended, in words.
func ending(err error) string {
	if err == nil {
		return "by itself"
	}
	return err.Error()
}
