package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"time"

	registration "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	registrations "k8s.io/client-go/kubernetes/typed/admissionregistration/v1"
	secrets "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/headgate-net/headgate/runtime/certificate"
)

// Keeper has the certificate of a webhook in a Secret, and makes it anew in time. All that answer have the one in the Secret; one of
// them, the leader, makes it, and tells the API server what to know it by, before and after.
type Keeper struct {
	options KeeperOptions
	secrets secrets.SecretInterface
	hooks   registrations.ValidatingWebhookConfigurationInterface
	now     func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	leads   bool
	told    string
}

// KeeperOptions say where a Keeper has what. The Secret and the configuration have to be there.
type KeeperOptions struct {
	Client        *rest.Config
	Namespace     string
	Secret        string
	Configuration string        // a ValidatingWebhookConfiguration, which says under what names the API server asks
	Every         time.Duration // how often both are looked at; 0: a minute
	Log           *slog.Logger
}

// The entries of the Secret: those of the type kubernetes.io/tls, and what cert-manager calls the certificates to know it by.
const (
	entryCert  = corev1.TLSCertKey
	entryKey   = corev1.TLSPrivateKeyKey
	entryRoots = "ca.crt"
)

// errNone is what a handshake fails with before there is a certificate.
var errNone = errors.New("there is no certificate yet")

// NewKeeper makes a Keeper that has nothing yet.
func NewKeeper(o KeeperOptions) (*Keeper, error) {
	if o.Every == 0 {
		o.Every = time.Minute
	}
	core, err := secrets.NewForConfig(o.Client)
	if err != nil {
		return nil, err
	}
	hooks, err := registrations.NewForConfig(o.Client)
	if err != nil {
		return nil, err
	}
	return &Keeper{options: o, secrets: core.Secrets(o.Namespace), hooks: hooks.ValidatingWebhookConfigurations(), now: time.Now}, nil
}

// Config is how a server uses the certificate.
func (k *Keeper) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.current == nil {
			return nil, errNone
		}
		return k.current, nil
	}}
}

// Run takes up what is in the Secret, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := k.options.Every
		if err := k.look(ctx); err != nil && ctx.Err() == nil {
			wait = min(wait, retry)
			if !errors.Is(err, errNone) { // that is for the leader to change
				k.tell(err)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// tell logs an error, the same one once.
func (k *Keeper) tell(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err.Error() != k.told {
		k.told = err.Error()
		k.options.Log.Error("the webhook's certificate cannot be kept", "error", err)
	}
}

// Lead makes the certificate anew when it is time, until ctx ends. Run has to work, too.
func (k *Keeper) Lead(ctx context.Context) {
	k.lead(true)
	defer k.lead(false)
	<-ctx.Done()
}

func (k *Keeper) lead(yes bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.leads = yes
}

// look takes up what is in the Secret; the leader sees to it that it is good, and known.
func (k *Keeper) look(ctx context.Context) error {
	k.mu.Lock()
	leads := k.leads
	k.mu.Unlock()
	secret, err := k.secrets.Get(ctx, k.options.Secret, metav1.GetOptions{})
	if err != nil {
		return err
	}
	pair := certificate.Pair{Cert: secret.Data[entryCert], Key: secret.Data[entryKey], Roots: secret.Data[entryRoots]}
	if leads {
		if pair, err = k.see(ctx, secret, pair); err != nil {
			return err
		}
	}
	is, err := pair.TLS()
	if err != nil {
		return errNone // the leader has not made it yet
	}
	k.mu.Lock()
	k.current, k.told = is, ""
	k.mu.Unlock()
	return nil
}

// see makes a pair anew if it is time, and has the API server know it.
func (k *Keeper) see(ctx context.Context, secret *corev1.Secret, pair certificate.Pair) (certificate.Pair, error) {
	hooks, err := k.hooks.Get(ctx, k.options.Configuration, metav1.GetOptions{})
	if err != nil {
		return pair, err
	}
	hosts := hostsOf(hooks)
	if len(hosts) == 0 {
		return pair, errors.New("the ValidatingWebhookConfiguration " + k.options.Configuration + " names nobody to ask")
	}
	if !pair.Good(hosts, k.now()) {
		if pair, err = certificate.Make(hosts, k.now(), pair); err != nil {
			return pair, err
		}
		secret.Data = map[string][]byte{entryCert: pair.Cert, entryKey: pair.Key, entryRoots: pair.Roots}
		if _, err := k.secrets.Update(ctx, secret, metav1.UpdateOptions{}); err != nil {
			return pair, err
		}
		k.options.Log.Info("the webhook has a new certificate", "hosts", hosts)
	}
	return pair, k.publish(ctx, hooks, pair.Roots)
}

// publish tells the API server what to know the webhook by.
func (k *Keeper) publish(ctx context.Context, hooks *registration.ValidatingWebhookConfiguration, roots []byte) error {
	type client struct {
		CABundle []byte `json:"caBundle"`
	}
	type hook struct {
		Name   string `json:"name"`
		Client client `json:"clientConfig"`
	}
	var stale []hook
	for i := range hooks.Webhooks {
		if h := &hooks.Webhooks[i]; !bytes.Equal(h.ClientConfig.CABundle, roots) {
			stale = append(stale, hook{h.Name, client{roots}})
		}
	}
	if len(stale) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"webhooks": stale})
	if err != nil {
		return err
	}
	_, err = k.hooks.Patch(ctx, k.options.Configuration, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	return err
}

// hostsOf lists under what names the API server asks.
func hostsOf(hooks *registration.ValidatingWebhookConfiguration) []string {
	var out []string
	for i := range hooks.Webhooks {
		c := &hooks.Webhooks[i].ClientConfig
		switch {
		case c.Service != nil:
			out = append(out, c.Service.Name+"."+c.Service.Namespace+".svc")
		case c.URL != nil:
			if at, err := url.Parse(*c.URL); err == nil && at.Hostname() != "" {
				out = append(out, at.Hostname())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
