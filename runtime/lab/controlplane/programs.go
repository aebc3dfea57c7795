package controlplane

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The programs of a control plane, by the names that hack/envtest/build.sh gives them.
const (
	etcd        = "etcd"
	apiServer   = "kube-apiserver"
	controllers = "kube-controllers"
	kubectl     = "kubectl"
	agnhost     = "agnhost"
	kubeProxy   = "kube-proxy"
)

// ErrNoPrograms: the programs of a control plane are not there.
var ErrNoPrograms = errors.New("the programs of a Kubernetes control plane are not there")

// Programs returns the directory of the programs that Up runs: dir, if it has all of them, or, if dir is "", the newest of those that
// hack/envtest/build.sh has built for this user.
func Programs(dir string) (string, error) {
	if dir != "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		if missing := lacks(dir); missing != "" {
			return "", fmt.Errorf("%w: %s has no %s", ErrNoPrograms, dir, missing)
		}
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoPrograms, err)
	}
	built := filepath.Join(cache, "headgate", "envtest")
	entries, err := os.ReadDir(built)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	slices.Reverse(entries) // by name, as ReadDir sorts: minor versions have two digits for years to come
	for _, e := range entries {
		if dir := filepath.Join(built, e.Name()); lacks(dir) == "" {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%w: none of the directories in %s has all of %s", ErrNoPrograms, built, strings.Join(needed(), ", "))
}

func needed() []string { return []string{etcd, apiServer, controllers, kubectl, agnhost, kubeProxy} }

// lacks returns the first program that a directory does not have.
func lacks(dir string) string {
	for _, name := range needed() {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode()&0o111 == 0 {
			return name
		}
	}
	return ""
}
