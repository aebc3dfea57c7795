package apiserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/profiles/seccomp"
	specs "github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/headgate-net/headgate/test/apiserver"
)

// node stands for the kubelet of a node: it has runc run the containers of pods as the pods say, and gives them what a kubelet gives.
type node struct {
	t      *testing.T
	server *apiserver.Server
	name   string
	place  *place
	disk   string // where host paths lie
}

func newNode(t *testing.T, server *apiserver.Server, name string) *node {
	return &node{t: t, server: server, name: name, place: newPlace(t, server.Address()), disk: t.TempDir()}
}

// pod is one that runs, and what its container logs.
type pod struct {
	followed
	name    string
	process *exec.Cmd
	runc    func(args ...string) *exec.Cmd
	pidFile string
}

// run runs the container of a pod, and ends it with the test if it is not ended before.
func (n *node) run(headgate string, of *corev1.Pod) *pod {
	n.t.Helper()
	require.Len(n.t, of.Spec.Containers, 1)
	p := &pod{name: of.Name}
	p.t, p.server, p.headgate, p.place = n.t, n.server, headgate, n.place
	if !of.Spec.HostNetwork {
		p.place = newPlace(n.t, n.server.Address())
	}
	bundle := n.t.TempDir()
	p.pidFile = filepath.Join(bundle, "pid")
	id := fmt.Sprintf("headgate-%d-%s", os.Getpid(), of.Name)
	p.runc = func(args ...string) *exec.Cmd {
		return exec.Command("runc", append([]string{"--root", filepath.Join(bundle, "state")}, args...)...)
	}
	n.unpack(headgate, filepath.Join(bundle, "rootfs"))
	text, err := json.Marshal(n.specOf(p, of, bundle, id))
	require.NoError(n.t, err)
	require.NoError(n.t, os.WriteFile(filepath.Join(bundle, "config.json"), text, 0o600))
	p.process = p.runc("run", "--bundle", bundle, "--pid-file", p.pidFile, id)
	p.process.Stdout, p.process.Stderr = p, p
	require.NoError(n.t, p.process.Start())
	n.t.Cleanup(func() {
		p.end(id, "KILL")
		if n.t.Failed() {
			n.t.Log(p.name + ":\n" + p.log.String())
		}
	})
	return p
}

// unpack makes the root file system that deploy/Dockerfile describes: its last stage has one file, and nothing else.
func (n *node) unpack(headgate, root string) {
	n.t.Helper()
	_, last, _ := strings.Cut(dockerfile(n.t), "\nFROM scratch\n")
	require.Equal(n.t, 1, strings.Count(last, "COPY "))
	file := regexp.MustCompile(`(?m)^COPY --from=build \S+ (\S+)$`).FindStringSubmatch(last)[1]
	require.NoError(n.t, os.Mkdir(root, 0o755))
	text, err := os.ReadFile(headgate)
	require.NoError(n.t, err)
	require.NoError(n.t, os.WriteFile(filepath.Join(root, file), text, 0o755))
}

func dockerfile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/Dockerfile")
	require.NoError(t, err)
	return string(text)
}

// entrypoint is what the image runs.
func entrypoint(t *testing.T) (out []string) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(regexp.MustCompile(`(?m)^ENTRYPOINT (.*)$`).FindStringSubmatch(dockerfile(t))[1]), &out))
	return out
}

// specOf is what a container runtime makes of a pod.
func (n *node) specOf(p *pod, of *corev1.Pod, bundle, id string) *specs.Spec {
	n.t.Helper()
	c := &of.Spec.Containers[0]
	out := &specs.Spec{Version: "1.0.2", Root: &specs.Root{Path: "rootfs", Readonly: *c.SecurityContext.ReadOnlyRootFilesystem}}
	out.Process = n.processOf(of)
	out.Mounts = append(mountsOfAll(), n.mountsOf(of, bundle)...)
	network := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), p.place.file.Fd())
	limit := c.Resources.Limits.Memory().Value()
	out.Linux = &specs.Linux{
		CgroupsPath: "/" + id,
		Namespaces: []specs.LinuxNamespace{{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.MountNamespace}, {Type: specs.UTSNamespace},
			{Type: specs.NetworkNamespace, Path: network}},
		Resources: &specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: &limit}, Devices: []specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}}},
		MaskedPaths: []string{"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
			"/proc/sched_debug", "/proc/scsi", "/sys/firmware"},
		ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
	}
	with := c.SecurityContext.SeccompProfile
	if with == nil {
		with = of.Spec.SecurityContext.SeccompProfile
	}
	if with != nil && with.Type == corev1.SeccompProfileTypeRuntimeDefault {
		profile, err := seccomp.GetDefaultProfile(out)
		require.NoError(n.t, err)
		out.Linux.Seccomp = profile
	}
	return out
}

