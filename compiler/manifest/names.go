package manifest

import (
	"fmt"
	"strings"
)

// What Kubernetes calls names. Each function returns "" for a valid name and else the reason, to follow the name in a
// message. Source: k8s.io/apimachinery/pkg/util/validation, which the tests compare them with.

type charset func(c byte) bool

func lowerAlnum(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func alnum(c byte) bool { return lowerAlnum(c) || c >= 'A' && c <= 'Z' }

// badWord judges a word of at most so many bytes that begins and ends with a character of edge and has else only those
// of edge and inner.
func badWord(s string, longest int, edge charset, inner string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > longest:
		return fmt.Sprintf("has %d characters, more than %d", len(s), longest)
	}
	for i, r := range s {
		if r >= 0x80 || !edge(byte(r)) && strings.IndexByte(inner, byte(r)) < 0 {
			return fmt.Sprintf("has %q at position %d", r, i+1)
		}
	}
	switch {
	case !edge(s[0]):
		return fmt.Sprintf("begins with %q", s[0])
	case !edge(s[len(s)-1]):
		return fmt.Sprintf("ends with %q", s[len(s)-1])
	}
	return ""
}

// labelNameHint is the way out for names that may have no dots.
const labelNameHint = "use at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit"

// badLabelName judges a DNS label: namespaces, services.
func badLabelName(s string) string { return badWord(s, 63, lowerAlnum, "-") }

// badSubdomain judges a DNS subdomain: most objects.
func badSubdomain(s string) string {
	if bad := badWord(s, 253, lowerAlnum, "-."); bad != "" {
		return bad
	}
	for i := 1; i < len(s); i++ {
		if (s[i] == '.') && (s[i-1] == '.' || s[i-1] == '-') || s[i-1] == '.' && s[i] == '-' {
			return fmt.Sprintf("has a part that does not begin and end with a letter or digit at position %d", i+1)
		}
	}
	return ""
}

func badLabelValue(s string) string {
	if s == "" {
		return ""
	}
	return badWord(s, 63, alnum, "-_.")
}

// badLabelKey judges a qualified name: an optional DNS subdomain and a slash, then a word.
func badLabelKey(s string) string {
	name := s
	if prefix, rest, ok := strings.Cut(s, "/"); ok {
		name = rest
		if bad := badSubdomain(prefix); bad != "" {
			return "has a prefix that " + bad
		}
	}
	if bad := badWord(name, 63, alnum, "-_."); bad != "" {
		if len(name) < len(s) {
			return "has a name that " + bad
		}
		return bad
	}
	return ""
}

// badPortName judges an IANA service name: at most 15 of a-z, 0-9 and '-', with at least one letter and no two '-' in a
// row.
func badPortName(s string) string {
	if bad := badWord(s, 15, lowerAlnum, "-"); bad != "" {
		return bad
	}
	switch {
	case strings.Contains(s, "--"):
		return "has two '-' in a row"
	case strings.Trim(s, "0123456789-") == "":
		return "has no letter"
	}
	return ""
}
