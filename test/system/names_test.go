package system

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// forgetful is an enforce.Applier whose agents can be ended before the lab, by an empty request.
type forgetful struct{ enforce.Applier }

// Apply hands on what is not empty.
func (f *forgetful) Apply(ctx context.Context, cluster lab.Cluster, payload json.RawMessage) (json.RawMessage, error) {
	if string(payload) == "{}" {
		return payload, f.Close()
	}
	return f.Applier.Apply(ctx, cluster, payload)
}

// endAgents has the agents of all nodes end as an agent does that is told to.
func endAgents(t *testing.T, l *lab.Lab) {
	_, err := l.Apply(t.Context(), json.RawMessage("{}"))
	require.NoError(t, err)
}

// worldSize is how many addresses the world outside has.
const worldSize = 700

// service is the port that everybody has.
func service(proto lab.Proto) lab.Port { return lab.Port{Proto: proto, Port: 9000} }

// namesLab is testdata/names.yaml with a world around it, and servers of DNS at places of it. Nothing is enforced yet.
func namesLab(t *testing.T, r *compiler.Result, target lab.Target) *lab.Lab {
	spec := lab.FromProgram(r.Program, target)
	world := lab.Host{Name: "world", Ports: []lab.Port{service(lab.TCP), service(lab.UDP)}}
	for i := range worldSize {
		world.Addrs = append(world.Addrs, indexed(i+1, true))
		if i < worldSize/2 {
			world.Addrs = append(world.Addrs, indexed(i+1, false))
		}
	}
	spec.Hosts = append(spec.Hosts, world)
	l, err := lab.Up(t.Context(), spec, lab.Options{Ports: []lab.Port{service(lab.TCP)}})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	for _, where := range []string{"host/world", "pod/infra/dns", "node/n1"} {
		run(t, l, where, "serve").await(t, "ready")
	}
	return l
}

// enforcedNames is a namesLab with the rules of testdata/names.yaml.
func enforcedNames(t *testing.T, target lab.Target) *lab.Lab {
	r := compileDir(t, "testdata/names.yaml")
	l := namesLab(t, r, target)
	_, err := enforce.Load(t.Context(), l, r.Placed...)
	require.NoError(t, err)
	return l
}

// running is a program in a lab.
type running struct {
	in   io.WriteCloser
	out  *bufio.Reader
	kill func() // returns when it has ended
}

// run starts one of the programs of play. It ends with the test, at the latest.
func run(t testing.TB, l *lab.Lab, where string, args ...string) *running {
	ctx, cancel := context.WithCancel(t.Context())
	inRead, inWrite := io.Pipe()
	outRead, outWrite := io.Pipe()
	var group sync.WaitGroup
	group.Go(func() {
		_, err := l.Exec(ctx, where, played(args...), lab.Stdio{In: inRead, Out: outWrite, Err: outWrite})
		outWrite.CloseWithError(err)
	})
	kill := func() {
		cancel()
		outRead.Close()
		inWrite.Close()
		group.Wait()
	}
	t.Cleanup(kill)
	return &running{inWrite, bufio.NewReader(outRead), kill}
}

// await wants the next line to be this one.
func (r *running) await(t testing.TB, line string) {
	t.Helper()
	got, err := r.out.ReadString('\n')
	require.NoError(t, err, "%s", got)
	require.Equal(t, line+"\n", got)
}

// say sends a line and wants it to come back.
func (r *running) say(t testing.TB, line string) {
	t.Helper()
	_, err := io.WriteString(r.in, line+"\n")
	require.NoError(t, err)
	r.await(t, line)
}

// asking is one call of the program ask.
type asking struct {
	pod, server, network, kind string
	ttl, from, count, atOnce   int
}

// ask wants every name to be usable at once.
func (a asking) ask(t *testing.T, l *lab.Lab) {
	t.Helper()
	var out bytes.Buffer
	n := strconv.Itoa
	argv := played("ask", a.server, a.network, a.kind, n(a.ttl), n(a.from), n(a.count), "9000", n(a.atOnce))
	status, err := l.Exec(t.Context(), a.pod, argv, lab.Stdio{Out: &out, Err: &out})
	require.NoError(t, err)
	require.Zero(t, status, "%+v: %s", a, out.String())
	require.Equal(t, fmt.Sprintf("%d asked, 0 failed\n", a.count), out.String())
}

// resolves looks up one name.
func resolves(t *testing.T, l *lab.Lab, pod, server, name string) bool {
	t.Helper()
	status, err := l.Exec(t.Context(), pod, played("lookup", server, name), lab.Stdio{})
	require.NoError(t, err)
	return status == 0
}

