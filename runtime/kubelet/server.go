package kubelet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"

	"github.com/headgate-net/headgate/runtime/lab"
)

// Times of a connection by which somebody runs a program.
const (
	idleTime   = 4 * time.Hour
	createTime = 30 * time.Second
)

// listen answers the API server: exec, logs and port-forward.
func (k *Kubelet) listen() (*http.Server, error) {
	certificate, err := selfSigned(k.o.Node, k.o.Addrs)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", k.serveExec)
	mux.HandleFunc("/containerLogs/{namespace}/{pod}/{container}", k.serveLogs)
	mux.HandleFunc("/portForward/{namespace}/{pod}", k.servePorts)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: createTime,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
			ClientCAs: k.o.Clients, ClientAuth: tls.RequireAndVerifyClientCert,
			NextProtos: []string{"http/1.1"}, // streams take the connection over
		},
	}
	at := netip.AddrPortFrom(k.o.Addrs[0], k.o.Port)
	listener, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, err
	}
	go func() {
		if err := server.ServeTLS(listener, "", ""); err != http.ErrServerClosed {
			k.o.Log.Error("nobody can run programs in pods any more", "error", err)
		}
	}()
	return server, nil
}

// selfSigned makes a certificate for a node. API servers do not check those of kubelets unless they are told to.
func selfSigned(name string, addrs []netip.Addr) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	for _, a := range addrs {
		template.IPAddresses = append(template.IPAddresses, a.AsSlice())
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// named returns the container that a request names.
func (k *Kubelet) named(w http.ResponseWriter, r *http.Request) *container {
	if p := k.find(r.PathValue("namespace"), r.PathValue("pod")); p != nil {
		for _, c := range append(p.containers, p.init...) {
			if c.of.Name == r.PathValue("container") {
				return c
			}
		}
	}
	http.Error(w, fmt.Sprintf("node %s runs no container %s", k.o.Node, r.URL.Path), http.StatusNotFound)
	return nil
}

func (k *Kubelet) serveExec(w http.ResponseWriter, r *http.Request) {
	c := k.named(w, r)
	if c == nil {
		return
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, r, executor{c}, c.pod.String(), string(c.pod.of.UID), c.of.Name, r.Form["command"], options,
		idleTime, createTime, remotecommand.SupportedStreamingProtocols)
}

// executor runs programs in a container.
type executor struct{ in *container }

// ExecInContainer implements remotecommand.Executor.
func (e executor) ExecInContainer(ctx context.Context, _, _, _ string, argv []string, in io.Reader, out, errors io.WriteCloser, _ bool,
	_ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	stdio := lab.Stdio{}
	if in != nil {
		stdio.In = in
	}
	if out != nil {
		stdio.Out = out
	}
	if stdio.Err = stdio.Out; errors != nil {
		stdio.Err = errors
	}
	code, err := e.in.exec(ctx, argv, stdio)
	if err == nil && code != 0 {
		err = utilexec.CodeExitError{Err: fmt.Errorf("exit status %d", code), Code: code}
	}
	return err
}

// serveLogs prints what a container has printed, and with follow what it goes on to print.
func (k *Kubelet) serveLogs(w http.ResponseWriter, r *http.Request) {
	c := k.named(w, r)
	if c == nil {
		return
	}
	lines := -1
	if n, err := strconv.Atoi(r.FormValue("tailLines")); err == nil {
		lines = n
	}
	text, end, more := c.output.since(0)
	text = lastLines(text, lines)
	for {
		if _, err := w.Write(text); err != nil || r.FormValue("follow") != "true" {
			return
		}
		// Not every writer can: then it comes when it comes.
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-c.pod.done:
			return
		case <-more:
		}
		text, end, more = c.output.since(end)
	}
}

// lastLines returns the last n lines, all if n is negative.
func lastLines(text []byte, n int) []byte {
	if n < 0 {
		return text
	}
	at := len(text)
	for ; n > 0 && at > 0; n-- {
		for at--; at > 0 && text[at-1] != '\n'; at-- {
		}
	}
	return text[at:]
}

func (k *Kubelet) servePorts(w http.ResponseWriter, r *http.Request) {
	p := k.find(r.PathValue("namespace"), r.PathValue("pod"))
	if p == nil {
		http.Error(w, "node "+k.o.Node+" runs no such pod", http.StatusNotFound)
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, r, forwarder{p}, p.String(), string(p.of.UID), options, idleTime, createTime, []string{portforward.ProtocolV1Name})
}

// forwarder connects with the ports of a pod, from its node.
type forwarder struct{ to *pod }

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	out, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(f.to.addrs[0].String(), strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	defer out.Close()
	there, back := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := io.Copy(stream, out)
		back <- err
	}()
	go func() {
		_, err := io.Copy(out, stream)
		if half, ok := out.(*net.TCPConn); ok && err == nil {
			err = half.CloseWrite()
		}
		there <- err
	}()
	// What the pod says last is the end, whether or not the client is done.
	select {
	case err := <-back:
		return err
	case err := <-there:
		if err != nil {
			return err
		}
	}
	return <-back
}
