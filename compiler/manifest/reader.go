package manifest

import (
	"context"
	"crypto/sha256"
	"hash"
	"io"

	"github.com/headgate-net/headgate/internal/diag"
)

// Reader reads files again and again, and gives what Read gives. A file whose text is as it was is not parsed again: its objects are
// the same pointers as before. It is not safe for concurrent use.
type Reader struct {
	namespace string
	files     map[string]*reading // by path, as of the last Read
	texts     map[string]string
	within    string
}

// reading is what was read of a file.
type reading struct {
	in      input
	sum     [sha256.Size]byte // of the text
	whole   bool              // whether all of it was read
	batches []batch
}

// NewReader returns a Reader that has read nothing. The namespace is that of namespaced objects that state none; "" means "default".
func NewReader(namespace string) *Reader { return &Reader{namespace: namespace} }

// Overlay says which texts count instead of those of files, by path, from the next Read on. Such a file need not exist: an open document
// of an editor is one. The map must not be changed afterwards.
func (r *Reader) Overlay(texts map[string]string) { r.texts = texts }

// Within says that programs may import directories of a tree only, as one does of which changes are told. Hidden directories do not belong to
// it, nor what links to directories lead to. The path is absolute, as those of the files have to be.
func (r *Reader) Within(root string) { r.within = root }

// inputs lists the files.
func (r *Reader) inputs(files []string, report *diag.Report) func(yield func(input) bool) {
	return func(yield func(input) bool) {
		for _, path := range files {
			text, other := r.texts[path]
			if other && !yield(input{name: path, argument: path, open: textReader(text)}) {
				return
			}
			if !other && !fileInputs(path, Options{}, report, yield) {
				return
			}
		}
	}
}

// Read reads the files, each named once, in this order. What is wrong goes to the report every time, also of files that are as before. After a
// cancelled context nothing is remembered of files that are not.
func (r *Reader) Read(ctx context.Context, files []string, report *diag.Report) *Objects {
	var order []*reading
	fresh := map[string]*reading{}
	for in := range r.inputs(files, report) {
		f := r.files[in.name]
		if f == nil || !f.holds(in, r.texts) {
			f = &reading{in: in}
			fresh[in.name] = f
		}
		order = append(order, f)
	}
	front := newFront(r.namespace)
	front.libraries.texts, front.libraries.within = r.texts, r.within
	front.decode(ctx, func(yield func(input) bool) {
		for _, f := range order {
			if fresh[f.in.name] != nil && !yield(f.summing()) {
				return
			}
		}
	}, func(in input, b batch) {
		f := fresh[in.name]
		f.batches = append(f.batches, b)
	})
	c, known := newCollector(report), make(map[string]*reading, len(order))
	for _, f := range order {
		for _, b := range f.batches {
			c.take(f.in, b)
		}
		if f.whole {
			known[f.in.name] = f
		}
	}
	if ctx.Err() == nil {
		r.files = known
	}
	return c.finish(ctx)
}

// holds reports whether a file's text is what was read.
func (f *reading) holds(in input, texts map[string]string) bool {
	text, err := in.open()
	if err != nil {
		return false
	}
	defer text.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, text)
	return err == nil && f.in.argument == in.argument && f.sum == [sha256.Size]byte(sum.Sum(nil)) && unchanged(f.batches, texts)
}

// summing is the input, with the sum taken of just what is parsed: the file may be written to meanwhile.
func (f *reading) summing() input {
	out := f.in
	out.open = func() (io.ReadCloser, error) {
		text, err := f.in.open()
		if err != nil {
			return nil, err
		}
		return &summed{ReadCloser: text, of: f, hash: sha256.New()}, nil
	}
	return out
}

// summed takes the sum of what is read of a file.
type summed struct {
	io.ReadCloser
	of     *reading
	hash   hash.Hash
	failed bool
}

// Read adds what it reads to the sum.
func (s *summed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.hash.Write(p[:n])
	s.failed = s.failed || err != nil && err != io.EOF
	return n, err
}

// Close reads what was left over, and notes the sum.
func (s *summed) Close() error {
	if _, err := io.Copy(io.Discard, s); err == nil && !s.failed {
		s.of.sum, s.of.whole = [sha256.Size]byte(s.hash.Sum(nil)), true
	}
	return s.ReadCloser.Close()
}
