// Package workload makes clusters for tests and benchmarks: large ones in the shapes that other projects publish figures for,
// and small random ones. Equal arguments give equal objects.
package workload
