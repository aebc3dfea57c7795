package apiserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/test/apiserver"
)

// mutant is a manifest with one thing changed.
type mutant struct {
	what   string
	object map[string]any
}

// mutants changes each part of an object's spec in each of several ways; of an object without one, each part beside its metadata.
func mutants(t *testing.T, text string) []mutant {
	t.Helper()
	var out []mutant
	parse := func() map[string]any {
		var object map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &object))
		return object
	}
	var paths [][]any
	object := parse()
	for _, field := range slices.Sorted(maps.Keys(object)) {
		if _, has := object["spec"]; field == "spec" || !has && !slices.Contains([]string{"apiVersion", "kind", "metadata"}, field) {
			walk([]any{field}, object[field], func(path []any, _ any) { paths = append(paths, path) })
		}
	}
	for _, path := range paths {
		for _, change := range alterations() {
			object := parse()
			if _, done := alter(object, path, change); done {
				out = append(out, mutant{change.name + " at " + strings.TrimPrefix(display(path), "."), object})
			}
		}
	}
	return out
}

// walk visits every value below a value, in a fixed order.
func walk(path []any, value any, visit func([]any, any)) {
	visit(slices.Clone(path), value)
	switch v := value.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			walk(append(path, k), v[k], visit)
		}
	case []any:
		for i, item := range v {
			walk(append(path, i), item, visit)
		}
	}
}

func display(path []any) string {
	var b strings.Builder
	for _, step := range path {
		if i, ok := step.(int); ok {
			fmt.Fprintf(&b, "[%d]", i)
		} else {
			fmt.Fprintf(&b, ".%v", step)
		}
	}
	return b.String()
}

// alteration makes another value out of a value, or none if it does not apply. A gone value is removed.
type alteration struct {
	name string
	make func(value any) (any, bool)
}

type gone struct{}

func alterations() []alteration {
	out := []alteration{
		{"remove", func(any) (any, bool) { return gone{}, true }},
		{"repeat", func(v any) (any, bool) {
			list, ok := v.([]any)
			if !ok || len(list) == 0 {
				return nil, false
			}
			return append(slices.Clone(list), list[len(list)-1]), true
		}},
		{"join", func(v any) (any, bool) {
			// Two neighbours become one entry with the fields of both.
			list, ok := v.([]any)
			if !ok || len(list) < 2 {
				return nil, false
			}
			a, okA := list[0].(map[string]any)
			b, okB := list[len(list)-1].(map[string]any)
			if !okA || !okB {
				return nil, false
			}
			both := maps.Clone(a)
			maps.Copy(both, b)
			return []any{both}, true
		}},
		{"unknown field", func(v any) (any, bool) {
			object, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			more := maps.Clone(object)
			more["unknown"] = "x"
			return more, true
		}},
	}
	for _, value := range []any{nil, map[string]any{}, []any{}, "", "a", "A_b c", 0.0, -1.0, 300.0, 70000.0, 1.5, true} {
		text, _ := json.Marshal(value)
		out = append(out, alteration{string(text), func(v any) (any, bool) {
			before, _ := json.Marshal(v)
			return value, string(before) != string(text)
		}})
	}
	return out
}

// alter applies an alteration at a path, in place where it can.
func alter(value any, path []any, change alteration) (any, bool) {
	if len(path) == 0 {
		return change.make(value)
	}
	switch v := value.(type) {
	case map[string]any:
		name := path[0].(string)
		inner, done := alter(v[name], path[1:], change)
		if _, remove := inner.(gone); remove {
			delete(v, name)
		} else {
			v[name] = inner
		}
		return v, done
	case []any:
		i := path[0].(int)
		inner, done := alter(v[i], path[1:], change)
		if _, remove := inner.(gone); remove {
			return slices.Delete(v, i, i+1), done
		}
		v[i] = inner
		return v, done
	}
	return value, false
}

// collection is where the API server keeps the objects of a kind.
func collection(object map[string]any) string {
	kind := strings.ToLower(object["kind"].(string))
	plural := kind + "s"
	switch {
	case strings.HasSuffix(kind, "y"):
		plural = strings.TrimSuffix(kind, "y") + "ies"
	case strings.HasSuffix(kind, "s"):
		plural = kind + "es"
	}
	if namespace, ok := object["metadata"].(map[string]any)["namespace"].(string); ok {
		plural = "namespaces/" + namespace + "/" + plural
	}
	if version := object["apiVersion"].(string); version != "v1" {
		return "/apis/" + version + "/" + plural
	}
	return "/api/v1/" + plural
}

// stride thins the mutants out: all of them would take minutes. It has no factor in common with the number of alterations, so
// that every place and every alteration has its turn.
const stride = 3

// alteredByBoth changes the accepted manifests a little, in every place: either both take the result or both refuse it.
func alteredByBoth(t *testing.T, s *apiserver.Server) {
	var all []mutant
	for _, c := range accepted(t) {
		for _, m := range mutants(t, c.text) {
			m.what = c.name + ": " + m.what
			all = append(all, m)
		}
	}
	var group errgroup.Group
	group.SetLimit(4)
	taken, refused := make([]bool, len(all)), make([]bool, len(all))
	differing := make([]string, len(all))
	for i := 0; i < len(all); i += stride {
		group.Go(func() error {
			ours, theirs, err := offer(s, all[i].object)
			taken[i], refused[i] = ours == "" && theirs == "", ours != "" && theirs != ""
			if taken[i] == refused[i] && !understood(ours, theirs) {
				differing[i] = fmt.Sprintf("%s\n    headgate: %s\n    API server: %s", all[i].what, ours, theirs)
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
	different := slices.DeleteFunc(differing, func(d string) bool { return d == "" })
	require.Empty(t, different, "%d differences", len(different))
	count := func(list []bool) (n int) {
		for _, is := range list {
			if is {
				n++
			}
		}
		return n
	}
	// The alterations are good for something: many are refused, and not all.
	require.Greater(t, count(refused), 1000)
	require.Greater(t, count(taken), 100)
}

// offer asks both, and returns what each complains about. The object gets a name of which there is none yet.
func offer(s *apiserver.Server, object map[string]any) (ours, theirs string, err error) {
	if metadata := object["metadata"].(map[string]any); metadata["name"] != "default" {
		metadata["name"] = "another"
	}
	text, err := json.Marshal(object)
	if err != nil {
		return "", "", err
	}
	err = s.Offer(collection(object), text)
	var refused *apiserver.RefusedError
	if errors.As(err, &refused) {
		theirs, err = refused.Text, nil
	}
	return complaint(string(text)), theirs, err
}

// understood reports whether there is a reason for the difference between headgate and the API server.
func understood(ours, theirs string) bool {
	switch {
	case strings.Contains(ours, ".nodePort: ") && strings.Contains(ours, "is not a port number"):
		return true // in a dry run the API server hands out any port
	case ours != "":
		return false
	case strings.Contains(theirs, "not in the valid range"), strings.Contains(theirs, "already allocated"):
		return true // which ports and addresses the cluster hands out is not known to headgate
	case strings.Contains(theirs, "l7Protocols"):
		return true // headgate does not look into what it does not support at all
	}
	return false
}
