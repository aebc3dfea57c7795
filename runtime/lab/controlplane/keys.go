package controlplane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// keys are the certificates of one cluster, in a directory of its lab.
type keys struct {
	dir  string
	ca   *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64
}

// lifetime is longer than that of any lab.
const lifetime = 10 * 365 * 24 * time.Hour

func newKeys(dir string) (*keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	k := &keys{dir: dir}
	template := k.template("lab")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	if k.ca, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	k.key = key
	return k, k.write("ca", der, nil)
}

func (k *keys) path(name string) string { return filepath.Join(k.dir, name) }

func (k *keys) template(name string, groups ...string) *x509.Certificate {
	k.next++
	return &x509.Certificate{
		SerialNumber: big.NewInt(k.next), Subject: pkix.Name{CommonName: name, Organization: groups},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

// write makes FILE.crt and FILE.key.
func (k *keys) write(file string, certificate []byte, key *ecdsa.PrivateKey) error {
	if certificate != nil {
		if err := os.WriteFile(k.path(file+".crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600); err != nil {
			return err
		}
	}
	if key == nil {
		return nil
	}
	der, err := x509.MarshalECPrivateKey(key) // the only form of such a key that the API server reads for its tokens
	if err != nil {
		return err
	}
	return os.WriteFile(k.path(file+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
}

// sign makes a key with a certificate of the authority.
func (k *keys) sign(file string, template *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, k.ca, &key.PublicKey, k.key)
	if err != nil {
		return err
	}
	return k.write(file, der, key)
}

// server makes the certificate of a server.
func (k *keys) server(file string, names []string, addrs ...netip.Addr) error {
	t := k.template(names[0])
	t.ExtKeyUsage, t.DNSNames = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, names
	for _, a := range addrs {
		t.IPAddresses = append(t.IPAddresses, net.IP(a.AsSlice()))
	}
	return k.sign(file, t)
}

// client makes the certificate of a user who is in some groups.
func (k *keys) client(file, user string, groups ...string) error {
	t := k.template(user, groups...)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return k.sign(file, t)
}

// signer makes a key alone.
func (k *keys) signer(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	return k.write(file, nil, key)
}

// kubeconfig writes how a user whose certificate there is reaches the server at an address.
func (k *keys) kubeconfig(path, file string, server netip.AddrPort) error {
	read := func(name string) []byte {
		text, err := os.ReadFile(k.path(name))
		if err != nil {
			panic(fmt.Sprintf("controlplane: %s was just written: %v", name, err))
		}
		return text
	}
	const name = "headgate-lab"
	return clientcmd.WriteToFile(api.Config{
		Clusters:       map[string]*api.Cluster{name: {Server: "https://" + server.String(), CertificateAuthorityData: read("ca.crt")}},
		AuthInfos:      map[string]*api.AuthInfo{name: {ClientCertificateData: read(file + ".crt"), ClientKeyData: read(file + ".key")}},
		Contexts:       map[string]*api.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path)
}
