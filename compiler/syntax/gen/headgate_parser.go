// Code generated from Headgate.g4 by ANTLR 4.13.1. DO NOT EDIT.

// Package gen is the lexer and the parser that ANTLR makes of Headgate.g4. Guarantee: nothing in it is written by hand.
package gen

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/antlr4-go/antlr/v4"
)

// Suppress unused import errors
var _ = fmt.Printf
var _ = strconv.Itoa
var _ = sync.Once{}

type HeadgateParser struct {
	*antlr.BaseParser
}

var HeadgateParserStaticData struct {
	once                   sync.Once
	serializedATN          []int32
	LiteralNames           []string
	SymbolicNames          []string
	RuleNames              []string
	PredictionContextCache *antlr.PredictionContextCache
	atn                    *antlr.ATN
	decisionToDFA          []*antlr.DFA
}

func headgateParserInit() {
	staticData := &HeadgateParserStaticData
	staticData.LiteralNames = []string{
		"", "'import'", "'let'", "'='", "','", "'namespace'", "'{'", "'}'",
		"'policy'", "'tier'", "'priority'", "'for'", "'group'", "'egress'",
		"'as'", "'from'", "'pool'", "'limit'", "'burst'", "'gateway'", "'vlan'",
		"'on'", "'nodes'", "'node'", "'at'", "'pods'", "'pod'", "'service'",
		"'type'", "'machine'", "'interfaces'", "'('", "')'", "'entity'", "'of'",
		"'object'", "'expect'", "'allow'", "'drop'", "'reject'", "'to'", "'legacy'",
		"'admin'", "'baseline'", "'annotated'", "'pass'", "'log'", "'any'",
		"'none'", "'machines'", "'in'", "'account'", "'domain'", "'except'",
		"'namespaces'", "'own'", "'with'", "'same'", "'!='", "'not'", "'!'",
		"'source'", "'icmp'", "'igmp'", "'port'", "'tcp'", "'udp'", "'sctp'",
		"'ports'", "'['", "']'",
	}
	staticData.SymbolicNames = []string{
		"", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
		"", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
		"", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
		"", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
		"", "", "", "LABEL", "ADDRESS", "NUMBER", "WORD", "STRING", "SPACE",
		"COMMENT", "STRAY",
	}
	staticData.RuleNames = []string{
		"file", "importing", "declaration", "term", "standing", "meta", "labels",
		"pair", "policyRule", "peers", "peer", "addresses", "place", "selector",
		"requirement", "ports", "port", "transport", "listens", "listen", "face",
		"body", "field", "value", "words", "word", "address", "name", "keyword",
	}
	staticData.PredictionContextCache = antlr.NewPredictionContextCache()
	staticData.serializedATN = []int32{
		4, 1, 78, 584, 2, 0, 7, 0, 2, 1, 7, 1, 2, 2, 7, 2, 2, 3, 7, 3, 2, 4, 7,
		4, 2, 5, 7, 5, 2, 6, 7, 6, 2, 7, 7, 7, 2, 8, 7, 8, 2, 9, 7, 9, 2, 10, 7,
		10, 2, 11, 7, 11, 2, 12, 7, 12, 2, 13, 7, 13, 2, 14, 7, 14, 2, 15, 7, 15,
		2, 16, 7, 16, 2, 17, 7, 17, 2, 18, 7, 18, 2, 19, 7, 19, 2, 20, 7, 20, 2,
		21, 7, 21, 2, 22, 7, 22, 2, 23, 7, 23, 2, 24, 7, 24, 2, 25, 7, 25, 2, 26,
		7, 26, 2, 27, 7, 27, 2, 28, 7, 28, 1, 0, 1, 0, 5, 0, 61, 8, 0, 10, 0, 12,
		0, 64, 9, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
		1, 2, 5, 2, 77, 8, 2, 10, 2, 12, 2, 80, 9, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1,
		2, 5, 2, 87, 8, 2, 10, 2, 12, 2, 90, 9, 2, 1, 2, 3, 2, 93, 8, 2, 1, 2,
		3, 2, 96, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 103, 8, 2, 1, 2, 1,
		2, 3, 2, 107, 8, 2, 1, 2, 1, 2, 3, 2, 111, 8, 2, 1, 2, 1, 2, 5, 2, 115,
		8, 2, 10, 2, 12, 2, 118, 9, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
		1, 2, 3, 2, 128, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
		1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 143, 8, 2, 1, 2, 1, 2, 1, 2, 3, 2,
		148, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 154, 8, 2, 1, 2, 3, 2, 157, 8,
		2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 166, 8, 2, 1, 2, 1,
		2, 3, 2, 170, 8, 2, 1, 2, 1, 2, 1, 2, 3, 2, 175, 8, 2, 3, 2, 177, 8, 2,
		1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 184, 8, 2, 1, 2, 1, 2, 3, 2, 188, 8,
		2, 1, 2, 3, 2, 191, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 198, 8, 2,
		1, 2, 1, 2, 3, 2, 202, 8, 2, 1, 2, 3, 2, 205, 8, 2, 1, 2, 3, 2, 208, 8,
		2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 215, 8, 2, 1, 2, 1, 2, 1, 2, 3,
		2, 220, 8, 2, 3, 2, 222, 8, 2, 1, 2, 1, 2, 3, 2, 226, 8, 2, 1, 2, 3, 2,
		229, 8, 2, 1, 2, 3, 2, 232, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1,
		2, 1, 2, 5, 2, 242, 8, 2, 10, 2, 12, 2, 245, 9, 2, 1, 2, 1, 2, 1, 2, 1,
		2, 1, 2, 1, 2, 1, 2, 3, 2, 254, 8, 2, 1, 2, 1, 2, 3, 2, 258, 8, 2, 1, 2,
		3, 2, 261, 8, 2, 1, 2, 3, 2, 264, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1,
		2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 281, 8,
		2, 3, 2, 283, 8, 2, 1, 3, 1, 3, 3, 3, 287, 8, 3, 1, 4, 3, 4, 290, 8, 4,
		1, 4, 1, 4, 1, 5, 3, 5, 295, 8, 5, 1, 5, 1, 5, 3, 5, 299, 8, 5, 1, 6, 1,
		6, 1, 6, 1, 6, 5, 6, 305, 8, 6, 10, 6, 12, 6, 308, 9, 6, 3, 6, 310, 8,
		6, 1, 6, 1, 6, 1, 7, 1, 7, 1, 7, 1, 7, 1, 8, 3, 8, 319, 8, 8, 1, 8, 1,
		8, 1, 8, 1, 8, 1, 8, 3, 8, 326, 8, 8, 1, 8, 1, 8, 3, 8, 330, 8, 8, 1, 8,
		1, 8, 3, 8, 334, 8, 8, 3, 8, 336, 8, 8, 1, 9, 1, 9, 1, 9, 5, 9, 341, 8,
		9, 10, 9, 12, 9, 344, 9, 9, 1, 10, 1, 10, 1, 10, 1, 10, 3, 10, 350, 8,
		10, 1, 10, 1, 10, 3, 10, 354, 8, 10, 1, 10, 1, 10, 1, 10, 3, 10, 359, 8,
		10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 3, 10, 366, 8, 10, 1, 10, 3, 10,
		369, 8, 10, 1, 11, 1, 11, 1, 11, 1, 11, 1, 11, 5, 11, 376, 8, 11, 10, 11,
		12, 11, 379, 9, 11, 1, 11, 1, 11, 3, 11, 383, 8, 11, 1, 12, 1, 12, 3, 12,
		387, 8, 12, 1, 12, 1, 12, 1, 12, 1, 12, 1, 12, 1, 12, 1, 12, 1, 12, 1,
		12, 1, 12, 1, 12, 5, 12, 400, 8, 12, 10, 12, 12, 12, 403, 9, 12, 1, 12,
		1, 12, 3, 12, 407, 8, 12, 1, 13, 1, 13, 1, 13, 1, 13, 5, 13, 413, 8, 13,
		10, 13, 12, 13, 416, 9, 13, 3, 13, 418, 8, 13, 1, 13, 1, 13, 1, 14, 1,
		14, 1, 14, 1, 14, 1, 14, 1, 14, 3, 14, 428, 8, 14, 1, 14, 1, 14, 1, 14,
		1, 14, 1, 14, 5, 14, 435, 8, 14, 10, 14, 12, 14, 438, 9, 14, 1, 14, 1,
		14, 1, 14, 3, 14, 443, 8, 14, 1, 14, 3, 14, 446, 8, 14, 1, 15, 1, 15, 1,
		15, 5, 15, 451, 8, 15, 10, 15, 12, 15, 454, 9, 15, 1, 16, 1, 16, 3, 16,
		458, 8, 16, 1, 16, 1, 16, 3, 16, 462, 8, 16, 1, 16, 1, 16, 1, 16, 3, 16,
		467, 8, 16, 1, 16, 1, 16, 3, 16, 471, 8, 16, 1, 16, 1, 16, 3, 16, 475,
		8, 16, 1, 16, 1, 16, 3, 16, 479, 8, 16, 1, 16, 1, 16, 1, 16, 3, 16, 484,
		8, 16, 1, 17, 1, 17, 1, 18, 1, 18, 1, 18, 1, 18, 1, 18, 5, 18, 493, 8,
		18, 10, 18, 12, 18, 496, 9, 18, 1, 18, 1, 18, 1, 19, 1, 19, 1, 19, 3, 19,
		503, 8, 19, 1, 19, 1, 19, 1, 19, 1, 19, 3, 19, 509, 8, 19, 1, 19, 1, 19,
		3, 19, 513, 8, 19, 1, 20, 1, 20, 1, 20, 3, 20, 518, 8, 20, 1, 20, 1, 20,
		1, 21, 1, 21, 5, 21, 524, 8, 21, 10, 21, 12, 21, 527, 9, 21, 1, 21, 1,
		21, 1, 22, 1, 22, 1, 22, 1, 22, 1, 23, 1, 23, 1, 23, 1, 23, 1, 23, 5, 23,
		540, 8, 23, 10, 23, 12, 23, 543, 9, 23, 3, 23, 545, 8, 23, 1, 23, 1, 23,
		1, 23, 1, 23, 1, 23, 5, 23, 552, 8, 23, 10, 23, 12, 23, 555, 9, 23, 3,
		23, 557, 8, 23, 1, 23, 3, 23, 560, 8, 23, 1, 24, 1, 24, 1, 24, 5, 24, 565,
		8, 24, 10, 24, 12, 24, 568, 9, 24, 1, 25, 1, 25, 3, 25, 572, 8, 25, 1,
		26, 1, 26, 1, 27, 1, 27, 1, 27, 1, 27, 3, 27, 580, 8, 27, 1, 28, 1, 28,
		1, 28, 0, 0, 29, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28,
		30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 0, 12, 1, 0, 37,
		39, 1, 0, 42, 43, 2, 0, 37, 39, 45, 45, 2, 0, 15, 15, 40, 40, 2, 0, 25,
		25, 49, 49, 4, 0, 12, 12, 23, 23, 26, 27, 51, 52, 2, 0, 3, 3, 58, 58, 1,
		0, 73, 75, 1, 0, 74, 75, 1, 0, 65, 67, 1, 0, 72, 73, 6, 0, 1, 2, 5, 5,
		8, 30, 33, 57, 59, 59, 61, 68, 671, 0, 62, 1, 0, 0, 0, 2, 67, 1, 0, 0,
		0, 4, 282, 1, 0, 0, 0, 6, 286, 1, 0, 0, 0, 8, 289, 1, 0, 0, 0, 10, 294,
		1, 0, 0, 0, 12, 300, 1, 0, 0, 0, 14, 313, 1, 0, 0, 0, 16, 318, 1, 0, 0,
		0, 18, 337, 1, 0, 0, 0, 20, 368, 1, 0, 0, 0, 22, 382, 1, 0, 0, 0, 24, 406,
		1, 0, 0, 0, 26, 408, 1, 0, 0, 0, 28, 445, 1, 0, 0, 0, 30, 447, 1, 0, 0,
		0, 32, 483, 1, 0, 0, 0, 34, 485, 1, 0, 0, 0, 36, 487, 1, 0, 0, 0, 38, 502,
		1, 0, 0, 0, 40, 517, 1, 0, 0, 0, 42, 521, 1, 0, 0, 0, 44, 530, 1, 0, 0,
		0, 46, 559, 1, 0, 0, 0, 48, 561, 1, 0, 0, 0, 50, 571, 1, 0, 0, 0, 52, 573,
		1, 0, 0, 0, 54, 579, 1, 0, 0, 0, 56, 581, 1, 0, 0, 0, 58, 61, 3, 2, 1,
		0, 59, 61, 3, 4, 2, 0, 60, 58, 1, 0, 0, 0, 60, 59, 1, 0, 0, 0, 61, 64,
		1, 0, 0, 0, 62, 60, 1, 0, 0, 0, 62, 63, 1, 0, 0, 0, 63, 65, 1, 0, 0, 0,
		64, 62, 1, 0, 0, 0, 65, 66, 5, 0, 0, 1, 66, 1, 1, 0, 0, 0, 67, 68, 5, 1,
		0, 0, 68, 69, 5, 75, 0, 0, 69, 3, 1, 0, 0, 0, 70, 71, 5, 2, 0, 0, 71, 72,
		5, 74, 0, 0, 72, 73, 5, 3, 0, 0, 73, 78, 3, 6, 3, 0, 74, 75, 5, 4, 0, 0,
		75, 77, 3, 6, 3, 0, 76, 74, 1, 0, 0, 0, 77, 80, 1, 0, 0, 0, 78, 76, 1,
		0, 0, 0, 78, 79, 1, 0, 0, 0, 79, 283, 1, 0, 0, 0, 80, 78, 1, 0, 0, 0, 81,
		82, 5, 5, 0, 0, 82, 83, 3, 54, 27, 0, 83, 92, 3, 10, 5, 0, 84, 88, 5, 6,
		0, 0, 85, 87, 3, 4, 2, 0, 86, 85, 1, 0, 0, 0, 87, 90, 1, 0, 0, 0, 88, 86,
		1, 0, 0, 0, 88, 89, 1, 0, 0, 0, 89, 91, 1, 0, 0, 0, 90, 88, 1, 0, 0, 0,
		91, 93, 5, 7, 0, 0, 92, 84, 1, 0, 0, 0, 92, 93, 1, 0, 0, 0, 93, 283, 1,
		0, 0, 0, 94, 96, 3, 8, 4, 0, 95, 94, 1, 0, 0, 0, 95, 96, 1, 0, 0, 0, 96,
		97, 1, 0, 0, 0, 97, 98, 5, 8, 0, 0, 98, 99, 3, 54, 27, 0, 99, 102, 3, 10,
		5, 0, 100, 101, 5, 9, 0, 0, 101, 103, 3, 54, 27, 0, 102, 100, 1, 0, 0,
		0, 102, 103, 1, 0, 0, 0, 103, 106, 1, 0, 0, 0, 104, 105, 5, 10, 0, 0, 105,
		107, 5, 73, 0, 0, 106, 104, 1, 0, 0, 0, 106, 107, 1, 0, 0, 0, 107, 110,
		1, 0, 0, 0, 108, 109, 5, 11, 0, 0, 109, 111, 3, 18, 9, 0, 110, 108, 1,
		0, 0, 0, 110, 111, 1, 0, 0, 0, 111, 112, 1, 0, 0, 0, 112, 116, 5, 6, 0,
		0, 113, 115, 3, 16, 8, 0, 114, 113, 1, 0, 0, 0, 115, 118, 1, 0, 0, 0, 116,
		114, 1, 0, 0, 0, 116, 117, 1, 0, 0, 0, 117, 119, 1, 0, 0, 0, 118, 116,
		1, 0, 0, 0, 119, 120, 5, 7, 0, 0, 120, 283, 1, 0, 0, 0, 121, 122, 5, 9,
		0, 0, 122, 123, 3, 54, 27, 0, 123, 124, 3, 10, 5, 0, 124, 125, 5, 10, 0,
		0, 125, 127, 5, 73, 0, 0, 126, 128, 5, 75, 0, 0, 127, 126, 1, 0, 0, 0,
		127, 128, 1, 0, 0, 0, 128, 283, 1, 0, 0, 0, 129, 130, 5, 12, 0, 0, 130,
		131, 3, 54, 27, 0, 131, 132, 3, 10, 5, 0, 132, 133, 5, 3, 0, 0, 133, 134,
		3, 18, 9, 0, 134, 283, 1, 0, 0, 0, 135, 136, 5, 13, 0, 0, 136, 137, 3,
		54, 27, 0, 137, 138, 3, 10, 5, 0, 138, 139, 5, 11, 0, 0, 139, 142, 3, 18,
		9, 0, 140, 141, 5, 14, 0, 0, 141, 143, 3, 48, 24, 0, 142, 140, 1, 0, 0,
		0, 142, 143, 1, 0, 0, 0, 143, 147, 1, 0, 0, 0, 144, 145, 5, 15, 0, 0, 145,
		146, 5, 16, 0, 0, 146, 148, 3, 48, 24, 0, 147, 144, 1, 0, 0, 0, 147, 148,
		1, 0, 0, 0, 148, 153, 1, 0, 0, 0, 149, 150, 5, 17, 0, 0, 150, 151, 5, 73,
		0, 0, 151, 152, 5, 18, 0, 0, 152, 154, 5, 73, 0, 0, 153, 149, 1, 0, 0,
		0, 153, 154, 1, 0, 0, 0, 154, 156, 1, 0, 0, 0, 155, 157, 3, 42, 21, 0,
		156, 155, 1, 0, 0, 0, 156, 157, 1, 0, 0, 0, 157, 283, 1, 0, 0, 0, 158,
		159, 5, 16, 0, 0, 159, 160, 3, 54, 27, 0, 160, 161, 3, 10, 5, 0, 161, 162,
		5, 3, 0, 0, 162, 165, 3, 48, 24, 0, 163, 164, 5, 19, 0, 0, 164, 166, 3,
		52, 26, 0, 165, 163, 1, 0, 0, 0, 165, 166, 1, 0, 0, 0, 166, 169, 1, 0,
		0, 0, 167, 168, 5, 20, 0, 0, 168, 170, 5, 73, 0, 0, 169, 167, 1, 0, 0,
		0, 169, 170, 1, 0, 0, 0, 170, 176, 1, 0, 0, 0, 171, 172, 5, 21, 0, 0, 172,
		174, 5, 22, 0, 0, 173, 175, 3, 26, 13, 0, 174, 173, 1, 0, 0, 0, 174, 175,
		1, 0, 0, 0, 175, 177, 1, 0, 0, 0, 176, 171, 1, 0, 0, 0, 176, 177, 1, 0,
		0, 0, 177, 283, 1, 0, 0, 0, 178, 179, 5, 23, 0, 0, 179, 180, 3, 54, 27,
		0, 180, 183, 3, 10, 5, 0, 181, 182, 5, 24, 0, 0, 182, 184, 3, 48, 24, 0,
		183, 181, 1, 0, 0, 0, 183, 184, 1, 0, 0, 0, 184, 187, 1, 0, 0, 0, 185,
		186, 5, 25, 0, 0, 186, 188, 3, 48, 24, 0, 187, 185, 1, 0, 0, 0, 187, 188,
		1, 0, 0, 0, 188, 190, 1, 0, 0, 0, 189, 191, 3, 42, 21, 0, 190, 189, 1,
		0, 0, 0, 190, 191, 1, 0, 0, 0, 191, 283, 1, 0, 0, 0, 192, 193, 5, 26, 0,
		0, 193, 194, 3, 54, 27, 0, 194, 197, 3, 10, 5, 0, 195, 196, 5, 21, 0, 0,
		196, 198, 3, 54, 27, 0, 197, 195, 1, 0, 0, 0, 197, 198, 1, 0, 0, 0, 198,
		201, 1, 0, 0, 0, 199, 200, 5, 24, 0, 0, 200, 202, 3, 48, 24, 0, 201, 199,
		1, 0, 0, 0, 201, 202, 1, 0, 0, 0, 202, 204, 1, 0, 0, 0, 203, 205, 3, 36,
		18, 0, 204, 203, 1, 0, 0, 0, 204, 205, 1, 0, 0, 0, 205, 207, 1, 0, 0, 0,
		206, 208, 3, 42, 21, 0, 207, 206, 1, 0, 0, 0, 207, 208, 1, 0, 0, 0, 208,
		283, 1, 0, 0, 0, 209, 210, 5, 27, 0, 0, 210, 211, 3, 54, 27, 0, 211, 214,
		3, 10, 5, 0, 212, 213, 5, 28, 0, 0, 213, 215, 3, 54, 27, 0, 214, 212, 1,
		0, 0, 0, 214, 215, 1, 0, 0, 0, 215, 221, 1, 0, 0, 0, 216, 217, 5, 11, 0,
		0, 217, 219, 5, 25, 0, 0, 218, 220, 3, 26, 13, 0, 219, 218, 1, 0, 0, 0,
		219, 220, 1, 0, 0, 0, 220, 222, 1, 0, 0, 0, 221, 216, 1, 0, 0, 0, 221,
		222, 1, 0, 0, 0, 222, 225, 1, 0, 0, 0, 223, 224, 5, 24, 0, 0, 224, 226,
		3, 48, 24, 0, 225, 223, 1, 0, 0, 0, 225, 226, 1, 0, 0, 0, 226, 228, 1,
		0, 0, 0, 227, 229, 3, 36, 18, 0, 228, 227, 1, 0, 0, 0, 228, 229, 1, 0,
		0, 0, 229, 231, 1, 0, 0, 0, 230, 232, 3, 42, 21, 0, 231, 230, 1, 0, 0,
		0, 231, 232, 1, 0, 0, 0, 232, 283, 1, 0, 0, 0, 233, 234, 5, 29, 0, 0, 234,
		235, 3, 54, 27, 0, 235, 236, 3, 10, 5, 0, 236, 237, 5, 30, 0, 0, 237, 238,
		5, 31, 0, 0, 238, 243, 3, 40, 20, 0, 239, 240, 5, 4, 0, 0, 240, 242, 3,
		40, 20, 0, 241, 239, 1, 0, 0, 0, 242, 245, 1, 0, 0, 0, 243, 241, 1, 0,
		0, 0, 243, 244, 1, 0, 0, 0, 244, 246, 1, 0, 0, 0, 245, 243, 1, 0, 0, 0,
		246, 247, 5, 32, 0, 0, 247, 283, 1, 0, 0, 0, 248, 249, 5, 33, 0, 0, 249,
		250, 3, 54, 27, 0, 250, 253, 3, 10, 5, 0, 251, 252, 5, 34, 0, 0, 252, 254,
		3, 54, 27, 0, 253, 251, 1, 0, 0, 0, 253, 254, 1, 0, 0, 0, 254, 257, 1,
		0, 0, 0, 255, 256, 5, 24, 0, 0, 256, 258, 3, 48, 24, 0, 257, 255, 1, 0,
		0, 0, 257, 258, 1, 0, 0, 0, 258, 260, 1, 0, 0, 0, 259, 261, 3, 36, 18,
		0, 260, 259, 1, 0, 0, 0, 260, 261, 1, 0, 0, 0, 261, 263, 1, 0, 0, 0, 262,
		264, 3, 42, 21, 0, 263, 262, 1, 0, 0, 0, 263, 264, 1, 0, 0, 0, 264, 283,
		1, 0, 0, 0, 265, 266, 5, 35, 0, 0, 266, 267, 3, 54, 27, 0, 267, 268, 3,
		54, 27, 0, 268, 269, 3, 54, 27, 0, 269, 270, 3, 10, 5, 0, 270, 271, 3,
		42, 21, 0, 271, 283, 1, 0, 0, 0, 272, 273, 5, 36, 0, 0, 273, 274, 7, 0,
		0, 0, 274, 275, 5, 15, 0, 0, 275, 276, 3, 18, 9, 0, 276, 277, 5, 40, 0,
		0, 277, 280, 3, 18, 9, 0, 278, 279, 5, 21, 0, 0, 279, 281, 3, 30, 15, 0,
		280, 278, 1, 0, 0, 0, 280, 281, 1, 0, 0, 0, 281, 283, 1, 0, 0, 0, 282,
		70, 1, 0, 0, 0, 282, 81, 1, 0, 0, 0, 282, 95, 1, 0, 0, 0, 282, 121, 1,
		0, 0, 0, 282, 129, 1, 0, 0, 0, 282, 135, 1, 0, 0, 0, 282, 158, 1, 0, 0,
		0, 282, 178, 1, 0, 0, 0, 282, 192, 1, 0, 0, 0, 282, 209, 1, 0, 0, 0, 282,
		233, 1, 0, 0, 0, 282, 248, 1, 0, 0, 0, 282, 265, 1, 0, 0, 0, 282, 272,
		1, 0, 0, 0, 283, 5, 1, 0, 0, 0, 284, 287, 3, 20, 10, 0, 285, 287, 3, 32,
		16, 0, 286, 284, 1, 0, 0, 0, 286, 285, 1, 0, 0, 0, 287, 7, 1, 0, 0, 0,
		288, 290, 5, 41, 0, 0, 289, 288, 1, 0, 0, 0, 289, 290, 1, 0, 0, 0, 290,
		291, 1, 0, 0, 0, 291, 292, 7, 1, 0, 0, 292, 9, 1, 0, 0, 0, 293, 295, 3,
		12, 6, 0, 294, 293, 1, 0, 0, 0, 294, 295, 1, 0, 0, 0, 295, 298, 1, 0, 0,
		0, 296, 297, 5, 44, 0, 0, 297, 299, 3, 12, 6, 0, 298, 296, 1, 0, 0, 0,
		298, 299, 1, 0, 0, 0, 299, 11, 1, 0, 0, 0, 300, 309, 5, 31, 0, 0, 301,
		306, 3, 14, 7, 0, 302, 303, 5, 4, 0, 0, 303, 305, 3, 14, 7, 0, 304, 302,
		1, 0, 0, 0, 305, 308, 1, 0, 0, 0, 306, 304, 1, 0, 0, 0, 306, 307, 1, 0,
		0, 0, 307, 310, 1, 0, 0, 0, 308, 306, 1, 0, 0, 0, 309, 301, 1, 0, 0, 0,
		309, 310, 1, 0, 0, 0, 310, 311, 1, 0, 0, 0, 311, 312, 5, 32, 0, 0, 312,
		13, 1, 0, 0, 0, 313, 314, 3, 54, 27, 0, 314, 315, 5, 3, 0, 0, 315, 316,
		3, 54, 27, 0, 316, 15, 1, 0, 0, 0, 317, 319, 5, 71, 0, 0, 318, 317, 1,
		0, 0, 0, 318, 319, 1, 0, 0, 0, 319, 320, 1, 0, 0, 0, 320, 321, 7, 2, 0,
		0, 321, 322, 7, 3, 0, 0, 322, 325, 3, 18, 9, 0, 323, 324, 5, 21, 0, 0,
		324, 326, 3, 30, 15, 0, 325, 323, 1, 0, 0, 0, 325, 326, 1, 0, 0, 0, 326,
		329, 1, 0, 0, 0, 327, 328, 5, 11, 0, 0, 328, 330, 3, 18, 9, 0, 329, 327,
		1, 0, 0, 0, 329, 330, 1, 0, 0, 0, 330, 335, 1, 0, 0, 0, 331, 333, 5, 46,
		0, 0, 332, 334, 5, 75, 0, 0, 333, 332, 1, 0, 0, 0, 333, 334, 1, 0, 0, 0,
		334, 336, 1, 0, 0, 0, 335, 331, 1, 0, 0, 0, 335, 336, 1, 0, 0, 0, 336,
		17, 1, 0, 0, 0, 337, 342, 3, 20, 10, 0, 338, 339, 5, 4, 0, 0, 339, 341,
		3, 20, 10, 0, 340, 338, 1, 0, 0, 0, 341, 344, 1, 0, 0, 0, 342, 340, 1,
		0, 0, 0, 342, 343, 1, 0, 0, 0, 343, 19, 1, 0, 0, 0, 344, 342, 1, 0, 0,
		0, 345, 369, 5, 47, 0, 0, 346, 369, 5, 48, 0, 0, 347, 349, 7, 4, 0, 0,
		348, 350, 3, 26, 13, 0, 349, 348, 1, 0, 0, 0, 349, 350, 1, 0, 0, 0, 350,
		353, 1, 0, 0, 0, 351, 352, 5, 50, 0, 0, 352, 354, 3, 24, 12, 0, 353, 351,
		1, 0, 0, 0, 353, 354, 1, 0, 0, 0, 354, 369, 1, 0, 0, 0, 355, 369, 3, 24,
		12, 0, 356, 358, 5, 22, 0, 0, 357, 359, 3, 26, 13, 0, 358, 357, 1, 0, 0,
		0, 358, 359, 1, 0, 0, 0, 359, 369, 1, 0, 0, 0, 360, 361, 7, 5, 0, 0, 361,
		369, 3, 54, 27, 0, 362, 365, 3, 52, 26, 0, 363, 364, 5, 53, 0, 0, 364,
		366, 3, 22, 11, 0, 365, 363, 1, 0, 0, 0, 365, 366, 1, 0, 0, 0, 366, 369,
		1, 0, 0, 0, 367, 369, 5, 74, 0, 0, 368, 345, 1, 0, 0, 0, 368, 346, 1, 0,
		0, 0, 368, 347, 1, 0, 0, 0, 368, 355, 1, 0, 0, 0, 368, 356, 1, 0, 0, 0,
		368, 360, 1, 0, 0, 0, 368, 362, 1, 0, 0, 0, 368, 367, 1, 0, 0, 0, 369,
		21, 1, 0, 0, 0, 370, 383, 3, 52, 26, 0, 371, 372, 5, 31, 0, 0, 372, 377,
		3, 52, 26, 0, 373, 374, 5, 4, 0, 0, 374, 376, 3, 52, 26, 0, 375, 373, 1,
		0, 0, 0, 376, 379, 1, 0, 0, 0, 377, 375, 1, 0, 0, 0, 377, 378, 1, 0, 0,
		0, 378, 380, 1, 0, 0, 0, 379, 377, 1, 0, 0, 0, 380, 381, 5, 32, 0, 0, 381,
		383, 1, 0, 0, 0, 382, 370, 1, 0, 0, 0, 382, 371, 1, 0, 0, 0, 383, 23, 1,
		0, 0, 0, 384, 386, 5, 54, 0, 0, 385, 387, 3, 26, 13, 0, 386, 385, 1, 0,
		0, 0, 386, 387, 1, 0, 0, 0, 387, 407, 1, 0, 0, 0, 388, 389, 5, 5, 0, 0,
		389, 407, 3, 54, 27, 0, 390, 391, 5, 55, 0, 0, 391, 407, 5, 5, 0, 0, 392,
		393, 5, 54, 0, 0, 393, 394, 5, 56, 0, 0, 394, 395, 5, 57, 0, 0, 395, 396,
		5, 31, 0, 0, 396, 401, 3, 54, 27, 0, 397, 398, 5, 4, 0, 0, 398, 400, 3,
		54, 27, 0, 399, 397, 1, 0, 0, 0, 400, 403, 1, 0, 0, 0, 401, 399, 1, 0,
		0, 0, 401, 402, 1, 0, 0, 0, 402, 404, 1, 0, 0, 0, 403, 401, 1, 0, 0, 0,
		404, 405, 5, 32, 0, 0, 405, 407, 1, 0, 0, 0, 406, 384, 1, 0, 0, 0, 406,
		388, 1, 0, 0, 0, 406, 390, 1, 0, 0, 0, 406, 392, 1, 0, 0, 0, 407, 25, 1,
		0, 0, 0, 408, 417, 5, 31, 0, 0, 409, 414, 3, 28, 14, 0, 410, 411, 5, 4,
		0, 0, 411, 413, 3, 28, 14, 0, 412, 410, 1, 0, 0, 0, 413, 416, 1, 0, 0,
		0, 414, 412, 1, 0, 0, 0, 414, 415, 1, 0, 0, 0, 415, 418, 1, 0, 0, 0, 416,
		414, 1, 0, 0, 0, 417, 409, 1, 0, 0, 0, 417, 418, 1, 0, 0, 0, 418, 419,
		1, 0, 0, 0, 419, 420, 5, 32, 0, 0, 420, 27, 1, 0, 0, 0, 421, 422, 3, 54,
		27, 0, 422, 423, 7, 6, 0, 0, 423, 424, 3, 54, 27, 0, 424, 446, 1, 0, 0,
		0, 425, 427, 3, 54, 27, 0, 426, 428, 5, 59, 0, 0, 427, 426, 1, 0, 0, 0,
		427, 428, 1, 0, 0, 0, 428, 429, 1, 0, 0, 0, 429, 430, 5, 50, 0, 0, 430,
		431, 5, 31, 0, 0, 431, 436, 3, 54, 27, 0, 432, 433, 5, 4, 0, 0, 433, 435,
		3, 54, 27, 0, 434, 432, 1, 0, 0, 0, 435, 438, 1, 0, 0, 0, 436, 434, 1,
		0, 0, 0, 436, 437, 1, 0, 0, 0, 437, 439, 1, 0, 0, 0, 438, 436, 1, 0, 0,
		0, 439, 440, 5, 32, 0, 0, 440, 446, 1, 0, 0, 0, 441, 443, 5, 60, 0, 0,
		442, 441, 1, 0, 0, 0, 442, 443, 1, 0, 0, 0, 443, 444, 1, 0, 0, 0, 444,
		446, 3, 54, 27, 0, 445, 421, 1, 0, 0, 0, 445, 425, 1, 0, 0, 0, 445, 442,
		1, 0, 0, 0, 446, 29, 1, 0, 0, 0, 447, 452, 3, 32, 16, 0, 448, 449, 5, 4,
		0, 0, 449, 451, 3, 32, 16, 0, 450, 448, 1, 0, 0, 0, 451, 454, 1, 0, 0,
		0, 452, 450, 1, 0, 0, 0, 452, 453, 1, 0, 0, 0, 453, 31, 1, 0, 0, 0, 454,
		452, 1, 0, 0, 0, 455, 457, 3, 34, 17, 0, 456, 458, 7, 7, 0, 0, 457, 456,
		1, 0, 0, 0, 457, 458, 1, 0, 0, 0, 458, 461, 1, 0, 0, 0, 459, 460, 5, 61,
		0, 0, 460, 462, 5, 73, 0, 0, 461, 459, 1, 0, 0, 0, 461, 462, 1, 0, 0, 0,
		462, 484, 1, 0, 0, 0, 463, 466, 5, 73, 0, 0, 464, 465, 5, 61, 0, 0, 465,
		467, 5, 73, 0, 0, 466, 464, 1, 0, 0, 0, 466, 467, 1, 0, 0, 0, 467, 484,
		1, 0, 0, 0, 468, 470, 5, 62, 0, 0, 469, 471, 5, 73, 0, 0, 470, 469, 1,
		0, 0, 0, 470, 471, 1, 0, 0, 0, 471, 484, 1, 0, 0, 0, 472, 474, 5, 63, 0,
		0, 473, 475, 5, 73, 0, 0, 474, 473, 1, 0, 0, 0, 474, 475, 1, 0, 0, 0, 475,
		478, 1, 0, 0, 0, 476, 477, 5, 12, 0, 0, 477, 479, 3, 52, 26, 0, 478, 476,
		1, 0, 0, 0, 478, 479, 1, 0, 0, 0, 479, 484, 1, 0, 0, 0, 480, 481, 5, 64,
		0, 0, 481, 484, 7, 8, 0, 0, 482, 484, 5, 74, 0, 0, 483, 455, 1, 0, 0, 0,
		483, 463, 1, 0, 0, 0, 483, 468, 1, 0, 0, 0, 483, 472, 1, 0, 0, 0, 483,
		480, 1, 0, 0, 0, 483, 482, 1, 0, 0, 0, 484, 33, 1, 0, 0, 0, 485, 486, 7,
		9, 0, 0, 486, 35, 1, 0, 0, 0, 487, 488, 5, 68, 0, 0, 488, 489, 5, 31, 0,
		0, 489, 494, 3, 38, 19, 0, 490, 491, 5, 4, 0, 0, 491, 493, 3, 38, 19, 0,
		492, 490, 1, 0, 0, 0, 493, 496, 1, 0, 0, 0, 494, 492, 1, 0, 0, 0, 494,
		495, 1, 0, 0, 0, 495, 497, 1, 0, 0, 0, 496, 494, 1, 0, 0, 0, 497, 498,
		5, 32, 0, 0, 498, 37, 1, 0, 0, 0, 499, 500, 3, 54, 27, 0, 500, 501, 5,
		3, 0, 0, 501, 503, 1, 0, 0, 0, 502, 499, 1, 0, 0, 0, 502, 503, 1, 0, 0,
		0, 503, 504, 1, 0, 0, 0, 504, 505, 3, 34, 17, 0, 505, 508, 5, 73, 0, 0,
		506, 507, 5, 40, 0, 0, 507, 509, 7, 7, 0, 0, 508, 506, 1, 0, 0, 0, 508,
		509, 1, 0, 0, 0, 509, 512, 1, 0, 0, 0, 510, 511, 5, 23, 0, 0, 511, 513,
		5, 73, 0, 0, 512, 510, 1, 0, 0, 0, 512, 513, 1, 0, 0, 0, 513, 39, 1, 0,
		0, 0, 514, 515, 3, 54, 27, 0, 515, 516, 5, 3, 0, 0, 516, 518, 1, 0, 0,
		0, 517, 514, 1, 0, 0, 0, 517, 518, 1, 0, 0, 0, 518, 519, 1, 0, 0, 0, 519,
		520, 3, 22, 11, 0, 520, 41, 1, 0, 0, 0, 521, 525, 5, 6, 0, 0, 522, 524,
		3, 44, 22, 0, 523, 522, 1, 0, 0, 0, 524, 527, 1, 0, 0, 0, 525, 523, 1,
		0, 0, 0, 525, 526, 1, 0, 0, 0, 526, 528, 1, 0, 0, 0, 527, 525, 1, 0, 0,
		0, 528, 529, 5, 7, 0, 0, 529, 43, 1, 0, 0, 0, 530, 531, 3, 54, 27, 0, 531,
		532, 5, 3, 0, 0, 532, 533, 3, 46, 23, 0, 533, 45, 1, 0, 0, 0, 534, 560,
		3, 50, 25, 0, 535, 544, 5, 69, 0, 0, 536, 541, 3, 46, 23, 0, 537, 538,
		5, 4, 0, 0, 538, 540, 3, 46, 23, 0, 539, 537, 1, 0, 0, 0, 540, 543, 1,
		0, 0, 0, 541, 539, 1, 0, 0, 0, 541, 542, 1, 0, 0, 0, 542, 545, 1, 0, 0,
		0, 543, 541, 1, 0, 0, 0, 544, 536, 1, 0, 0, 0, 544, 545, 1, 0, 0, 0, 545,
		546, 1, 0, 0, 0, 546, 560, 5, 70, 0, 0, 547, 556, 5, 6, 0, 0, 548, 553,
		3, 44, 22, 0, 549, 550, 5, 4, 0, 0, 550, 552, 3, 44, 22, 0, 551, 549, 1,
		0, 0, 0, 552, 555, 1, 0, 0, 0, 553, 551, 1, 0, 0, 0, 553, 554, 1, 0, 0,
		0, 554, 557, 1, 0, 0, 0, 555, 553, 1, 0, 0, 0, 556, 548, 1, 0, 0, 0, 556,
		557, 1, 0, 0, 0, 557, 558, 1, 0, 0, 0, 558, 560, 5, 7, 0, 0, 559, 534,
		1, 0, 0, 0, 559, 535, 1, 0, 0, 0, 559, 547, 1, 0, 0, 0, 560, 47, 1, 0,
		0, 0, 561, 566, 3, 50, 25, 0, 562, 563, 5, 4, 0, 0, 563, 565, 3, 50, 25,
		0, 564, 562, 1, 0, 0, 0, 565, 568, 1, 0, 0, 0, 566, 564, 1, 0, 0, 0, 566,
		567, 1, 0, 0, 0, 567, 49, 1, 0, 0, 0, 568, 566, 1, 0, 0, 0, 569, 572, 3,
		54, 27, 0, 570, 572, 5, 72, 0, 0, 571, 569, 1, 0, 0, 0, 571, 570, 1, 0,
		0, 0, 572, 51, 1, 0, 0, 0, 573, 574, 7, 10, 0, 0, 574, 53, 1, 0, 0, 0,
		575, 580, 5, 74, 0, 0, 576, 580, 5, 73, 0, 0, 577, 580, 5, 75, 0, 0, 578,
		580, 3, 56, 28, 0, 579, 575, 1, 0, 0, 0, 579, 576, 1, 0, 0, 0, 579, 577,
		1, 0, 0, 0, 579, 578, 1, 0, 0, 0, 580, 55, 1, 0, 0, 0, 581, 582, 7, 11,
		0, 0, 582, 57, 1, 0, 0, 0, 89, 60, 62, 78, 88, 92, 95, 102, 106, 110, 116,
		127, 142, 147, 153, 156, 165, 169, 174, 176, 183, 187, 190, 197, 201, 204,
		207, 214, 219, 221, 225, 228, 231, 243, 253, 257, 260, 263, 280, 282, 286,
		289, 294, 298, 306, 309, 318, 325, 329, 333, 335, 342, 349, 353, 358, 365,
		368, 377, 382, 386, 401, 406, 414, 417, 427, 436, 442, 445, 452, 457, 461,
		466, 470, 474, 478, 483, 494, 502, 508, 512, 517, 525, 541, 544, 553, 556,
		559, 566, 571, 579,
	}
	deserializer := antlr.NewATNDeserializer(nil)
	staticData.atn = deserializer.Deserialize(staticData.serializedATN)
	atn := staticData.atn
	staticData.decisionToDFA = make([]*antlr.DFA, len(atn.DecisionToState))
	decisionToDFA := staticData.decisionToDFA
	for index, state := range atn.DecisionToState {
		decisionToDFA[index] = antlr.NewDFA(state, index)
	}
}

