// Package apiserver runs a real Kubernetes API server and asks it through the real kubectl what it takes.
//
// Guarantees: the programs are those that hack/envtest builds; a server listens on 127.0.0.1 alone, on ports that were free, keeps
// everything in a temporary directory, and is gone when its test ends; kubectl sees no configuration but the server's.
package apiserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Server is an API server with an empty etcd behind it, and no controllers.
type Server struct {
	kubectl string
	config  string
	home    string
	url     string
	client  *http.Client
	env     *envtest.Environment
}

// Start runs a server until the test ends. The programs are those of the directory that KUBEBUILDER_ASSETS names, or else those
// that hack/envtest/build.sh has built or builds now.
func Start(t *testing.T) *Server {
	t.Helper()
	programs := Programs(t)
	home := t.TempDir()
	env := &envtest.Environment{BinaryAssetsDirectory: programs, ControlPlaneStopTimeout: 2 * time.Minute}
	// Directories of ours outlast Stop.
	env.ControlPlane.Etcd = &envtest.Etcd{DataDir: filepath.Join(home, "etcd")}
	env.ControlPlane.GetAPIServer().CertDir = filepath.Join(home, "certificates")
	for _, dir := range []string{"etcd", "certificates"} {
		require.NoError(t, os.Mkdir(filepath.Join(home, dir), 0o700))
	}
	flags := env.ControlPlane.GetAPIServer().Configure()
	// A machine without a default route has no address to advertise, and nobody needs one.
	flags.Set("advertise-address", "127.0.0.1").Set("endpoint-reconciler-type", "none")
	// Where the Services of the examples have their addresses.
	flags.Set("service-cluster-ip-range", "10.30.0.0/16,fd00:10:30::/108")
	config, err := env.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, env.Stop()) })

	file := filepath.Join(home, "kubeconfig")
	require.NoError(t, os.WriteFile(file, env.KubeConfig, 0o600))
	config.QPS = -1
	client, err := rest.HTTPClientFor(config)
	require.NoError(t, err)
	return &Server{kubectl: filepath.Join(programs, "kubectl"), config: file, home: home, url: strings.TrimSuffix(config.Host, "/"), client: client, env: env}
}

// Programs is the directory of etcd, kube-apiserver and kubectl.
func Programs(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("KUBEBUILDER_ASSETS"); dir != "" {
		return dir
	}
	build := exec.Command(filepath.Join("..", "..", "hack", "envtest", "build.sh"))
	build.Stderr = os.Stderr
	out, err := build.Output()
	require.NoError(t, err, "building the API server")
	return strings.TrimSpace(string(out))
}

// Config is the path of a kubeconfig of somebody who may do everything.
func (s *Server) Config() string { return s.config }

// Authority is the certificate that the server is known by.
func (s *Server) Authority() []byte { return s.env.Config.CAData }

// Address is where the server listens.
func (s *Server) Address() string { return strings.TrimPrefix(s.url, "https://") }

// Stop ends the server, until Resume.
func (s *Server) Stop() error {
	return errors.Join(s.env.ControlPlane.APIServer.Stop(), s.env.ControlPlane.Etcd.Stop())
}

// Resume starts a server that was stopped, with what it held, at the same address.
func (s *Server) Resume() error {
	if err := s.env.ControlPlane.Etcd.Start(); err != nil {
		return err
	}
	return s.env.ControlPlane.APIServer.Start()
}

// Kubectl runs kubectl with an input and returns what it prints. An error has what it complains about.
func (s *Server) Kubectl(input string, args ...string) (string, error) {
	cmd := exec.Command(s.kubectl, append([]string{"--kubeconfig", s.config, "--cache-dir", filepath.Join(s.home, "cache")}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+s.home)
	cmd.Stdin = strings.NewReader(input)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), &RefusedError{Text: strings.TrimSpace(complaint.String())}
	}
	return out.String(), nil
}

// Offer asks whether the server would create an object, as JSON, in a collection, such as
// "/apis/crd.antrea.io/v1beta1/tiers", in the strict manner of kubectl. A RefusedError says why not.
func (s *Server) Offer(collection string, object []byte) error {
	return s.offer(collection, "application/json", object)
}

// OfferYAML is Offer for an object as YAML.
func (s *Server) OfferYAML(collection string, object []byte) error {
	return s.offer(collection, "application/yaml", object)
}

func (s *Server) offer(collection, format string, object []byte) error {
	answer, err := s.client.Post(s.url+collection+"?dryRun=All&fieldValidation=Strict", format, bytes.NewReader(object))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var status struct{ Message string }
	switch answer.StatusCode {
	case http.StatusCreated:
		return nil
	case http.StatusBadRequest, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		// The last is what comes of a port for health checks that cannot be had.
		if err := json.Unmarshal(body, &status); err != nil {
			return err
		}
		return &RefusedError{Text: status.Message}
	}
	return fmt.Errorf("%s: %s", answer.Status, body)
}

// RefusedError is what kubectl or the server complains about.
type RefusedError struct{ Text string }

// Error returns the text.
func (e *RefusedError) Error() string { return e.Text }