// requireProbe sends one probe.
func requireProbe(t *testing.T, l *lab.Lab, want lab.Verdict, pod string, to netip.Addr, port lab.Port) {
	t.Helper()
	require.Equal(t, want, probeOnce(t, l, pod, to, port), "%s to %s %s", pod, to, port)
}

func probeOnce(t *testing.T, l *lab.Lab, pod string, to netip.Addr, port lab.Port) lab.Verdict {
	results, err := l.Probe(t.Context(), []lab.ProbeRequest{{From: pod, To: to, Port: port}})
	require.NoError(t, err)
	return results[0].Verdict
}

// TestNames lets pods out by name, and to nothing else: what a pod learns from a server of DNS, it can use at once.
func TestNames(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := enforcedNames(t, target)
			const client, far, closed, free = "pod/app/client", "pod/app/far", "pod/app/closed", "pod/app/free"
			world4, world6, pod4 := indexed(1, true).String(), indexed(1, false).String(), "10.244.1.53"
			const node4, node6 = "192.168.10.11", "fd00:192::11"

			last := indexed(worldSize, true)
			requireProbe(t, l, lab.Drop, client, last, service(lab.TCP))
			requireProbe(t, l, lab.Allow, free, last, service(lab.TCP))

			// A tunnel may lose the first packet, while it looks for its other end.
			require.Eventually(t, func() bool { return resolves(t, l, far, pod4, "exact.example") }, time.Minute, time.Millisecond)

			// Every address is new. Nothing is sent twice, so one that is known too late is a failure.
			askings := []asking{
				{client, world4, "udp", "plain", 600, 10, 150, 1},
				{client, world4, "tcp", "plain", 600, 160, 50, 1},
				{client, world4, "udp", "plain", 600, 210, 100, 8},
				{client, pod4, "udp", "plain", 600, 310, 50, 1},
				{client, node4, "udp", "plain", 600, 360, 50, 1},
				{client, node4, "tcp", "plain", 600, 410, 20, 1},
				{client, node4, "tcp", "plain", 600, 540, 100, 8},
				{client, world4, "udp", "alias", 600, 432, 18, 1},
				{client, world4, "udp", "tcp", 600, 450, 20, 1},
				{far, pod4, "udp", "plain", 600, 470, 50, 1},
				{far, pod4, "tcp", "plain", 600, 520, 20, 4},
				{client, world6, "udp", "plain", 600, 2, 50, 1},
				{client, world6, "tcp", "plain", 600, 52, 20, 1},
				{far, "fd00:10:244:1::53", "udp", "plain", 600, 72, 20, 1},
				{client, node6, "udp", "plain", 600, 92, 20, 1},
				{client, node6, "tcp", "plain", 600, 112, 20, 1},
				{client, node6, "tcp", "plain", 600, 132, 100, 8},
			}
			for _, a := range askings {
				a.ask(t, l)
			}

			// What is known on a node is known to those of its pods that have the rule.
			requireProbe(t, l, lab.Drop, closed, indexed(10, true), service(lab.TCP))
			requireProbe(t, l, lab.Drop, far, indexed(10, true), service(lab.TCP))
			requireProbe(t, l, lab.Allow, client, indexed(10, true), service(lab.TCP))
			requireProbe(t, l, lab.Drop, client, last, service(lab.TCP))
			requireProbe(t, l, lab.Allow, free, last, service(lab.TCP))
		})
	}
}

