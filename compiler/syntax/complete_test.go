package syntax

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What may come next, at the mark.
func TestComplete(t *testing.T) {
	for text, want := range map[string]Completion{
		"|": {Words: beginningsSorted()},
		"let a = pods\nnamespace x {\n  policy y for a {\n    al|": {Before: "{", Words: []string{"allow", "drop", "pass", "reject"}},
		"namespace x { policy y for pods { allow |":                {Before: "allow", Words: []string{"from", "to"}},
		"policy y priority 5 for pods { allow from |":              {Before: "from", Peers: true, Words: peerWords()},
		"policy y priority 5 for pods { allow from any on |":       {Before: "on", Ports: true, Words: strings.Fields("icmp igmp port sctp tcp udp")},
		"policy |":               {Before: "policy"},
		"// about |":             {},
		"tier x priority 5 \"w|": {},
		"nonsense here\npolicy y priority 5 for pods { allow from any on tcp |": {Before: "tcp", Words: strings.Fields("allow drop for log pass reject source")},
	} {
		offset := strings.Index(text, "|")
		want.Begin = strings.LastIndexAny(text[:offset], " \n\"") + 1
		require.Equal(t, want, Complete(text[:offset], offset), text)
	}
}

func beginningsSorted() []string {
	return strings.Fields("admin baseline egress entity expect group import legacy let machine namespace node object pod policy pool service tier")
}

func peerWords() []string {
	return strings.Fields("account any domain group machines namespace namespaces node nodes none own pod pods service")
}
