// Package guest holds the tests that run inside the virtual machine of internal/vm, on its kernel: they state what later
// tests may rely on there.
//
// They change the machine they run on (namespaces, modules, rules), so they run nowhere else. There is no other code here.
package guest
