package member

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/memberlist"
)

// maxKeys bounds the keys of a file: each message that cannot be decrypted is tried with all of them.
const maxKeys = 16

// ReadKeys reads a file of keys: one a line, as base64 of 16, 24 or 32 bytes, for AES-128, AES-192 or AES-256. Empty lines and lines
// that begin with # do not count. The first key encrypts; all of them decrypt. To change the key, give every member a file with the
// new one behind the old one, then every member one with the new one first, then take out the old one.
func ReadKeys(path string) ([][]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var keys [][]byte
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err == nil {
			err = memberlist.ValidateKey(key)
		} else {
			err = errors.New("not base64") // the decoder's own words would show a part of the key
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: want a key of 16, 24 or 32 bytes as base64: %w", path, i+1, err)
		}
		keys = append(keys, key)
	}
	switch {
	case len(keys) == 0:
		return nil, fmt.Errorf("%s: there is no key", path)
	case len(keys) > maxKeys:
		return nil, fmt.Errorf("%s: there are more than %d keys", path, maxKeys)
	}
	return keys, nil
}

// keyLook is how often the file of keys is looked at. A file that is swapped by symbolic links, as those of mounted Secrets are, is
// seen like any other.
const keyLook = time.Second

// keepKeys takes up keys that change. While the file cannot be read, the last ones stay.
func (m *Members) keepKeys(ctx context.Context, keys [][]byte) {
	ticker := time.NewTicker(keyLook)
	defer ticker.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now, err := ReadKeys(m.options.KeyFile)
		if err == nil && !slices.EqualFunc(now, keys, slices.Equal) {
			if err = install(m.keys, now); err == nil {
				keys = now
				m.log.Info("the keys between nodes have changed", "count", len(keys))
			}
		}
		switch {
		case err == nil:
			told = ""
		case err.Error() != told:
			told = err.Error()
			m.log.Error("the keys between nodes cannot be read; the last ones stay", "error", err)
		}
	}
}

// install makes a ring hold some keys, the first of which encrypts, and no others.
//
// The library hands out its own slice to who decrypts, and taking out a key moves those behind it within that slice. So the keys that
// stay are brought to the front first, and the others taken out from the end, which moves nothing.
func install(ring *memberlist.Keyring, keys [][]byte) error {
	for _, key := range keys {
		if err := ring.AddKey(key); err != nil {
			return err
		}
	}
	for _, key := range slices.Backward(keys) {
		if err := ring.UseKey(key); err != nil {
			return err
		}
	}
	for held := ring.GetKeys(); ; held = ring.GetKeys() {
		last := held[len(held)-1]
		if slices.ContainsFunc(keys, func(key []byte) bool { return slices.Equal(key, last) }) {
			return nil
		}
		if err := ring.RemoveKey(last); err != nil {
			return err
		}
	}
}
