package syntax

import "reflect"

// placeless takes the places away, and gives the File itself.
func placeless(f *File) *File {
	clean(reflect.ValueOf(f))
	return f
}

func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Span]() {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			clean(v.Field(i))
		}
	}
}