// TestNamesOfMachines lets a node itself out by name, and a machine outside the cluster, whatever server they ask.
func TestNamesOfMachines(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	r := compileDir(t, "testdata/names-machines.yaml")
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := namesLab(t, r, target)
			_, err := enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			const node, machine = "node/n1", "host/app_vm"
			run(t, l, machine, "serve").await(t, "ready")
			world4, world6 := indexed(1, true).String(), indexed(1, false).String()
			for i, server := range []string{world4, "10.244.1.53", "192.168.10.11", world6, "fd00:10:244:1::53", "fd00:192::11"} {
				asking{node, server, "udp", "plain", 600, 10 + 20*i, 20, 1}.ask(t, l)
			}
			asking{node, world4, "tcp", "plain", 600, 200, 20, 1}.ask(t, l)
			asking{node, "10.244.1.53", "tcp", "plain", 600, 220, 20, 4}.ask(t, l)
			asking{node, "192.168.10.11", "tcp", "plain", 600, 240, 100, 8}.ask(t, l)
			asking{node, "10.244.1.53", "tcp", "plain", 600, 340, 80, 8}.ask(t, l)
			asking{node, "fd00:192::11", "tcp", "plain", 600, 130, 40, 4}.ask(t, l)
			asking{node, "fd00:10:244:1::53", "tcp", "plain", 600, 172, 100, 8}.ask(t, l)
			for i, server := range []string{world4, "192.168.10.99", world6, "fd00:192::99"} {
				asking{machine, server, "udp", "plain", 600, 10 + 20*i, 20, 1}.ask(t, l)
			}
			asking{machine, world4, "tcp", "plain", 600, 200, 20, 4}.ask(t, l)
			// Nothing holds back what comes from loopback addresses. A node learns it all the same; a machine outside learns what its own
			// addresses are told, as a server does that asks others for it.
			for i, server := range []string{"127.0.0.1", "::1"} {
				name := fmt.Sprintf("plain-600-%d.%s", 170+i, zone)
				require.True(t, resolves(t, l, node, server, name) && resolves(t, l, machine, server, name), server)
				requireProbe(t, l, lab.Allow, node, indexed(170+i, netip.MustParseAddr(server).Is4()), service(lab.TCP))
			}
			for _, where := range []string{node, machine} {
				requireProbe(t, l, lab.Drop, where, indexed(worldSize, true), service(lab.TCP))
				requireProbe(t, l, lab.Allow, where, indexed(10, true), service(lab.TCP))
			}
		})
	}
}

// TestNamesAreForgotten: after its TTL, and the grace, an address gets no new connections, but those there are live on. When the
// agent has gone, DNS goes on.
func TestNamesAreForgotten(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := enforcedNames(t, target)
			const client = "pod/app/client"
			server, exact, port := indexed(1, true).String(), indexed(exactIndex, true), service(lab.TCP)
			requireProbe(t, l, lab.Drop, client, exact, port)
			resolve := func(name string) { require.True(t, resolves(t, l, client, server, name), name) }
			resolve("exact.example")
			held := run(t, l, client, "hold", netip.AddrPortFrom(exact, port.Port).String())
			held.await(t, "connected")
			requireProbe(t, l, lab.Drop, client, exact, service(lab.UDP))
			require.Eventually(t, func() bool {
				return probeOnce(t, l, client, exact, port) == lab.Drop
			}, time.Minute, 100*time.Millisecond, "it is forgotten")
			held.say(t, "still here")
			resolve("exact.example")
			requireProbe(t, l, lab.Allow, client, exact, port)
			held.say(t, "and here")

			resolve("plain-600-77." + zone)
			endAgents(t, l)
			resolve("plain-600-78." + zone)
			requireProbe(t, l, lab.Allow, client, indexed(77, true), port)
			requireProbe(t, l, lab.Drop, client, indexed(78, true), port)
			held.say(t, "always")
		})
	}
}

// TestExampleOfNames does what the README of examples/fqdn has a reader do.
func TestExampleOfNames(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	r := compileDir(t, "../../examples/fqdn")
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			const checkout, server = "pod/shop/checkout", "10.244.2.53"
			port := lab.Port{Proto: lab.TCP, Port: 443}
			payments, image, other := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("198.51.100.80"), netip.MustParseAddr("198.51.100.99")
			spec := lab.FromProgram(r.Program, target)
			spec.Hosts = append(spec.Hosts, lab.Host{Name: "world", Addrs: []netip.Addr{payments, image, other}, Ports: []lab.Port{port}})
			l, err := lab.Up(t.Context(), spec, lab.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { takeDown(t, l) })
			_, err = enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			run(t, l, "pod/kube-system/coredns", "serve", "payments.example.com=198.51.100.7", "a.b.cdn.example.net=198.51.100.80",
				"cdn.example.net=198.51.100.99").await(t, "ready")
			for _, a := range []netip.Addr{payments, image, other} {
				requireProbe(t, l, lab.Drop, checkout, a, port)
			}
			for _, name := range []string{"payments.example.com", "a.b.cdn.example.net", "cdn.example.net"} {
				require.Eventually(t, func() bool { return resolves(t, l, checkout, server, name) }, time.Minute, time.Millisecond)
			}
			requireProbe(t, l, lab.Allow, checkout, payments, port)
			requireProbe(t, l, lab.Allow, checkout, image, port)
			requireProbe(t, l, lab.Drop, checkout, other, port)
			for _, line := range records(t, l) {
				require.Equal(t, "checkout-out", line["label"])
				require.Equal(t, "drop", line["action"])
			}
			require.NotEmpty(t, records(t, l))
		})
	}
}