// processOf is what runs, as whom, and what it may do.
func (n *node) processOf(of *corev1.Pod) *specs.Process {
	n.t.Helper()
	c, all := &of.Spec.Containers[0], of.Spec.SecurityContext
	host, port, err := net.SplitHostPort(n.server.Address())
	require.NoError(n.t, err)
	env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=" + of.Name, "KUBERNETES_SERVICE_HOST=" + host, "KUBERNETES_SERVICE_PORT=" + port}
	var names []string
	for _, e := range c.Env {
		value := map[string]string{"spec.nodeName": of.Spec.NodeName, "metadata.name": of.Name, "metadata.namespace": of.Namespace}[e.ValueFrom.FieldRef.FieldPath]
		require.NotEmpty(n.t, value, e.Name)
		env, names = append(env, e.Name+"="+value), append(names, "$("+e.Name+")", value)
	}
	out := &specs.Process{Args: entrypoint(n.t), Env: env, Cwd: "/", NoNewPrivileges: !*c.SecurityContext.AllowPrivilegeEscalation}
	require.Empty(n.t, c.Command)
	for _, arg := range c.Args {
		out.Args = append(out.Args, strings.NewReplacer(names...).Replace(arg))
	}
	if user := c.SecurityContext.RunAsUser; user != nil {
		out.User.UID = uint32(*user)
	} else {
		require.True(n.t, *all.RunAsNonRoot)
		out.User.UID, out.User.GID = uint32(*all.RunAsUser), uint32(*all.RunAsGroup)
	}
	var may []string
	require.Equal(n.t, []corev1.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop)
	for _, capability := range c.SecurityContext.Capabilities.Add {
		may = append(may, "CAP_"+string(capability))
	}
	out.Capabilities = &specs.LinuxCapabilities{Bounding: may, Permitted: may, Effective: may}
	return out
}

// mountsOfAll are those that every container has.
func mountsOfAll() []specs.Mount {
	return []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
		{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
		{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "relatime", "ro"}},
	}
}

// mountsOf are the pod's volumes, and what a kubelet adds: who the pod is, and how names are found.
func (n *node) mountsOf(of *corev1.Pod, bundle string) (out []specs.Mount) {
	n.t.Helper()
	bind := func(from, to string, options ...string) {
		out = append(out, specs.Mount{Destination: to, Type: "bind", Source: from, Options: append([]string{"rbind", "rprivate"}, options...)})
	}
	at := map[string]string{}
	for _, v := range of.Spec.Volumes {
		at[v.Name] = v.HostPath.Path
		if *v.HostPath.Type == corev1.HostPathDirectoryOrCreate {
			at[v.Name] = filepath.Join(n.disk, v.HostPath.Path)
			require.NoError(n.t, os.MkdirAll(at[v.Name], 0o755))
		}
	}
	for _, m := range of.Spec.Containers[0].VolumeMounts {
		bind(at[m.Name], m.MountPath, map[bool]string{false: "rw", true: "ro"}[m.ReadOnly])
	}
	account := filepath.Join(bundle, "account")
	require.NoError(n.t, os.Mkdir(account, 0o755))
	for name, text := range map[string]string{"token": n.token(of), "namespace": of.Namespace, "ca.crt": string(n.server.Authority())} {
		require.NoError(n.t, os.WriteFile(filepath.Join(account, name), []byte(text), 0o644))
	}
	require.NoError(n.t, os.Chmod(bundle, 0o755)) // users without rights are to get there
	bind(account, "/var/run/secrets/kubernetes.io/serviceaccount", "ro")
	for name, text := range map[string]string{"hosts": "127.0.0.1 localhost\n", "resolv.conf": "", "hostname": of.Name + "\n"} {
		file := filepath.Join(bundle, name)
		require.NoError(n.t, os.WriteFile(file, []byte(text), 0o644))
		bind(file, "/etc/"+name, "rw")
	}
	return out
}

// token is one of the pod's service account, bound to the pod: the server adds which node that is on.
func (n *node) token(of *corev1.Pod) string {
	n.t.Helper()
	out, err := n.server.Kubectl("", "create", "token", "-n", of.Namespace, of.Spec.ServiceAccountName, "--bound-object-kind=Pod", "--bound-object-name="+of.Name)
	require.NoError(n.t, err)
	return strings.TrimSpace(out)
}

// end ends the container with a signal, and returns what comes of that.
func (p *pod) end(id, signal string) error {
	if p.process == nil {
		return nil
	}
	_ = p.runc("kill", id, signal).Run() // it may have ended by itself
	err := p.process.Wait()
	p.process = nil
	return err
}

// stops ends the container as a kubelet does, without complaint.
func (p *pod) stops() {
	p.t.Helper()
	id := filepath.Base(p.process.Args[len(p.process.Args)-1])
	require.NoError(p.t, p.end(id, "TERM"), p.log.String())
}

// is reads a line of what the kernel says of the container's process.
func (p *pod) is(line string) string {
	p.t.Helper()
	text, err := os.ReadFile(p.pidFile)
	require.NoError(p.t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(p.t, err)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(p.t, err)
	return strings.Join(strings.Fields(regexp.MustCompile(`(?m)^` + line + `:(.*)$`).FindStringSubmatch(string(status))[1]), " ")
}

// asks asks the container over HTTP from its own network.
func (p *pod) asks(address string) (int, string) {
	client := http.Client{Transport: &http.Transport{Dial: p.place.dial, DisableKeepAlives: true}}
	answer, err := client.Get("http://" + address)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(p.t, err)
	return answer.StatusCode, string(text)
}
