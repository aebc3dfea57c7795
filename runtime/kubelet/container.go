package kubelet

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headgate-net/headgate/runtime/lab"
)

// container is a program of a pod. What the API is told of it is under the pod's lock.
type container struct {
	pod    *pod
	of     *corev1.Container
	output *tail

	status corev1.ContainerStatus
	begun  bool // it has been started
	over   bool // it is not started again
}

func newContainer(p *pod, of *corev1.Container) *container {
	started := false
	return &container{pod: p, of: of, output: newTail(), status: corev1.ContainerStatus{
		Name: of.Name, Image: of.Image, ImageID: of.Image, Started: &started,
		State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}},
	}}
}

// The pauses before a program that has ended is started again.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// run runs the program, again and again if the pod's policy says so, until ctx ends.
func (c *container) run(ctx context.Context) {
	for wait := firstPause; ; wait = min(2*wait, lastPause) {
		code := c.once(ctx)
		if ctx.Err() != nil {
			return
		}
		policy := c.pod.of.Spec.RestartPolicy
		if policy == corev1.RestartPolicyNever || policy == corev1.RestartPolicyOnFailure && code == 0 {
			c.change(func() { c.over = true })
			return
		}
		c.change(func() {
			c.status.LastTerminationState = c.status.State
			c.status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "it has ended, and is started again"}}
		})
		c.pod.tell(ctx)
		if !pause(ctx, wait) {
			return
		}
		c.change(func() { c.status.RestartCount++ })
	}
}

// untilSuccess runs the program of an init container until it succeeds. It is false if it never will.
func (c *container) untilSuccess(ctx context.Context) bool {
	for wait := firstPause; ; wait = min(2*wait, lastPause) {
		code := c.once(ctx)
		switch {
		case ctx.Err() != nil:
			return false
		case code == 0:
			c.change(func() { c.over, c.status.Ready = true, true })
			return true
		case c.pod.of.Spec.RestartPolicy == corev1.RestartPolicyNever:
			c.change(func() { c.over = true })
			return false
		}
		c.pod.tell(ctx)
		if !pause(ctx, wait) {
			return false
		}
		c.change(func() { c.status.RestartCount++ })
	}
}

// change changes what the API is told.
func (c *container) change(how func()) {
	c.pod.mu.Lock()
	defer c.pod.mu.Unlock()
	how()
}

// notFound is the exit status of what cannot be run at all.
const notFound = 127

// once runs the program to its end and returns its exit status.
func (c *container) once(ctx context.Context) int {
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := metav1.Now()
	c.change(func() {
		yes := true
		c.begun, c.status.Started = true, &yes
		c.status.ContainerID = fmt.Sprintf("netns://%s/%s/%d", c.pod.of.UID, c.of.Name, c.status.RestartCount)
		c.status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: begun}}
		c.status.Ready = c.of.ReadinessProbe == nil
	})
	go c.pod.tell(own)
	if c.of.ReadinessProbe != nil {
		go c.watchReadiness(own)
	}
	code, err := c.pod.k.o.Machine.Exec(ctx, c.pod.where, c.argv(), lab.Stdio{Out: c.output, Err: c.output})
	if err != nil {
		code = notFound
		fmt.Fprintln(c.output, err)
	}
	c.change(func() {
		no := false
		reason := "Completed"
		if code != 0 {
			reason = "Error"
		}
		c.status.Ready, c.status.Started = false, &no
		c.status.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: int32(code), Reason: reason, StartedAt: begun, FinishedAt: metav1.Now(), ContainerID: c.status.ContainerID,
		}}
	})
	return code
}

// argv is what is run: with the container's environment, under the pod's own name.
func (c *container) argv() []string {
	env := c.environment()
	command, more := c.command()
	for i, w := range command {
		command[i] = expand(w, env)
	}
	words := c.words(command)
	argv := []string{"unshare", "--uts", "--", "env"}
	for _, e := range append(env, more...) {
		argv = append(argv, e.Name+"="+e.Value)
	}
	return append(append(argv, "sh", "-c", `echo "$0" >/proc/sys/kernel/hostname; exec "$@"`, c.pod.hostname()), words...)
}

// hostname is the pod's name for itself.
func (p *pod) hostname() string {
	if p.of.Spec.HostNetwork {
		return p.k.o.Node
	}
	if p.of.Spec.Hostname != "" {
		return p.of.Spec.Hostname
	}
	return p.of.Name
}

// words are those of a command with the machine's own agnhost in place of an image's, also where a shell is to run it.
func (c *container) words(command []string) []string {
	own := c.pod.k.o.Agnhost
	var out []string
	for i, w := range command {
		if i == 0 && (w == "/agnhost" || w == "agnhost") {
			out = append(out, own...)
			continue
		}
		out = append(out, strings.ReplaceAll(w, "/agnhost", strings.Join(own, " ")))
	}
	return out
}

// command is the container's command, with what of its environment goes with it. What an image would bring is made up.
func (c *container) command() ([]string, []corev1.EnvVar) {
	if len(c.of.Command) > 0 {
		return append(append([]string(nil), c.of.Command...), c.of.Args...), nil
	}
	if strings.HasPrefix(path.Base(c.of.Image), "agnhost") && len(c.of.Args) > 0 {
		return append([]string{"/agnhost"}, c.of.Args...), nil
	}
	var serve []corev1.EnvVar
	for _, p := range c.of.Ports {
		// The names are those that agnhost porter reads.
		proto := p.Protocol
		if proto == "" {
			proto = corev1.ProtocolTCP
		}
		serve = append(serve, corev1.EnvVar{Name: fmt.Sprintf("SERVE_%s_PORT_%d", proto, p.ContainerPort), Value: c.pod.of.Name})
	}
	if len(serve) == 0 || strings.HasPrefix(path.Base(c.of.Image), "agnhost") {
		return []string{"/agnhost", "pause"}, nil
	}
	return []string{"/agnhost", "porter"}, serve
}

// environment is the container's, as far as it does not come from other objects.
func (c *container) environment() []corev1.EnvVar {
	var out []corev1.EnvVar
	for _, e := range c.of.Env {
		value := expand(e.Value, out)
		if e.ValueFrom != nil && e.ValueFrom.FieldRef != nil {
			value = c.pod.field(e.ValueFrom.FieldRef.FieldPath)
		}
		out = append(out, corev1.EnvVar{Name: e.Name, Value: value})
	}
	return out
}

// field is a field of the pod that a container's environment may have, "" for others.
func (p *pod) field(name string) string {
	switch name {
	case "metadata.name":
		return p.of.Name
	case "metadata.namespace":
		return p.of.Namespace
	case "metadata.uid":
		return string(p.of.UID)
	case "spec.nodeName":
		return p.k.o.Node
	case "spec.serviceAccountName":
		return p.of.Spec.ServiceAccountName
	case "status.podIP":
		return p.addrs[0].String()
	case "status.hostIP":
		return p.k.o.Addrs[0].String()
	}
	return ""
}

// expand replaces $(NAME) by the value of a variable that there is.
func expand(s string, env []corev1.EnvVar) string {
	for _, e := range env {
		s = strings.ReplaceAll(s, "$("+e.Name+")", e.Value)
	}
	return s
}

// exec runs a program at the container's place.
func (c *container) exec(ctx context.Context, argv []string, stdio lab.Stdio) (int, error) {
	if len(argv) == 0 {
		return 0, errors.New("there is nothing to run")
	}
	return c.pod.k.o.Machine.Exec(ctx, c.pod.where, c.words(argv), stdio)
}
