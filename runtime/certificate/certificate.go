// Package certificate is where servers have their TLS certificates from: files that somebody renews, or one that is made here.
//
// Each handshake gets what is there at that time, without a restart; while what is there cannot be used, the last good one goes on.
package certificate

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Files are a certificate, with what leads to its root, and its key, as PEM. Its methods may be called concurrently.
type Files struct {
	cert, key string
	log       *slog.Logger

	mu    sync.Mutex
	seen  [2]state         // of the files when they were read last
	last  *tls.Certificate // the last good one
	told  string           // the last failure
	stat  func(string) (os.FileInfo, error)
	query time.Time // when the files were looked at last
	now   func() time.Time
}

// state tells whether a file is another one than before. Kubernetes swaps a link, so that the file of that name has another time.
type state struct {
	changed time.Time
	size    int64
}

// lookEvery is how often the files are looked at, however many handshakes there are.
const lookEvery = time.Second

// Open reads the files. A log that is not nil is told of files that cannot be used later.
func Open(cert, key string, log *slog.Logger) (*Files, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	f := &Files{cert: cert, key: key, log: log, stat: os.Stat, now: time.Now}
	if err := f.renew(); err != nil {
		return nil, err
	}
	return f, nil
}

// Config is how a server uses the files.
func (f *Files) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.Now(), nil }}
}

// Now gives the certificate, read anew if the files have changed.
func (f *Files) Now() *tls.Certificate {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if now.Sub(f.query) < lookEvery && !now.Before(f.query) {
		return f.last
	}
	f.query = now
	err := f.renewIfChanged()
	switch {
	case err == nil:
		f.told = ""
	case err.Error() != f.told:
		f.told = err.Error()
		f.log.Error("the certificate cannot be read; the last good one goes on", "error", err)
	}
	return f.last
}

func (f *Files) renewIfChanged() error {
	now, err := f.states()
	if err != nil || now == f.seen {
		return err
	}
	return f.renew()
}

// renew reads the files. What is seen of them is from before that: a change meanwhile is seen the next time.
func (f *Files) renew() error {
	now, err := f.states()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return err // also of a pair of which one is not there yet; it is tried again
	}
	f.seen, f.last = now, &pair
	return nil
}

func (f *Files) states() (out [2]state, err error) {
	for i, name := range []string{f.cert, f.key} {
		info, failed := f.stat(name)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		out[i] = state{info.ModTime(), info.Size()}
	}
	return out, err
}
