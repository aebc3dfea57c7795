package nft

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// idDigits is the length of a rule's id in comments and in prefixes of logs.
const idDigits = 12

func digits(id ir.RuleID) string { return fmt.Sprintf("%0*x", idDigits, uint64(id)) }

func parseDigits(s string) (ir.RuleID, bool) {
	if len(s) < idDigits || !isDigits(s[:idDigits]) {
		return 0, false
	}
	id, err := strconv.ParseUint(s[:idDigits], 16, 64)
	return ir.RuleID(id), err == nil
}

// IDOfComment gives the id of the rule that has the comment. ok is false if the comment is not of the form that Lower gives.
func IDOfComment(comment string) (id ir.RuleID, ok bool) {
	if len(comment) > idDigits && comment[idDigits] != ' ' {
		return 0, false
	}
	return parseDigits(comment)
}

// logWord begins the prefixes of what is logged.
const logWord = "hg "

// LogPrefix is the prefix under which a rule logs: "hg ID ", the id in 12 hexadecimal digits.
func LogPrefix(id ir.RuleID) string { return logWord + digits(id) + " " }

// IDOfPrefix is the inverse of LogPrefix.
func IDOfPrefix(prefix string) (id ir.RuleID, ok bool) {
	rest, ok := strings.CutPrefix(prefix, logWord)
	if !ok {
		return 0, false
	}
	return parseDigits(rest)
}
