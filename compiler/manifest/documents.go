package manifest

import (
	"context"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
)

// Document is the text of an object under a name that stays the same. Positions name it as their file.
type Document struct{ Name, Text string }

// Documents holds objects that come and go one at a time, each in a document of its own. What it gives depends on the documents, not on
// the order in which they came, with one exception that is its purpose: where the last text of a document has errors, what the last
// accepted one said stays. It is not safe for concurrent use.
type Documents struct {
	namespace string
	byName    map[string]*document
	order     []*document // by name
	fresh     map[*document]bool
}

// document is what one document says.
type document struct {
	name     string
	now      []Object // as of the last text; nil after an error, or if the document is gone
	findings []diag.Finding
	failed   bool // the last text has errors
	refused  bool // the last text has errors beside others
	blamed   bool // the last text has errors in others
	gone     bool
	because  diag.Finding // of what failed, or was refused
	good     []Object     // as last accepted
}

// NewDocuments returns Documents that hold nothing. The namespace is that of namespaced objects that state none; "" means "default".
func NewDocuments(namespace string) *Documents {
	return &Documents{namespace: namespace, byName: map[string]*document{}, fresh: map[*document]bool{}}
}

// Set takes new texts, each under another name; "" says that the document is gone. Documents that are not named stay as they are: the
// pointers to their objects, too. What was refused is given another chance.
func (d *Documents) Set(changes []Document) {
	var added []*document
	for _, c := range changes {
		doc := d.byName[c.Name]
		switch {
		case doc == nil && c.Text == "":
			continue
		case doc == nil:
			doc = &document{name: c.Name}
			d.byName[c.Name] = doc
			added = append(added, doc)
		}
		doc.now, doc.findings, doc.failed, doc.blamed, doc.gone = nil, nil, false, false, c.Text == ""
		d.fresh[doc] = true
	}
	d.insert(added)
	d.parse(changes)
	for doc := range d.fresh {
		doc.refused = false
	}
}

// insert keeps the order.
func (d *Documents) insert(added []*document) {
	if len(added) == 0 {
		return
	}
	byName := func(a, b *document) int { return strings.Compare(a.name, b.name) }
	slices.SortFunc(added, byName)
	merged := make([]*document, 0, len(d.order)+len(added))
	for _, doc := range d.order {
		for len(added) > 0 && byName(added[0], doc) < 0 {
			merged, added = append(merged, added[0]), added[1:]
		}
		merged = append(merged, doc)
	}
	d.order = append(merged, added...)
}

func (d *Documents) parse(changes []Document) {
	newFront(d.namespace).decode(context.Background(), func(yield func(input) bool) {
		for _, c := range changes {
			if c.Text != "" && !yield(input{name: c.Name, open: textReader(c.Text)}) {
				return
			}
		}
	}, func(in input, b batch) {
		doc := d.byName[in.name]
		doc.now = append(doc.now, b.objects...)
		doc.findings = append(doc.findings, b.findings...)
		if at := slices.IndexFunc(b.findings, isError); at >= 0 && !doc.failed {
			doc.failed, doc.because = true, b.findings[at]
		}
	})
}

func isError(f diag.Finding) bool { return f.Severity == diag.Error }

// Objects gives every object, each list in the order of the documents' names.
func (d *Documents) Objects() *Objects {
	out := &Objects{}
	for _, doc := range d.order {
		for _, o := range doc.said() {
			out.add(o)
		}
	}
	return out
}

// said is what a document contributes.
func (doc *document) said() []Object {
	if doc.failed || doc.refused {
		return doc.good
	}
	return doc.now
}

// Findings gives what is to say about the last text of each document alone, in the order of their names. Errors are among them: what
// such a document said before stays.
func (d *Documents) Findings() []diag.Finding {
	var out []diag.Finding
	for _, doc := range d.order {
		out = append(out, doc.findings...)
	}
	return out
}

// Refuse goes back to what was accepted of documents that the given errors, found with all objects together, are due to: those in which
// an error lies if they have changed since, or else those that it mentions. It reports whether there are such, so that Objects gives
// something else now.
func (d *Documents) Refuse(findings []diag.Finding) bool {
	due := map[*document]diag.Finding{}
	for _, f := range findings {
		if !isError(f) {
			continue
		}
		if doc := d.changed(f.Origin.Pos.File); doc != nil {
			due[doc] = f
			continue
		}
		for _, r := range f.Related {
			if doc := d.changed(r.Origin.Pos.File); doc != nil {
				due[doc] = f
			}
		}
	}
	for doc, why := range due {
		doc.refused, doc.because = true, why
	}
	return len(due) > 0
}

