#!/bin/bash
# Builds kube-apiserver, kube-proxy, kubectl and etcd from the modules that go.mod pins and prints the directory they are in: a directory of
# the user's cache, so that only the first run takes its five to ten minutes. Needs Go, and nothing that is installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

go=${GO:-go}
version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' go.mod)
out=${XDG_CACHE_HOME:-$HOME/.cache}/headgate/envtest/$version
mkdir -p "$out"

# What the programs were made from: where it is what it was, they need not even be linked again.
stamp=$(cat go.mod go.sum cmd/etcd/main.go build.sh <("$go" env GOVERSION GOARCH) | sha256sum)
exec 9>"$out/lock"
flock 9
if test "$(cat "$out/stamp" 2>/dev/null)" != "$stamp"; then
	echo "building kube-apiserver, kube-proxy, kubectl and etcd $version into $out: minutes, once" >&2
	rm -f "$out/stamp"
	mkdir -p "$out/new"
	minor=${version#v1.}
	# The version that /version reports is the linker's to fill in. Without cgo neither a C compiler nor a libc is needed.
	number="-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
	CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off nice -n 10 "$go" build -trimpath -ldflags "-s -w $number" -o "$out/new/" \
		k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-proxy k8s.io/kubernetes/cmd/kubectl ./cmd/etcd >&2
	mv "$out"/new/* "$out/"
	rmdir "$out/new"
	echo "$stamp" >"$out/stamp"
fi
echo "$out"
