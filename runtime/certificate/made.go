package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"slices"
	"time"
)

// Lifetime is how long a certificate that is made here is valid. It is to be made anew when two thirds of that are over.
const Lifetime = 365 * 24 * time.Hour

// Pair is a certificate and its key, as PEM. Roots are the certificates by which clients are to know servers: this one, and the one before
// it, which servers may have for some time yet.
type Pair struct{ Cert, Key, Roots []byte }

// Make makes a certificate of a server with these names or addresses, which is its own root. before is the one that it replaces, if there
// is any.
func Make(hosts []string, now time.Time, before Pair) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return Pair{}, err
	}
	// Clocks differ.
	is := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "headgate"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(Lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, host := range hosts {
		if addr := net.ParseIP(host); addr != nil {
			is.IPAddresses = append(is.IPAddresses, addr)
		} else {
			is.DNSNames = append(is.DNSNames, host)
		}
	}
	cert, err := x509.CreateCertificate(rand.Reader, is, is, key.Public(), key)
	if err != nil {
		return Pair{}, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, err
	}
	out := Pair{Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})}
	out.Roots = slices.Concat(out.Cert, before.Cert)
	return out, nil
}

// Good reports whether a pair can be used for hosts, and need not be made anew yet.
func (p Pair) Good(hosts []string, now time.Time) bool {
	pair, err := p.TLS()
	if err != nil || !bytes.Contains(p.Roots, p.Cert) {
		return false
	}
	leaf := pair.Leaf
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter.Add(-leaf.NotAfter.Sub(leaf.NotBefore)/3)) {
		return false
	}
	return !slices.ContainsFunc(hosts, func(host string) bool { return leaf.VerifyHostname(host) != nil })
}

// TLS is the pair as servers use it.
func (p Pair) TLS() (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(p.Cert, p.Key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}
