package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// large is a program of about the given size.
func large(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `namespace team-%d (team = t%[1]d) {
  let web = pods (app = web, stage in (prod, test))
  // What serves the team's visitors.
  policy web for web {
    allow from any on tcp 80, 443
    allow from 10.%[2]d.0.0/16 except (10.%[2]d.1.0/24, 10.%[2]d.2.0/24), pods (app = probe) in namespace ops on tcp 9100-9110
    allow to pods (app = db, !legacy) on tcp 5432
  }

  policy guard tier securityops priority %[3]d for pods (guarded) {
    known: allow to domain *.example.com, web on tcp 443, icmp 8 log "known"
    rest: drop to any
  }
}

`, i, i%250, 1+i%9000)
	}
	return b.String()
}

// A program of 1 MB is parsed without errors, and all of it.
func TestLargeProgram(t *testing.T) {
	text := large(1 << 20)
	file, problems := Parse("large.hg", text)
	require.Empty(t, problems)
	require.Len(t, file.Decls, strings.Count(text, "namespace team-"))
	documents, problems := Translate(file, nil)
	require.Empty(t, problems)
	require.Len(t, documents, 3*len(file.Decls))
}

// BenchmarkParse reads 1 MB.
func BenchmarkParse(b *testing.B) {
	text := large(1 << 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Parse("large.hg", text)
	}
}

// BenchmarkTranslate reads 1 MB and makes the documents.
func BenchmarkTranslate(b *testing.B) {
	text := large(1 << 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		file, _ := Parse("large.hg", text)
		Translate(file, nil)
	}
}

// BenchmarkFormat lays 1 MB out.
func BenchmarkFormat(b *testing.B) {
	text := large(1 << 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Format("large.hg", text)
	}
}

// An error costs no more than reading, however long the sentence is that it is in, and however many there are.
func TestErrorsOfLargeProgram(t *testing.T) {
	file, problems := Parse("long.hg", "let a = "+strings.Repeat("x, ", 50_000)+"x y\nlet b = any\n")
	require.Len(t, problems, 1)
	require.Equal(t, `unexpected "y"`, problems[0].Message)
	require.Len(t, file.Decls, 1) // what begins with x goes on with y
	require.Equal(t, "b", file.Decls[0].(*Let).Name.Text)

	file, problems = Parse("many.hg", strings.Repeat("let let\n", 5_000)+"let b = any\n")
	require.Len(t, problems, MaxErrors)
	require.Empty(t, file.Decls)
}
