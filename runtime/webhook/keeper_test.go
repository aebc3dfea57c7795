package webhook

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	registration "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	registrations "k8s.io/client-go/kubernetes/typed/admissionregistration/v1"
	secrets "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/headgate-net/headgate/runtime/certificate"
)

// cluster has one Secret and one ValidatingWebhookConfiguration, and counts who writes them.
type cluster struct {
	secret *corev1.Secret
	hooks  *registration.ValidatingWebhookConfiguration
	writes int
}

type secretOf struct {
	secrets.SecretInterface
	*cluster
}

func (s secretOf) Get(context.Context, string, metav1.GetOptions) (*corev1.Secret, error) {
	return s.secret.DeepCopy(), nil
}

func (s secretOf) Update(_ context.Context, now *corev1.Secret, _ metav1.UpdateOptions) (*corev1.Secret, error) {
	s.writes++
	s.cluster.secret = now.DeepCopy()
	return now, nil
}

type hooksOf struct {
	registrations.ValidatingWebhookConfigurationInterface
	*cluster
}

func (h hooksOf) Get(context.Context, string, metav1.GetOptions) (*registration.ValidatingWebhookConfiguration, error) {
	return h.hooks.DeepCopy(), nil
}

// Patch knows patches of one webhook's caBundle.
func (h hooksOf) Patch(_ context.Context, _ string, kind types.PatchType, text []byte, _ metav1.PatchOptions, _ ...string) (*registration.ValidatingWebhookConfiguration, error) {
	var patch registration.ValidatingWebhookConfiguration
	if err := json.Unmarshal(text, &patch); err != nil || kind != types.StrategicMergePatchType || len(patch.Webhooks) != 1 {
		return nil, errors.New("what is this?")
	}
	h.writes++
	h.hooks.Webhooks[0].ClientConfig.CABundle = patch.Webhooks[0].ClientConfig.CABundle
	return h.hooks, nil
}

func newCluster() *cluster {
	c := &cluster{secret: &corev1.Secret{}, hooks: &registration.ValidatingWebhookConfiguration{}}
	c.hooks.Webhooks = []registration.ValidatingWebhook{{Name: "validate.test"}}
	c.hooks.Webhooks[0].ClientConfig.Service = &registration.ServiceReference{Name: "webhook", Namespace: "system"}
	return c
}

func (c *cluster) keeper(now *time.Time, log *slog.Logger) *Keeper {
	return &Keeper{options: KeeperOptions{Log: log, Every: time.Hour}, secrets: secretOf{cluster: c}, hooks: hooksOf{cluster: c}, now: func() time.Time { return *now }}
}

// served is the certificate that the next handshake gets, by its number, as who knows a bundle of roots sees it.
func served(t *testing.T, k *Keeper, roots []byte, now time.Time) string {
	t.Helper()
	pair, err := k.Config().GetCertificate(nil)
	require.NoError(t, err)
	is, err := x509.ParseCertificate(pair.Certificate[0])
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(roots))
	_, err = is.Verify(x509.VerifyOptions{DNSName: "webhook.system.svc", Roots: pool, CurrentTime: now})
	require.NoError(t, err)
	return is.SerialNumber.String()
}

// The leader makes a certificate, and makes it anew in time; all serve what is in the Secret from the next handshake on, and at no time one
// that the API server does not know.
func TestKeeper(t *testing.T) {
	now := time.Now()
	c := newCluster()
	var log strings.Builder
	leader, other := c.keeper(&now, slog.New(slog.NewTextHandler(&log, nil))), c.keeper(&now, slog.New(slog.DiscardHandler))
	_, err := leader.Config().GetCertificate(nil)
	require.ErrorIs(t, err, errNone)
	require.ErrorIs(t, other.look(t.Context()), errNone)
	require.Zero(t, c.writes)
	leader.lead(true)
	bundle := func() []byte { return c.hooks.Webhooks[0].ClientConfig.CABundle }
	require.NoError(t, leader.look(t.Context()))
	require.NoError(t, other.look(t.Context()))
	first := served(t, leader, bundle(), now)
	require.Equal(t, first, served(t, other, bundle(), now))
	require.Equal(t, 2, c.writes)
	require.NoError(t, leader.look(t.Context()))
	require.Equal(t, 2, c.writes, "all of it is there")

	now = now.Add(certificate.Lifetime * 2 / 3)
	require.NoError(t, other.look(t.Context()))
	require.Equal(t, 2, c.writes, "that is the leader's to do")
	require.NoError(t, leader.look(t.Context()))
	second := served(t, leader, bundle(), now)
	require.NotEqual(t, first, second)
	require.Equal(t, first, served(t, other, bundle(), now), "it is known for as long as it may be served")
	require.NoError(t, other.look(t.Context()))
	require.Equal(t, second, served(t, other, bundle(), now))

	c.hooks.Webhooks[0].ClientConfig.CABundle = []byte("x") // as kubectl apply does
	require.NoError(t, leader.look(t.Context()))
	require.Equal(t, second, served(t, leader, bundle(), now))

	c.secret.Data[entryKey] = []byte("x")
	require.ErrorIs(t, other.look(t.Context()), errNone)
	require.Equal(t, second, served(t, other, bundle(), now), "what cannot be used is not")
	require.NoError(t, leader.look(t.Context()))
	require.NoError(t, other.look(t.Context()))
	require.NotEqual(t, second, served(t, other, bundle(), now))
	require.Equal(t, 3, strings.Count(log.String(), "has a new certificate"), log.String())
}

// A configuration that names nobody has no certificate.
func TestKeeperForNobody(t *testing.T) {
	now := time.Now()
	c := newCluster()
	c.hooks.Webhooks[0].ClientConfig.Service = nil
	k := c.keeper(&now, slog.New(slog.DiscardHandler))
	k.lead(true)
	require.ErrorContains(t, k.look(t.Context()), "names nobody to ask")
	require.Zero(t, c.writes)
	address := "https://127.0.0.1:1/validate"
	c.hooks.Webhooks[0].ClientConfig.URL = &address
	require.NoError(t, k.look(t.Context()))
	require.Equal(t, []string{"127.0.0.1"}, hostsOf(c.hooks))
}
