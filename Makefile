# headgate: a compiler from Kubernetes NetworkPolicy to nftables and Open vSwitch.
# Every target that people call has a "##" comment, which `make help` prints.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

GO ?= go
# One way to compile, for whatever is built and tested, from whatever directory: everything is compiled once.
export CGO_ENABLED := 0
export GOFLAGS := $(filter-out -trimpath,$(GOFLAGS)) -trimpath
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION)
FUZZTIME ?= 10s
BENCHTIME ?= 1s
BENCH ?= .
OUT := build
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
DEMO ?= examples/three-tier

# Modules of their own keep their dependencies out of ours.
# hack/envtest and hack/helm hold other people's programs, which build.sh and the tests build; test/suites has a row of its own.
NESTED = $(patsubst ./%/go.mod,%,$(shell find . -mindepth 2 -name go.mod -not -path './$(OUT)/*' -not -path './hack/*' -not -path './test/suites/*'))

.PHONY: help
help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo '  variables: FUZZTIME=$(FUZZTIME) BENCH=$(BENCH) BENCHTIME=$(BENCHTIME) DEMO=$(DEMO)'

.PHONY: go
go:
	@command -v $(GO) >/dev/null || { echo "Go is not installed: this needs the version that go.mod names ($$(awk '$$1 == "go" { print $$2 }' go.mod)) or newer, see https://go.dev/dl" >&2; exit 1; }

.PHONY: build
build: go ## compile headgate into build/
	$(GO) build -ldflags '$(LDFLAGS)' -o $(OUT)/ ./cmd/...

.PHONY: tools
tools: ## install what the tests need, where it is missing (Debian, root)
	@hack/tools.sh

.PHONY: envtest
envtest: go ## build the Kubernetes programs that test/apiserver and test/kubeproxy run, where they are missing
	@hack/envtest/build.sh >/dev/null

.PHONY: test
test: go tools envtest check ## everything, on a bare Debian machine: checks, unit and system tests, second kernel, demo (root)
	@test "$$(id -u)" = 0 || { echo 'the system tests need root; make short does not' >&2; exit 1; }
	@$(MAKE) --keep-going --jobs=3 test-go test-rest test-apart

# Tests of networks wait more than they compute, so three rows of them share the processors. What fails does not hold up the
# others, and is named again at the end.
.PHONY: test-go test-rest test-apart test-suites
test-go: go
	$(GO) test -timeout 20m ./...

test-rest: STEPS = test-nested demo
test-apart: STEPS = test-suites test-vm
test-rest test-apart:
	@failed=; for step in $(STEPS); do nice -n 5 $(MAKE) $$step || failed+=" $$step"; done; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

test-suites: go
	cd test/suites && nice -n 5 $(GO) vet ./... && nice -n 5 $(GO) test -count=1 -timeout 25m ./...

.PHONY: lab
lab: go ## build the Kubernetes programs that 'headgate lab up --apiserver' runs, where they are missing
	@hack/envtest/build.sh lab

.PHONY: conformance
conformance: go tools ## run the official NetworkPolicy suites, unmodified; the report goes to build/conformance.md (root; an hour)
	@test "$$(id -u)" = 0 || { echo 'networks need root' >&2; exit 1; }
	@mkdir -p $(OUT)
	cd test/suites && HEADGATE_CONFORMANCE=all HEADGATE_REPORT=$(CURDIR)/$(OUT) $(GO) test -count=1 -v -timeout 3h -parallel 3 .
	@cat $(OUT)/conformance.md

.PHONY: test-nested
test-nested: go envtest ## the tests of the modules of their own, beside real Kubernetes programs (root)
	@failed=; for dir in $(NESTED); do \
		echo "$(GO) test ./... in $$dir"; (cd "$$dir" && $(GO) vet ./... && $(GO) test -timeout 20m ./...) || failed+=" $$dir"; \
	done; test -z "$$failed" || { echo "failed in:$$failed" >&2; exit 1; }

.PHONY: check
check: go
	$(GO) vet ./...
	@unformatted=$$("$$($(GO) env GOROOT)/bin/gofmt" -l .); test -z "$$unformatted" || { printf 'not formatted by gofmt:\n%s\n' "$$unformatted" >&2; exit 1; }

.PHONY: short
short: go ## the tests that need neither root nor tools
	$(GO) test -short ./...

.PHONY: test-vm
test-vm: go tools ## the tests that run on a second kernel, in an emulated machine
	HEADGATE_VM=1 $(GO) test -count=1 -v -timeout 20m ./internal/vm

.PHONY: lint
lint: check ## go vet, gofmt, staticcheck, gosec
	$(GO) run $(STATICCHECK) ./...
	@cd hack/gosec && $(GO) vet . && $(GO) build -o ../../$(OUT)/gosec .
	$(OUT)/gosec

.PHONY: vulncheck
vulncheck: go ## look for known vulnerabilities in what the program calls; asks Go's database of them
	$(GO) run $(GOVULNCHECK) ./cmd/headgate

.PHONY: chart
chart: go ## package the Helm chart into build/
	@mkdir -p $(OUT)
	cd hack/helm && $(GO) tool helm package --destination ../../$(OUT) ../../deploy/helm/headgate

.PHONY: bench
bench: go ## run the benchmarks; results go to build/bench.txt
	@mkdir -p $(OUT)
	$(GO) test -run='^$$' -bench='$(BENCH)' -benchtime=$(BENCHTIME) -benchmem -timeout 2h ./... | tee $(OUT)/bench.txt

.PHONY: versus
versus: go tools envtest ## measure headgate beside the real kube-proxy; results go to build/versus.txt (root)
	@mkdir -p $(OUT)
	cd test/kubeproxy && $(GO) test -run='^$$' -bench='$(BENCH)' -benchtime=1x -timeout 2h . | tee ../../$(OUT)/versus.txt

.PHONY: fuzz
fuzz: go ## run every fuzz target for FUZZTIME
	@found=$$(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort -u || true); \
	test -n "$$found" || { echo 'there is no fuzz target'; exit 0; }; \
	while IFS=: read -r file func; do \
		echo "$${func#func } in $$(dirname "$$file")"; \
		(cd "$$(dirname "$$file")" && $(GO) test -run='^$$' -fuzz="^$${func#func }$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=10x .); \
	done <<<"$$found"

.PHONY: demo
demo: build ## run the example cluster on this machine with both targets, with real packets (root)
	$(OUT)/headgate lab run -f $(DEMO) --target nftables
	$(OUT)/headgate lab run -f $(DEMO) --target openflow

.PHONY: generate
generate: go ## regenerate generated code
	$(GO) generate ./...

.PHONY: update
update: go ## rewrite the golden outputs; read the diff before you commit it
	@packages=$$($(GO) list -f '{{.ImportPath}}{{range .TestImports}} {{.}}{{end}}{{range .XTestImports}} {{.}}{{end}}' ./... | awk '/ [^ ]*\/internal\/golden( |$$)/ { print $$1 }'); \
	test -n "$$packages" || { echo 'no package has golden files'; exit 0; }; \
	$(GO) test $$packages -update && git status --short

.PHONY: clean
clean: ## remove what the other targets leave in the tree
	rm -rf $(OUT)
