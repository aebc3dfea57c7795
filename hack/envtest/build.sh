#!/bin/bash
# build.sh [lab|specs|suites]: builds Kubernetes' programs from the modules that go.mod pins and prints the directory they are in: a directory of
# the user's cache, so that only the first run takes its five to ten minutes. Needs Go, and nothing that is installed.
#
#   (nothing)  kube-apiserver, kube-proxy, kubectl and etcd
#   lab        also what else 'headgate lab up --apiserver' runs: kube-controllers and agnhost
#   specs      also Kubernetes' own specs of NetworkPolicy, which 'make test' runs: network-policy.test and ginkgo
#   suites     also what else 'make conformance' runs: cluster-network-policy.test
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

go=${GO:-go}
version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' go.mod)
out=${XDG_CACHE_HOME:-$HOME/.cache}/headgate/envtest/$version
mkdir -p "$out"

# The version that /version reports is the linker's to fill in. Without cgo neither a C compiler nor a libc is needed.
minor=${version#v1.}
number="-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
# As in the Makefile, so that what the programs share with headgate is compiled once.
export CGO_ENABLED=0 GOFLAGS=-trimpath GOWORK=off

programs() { nice -n 10 "$go" build -ldflags "-s -w $number" -o "$out/new/" "$@" >&2; }
tests() { nice -n 10 "$go" test -c -ldflags "-s -w $number" -o "$out/new/$1" "$2" >&2; }

build_server() { programs k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-proxy k8s.io/kubernetes/cmd/kubectl ./cmd/etcd; }
build_lab() { programs ./cmd/kube-controllers k8s.io/kubernetes/test/images/agnhost; }
build_specs() {
	programs github.com/onsi/ginkgo/v2/ginkgo
	tests network-policy.test ./e2e
}
build_suites() { tests cluster-network-policy.test sigs.k8s.io/network-policy-api/conformance; }

# need NAME WHAT FILE...: builds a group unless it was built from what there is now: then it need not even be linked again.
need() {
	local name=$1 what=$2 stamp
	shift 2
	stamp=$(cat go.mod go.sum "$@" <(declare -f programs tests "build_$name") <(echo "$number" && "$go" env GOVERSION GOARCH) | sha256sum)
	test "$(cat "$out/stamp-$name" 2>/dev/null)" != "$stamp" || return 0
	echo "building $what $version into $out: minutes, once" >&2
	rm -rf "$out/stamp-$name" "$out/new"
	mkdir "$out/new"
	"build_$name"
	mv "$out"/new/* "$out/"
	rmdir "$out/new"
	echo "$stamp" >"$out/stamp-$name"
}

exec 9>"$out/lock"
flock 9
need server 'kube-apiserver, kube-proxy, kubectl and etcd' cmd/etcd/main.go
case ${1-} in
lab | specs | suites) need lab 'kube-controllers and agnhost' cmd/kube-controllers/main.go ;;
esac
case ${1-} in
specs | suites) need specs 'the NetworkPolicy specs' e2e/netpol_test.go ;;
esac
case ${1-} in
suites) need suites 'the suite of network-policy-api' ;;
esac
echo "$out"
