package apiserver_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// everyFieldOccurs checks that no field of a definition is missing from the accepted manifests, status apart.
func everyFieldOccurs(t *testing.T) {
	fields := map[string]bool{}
	paths, err := filepath.Glob("../../deploy/crds/*.yaml")
	require.NoError(t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var definition struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Schema struct{ OpenAPIV3Schema map[string]any }
				}
			}
		}
		require.NoError(t, yaml.Unmarshal(text, &definition))
		spec := definition.Spec
		root := spec.Versions[0].Schema.OpenAPIV3Schema["properties"].(map[string]any)
		if wanted, has := root["spec"].(map[string]any); has {
			declared(spec.Group+"/"+spec.Names.Kind, wanted, fields)
		}
	}
	require.Greater(t, len(fields), 300)
	for _, c := range accepted(t) {
		var object struct {
			APIVersion, Kind string
			Spec             any
		}
		require.NoError(t, yaml.Unmarshal([]byte(c.text), &object))
		group := filepath.Dir(object.APIVersion)
		occurring(group+"/"+object.Kind, object.Spec, fields)
	}
	require.Empty(t, slices.Sorted(maps.Keys(fields)), "fields that no accepted manifest has")
}

// declared collects the fields of a schema.
func declared(path string, schema map[string]any, out map[string]bool) {
	if items, ok := schema["items"].(map[string]any); ok {
		declared(path+"[]", items, out)
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, sub := range properties {
		// What a label selector consists of is the same everywhere.
		if name == "matchLabels" || name == "matchExpressions" {
			continue
		}
		out[path+"."+name] = true
		declared(path+"."+name, sub.(map[string]any), out)
	}
}

// occurring removes the fields that a value has.
func occurring(path string, value any, from map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, sub := range v {
			delete(from, path+"."+name)
			occurring(path+"."+name, sub, from)
		}
	case []any:
		for _, item := range v {
			occurring(path+"[]", item, from)
		}
	}
}