// HeadgateParserInit initializes any static state used to implement HeadgateParser. By default the
// static state used to implement the parser is lazily initialized during the first call to
// NewHeadgateParser(). You can call this function if you wish to initialize the static state ahead
// of time.
func HeadgateParserInit() {
	staticData := &HeadgateParserStaticData
	staticData.once.Do(headgateParserInit)
}

// NewHeadgateParser produces a new parser instance for the optional input antlr.TokenStream.
func NewHeadgateParser(input antlr.TokenStream) *HeadgateParser {
	HeadgateParserInit()
	this := new(HeadgateParser)
	this.BaseParser = antlr.NewBaseParser(input)
	staticData := &HeadgateParserStaticData
	this.Interpreter = antlr.NewParserATNSimulator(this, staticData.atn, staticData.decisionToDFA, staticData.PredictionContextCache)
	this.RuleNames = staticData.RuleNames
	this.LiteralNames = staticData.LiteralNames
	this.SymbolicNames = staticData.SymbolicNames
	this.GrammarFileName = "Headgate.g4"

	return this
}

// HeadgateParser tokens.
const (
	HeadgateParserEOF     = antlr.TokenEOF
	HeadgateParserT__0    = 1
	HeadgateParserT__1    = 2
	HeadgateParserT__2    = 3
	HeadgateParserT__3    = 4
	HeadgateParserT__4    = 5
	HeadgateParserT__5    = 6
	HeadgateParserT__6    = 7
	HeadgateParserT__7    = 8
	HeadgateParserT__8    = 9
	HeadgateParserT__9    = 10
	HeadgateParserT__10   = 11
	HeadgateParserT__11   = 12
	HeadgateParserT__12   = 13
	HeadgateParserT__13   = 14
	HeadgateParserT__14   = 15
	HeadgateParserT__15   = 16
	HeadgateParserT__16   = 17
	HeadgateParserT__17   = 18
	HeadgateParserT__18   = 19
	HeadgateParserT__19   = 20
	HeadgateParserT__20   = 21
	HeadgateParserT__21   = 22
	HeadgateParserT__22   = 23
	HeadgateParserT__23   = 24
	HeadgateParserT__24   = 25
	HeadgateParserT__25   = 26
	HeadgateParserT__26   = 27
	HeadgateParserT__27   = 28
	HeadgateParserT__28   = 29
	HeadgateParserT__29   = 30
	HeadgateParserT__30   = 31
	HeadgateParserT__31   = 32
	HeadgateParserT__32   = 33
	HeadgateParserT__33   = 34
	HeadgateParserT__34   = 35
	HeadgateParserT__35   = 36
	HeadgateParserT__36   = 37
	HeadgateParserT__37   = 38
	HeadgateParserT__38   = 39
	HeadgateParserT__39   = 40
	HeadgateParserT__40   = 41
	HeadgateParserT__41   = 42
	HeadgateParserT__42   = 43
	HeadgateParserT__43   = 44
	HeadgateParserT__44   = 45
	HeadgateParserT__45   = 46
	HeadgateParserT__46   = 47
	HeadgateParserT__47   = 48
	HeadgateParserT__48   = 49
	HeadgateParserT__49   = 50
	HeadgateParserT__50   = 51
	HeadgateParserT__51   = 52
	HeadgateParserT__52   = 53
	HeadgateParserT__53   = 54
	HeadgateParserT__54   = 55
	HeadgateParserT__55   = 56
	HeadgateParserT__56   = 57
	HeadgateParserT__57   = 58
	HeadgateParserT__58   = 59
	HeadgateParserT__59   = 60
	HeadgateParserT__60   = 61
	HeadgateParserT__61   = 62
	HeadgateParserT__62   = 63
	HeadgateParserT__63   = 64
	HeadgateParserT__64   = 65
	HeadgateParserT__65   = 66
	HeadgateParserT__66   = 67
	HeadgateParserT__67   = 68
	HeadgateParserT__68   = 69
	HeadgateParserT__69   = 70
	HeadgateParserLABEL   = 71
	HeadgateParserADDRESS = 72
	HeadgateParserNUMBER  = 73
	HeadgateParserWORD    = 74
	HeadgateParserSTRING  = 75
	HeadgateParserSPACE   = 76
	HeadgateParserCOMMENT = 77
	HeadgateParserSTRAY   = 78
)

