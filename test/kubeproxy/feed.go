package kubeproxy

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// Feed serves objects as an API server does to those who list and watch, in JSON: selectors of labels and names are heeded, a watch
// begins at any version or with everything that is there. It takes events and does not keep them. Whatever else is asked for is
// not found.
type Feed struct {
	server *http.Server

	mu      sync.Mutex
	changed chan struct{} // closed by the next change
	log     []change      // version i+1 is log[i]
	current map[string]int
}

// change is one version of an object.
type change struct {
	resource string
	kind     string // ADDED, MODIFIED or DELETED
	labels   labels.Set
	fields   fields.Set
	text     []byte
}

// NewFeed serves on a listener until Close.
func NewFeed(l net.Listener) *Feed {
	f := &Feed{changed: make(chan struct{}), current: map[string]int{}}
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	go f.server.Serve(l)
	return f
}

// Close ends every watch and the listener.
func (f *Feed) Close() error { return f.server.Close() }

// Put adds objects of a resource, such as "services", or replaces those of the same name.
func (f *Feed) Put(resource string, objects ...metav1.Object) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range objects {
		key := resource + "/" + o.GetNamespace() + "/" + o.GetName()
		c := change{resource: resource, kind: "ADDED", labels: o.GetLabels(), fields: fields.Set{"metadata.name": o.GetName()}}
		if s, ok := o.(*corev1.Service); ok {
			c.fields["spec.clusterIP"] = s.Spec.ClusterIP
		}
		if _, found := f.current[key]; found {
			c.kind = "MODIFIED"
		}
		o.SetResourceVersion(strconv.Itoa(len(f.log) + 1))
		o.SetUID(types.UID(key))
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		c.text = text
		f.append(key, c)
	}
	return nil
}

// Delete removes an object.
func (f *Feed) Delete(resource, namespace, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := resource + "/" + namespace + "/" + name
	at, found := f.current[key]
	if !found {
		return fmt.Errorf("there is no %s", key)
	}
	c := f.log[at]
	c.kind = "DELETED"
	f.append(key, c)
	delete(f.current, key)
	return nil
}

func (f *Feed) append(key string, c change) {
	f.log = append(f.log, c)
	f.current[key] = len(f.log) - 1
	close(f.changed)
	f.changed = make(chan struct{})
}

// apiKind names the kind of a resource, with its version; "" if there is no such resource.
func apiKind(resource string) (version, kind string) {
	switch resource {
	case "nodes":
		return "v1", "Node"
	case "services":
		return "v1", "Service"
	case "endpointslices":
		return "discovery.k8s.io/v1", "EndpointSlice"
	case "servicecidrs":
		return "networking.k8s.io/v1", "ServiceCIDR"
	}
	return "", ""
}

// ServeHTTP answers one request.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	resource := path[len(path)-1]
	w.Header().Set("Content-Type", "application/json")
	version, kind := apiKind(resource)
	if r.Method != http.MethodGet || kind == "" {
		if r.Method == http.MethodPost && resource == "events" {
			w.WriteHeader(http.StatusCreated)
			// What becomes of the answer is the client's business.
			_, _ = io.Copy(w, r.Body)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
		return
	}
	q := r.URL.Query()
	chosen, err := chooser(resource, q.Get("labelSelector"), q.Get("fieldSelector"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if q.Get("watch") == "true" || q.Get("watch") == "1" {
		from, _ := strconv.Atoi(q.Get("resourceVersion"))
		f.watch(w, r, watch{chosen, from, q.Get("sendInitialEvents") == "true", version, kind})
		return
	}
	texts, at := f.list(chosen)
	fmt.Fprintf(w, `{"kind":"%sList","apiVersion":"%s","metadata":{"resourceVersion":"%d"},"items":[`, kind, version, at)
	for i, t := range texts {
		if i > 0 {
			w.Write([]byte{','})
		}
		w.Write(t)
	}
	fmt.Fprint(w, "]}")
}

// chooser makes the condition that selectors are.
func chooser(resource, byLabels, byFields string) (func(c *change) bool, error) {
	wanted, err := labels.Parse(byLabels)
	if err != nil {
		return nil, err
	}
	where, err := fields.ParseSelector(byFields)
	if err != nil {
		return nil, err
	}
	return func(c *change) bool {
		return c.resource == resource && where.Matches(c.fields) && wanted.Matches(c.labels)
	}, nil
}

// list returns what is there, by version, and the version of the whole.
func (f *Feed) list(chosen func(c *change) bool) (texts [][]byte, at int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var there []int
	for _, i := range f.current {
		if chosen(&f.log[i]) {
			there = append(there, i)
		}
	}
	slices.Sort(there)
	for _, i := range there {
		texts = append(texts, f.log[i].text)
	}
	return texts, len(f.log)
}

// watch is a request to be told.
type watch struct {
	chosen        func(c *change) bool
	from          int
	initial       bool
	version, kind string
}

func (f *Feed) watch(w http.ResponseWriter, r *http.Request, ask watch) {
	flush := http.NewResponseController(w)
	if ask.initial {
		texts, at := f.list(ask.chosen)
		for _, t := range texts {
			fmt.Fprintf(w, `{"type":"ADDED","object":%s}`+"\n", t)
		}
		fmt.Fprintf(w, `{"type":"BOOKMARK","object":{"kind":"%s","apiVersion":"%s","metadata":{"resourceVersion":"%d","annotations":{%q:"true"}}}}`+"\n",
			ask.kind, ask.version, at, metav1.InitialEventsAnnotationKey)
		ask.from = at
	}
	for {
		if err := flush.Flush(); err != nil {
			return
		}
		f.mu.Lock()
		fresh, changed := f.log[min(ask.from, len(f.log)):], f.changed
		f.mu.Unlock()
		for i := range fresh {
			if c := &fresh[i]; ask.chosen(c) {
				fmt.Fprintf(w, `{"type":%q,"object":%s}`+"\n", c.kind, c.text)
			}
		}
		ask.from += len(fresh)
		if len(fresh) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
