// Package webhook answers an API server that asks whether to store an object.
//
// Who judges objects is somebody else: the package knows how the API server asks, and keeps itself from being asked too much, too long or
// at once. Nothing that is asked changes anything, so that trying is answered like storing.
package webhook

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	admission "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Path is what the API server asks.
const Path = "/validate"

// Request is what is to happen to an object. Object is nil if it is to be deleted, Before if it is to be created.
type Request struct {
	Group, Version, Kind string
	Resource             string // plural
	Namespace, Name      string
	Object, Before       *unstructured.Unstructured
}

// Finding is what there is to say of it.
type Finding struct {
	Code, Message string
	Field         string // where in the object it lies; "" if it lies elsewhere
	Hint          string // the way out
}

// Verdict is what comes of a request: it is refused if there are errors.
type Verdict struct{ Errors, Warnings []Finding }

// Options say where and what a server answers.
type Options struct {
	Address string      // host:port
	TLS     *tls.Config // the API server asks over TLS alone
	Judge   func(context.Context, Request) (Verdict, error)
	Judged  func(result string, took time.Duration) // counts; nil: nobody
	Log     *slog.Logger                            // nil: nothing is said
}

// How much and how long. An API server takes objects of at most 3 MiB, and shows the one before, too.
const (
	maxBody  = 8 << 20
	maxTime  = 10 * time.Second
	atOnce   = 16
	retry    = 2 * time.Second
	maxSaid  = 20  // findings that are said
	maxWords = 250 // bytes of a warning: more may be cut off
)

// Serve answers until ctx ends, and then what it has been asked before. An address that cannot be had is told once, and tried again.
func Serve(ctx context.Context, o Options) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	server := &http.Server{Handler: Handler(o), TLSConfig: o.TLS, ReadHeaderTimeout: maxTime, ReadTimeout: maxTime, WriteTimeout: 2 * maxTime,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxTime)
		defer cancel()
		_ = server.Shutdown(rest)
	})
	told := ""
	for ctx.Err() == nil {
		listener, err := net.Listen("tcp", o.Address)
		if err == nil {
			o.Log.Info("the webhook answers", "at", listener.Addr().String())
			err = server.ServeTLS(listener, "", "")
		}
		if errors.Is(err, http.ErrServerClosed) {
			break
		}
		if err.Error() != told {
			told = err.Error()
			o.Log.Error("the webhook cannot answer", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
	}
	if !stop() {
		<-ended
	}
}

// Handler answers what Serve does.
func Handler(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Judged == nil {
		o.Judged = func(string, time.Duration) {}
	}
	slots := make(chan struct{}, atOnce)
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+Path, func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-r.Context().Done():
			return
		}
		began := time.Now()
		result, err := o.answer(w, r)
		if err != nil {
			result = "failed"
			var wrong *wrongError
			if errors.As(err, &wrong) {
				http.Error(w, wrong.Error(), wrong.status)
			} else {
				http.Error(w, "the object could not be looked at", http.StatusInternalServerError)
				o.Log.Error("an object could not be looked at", "error", err)
			}
		}
		o.Judged(result, time.Since(began))
	})
	return mux
}

// wrongError is what is wrong with a request that no API server makes.
type wrongError struct {
	status int
	text   string
}

func (e *wrongError) Error() string { return e.text }

// answer answers a request, and says what came of it.
func (o *Options) answer(w http.ResponseWriter, r *http.Request) (result string, err error) {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return "", &wrongError{http.StatusUnsupportedMediaType, "the request must be JSON"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return "", &wrongError{http.StatusRequestEntityTooLarge, "the request cannot be read"}
	}
	var review admission.AdmissionReview
	if err := json.Unmarshal(body, &review); err != nil || review.Request == nil || review.APIVersion != admission.SchemeGroupVersion.String() {
		return "", &wrongError{http.StatusBadRequest, "the request must be an AdmissionReview of " + admission.SchemeGroupVersion.String()}
	}
	asked, err := requestOf(review.Request)
	if err != nil {
		return "", &wrongError{http.StatusBadRequest, err.Error()}
	}
	verdict, err := o.Judge(r.Context(), asked)
	if err != nil {
		return "", err
	}
	answer, result := answerOf(verdict)
	answer.UID = review.Request.UID
	text, err := json.Marshal(admission.AdmissionReview{TypeMeta: review.TypeMeta, Response: answer})
	if err != nil {
		return "", err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // who is gone need not know
	return result, nil
}

func requestOf(r *admission.AdmissionRequest) (Request, error) {
	out := Request{Group: r.Resource.Group, Version: r.Resource.Version, Kind: r.Kind.Kind, Resource: r.Resource.Resource, Namespace: r.Namespace, Name: r.Name}
	var err error
	if r.Operation != admission.Delete {
		out.Object, err = objectOf(r.Object.Raw)
	}
	if err == nil {
		out.Before, err = objectOf(r.OldObject.Raw)
	}
	return out, err
}

// objectOf reads an object; nil if there is none.
func objectOf(text []byte) (*unstructured.Unstructured, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("the object cannot be read: %w", err)
	}
	return o, nil
}

// answerOf puts a verdict in the words of the API server.
func answerOf(v Verdict) (*admission.AdmissionResponse, string) {
	out := &admission.AdmissionResponse{Allowed: len(v.Errors) == 0}
	for _, f := range v.Warnings[:min(len(v.Warnings), maxSaid)] {
		out.Warnings = append(out.Warnings, f.warning())
	}
	if out.Allowed {
		return out, map[bool]string{false: "allowed", true: "warned"}[len(out.Warnings) > 0]
	}
	var lines []string
	details := &metav1.StatusDetails{}
	for _, f := range v.Errors[:min(len(v.Errors), maxSaid)] {
		lines = append(lines, f.text())
		details.Causes = append(details.Causes, metav1.StatusCause{Type: metav1.CauseTypeFieldValueInvalid, Message: f.Code + ": " + f.Message, Field: f.Field})
	}
	if more := len(v.Errors) - maxSaid; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	// Of what is Invalid kubectl would show the causes alone, without the way out.
	out.Result = &metav1.Status{Status: metav1.StatusFailure, Code: http.StatusBadRequest, Reason: metav1.StatusReasonBadRequest,
		Message: strings.Join(lines, "\n"), Details: details}
	return out, "refused"
}

// text is a finding as people read it.
func (f *Finding) text() string {
	out := f.Code + ": " + f.Message
	if f.Field != "" {
		out += " (" + f.Field + ")"
	}
	if f.Hint != "" {
		out += "; hint: " + f.Hint
	}
	return out
}

// warning is the text, without the way out if it is too long.
func (f *Finding) warning() string {
	if out := f.text(); len(out) <= maxWords {
		return out
	}
	short := Finding{Code: f.Code, Message: f.Message, Field: f.Field}
	out := short.text()
	if len(out) > maxWords {
		out = strings.ToValidUTF8(out[:maxWords-3], "") + "..."
	}
	return out
}