// HeadgateParser rules.
const (
	HeadgateParserRULE_file        = 0
	HeadgateParserRULE_importing   = 1
	HeadgateParserRULE_declaration = 2
	HeadgateParserRULE_term        = 3
	HeadgateParserRULE_standing    = 4
	HeadgateParserRULE_meta        = 5
	HeadgateParserRULE_labels      = 6
	HeadgateParserRULE_pair        = 7
	HeadgateParserRULE_policyRule  = 8
	HeadgateParserRULE_peers       = 9
	HeadgateParserRULE_peer        = 10
	HeadgateParserRULE_addresses   = 11
	HeadgateParserRULE_place       = 12
	HeadgateParserRULE_selector    = 13
	HeadgateParserRULE_requirement = 14
	HeadgateParserRULE_ports       = 15
	HeadgateParserRULE_port        = 16
	HeadgateParserRULE_transport   = 17
	HeadgateParserRULE_listens     = 18
	HeadgateParserRULE_listen      = 19
	HeadgateParserRULE_face        = 20
	HeadgateParserRULE_body        = 21
	HeadgateParserRULE_field       = 22
	HeadgateParserRULE_value       = 23
	HeadgateParserRULE_words       = 24
	HeadgateParserRULE_word        = 25
	HeadgateParserRULE_address     = 26
	HeadgateParserRULE_name        = 27
	HeadgateParserRULE_keyword     = 28
)

// IFileContext is an interface to support dynamic dispatch.
type IFileContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	EOF() antlr.TerminalNode
	AllImporting() []IImportingContext
	Importing(i int) IImportingContext
	AllDeclaration() []IDeclarationContext
	Declaration(i int) IDeclarationContext

	// IsFileContext differentiates from other interfaces.
	IsFileContext()
}

type FileContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyFileContext() *FileContext {
	var p = new(FileContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_file
	return p
}

func InitEmptyFileContext(p *FileContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_file
}

func (*FileContext) IsFileContext() {}

func NewFileContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *FileContext {
	var p = new(FileContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_file

	return p
}

func (s *FileContext) GetParser() antlr.Parser { return s.parser }

func (s *FileContext) EOF() antlr.TerminalNode {
	return s.GetToken(HeadgateParserEOF, 0)
}

func (s *FileContext) AllImporting() []IImportingContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IImportingContext); ok {
			len++
		}
	}

	tst := make([]IImportingContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IImportingContext); ok {
			tst[i] = t.(IImportingContext)
			i++
		}
	}

	return tst
}

func (s *FileContext) Importing(i int) IImportingContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IImportingContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IImportingContext)
}

func (s *FileContext) AllDeclaration() []IDeclarationContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IDeclarationContext); ok {
			len++
		}
	}

	tst := make([]IDeclarationContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IDeclarationContext); ok {
			tst[i] = t.(IDeclarationContext)
			i++
		}
	}

	return tst
}

func (s *FileContext) Declaration(i int) IDeclarationContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IDeclarationContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IDeclarationContext)
}

func (s *FileContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *FileContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *FileContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitFile(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) File() (localctx IFileContext) {
	localctx = NewFileContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 0, HeadgateParserRULE_file)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(62)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&15505578603302) != 0 {
		p.SetState(60)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}

		switch p.GetTokenStream().LA(1) {
		case HeadgateParserT__0:
			{
				p.SetState(58)
				p.Importing()
			}

		case HeadgateParserT__1, HeadgateParserT__4, HeadgateParserT__7, HeadgateParserT__8, HeadgateParserT__11, HeadgateParserT__12, HeadgateParserT__15, HeadgateParserT__22, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__28, HeadgateParserT__32, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42:
			{
				p.SetState(59)
				p.Declaration()
			}

		default:
			p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
			goto errorExit
		}

		p.SetState(64)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(65)
		p.Match(HeadgateParserEOF)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IImportingContext is an interface to support dynamic dispatch.
type IImportingContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetPath returns the path token.
	GetPath() antlr.Token

	// SetPath sets the path token.
	SetPath(antlr.Token)

	// Getter signatures
	STRING() antlr.TerminalNode

	// IsImportingContext differentiates from other interfaces.
	IsImportingContext()
}

type ImportingContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	path   antlr.Token
}

func NewEmptyImportingContext() *ImportingContext {
	var p = new(ImportingContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_importing
	return p
}

func InitEmptyImportingContext(p *ImportingContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_importing
}

func (*ImportingContext) IsImportingContext() {}

func NewImportingContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ImportingContext {
	var p = new(ImportingContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_importing

	return p
}

func (s *ImportingContext) GetParser() antlr.Parser { return s.parser }

func (s *ImportingContext) GetPath() antlr.Token { return s.path }

func (s *ImportingContext) SetPath(v antlr.Token) { s.path = v }

func (s *ImportingContext) STRING() antlr.TerminalNode {
	return s.GetToken(HeadgateParserSTRING, 0)
}

func (s *ImportingContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ImportingContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *ImportingContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitImporting(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Importing() (localctx IImportingContext) {
	localctx = NewImportingContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 2, HeadgateParserRULE_importing)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(67)
		p.Match(HeadgateParserT__0)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(68)

		var _m = p.Match(HeadgateParserSTRING)

		localctx.(*ImportingContext).path = _m
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IDeclarationContext is an interface to support dynamic dispatch.
type IDeclarationContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsDeclarationContext differentiates from other interfaces.
	IsDeclarationContext()
}

type DeclarationContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyDeclarationContext() *DeclarationContext {
	var p = new(DeclarationContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_declaration
	return p
}

func InitEmptyDeclarationContext(p *DeclarationContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_declaration
}

func (*DeclarationContext) IsDeclarationContext() {}

func NewDeclarationContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *DeclarationContext {
	var p = new(DeclarationContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_declaration

	return p
}

func (s *DeclarationContext) GetParser() antlr.Parser { return s.parser }

func (s *DeclarationContext) CopyAll(ctx *DeclarationContext) {
	s.CopyFrom(&ctx.BaseParserRuleContext)
}

func (s *DeclarationContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *DeclarationContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

type PodContext struct {
	DeclarationContext
	host  INameContext
	addrs IWordsContext
}

func NewPodContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *PodContext {
	var p = new(PodContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *PodContext) GetHost() INameContext { return s.host }

func (s *PodContext) GetAddrs() IWordsContext { return s.addrs }

func (s *PodContext) SetHost(v INameContext) { s.host = v }

func (s *PodContext) SetAddrs(v IWordsContext) { s.addrs = v }

func (s *PodContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PodContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *PodContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *PodContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *PodContext) Listens() IListensContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IListensContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IListensContext)
}

func (s *PodContext) Body() IBodyContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IBodyContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IBodyContext)
}

func (s *PodContext) Words() IWordsContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordsContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordsContext)
}

func (s *PodContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPod(s)

	default:
		return t.VisitChildren(s)
	}
}

type PoolContext struct {
	DeclarationContext
	gateway IAddressContext
	vlan    antlr.Token
	limited antlr.Token
}

func NewPoolContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *PoolContext {
	var p = new(PoolContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *PoolContext) GetVlan() antlr.Token { return s.vlan }

func (s *PoolContext) GetLimited() antlr.Token { return s.limited }

func (s *PoolContext) SetVlan(v antlr.Token) { s.vlan = v }

func (s *PoolContext) SetLimited(v antlr.Token) { s.limited = v }

func (s *PoolContext) GetGateway() IAddressContext { return s.gateway }

func (s *PoolContext) SetGateway(v IAddressContext) { s.gateway = v }

func (s *PoolContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PoolContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *PoolContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *PoolContext) Words() IWordsContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordsContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordsContext)
}

