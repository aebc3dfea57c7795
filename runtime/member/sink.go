package member

import (
	"bytes"
	"log/slog"
	"sync"
	"time"
)

// refusedEvery is how often it is said that messages cannot be decrypted.
const refusedEvery = time.Minute

// sink makes records of the library's lines. To the library everything that a network does is news, so all of it is for debugging, but
// for messages that have another key, which an operator has to hear of.
type sink struct {
	log  *slog.Logger
	mu   sync.Mutex
	told time.Time
}

func newSink(log *slog.Logger) *sink { return &sink{log: log} }

// Write takes a line.
func (s *sink) Write(line []byte) (int, error) {
	text := string(bytes.TrimSpace(line))
	if !bytes.Contains(line, []byte("ecrypt")) || !bytes.Contains(line, []byte("failed")) {
		s.log.Debug(text)
		return len(line), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.told.IsZero() || now.Sub(s.told) >= refusedEvery {
		s.told = now
		s.log.Warn("messages of other nodes cannot be decrypted: not all have the same key", "message", text)
	}
	return len(line), nil
}
