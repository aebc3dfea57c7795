package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

type openRequest struct {
	Ports []Port `json:"ports"`
}

type execRequest struct {
	Where string   `json:"where"`
	Argv  []string `json:"argv"`
	Env   []string `json:"env,omitempty"`
}

type execReply struct {
	Status int `json:"status"`
}

// listen makes the control socket.
func (c *cluster) listen() error {
	socket, err := net.Listen("unix", filepath.Join(c.dir, socketFile))
	if err != nil {
		return err
	}
	c.control = socket.(*net.UnixListener)
	return nil
}

// serve answers requests until the lab ends. stop ends it.
func (c *cluster) serve(ctx context.Context, stop func()) {
	for {
		conn, err := c.control.AcceptUnix()
		if err != nil {
			stop()
			return
		}
		go c.answer(ctx, conn, stop)
	}
}

// answer serves one connection: one request, whose context ends when the client goes away.
func (c *cluster) answer(ctx context.Context, conn *net.UnixConn, stop func()) {
	defer conn.Close()
	var req request
	files, err := readFrame(conn, &req)
	if err != nil {
		return
	}
	defer closeAll(files)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		var rest [1]byte
		conn.Read(rest[:]) // the client writes nothing more
		cancel()
	}()
	if req.Op == opDown {
		writeFrame(conn, reply{})
		stop()
		return
	}
	body, err := c.perform(ctx, &req, files)
	out := reply{Place: errors.Is(err, ErrNoPlace)}
	if err != nil {
		out.Error = err.Error()
	} else if out.Body, err = json.Marshal(body); err != nil {
		out.Error = err.Error()
	}
	writeFrame(conn, out)
}

// perform carries out a request.
func (c *cluster) perform(ctx context.Context, req *request, files []*os.File) (any, error) {
	switch req.Op {
	case opExec:
		var r execRequest
		if err := json.Unmarshal(req.Body, &r); err != nil {
			return nil, err
		}
		return c.exec(ctx, r, files)
	case opProbe:
		var probes []ProbeRequest
		if err := json.Unmarshal(req.Body, &probes); err != nil {
			return nil, err
		}
		return c.probe(ctx, probes)
	case opOpen:
		var r openRequest
		if err := json.Unmarshal(req.Body, &r); err != nil {
			return nil, err
		}
		return nil, c.listeners.openOnPods(r.Ports)
	case opApply:
		return c.apply(ctx, req.Body)
	case opAddPod, opRemovePod, opStart, opDoor, opDetach:
		return nil, c.change(req, files)
	case opFault:
		var f Faults
		if err := json.Unmarshal(req.Body, &f); err != nil {
			return nil, err
		}
		return nil, c.inflict(f)
	}
	return nil, fmt.Errorf("the lab was brought up by another version of this program: it does not know %q", req.Op)
}

// change carries out a request that changes what there is.
func (c *cluster) change(req *request, files []*os.File) error {
	switch req.Op {
	case opStart:
		var p Program
		if err := json.Unmarshal(req.Body, &p); err != nil {
			return err
		}
		return c.start(p)
	case opDoor:
		var d doorRequest
		if err := json.Unmarshal(req.Body, &d); err != nil {
			return err
		}
		return c.door(d, files)
	case opDetach:
		c.detached.Store(true)
		return nil
	}
	var p Pod
	if err := json.Unmarshal(req.Body, &p); err != nil {
		return err
	}
	if req.Op == opRemovePod {
		return c.removePod(&p)
	}
	return c.addPod(p)
}

// exec runs a program at a place with the client's standard streams.
func (c *cluster) exec(ctx context.Context, r execRequest, files []*os.File) (execReply, error) {
	space, err := c.space(r.Where)
	if err != nil {
		return execReply{}, err
	}
	if len(r.Argv) == 0 || len(files) != 3 {
		return execReply{}, errors.New("exec wants a program and three streams")
	}
	cmd := exec.CommandContext(ctx, r.Argv[0], r.Argv[1:]...)
	cmd.Env = c.env(r.Where, r.Env)
	cmd.Dir = "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files[0], files[1], files[2]
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	if err := space.do(func() error { return c.children.start(cmd) }); err != nil {
		return execReply{}, err
	}
	if !c.began(r.Where, cmd.Process.Pid) {
		unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
	}
	closeAll(files)
	err = c.children.wait(cmd)
	c.ended(cmd.Process.Pid)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return execReply{}, err
	}
	state := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if state.Signaled() {
		return execReply{Status: 128 + int(state.Signal())}, nil
	}
	return execReply{Status: state.ExitStatus()}, nil
}