func (s *PoolContext) Address() IAddressContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressContext)
}

func (s *PoolContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, 0)
}

func (s *PoolContext) Selector() ISelectorContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorContext)
}

func (s *PoolContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPool(s)

	default:
		return t.VisitChildren(s)
	}
}

type EgressContext struct {
	DeclarationContext
	addrs IWordsContext
	pools IWordsContext
	rate  antlr.Token
	burst antlr.Token
}

func NewEgressContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *EgressContext {
	var p = new(EgressContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *EgressContext) GetRate() antlr.Token { return s.rate }

func (s *EgressContext) GetBurst() antlr.Token { return s.burst }

func (s *EgressContext) SetRate(v antlr.Token) { s.rate = v }

func (s *EgressContext) SetBurst(v antlr.Token) { s.burst = v }

func (s *EgressContext) GetAddrs() IWordsContext { return s.addrs }

func (s *EgressContext) GetPools() IWordsContext { return s.pools }

func (s *EgressContext) SetAddrs(v IWordsContext) { s.addrs = v }

func (s *EgressContext) SetPools(v IWordsContext) { s.pools = v }

func (s *EgressContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *EgressContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *EgressContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *EgressContext) Peers() IPeersContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPeersContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPeersContext)
}

func (s *EgressContext) Body() IBodyContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IBodyContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IBodyContext)
}

func (s *EgressContext) AllWords() []IWordsContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IWordsContext); ok {
			len++
		}
	}

	tst := make([]IWordsContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IWordsContext); ok {
			tst[i] = t.(IWordsContext)
			i++
		}
	}

	return tst
}

func (s *EgressContext) Words(i int) IWordsContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordsContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordsContext)
}

func (s *EgressContext) AllNUMBER() []antlr.TerminalNode {
	return s.GetTokens(HeadgateParserNUMBER)
}

func (s *EgressContext) NUMBER(i int) antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, i)
}

func (s *EgressContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitEgress(s)

	default:
		return t.VisitChildren(s)
	}
}

type NodeContext struct {
	DeclarationContext
	addrs    IWordsContext
	prefixes IWordsContext
}

func NewNodeContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *NodeContext {
	var p = new(NodeContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *NodeContext) GetAddrs() IWordsContext { return s.addrs }

func (s *NodeContext) GetPrefixes() IWordsContext { return s.prefixes }

func (s *NodeContext) SetAddrs(v IWordsContext) { s.addrs = v }

func (s *NodeContext) SetPrefixes(v IWordsContext) { s.prefixes = v }

func (s *NodeContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NodeContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *NodeContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *NodeContext) Body() IBodyContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IBodyContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IBodyContext)
}

func (s *NodeContext) AllWords() []IWordsContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IWordsContext); ok {
			len++
		}
	}

	tst := make([]IWordsContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IWordsContext); ok {
			tst[i] = t.(IWordsContext)
			i++
		}
	}

	return tst
}

func (s *NodeContext) Words(i int) IWordsContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordsContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordsContext)
}

func (s *NodeContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitNode(s)

	default:
		return t.VisitChildren(s)
	}
}

type ExpectContext struct {
	DeclarationContext
	verdict     antlr.Token
	source      IPeersContext
	destination IPeersContext
}

func NewExpectContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ExpectContext {
	var p = new(ExpectContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *ExpectContext) GetVerdict() antlr.Token { return s.verdict }

func (s *ExpectContext) SetVerdict(v antlr.Token) { s.verdict = v }

func (s *ExpectContext) GetSource() IPeersContext { return s.source }

func (s *ExpectContext) GetDestination() IPeersContext { return s.destination }

func (s *ExpectContext) SetSource(v IPeersContext) { s.source = v }

func (s *ExpectContext) SetDestination(v IPeersContext) { s.destination = v }

func (s *ExpectContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ExpectContext) AllPeers() []IPeersContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IPeersContext); ok {
			len++
		}
	}

	tst := make([]IPeersContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IPeersContext); ok {
			tst[i] = t.(IPeersContext)
			i++
		}
	}

	return tst
}

func (s *ExpectContext) Peers(i int) IPeersContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPeersContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPeersContext)
}

func (s *ExpectContext) Ports() IPortsContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPortsContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPortsContext)
}

func (s *ExpectContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitExpect(s)

	default:
		return t.VisitChildren(s)
	}
}

type TierContext struct {
	DeclarationContext
	priority    antlr.Token
	description antlr.Token
}

func NewTierContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *TierContext {
	var p = new(TierContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *TierContext) GetPriority() antlr.Token { return s.priority }

func (s *TierContext) GetDescription() antlr.Token { return s.description }

func (s *TierContext) SetPriority(v antlr.Token) { s.priority = v }

func (s *TierContext) SetDescription(v antlr.Token) { s.description = v }

func (s *TierContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TierContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *TierContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *TierContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, 0)
}

func (s *TierContext) STRING() antlr.TerminalNode {
	return s.GetToken(HeadgateParserSTRING, 0)
}

func (s *TierContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitTier(s)

	default:
		return t.VisitChildren(s)
	}
}

type ServiceContext struct {
	DeclarationContext
	type_   INameContext
	selects antlr.Token
	addrs   IWordsContext
}

func NewServiceContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ServiceContext {
	var p = new(ServiceContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *ServiceContext) GetSelects() antlr.Token { return s.selects }

func (s *ServiceContext) SetSelects(v antlr.Token) { s.selects = v }

func (s *ServiceContext) GetType_() INameContext { return s.type_ }

func (s *ServiceContext) GetAddrs() IWordsContext { return s.addrs }

func (s *ServiceContext) SetType_(v INameContext) { s.type_ = v }

func (s *ServiceContext) SetAddrs(v IWordsContext) { s.addrs = v }

func (s *ServiceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ServiceContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *ServiceContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ServiceContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *ServiceContext) Listens() IListensContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IListensContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IListensContext)
}

func (s *ServiceContext) Body() IBodyContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IBodyContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IBodyContext)
}

func (s *ServiceContext) Words() IWordsContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordsContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordsContext)
}

func (s *ServiceContext) Selector() ISelectorContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorContext)
}

func (s *ServiceContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitService(s)

	default:
		return t.VisitChildren(s)
	}
}

type MachineContext struct {
	DeclarationContext
}

func NewMachineContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *MachineContext {
	var p = new(MachineContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *MachineContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MachineContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *MachineContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *MachineContext) AllFace() []IFaceContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IFaceContext); ok {
			len++
		}
	}

	tst := make([]IFaceContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IFaceContext); ok {
			tst[i] = t.(IFaceContext)
			i++
		}
	}

	return tst
}

func (s *MachineContext) Face(i int) IFaceContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IFaceContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IFaceContext)
}

func (s *MachineContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitMachine(s)

	default:
		return t.VisitChildren(s)
	}
}

type NamespaceContext struct {
	DeclarationContext
	block antlr.Token
}

func NewNamespaceContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *NamespaceContext {
	var p = new(NamespaceContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *NamespaceContext) GetBlock() antlr.Token { return s.block }

func (s *NamespaceContext) SetBlock(v antlr.Token) { s.block = v }

func (s *NamespaceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NamespaceContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *NamespaceContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *NamespaceContext) AllDeclaration() []IDeclarationContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IDeclarationContext); ok {
			len++
		}
	}

	tst := make([]IDeclarationContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IDeclarationContext); ok {
			tst[i] = t.(IDeclarationContext)
			i++
		}
	}

	return tst
}

func (s *NamespaceContext) Declaration(i int) IDeclarationContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IDeclarationContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IDeclarationContext)
}

func (s *NamespaceContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitNamespace(s)

	default:
		return t.VisitChildren(s)
	}
}

type LetContext struct {
	DeclarationContext
	label antlr.Token
}

func NewLetContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *LetContext {
	var p = new(LetContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *LetContext) GetLabel() antlr.Token { return s.label }

func (s *LetContext) SetLabel(v antlr.Token) { s.label = v }

func (s *LetContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *LetContext) AllTerm() []ITermContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(ITermContext); ok {
			len++
		}
	}

	tst := make([]ITermContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(ITermContext); ok {
			tst[i] = t.(ITermContext)
			i++
		}
	}

	return tst
}

func (s *LetContext) Term(i int) ITermContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ITermContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(ITermContext)
}

func (s *LetContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *LetContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitLet(s)

	default:
		return t.VisitChildren(s)
	}
}

type EntityContext struct {
	DeclarationContext
	machine INameContext
	addrs   IWordsContext
}

func NewEntityContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *EntityContext {
	var p = new(EntityContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *EntityContext) GetMachine() INameContext { return s.machine }

func (s *EntityContext) GetAddrs() IWordsContext { return s.addrs }

func (s *EntityContext) SetMachine(v INameContext) { s.machine = v }

func (s *EntityContext) SetAddrs(v IWordsContext) { s.addrs = v }

func (s *EntityContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *EntityContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *EntityContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *EntityContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *EntityContext) Listens() IListensContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IListensContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IListensContext)
}

func (s *EntityContext) Body() IBodyContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IBodyContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IBodyContext)
}

func (s *EntityContext) Words() IWordsContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordsContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordsContext)
}

func (s *EntityContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitEntity(s)

	default:
		return t.VisitChildren(s)
	}
}

type PolicyContext struct {
	DeclarationContext
	tier     INameContext
	priority antlr.Token
}

func NewPolicyContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *PolicyContext {
	var p = new(PolicyContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *PolicyContext) GetPriority() antlr.Token { return s.priority }

func (s *PolicyContext) SetPriority(v antlr.Token) { s.priority = v }

func (s *PolicyContext) GetTier() INameContext { return s.tier }

func (s *PolicyContext) SetTier(v INameContext) { s.tier = v }

func (s *PolicyContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PolicyContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *PolicyContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *PolicyContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *PolicyContext) Standing() IStandingContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IStandingContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IStandingContext)
}

func (s *PolicyContext) Peers() IPeersContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPeersContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPeersContext)
}

func (s *PolicyContext) AllPolicyRule() []IPolicyRuleContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IPolicyRuleContext); ok {
			len++
		}
	}

	tst := make([]IPolicyRuleContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IPolicyRuleContext); ok {
			tst[i] = t.(IPolicyRuleContext)
			i++
		}
	}

	return tst
}

func (s *PolicyContext) PolicyRule(i int) IPolicyRuleContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPolicyRuleContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPolicyRuleContext)
}

func (s *PolicyContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, 0)
}

func (s *PolicyContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPolicy(s)

	default:
		return t.VisitChildren(s)
	}
}

type GroupContext struct {
	DeclarationContext
}

func NewGroupContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *GroupContext {
	var p = new(GroupContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *GroupContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *GroupContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *GroupContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *GroupContext) Peers() IPeersContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPeersContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPeersContext)
}

func (s *GroupContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitGroup(s)

	default:
		return t.VisitChildren(s)
	}
}

type ObjectContext struct {
	DeclarationContext
	version INameContext
	kind    INameContext
}

func NewObjectContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ObjectContext {
	var p = new(ObjectContext)

	InitEmptyDeclarationContext(&p.DeclarationContext)
	p.parser = parser
	p.CopyAll(ctx.(*DeclarationContext))

	return p
}

func (s *ObjectContext) GetVersion() INameContext { return s.version }

func (s *ObjectContext) GetKind() INameContext { return s.kind }

func (s *ObjectContext) SetVersion(v INameContext) { s.version = v }

func (s *ObjectContext) SetKind(v INameContext) { s.kind = v }

func (s *ObjectContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ObjectContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *ObjectContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ObjectContext) Meta() IMetaContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMetaContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMetaContext)
}

func (s *ObjectContext) Body() IBodyContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IBodyContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IBodyContext)
}

