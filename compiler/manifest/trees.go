package manifest

import (
	"bufio"
	"context"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/compiler/syntax"
	"github.com/headgate-net/headgate/internal/diag"
)

// Trees reads a file's text without interpreting it: the documents of manifests, or those that stand for the sentences of a program, which
// program tells. What Parse says of the text goes to the report, but for the kinds that are not read; after an error the documents are not whole.
func Trees(name, text string, report *diag.Report) (documents []*tree.Node, program bool) {
	f := newFront("")
	said := &diag.Report{}
	c := newCollector(said)
	f.decode(context.Background(), one(input{name: name, open: textReader(text)}), c.take)
	c.finish(context.Background())
	for _, finding := range said.Findings() {
		if finding.Code != diag.UnknownKind || finding.Severity == diag.Error {
			report.AddFinding(finding)
		}
	}
	b := builder{front: f}
	b.file = name
	if isProgram(name, bufio.NewReader(strings.NewReader(text))) {
		file, _ := syntax.Parse(name, text)
		documents, _ = syntax.Translate(file, b.directory)
		return documents, true
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	at := tree.Start{Line: 1, Col: 1}
	for text != "" {
		doc, rest := nextDocument(text)
		if strings.HasPrefix(doc, "...") && documentMarker([]byte(doc[:min(4, len(doc))])) {
			doc = "   " + doc[3:]
		}
		for doc != "" {
			root, length, err := tree.Parse(doc, at, &tree.Arena{})
			if err == nil && root != nil {
				documents = append(documents, root)
			}
			at = at.After(doc[:length])
			doc = doc[length:]
		}
		text = rest
	}
	return slices.Clip(documents), false
}
