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
		"let a = pods\nnamespace x {\n  policy y for a {\n    al|": {Begin: 48, Before: "{", Words: []string{"allow", "drop", "pass", "reject"}},
		"namespace x { policy y for pods { allow |":                {Begin: 40, Before: "allow", Words: []string{"from", "to"}},
		"policy y priority 5 for pods { allow from |":              {Begin: 42, Before: "from", Peers: true, Words: peerWords()},
		"policy y priority 5 for pods { allow from any on |":       {Begin: 49, Before: "on", Ports: true, Words: strings.Fields("icmp igmp port sctp tcp udp")},
		"policy |":               {Begin: 7, Before: "policy"},
		"// about |":             {Begin: 9},
		"tier x priority 5 \"w|": {Begin: 19},
		"nonsense here\npolicy y priority 5 for pods { allow from any on tcp |": {Begin: 67, Before: "tcp", Words: strings.Fields("allow drop for log pass reject source")},
	} {
		offset := strings.Index(text, "|")
		require.Equal(t, want, Complete(text[:offset], offset), text)
	}
}

func beginningsSorted() []string {
	return strings.Fields("admin baseline egress entity expect group import legacy let machine namespace node object pod policy pool service tier")
}

func peerWords() []string {
	return strings.Fields("account any domain group machines namespace namespaces node nodes none own pod pods service")
}