func (s *ObjectContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitObject(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Declaration() (localctx IDeclarationContext) {
	localctx = NewDeclarationContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 4, HeadgateParserRULE_declaration)
	var _la int

	p.SetState(282)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__1:
		localctx = NewLetContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(70)
			p.Match(HeadgateParserT__1)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(71)

			var _m = p.Match(HeadgateParserWORD)

			localctx.(*LetContext).label = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(72)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(73)
			p.Term()
		}
		p.SetState(78)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__3 {
			{
				p.SetState(74)
				p.Match(HeadgateParserT__3)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(75)
				p.Term()
			}

			p.SetState(80)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}

	case HeadgateParserT__4:
		localctx = NewNamespaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(81)
			p.Match(HeadgateParserT__4)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(82)
			p.Name()
		}
		{
			p.SetState(83)
			p.Meta()
		}
		p.SetState(92)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__5 {
			{
				p.SetState(84)

				var _m = p.Match(HeadgateParserT__5)

				localctx.(*NamespaceContext).block = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			p.SetState(88)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&15505578603300) != 0 {
				{
					p.SetState(85)
					p.Declaration()
				}

				p.SetState(90)
				p.GetErrorHandler().Sync(p)
				if p.HasError() {
					goto errorExit
				}
				_la = p.GetTokenStream().LA(1)
			}
			{
				p.SetState(91)
				p.Match(HeadgateParserT__6)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserT__7, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42:
		localctx = NewPolicyContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		p.SetState(95)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&15393162788864) != 0 {
			{
				p.SetState(94)
				p.Standing()
			}

		}
		{
			p.SetState(97)
			p.Match(HeadgateParserT__7)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(98)
			p.Name()
		}
		{
			p.SetState(99)
			p.Meta()
		}
		p.SetState(102)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__8 {
			{
				p.SetState(100)
				p.Match(HeadgateParserT__8)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(101)

				var _x = p.Name()

				localctx.(*PolicyContext).tier = _x
			}

		}
		p.SetState(106)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__9 {
			{
				p.SetState(104)
				p.Match(HeadgateParserT__9)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(105)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*PolicyContext).priority = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		p.SetState(110)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__10 {
			{
				p.SetState(108)
				p.Match(HeadgateParserT__10)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(109)
				p.Peers()
			}

		}
		{
			p.SetState(112)
			p.Match(HeadgateParserT__5)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(116)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for (int64((_la-37)) & ^0x3f) == 0 && ((int64(1)<<(_la-37))&17179869447) != 0 {
			{
				p.SetState(113)
				p.PolicyRule()
			}

			p.SetState(118)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(119)
			p.Match(HeadgateParserT__6)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__8:
		localctx = NewTierContext(p, localctx)
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(121)
			p.Match(HeadgateParserT__8)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(122)
			p.Name()
		}
		{
			p.SetState(123)
			p.Meta()
		}
		{
			p.SetState(124)
			p.Match(HeadgateParserT__9)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(125)

			var _m = p.Match(HeadgateParserNUMBER)

			localctx.(*TierContext).priority = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(127)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserSTRING {
			{
				p.SetState(126)

				var _m = p.Match(HeadgateParserSTRING)

				localctx.(*TierContext).description = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserT__11:
		localctx = NewGroupContext(p, localctx)
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(129)
			p.Match(HeadgateParserT__11)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(130)
			p.Name()
		}
		{
			p.SetState(131)
			p.Meta()
		}
		{
			p.SetState(132)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(133)
			p.Peers()
		}

	case HeadgateParserT__12:
		localctx = NewEgressContext(p, localctx)
		p.EnterOuterAlt(localctx, 6)
		{
			p.SetState(135)
			p.Match(HeadgateParserT__12)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(136)
			p.Name()
		}
		{
			p.SetState(137)
			p.Meta()
		}
		{
			p.SetState(138)
			p.Match(HeadgateParserT__10)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(139)
			p.Peers()
		}
		p.SetState(142)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__13 {
			{
				p.SetState(140)
				p.Match(HeadgateParserT__13)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(141)

				var _x = p.Words()

				localctx.(*EgressContext).addrs = _x
			}

		}
		p.SetState(147)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__14 {
			{
				p.SetState(144)
				p.Match(HeadgateParserT__14)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(145)
				p.Match(HeadgateParserT__15)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(146)

				var _x = p.Words()

				localctx.(*EgressContext).pools = _x
			}

		}
		p.SetState(153)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__16 {
			{
				p.SetState(149)
				p.Match(HeadgateParserT__16)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(150)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*EgressContext).rate = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(151)
				p.Match(HeadgateParserT__17)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(152)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*EgressContext).burst = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		p.SetState(156)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__5 {
			{
				p.SetState(155)
				p.Body()
			}

		}

	case HeadgateParserT__15:
		localctx = NewPoolContext(p, localctx)
		p.EnterOuterAlt(localctx, 7)
		{
			p.SetState(158)
			p.Match(HeadgateParserT__15)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(159)
			p.Name()
		}
		{
			p.SetState(160)
			p.Meta()
		}
		{
			p.SetState(161)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(162)
			p.Words()
		}
		p.SetState(165)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__18 {
			{
				p.SetState(163)
				p.Match(HeadgateParserT__18)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(164)

				var _x = p.Address()

				localctx.(*PoolContext).gateway = _x
			}

		}
		p.SetState(169)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__19 {
			{
				p.SetState(167)
				p.Match(HeadgateParserT__19)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(168)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*PoolContext).vlan = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		p.SetState(176)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__20 {
			{
				p.SetState(171)
				p.Match(HeadgateParserT__20)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(172)

				var _m = p.Match(HeadgateParserT__21)

				localctx.(*PoolContext).limited = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			p.SetState(174)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			if _la == HeadgateParserT__30 {
				{
					p.SetState(173)
					p.Selector()
				}

			}

		}

	case HeadgateParserT__22:
		localctx = NewNodeContext(p, localctx)
		p.EnterOuterAlt(localctx, 8)
		{
			p.SetState(178)
			p.Match(HeadgateParserT__22)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(179)
			p.Name()
		}
		{
			p.SetState(180)
			p.Meta()
		}
		p.SetState(183)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__23 {
			{
				p.SetState(181)
				p.Match(HeadgateParserT__23)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(182)

				var _x = p.Words()

				localctx.(*NodeContext).addrs = _x
			}

		}
		p.SetState(187)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__24 {
			{
				p.SetState(185)
				p.Match(HeadgateParserT__24)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(186)

				var _x = p.Words()

				localctx.(*NodeContext).prefixes = _x
			}

		}
		p.SetState(190)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__5 {
			{
				p.SetState(189)
				p.Body()
			}

		}

	case HeadgateParserT__25:
		localctx = NewPodContext(p, localctx)
		p.EnterOuterAlt(localctx, 9)
		{
			p.SetState(192)
			p.Match(HeadgateParserT__25)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(193)
			p.Name()
		}
		{
			p.SetState(194)
			p.Meta()
		}
		p.SetState(197)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__20 {
			{
				p.SetState(195)
				p.Match(HeadgateParserT__20)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(196)

				var _x = p.Name()

				localctx.(*PodContext).host = _x
			}

		}
		p.SetState(201)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__23 {
			{
				p.SetState(199)
				p.Match(HeadgateParserT__23)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(200)

				var _x = p.Words()

				localctx.(*PodContext).addrs = _x
			}

		}
		p.SetState(204)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__67 {
			{
				p.SetState(203)
				p.Listens()
			}

		}
		p.SetState(207)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__5 {
			{
				p.SetState(206)
				p.Body()
			}

		}

	case HeadgateParserT__26:
		localctx = NewServiceContext(p, localctx)
		p.EnterOuterAlt(localctx, 10)
		{
			p.SetState(209)
			p.Match(HeadgateParserT__26)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(210)
			p.Name()
		}
		{
			p.SetState(211)
			p.Meta()
		}
		p.SetState(214)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__27 {
			{
				p.SetState(212)
				p.Match(HeadgateParserT__27)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(213)

				var _x = p.Name()

				localctx.(*ServiceContext).type_ = _x
			}

		}
		p.SetState(221)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__10 {
			{
				p.SetState(216)
				p.Match(HeadgateParserT__10)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(217)

				var _m = p.Match(HeadgateParserT__24)

				localctx.(*ServiceContext).selects = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			p.SetState(219)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			if _la == HeadgateParserT__30 {
				{
					p.SetState(218)
					p.Selector()
				}

			}

		}
		p.SetState(225)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__23 {
			{
				p.SetState(223)
				p.Match(HeadgateParserT__23)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(224)

				var _x = p.Words()

				localctx.(*ServiceContext).addrs = _x
			}

		}
		p.SetState(228)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__67 {
			{
				p.SetState(227)
				p.Listens()
			}

		}
		p.SetState(231)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__5 {
			{
				p.SetState(230)
				p.Body()
			}

		}

	case HeadgateParserT__28:
		localctx = NewMachineContext(p, localctx)
		p.EnterOuterAlt(localctx, 11)
		{
			p.SetState(233)
			p.Match(HeadgateParserT__28)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(234)
			p.Name()
		}
		{
			p.SetState(235)
			p.Meta()
		}
		{
			p.SetState(236)
			p.Match(HeadgateParserT__29)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(237)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(238)
			p.Face()
		}
		p.SetState(243)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__3 {
			{
				p.SetState(239)
				p.Match(HeadgateParserT__3)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(240)
				p.Face()
			}

			p.SetState(245)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(246)
			p.Match(HeadgateParserT__31)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__32:
		localctx = NewEntityContext(p, localctx)
		p.EnterOuterAlt(localctx, 12)
		{
			p.SetState(248)
			p.Match(HeadgateParserT__32)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(249)
			p.Name()
		}
		{
			p.SetState(250)
			p.Meta()
		}
		p.SetState(253)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__33 {
			{
				p.SetState(251)
				p.Match(HeadgateParserT__33)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(252)

				var _x = p.Name()

				localctx.(*EntityContext).machine = _x
			}

		}
		p.SetState(257)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__23 {
			{
				p.SetState(255)
				p.Match(HeadgateParserT__23)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(256)

				var _x = p.Words()

				localctx.(*EntityContext).addrs = _x
			}

		}
		p.SetState(260)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__67 {
			{
				p.SetState(259)
				p.Listens()
			}

		}
		p.SetState(263)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__5 {
			{
				p.SetState(262)
				p.Body()
			}

		}

	case HeadgateParserT__34:
		localctx = NewObjectContext(p, localctx)
		p.EnterOuterAlt(localctx, 13)
		{
			p.SetState(265)
			p.Match(HeadgateParserT__34)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(266)

			var _x = p.Name()

			localctx.(*ObjectContext).version = _x
		}
		{
			p.SetState(267)

			var _x = p.Name()

			localctx.(*ObjectContext).kind = _x
		}
		{
			p.SetState(268)
			p.Name()
		}
		{
			p.SetState(269)
			p.Meta()
		}
		{
			p.SetState(270)
			p.Body()
		}

	case HeadgateParserT__35:
		localctx = NewExpectContext(p, localctx)
		p.EnterOuterAlt(localctx, 14)
		{
			p.SetState(272)
			p.Match(HeadgateParserT__35)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(273)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*ExpectContext).verdict = _lt

			_la = p.GetTokenStream().LA(1)

			if !((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&962072674304) != 0) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*ExpectContext).verdict = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		{
			p.SetState(274)
			p.Match(HeadgateParserT__14)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(275)

			var _x = p.Peers()

			localctx.(*ExpectContext).source = _x
		}
		{
			p.SetState(276)
			p.Match(HeadgateParserT__39)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(277)

			var _x = p.Peers()

			localctx.(*ExpectContext).destination = _x
		}
		p.SetState(280)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__20 {
			{
				p.SetState(278)
				p.Match(HeadgateParserT__20)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(279)
				p.Ports()
			}

		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// ITermContext is an interface to support dynamic dispatch.
type ITermContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	Peer() IPeerContext
	Port() IPortContext

	// IsTermContext differentiates from other interfaces.
	IsTermContext()
}

type TermContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyTermContext() *TermContext {
	var p = new(TermContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_term
	return p
}

func InitEmptyTermContext(p *TermContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_term
}

func (*TermContext) IsTermContext() {}

func NewTermContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *TermContext {
	var p = new(TermContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_term

	return p
}

func (s *TermContext) GetParser() antlr.Parser { return s.parser }

func (s *TermContext) Peer() IPeerContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPeerContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPeerContext)
}

func (s *TermContext) Port() IPortContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPortContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPortContext)
}

func (s *TermContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TermContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *TermContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitTerm(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Term() (localctx ITermContext) {
	localctx = NewTermContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 6, HeadgateParserRULE_term)
	p.SetState(286)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 39, p.GetParserRuleContext()) {
	case 1:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(284)
			p.Peer()
		}

	case 2:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(285)
			p.Port()
		}

	case antlr.ATNInvalidAltNumber:
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IStandingContext is an interface to support dynamic dispatch.
type IStandingContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetLegacy returns the legacy token.
	GetLegacy() antlr.Token

	// GetLevel returns the level token.
	GetLevel() antlr.Token

	// SetLegacy sets the legacy token.
	SetLegacy(antlr.Token)

	// SetLevel sets the level token.
	SetLevel(antlr.Token)

	// IsStandingContext differentiates from other interfaces.
	IsStandingContext()
}

type StandingContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	legacy antlr.Token
	level  antlr.Token
}

func NewEmptyStandingContext() *StandingContext {
	var p = new(StandingContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_standing
	return p
}

func InitEmptyStandingContext(p *StandingContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_standing
}

func (*StandingContext) IsStandingContext() {}

func NewStandingContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *StandingContext {
	var p = new(StandingContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_standing

	return p
}

func (s *StandingContext) GetParser() antlr.Parser { return s.parser }

func (s *StandingContext) GetLegacy() antlr.Token { return s.legacy }

func (s *StandingContext) GetLevel() antlr.Token { return s.level }

func (s *StandingContext) SetLegacy(v antlr.Token) { s.legacy = v }

func (s *StandingContext) SetLevel(v antlr.Token) { s.level = v }

func (s *StandingContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *StandingContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *StandingContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitStanding(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Standing() (localctx IStandingContext) {
	localctx = NewStandingContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 8, HeadgateParserRULE_standing)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(289)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__40 {
		{
			p.SetState(288)

			var _m = p.Match(HeadgateParserT__40)

			localctx.(*StandingContext).legacy = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}
	{
		p.SetState(291)

		var _lt = p.GetTokenStream().LT(1)

		localctx.(*StandingContext).level = _lt

		_la = p.GetTokenStream().LA(1)

		if !(_la == HeadgateParserT__41 || _la == HeadgateParserT__42) {
			var _ri = p.GetErrorHandler().RecoverInline(p)

			localctx.(*StandingContext).level = _ri
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IMetaContext is an interface to support dynamic dispatch.
type IMetaContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetOwn returns the own rule contexts.
	GetOwn() ILabelsContext

	// GetNotes returns the notes rule contexts.
	GetNotes() ILabelsContext

	// SetOwn sets the own rule contexts.
	SetOwn(ILabelsContext)

	// SetNotes sets the notes rule contexts.
	SetNotes(ILabelsContext)

	// Getter signatures
	AllLabels() []ILabelsContext
	Labels(i int) ILabelsContext

	// IsMetaContext differentiates from other interfaces.
	IsMetaContext()
}

type MetaContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	own    ILabelsContext
	notes  ILabelsContext
}

func NewEmptyMetaContext() *MetaContext {
	var p = new(MetaContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_meta
	return p
}

func InitEmptyMetaContext(p *MetaContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_meta
}

func (*MetaContext) IsMetaContext() {}

func NewMetaContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *MetaContext {
	var p = new(MetaContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_meta

	return p
}

func (s *MetaContext) GetParser() antlr.Parser { return s.parser }

func (s *MetaContext) GetOwn() ILabelsContext { return s.own }

func (s *MetaContext) GetNotes() ILabelsContext { return s.notes }

func (s *MetaContext) SetOwn(v ILabelsContext) { s.own = v }

func (s *MetaContext) SetNotes(v ILabelsContext) { s.notes = v }

func (s *MetaContext) AllLabels() []ILabelsContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(ILabelsContext); ok {
			len++
		}
	}

	tst := make([]ILabelsContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(ILabelsContext); ok {
			tst[i] = t.(ILabelsContext)
			i++
		}
	}

	return tst
}

func (s *MetaContext) Labels(i int) ILabelsContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ILabelsContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(ILabelsContext)
}

func (s *MetaContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MetaContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *MetaContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitMeta(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Meta() (localctx IMetaContext) {
	localctx = NewMetaContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 10, HeadgateParserRULE_meta)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(294)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__30 {
		{
			p.SetState(293)

			var _x = p.Labels()

			localctx.(*MetaContext).own = _x
		}

	}
	p.SetState(298)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__43 {
		{
			p.SetState(296)
			p.Match(HeadgateParserT__43)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(297)

			var _x = p.Labels()

			localctx.(*MetaContext).notes = _x
		}

	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// ILabelsContext is an interface to support dynamic dispatch.
type ILabelsContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllPair() []IPairContext
	Pair(i int) IPairContext

	// IsLabelsContext differentiates from other interfaces.
	IsLabelsContext()
}

type LabelsContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyLabelsContext() *LabelsContext {
	var p = new(LabelsContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_labels
	return p
}

func InitEmptyLabelsContext(p *LabelsContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_labels
}

func (*LabelsContext) IsLabelsContext() {}

func NewLabelsContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *LabelsContext {
	var p = new(LabelsContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_labels

	return p
}

func (s *LabelsContext) GetParser() antlr.Parser { return s.parser }

func (s *LabelsContext) AllPair() []IPairContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IPairContext); ok {
			len++
		}
	}

	tst := make([]IPairContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IPairContext); ok {
			tst[i] = t.(IPairContext)
			i++
		}
	}

	return tst
}

func (s *LabelsContext) Pair(i int) IPairContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPairContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPairContext)
}

func (s *LabelsContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *LabelsContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *LabelsContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitLabels(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Labels() (localctx ILabelsContext) {
	localctx = NewLabelsContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 12, HeadgateParserRULE_labels)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(300)
		p.Match(HeadgateParserT__30)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(309)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151887201009882) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
		{
			p.SetState(301)
			p.Pair()
		}
		p.SetState(306)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__3 {
			{
				p.SetState(302)
				p.Match(HeadgateParserT__3)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(303)
				p.Pair()
			}

			p.SetState(308)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}

	}
	{
		p.SetState(311)
		p.Match(HeadgateParserT__31)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IPairContext is an interface to support dynamic dispatch.
type IPairContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetKey returns the key rule contexts.
	GetKey() INameContext

	// GetVal returns the val rule contexts.
	GetVal() INameContext

	// SetKey sets the key rule contexts.
	SetKey(INameContext)

	// SetVal sets the val rule contexts.
	SetVal(INameContext)

	// Getter signatures
	AllName() []INameContext
	Name(i int) INameContext

	// IsPairContext differentiates from other interfaces.
	IsPairContext()
}

type PairContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	key    INameContext
	val    INameContext
}

func NewEmptyPairContext() *PairContext {
	var p = new(PairContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_pair
	return p
}

func InitEmptyPairContext(p *PairContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_pair
}

func (*PairContext) IsPairContext() {}

func NewPairContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PairContext {
	var p = new(PairContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_pair

	return p
}

func (s *PairContext) GetParser() antlr.Parser { return s.parser }

func (s *PairContext) GetKey() INameContext { return s.key }

func (s *PairContext) GetVal() INameContext { return s.val }

func (s *PairContext) SetKey(v INameContext) { s.key = v }

func (s *PairContext) SetVal(v INameContext) { s.val = v }

func (s *PairContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *PairContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *PairContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PairContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *PairContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPair(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Pair() (localctx IPairContext) {
	localctx = NewPairContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 14, HeadgateParserRULE_pair)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(313)

		var _x = p.Name()

		localctx.(*PairContext).key = _x
	}
	{
		p.SetState(314)
		p.Match(HeadgateParserT__2)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(315)

		var _x = p.Name()

		localctx.(*PairContext).val = _x
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IPolicyRuleContext is an interface to support dynamic dispatch.
type IPolicyRuleContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetVerb returns the verb token.
	GetVerb() antlr.Token

	// GetWay returns the way token.
	GetWay() antlr.Token

	// GetLog returns the log token.
	GetLog() antlr.Token

	// GetLabel returns the label token.
	GetLabel() antlr.Token

	// SetVerb sets the verb token.
	SetVerb(antlr.Token)

	// SetWay sets the way token.
	SetWay(antlr.Token)

	// SetLog sets the log token.
	SetLog(antlr.Token)

	// SetLabel sets the label token.
	SetLabel(antlr.Token)

	// GetOthers returns the others rule contexts.
	GetOthers() IPeersContext

	// GetSubjects returns the subjects rule contexts.
	GetSubjects() IPeersContext

	// SetOthers sets the others rule contexts.
	SetOthers(IPeersContext)

	// SetSubjects sets the subjects rule contexts.
	SetSubjects(IPeersContext)

	// Getter signatures
	AllPeers() []IPeersContext
	Peers(i int) IPeersContext
	LABEL() antlr.TerminalNode
	Ports() IPortsContext
	STRING() antlr.TerminalNode

	// IsPolicyRuleContext differentiates from other interfaces.
	IsPolicyRuleContext()
}

type PolicyRuleContext struct {
	antlr.BaseParserRuleContext
	parser   antlr.Parser
	verb     antlr.Token
	way      antlr.Token
	others   IPeersContext
	subjects IPeersContext
	log      antlr.Token
	label    antlr.Token
}

func NewEmptyPolicyRuleContext() *PolicyRuleContext {
	var p = new(PolicyRuleContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_policyRule
	return p
}

func InitEmptyPolicyRuleContext(p *PolicyRuleContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_policyRule
}

func (*PolicyRuleContext) IsPolicyRuleContext() {}

func NewPolicyRuleContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PolicyRuleContext {
	var p = new(PolicyRuleContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_policyRule

	return p
}

func (s *PolicyRuleContext) GetParser() antlr.Parser { return s.parser }

func (s *PolicyRuleContext) GetVerb() antlr.Token { return s.verb }

func (s *PolicyRuleContext) GetWay() antlr.Token { return s.way }

func (s *PolicyRuleContext) GetLog() antlr.Token { return s.log }

func (s *PolicyRuleContext) GetLabel() antlr.Token { return s.label }

func (s *PolicyRuleContext) SetVerb(v antlr.Token) { s.verb = v }

func (s *PolicyRuleContext) SetWay(v antlr.Token) { s.way = v }

func (s *PolicyRuleContext) SetLog(v antlr.Token) { s.log = v }

func (s *PolicyRuleContext) SetLabel(v antlr.Token) { s.label = v }

func (s *PolicyRuleContext) GetOthers() IPeersContext { return s.others }

func (s *PolicyRuleContext) GetSubjects() IPeersContext { return s.subjects }

func (s *PolicyRuleContext) SetOthers(v IPeersContext) { s.others = v }

func (s *PolicyRuleContext) SetSubjects(v IPeersContext) { s.subjects = v }

func (s *PolicyRuleContext) AllPeers() []IPeersContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IPeersContext); ok {
			len++
		}
	}

	tst := make([]IPeersContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IPeersContext); ok {
			tst[i] = t.(IPeersContext)
			i++
		}
	}

	return tst
}

func (s *PolicyRuleContext) Peers(i int) IPeersContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPeersContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPeersContext)
}

func (s *PolicyRuleContext) LABEL() antlr.TerminalNode {
	return s.GetToken(HeadgateParserLABEL, 0)
}

func (s *PolicyRuleContext) Ports() IPortsContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPortsContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPortsContext)
}

func (s *PolicyRuleContext) STRING() antlr.TerminalNode {
	return s.GetToken(HeadgateParserSTRING, 0)
}

func (s *PolicyRuleContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PolicyRuleContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *PolicyRuleContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPolicyRule(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) PolicyRule() (localctx IPolicyRuleContext) {
	localctx = NewPolicyRuleContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 16, HeadgateParserRULE_policyRule)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(318)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserLABEL {
		{
			p.SetState(317)
			p.Match(HeadgateParserLABEL)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}
	{
		p.SetState(320)

		var _lt = p.GetTokenStream().LT(1)

		localctx.(*PolicyRuleContext).verb = _lt

		_la = p.GetTokenStream().LA(1)

		if !((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&36146444763136) != 0) {
			var _ri = p.GetErrorHandler().RecoverInline(p)

			localctx.(*PolicyRuleContext).verb = _ri
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}
	{
		p.SetState(321)

		var _lt = p.GetTokenStream().LT(1)

		localctx.(*PolicyRuleContext).way = _lt

		_la = p.GetTokenStream().LA(1)

		if !(_la == HeadgateParserT__14 || _la == HeadgateParserT__39) {
			var _ri = p.GetErrorHandler().RecoverInline(p)

			localctx.(*PolicyRuleContext).way = _ri
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}
	{
		p.SetState(322)

		var _x = p.Peers()

		localctx.(*PolicyRuleContext).others = _x
	}
	p.SetState(325)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__20 {
		{
			p.SetState(323)
			p.Match(HeadgateParserT__20)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(324)
			p.Ports()
		}

	}
	p.SetState(329)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__10 {
		{
			p.SetState(327)
			p.Match(HeadgateParserT__10)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(328)

			var _x = p.Peers()

			localctx.(*PolicyRuleContext).subjects = _x
		}

	}
	p.SetState(335)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__45 {
		{
			p.SetState(331)

			var _m = p.Match(HeadgateParserT__45)

			localctx.(*PolicyRuleContext).log = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(333)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserSTRING {
			{
				p.SetState(332)

				var _m = p.Match(HeadgateParserSTRING)

				localctx.(*PolicyRuleContext).label = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IPeersContext is an interface to support dynamic dispatch.
type IPeersContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllPeer() []IPeerContext
	Peer(i int) IPeerContext

	// IsPeersContext differentiates from other interfaces.
	IsPeersContext()
}

type PeersContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyPeersContext() *PeersContext {
	var p = new(PeersContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_peers
	return p
}

func InitEmptyPeersContext(p *PeersContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_peers
}

func (*PeersContext) IsPeersContext() {}

func NewPeersContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PeersContext {
	var p = new(PeersContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_peers

	return p
}

func (s *PeersContext) GetParser() antlr.Parser { return s.parser }

func (s *PeersContext) AllPeer() []IPeerContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IPeerContext); ok {
			len++
		}
	}

	tst := make([]IPeerContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IPeerContext); ok {
			tst[i] = t.(IPeerContext)
			i++
		}
	}

	return tst
}

func (s *PeersContext) Peer(i int) IPeerContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPeerContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPeerContext)
}

func (s *PeersContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PeersContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *PeersContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPeers(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Peers() (localctx IPeersContext) {
	localctx = NewPeersContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 18, HeadgateParserRULE_peers)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(337)
		p.Peer()
	}
	p.SetState(342)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__3 {
		{
			p.SetState(338)
			p.Match(HeadgateParserT__3)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(339)
			p.Peer()
		}

		p.SetState(344)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IPeerContext is an interface to support dynamic dispatch.
type IPeerContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsPeerContext differentiates from other interfaces.
	IsPeerContext()
}

type PeerContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyPeerContext() *PeerContext {
	var p = new(PeerContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_peer
	return p
}

func InitEmptyPeerContext(p *PeerContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_peer
}

func (*PeerContext) IsPeerContext() {}

func NewPeerContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PeerContext {
	var p = new(PeerContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_peer

	return p
}

func (s *PeerContext) GetParser() antlr.Parser { return s.parser }

func (s *PeerContext) CopyAll(ctx *PeerContext) {
	s.CopyFrom(&ctx.BaseParserRuleContext)
}

func (s *PeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PeerContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

type MemberPeerContext struct {
	PeerContext
	what antlr.Token
}

func NewMemberPeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *MemberPeerContext {
	var p = new(MemberPeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *MemberPeerContext) GetWhat() antlr.Token { return s.what }

func (s *MemberPeerContext) SetWhat(v antlr.Token) { s.what = v }

func (s *MemberPeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MemberPeerContext) Selector() ISelectorContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorContext)
}

func (s *MemberPeerContext) Place() IPlaceContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPlaceContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPlaceContext)
}

func (s *MemberPeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitMemberPeer(s)

	default:
		return t.VisitChildren(s)
	}
}

type BlockPeerContext struct {
	PeerContext
}

func NewBlockPeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *BlockPeerContext {
	var p = new(BlockPeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *BlockPeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *BlockPeerContext) Address() IAddressContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressContext)
}

func (s *BlockPeerContext) Addresses() IAddressesContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressesContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressesContext)
}

func (s *BlockPeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitBlockPeer(s)

	default:
		return t.VisitChildren(s)
	}
}

type NonePeerContext struct {
	PeerContext
}

func NewNonePeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *NonePeerContext {
	var p = new(NonePeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *NonePeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NonePeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitNonePeer(s)

	default:
		return t.VisitChildren(s)
	}
}

type ReferencePeerContext struct {
	PeerContext
}

func NewReferencePeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ReferencePeerContext {
	var p = new(ReferencePeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *ReferencePeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ReferencePeerContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *ReferencePeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitReferencePeer(s)

	default:
		return t.VisitChildren(s)
	}
}

type PlacePeerContext struct {
	PeerContext
}

func NewPlacePeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *PlacePeerContext {
	var p = new(PlacePeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *PlacePeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PlacePeerContext) Place() IPlaceContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPlaceContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPlaceContext)
}

