package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func day(n int) time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

func made(t *testing.T, hosts ...string) Pair {
	t.Helper()
	p, err := Make(hosts, time.Now(), Pair{})
	require.NoError(t, err)
	return p
}

func write(t *testing.T, dir string, p Pair) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.crt"), p.Cert, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.key"), p.Key, 0o600))
}

// dial connects to a server with what it is to be known by.
func dial(at net.Addr, roots []byte, host string) error {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	c, err := tls.Dial("tcp", at.String(), &tls.Config{RootCAs: pool, ServerName: host})
	if err != nil {
		return err
	}
	return c.Close()
}

func serve(t *testing.T, config *tls.Config) net.Addr {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	return l.Addr()
}

// Files that are replaced are served from the next handshake on; those that cannot be used are not, and that is said once.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)

	first, second := made(t, "one.test"), made(t, "two.test")
	write(t, dir, first)
	var log strings.Builder
	f, err := Open(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	clock := time.Now()
	f.now = func() time.Time { clock = clock.Add(lookEvery); return clock }
	at := serve(t, f.Config())
	require.NoError(t, dial(at, first.Roots, "one.test"))
	require.Error(t, dial(at, second.Roots, "two.test"))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.crt"), second.Cert, 0o600)) // of which the key is not there yet
	require.NoError(t, os.Chtimes(filepath.Join(dir, "tls.crt"), clock, clock.Add(time.Hour)))
	require.NoError(t, dial(at, first.Roots, "one.test"))
	require.NoError(t, dial(at, first.Roots, "one.test"))
	require.Equal(t, 1, strings.Count(log.String(), "cannot be read"), log.String())

	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.key"), second.Key, 0o600))
	require.NoError(t, dial(at, second.Roots, "two.test"))
	require.NoError(t, os.Remove(filepath.Join(dir, "tls.key")))
	require.NoError(t, dial(at, second.Roots, "two.test"))
	require.Equal(t, 2, strings.Count(log.String(), "cannot be read"), log.String())
}

// Between two looks the files are not touched.
func TestFilesAreNotLookedAtAllTheTime(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, made(t, "one.test"))
	f, err := Open(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), nil)
	require.NoError(t, err)
	clock, looks := time.Now(), 0
	f.now = func() time.Time { return clock }
	f.stat = func(name string) (os.FileInfo, error) { looks++; return os.Stat(name) }
	for range 10 {
		require.NotNil(t, f.Now())
	}
	require.Equal(t, 2, looks)
	clock = clock.Add(lookEvery)
	f.Now()
	require.Equal(t, 4, looks)
}

// A certificate that is made here is taken for its hosts alone, until two thirds of its life are over; while it is replaced, both are known.
func TestMake(t *testing.T) {
	hosts := []string{"webhook.system.svc", "127.0.0.1"}
	p, err := Make(hosts, day(0), Pair{})
	require.NoError(t, err)
	require.True(t, p.Good(hosts, day(0)))
	require.True(t, p.Good(hosts[:1], day(240)))
	require.False(t, p.Good(hosts, day(246)))
	require.False(t, p.Good(hosts, day(-1)))
	require.False(t, p.Good([]string{"other.system.svc"}, day(0)))
	require.False(t, Pair{}.Good(hosts, day(0)))

	before := made(t, hosts...)
	next, err := Make(hosts, time.Now(), before)
	require.NoError(t, err)
	require.True(t, next.Good(hosts, time.Now()))
	require.False(t, Pair{next.Cert, before.Key, next.Roots}.Good(hosts, time.Now()))
	require.False(t, Pair{next.Cert, next.Key, before.Roots}.Good(hosts, time.Now()))
	for _, served := range []Pair{before, next} {
		pair, err := served.TLS()
		require.NoError(t, err)
		at := serve(t, &tls.Config{Certificates: []tls.Certificate{*pair}})
		for _, host := range hosts {
			require.NoError(t, dial(at, next.Roots, host))
		}
		require.Error(t, dial(at, next.Roots, "other.system.svc"))
	}
	pair, err := next.TLS()
	require.NoError(t, err)
	require.Error(t, dial(serve(t, &tls.Config{Certificates: []tls.Certificate{*pair}}), before.Roots, hosts[0]))
}
