#!/bin/bash
# Generates compiler/syntax/gen from compiler/syntax/Headgate.g4. Needs Java 11 or newer, and npm for the first time. Building and
# testing need neither: what is generated is committed, and a test compares the sums that this script writes.
set -eu -o pipefail
cd "$(dirname "$0")/.."
version=2.0.0
sum=156a885bdaf847601d4b0350185dfaa5c4aee36c9a9c4c1632c31b0381360d39 # of ANTLR 4.13.1 in the package antlr4ng-cli
jar=$PWD/build/antlr/$version.jar
if ! echo "$sum  $jar" | sha256sum --check --status 2>/dev/null; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && npm pack --silent antlr4ng-cli@$version >/dev/null && tar xzf antlr4ng-cli-$version.tgz)
	mkdir -p build/antlr
	cp "$work"/package/*.jar "$jar"
	echo "$sum  $jar" | sha256sum --check --quiet
fi
cd compiler/syntax
rm -rf gen
java -jar "$jar" -Dlanguage=Go -visitor -no-listener -package gen -o gen Headgate.g4
rm gen/*.interp gen/*.tokens
gofmt=$(go env GOROOT)/bin/gofmt
for file in gen/*.go; do
	sed -i -e 's|^package gen .*|package gen|' -e '/^[[:space:]]*\/\/ TO[D]O/d' "$file"
	"$gofmt" -w "$file"
	# What follows a return is never reached, says go vet; the label must be used all the same.
	sed -i -z 's|\treturn localctx\n\tgoto errorExit[^\n]*\n|\tif false {\n\t\tgoto errorExit\n\t}\n\treturn localctx\n|g' "$file"
done
sed -i 's|^package gen$|// Package gen is the lexer and the parser that ANTLR makes of Headgate.g4. Guarantee: nothing in it is written by hand.\npackage gen|' gen/headgate_parser.go
"$gofmt" -l gen
sha256sum Headgate.g4 gen/*.go >gen/sums.txt