func (s *PlacePeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPlacePeer(s)

	default:
		return t.VisitChildren(s)
	}
}

type NamedPeerContext struct {
	PeerContext
	what antlr.Token
}

func NewNamedPeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *NamedPeerContext {
	var p = new(NamedPeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *NamedPeerContext) GetWhat() antlr.Token { return s.what }

func (s *NamedPeerContext) SetWhat(v antlr.Token) { s.what = v }

func (s *NamedPeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NamedPeerContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *NamedPeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitNamedPeer(s)

	default:
		return t.VisitChildren(s)
	}
}

type AnyPeerContext struct {
	PeerContext
}

func NewAnyPeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *AnyPeerContext {
	var p = new(AnyPeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *AnyPeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *AnyPeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitAnyPeer(s)

	default:
		return t.VisitChildren(s)
	}
}

type NodesPeerContext struct {
	PeerContext
}

func NewNodesPeerContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *NodesPeerContext {
	var p = new(NodesPeerContext)

	InitEmptyPeerContext(&p.PeerContext)
	p.parser = parser
	p.CopyAll(ctx.(*PeerContext))

	return p
}

func (s *NodesPeerContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NodesPeerContext) Selector() ISelectorContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorContext)
}

func (s *NodesPeerContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitNodesPeer(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Peer() (localctx IPeerContext) {
	localctx = NewPeerContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 20, HeadgateParserRULE_peer)
	var _la int

	p.SetState(368)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__46:
		localctx = NewAnyPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(345)
			p.Match(HeadgateParserT__46)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__47:
		localctx = NewNonePeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(346)
			p.Match(HeadgateParserT__47)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__24, HeadgateParserT__48:
		localctx = NewMemberPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(347)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*MemberPeerContext).what = _lt

			_la = p.GetTokenStream().LA(1)

			if !(_la == HeadgateParserT__24 || _la == HeadgateParserT__48) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*MemberPeerContext).what = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		p.SetState(349)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__30 {
			{
				p.SetState(348)
				p.Selector()
			}

		}
		p.SetState(353)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__49 {
			{
				p.SetState(351)
				p.Match(HeadgateParserT__49)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(352)
				p.Place()
			}

		}

	case HeadgateParserT__4, HeadgateParserT__53, HeadgateParserT__54:
		localctx = NewPlacePeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(355)
			p.Place()
		}

	case HeadgateParserT__21:
		localctx = NewNodesPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(356)
			p.Match(HeadgateParserT__21)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(358)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__30 {
			{
				p.SetState(357)
				p.Selector()
			}

		}

	case HeadgateParserT__11, HeadgateParserT__22, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__50, HeadgateParserT__51:
		localctx = NewNamedPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 6)
		{
			p.SetState(360)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*NamedPeerContext).what = _lt

			_la = p.GetTokenStream().LA(1)

			if !((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&6755399650775040) != 0) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*NamedPeerContext).what = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		{
			p.SetState(361)
			p.Name()
		}

	case HeadgateParserADDRESS, HeadgateParserNUMBER:
		localctx = NewBlockPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 7)
		{
			p.SetState(362)
			p.Address()
		}
		p.SetState(365)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__52 {
			{
				p.SetState(363)
				p.Match(HeadgateParserT__52)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(364)
				p.Addresses()
			}

		}

	case HeadgateParserWORD:
		localctx = NewReferencePeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 8)
		{
			p.SetState(367)
			p.Match(HeadgateParserWORD)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IAddressesContext is an interface to support dynamic dispatch.
type IAddressesContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllAddress() []IAddressContext
	Address(i int) IAddressContext

	// IsAddressesContext differentiates from other interfaces.
	IsAddressesContext()
}

type AddressesContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyAddressesContext() *AddressesContext {
	var p = new(AddressesContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_addresses
	return p
}

func InitEmptyAddressesContext(p *AddressesContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_addresses
}

func (*AddressesContext) IsAddressesContext() {}

func NewAddressesContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *AddressesContext {
	var p = new(AddressesContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_addresses

	return p
}

func (s *AddressesContext) GetParser() antlr.Parser { return s.parser }

func (s *AddressesContext) AllAddress() []IAddressContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IAddressContext); ok {
			len++
		}
	}

	tst := make([]IAddressContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IAddressContext); ok {
			tst[i] = t.(IAddressContext)
			i++
		}
	}

	return tst
}

func (s *AddressesContext) Address(i int) IAddressContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressContext)
}

func (s *AddressesContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *AddressesContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *AddressesContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitAddresses(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Addresses() (localctx IAddressesContext) {
	localctx = NewAddressesContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 22, HeadgateParserRULE_addresses)
	var _la int

	p.SetState(382)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserADDRESS, HeadgateParserNUMBER:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(370)
			p.Address()
		}

	case HeadgateParserT__30:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(371)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(372)
			p.Address()
		}
		p.SetState(377)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__3 {
			{
				p.SetState(373)
				p.Match(HeadgateParserT__3)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(374)
				p.Address()
			}

			p.SetState(379)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(380)
			p.Match(HeadgateParserT__31)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IPlaceContext is an interface to support dynamic dispatch.
type IPlaceContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsPlaceContext differentiates from other interfaces.
	IsPlaceContext()
}

type PlaceContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyPlaceContext() *PlaceContext {
	var p = new(PlaceContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_place
	return p
}

func InitEmptyPlaceContext(p *PlaceContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_place
}

func (*PlaceContext) IsPlaceContext() {}

func NewPlaceContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PlaceContext {
	var p = new(PlaceContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_place

	return p
}

func (s *PlaceContext) GetParser() antlr.Parser { return s.parser }

func (s *PlaceContext) CopyAll(ctx *PlaceContext) {
	s.CopyFrom(&ctx.BaseParserRuleContext)
}

func (s *PlaceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PlaceContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

type SelectedPlaceContext struct {
	PlaceContext
}

func NewSelectedPlaceContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *SelectedPlaceContext {
	var p = new(SelectedPlaceContext)

	InitEmptyPlaceContext(&p.PlaceContext)
	p.parser = parser
	p.CopyAll(ctx.(*PlaceContext))

	return p
}

func (s *SelectedPlaceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *SelectedPlaceContext) Selector() ISelectorContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorContext)
}

func (s *SelectedPlaceContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitSelectedPlace(s)

	default:
		return t.VisitChildren(s)
	}
}

type OwnPlaceContext struct {
	PlaceContext
}

func NewOwnPlaceContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *OwnPlaceContext {
	var p = new(OwnPlaceContext)

	InitEmptyPlaceContext(&p.PlaceContext)
	p.parser = parser
	p.CopyAll(ctx.(*PlaceContext))

	return p
}

func (s *OwnPlaceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *OwnPlaceContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitOwnPlace(s)

	default:
		return t.VisitChildren(s)
	}
}

type SamePlaceContext struct {
	PlaceContext
}

func NewSamePlaceContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *SamePlaceContext {
	var p = new(SamePlaceContext)

	InitEmptyPlaceContext(&p.PlaceContext)
	p.parser = parser
	p.CopyAll(ctx.(*PlaceContext))

	return p
}

func (s *SamePlaceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *SamePlaceContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *SamePlaceContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *SamePlaceContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitSamePlace(s)

	default:
		return t.VisitChildren(s)
	}
}

type NamedPlaceContext struct {
	PlaceContext
}

func NewNamedPlaceContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *NamedPlaceContext {
	var p = new(NamedPlaceContext)

	InitEmptyPlaceContext(&p.PlaceContext)
	p.parser = parser
	p.CopyAll(ctx.(*PlaceContext))

	return p
}

func (s *NamedPlaceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NamedPlaceContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *NamedPlaceContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitNamedPlace(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Place() (localctx IPlaceContext) {
	localctx = NewPlaceContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 24, HeadgateParserRULE_place)
	var _la int

	p.SetState(406)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 60, p.GetParserRuleContext()) {
	case 1:
		localctx = NewSelectedPlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(384)
			p.Match(HeadgateParserT__53)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(386)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__30 {
			{
				p.SetState(385)
				p.Selector()
			}

		}

	case 2:
		localctx = NewNamedPlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(388)
			p.Match(HeadgateParserT__4)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(389)
			p.Name()
		}

	case 3:
		localctx = NewOwnPlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(390)
			p.Match(HeadgateParserT__54)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(391)
			p.Match(HeadgateParserT__4)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case 4:
		localctx = NewSamePlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(392)
			p.Match(HeadgateParserT__53)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(393)
			p.Match(HeadgateParserT__55)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(394)
			p.Match(HeadgateParserT__56)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(395)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(396)
			p.Name()
		}
		p.SetState(401)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__3 {
			{
				p.SetState(397)
				p.Match(HeadgateParserT__3)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(398)
				p.Name()
			}

			p.SetState(403)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(404)
			p.Match(HeadgateParserT__31)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case antlr.ATNInvalidAltNumber:
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// ISelectorContext is an interface to support dynamic dispatch.
type ISelectorContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllRequirement() []IRequirementContext
	Requirement(i int) IRequirementContext

	// IsSelectorContext differentiates from other interfaces.
	IsSelectorContext()
}

type SelectorContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptySelectorContext() *SelectorContext {
	var p = new(SelectorContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_selector
	return p
}

func InitEmptySelectorContext(p *SelectorContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_selector
}

func (*SelectorContext) IsSelectorContext() {}

func NewSelectorContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *SelectorContext {
	var p = new(SelectorContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_selector

	return p
}

func (s *SelectorContext) GetParser() antlr.Parser { return s.parser }

func (s *SelectorContext) AllRequirement() []IRequirementContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IRequirementContext); ok {
			len++
		}
	}

	tst := make([]IRequirementContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IRequirementContext); ok {
			tst[i] = t.(IRequirementContext)
			i++
		}
	}

	return tst
}

func (s *SelectorContext) Requirement(i int) IRequirementContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IRequirementContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IRequirementContext)
}

func (s *SelectorContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *SelectorContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *SelectorContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitSelector(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Selector() (localctx ISelectorContext) {
	localctx = NewSelectorContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 26, HeadgateParserRULE_selector)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(408)
		p.Match(HeadgateParserT__30)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(417)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-288230382594162906) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
		{
			p.SetState(409)
			p.Requirement()
		}
		p.SetState(414)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__3 {
			{
				p.SetState(410)
				p.Match(HeadgateParserT__3)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(411)
				p.Requirement()
			}

			p.SetState(416)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}

	}
	{
		p.SetState(419)
		p.Match(HeadgateParserT__31)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IRequirementContext is an interface to support dynamic dispatch.
type IRequirementContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsRequirementContext differentiates from other interfaces.
	IsRequirementContext()
}

type RequirementContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyRequirementContext() *RequirementContext {
	var p = new(RequirementContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_requirement
	return p
}

func InitEmptyRequirementContext(p *RequirementContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_requirement
}

func (*RequirementContext) IsRequirementContext() {}

func NewRequirementContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *RequirementContext {
	var p = new(RequirementContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_requirement

	return p
}

func (s *RequirementContext) GetParser() antlr.Parser { return s.parser }

func (s *RequirementContext) CopyAll(ctx *RequirementContext) {
	s.CopyFrom(&ctx.BaseParserRuleContext)
}

func (s *RequirementContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *RequirementContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

type EqualContext struct {
	RequirementContext
	sign antlr.Token
}

func NewEqualContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *EqualContext {
	var p = new(EqualContext)

	InitEmptyRequirementContext(&p.RequirementContext)
	p.parser = parser
	p.CopyAll(ctx.(*RequirementContext))

	return p
}

func (s *EqualContext) GetSign() antlr.Token { return s.sign }

func (s *EqualContext) SetSign(v antlr.Token) { s.sign = v }

func (s *EqualContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *EqualContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *EqualContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *EqualContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitEqual(s)

	default:
		return t.VisitChildren(s)
	}
}

type AmongContext struct {
	RequirementContext
	negated antlr.Token
}

func NewAmongContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *AmongContext {
	var p = new(AmongContext)

	InitEmptyRequirementContext(&p.RequirementContext)
	p.parser = parser
	p.CopyAll(ctx.(*RequirementContext))

	return p
}

func (s *AmongContext) GetNegated() antlr.Token { return s.negated }

func (s *AmongContext) SetNegated(v antlr.Token) { s.negated = v }

func (s *AmongContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *AmongContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *AmongContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *AmongContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitAmong(s)

	default:
		return t.VisitChildren(s)
	}
}

type ExistsContext struct {
	RequirementContext
	negated antlr.Token
}

func NewExistsContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ExistsContext {
	var p = new(ExistsContext)

	InitEmptyRequirementContext(&p.RequirementContext)
	p.parser = parser
	p.CopyAll(ctx.(*RequirementContext))

	return p
}

func (s *ExistsContext) GetNegated() antlr.Token { return s.negated }

func (s *ExistsContext) SetNegated(v antlr.Token) { s.negated = v }

func (s *ExistsContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ExistsContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ExistsContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitExists(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Requirement() (localctx IRequirementContext) {
	localctx = NewRequirementContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 28, HeadgateParserRULE_requirement)
	var _la int

	p.SetState(445)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 66, p.GetParserRuleContext()) {
	case 1:
		localctx = NewEqualContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(421)
			p.Name()
		}
		{
			p.SetState(422)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*EqualContext).sign = _lt

			_la = p.GetTokenStream().LA(1)

			if !(_la == HeadgateParserT__2 || _la == HeadgateParserT__57) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*EqualContext).sign = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		{
			p.SetState(423)
			p.Name()
		}

	case 2:
		localctx = NewAmongContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(425)
			p.Name()
		}
		p.SetState(427)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__58 {
			{
				p.SetState(426)

				var _m = p.Match(HeadgateParserT__58)

				localctx.(*AmongContext).negated = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		{
			p.SetState(429)
			p.Match(HeadgateParserT__49)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(430)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(431)
			p.Name()
		}
		p.SetState(436)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__3 {
			{
				p.SetState(432)
				p.Match(HeadgateParserT__3)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(433)
				p.Name()
			}

			p.SetState(438)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(439)
			p.Match(HeadgateParserT__31)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case 3:
		localctx = NewExistsContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		p.SetState(442)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__59 {
			{
				p.SetState(441)

				var _m = p.Match(HeadgateParserT__59)

				localctx.(*ExistsContext).negated = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		{
			p.SetState(444)
			p.Name()
		}

	case antlr.ATNInvalidAltNumber:
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IPortsContext is an interface to support dynamic dispatch.
type IPortsContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllPort() []IPortContext
	Port(i int) IPortContext

	// IsPortsContext differentiates from other interfaces.
	IsPortsContext()
}

type PortsContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyPortsContext() *PortsContext {
	var p = new(PortsContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_ports
	return p
}

func InitEmptyPortsContext(p *PortsContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_ports
}

func (*PortsContext) IsPortsContext() {}

func NewPortsContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PortsContext {
	var p = new(PortsContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_ports

	return p
}

func (s *PortsContext) GetParser() antlr.Parser { return s.parser }

func (s *PortsContext) AllPort() []IPortContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IPortContext); ok {
			len++
		}
	}

	tst := make([]IPortContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IPortContext); ok {
			tst[i] = t.(IPortContext)
			i++
		}
	}

	return tst
}

func (s *PortsContext) Port(i int) IPortContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPortContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPortContext)
}

func (s *PortsContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PortsContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *PortsContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitPorts(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Ports() (localctx IPortsContext) {
	localctx = NewPortsContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 30, HeadgateParserRULE_ports)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(447)
		p.Port()
	}
	p.SetState(452)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__3 {
		{
			p.SetState(448)
			p.Match(HeadgateParserT__3)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(449)
			p.Port()
		}

		p.SetState(454)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IPortContext is an interface to support dynamic dispatch.
type IPortContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsPortContext differentiates from other interfaces.
	IsPortContext()
}

type PortContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyPortContext() *PortContext {
	var p = new(PortContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_port
	return p
}

func InitEmptyPortContext(p *PortContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_port
}

func (*PortContext) IsPortContext() {}

func NewPortContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PortContext {
	var p = new(PortContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_port

	return p
}

func (s *PortContext) GetParser() antlr.Parser { return s.parser }

func (s *PortContext) CopyAll(ctx *PortContext) {
	s.CopyFrom(&ctx.BaseParserRuleContext)
}

func (s *PortContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PortContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

type ReferencePortContext struct {
	PortContext
	val antlr.Token
}

func NewReferencePortContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ReferencePortContext {
	var p = new(ReferencePortContext)

	InitEmptyPortContext(&p.PortContext)
	p.parser = parser
	p.CopyAll(ctx.(*PortContext))

	return p
}

func (s *ReferencePortContext) GetVal() antlr.Token { return s.val }

func (s *ReferencePortContext) SetVal(v antlr.Token) { s.val = v }

func (s *ReferencePortContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ReferencePortContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *ReferencePortContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitReferencePort(s)

	default:
		return t.VisitChildren(s)
	}
}

type IcmpPortContext struct {
	PortContext
	val antlr.Token
}

func NewIcmpPortContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *IcmpPortContext {
	var p = new(IcmpPortContext)

	InitEmptyPortContext(&p.PortContext)
	p.parser = parser
	p.CopyAll(ctx.(*PortContext))

	return p
}

func (s *IcmpPortContext) GetVal() antlr.Token { return s.val }

func (s *IcmpPortContext) SetVal(v antlr.Token) { s.val = v }

func (s *IcmpPortContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *IcmpPortContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, 0)
}

func (s *IcmpPortContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitIcmpPort(s)

	default:
		return t.VisitChildren(s)
	}
}

type NamedPortContext struct {
	PortContext
	val antlr.Token
}

func NewNamedPortContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *NamedPortContext {
	var p = new(NamedPortContext)

	InitEmptyPortContext(&p.PortContext)
	p.parser = parser
	p.CopyAll(ctx.(*PortContext))

	return p
}

func (s *NamedPortContext) GetVal() antlr.Token { return s.val }

func (s *NamedPortContext) SetVal(v antlr.Token) { s.val = v }

func (s *NamedPortContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NamedPortContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *NamedPortContext) STRING() antlr.TerminalNode {
	return s.GetToken(HeadgateParserSTRING, 0)
}

func (s *NamedPortContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitNamedPort(s)

	default:
		return t.VisitChildren(s)
	}
}

type AnotherPortContext struct {
	PortContext
	val    antlr.Token
	origin antlr.Token
}

func NewAnotherPortContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *AnotherPortContext {
	var p = new(AnotherPortContext)

	InitEmptyPortContext(&p.PortContext)
	p.parser = parser
	p.CopyAll(ctx.(*PortContext))

	return p
}

func (s *AnotherPortContext) GetVal() antlr.Token { return s.val }

func (s *AnotherPortContext) GetOrigin() antlr.Token { return s.origin }

func (s *AnotherPortContext) SetVal(v antlr.Token) { s.val = v }

func (s *AnotherPortContext) SetOrigin(v antlr.Token) { s.origin = v }

func (s *AnotherPortContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *AnotherPortContext) AllNUMBER() []antlr.TerminalNode {
	return s.GetTokens(HeadgateParserNUMBER)
}

func (s *AnotherPortContext) NUMBER(i int) antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, i)
}

func (s *AnotherPortContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitAnotherPort(s)

	default:
		return t.VisitChildren(s)
	}
}

type TransportPortContext struct {
	PortContext
	val    antlr.Token
	origin antlr.Token
}

func NewTransportPortContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *TransportPortContext {
	var p = new(TransportPortContext)

	InitEmptyPortContext(&p.PortContext)
	p.parser = parser
	p.CopyAll(ctx.(*PortContext))

	return p
}

func (s *TransportPortContext) GetVal() antlr.Token { return s.val }

func (s *TransportPortContext) GetOrigin() antlr.Token { return s.origin }

func (s *TransportPortContext) SetVal(v antlr.Token) { s.val = v }

func (s *TransportPortContext) SetOrigin(v antlr.Token) { s.origin = v }

func (s *TransportPortContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TransportPortContext) Transport() ITransportContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ITransportContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ITransportContext)
}

func (s *TransportPortContext) AllNUMBER() []antlr.TerminalNode {
	return s.GetTokens(HeadgateParserNUMBER)
}

func (s *TransportPortContext) NUMBER(i int) antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, i)
}

func (s *TransportPortContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *TransportPortContext) STRING() antlr.TerminalNode {
	return s.GetToken(HeadgateParserSTRING, 0)
}

func (s *TransportPortContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitTransportPort(s)

	default:
		return t.VisitChildren(s)
	}
}

type IgmpPortContext struct {
	PortContext
	val antlr.Token
}

func NewIgmpPortContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *IgmpPortContext {
	var p = new(IgmpPortContext)

	InitEmptyPortContext(&p.PortContext)
	p.parser = parser
	p.CopyAll(ctx.(*PortContext))

	return p
}

func (s *IgmpPortContext) GetVal() antlr.Token { return s.val }

func (s *IgmpPortContext) SetVal(v antlr.Token) { s.val = v }

func (s *IgmpPortContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *IgmpPortContext) Address() IAddressContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressContext)
}

func (s *IgmpPortContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, 0)
}

func (s *IgmpPortContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitIgmpPort(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Port() (localctx IPortContext) {
	localctx = NewPortContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 32, HeadgateParserRULE_port)
	var _la int

	p.SetState(483)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66:
		localctx = NewTransportPortContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(455)
			p.Transport()
		}
		p.SetState(457)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if (int64((_la-73)) & ^0x3f) == 0 && ((int64(1)<<(_la-73))&7) != 0 {
			{
				p.SetState(456)

				var _lt = p.GetTokenStream().LT(1)

				localctx.(*TransportPortContext).val = _lt

				_la = p.GetTokenStream().LA(1)

				if !((int64((_la-73)) & ^0x3f) == 0 && ((int64(1)<<(_la-73))&7) != 0) {
					var _ri = p.GetErrorHandler().RecoverInline(p)

					localctx.(*TransportPortContext).val = _ri
				} else {
					p.GetErrorHandler().ReportMatch(p)
					p.Consume()
				}
			}

		}
		p.SetState(461)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__60 {
			{
				p.SetState(459)
				p.Match(HeadgateParserT__60)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(460)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*TransportPortContext).origin = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserNUMBER:
		localctx = NewAnotherPortContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(463)

			var _m = p.Match(HeadgateParserNUMBER)

			localctx.(*AnotherPortContext).val = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(466)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__60 {
			{
				p.SetState(464)
				p.Match(HeadgateParserT__60)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(465)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*AnotherPortContext).origin = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserT__61:
		localctx = NewIcmpPortContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(468)
			p.Match(HeadgateParserT__61)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(470)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserNUMBER {
			{
				p.SetState(469)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*IcmpPortContext).val = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserT__62:
		localctx = NewIgmpPortContext(p, localctx)
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(472)
			p.Match(HeadgateParserT__62)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(474)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserNUMBER {
			{
				p.SetState(473)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*IgmpPortContext).val = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		p.SetState(478)
		p.GetErrorHandler().Sync(p)

		if p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 73, p.GetParserRuleContext()) == 1 {
			{
				p.SetState(476)
				p.Match(HeadgateParserT__11)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(477)
				p.Address()
			}

		} else if p.HasError() { // JIM
			goto errorExit
		}

	case HeadgateParserT__63:
		localctx = NewNamedPortContext(p, localctx)
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(480)
			p.Match(HeadgateParserT__63)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(481)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*NamedPortContext).val = _lt

			_la = p.GetTokenStream().LA(1)

			if !(_la == HeadgateParserWORD || _la == HeadgateParserSTRING) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*NamedPortContext).val = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}

	case HeadgateParserWORD:
		localctx = NewReferencePortContext(p, localctx)
		p.EnterOuterAlt(localctx, 6)
		{
			p.SetState(482)

			var _m = p.Match(HeadgateParserWORD)

			localctx.(*ReferencePortContext).val = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// ITransportContext is an interface to support dynamic dispatch.
type ITransportContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsTransportContext differentiates from other interfaces.
	IsTransportContext()
}

type TransportContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyTransportContext() *TransportContext {
	var p = new(TransportContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_transport
	return p
}

func InitEmptyTransportContext(p *TransportContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_transport
}

func (*TransportContext) IsTransportContext() {}

func NewTransportContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *TransportContext {
	var p = new(TransportContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_transport

	return p
}

func (s *TransportContext) GetParser() antlr.Parser { return s.parser }
func (s *TransportContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TransportContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *TransportContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitTransport(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Transport() (localctx ITransportContext) {
	localctx = NewTransportContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 34, HeadgateParserRULE_transport)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(485)
		_la = p.GetTokenStream().LA(1)

		if !((int64((_la-65)) & ^0x3f) == 0 && ((int64(1)<<(_la-65))&7) != 0) {
			p.GetErrorHandler().RecoverInline(p)
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IListensContext is an interface to support dynamic dispatch.
type IListensContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllListen() []IListenContext
	Listen(i int) IListenContext

	// IsListensContext differentiates from other interfaces.
	IsListensContext()
}

type ListensContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyListensContext() *ListensContext {
	var p = new(ListensContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_listens
	return p
}

func InitEmptyListensContext(p *ListensContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_listens
}

func (*ListensContext) IsListensContext() {}

func NewListensContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ListensContext {
	var p = new(ListensContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_listens

	return p
}

func (s *ListensContext) GetParser() antlr.Parser { return s.parser }

func (s *ListensContext) AllListen() []IListenContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IListenContext); ok {
			len++
		}
	}

	tst := make([]IListenContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IListenContext); ok {
			tst[i] = t.(IListenContext)
			i++
		}
	}

	return tst
}

func (s *ListensContext) Listen(i int) IListenContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IListenContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IListenContext)
}

func (s *ListensContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ListensContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *ListensContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitListens(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Listens() (localctx IListensContext) {
	localctx = NewListensContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 36, HeadgateParserRULE_listens)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(487)
		p.Match(HeadgateParserT__67)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(488)
		p.Match(HeadgateParserT__30)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(489)
		p.Listen()
	}
	p.SetState(494)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__3 {
		{
			p.SetState(490)
			p.Match(HeadgateParserT__3)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(491)
			p.Listen()
		}

		p.SetState(496)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(497)
		p.Match(HeadgateParserT__31)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IListenContext is an interface to support dynamic dispatch.
type IListenContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetNumber returns the number token.
	GetNumber() antlr.Token

	// GetTarget returns the target token.
	GetTarget() antlr.Token

	// GetHost returns the host token.
	GetHost() antlr.Token

	// SetNumber sets the number token.
	SetNumber(antlr.Token)

	// SetTarget sets the target token.
	SetTarget(antlr.Token)

	// SetHost sets the host token.
	SetHost(antlr.Token)

	// Getter signatures
	Transport() ITransportContext
	AllNUMBER() []antlr.TerminalNode
	NUMBER(i int) antlr.TerminalNode
	Name() INameContext
	WORD() antlr.TerminalNode
	STRING() antlr.TerminalNode

	// IsListenContext differentiates from other interfaces.
	IsListenContext()
}

type ListenContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	number antlr.Token
	target antlr.Token
	host   antlr.Token
}

func NewEmptyListenContext() *ListenContext {
	var p = new(ListenContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_listen
	return p
}

func InitEmptyListenContext(p *ListenContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_listen
}

func (*ListenContext) IsListenContext() {}

func NewListenContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ListenContext {
	var p = new(ListenContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_listen

	return p
}

func (s *ListenContext) GetParser() antlr.Parser { return s.parser }

func (s *ListenContext) GetNumber() antlr.Token { return s.number }

func (s *ListenContext) GetTarget() antlr.Token { return s.target }

func (s *ListenContext) GetHost() antlr.Token { return s.host }

func (s *ListenContext) SetNumber(v antlr.Token) { s.number = v }

func (s *ListenContext) SetTarget(v antlr.Token) { s.target = v }

func (s *ListenContext) SetHost(v antlr.Token) { s.host = v }

func (s *ListenContext) Transport() ITransportContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ITransportContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ITransportContext)
}

func (s *ListenContext) AllNUMBER() []antlr.TerminalNode {
	return s.GetTokens(HeadgateParserNUMBER)
}

func (s *ListenContext) NUMBER(i int) antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, i)
}

func (s *ListenContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ListenContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *ListenContext) STRING() antlr.TerminalNode {
	return s.GetToken(HeadgateParserSTRING, 0)
}

