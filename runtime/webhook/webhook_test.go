package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admission "k8s.io/api/admission/v1"
)

const review = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u1","operation":"OPERATION","name":"web","namespace":"shop",
 "kind":{"group":"crd.antrea.io","version":"v1beta1","kind":"NetworkPolicy"},"resource":{"group":"crd.antrea.io","version":"v1beta1","resource":"networkpolicies"},
 "object":{"apiVersion":"crd.antrea.io/v1beta1","kind":"NetworkPolicy","metadata":{"name":"web"}},
 "oldObject":{"apiVersion":"crd.antrea.io/v1beta1","kind":"NetworkPolicy","metadata":{"name":"before"}}}}`

// ask asks a handler, and says what came of it.
func ask(t *testing.T, judge func(Request) (Verdict, error), kind, body string) (int, *admission.AdmissionResponse, string) {
	t.Helper()
	result := ""
	h := Handler(Options{Log: slog.New(slog.DiscardHandler), Judged: func(r string, _ time.Duration) { result = r },
		Judge: func(_ context.Context, r Request) (Verdict, error) { return judge(r) }})
	r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out admission.AdmissionReview
	if w.Code == http.StatusOK {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		require.Equal(t, "u1", string(out.Response.UID))
	}
	return w.Code, out.Response, result
}

func TestVerdicts(t *testing.T) {
	long := strings.Repeat("ä", 200)
	for name, c := range map[string]struct {
		verdict  Verdict
		result   string
		message  string
		warnings []string
	}{
		"allowed": {result: "allowed"},
		"warned": {Verdict{Warnings: []Finding{{"HG1", "odd", "spec.a", "mend it"}, {"HG2", "odd", "", strings.Repeat("x", 300)}, {"HG3", long, "", ""}}}, "warned", "",
			[]string{"HG1: odd (spec.a); hint: mend it", "HG2: odd", "HG3: " + strings.Repeat("ä", 121) + "..."}},
		"refused": {Verdict{Errors: []Finding{{"HG1", "wrong", "spec.a", "mend it"}, {"HG2", "bad", "", ""}}}, "refused", "HG1: wrong (spec.a); hint: mend it\nHG2: bad", nil},
	} {
		t.Run(name, func(t *testing.T) {
			code, answer, result := ask(t, func(Request) (Verdict, error) { return c.verdict, nil }, "application/json; charset=utf-8", strings.Replace(review, "OPERATION", "UPDATE", 1))
			require.Equal(t, http.StatusOK, code)
			require.Equal(t, c.result, result)
			require.Equal(t, c.result != "refused", answer.Allowed)
			require.Equal(t, c.warnings, answer.Warnings)
			if c.message != "" {
				require.Equal(t, c.message, answer.Result.Message)
				require.EqualValues(t, http.StatusBadRequest, answer.Result.Code)
			}
		})
	}
}

// What is asked reaches the judge; of an object that is to be deleted there is only what it was.
func TestRequests(t *testing.T) {
	for operation, want := range map[string]string{"CREATE": "web", "UPDATE": "web", "DELETE": ""} {
		_, _, result := ask(t, func(r Request) (Verdict, error) {
			require.Equal(t, []string{"crd.antrea.io", "v1beta1", "NetworkPolicy", "networkpolicies", "shop", "web"}, []string{r.Group, r.Version, r.Kind, r.Resource, r.Namespace, r.Name})
			require.Equal(t, "before", r.Before.GetName())
			if want == "" {
				require.Nil(t, r.Object)
			} else {
				require.Equal(t, want, r.Object.GetName())
			}
			return Verdict{}, nil
		}, "application/json", strings.Replace(review, "OPERATION", operation, 1))
		require.Equal(t, "allowed", result)
	}
}

// What no API server asks is turned away, and a judge that fails refuses nothing: the API server decides what that means.
func TestWrongRequests(t *testing.T) {
	never := func(Request) (Verdict, error) { t.Error("asked"); return Verdict{}, nil }
	for name, c := range map[string]struct {
		kind, body string
		code       int
	}{
		"no JSON":   {"text/plain", "{}", http.StatusUnsupportedMediaType},
		"no review": {"application/json", "{}", http.StatusBadRequest},
		"garbage":   {"application/json", "{", http.StatusBadRequest},
		"version":   {"application/json", strings.Replace(review, "k8s.io/v1", "k8s.io/v1beta1", 1), http.StatusBadRequest},
		"object":    {"application/json", strings.Replace(review, `"object":{`, `"object":{"x":}`, 1), http.StatusBadRequest},
		"too large": {"application/json", `{"x":"` + strings.Repeat("x", maxBody) + `"}`, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, result := ask(t, never, c.kind, c.body)
			require.Equal(t, c.code, code)
			require.Equal(t, "failed", result)
		})
	}
	code, _, result := ask(t, func(Request) (Verdict, error) { return Verdict{}, errors.New("no") }, "application/json", review)
	require.Equal(t, http.StatusInternalServerError, code)
	require.Equal(t, "failed", result)
}
