package kubelet

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/headgate-net/headgate/runtime/lab"
)

// machine remembers what it is asked to run, and answers with what it is told.
type machine struct {
	argv  [][]string
	codes []int // of the programs in turn; then they run until they are killed
}

func (m *machine) AddPod(context.Context, lab.Pod) error           { return nil }
func (m *machine) RemovePod(context.Context, string, string) error { return nil }
func (m *machine) Exec(ctx context.Context, _ string, argv []string, stdio lab.Stdio) (int, error) {
	m.argv = append(m.argv, argv)
	if len(m.codes) == 0 {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	code := m.codes[0]
	m.codes = m.codes[1:]
	if code < 0 {
		return 0, errors.New("it is not there")
	}
	_, err := io.WriteString(stdio.Out, "said\n")
	return code, err
}

func newKubelet(t *testing.T, m Machine, prefixes ...string) *Kubelet {
	t.Helper()
	o := Options{
		Node: "n1", Addrs: []netip.Addr{netip.MustParseAddr("172.30.0.1")}, API: &rest.Config{Host: "http://127.0.0.1:1"}, Machine: m,
		Agnhost: []string{"sh", "/lab/agnhost.sh"}, Log: slog.New(slog.DiscardHandler),
	}
	for _, p := range prefixes {
		o.PodCIDRs = append(o.PodCIDRs, netip.MustParsePrefix(p))
	}
	k, err := New(o)
	require.NoError(t, err)
	return k
}

// podOf is a pod of one container.
func podOf(c corev1.Container) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "u"}, Spec: corev1.PodSpec{Containers: []corev1.Container{c}}}
}

// TestAddresses: pods have different addresses, one of each family; what was given back is given again last, and neither the node's
// own address nor one that may be for broadcasts is ever given.
func TestAddresses(t *testing.T) {
	k := newKubelet(t, &machine{}, "10.0.1.0/29", "fd00::/64")
	var given []string
	for range 5 {
		addrs, err := k.allot()
		require.NoError(t, err)
		require.Len(t, addrs, 2)
		given = append(given, addrs[0].String())
	}
	require.Equal(t, []string{"10.0.1.2", "10.0.1.3", "10.0.1.4", "10.0.1.5", "10.0.1.6"}, given)
	_, err := k.allot()
	require.ErrorContains(t, err, "no address left")
	k.giveBack([]netip.Addr{netip.MustParseAddr("10.0.1.5")})
	k.giveBack([]netip.Addr{netip.MustParseAddr("10.0.1.3")})
	addrs, err := k.allot()
	require.NoError(t, err)
	require.Equal(t, "10.0.1.3", addrs[0].String())
}

// TestCommands: what runs in a container is its command, else what stands in for an image.
func TestCommands(t *testing.T) {
	own := []string{"sh", "/lab/agnhost.sh"}
	ports := []corev1.ContainerPort{{ContainerPort: 80}, {ContainerPort: 53, Protocol: corev1.ProtocolUDP}}
	for name, c := range map[string]struct {
		of   corev1.Container
		want []string
		env  []string
	}{
		"a program":              {of: corev1.Container{Command: []string{"nc", "-l"}, Args: []string{"80"}}, want: []string{"nc", "-l", "80"}},
		"an image's agnhost":     {of: corev1.Container{Command: []string{"/agnhost", "porter"}}, want: append(own[:2:2], "porter")},
		"agnhost from PATH":      {of: corev1.Container{Command: []string{"agnhost", "pause"}}, want: append(own[:2:2], "pause")},
		"agnhost in a shell":     {of: corev1.Container{Command: []string{"/bin/bash", "-c", "/agnhost pause"}}, want: []string{"/bin/bash", "-c", "sh /lab/agnhost.sh pause"}},
		"arguments of agnhost":   {of: corev1.Container{Image: "r.example/agnhost:2.45", Args: []string{"netexec"}}, want: append(own[:2:2], "netexec")},
		"agnhost alone":          {of: corev1.Container{Image: "agnhost", Ports: ports}, want: append(own[:2:2], "pause")},
		"another image":          {of: corev1.Container{Image: "nginx", Ports: ports}, want: append(own[:2:2], "porter"), env: []string{"SERVE_TCP_PORT_80=web", "SERVE_UDP_PORT_53=web"}},
		"an image without ports": {of: corev1.Container{Image: "nginx"}, want: append(own[:2:2], "pause")},
		"variables": {
			of: corev1.Container{Command: []string{"echo", "$(A)-$(B)-$(C)"}, Env: []corev1.EnvVar{
				{Name: "A", Value: "1"}, {Name: "B", Value: "$(A)2"},
				{Name: "IP", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "status.podIP"}}},
			}},
			want: []string{"echo", "1-12-$(C)"}, env: []string{"A=1", "B=12", "IP=10.0.1.2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(newKubelet(t, &machine{}, "10.0.1.0/24"), podOf(c.of), nil)
			p.addrs = []netip.Addr{netip.MustParseAddr("10.0.1.2")}
			argv := p.containers[0].argv()
			require.Equal(t, []string{"unshare", "--uts", "--", "env"}, argv[:4])
			require.Equal(t, append(c.env, "sh", "-c", `echo "$0" >/proc/sys/kernel/hostname; exec "$@"`, "web"), argv[4:len(argv)-len(c.want)])
			require.Equal(t, c.want, argv[len(argv)-len(c.want):])
		})
	}
}

