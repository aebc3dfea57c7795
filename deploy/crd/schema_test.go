package crd

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

type inner struct {
	Shared string `json:"shared"`
}

type sample struct {
	inner   `json:",inline"`
	Number  int32    `json:"number"`
	Ingress []string `json:"ingress"`
}

type resource struct {
	Spec sample `json:"spec"`
}

func table() map[string]object {
	return map[string]object{
		"crd.resource": {doc: "A resource.", required: []string{"spec"}},
		"crd.inner":    {fields: map[string]field{"shared": named("Shared.")}},
		"crd.sample": {fields: map[string]field{
			"number": {doc: "A number.", check: between(1, 2)}, "ingress": named("Words."),
		}},
	}
}

func mistakes(change func(map[string]object)) []string {
	rows := table()
	change(rows)
	b := newBuilder(rows)
	b.root(reflect.TypeFor[resource](), nil)
	b.unused()
	return b.mistakes
}

func TestSchemaOfStruct(t *testing.T) {
	b := newBuilder(table())
	require.Equal(t, props{
		"type": "object", "description": "What is wanted.",
		"properties": props{
			"shared":  props{"type": "string", "description": "Shared."},
			"number":  props{"type": "integer", "format": "int32", "description": "A number.", "minimum": 1, "maximum": 2},
			"ingress": props{"type": "array", "items": props{"type": "string"}, "description": "Words."},
		},
	}, b.root(reflect.TypeFor[resource](), nil)["properties"].(props)["spec"])
	require.Empty(t, mistakes(func(map[string]object) {}))
}

func TestTablesDescribeJustTheFields(t *testing.T) {
	require.Equal(t, []string{"crd.sample.number is not described"}, mistakes(func(rows map[string]object) { delete(rows["crd.sample"].fields, "number") }))
	require.Equal(t, []string{"crd.sample.other is described, but there is no such field"}, mistakes(func(rows map[string]object) { rows["crd.sample"].fields["other"] = named("Other.") }))
	require.Equal(t, []string{"crd.Other is described, but no resource has it"}, mistakes(func(rows map[string]object) { rows["crd.Other"] = object{} }))
	require.Contains(t, mistakes(func(rows map[string]object) { delete(rows, "crd.inner") }), "crd.inner is not described")
	require.Contains(t, mistakes(func(rows map[string]object) {
		rows["crd.sample"] = object{fields: rows["crd.sample"].fields, required: []string{"absent"}}
	}), "crd.sample requires absent, which it has not")
}

func TestPredicatesAreWrittenOut(t *testing.T) {
	holds := predicate[inner](func(v string) string { return v + ".shared == 'x'" })
	require.Equal(t, "(object.spec.shared == 'x')", each(reflect.TypeFor[resource](), "", holds).expression)
	type list struct {
		Spec struct {
			Items []struct {
				Inner *inner `json:"inner"`
			} `json:"items"`
		} `json:"spec"`
	}
	require.Equal(t, "(!has(object.spec.items) || object.spec.items.all(v0, (!has(v0.inner) || (v0.inner.shared == 'x'))))", each(reflect.TypeFor[list](), "", holds).expression)
	require.Empty(t, each(reflect.TypeFor[resource](), "", predicate[object](func(string) string { return "" })).expression)
}