// HoldBack goes back to what was accepted of documents that Blame found to blame before, and that have not changed since: Set gave them
// another chance, and there are errors again. It reports whether there are such. Acquit finds out afterwards whether it was their turn.
func (d *Documents) HoldBack(errors []diag.Finding) bool {
	some := false
	for _, doc := range d.order {
		if !doc.blamed || d.changed(doc.name) != doc {
			continue
		}
		doc.refused, some = true, true
		if at := slices.IndexFunc(errors, d.elsewhere); at >= 0 {
			doc.because = errors[at]
		}
	}
	return some
}

// elsewhere reports whether an error lies in a document that has not changed.
func (d *Documents) elsewhere(f diag.Finding) bool {
	return isError(f) && d.changed(f.Origin.Pos.File) == nil
}

// Acquit takes documents that HoldBack held back in again, as far as Objects works then.
func (d *Documents) Acquit(works func(*Objects) bool) {
	var held []*document
	for _, doc := range d.order {
		if doc.blamed && doc.refused {
			held = append(held, doc)
		}
	}
	if len(held) > 0 && works(d.Objects()) {
		d.acquit(held, works)
	}
}

// Blame is for errors of which Refuse knows no cause: they lie in documents that have not changed, and come of others that have, or are
// gone. It goes back to what was accepted of as few of those as it finds, so that Objects gives something that works; deletions rather
// than other changes. It reports whether it has found such, and else changes nothing. Works is asked about 2 k log2 n times, where k of n
// changed documents are to blame.
func (d *Documents) Blame(errors []diag.Finding, works func(*Objects) bool) bool {
	var suspects []*document
	for _, gone := range []bool{false, true} {
		for _, doc := range d.order {
			if doc.gone == gone && d.changed(doc.name) == doc {
				suspects = append(suspects, doc)
			}
		}
	}
	at := slices.IndexFunc(errors, isError)
	if len(suspects) == 0 || at < 0 {
		return false
	}
	for _, doc := range suspects {
		doc.refused, doc.because = true, errors[at]
	}
	found := works(d.Objects())
	if found {
		d.acquit(suspects, works)
	}
	for _, doc := range suspects {
		doc.refused = found && doc.refused
		doc.blamed = doc.refused
	}
	return found
}

// acquit takes as many refused documents as it can back in.
func (d *Documents) acquit(docs []*document, works func(*Objects) bool) {
	for _, doc := range docs {
		doc.refused, doc.blamed = false, false
	}
	if works(d.Objects()) {
		return
	}
	for _, doc := range docs {
		doc.refused, doc.blamed = true, true
	}
	if half := len(docs) / 2; half > 0 {
		d.acquit(docs[:half], works)
		d.acquit(docs[half:], works)
	}
}

// Rejection is a document whose last text is not in what Objects gives.
type Rejection struct {
	Document string
	Because  diag.Finding // the first error in it, or that it makes in others
	Blamed   bool         // the error is of others
	Gone     bool         // the document is gone; what it said stays
	Previous bool         // what it said before is in what Objects gives
}

// Rejected gives those documents, in the order of their names.
func (d *Documents) Rejected() []Rejection {
	var out []Rejection
	for _, doc := range d.order {
		if doc.failed || doc.refused {
			out = append(out, Rejection{doc.name, doc.because, doc.because.Origin.Pos.File != doc.name, doc.gone, len(doc.good) > 0})
		}
	}
	return out
}

// changed gives a document whose last text is among what Objects gives, and was not accepted yet; nil if it is no such.
func (d *Documents) changed(name string) *document {
	doc := d.byName[name]
	if doc == nil || !d.fresh[doc] || doc.failed || doc.refused {
		return nil
	}
	return doc
}

// Accept says that what Objects gave last is in force: it is what documents go back to from now on.
func (d *Documents) Accept() {
	gone := false
	for doc := range d.fresh {
		if doc.failed || doc.refused {
			continue
		}
		doc.good = doc.now
		delete(d.fresh, doc)
		if doc.gone {
			delete(d.byName, doc.name)
			gone = true
		}
	}
	if gone {
		d.order = slices.DeleteFunc(d.order, func(doc *document) bool { return d.byName[doc.name] != doc })
	}
}