// TestEnds: a pod is what became of its programs.
func TestEnds(t *testing.T) {
	for name, c := range map[string]struct {
		codes  []int
		policy corev1.RestartPolicy
		phase  corev1.PodPhase
		starts int
	}{
		"succeeds":            {codes: []int{0}, policy: corev1.RestartPolicyNever, phase: corev1.PodSucceeded, starts: 1},
		"fails":               {codes: []int{3}, policy: corev1.RestartPolicyNever, phase: corev1.PodFailed, starts: 1},
		"is not there":        {codes: []int{-1}, policy: corev1.RestartPolicyNever, phase: corev1.PodFailed, starts: 1},
		"succeeds at last":    {codes: []int{1, 0}, policy: corev1.RestartPolicyOnFailure, phase: corev1.PodSucceeded, starts: 2},
		"is kept from ending": {codes: []int{0}, policy: corev1.RestartPolicyAlways, phase: corev1.PodRunning, starts: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &machine{codes: c.codes}
			of := podOf(corev1.Container{Command: []string{"true"}})
			of.Spec.RestartPolicy = c.policy
			p := newPod(newKubelet(t, m, "10.0.1.0/24"), of, nil)
			p.addrs = []netip.Addr{netip.MustParseAddr("10.0.1.2")}
			require.Equal(t, corev1.PodPending, p.status().Phase)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan struct{})
			go func() {
				p.containers[0].run(ctx)
				close(done)
			}()
			if c.phase == corev1.PodRunning {
				require.Eventually(t, func() bool {
					s := p.status()
					return s.ContainerStatuses[0].RestartCount == 1 && s.ContainerStatuses[0].Ready
				}, waitAtMost, waitStep)
				require.NotNil(t, p.status().ContainerStatuses[0].LastTerminationState.Terminated)
				cancel()
			}
			<-done
			if c.phase != corev1.PodRunning {
				require.Equal(t, c.phase, p.status().Phase)
			}
			require.Len(t, m.argv, c.starts)
		})
	}
}

// TestTail: what a program printed is there from any point on, and whoever waits for more is told.
func TestTail(t *testing.T) {
	o := newTail()
	_, end, more := o.since(0)
	require.Zero(t, end)
	_, err := o.Write([]byte("one\ntwo\n"))
	require.NoError(t, err)
	<-more
	text, end, _ := o.since(4)
	require.Equal(t, "two\n", string(text))
	require.Equal(t, 8, end)
	require.Equal(t, "two\n", string(lastLines([]byte("one\ntwo\n"), 1)))
	require.Equal(t, "one\ntwo\n", string(lastLines([]byte("one\ntwo\n"), 5)))
	require.Empty(t, lastLines([]byte("one\n"), 0))
	for range 3 {
		_, err = o.Write(make([]byte, kept))
		require.NoError(t, err)
	}
	text, end, _ = o.since(0)
	require.Equal(t, 8+3*kept, end)
	require.Less(t, len(text), 3*kept, "what is old is forgotten")
	require.GreaterOrEqual(t, len(text), kept)
}
