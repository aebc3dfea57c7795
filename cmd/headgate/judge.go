package main

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/lint"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/nodestatus"
	"github.com/headgate-net/headgate/runtime/webhook"
)

// patience is how long a webhook waits for the server to tell of objects that it has stored a moment ago, before it refuses another one
// for lack of them. It is less than what deploy/ has the server wait.
const patience = 1500 * time.Millisecond

// judge says what storing or deleting an object would do. It is refused for what is wrong with it, and for what would be wrong with the
// objects that there are, this one included, and is not wrong now.
func (v *overview) judge(ctx context.Context, r webhook.Request) (webhook.Verdict, error) {
	if r.Object == nil {
		return v.judgeDeletion(ctx, r)
	}
	if r.Object.GetDeletionTimestamp() != nil || r.Before != nil && sameToUs(r.Object, r.Before) {
		return webhook.Verdict{}, nil // what was stored may be finished
	}
	object, alone, document, err := v.read(r)
	if err != nil {
		return webhook.Verdict{}, err
	}
	var out webhook.Verdict
	for _, f := range alone {
		put(&out, &f, document)
	}
	if len(out.Errors) > 0 || object == nil {
		return out, nil
	}
	var program *ir.Program
	v.together(ctx, &out, document, func(f func()) {
		v.session.Try(object, func() {
			f()
			program = v.session.Survey().Program
		})
	})
	if len(out.Errors) == 0 && program != nil {
		v.analyse(ctx, &out, program, document)
	}
	return out, nil
}

// analyse adds what rules of a document do not do, though they seem to: see package lint. Where another analysis is under way, or this one
// takes too long, there is nothing to add: nobody who stores an object waits for that.
func (v *overview) analyse(ctx context.Context, out *webhook.Verdict, program *ir.Program, document string) {
	select {
	case v.analysing <- struct{}{}:
	default:
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found := make(chan []diag.Finding, 1)
	go func() {
		defer func() { <-v.analysing }()
		found <- idle(program, document)
	}()
	select {
	case findings := <-found:
		for i := range findings {
			put(out, &findings[i], document)
		}
	case <-ctx.Done():
	}
}

// mostLooks is how far an analysis goes for one document: some tenths of a second.
const mostLooks = 1 << 21

// idle finds rules of a document that never decide, or add nothing, or come after others by their policies' names alone. That a rule matches
// nothing yet, or a Pass leads to nobody, or an Allow is no exception to anything, is no reason to warn: what it waits for may be stored next.
func idle(program *ir.Program, document string) []diag.Finding {
	subjects := map[*ir.Endpoint]bool{}
	for _, p := range program.Policies {
		if p.Origin.Pos.File == document {
			for _, e := range subjectsOf(p) {
				subjects[e] = true
			}
		}
	}
	if len(subjects) == 0 {
		return nil
	}
	endpoints := slices.DeleteFunc(slices.Clone(program.Endpoints), func(e *ir.Endpoint) bool { return !subjects[e] })
	report := &diag.Report{}
	lint.AnalyseFile(program, flatten.Of(program, endpoints), document, mostLooks, report)
	var out []diag.Finding
	for _, f := range report.Findings() {
		switch f.Code {
		case diag.ShadowedRule, diag.RedundantRule, diag.AmbiguousOrder:
			if len(f.Related) > 0 {
				f.Severity = diag.Warning
				f.Message += ": see " + f.Related[0].Origin.Label()
				out = append(out, f)
			}
		}
	}
	return out
}

// subjectsOf lists the endpoints that a policy applies to, some of them more than once.
func subjectsOf(p *ir.Policy) (out []*ir.Endpoint) {
	for _, g := range groupsOf(p) {
		out = append(out, g.Members...)
	}
	return out
}

// judgeDeletion says what would be wrong with others.
func (v *overview) judgeDeletion(ctx context.Context, r webhook.Request) (out webhook.Verdict, err error) {
	kind := r.Kind
	if group := r.Group; group == "crd.antrea.io" || group == "policy.networking.k8s.io" {
		kind += "." + group
	}
	v.together(ctx, &out, "", func(f func()) { v.session.TryWithout(kind, r.Namespace, r.Name, f) })
	return out, nil
}

// together adds what is wrong with all objects together while a change is tried, and is not without it. Of errors it makes sure: what they
// come of may have been mended a moment ago.
func (v *overview) together(ctx context.Context, out *webhook.Verdict, document string, try func(func())) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		found, known, news := v.tried(try)
		if !known {
			return // nothing can be said
		}
		now := webhook.Verdict{Warnings: out.Warnings}
		for i := range found {
			put(&now, &found[i], document)
		}
		if len(now.Errors) == 0 {
			*out = now
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			*out = now
			return
		}
	}
}

// tried is what a change would add to what there is to say, whether that can be known, and what is closed when it may be something else.
func (v *overview) tried(try func(func())) (out []diag.Finding, known bool, news <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.known {
		return nil, false, nil
	}
	before := map[string]bool{}
	for i := range v.standing {
		before[identity(&v.standing[i])] = true
	}
	try(func() {
		for _, f := range v.oddities() {
			if !before[identity(&f)] {
				out = append(out, f)
			}
		}
	})
	return out, true, v.news
}

// identity tells findings apart, wherever they stand.
func identity(f *diag.Finding) string {
	return string(f.Code) + " " + f.Origin.Object + " " + f.Message
}

// put adds a finding to a verdict. What lies in another document than the one that is judged is named.
func put(to *webhook.Verdict, f *diag.Finding, document string) {
	said := webhook.Finding{Code: string(f.Code), Message: f.Message, Field: f.Origin.Field, Hint: f.Hint}
	if f.Origin.Pos.File != document {
		said.Field, said.Message = "", f.Origin.Label()+": "+f.Message
	}
	switch f.Severity {
	case diag.Error:
		to.Errors = append(to.Errors, said)
	case diag.Warning:
		to.Warnings = append(to.Warnings, said)
	}
}

// read reads an object as a source would tell of it. It is nil if it has errors, or is none that headgate reads now.
func (v *overview) read(r webhook.Request) (object manifest.Object, findings []diag.Finding, document string, err error) {
	o := r.Object.DeepCopy()
	if o.GetName() == "" {
		o.SetName("unnamed") // the server gives it a name later
	}
	text, err := kube.Document(kube.Kind{Group: r.Group, Version: r.Version, Name: r.Kind}, r.Resource, o)
	if err != nil {
		return nil, nil, "", err
	}
	alone := manifest.NewDocuments("")
	alone.Set([]manifest.Document{manifest.Document(text)})
	report := reportWith(alone.Findings())
	for o := range v.gates.apply(alone.Objects(), report).All() {
		object = o
	}
	return object, report.Findings(), text.Name, nil
}

// sameToUs reports whether two versions of an object differ in nothing that headgate reads of the kinds that it is asked about: in
// finalizers, say, or in notes.
func sameToUs(a, b *unstructured.Unstructured) bool {
	relevant := func(o *unstructured.Unstructured) []any {
		ours := o.GetAnnotations()
		maps.DeleteFunc(ours, func(key, _ string) bool { return !strings.HasPrefix(key, nodestatus.Group+"/") })
		return []any{o.Object["spec"], o.GetLabels(), fmt.Sprint(ours)} // which prints maps in order
	}
	return reflect.DeepEqual(relevant(a), relevant(b))
}
