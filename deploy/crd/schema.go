package crd

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// props is a part of a schema, in the words of the Kubernetes API's JSONSchemaProps.
type props = map[string]any

// object says of one Go type what its declaration does not: what it is for, and what the API server is to check.
type object struct {
	doc      string
	required []string
	fields   map[string]field
	more     props // further properties of the schema
}

// field says it of one field. In and out are for the rules of that direction only.
type field struct {
	doc     string
	check   props
	in, out props
}

// builder turns Go types into schemas. Whatever a table lacks, and whatever it has too much, is a mistake in it.
type builder struct {
	table    map[string]object
	used     map[string]map[string]bool
	mistakes []string
}

func newBuilder(table map[string]object) *builder {
	return &builder{table: table, used: map[string]map[string]bool{}}
}

// root returns the schema of an object of the API, whose metadata the API server knows. The status is for a type whose own is
// of any shape.
func (b *builder) root(t reflect.Type, status props) props {
	row, properties := b.row(t), props{
		"apiVersion": props{"type": "string", "description": "The group and version of the API in which the object is written."},
		"kind":       props{"type": "string", "description": "The kind of the object."},
		"metadata":   props{"type": "object"},
	}
	if spec, has := t.FieldByName("Spec"); has {
		properties["spec"] = b.described(spec.Type, "What is wanted.", "")
	}
	if f, has := t.FieldByName("Status"); has {
		properties["status"] = status
		if f.Type.Kind() != reflect.Interface {
			properties["status"] = b.described(f.Type, "What has been observed.", "")
		}
	}
	out := props{"type": "object", "description": row.doc, "properties": properties}
	if len(row.required) > 0 {
		out["required"] = row.required
	}
	return merge(out, row.more)
}

func (b *builder) described(t reflect.Type, doc, direction string) props {
	return merge(b.schema(t, direction), props{"description": doc})
}

// schema returns the schema of a type in the rules of a direction: "ingress", "egress", or "" outside of them.
func (b *builder) schema(t reflect.Type, direction string) props {
	switch t {
	case reflect.TypeFor[metav1.LabelSelector]():
		return selector()
	case reflect.TypeFor[metav1.Condition]():
		return condition()
	case reflect.TypeFor[metav1.Time]():
		return props{"type": "string", "format": "date-time"}
	case reflect.TypeFor[intstr.IntOrString]():
		return props{"x-kubernetes-int-or-string": true, "anyOf": []any{props{"type": "integer"}, props{"type": "string"}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return b.schema(t.Elem(), direction)
	case reflect.Struct:
		return b.structure(t, direction)
	case reflect.Slice:
		return props{"type": "array", "items": b.schema(t.Elem(), direction)}
	case reflect.String:
		return props{"type": "string"}
	case reflect.Bool:
		return props{"type": "boolean"}
	case reflect.Int32, reflect.Int64:
		return props{"type": "integer", "format": t.Kind().String()}
	case reflect.Float64:
		return props{"type": "number", "format": "double"}
	}
	b.mistake("no schema for Go type %s", t)
	return nil
}

func (b *builder) structure(t reflect.Type, direction string) props {
	row, properties := b.row(t), props{}
	b.fields(t, t, row, direction, properties)
	out := props{"type": "object", "properties": properties}
	if row.doc != "" {
		out["description"] = row.doc
	}
	if len(row.required) > 0 {
		out["required"] = row.required
	}
	for _, name := range row.required {
		if properties[name] == nil {
			b.mistake("%s requires %s, which it has not", t, name)
		}
	}
	return merge(out, row.more)
}

// fields adds the properties of t to those of outer, which t is or is part of.
func (b *builder) fields(outer, t reflect.Type, row object, direction string, properties props) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			inner := b.row(f.Type)
			b.fields(f.Type, f.Type, inner, direction, properties)
			continue
		}
		about, known := row.fields[name]
		if !known || about.doc == "" {
			b.mistake("%s.%s is not described", typeName(outer), name)
		}
		b.use(outer, name)
		inner := direction
		if name == "ingress" || name == "egress" {
			inner = name
		}
		s := merge(b.described(f.Type, about.doc, inner), about.check)
		properties[name] = merge(s, map[string]props{"ingress": about.in, "egress": about.out}[inner])
	}
}

func (b *builder) row(t reflect.Type) object {
	name := typeName(t)
	row, known := b.table[name]
	if !known {
		b.mistake("%s is not described", name)
	}
	b.use(t, "")
	return row
}

func (b *builder) use(t reflect.Type, name string) {
	row := b.used[typeName(t)]
	if row == nil {
		row = map[string]bool{}
		b.used[typeName(t)] = row
	}
	row[name] = true
}

func (b *builder) mistake(format string, args ...any) {
	if m := fmt.Sprintf(format, args...); !slices.Contains(b.mistakes, m) {
		b.mistakes = append(b.mistakes, m)
	}
}

// unused adds the mistakes of rows and fields that belong to no type.
func (b *builder) unused() {
	for _, name := range slices.Sorted(maps.Keys(b.table)) {
		if b.used[name] == nil {
			b.mistake("%s is described, but no resource has it", name)
			continue
		}
		for _, f := range slices.Sorted(maps.Keys(b.table[name].fields)) {
			if !b.used[name][f] {
				b.mistake("%s.%s is described, but there is no such field", name, f)
			}
		}
	}
}

// typeName is the package and the name of a type, as in "v1alpha2.Port".
func typeName(t reflect.Type) string { return t.String() }

// merge returns a schema with what more says beside it or instead; a property of two objects is merged in turn.
func merge(base props, others ...props) props {
	out := maps.Clone(base)
	for _, more := range others {
		mergeInto(out, more)
	}
	return out
}

func mergeInto(out, more props) {
	for k, v := range more {
		a, isObject := out[k].(props)
		if o, both := v.(props); isObject && both {
			v = merge(a, o)
		}
		out[k] = v
	}
}

// cel is a rule in the Common Expression Language with what is said where it does not hold.
func cel(rule, message string) props { return props{"rule": rule, "message": message} }

func rules(list ...props) props { return props{"x-kubernetes-validations": list} }
