package kubelet

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/headgate-net/headgate/runtime/lab"
)

// watchReadiness asks the container whether it is ready as its probe says, until ctx ends. Probes come from the node, as a kubelet's do.
func (c *container) watchReadiness(ctx context.Context) {
	probe := c.of.ReadinessProbe
	every := max(time.Duration(probe.PeriodSeconds)*time.Second, time.Second)
	wait := time.Duration(probe.InitialDelaySeconds) * time.Second
	good, bad := int32(0), int32(0)
	for ; pause(ctx, wait); wait = every {
		if c.answers(ctx, probe) {
			good, bad = good+1, 0
		} else {
			good, bad = 0, bad+1
		}
		changed := false
		c.change(func() {
			before := c.status.Ready
			switch {
			case ctx.Err() != nil:
			case good >= max(probe.SuccessThreshold, 1):
				c.status.Ready = true
			case bad >= max(probe.FailureThreshold, 1):
				c.status.Ready = false
			}
			changed = c.status.Ready != before
		})
		if changed {
			c.pod.tell(ctx)
		}
	}
}

// answers tells whether a probe succeeds.
func (c *container) answers(ctx context.Context, probe *corev1.Probe) bool {
	ctx, cancel := context.WithTimeout(ctx, max(time.Duration(probe.TimeoutSeconds)*time.Second, time.Second))
	defer cancel()
	switch {
	case probe.Exec != nil:
		code, err := c.exec(ctx, probe.Exec.Command, lab.Stdio{})
		return err == nil && code == 0
	case probe.TCPSocket != nil:
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.at(probe.TCPSocket.Host, probe.TCPSocket.Port))
		if err == nil {
			conn.Close()
		}
		return err == nil
	case probe.HTTPGet != nil:
		return c.get(ctx, probe.HTTPGet)
	}
	return true
}

// get tells whether a page is there.
func (c *container) get(ctx context.Context, page *corev1.HTTPGetAction) bool {
	scheme := "http"
	if page.Scheme == corev1.URISchemeHTTPS {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+c.at(page.Host, page.Port)+"/", nil)
	if err != nil {
		return false
	}
	request.URL.Path = page.Path
	for _, h := range page.HTTPHeaders {
		request.Header.Add(h.Name, h.Value)
	}
	// A probe of a kubelet checks no certificates.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode < http.StatusBadRequest
}

// at is the address of one of the container's ports, which may have a name.
func (c *container) at(host string, port intstr.IntOrString) string {
	if host == "" {
		host = c.pod.addrs[0].String()
	}
	number := port.IntValue()
	for _, p := range c.of.Ports {
		if port.Type == intstr.String && p.Name == port.StrVal {
			number = int(p.ContainerPort)
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(number))
}
