package kubelet

import "sync"

// tail keeps the end of what a program prints. Whoever reads it may wait for more.
type tail struct {
	mu   sync.Mutex
	text []byte
	from int           // how much was printed before text
	more chan struct{} // closed when there is more
}

// kept is how much a tail keeps at least, in bytes, of what is longer.
const kept = 1 << 20

func newTail() *tail { return &tail{more: make(chan struct{})} }

// Write keeps what is printed.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - kept; over > kept {
		t.text, t.from = append([]byte(nil), t.text[over:]...), t.from+over
	}
	close(t.more)
	t.more = make(chan struct{})
	return len(b), nil
}

// since returns what was printed after a number of bytes, how much was printed in all, and what is closed when there is more.
func (t *tail) since(n int) (text []byte, end int, more <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	end = t.from + len(t.text)
	return append([]byte(nil), t.text[min(max(n-t.from, 0), len(t.text)):]...), end, t.more
}