func (s *ListenContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ListenContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *ListenContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitListen(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Listen() (localctx IListenContext) {
	localctx = NewListenContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 38, HeadgateParserRULE_listen)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(502)
	p.GetErrorHandler().Sync(p)

	if p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 76, p.GetParserRuleContext()) == 1 {
		{
			p.SetState(499)
			p.Name()
		}
		{
			p.SetState(500)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	} else if p.HasError() { // JIM
		goto errorExit
	}
	{
		p.SetState(504)
		p.Transport()
	}
	{
		p.SetState(505)

		var _m = p.Match(HeadgateParserNUMBER)

		localctx.(*ListenContext).number = _m
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(508)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__39 {
		{
			p.SetState(506)
			p.Match(HeadgateParserT__39)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(507)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*ListenContext).target = _lt

			_la = p.GetTokenStream().LA(1)

			if !((int64((_la-73)) & ^0x3f) == 0 && ((int64(1)<<(_la-73))&7) != 0) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*ListenContext).target = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}

	}
	p.SetState(512)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__22 {
		{
			p.SetState(510)
			p.Match(HeadgateParserT__22)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(511)

			var _m = p.Match(HeadgateParserNUMBER)

			localctx.(*ListenContext).host = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IFaceContext is an interface to support dynamic dispatch.
type IFaceContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	Addresses() IAddressesContext
	Name() INameContext

	// IsFaceContext differentiates from other interfaces.
	IsFaceContext()
}

type FaceContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyFaceContext() *FaceContext {
	var p = new(FaceContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_face
	return p
}

func InitEmptyFaceContext(p *FaceContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_face
}

func (*FaceContext) IsFaceContext() {}

func NewFaceContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *FaceContext {
	var p = new(FaceContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_face

	return p
}

func (s *FaceContext) GetParser() antlr.Parser { return s.parser }

func (s *FaceContext) Addresses() IAddressesContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressesContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressesContext)
}

func (s *FaceContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *FaceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *FaceContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *FaceContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitFace(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Face() (localctx IFaceContext) {
	localctx = NewFaceContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 40, HeadgateParserRULE_face)
	p.EnterOuterAlt(localctx, 1)
	p.SetState(517)
	p.GetErrorHandler().Sync(p)

	if p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 79, p.GetParserRuleContext()) == 1 {
		{
			p.SetState(514)
			p.Name()
		}
		{
			p.SetState(515)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	} else if p.HasError() { // JIM
		goto errorExit
	}
	{
		p.SetState(519)
		p.Addresses()
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IBodyContext is an interface to support dynamic dispatch.
type IBodyContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllField() []IFieldContext
	Field(i int) IFieldContext

	// IsBodyContext differentiates from other interfaces.
	IsBodyContext()
}

type BodyContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyBodyContext() *BodyContext {
	var p = new(BodyContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_body
	return p
}

func InitEmptyBodyContext(p *BodyContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_body
}

func (*BodyContext) IsBodyContext() {}

func NewBodyContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *BodyContext {
	var p = new(BodyContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_body

	return p
}

func (s *BodyContext) GetParser() antlr.Parser { return s.parser }

func (s *BodyContext) AllField() []IFieldContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IFieldContext); ok {
			len++
		}
	}

	tst := make([]IFieldContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IFieldContext); ok {
			tst[i] = t.(IFieldContext)
			i++
		}
	}

	return tst
}

func (s *BodyContext) Field(i int) IFieldContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IFieldContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IFieldContext)
}

func (s *BodyContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *BodyContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *BodyContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitBody(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Body() (localctx IBodyContext) {
	localctx = NewBodyContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 42, HeadgateParserRULE_body)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(521)
		p.Match(HeadgateParserT__5)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(525)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151887201009882) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
		{
			p.SetState(522)
			p.Field()
		}

		p.SetState(527)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(528)
		p.Match(HeadgateParserT__6)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IFieldContext is an interface to support dynamic dispatch.
type IFieldContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	Name() INameContext
	Value() IValueContext

	// IsFieldContext differentiates from other interfaces.
	IsFieldContext()
}

type FieldContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyFieldContext() *FieldContext {
	var p = new(FieldContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_field
	return p
}

func InitEmptyFieldContext(p *FieldContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_field
}

func (*FieldContext) IsFieldContext() {}

func NewFieldContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *FieldContext {
	var p = new(FieldContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_field

	return p
}

func (s *FieldContext) GetParser() antlr.Parser { return s.parser }

func (s *FieldContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *FieldContext) Value() IValueContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IValueContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IValueContext)
}

func (s *FieldContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *FieldContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *FieldContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitField(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Field() (localctx IFieldContext) {
	localctx = NewFieldContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 44, HeadgateParserRULE_field)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(530)
		p.Name()
	}
	{
		p.SetState(531)
		p.Match(HeadgateParserT__2)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(532)
		p.Value()
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IValueContext is an interface to support dynamic dispatch.
type IValueContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsValueContext differentiates from other interfaces.
	IsValueContext()
}

type ValueContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyValueContext() *ValueContext {
	var p = new(ValueContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_value
	return p
}

func InitEmptyValueContext(p *ValueContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_value
}

func (*ValueContext) IsValueContext() {}

func NewValueContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ValueContext {
	var p = new(ValueContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_value

	return p
}

func (s *ValueContext) GetParser() antlr.Parser { return s.parser }

func (s *ValueContext) CopyAll(ctx *ValueContext) {
	s.CopyFrom(&ctx.BaseParserRuleContext)
}

func (s *ValueContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ValueContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

type ScalarContext struct {
	ValueContext
}

func NewScalarContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ScalarContext {
	var p = new(ScalarContext)

	InitEmptyValueContext(&p.ValueContext)
	p.parser = parser
	p.CopyAll(ctx.(*ValueContext))

	return p
}

func (s *ScalarContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ScalarContext) Word() IWordContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordContext)
}

func (s *ScalarContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitScalar(s)

	default:
		return t.VisitChildren(s)
	}
}

type MappingContext struct {
	ValueContext
}

func NewMappingContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *MappingContext {
	var p = new(MappingContext)

	InitEmptyValueContext(&p.ValueContext)
	p.parser = parser
	p.CopyAll(ctx.(*ValueContext))

	return p
}

func (s *MappingContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MappingContext) AllField() []IFieldContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IFieldContext); ok {
			len++
		}
	}

	tst := make([]IFieldContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IFieldContext); ok {
			tst[i] = t.(IFieldContext)
			i++
		}
	}

	return tst
}

func (s *MappingContext) Field(i int) IFieldContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IFieldContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IFieldContext)
}

func (s *MappingContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitMapping(s)

	default:
		return t.VisitChildren(s)
	}
}

type ListContext struct {
	ValueContext
}

func NewListContext(parser antlr.Parser, ctx antlr.ParserRuleContext) *ListContext {
	var p = new(ListContext)

	InitEmptyValueContext(&p.ValueContext)
	p.parser = parser
	p.CopyAll(ctx.(*ValueContext))

	return p
}

func (s *ListContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ListContext) AllValue() []IValueContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IValueContext); ok {
			len++
		}
	}

	tst := make([]IValueContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IValueContext); ok {
			tst[i] = t.(IValueContext)
			i++
		}
	}

	return tst
}

func (s *ListContext) Value(i int) IValueContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IValueContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IValueContext)
}

func (s *ListContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitList(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Value() (localctx IValueContext) {
	localctx = NewValueContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 46, HeadgateParserRULE_value)
	var _la int

	p.SetState(559)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__0, HeadgateParserT__1, HeadgateParserT__4, HeadgateParserT__7, HeadgateParserT__8, HeadgateParserT__9, HeadgateParserT__10, HeadgateParserT__11, HeadgateParserT__12, HeadgateParserT__13, HeadgateParserT__14, HeadgateParserT__15, HeadgateParserT__16, HeadgateParserT__17, HeadgateParserT__18, HeadgateParserT__19, HeadgateParserT__20, HeadgateParserT__21, HeadgateParserT__22, HeadgateParserT__23, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__27, HeadgateParserT__28, HeadgateParserT__29, HeadgateParserT__32, HeadgateParserT__33, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__36, HeadgateParserT__37, HeadgateParserT__38, HeadgateParserT__39, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42, HeadgateParserT__43, HeadgateParserT__44, HeadgateParserT__45, HeadgateParserT__46, HeadgateParserT__47, HeadgateParserT__48, HeadgateParserT__49, HeadgateParserT__50, HeadgateParserT__51, HeadgateParserT__52, HeadgateParserT__53, HeadgateParserT__54, HeadgateParserT__55, HeadgateParserT__56, HeadgateParserT__58, HeadgateParserT__60, HeadgateParserT__61, HeadgateParserT__62, HeadgateParserT__63, HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66, HeadgateParserT__67, HeadgateParserADDRESS, HeadgateParserNUMBER, HeadgateParserWORD, HeadgateParserSTRING:
		localctx = NewScalarContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(534)
			p.Word()
		}

	case HeadgateParserT__68:
		localctx = NewListContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(535)
			p.Match(HeadgateParserT__68)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(544)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151887201009818) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3903) != 0) {
			{
				p.SetState(536)
				p.Value()
			}
			p.SetState(541)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			for _la == HeadgateParserT__3 {
				{
					p.SetState(537)
					p.Match(HeadgateParserT__3)
					if p.HasError() {
						// Recognition error - abort rule
						goto errorExit
					}
				}
				{
					p.SetState(538)
					p.Value()
				}

				p.SetState(543)
				p.GetErrorHandler().Sync(p)
				if p.HasError() {
					goto errorExit
				}
				_la = p.GetTokenStream().LA(1)
			}

		}
		{
			p.SetState(546)
			p.Match(HeadgateParserT__69)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__5:
		localctx = NewMappingContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(547)
			p.Match(HeadgateParserT__5)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(556)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151887201009882) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
			{
				p.SetState(548)
				p.Field()
			}
			p.SetState(553)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			for _la == HeadgateParserT__3 {
				{
					p.SetState(549)
					p.Match(HeadgateParserT__3)
					if p.HasError() {
						// Recognition error - abort rule
						goto errorExit
					}
				}
				{
					p.SetState(550)
					p.Field()
				}

				p.SetState(555)
				p.GetErrorHandler().Sync(p)
				if p.HasError() {
					goto errorExit
				}
				_la = p.GetTokenStream().LA(1)
			}

		}
		{
			p.SetState(558)
			p.Match(HeadgateParserT__6)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IWordsContext is an interface to support dynamic dispatch.
type IWordsContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	AllWord() []IWordContext
	Word(i int) IWordContext

	// IsWordsContext differentiates from other interfaces.
	IsWordsContext()
}

type WordsContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyWordsContext() *WordsContext {
	var p = new(WordsContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_words
	return p
}

func InitEmptyWordsContext(p *WordsContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_words
}

func (*WordsContext) IsWordsContext() {}

func NewWordsContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *WordsContext {
	var p = new(WordsContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_words

	return p
}

func (s *WordsContext) GetParser() antlr.Parser { return s.parser }

func (s *WordsContext) AllWord() []IWordContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IWordContext); ok {
			len++
		}
	}

	tst := make([]IWordContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IWordContext); ok {
			tst[i] = t.(IWordContext)
			i++
		}
	}

	return tst
}

func (s *WordsContext) Word(i int) IWordContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IWordContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IWordContext)
}

func (s *WordsContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *WordsContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *WordsContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitWords(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Words() (localctx IWordsContext) {
	localctx = NewWordsContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 48, HeadgateParserRULE_words)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(561)
		p.Word()
	}
	p.SetState(566)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__3 {
		{
			p.SetState(562)
			p.Match(HeadgateParserT__3)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(563)
			p.Word()
		}

		p.SetState(568)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IWordContext is an interface to support dynamic dispatch.
type IWordContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	Name() INameContext
	ADDRESS() antlr.TerminalNode

	// IsWordContext differentiates from other interfaces.
	IsWordContext()
}

type WordContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyWordContext() *WordContext {
	var p = new(WordContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_word
	return p
}

func InitEmptyWordContext(p *WordContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_word
}

func (*WordContext) IsWordContext() {}

func NewWordContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *WordContext {
	var p = new(WordContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_word

	return p
}

func (s *WordContext) GetParser() antlr.Parser { return s.parser }

func (s *WordContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *WordContext) ADDRESS() antlr.TerminalNode {
	return s.GetToken(HeadgateParserADDRESS, 0)
}

func (s *WordContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *WordContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *WordContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitWord(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Word() (localctx IWordContext) {
	localctx = NewWordContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 50, HeadgateParserRULE_word)
	p.SetState(571)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__0, HeadgateParserT__1, HeadgateParserT__4, HeadgateParserT__7, HeadgateParserT__8, HeadgateParserT__9, HeadgateParserT__10, HeadgateParserT__11, HeadgateParserT__12, HeadgateParserT__13, HeadgateParserT__14, HeadgateParserT__15, HeadgateParserT__16, HeadgateParserT__17, HeadgateParserT__18, HeadgateParserT__19, HeadgateParserT__20, HeadgateParserT__21, HeadgateParserT__22, HeadgateParserT__23, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__27, HeadgateParserT__28, HeadgateParserT__29, HeadgateParserT__32, HeadgateParserT__33, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__36, HeadgateParserT__37, HeadgateParserT__38, HeadgateParserT__39, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42, HeadgateParserT__43, HeadgateParserT__44, HeadgateParserT__45, HeadgateParserT__46, HeadgateParserT__47, HeadgateParserT__48, HeadgateParserT__49, HeadgateParserT__50, HeadgateParserT__51, HeadgateParserT__52, HeadgateParserT__53, HeadgateParserT__54, HeadgateParserT__55, HeadgateParserT__56, HeadgateParserT__58, HeadgateParserT__60, HeadgateParserT__61, HeadgateParserT__62, HeadgateParserT__63, HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66, HeadgateParserT__67, HeadgateParserNUMBER, HeadgateParserWORD, HeadgateParserSTRING:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(569)
			p.Name()
		}

	case HeadgateParserADDRESS:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(570)
			p.Match(HeadgateParserADDRESS)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IAddressContext is an interface to support dynamic dispatch.
type IAddressContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	NUMBER() antlr.TerminalNode
	ADDRESS() antlr.TerminalNode

	// IsAddressContext differentiates from other interfaces.
	IsAddressContext()
}

type AddressContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyAddressContext() *AddressContext {
	var p = new(AddressContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_address
	return p
}

func InitEmptyAddressContext(p *AddressContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_address
}

func (*AddressContext) IsAddressContext() {}

func NewAddressContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *AddressContext {
	var p = new(AddressContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_address

	return p
}

func (s *AddressContext) GetParser() antlr.Parser { return s.parser }

func (s *AddressContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, 0)
}

func (s *AddressContext) ADDRESS() antlr.TerminalNode {
	return s.GetToken(HeadgateParserADDRESS, 0)
}

func (s *AddressContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *AddressContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *AddressContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitAddress(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Address() (localctx IAddressContext) {
	localctx = NewAddressContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 52, HeadgateParserRULE_address)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(573)
		_la = p.GetTokenStream().LA(1)

		if !(_la == HeadgateParserADDRESS || _la == HeadgateParserNUMBER) {
			p.GetErrorHandler().RecoverInline(p)
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// INameContext is an interface to support dynamic dispatch.
type INameContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	WORD() antlr.TerminalNode
	NUMBER() antlr.TerminalNode
	STRING() antlr.TerminalNode
	Keyword() IKeywordContext

	// IsNameContext differentiates from other interfaces.
	IsNameContext()
}

type NameContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyNameContext() *NameContext {
	var p = new(NameContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_name
	return p
}

func InitEmptyNameContext(p *NameContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_name
}

func (*NameContext) IsNameContext() {}

func NewNameContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *NameContext {
	var p = new(NameContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_name

	return p
}

func (s *NameContext) GetParser() antlr.Parser { return s.parser }

func (s *NameContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *NameContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(HeadgateParserNUMBER, 0)
}

func (s *NameContext) STRING() antlr.TerminalNode {
	return s.GetToken(HeadgateParserSTRING, 0)
}

func (s *NameContext) Keyword() IKeywordContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IKeywordContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IKeywordContext)
}

func (s *NameContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NameContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *NameContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitName(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Name() (localctx INameContext) {
	localctx = NewNameContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 54, HeadgateParserRULE_name)
	p.SetState(579)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserWORD:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(575)
			p.Match(HeadgateParserWORD)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserNUMBER:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(576)
			p.Match(HeadgateParserNUMBER)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserSTRING:
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(577)
			p.Match(HeadgateParserSTRING)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__0, HeadgateParserT__1, HeadgateParserT__4, HeadgateParserT__7, HeadgateParserT__8, HeadgateParserT__9, HeadgateParserT__10, HeadgateParserT__11, HeadgateParserT__12, HeadgateParserT__13, HeadgateParserT__14, HeadgateParserT__15, HeadgateParserT__16, HeadgateParserT__17, HeadgateParserT__18, HeadgateParserT__19, HeadgateParserT__20, HeadgateParserT__21, HeadgateParserT__22, HeadgateParserT__23, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__27, HeadgateParserT__28, HeadgateParserT__29, HeadgateParserT__32, HeadgateParserT__33, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__36, HeadgateParserT__37, HeadgateParserT__38, HeadgateParserT__39, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42, HeadgateParserT__43, HeadgateParserT__44, HeadgateParserT__45, HeadgateParserT__46, HeadgateParserT__47, HeadgateParserT__48, HeadgateParserT__49, HeadgateParserT__50, HeadgateParserT__51, HeadgateParserT__52, HeadgateParserT__53, HeadgateParserT__54, HeadgateParserT__55, HeadgateParserT__56, HeadgateParserT__58, HeadgateParserT__60, HeadgateParserT__61, HeadgateParserT__62, HeadgateParserT__63, HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66, HeadgateParserT__67:
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(578)
			p.Keyword()
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}

// IKeywordContext is an interface to support dynamic dispatch.
type IKeywordContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser
	// IsKeywordContext differentiates from other interfaces.
	IsKeywordContext()
}

type KeywordContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyKeywordContext() *KeywordContext {
	var p = new(KeywordContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_keyword
	return p
}

func InitEmptyKeywordContext(p *KeywordContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = HeadgateParserRULE_keyword
}

func (*KeywordContext) IsKeywordContext() {}

func NewKeywordContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *KeywordContext {
	var p = new(KeywordContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = HeadgateParserRULE_keyword

	return p
}

func (s *KeywordContext) GetParser() antlr.Parser { return s.parser }
func (s *KeywordContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *KeywordContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (s *KeywordContext) Accept(visitor antlr.ParseTreeVisitor) interface{} {
	switch t := visitor.(type) {
	case HeadgateVisitor:
		return t.VisitKeyword(s)

	default:
		return t.VisitChildren(s)
	}
}

func (p *HeadgateParser) Keyword() (localctx IKeywordContext) {
	localctx = NewKeywordContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 56, HeadgateParserRULE_keyword)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(581)
		_la = p.GetTokenStream().LA(1)

		if !(((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151887201009882) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&31) != 0)) {
			p.GetErrorHandler().RecoverInline(p)
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	if false {
		goto errorExit
	}
	return localctx
}
