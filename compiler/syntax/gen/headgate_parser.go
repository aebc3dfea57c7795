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
		"", "'import'", "'let'", "'='", "'namespace'", "'{'", "'}'", "'policy'",
		"'tier'", "'priority'", "'for'", "'group'", "'egress'", "'as'", "'from'",
		"'pool'", "'limit'", "'burst'", "'gateway'", "'vlan'", "'on'", "'nodes'",
		"'node'", "'at'", "'pods'", "'pod'", "'service'", "'type'", "'machine'",
		"'interfaces'", "'('", "','", "')'", "'entity'", "'of'", "'object'",
		"'expect'", "'allow'", "'drop'", "'reject'", "'to'", "'legacy'", "'admin'",
		"'baseline'", "'annotated'", "'pass'", "'log'", "'any'", "'none'", "'machines'",
		"'in'", "'account'", "'domain'", "'except'", "'namespaces'", "'own'",
		"'with'", "'same'", "'!='", "'not'", "'!'", "'source'", "'icmp'", "'igmp'",
		"'port'", "'tcp'", "'udp'", "'sctp'", "'ports'", "'['", "']'",
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
		"file", "importing", "declaration", "standing", "meta", "labels", "pair",
		"policyRule", "peers", "peer", "addresses", "place", "selector", "requirement",
		"ports", "port", "transport", "listens", "listen", "face", "body", "field",
		"value", "words", "word", "address", "name", "keyword",
	}
	staticData.PredictionContextCache = antlr.NewPredictionContextCache()
	staticData.serializedATN = []int32{
		4, 1, 78, 571, 2, 0, 7, 0, 2, 1, 7, 1, 2, 2, 7, 2, 2, 3, 7, 3, 2, 4, 7,
		4, 2, 5, 7, 5, 2, 6, 7, 6, 2, 7, 7, 7, 2, 8, 7, 8, 2, 9, 7, 9, 2, 10, 7,
		10, 2, 11, 7, 11, 2, 12, 7, 12, 2, 13, 7, 13, 2, 14, 7, 14, 2, 15, 7, 15,
		2, 16, 7, 16, 2, 17, 7, 17, 2, 18, 7, 18, 2, 19, 7, 19, 2, 20, 7, 20, 2,
		21, 7, 21, 2, 22, 7, 22, 2, 23, 7, 23, 2, 24, 7, 24, 2, 25, 7, 25, 2, 26,
		7, 26, 2, 27, 7, 27, 1, 0, 1, 0, 5, 0, 59, 8, 0, 10, 0, 12, 0, 62, 9, 0,
		1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 74, 8,
		2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 5, 2, 81, 8, 2, 10, 2, 12, 2, 84, 9, 2,
		1, 2, 3, 2, 87, 8, 2, 1, 2, 3, 2, 90, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1,
		2, 3, 2, 97, 8, 2, 1, 2, 1, 2, 3, 2, 101, 8, 2, 1, 2, 1, 2, 3, 2, 105,
		8, 2, 1, 2, 1, 2, 5, 2, 109, 8, 2, 10, 2, 12, 2, 112, 9, 2, 1, 2, 1, 2,
		1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 122, 8, 2, 1, 2, 1, 2, 1, 2,
		1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 137,
		8, 2, 1, 2, 1, 2, 1, 2, 3, 2, 142, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2,
		148, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 157, 8, 2, 1,
		2, 1, 2, 3, 2, 161, 8, 2, 1, 2, 1, 2, 1, 2, 3, 2, 166, 8, 2, 3, 2, 168,
		8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 175, 8, 2, 1, 2, 1, 2, 3, 2,
		179, 8, 2, 1, 2, 3, 2, 182, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 189,
		8, 2, 1, 2, 1, 2, 3, 2, 193, 8, 2, 1, 2, 3, 2, 196, 8, 2, 1, 2, 3, 2, 199,
		8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 206, 8, 2, 1, 2, 1, 2, 1, 2,
		3, 2, 211, 8, 2, 3, 2, 213, 8, 2, 1, 2, 1, 2, 3, 2, 217, 8, 2, 1, 2, 3,
		2, 220, 8, 2, 1, 2, 3, 2, 223, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
		1, 2, 1, 2, 5, 2, 233, 8, 2, 10, 2, 12, 2, 236, 9, 2, 1, 2, 1, 2, 1, 2,
		1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 245, 8, 2, 1, 2, 1, 2, 3, 2, 249, 8, 2, 1,
		2, 3, 2, 252, 8, 2, 1, 2, 3, 2, 255, 8, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
		1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 272,
		8, 2, 3, 2, 274, 8, 2, 1, 3, 3, 3, 277, 8, 3, 1, 3, 1, 3, 1, 4, 3, 4, 282,
		8, 4, 1, 4, 1, 4, 3, 4, 286, 8, 4, 1, 5, 1, 5, 1, 5, 1, 5, 5, 5, 292, 8,
		5, 10, 5, 12, 5, 295, 9, 5, 3, 5, 297, 8, 5, 1, 5, 1, 5, 1, 6, 1, 6, 1,
		6, 1, 6, 1, 7, 3, 7, 306, 8, 7, 1, 7, 1, 7, 1, 7, 1, 7, 1, 7, 3, 7, 313,
		8, 7, 1, 7, 1, 7, 3, 7, 317, 8, 7, 1, 7, 1, 7, 3, 7, 321, 8, 7, 3, 7, 323,
		8, 7, 1, 8, 1, 8, 1, 8, 5, 8, 328, 8, 8, 10, 8, 12, 8, 331, 9, 8, 1, 9,
		1, 9, 1, 9, 1, 9, 3, 9, 337, 8, 9, 1, 9, 1, 9, 3, 9, 341, 8, 9, 1, 9, 1,
		9, 1, 9, 3, 9, 346, 8, 9, 1, 9, 1, 9, 1, 9, 1, 9, 1, 9, 3, 9, 353, 8, 9,
		1, 9, 3, 9, 356, 8, 9, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 5, 10, 363, 8,
		10, 10, 10, 12, 10, 366, 9, 10, 1, 10, 1, 10, 3, 10, 370, 8, 10, 1, 11,
		1, 11, 3, 11, 374, 8, 11, 1, 11, 1, 11, 1, 11, 1, 11, 1, 11, 1, 11, 1,
		11, 1, 11, 1, 11, 1, 11, 1, 11, 5, 11, 387, 8, 11, 10, 11, 12, 11, 390,
		9, 11, 1, 11, 1, 11, 3, 11, 394, 8, 11, 1, 12, 1, 12, 1, 12, 1, 12, 5,
		12, 400, 8, 12, 10, 12, 12, 12, 403, 9, 12, 3, 12, 405, 8, 12, 1, 12, 1,
		12, 1, 13, 1, 13, 1, 13, 1, 13, 1, 13, 1, 13, 3, 13, 415, 8, 13, 1, 13,
		1, 13, 1, 13, 1, 13, 1, 13, 5, 13, 422, 8, 13, 10, 13, 12, 13, 425, 9,
		13, 1, 13, 1, 13, 1, 13, 3, 13, 430, 8, 13, 1, 13, 3, 13, 433, 8, 13, 1,
		14, 1, 14, 1, 14, 5, 14, 438, 8, 14, 10, 14, 12, 14, 441, 9, 14, 1, 15,
		1, 15, 3, 15, 445, 8, 15, 1, 15, 1, 15, 3, 15, 449, 8, 15, 1, 15, 1, 15,
		1, 15, 3, 15, 454, 8, 15, 1, 15, 1, 15, 3, 15, 458, 8, 15, 1, 15, 1, 15,
		3, 15, 462, 8, 15, 1, 15, 1, 15, 3, 15, 466, 8, 15, 1, 15, 1, 15, 1, 15,
		3, 15, 471, 8, 15, 1, 16, 1, 16, 1, 17, 1, 17, 1, 17, 1, 17, 1, 17, 5,
		17, 480, 8, 17, 10, 17, 12, 17, 483, 9, 17, 1, 17, 1, 17, 1, 18, 1, 18,
		1, 18, 3, 18, 490, 8, 18, 1, 18, 1, 18, 1, 18, 1, 18, 3, 18, 496, 8, 18,
		1, 18, 1, 18, 3, 18, 500, 8, 18, 1, 19, 1, 19, 1, 19, 3, 19, 505, 8, 19,
		1, 19, 1, 19, 1, 20, 1, 20, 5, 20, 511, 8, 20, 10, 20, 12, 20, 514, 9,
		20, 1, 20, 1, 20, 1, 21, 1, 21, 1, 21, 1, 21, 1, 22, 1, 22, 1, 22, 1, 22,
		1, 22, 5, 22, 527, 8, 22, 10, 22, 12, 22, 530, 9, 22, 3, 22, 532, 8, 22,
		1, 22, 1, 22, 1, 22, 1, 22, 1, 22, 5, 22, 539, 8, 22, 10, 22, 12, 22, 542,
		9, 22, 3, 22, 544, 8, 22, 1, 22, 3, 22, 547, 8, 22, 1, 23, 1, 23, 1, 23,
		5, 23, 552, 8, 23, 10, 23, 12, 23, 555, 9, 23, 1, 24, 1, 24, 3, 24, 559,
		8, 24, 1, 25, 1, 25, 1, 26, 1, 26, 1, 26, 1, 26, 3, 26, 567, 8, 26, 1,
		27, 1, 27, 1, 27, 0, 0, 28, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22,
		24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 0, 12,
		1, 0, 37, 39, 1, 0, 42, 43, 2, 0, 37, 39, 45, 45, 2, 0, 14, 14, 40, 40,
		2, 0, 24, 24, 49, 49, 4, 0, 11, 11, 22, 22, 25, 26, 51, 52, 2, 0, 3, 3,
		58, 58, 1, 0, 73, 75, 1, 0, 74, 75, 1, 0, 65, 67, 1, 0, 72, 73, 6, 0, 1,
		2, 4, 4, 7, 29, 33, 57, 59, 59, 61, 68, 657, 0, 60, 1, 0, 0, 0, 2, 65,
		1, 0, 0, 0, 4, 273, 1, 0, 0, 0, 6, 276, 1, 0, 0, 0, 8, 281, 1, 0, 0, 0,
		10, 287, 1, 0, 0, 0, 12, 300, 1, 0, 0, 0, 14, 305, 1, 0, 0, 0, 16, 324,
		1, 0, 0, 0, 18, 355, 1, 0, 0, 0, 20, 369, 1, 0, 0, 0, 22, 393, 1, 0, 0,
		0, 24, 395, 1, 0, 0, 0, 26, 432, 1, 0, 0, 0, 28, 434, 1, 0, 0, 0, 30, 470,
		1, 0, 0, 0, 32, 472, 1, 0, 0, 0, 34, 474, 1, 0, 0, 0, 36, 489, 1, 0, 0,
		0, 38, 504, 1, 0, 0, 0, 40, 508, 1, 0, 0, 0, 42, 517, 1, 0, 0, 0, 44, 546,
		1, 0, 0, 0, 46, 548, 1, 0, 0, 0, 48, 558, 1, 0, 0, 0, 50, 560, 1, 0, 0,
		0, 52, 566, 1, 0, 0, 0, 54, 568, 1, 0, 0, 0, 56, 59, 3, 2, 1, 0, 57, 59,
		3, 4, 2, 0, 58, 56, 1, 0, 0, 0, 58, 57, 1, 0, 0, 0, 59, 62, 1, 0, 0, 0,
		60, 58, 1, 0, 0, 0, 60, 61, 1, 0, 0, 0, 61, 63, 1, 0, 0, 0, 62, 60, 1,
		0, 0, 0, 63, 64, 5, 0, 0, 1, 64, 1, 1, 0, 0, 0, 65, 66, 5, 1, 0, 0, 66,
		67, 5, 75, 0, 0, 67, 3, 1, 0, 0, 0, 68, 69, 5, 2, 0, 0, 69, 70, 5, 74,
		0, 0, 70, 73, 5, 3, 0, 0, 71, 74, 3, 16, 8, 0, 72, 74, 3, 28, 14, 0, 73,
		71, 1, 0, 0, 0, 73, 72, 1, 0, 0, 0, 74, 274, 1, 0, 0, 0, 75, 76, 5, 4,
		0, 0, 76, 77, 3, 52, 26, 0, 77, 86, 3, 8, 4, 0, 78, 82, 5, 5, 0, 0, 79,
		81, 3, 4, 2, 0, 80, 79, 1, 0, 0, 0, 81, 84, 1, 0, 0, 0, 82, 80, 1, 0, 0,
		0, 82, 83, 1, 0, 0, 0, 83, 85, 1, 0, 0, 0, 84, 82, 1, 0, 0, 0, 85, 87,
		5, 6, 0, 0, 86, 78, 1, 0, 0, 0, 86, 87, 1, 0, 0, 0, 87, 274, 1, 0, 0, 0,
		88, 90, 3, 6, 3, 0, 89, 88, 1, 0, 0, 0, 89, 90, 1, 0, 0, 0, 90, 91, 1,
		0, 0, 0, 91, 92, 5, 7, 0, 0, 92, 93, 3, 52, 26, 0, 93, 96, 3, 8, 4, 0,
		94, 95, 5, 8, 0, 0, 95, 97, 3, 52, 26, 0, 96, 94, 1, 0, 0, 0, 96, 97, 1,
		0, 0, 0, 97, 100, 1, 0, 0, 0, 98, 99, 5, 9, 0, 0, 99, 101, 5, 73, 0, 0,
		100, 98, 1, 0, 0, 0, 100, 101, 1, 0, 0, 0, 101, 104, 1, 0, 0, 0, 102, 103,
		5, 10, 0, 0, 103, 105, 3, 16, 8, 0, 104, 102, 1, 0, 0, 0, 104, 105, 1,
		0, 0, 0, 105, 106, 1, 0, 0, 0, 106, 110, 5, 5, 0, 0, 107, 109, 3, 14, 7,
		0, 108, 107, 1, 0, 0, 0, 109, 112, 1, 0, 0, 0, 110, 108, 1, 0, 0, 0, 110,
		111, 1, 0, 0, 0, 111, 113, 1, 0, 0, 0, 112, 110, 1, 0, 0, 0, 113, 114,
		5, 6, 0, 0, 114, 274, 1, 0, 0, 0, 115, 116, 5, 8, 0, 0, 116, 117, 3, 52,
		26, 0, 117, 118, 3, 8, 4, 0, 118, 119, 5, 9, 0, 0, 119, 121, 5, 73, 0,
		0, 120, 122, 5, 75, 0, 0, 121, 120, 1, 0, 0, 0, 121, 122, 1, 0, 0, 0, 122,
		274, 1, 0, 0, 0, 123, 124, 5, 11, 0, 0, 124, 125, 3, 52, 26, 0, 125, 126,
		3, 8, 4, 0, 126, 127, 5, 3, 0, 0, 127, 128, 3, 16, 8, 0, 128, 274, 1, 0,
		0, 0, 129, 130, 5, 12, 0, 0, 130, 131, 3, 52, 26, 0, 131, 132, 3, 8, 4,
		0, 132, 133, 5, 10, 0, 0, 133, 136, 3, 16, 8, 0, 134, 135, 5, 13, 0, 0,
		135, 137, 3, 46, 23, 0, 136, 134, 1, 0, 0, 0, 136, 137, 1, 0, 0, 0, 137,
		141, 1, 0, 0, 0, 138, 139, 5, 14, 0, 0, 139, 140, 5, 15, 0, 0, 140, 142,
		3, 46, 23, 0, 141, 138, 1, 0, 0, 0, 141, 142, 1, 0, 0, 0, 142, 147, 1,
		0, 0, 0, 143, 144, 5, 16, 0, 0, 144, 145, 5, 73, 0, 0, 145, 146, 5, 17,
		0, 0, 146, 148, 5, 73, 0, 0, 147, 143, 1, 0, 0, 0, 147, 148, 1, 0, 0, 0,
		148, 274, 1, 0, 0, 0, 149, 150, 5, 15, 0, 0, 150, 151, 3, 52, 26, 0, 151,
		152, 3, 8, 4, 0, 152, 153, 5, 3, 0, 0, 153, 156, 3, 46, 23, 0, 154, 155,
		5, 18, 0, 0, 155, 157, 3, 50, 25, 0, 156, 154, 1, 0, 0, 0, 156, 157, 1,
		0, 0, 0, 157, 160, 1, 0, 0, 0, 158, 159, 5, 19, 0, 0, 159, 161, 5, 73,
		0, 0, 160, 158, 1, 0, 0, 0, 160, 161, 1, 0, 0, 0, 161, 167, 1, 0, 0, 0,
		162, 163, 5, 20, 0, 0, 163, 165, 5, 21, 0, 0, 164, 166, 3, 24, 12, 0, 165,
		164, 1, 0, 0, 0, 165, 166, 1, 0, 0, 0, 166, 168, 1, 0, 0, 0, 167, 162,
		1, 0, 0, 0, 167, 168, 1, 0, 0, 0, 168, 274, 1, 0, 0, 0, 169, 170, 5, 22,
		0, 0, 170, 171, 3, 52, 26, 0, 171, 174, 3, 8, 4, 0, 172, 173, 5, 23, 0,
		0, 173, 175, 3, 46, 23, 0, 174, 172, 1, 0, 0, 0, 174, 175, 1, 0, 0, 0,
		175, 178, 1, 0, 0, 0, 176, 177, 5, 24, 0, 0, 177, 179, 3, 46, 23, 0, 178,
		176, 1, 0, 0, 0, 178, 179, 1, 0, 0, 0, 179, 181, 1, 0, 0, 0, 180, 182,
		3, 40, 20, 0, 181, 180, 1, 0, 0, 0, 181, 182, 1, 0, 0, 0, 182, 274, 1,
		0, 0, 0, 183, 184, 5, 25, 0, 0, 184, 185, 3, 52, 26, 0, 185, 188, 3, 8,
		4, 0, 186, 187, 5, 20, 0, 0, 187, 189, 3, 52, 26, 0, 188, 186, 1, 0, 0,
		0, 188, 189, 1, 0, 0, 0, 189, 192, 1, 0, 0, 0, 190, 191, 5, 23, 0, 0, 191,
		193, 3, 46, 23, 0, 192, 190, 1, 0, 0, 0, 192, 193, 1, 0, 0, 0, 193, 195,
		1, 0, 0, 0, 194, 196, 3, 34, 17, 0, 195, 194, 1, 0, 0, 0, 195, 196, 1,
		0, 0, 0, 196, 198, 1, 0, 0, 0, 197, 199, 3, 40, 20, 0, 198, 197, 1, 0,
		0, 0, 198, 199, 1, 0, 0, 0, 199, 274, 1, 0, 0, 0, 200, 201, 5, 26, 0, 0,
		201, 202, 3, 52, 26, 0, 202, 205, 3, 8, 4, 0, 203, 204, 5, 27, 0, 0, 204,
		206, 3, 52, 26, 0, 205, 203, 1, 0, 0, 0, 205, 206, 1, 0, 0, 0, 206, 212,
		1, 0, 0, 0, 207, 208, 5, 10, 0, 0, 208, 210, 5, 24, 0, 0, 209, 211, 3,
		24, 12, 0, 210, 209, 1, 0, 0, 0, 210, 211, 1, 0, 0, 0, 211, 213, 1, 0,
		0, 0, 212, 207, 1, 0, 0, 0, 212, 213, 1, 0, 0, 0, 213, 216, 1, 0, 0, 0,
		214, 215, 5, 23, 0, 0, 215, 217, 3, 46, 23, 0, 216, 214, 1, 0, 0, 0, 216,
		217, 1, 0, 0, 0, 217, 219, 1, 0, 0, 0, 218, 220, 3, 34, 17, 0, 219, 218,
		1, 0, 0, 0, 219, 220, 1, 0, 0, 0, 220, 222, 1, 0, 0, 0, 221, 223, 3, 40,
		20, 0, 222, 221, 1, 0, 0, 0, 222, 223, 1, 0, 0, 0, 223, 274, 1, 0, 0, 0,
		224, 225, 5, 28, 0, 0, 225, 226, 3, 52, 26, 0, 226, 227, 3, 8, 4, 0, 227,
		228, 5, 29, 0, 0, 228, 229, 5, 30, 0, 0, 229, 234, 3, 38, 19, 0, 230, 231,
		5, 31, 0, 0, 231, 233, 3, 38, 19, 0, 232, 230, 1, 0, 0, 0, 233, 236, 1,
		0, 0, 0, 234, 232, 1, 0, 0, 0, 234, 235, 1, 0, 0, 0, 235, 237, 1, 0, 0,
		0, 236, 234, 1, 0, 0, 0, 237, 238, 5, 32, 0, 0, 238, 274, 1, 0, 0, 0, 239,
		240, 5, 33, 0, 0, 240, 241, 3, 52, 26, 0, 241, 244, 3, 8, 4, 0, 242, 243,
		5, 34, 0, 0, 243, 245, 3, 52, 26, 0, 244, 242, 1, 0, 0, 0, 244, 245, 1,
		0, 0, 0, 245, 248, 1, 0, 0, 0, 246, 247, 5, 23, 0, 0, 247, 249, 3, 46,
		23, 0, 248, 246, 1, 0, 0, 0, 248, 249, 1, 0, 0, 0, 249, 251, 1, 0, 0, 0,
		250, 252, 3, 34, 17, 0, 251, 250, 1, 0, 0, 0, 251, 252, 1, 0, 0, 0, 252,
		254, 1, 0, 0, 0, 253, 255, 3, 40, 20, 0, 254, 253, 1, 0, 0, 0, 254, 255,
		1, 0, 0, 0, 255, 274, 1, 0, 0, 0, 256, 257, 5, 35, 0, 0, 257, 258, 3, 52,
		26, 0, 258, 259, 3, 52, 26, 0, 259, 260, 3, 52, 26, 0, 260, 261, 3, 8,
		4, 0, 261, 262, 3, 40, 20, 0, 262, 274, 1, 0, 0, 0, 263, 264, 5, 36, 0,
		0, 264, 265, 7, 0, 0, 0, 265, 266, 5, 14, 0, 0, 266, 267, 3, 16, 8, 0,
		267, 268, 5, 40, 0, 0, 268, 271, 3, 16, 8, 0, 269, 270, 5, 20, 0, 0, 270,
		272, 3, 28, 14, 0, 271, 269, 1, 0, 0, 0, 271, 272, 1, 0, 0, 0, 272, 274,
		1, 0, 0, 0, 273, 68, 1, 0, 0, 0, 273, 75, 1, 0, 0, 0, 273, 89, 1, 0, 0,
		0, 273, 115, 1, 0, 0, 0, 273, 123, 1, 0, 0, 0, 273, 129, 1, 0, 0, 0, 273,
		149, 1, 0, 0, 0, 273, 169, 1, 0, 0, 0, 273, 183, 1, 0, 0, 0, 273, 200,
		1, 0, 0, 0, 273, 224, 1, 0, 0, 0, 273, 239, 1, 0, 0, 0, 273, 256, 1, 0,
		0, 0, 273, 263, 1, 0, 0, 0, 274, 5, 1, 0, 0, 0, 275, 277, 5, 41, 0, 0,
		276, 275, 1, 0, 0, 0, 276, 277, 1, 0, 0, 0, 277, 278, 1, 0, 0, 0, 278,
		279, 7, 1, 0, 0, 279, 7, 1, 0, 0, 0, 280, 282, 3, 10, 5, 0, 281, 280, 1,
		0, 0, 0, 281, 282, 1, 0, 0, 0, 282, 285, 1, 0, 0, 0, 283, 284, 5, 44, 0,
		0, 284, 286, 3, 10, 5, 0, 285, 283, 1, 0, 0, 0, 285, 286, 1, 0, 0, 0, 286,
		9, 1, 0, 0, 0, 287, 296, 5, 30, 0, 0, 288, 293, 3, 12, 6, 0, 289, 290,
		5, 31, 0, 0, 290, 292, 3, 12, 6, 0, 291, 289, 1, 0, 0, 0, 292, 295, 1,
		0, 0, 0, 293, 291, 1, 0, 0, 0, 293, 294, 1, 0, 0, 0, 294, 297, 1, 0, 0,
		0, 295, 293, 1, 0, 0, 0, 296, 288, 1, 0, 0, 0, 296, 297, 1, 0, 0, 0, 297,
		298, 1, 0, 0, 0, 298, 299, 5, 32, 0, 0, 299, 11, 1, 0, 0, 0, 300, 301,
		3, 52, 26, 0, 301, 302, 5, 3, 0, 0, 302, 303, 3, 52, 26, 0, 303, 13, 1,
		0, 0, 0, 304, 306, 5, 71, 0, 0, 305, 304, 1, 0, 0, 0, 305, 306, 1, 0, 0,
		0, 306, 307, 1, 0, 0, 0, 307, 308, 7, 2, 0, 0, 308, 309, 7, 3, 0, 0, 309,
		312, 3, 16, 8, 0, 310, 311, 5, 20, 0, 0, 311, 313, 3, 28, 14, 0, 312, 310,
		1, 0, 0, 0, 312, 313, 1, 0, 0, 0, 313, 316, 1, 0, 0, 0, 314, 315, 5, 10,
		0, 0, 315, 317, 3, 16, 8, 0, 316, 314, 1, 0, 0, 0, 316, 317, 1, 0, 0, 0,
		317, 322, 1, 0, 0, 0, 318, 320, 5, 46, 0, 0, 319, 321, 5, 75, 0, 0, 320,
		319, 1, 0, 0, 0, 320, 321, 1, 0, 0, 0, 321, 323, 1, 0, 0, 0, 322, 318,
		1, 0, 0, 0, 322, 323, 1, 0, 0, 0, 323, 15, 1, 0, 0, 0, 324, 329, 3, 18,
		9, 0, 325, 326, 5, 31, 0, 0, 326, 328, 3, 18, 9, 0, 327, 325, 1, 0, 0,
		0, 328, 331, 1, 0, 0, 0, 329, 327, 1, 0, 0, 0, 329, 330, 1, 0, 0, 0, 330,
		17, 1, 0, 0, 0, 331, 329, 1, 0, 0, 0, 332, 356, 5, 47, 0, 0, 333, 356,
		5, 48, 0, 0, 334, 336, 7, 4, 0, 0, 335, 337, 3, 24, 12, 0, 336, 335, 1,
		0, 0, 0, 336, 337, 1, 0, 0, 0, 337, 340, 1, 0, 0, 0, 338, 339, 5, 50, 0,
		0, 339, 341, 3, 22, 11, 0, 340, 338, 1, 0, 0, 0, 340, 341, 1, 0, 0, 0,
		341, 356, 1, 0, 0, 0, 342, 356, 3, 22, 11, 0, 343, 345, 5, 21, 0, 0, 344,
		346, 3, 24, 12, 0, 345, 344, 1, 0, 0, 0, 345, 346, 1, 0, 0, 0, 346, 356,
		1, 0, 0, 0, 347, 348, 7, 5, 0, 0, 348, 356, 3, 52, 26, 0, 349, 352, 3,
		50, 25, 0, 350, 351, 5, 53, 0, 0, 351, 353, 3, 20, 10, 0, 352, 350, 1,
		0, 0, 0, 352, 353, 1, 0, 0, 0, 353, 356, 1, 0, 0, 0, 354, 356, 5, 74, 0,
		0, 355, 332, 1, 0, 0, 0, 355, 333, 1, 0, 0, 0, 355, 334, 1, 0, 0, 0, 355,
		342, 1, 0, 0, 0, 355, 343, 1, 0, 0, 0, 355, 347, 1, 0, 0, 0, 355, 349,
		1, 0, 0, 0, 355, 354, 1, 0, 0, 0, 356, 19, 1, 0, 0, 0, 357, 370, 3, 50,
		25, 0, 358, 359, 5, 30, 0, 0, 359, 364, 3, 50, 25, 0, 360, 361, 5, 31,
		0, 0, 361, 363, 3, 50, 25, 0, 362, 360, 1, 0, 0, 0, 363, 366, 1, 0, 0,
		0, 364, 362, 1, 0, 0, 0, 364, 365, 1, 0, 0, 0, 365, 367, 1, 0, 0, 0, 366,
		364, 1, 0, 0, 0, 367, 368, 5, 32, 0, 0, 368, 370, 1, 0, 0, 0, 369, 357,
		1, 0, 0, 0, 369, 358, 1, 0, 0, 0, 370, 21, 1, 0, 0, 0, 371, 373, 5, 54,
		0, 0, 372, 374, 3, 24, 12, 0, 373, 372, 1, 0, 0, 0, 373, 374, 1, 0, 0,
		0, 374, 394, 1, 0, 0, 0, 375, 376, 5, 4, 0, 0, 376, 394, 3, 52, 26, 0,
		377, 378, 5, 55, 0, 0, 378, 394, 5, 4, 0, 0, 379, 380, 5, 54, 0, 0, 380,
		381, 5, 56, 0, 0, 381, 382, 5, 57, 0, 0, 382, 383, 5, 30, 0, 0, 383, 388,
		3, 52, 26, 0, 384, 385, 5, 31, 0, 0, 385, 387, 3, 52, 26, 0, 386, 384,
		1, 0, 0, 0, 387, 390, 1, 0, 0, 0, 388, 386, 1, 0, 0, 0, 388, 389, 1, 0,
		0, 0, 389, 391, 1, 0, 0, 0, 390, 388, 1, 0, 0, 0, 391, 392, 5, 32, 0, 0,
		392, 394, 1, 0, 0, 0, 393, 371, 1, 0, 0, 0, 393, 375, 1, 0, 0, 0, 393,
		377, 1, 0, 0, 0, 393, 379, 1, 0, 0, 0, 394, 23, 1, 0, 0, 0, 395, 404, 5,
		30, 0, 0, 396, 401, 3, 26, 13, 0, 397, 398, 5, 31, 0, 0, 398, 400, 3, 26,
		13, 0, 399, 397, 1, 0, 0, 0, 400, 403, 1, 0, 0, 0, 401, 399, 1, 0, 0, 0,
		401, 402, 1, 0, 0, 0, 402, 405, 1, 0, 0, 0, 403, 401, 1, 0, 0, 0, 404,
		396, 1, 0, 0, 0, 404, 405, 1, 0, 0, 0, 405, 406, 1, 0, 0, 0, 406, 407,
		5, 32, 0, 0, 407, 25, 1, 0, 0, 0, 408, 409, 3, 52, 26, 0, 409, 410, 7,
		6, 0, 0, 410, 411, 3, 52, 26, 0, 411, 433, 1, 0, 0, 0, 412, 414, 3, 52,
		26, 0, 413, 415, 5, 59, 0, 0, 414, 413, 1, 0, 0, 0, 414, 415, 1, 0, 0,
		0, 415, 416, 1, 0, 0, 0, 416, 417, 5, 50, 0, 0, 417, 418, 5, 30, 0, 0,
		418, 423, 3, 52, 26, 0, 419, 420, 5, 31, 0, 0, 420, 422, 3, 52, 26, 0,
		421, 419, 1, 0, 0, 0, 422, 425, 1, 0, 0, 0, 423, 421, 1, 0, 0, 0, 423,
		424, 1, 0, 0, 0, 424, 426, 1, 0, 0, 0, 425, 423, 1, 0, 0, 0, 426, 427,
		5, 32, 0, 0, 427, 433, 1, 0, 0, 0, 428, 430, 5, 60, 0, 0, 429, 428, 1,
		0, 0, 0, 429, 430, 1, 0, 0, 0, 430, 431, 1, 0, 0, 0, 431, 433, 3, 52, 26,
		0, 432, 408, 1, 0, 0, 0, 432, 412, 1, 0, 0, 0, 432, 429, 1, 0, 0, 0, 433,
		27, 1, 0, 0, 0, 434, 439, 3, 30, 15, 0, 435, 436, 5, 31, 0, 0, 436, 438,
		3, 30, 15, 0, 437, 435, 1, 0, 0, 0, 438, 441, 1, 0, 0, 0, 439, 437, 1,
		0, 0, 0, 439, 440, 1, 0, 0, 0, 440, 29, 1, 0, 0, 0, 441, 439, 1, 0, 0,
		0, 442, 444, 3, 32, 16, 0, 443, 445, 7, 7, 0, 0, 444, 443, 1, 0, 0, 0,
		444, 445, 1, 0, 0, 0, 445, 448, 1, 0, 0, 0, 446, 447, 5, 61, 0, 0, 447,
		449, 5, 73, 0, 0, 448, 446, 1, 0, 0, 0, 448, 449, 1, 0, 0, 0, 449, 471,
		1, 0, 0, 0, 450, 453, 5, 73, 0, 0, 451, 452, 5, 61, 0, 0, 452, 454, 5,
		73, 0, 0, 453, 451, 1, 0, 0, 0, 453, 454, 1, 0, 0, 0, 454, 471, 1, 0, 0,
		0, 455, 457, 5, 62, 0, 0, 456, 458, 5, 73, 0, 0, 457, 456, 1, 0, 0, 0,
		457, 458, 1, 0, 0, 0, 458, 471, 1, 0, 0, 0, 459, 461, 5, 63, 0, 0, 460,
		462, 5, 73, 0, 0, 461, 460, 1, 0, 0, 0, 461, 462, 1, 0, 0, 0, 462, 465,
		1, 0, 0, 0, 463, 464, 5, 11, 0, 0, 464, 466, 3, 50, 25, 0, 465, 463, 1,
		0, 0, 0, 465, 466, 1, 0, 0, 0, 466, 471, 1, 0, 0, 0, 467, 468, 5, 64, 0,
		0, 468, 471, 7, 8, 0, 0, 469, 471, 5, 74, 0, 0, 470, 442, 1, 0, 0, 0, 470,
		450, 1, 0, 0, 0, 470, 455, 1, 0, 0, 0, 470, 459, 1, 0, 0, 0, 470, 467,
		1, 0, 0, 0, 470, 469, 1, 0, 0, 0, 471, 31, 1, 0, 0, 0, 472, 473, 7, 9,
		0, 0, 473, 33, 1, 0, 0, 0, 474, 475, 5, 68, 0, 0, 475, 476, 5, 30, 0, 0,
		476, 481, 3, 36, 18, 0, 477, 478, 5, 31, 0, 0, 478, 480, 3, 36, 18, 0,
		479, 477, 1, 0, 0, 0, 480, 483, 1, 0, 0, 0, 481, 479, 1, 0, 0, 0, 481,
		482, 1, 0, 0, 0, 482, 484, 1, 0, 0, 0, 483, 481, 1, 0, 0, 0, 484, 485,
		5, 32, 0, 0, 485, 35, 1, 0, 0, 0, 486, 487, 3, 52, 26, 0, 487, 488, 5,
		3, 0, 0, 488, 490, 1, 0, 0, 0, 489, 486, 1, 0, 0, 0, 489, 490, 1, 0, 0,
		0, 490, 491, 1, 0, 0, 0, 491, 492, 3, 32, 16, 0, 492, 495, 5, 73, 0, 0,
		493, 494, 5, 40, 0, 0, 494, 496, 7, 7, 0, 0, 495, 493, 1, 0, 0, 0, 495,
		496, 1, 0, 0, 0, 496, 499, 1, 0, 0, 0, 497, 498, 5, 22, 0, 0, 498, 500,
		5, 73, 0, 0, 499, 497, 1, 0, 0, 0, 499, 500, 1, 0, 0, 0, 500, 37, 1, 0,
		0, 0, 501, 502, 3, 52, 26, 0, 502, 503, 5, 3, 0, 0, 503, 505, 1, 0, 0,
		0, 504, 501, 1, 0, 0, 0, 504, 505, 1, 0, 0, 0, 505, 506, 1, 0, 0, 0, 506,
		507, 3, 20, 10, 0, 507, 39, 1, 0, 0, 0, 508, 512, 5, 5, 0, 0, 509, 511,
		3, 42, 21, 0, 510, 509, 1, 0, 0, 0, 511, 514, 1, 0, 0, 0, 512, 510, 1,
		0, 0, 0, 512, 513, 1, 0, 0, 0, 513, 515, 1, 0, 0, 0, 514, 512, 1, 0, 0,
		0, 515, 516, 5, 6, 0, 0, 516, 41, 1, 0, 0, 0, 517, 518, 3, 52, 26, 0, 518,
		519, 5, 3, 0, 0, 519, 520, 3, 44, 22, 0, 520, 43, 1, 0, 0, 0, 521, 547,
		3, 48, 24, 0, 522, 531, 5, 69, 0, 0, 523, 528, 3, 44, 22, 0, 524, 525,
		5, 31, 0, 0, 525, 527, 3, 44, 22, 0, 526, 524, 1, 0, 0, 0, 527, 530, 1,
		0, 0, 0, 528, 526, 1, 0, 0, 0, 528, 529, 1, 0, 0, 0, 529, 532, 1, 0, 0,
		0, 530, 528, 1, 0, 0, 0, 531, 523, 1, 0, 0, 0, 531, 532, 1, 0, 0, 0, 532,
		533, 1, 0, 0, 0, 533, 547, 5, 70, 0, 0, 534, 543, 5, 5, 0, 0, 535, 540,
		3, 42, 21, 0, 536, 537, 5, 31, 0, 0, 537, 539, 3, 42, 21, 0, 538, 536,
		1, 0, 0, 0, 539, 542, 1, 0, 0, 0, 540, 538, 1, 0, 0, 0, 540, 541, 1, 0,
		0, 0, 541, 544, 1, 0, 0, 0, 542, 540, 1, 0, 0, 0, 543, 535, 1, 0, 0, 0,
		543, 544, 1, 0, 0, 0, 544, 545, 1, 0, 0, 0, 545, 547, 5, 6, 0, 0, 546,
		521, 1, 0, 0, 0, 546, 522, 1, 0, 0, 0, 546, 534, 1, 0, 0, 0, 547, 45, 1,
		0, 0, 0, 548, 553, 3, 48, 24, 0, 549, 550, 5, 31, 0, 0, 550, 552, 3, 48,
		24, 0, 551, 549, 1, 0, 0, 0, 552, 555, 1, 0, 0, 0, 553, 551, 1, 0, 0, 0,
		553, 554, 1, 0, 0, 0, 554, 47, 1, 0, 0, 0, 555, 553, 1, 0, 0, 0, 556, 559,
		3, 52, 26, 0, 557, 559, 5, 72, 0, 0, 558, 556, 1, 0, 0, 0, 558, 557, 1,
		0, 0, 0, 559, 49, 1, 0, 0, 0, 560, 561, 7, 10, 0, 0, 561, 51, 1, 0, 0,
		0, 562, 567, 5, 74, 0, 0, 563, 567, 5, 73, 0, 0, 564, 567, 5, 75, 0, 0,
		565, 567, 3, 54, 27, 0, 566, 562, 1, 0, 0, 0, 566, 563, 1, 0, 0, 0, 566,
		564, 1, 0, 0, 0, 566, 565, 1, 0, 0, 0, 567, 53, 1, 0, 0, 0, 568, 569, 7,
		11, 0, 0, 569, 55, 1, 0, 0, 0, 87, 58, 60, 73, 82, 86, 89, 96, 100, 104,
		110, 121, 136, 141, 147, 156, 160, 165, 167, 174, 178, 181, 188, 192, 195,
		198, 205, 210, 212, 216, 219, 222, 234, 244, 248, 251, 254, 271, 273, 276,
		281, 285, 293, 296, 305, 312, 316, 320, 322, 329, 336, 340, 345, 352, 355,
		364, 369, 373, 388, 393, 401, 404, 414, 423, 429, 432, 439, 444, 448, 453,
		457, 461, 465, 470, 481, 489, 495, 499, 504, 512, 528, 531, 540, 543, 546,
		553, 558, 566,
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
	HeadgateParserRULE_standing    = 3
	HeadgateParserRULE_meta        = 4
	HeadgateParserRULE_labels      = 5
	HeadgateParserRULE_pair        = 6
	HeadgateParserRULE_policyRule  = 7
	HeadgateParserRULE_peers       = 8
	HeadgateParserRULE_peer        = 9
	HeadgateParserRULE_addresses   = 10
	HeadgateParserRULE_place       = 11
	HeadgateParserRULE_selector    = 12
	HeadgateParserRULE_requirement = 13
	HeadgateParserRULE_ports       = 14
	HeadgateParserRULE_port        = 15
	HeadgateParserRULE_transport   = 16
	HeadgateParserRULE_listens     = 17
	HeadgateParserRULE_listen      = 18
	HeadgateParserRULE_face        = 19
	HeadgateParserRULE_body        = 20
	HeadgateParserRULE_field       = 21
	HeadgateParserRULE_value       = 22
	HeadgateParserRULE_words       = 23
	HeadgateParserRULE_word        = 24
	HeadgateParserRULE_address     = 25
	HeadgateParserRULE_name        = 26
	HeadgateParserRULE_keyword     = 27
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
	p.SetState(60)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&15505205270934) != 0 {
		p.SetState(58)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}

		switch p.GetTokenStream().LA(1) {
		case HeadgateParserT__0:
			{
				p.SetState(56)
				p.Importing()
			}

		case HeadgateParserT__1, HeadgateParserT__3, HeadgateParserT__6, HeadgateParserT__7, HeadgateParserT__10, HeadgateParserT__11, HeadgateParserT__14, HeadgateParserT__21, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__27, HeadgateParserT__32, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42:
			{
				p.SetState(57)
				p.Declaration()
			}

		default:
			p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
			goto errorExit
		}

		p.SetState(62)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(63)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
		p.SetState(65)
		p.Match(HeadgateParserT__0)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(66)

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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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

func (s *LetContext) WORD() antlr.TerminalNode {
	return s.GetToken(HeadgateParserWORD, 0)
}

func (s *LetContext) Peers() IPeersContext {
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

func (s *LetContext) Ports() IPortsContext {
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

	p.SetState(273)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__1:
		localctx = NewLetContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(68)
			p.Match(HeadgateParserT__1)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(69)

			var _m = p.Match(HeadgateParserWORD)

			localctx.(*LetContext).label = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(70)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(73)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}

		switch p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 2, p.GetParserRuleContext()) {
		case 1:
			{
				p.SetState(71)
				p.Peers()
			}

		case 2:
			{
				p.SetState(72)
				p.Ports()
			}

		case antlr.ATNInvalidAltNumber:
			goto errorExit
		}

	case HeadgateParserT__3:
		localctx = NewNamespaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(75)
			p.Match(HeadgateParserT__3)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(76)
			p.Name()
		}
		{
			p.SetState(77)
			p.Meta()
		}
		p.SetState(86)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__4 {
			{
				p.SetState(78)

				var _m = p.Match(HeadgateParserT__4)

				localctx.(*NamespaceContext).block = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			p.SetState(82)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&15505205270932) != 0 {
				{
					p.SetState(79)
					p.Declaration()
				}

				p.SetState(84)
				p.GetErrorHandler().Sync(p)
				if p.HasError() {
					goto errorExit
				}
				_la = p.GetTokenStream().LA(1)
			}
			{
				p.SetState(85)
				p.Match(HeadgateParserT__5)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserT__6, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42:
		localctx = NewPolicyContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		p.SetState(89)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&15393162788864) != 0 {
			{
				p.SetState(88)
				p.Standing()
			}

		}
		{
			p.SetState(91)
			p.Match(HeadgateParserT__6)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(92)
			p.Name()
		}
		{
			p.SetState(93)
			p.Meta()
		}
		p.SetState(96)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__7 {
			{
				p.SetState(94)
				p.Match(HeadgateParserT__7)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(95)

				var _x = p.Name()

				localctx.(*PolicyContext).tier = _x
			}

		}
		p.SetState(100)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__8 {
			{
				p.SetState(98)
				p.Match(HeadgateParserT__8)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(99)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*PolicyContext).priority = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		p.SetState(104)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__9 {
			{
				p.SetState(102)
				p.Match(HeadgateParserT__9)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(103)
				p.Peers()
			}

		}
		{
			p.SetState(106)
			p.Match(HeadgateParserT__4)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(110)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for (int64((_la-37)) & ^0x3f) == 0 && ((int64(1)<<(_la-37))&17179869447) != 0 {
			{
				p.SetState(107)
				p.PolicyRule()
			}

			p.SetState(112)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(113)
			p.Match(HeadgateParserT__5)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__7:
		localctx = NewTierContext(p, localctx)
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(115)
			p.Match(HeadgateParserT__7)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(116)
			p.Name()
		}
		{
			p.SetState(117)
			p.Meta()
		}
		{
			p.SetState(118)
			p.Match(HeadgateParserT__8)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(119)

			var _m = p.Match(HeadgateParserNUMBER)

			localctx.(*TierContext).priority = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(121)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserSTRING {
			{
				p.SetState(120)

				var _m = p.Match(HeadgateParserSTRING)

				localctx.(*TierContext).description = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserT__10:
		localctx = NewGroupContext(p, localctx)
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(123)
			p.Match(HeadgateParserT__10)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(124)
			p.Name()
		}
		{
			p.SetState(125)
			p.Meta()
		}
		{
			p.SetState(126)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(127)
			p.Peers()
		}

	case HeadgateParserT__11:
		localctx = NewEgressContext(p, localctx)
		p.EnterOuterAlt(localctx, 6)
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
			p.Match(HeadgateParserT__9)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(133)
			p.Peers()
		}
		p.SetState(136)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__12 {
			{
				p.SetState(134)
				p.Match(HeadgateParserT__12)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(135)

				var _x = p.Words()

				localctx.(*EgressContext).addrs = _x
			}

		}
		p.SetState(141)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__13 {
			{
				p.SetState(138)
				p.Match(HeadgateParserT__13)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(139)
				p.Match(HeadgateParserT__14)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(140)

				var _x = p.Words()

				localctx.(*EgressContext).pools = _x
			}

		}
		p.SetState(147)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__15 {
			{
				p.SetState(143)
				p.Match(HeadgateParserT__15)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(144)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*EgressContext).rate = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(145)
				p.Match(HeadgateParserT__16)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(146)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*EgressContext).burst = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case HeadgateParserT__14:
		localctx = NewPoolContext(p, localctx)
		p.EnterOuterAlt(localctx, 7)
		{
			p.SetState(149)
			p.Match(HeadgateParserT__14)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(150)
			p.Name()
		}
		{
			p.SetState(151)
			p.Meta()
		}
		{
			p.SetState(152)
			p.Match(HeadgateParserT__2)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(153)
			p.Words()
		}
		p.SetState(156)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__17 {
			{
				p.SetState(154)
				p.Match(HeadgateParserT__17)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(155)

				var _x = p.Address()

				localctx.(*PoolContext).gateway = _x
			}

		}
		p.SetState(160)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__18 {
			{
				p.SetState(158)
				p.Match(HeadgateParserT__18)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(159)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*PoolContext).vlan = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		p.SetState(167)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__19 {
			{
				p.SetState(162)
				p.Match(HeadgateParserT__19)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(163)

				var _m = p.Match(HeadgateParserT__20)

				localctx.(*PoolContext).limited = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			p.SetState(165)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			if _la == HeadgateParserT__29 {
				{
					p.SetState(164)
					p.Selector()
				}

			}

		}

	case HeadgateParserT__21:
		localctx = NewNodeContext(p, localctx)
		p.EnterOuterAlt(localctx, 8)
		{
			p.SetState(169)
			p.Match(HeadgateParserT__21)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(170)
			p.Name()
		}
		{
			p.SetState(171)
			p.Meta()
		}
		p.SetState(174)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__22 {
			{
				p.SetState(172)
				p.Match(HeadgateParserT__22)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(173)

				var _x = p.Words()

				localctx.(*NodeContext).addrs = _x
			}

		}
		p.SetState(178)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__23 {
			{
				p.SetState(176)
				p.Match(HeadgateParserT__23)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(177)

				var _x = p.Words()

				localctx.(*NodeContext).prefixes = _x
			}

		}
		p.SetState(181)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__4 {
			{
				p.SetState(180)
				p.Body()
			}

		}

	case HeadgateParserT__24:
		localctx = NewPodContext(p, localctx)
		p.EnterOuterAlt(localctx, 9)
		{
			p.SetState(183)
			p.Match(HeadgateParserT__24)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(184)
			p.Name()
		}
		{
			p.SetState(185)
			p.Meta()
		}
		p.SetState(188)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__19 {
			{
				p.SetState(186)
				p.Match(HeadgateParserT__19)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(187)

				var _x = p.Name()

				localctx.(*PodContext).host = _x
			}

		}
		p.SetState(192)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__22 {
			{
				p.SetState(190)
				p.Match(HeadgateParserT__22)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(191)

				var _x = p.Words()

				localctx.(*PodContext).addrs = _x
			}

		}
		p.SetState(195)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__67 {
			{
				p.SetState(194)
				p.Listens()
			}

		}
		p.SetState(198)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__4 {
			{
				p.SetState(197)
				p.Body()
			}

		}

	case HeadgateParserT__25:
		localctx = NewServiceContext(p, localctx)
		p.EnterOuterAlt(localctx, 10)
		{
			p.SetState(200)
			p.Match(HeadgateParserT__25)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(201)
			p.Name()
		}
		{
			p.SetState(202)
			p.Meta()
		}
		p.SetState(205)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__26 {
			{
				p.SetState(203)
				p.Match(HeadgateParserT__26)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(204)

				var _x = p.Name()

				localctx.(*ServiceContext).type_ = _x
			}

		}
		p.SetState(212)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__9 {
			{
				p.SetState(207)
				p.Match(HeadgateParserT__9)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(208)

				var _m = p.Match(HeadgateParserT__23)

				localctx.(*ServiceContext).selects = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			p.SetState(210)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			if _la == HeadgateParserT__29 {
				{
					p.SetState(209)
					p.Selector()
				}

			}

		}
		p.SetState(216)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__22 {
			{
				p.SetState(214)
				p.Match(HeadgateParserT__22)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(215)

				var _x = p.Words()

				localctx.(*ServiceContext).addrs = _x
			}

		}
		p.SetState(219)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__67 {
			{
				p.SetState(218)
				p.Listens()
			}

		}
		p.SetState(222)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__4 {
			{
				p.SetState(221)
				p.Body()
			}

		}

	case HeadgateParserT__27:
		localctx = NewMachineContext(p, localctx)
		p.EnterOuterAlt(localctx, 11)
		{
			p.SetState(224)
			p.Match(HeadgateParserT__27)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(225)
			p.Name()
		}
		{
			p.SetState(226)
			p.Meta()
		}
		{
			p.SetState(227)
			p.Match(HeadgateParserT__28)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(228)
			p.Match(HeadgateParserT__29)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(229)
			p.Face()
		}
		p.SetState(234)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__30 {
			{
				p.SetState(230)
				p.Match(HeadgateParserT__30)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(231)
				p.Face()
			}

			p.SetState(236)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(237)
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
			p.SetState(239)
			p.Match(HeadgateParserT__32)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(240)
			p.Name()
		}
		{
			p.SetState(241)
			p.Meta()
		}
		p.SetState(244)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__33 {
			{
				p.SetState(242)
				p.Match(HeadgateParserT__33)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(243)

				var _x = p.Name()

				localctx.(*EntityContext).machine = _x
			}

		}
		p.SetState(248)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__22 {
			{
				p.SetState(246)
				p.Match(HeadgateParserT__22)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(247)

				var _x = p.Words()

				localctx.(*EntityContext).addrs = _x
			}

		}
		p.SetState(251)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__67 {
			{
				p.SetState(250)
				p.Listens()
			}

		}
		p.SetState(254)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__4 {
			{
				p.SetState(253)
				p.Body()
			}

		}

	case HeadgateParserT__34:
		localctx = NewObjectContext(p, localctx)
		p.EnterOuterAlt(localctx, 13)
		{
			p.SetState(256)
			p.Match(HeadgateParserT__34)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(257)

			var _x = p.Name()

			localctx.(*ObjectContext).version = _x
		}
		{
			p.SetState(258)

			var _x = p.Name()

			localctx.(*ObjectContext).kind = _x
		}
		{
			p.SetState(259)
			p.Name()
		}
		{
			p.SetState(260)
			p.Meta()
		}
		{
			p.SetState(261)
			p.Body()
		}

	case HeadgateParserT__35:
		localctx = NewExpectContext(p, localctx)
		p.EnterOuterAlt(localctx, 14)
		{
			p.SetState(263)
			p.Match(HeadgateParserT__35)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(264)

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
			p.SetState(265)
			p.Match(HeadgateParserT__13)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(266)

			var _x = p.Peers()

			localctx.(*ExpectContext).source = _x
		}
		{
			p.SetState(267)
			p.Match(HeadgateParserT__39)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(268)

			var _x = p.Peers()

			localctx.(*ExpectContext).destination = _x
		}
		p.SetState(271)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__19 {
			{
				p.SetState(269)
				p.Match(HeadgateParserT__19)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(270)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 6, HeadgateParserRULE_standing)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(276)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__40 {
		{
			p.SetState(275)

			var _m = p.Match(HeadgateParserT__40)

			localctx.(*StandingContext).legacy = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}
	{
		p.SetState(278)

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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 8, HeadgateParserRULE_meta)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(281)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__29 {
		{
			p.SetState(280)

			var _x = p.Labels()

			localctx.(*MetaContext).own = _x
		}

	}
	p.SetState(285)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__43 {
		{
			p.SetState(283)
			p.Match(HeadgateParserT__43)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(284)

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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 10, HeadgateParserRULE_labels)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(287)
		p.Match(HeadgateParserT__29)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(296)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151888274751594) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
		{
			p.SetState(288)
			p.Pair()
		}
		p.SetState(293)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__30 {
			{
				p.SetState(289)
				p.Match(HeadgateParserT__30)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(290)
				p.Pair()
			}

			p.SetState(295)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}

	}
	{
		p.SetState(298)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 12, HeadgateParserRULE_pair)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(300)

		var _x = p.Name()

		localctx.(*PairContext).key = _x
	}
	{
		p.SetState(301)
		p.Match(HeadgateParserT__2)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(302)

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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 14, HeadgateParserRULE_policyRule)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(305)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserLABEL {
		{
			p.SetState(304)
			p.Match(HeadgateParserLABEL)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}
	{
		p.SetState(307)

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
		p.SetState(308)

		var _lt = p.GetTokenStream().LT(1)

		localctx.(*PolicyRuleContext).way = _lt

		_la = p.GetTokenStream().LA(1)

		if !(_la == HeadgateParserT__13 || _la == HeadgateParserT__39) {
			var _ri = p.GetErrorHandler().RecoverInline(p)

			localctx.(*PolicyRuleContext).way = _ri
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}
	{
		p.SetState(309)

		var _x = p.Peers()

		localctx.(*PolicyRuleContext).others = _x
	}
	p.SetState(312)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__19 {
		{
			p.SetState(310)
			p.Match(HeadgateParserT__19)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(311)
			p.Ports()
		}

	}
	p.SetState(316)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__9 {
		{
			p.SetState(314)
			p.Match(HeadgateParserT__9)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(315)

			var _x = p.Peers()

			localctx.(*PolicyRuleContext).subjects = _x
		}

	}
	p.SetState(322)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__45 {
		{
			p.SetState(318)

			var _m = p.Match(HeadgateParserT__45)

			localctx.(*PolicyRuleContext).log = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(320)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserSTRING {
			{
				p.SetState(319)

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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 16, HeadgateParserRULE_peers)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(324)
		p.Peer()
	}
	p.SetState(329)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__30 {
		{
			p.SetState(325)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(326)
			p.Peer()
		}

		p.SetState(331)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 18, HeadgateParserRULE_peer)
	var _la int

	p.SetState(355)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__46:
		localctx = NewAnyPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(332)
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
			p.SetState(333)
			p.Match(HeadgateParserT__47)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__23, HeadgateParserT__48:
		localctx = NewMemberPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(334)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*MemberPeerContext).what = _lt

			_la = p.GetTokenStream().LA(1)

			if !(_la == HeadgateParserT__23 || _la == HeadgateParserT__48) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*MemberPeerContext).what = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		p.SetState(336)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__29 {
			{
				p.SetState(335)
				p.Selector()
			}

		}
		p.SetState(340)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__49 {
			{
				p.SetState(338)
				p.Match(HeadgateParserT__49)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(339)
				p.Place()
			}

		}

	case HeadgateParserT__3, HeadgateParserT__53, HeadgateParserT__54:
		localctx = NewPlacePeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(342)
			p.Place()
		}

	case HeadgateParserT__20:
		localctx = NewNodesPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(343)
			p.Match(HeadgateParserT__20)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(345)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__29 {
			{
				p.SetState(344)
				p.Selector()
			}

		}

	case HeadgateParserT__10, HeadgateParserT__21, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__50, HeadgateParserT__51:
		localctx = NewNamedPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 6)
		{
			p.SetState(347)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*NamedPeerContext).what = _lt

			_la = p.GetTokenStream().LA(1)

			if !((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&6755399545915392) != 0) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*NamedPeerContext).what = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		{
			p.SetState(348)
			p.Name()
		}

	case HeadgateParserADDRESS, HeadgateParserNUMBER:
		localctx = NewBlockPeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 7)
		{
			p.SetState(349)
			p.Address()
		}
		p.SetState(352)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__52 {
			{
				p.SetState(350)
				p.Match(HeadgateParserT__52)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(351)
				p.Addresses()
			}

		}

	case HeadgateParserWORD:
		localctx = NewReferencePeerContext(p, localctx)
		p.EnterOuterAlt(localctx, 8)
		{
			p.SetState(354)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 20, HeadgateParserRULE_addresses)
	var _la int

	p.SetState(369)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserADDRESS, HeadgateParserNUMBER:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(357)
			p.Address()
		}

	case HeadgateParserT__29:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(358)
			p.Match(HeadgateParserT__29)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(359)
			p.Address()
		}
		p.SetState(364)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__30 {
			{
				p.SetState(360)
				p.Match(HeadgateParserT__30)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(361)
				p.Address()
			}

			p.SetState(366)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(367)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 22, HeadgateParserRULE_place)
	var _la int

	p.SetState(393)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 58, p.GetParserRuleContext()) {
	case 1:
		localctx = NewSelectedPlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(371)
			p.Match(HeadgateParserT__53)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(373)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__29 {
			{
				p.SetState(372)
				p.Selector()
			}

		}

	case 2:
		localctx = NewNamedPlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(375)
			p.Match(HeadgateParserT__3)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(376)
			p.Name()
		}

	case 3:
		localctx = NewOwnPlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(377)
			p.Match(HeadgateParserT__54)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(378)
			p.Match(HeadgateParserT__3)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case 4:
		localctx = NewSamePlaceContext(p, localctx)
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(379)
			p.Match(HeadgateParserT__53)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(380)
			p.Match(HeadgateParserT__55)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(381)
			p.Match(HeadgateParserT__56)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(382)
			p.Match(HeadgateParserT__29)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(383)
			p.Name()
		}
		p.SetState(388)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__30 {
			{
				p.SetState(384)
				p.Match(HeadgateParserT__30)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(385)
				p.Name()
			}

			p.SetState(390)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(391)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 24, HeadgateParserRULE_selector)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(395)
		p.Match(HeadgateParserT__29)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(404)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-288230383667904618) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
		{
			p.SetState(396)
			p.Requirement()
		}
		p.SetState(401)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__30 {
			{
				p.SetState(397)
				p.Match(HeadgateParserT__30)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(398)
				p.Requirement()
			}

			p.SetState(403)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}

	}
	{
		p.SetState(406)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 26, HeadgateParserRULE_requirement)
	var _la int

	p.SetState(432)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 64, p.GetParserRuleContext()) {
	case 1:
		localctx = NewEqualContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(408)
			p.Name()
		}
		{
			p.SetState(409)

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
			p.SetState(410)
			p.Name()
		}

	case 2:
		localctx = NewAmongContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(412)
			p.Name()
		}
		p.SetState(414)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__58 {
			{
				p.SetState(413)

				var _m = p.Match(HeadgateParserT__58)

				localctx.(*AmongContext).negated = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		{
			p.SetState(416)
			p.Match(HeadgateParserT__49)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(417)
			p.Match(HeadgateParserT__29)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(418)
			p.Name()
		}
		p.SetState(423)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		for _la == HeadgateParserT__30 {
			{
				p.SetState(419)
				p.Match(HeadgateParserT__30)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(420)
				p.Name()
			}

			p.SetState(425)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)
		}
		{
			p.SetState(426)
			p.Match(HeadgateParserT__31)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case 3:
		localctx = NewExistsContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		p.SetState(429)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__59 {
			{
				p.SetState(428)

				var _m = p.Match(HeadgateParserT__59)

				localctx.(*ExistsContext).negated = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		{
			p.SetState(431)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 28, HeadgateParserRULE_ports)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(434)
		p.Port()
	}
	p.SetState(439)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__30 {
		{
			p.SetState(435)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(436)
			p.Port()
		}

		p.SetState(441)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 30, HeadgateParserRULE_port)
	var _la int

	p.SetState(470)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66:
		localctx = NewTransportPortContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(442)
			p.Transport()
		}
		p.SetState(444)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if (int64((_la-73)) & ^0x3f) == 0 && ((int64(1)<<(_la-73))&7) != 0 {
			{
				p.SetState(443)

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
		p.SetState(448)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__60 {
			{
				p.SetState(446)
				p.Match(HeadgateParserT__60)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(447)

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
			p.SetState(450)

			var _m = p.Match(HeadgateParserNUMBER)

			localctx.(*AnotherPortContext).val = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(453)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserT__60 {
			{
				p.SetState(451)
				p.Match(HeadgateParserT__60)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(452)

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
			p.SetState(455)
			p.Match(HeadgateParserT__61)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(457)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserNUMBER {
			{
				p.SetState(456)

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
			p.SetState(459)
			p.Match(HeadgateParserT__62)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(461)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == HeadgateParserNUMBER {
			{
				p.SetState(460)

				var _m = p.Match(HeadgateParserNUMBER)

				localctx.(*IgmpPortContext).val = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}
		p.SetState(465)
		p.GetErrorHandler().Sync(p)

		if p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 71, p.GetParserRuleContext()) == 1 {
			{
				p.SetState(463)
				p.Match(HeadgateParserT__10)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(464)
				p.Address()
			}

		} else if p.HasError() { // JIM
			goto errorExit
		}

	case HeadgateParserT__63:
		localctx = NewNamedPortContext(p, localctx)
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(467)
			p.Match(HeadgateParserT__63)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(468)

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
			p.SetState(469)

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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 32, HeadgateParserRULE_transport)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(472)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 34, HeadgateParserRULE_listens)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(474)
		p.Match(HeadgateParserT__67)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(475)
		p.Match(HeadgateParserT__29)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(476)
		p.Listen()
	}
	p.SetState(481)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__30 {
		{
			p.SetState(477)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(478)
			p.Listen()
		}

		p.SetState(483)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(484)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 36, HeadgateParserRULE_listen)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(489)
	p.GetErrorHandler().Sync(p)

	if p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 74, p.GetParserRuleContext()) == 1 {
		{
			p.SetState(486)
			p.Name()
		}
		{
			p.SetState(487)
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
		p.SetState(491)
		p.Transport()
	}
	{
		p.SetState(492)

		var _m = p.Match(HeadgateParserNUMBER)

		localctx.(*ListenContext).number = _m
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(495)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__39 {
		{
			p.SetState(493)
			p.Match(HeadgateParserT__39)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(494)

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
	p.SetState(499)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == HeadgateParserT__21 {
		{
			p.SetState(497)
			p.Match(HeadgateParserT__21)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(498)

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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 38, HeadgateParserRULE_face)
	p.EnterOuterAlt(localctx, 1)
	p.SetState(504)
	p.GetErrorHandler().Sync(p)

	if p.GetInterpreter().AdaptivePredict(p.BaseParser, p.GetTokenStream(), 77, p.GetParserRuleContext()) == 1 {
		{
			p.SetState(501)
			p.Name()
		}
		{
			p.SetState(502)
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
		p.SetState(506)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 40, HeadgateParserRULE_body)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(508)
		p.Match(HeadgateParserT__4)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(512)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151888274751594) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
		{
			p.SetState(509)
			p.Field()
		}

		p.SetState(514)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(515)
		p.Match(HeadgateParserT__5)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 42, HeadgateParserRULE_field)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(517)
		p.Name()
	}
	{
		p.SetState(518)
		p.Match(HeadgateParserT__2)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(519)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 44, HeadgateParserRULE_value)
	var _la int

	p.SetState(546)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__0, HeadgateParserT__1, HeadgateParserT__3, HeadgateParserT__6, HeadgateParserT__7, HeadgateParserT__8, HeadgateParserT__9, HeadgateParserT__10, HeadgateParserT__11, HeadgateParserT__12, HeadgateParserT__13, HeadgateParserT__14, HeadgateParserT__15, HeadgateParserT__16, HeadgateParserT__17, HeadgateParserT__18, HeadgateParserT__19, HeadgateParserT__20, HeadgateParserT__21, HeadgateParserT__22, HeadgateParserT__23, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__27, HeadgateParserT__28, HeadgateParserT__32, HeadgateParserT__33, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__36, HeadgateParserT__37, HeadgateParserT__38, HeadgateParserT__39, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42, HeadgateParserT__43, HeadgateParserT__44, HeadgateParserT__45, HeadgateParserT__46, HeadgateParserT__47, HeadgateParserT__48, HeadgateParserT__49, HeadgateParserT__50, HeadgateParserT__51, HeadgateParserT__52, HeadgateParserT__53, HeadgateParserT__54, HeadgateParserT__55, HeadgateParserT__56, HeadgateParserT__58, HeadgateParserT__60, HeadgateParserT__61, HeadgateParserT__62, HeadgateParserT__63, HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66, HeadgateParserT__67, HeadgateParserADDRESS, HeadgateParserNUMBER, HeadgateParserWORD, HeadgateParserSTRING:
		localctx = NewScalarContext(p, localctx)
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(521)
			p.Word()
		}

	case HeadgateParserT__68:
		localctx = NewListContext(p, localctx)
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(522)
			p.Match(HeadgateParserT__68)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(531)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151888274751562) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3903) != 0) {
			{
				p.SetState(523)
				p.Value()
			}
			p.SetState(528)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			for _la == HeadgateParserT__30 {
				{
					p.SetState(524)
					p.Match(HeadgateParserT__30)
					if p.HasError() {
						// Recognition error - abort rule
						goto errorExit
					}
				}
				{
					p.SetState(525)
					p.Value()
				}

				p.SetState(530)
				p.GetErrorHandler().Sync(p)
				if p.HasError() {
					goto errorExit
				}
				_la = p.GetTokenStream().LA(1)
			}

		}
		{
			p.SetState(533)
			p.Match(HeadgateParserT__69)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__4:
		localctx = NewMappingContext(p, localctx)
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(534)
			p.Match(HeadgateParserT__4)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(543)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if ((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151888274751594) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&3615) != 0) {
			{
				p.SetState(535)
				p.Field()
			}
			p.SetState(540)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			for _la == HeadgateParserT__30 {
				{
					p.SetState(536)
					p.Match(HeadgateParserT__30)
					if p.HasError() {
						// Recognition error - abort rule
						goto errorExit
					}
				}
				{
					p.SetState(537)
					p.Field()
				}

				p.SetState(542)
				p.GetErrorHandler().Sync(p)
				if p.HasError() {
					goto errorExit
				}
				_la = p.GetTokenStream().LA(1)
			}

		}
		{
			p.SetState(545)
			p.Match(HeadgateParserT__5)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 46, HeadgateParserRULE_words)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(548)
		p.Word()
	}
	p.SetState(553)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == HeadgateParserT__30 {
		{
			p.SetState(549)
			p.Match(HeadgateParserT__30)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(550)
			p.Word()
		}

		p.SetState(555)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 48, HeadgateParserRULE_word)
	p.SetState(558)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserT__0, HeadgateParserT__1, HeadgateParserT__3, HeadgateParserT__6, HeadgateParserT__7, HeadgateParserT__8, HeadgateParserT__9, HeadgateParserT__10, HeadgateParserT__11, HeadgateParserT__12, HeadgateParserT__13, HeadgateParserT__14, HeadgateParserT__15, HeadgateParserT__16, HeadgateParserT__17, HeadgateParserT__18, HeadgateParserT__19, HeadgateParserT__20, HeadgateParserT__21, HeadgateParserT__22, HeadgateParserT__23, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__27, HeadgateParserT__28, HeadgateParserT__32, HeadgateParserT__33, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__36, HeadgateParserT__37, HeadgateParserT__38, HeadgateParserT__39, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42, HeadgateParserT__43, HeadgateParserT__44, HeadgateParserT__45, HeadgateParserT__46, HeadgateParserT__47, HeadgateParserT__48, HeadgateParserT__49, HeadgateParserT__50, HeadgateParserT__51, HeadgateParserT__52, HeadgateParserT__53, HeadgateParserT__54, HeadgateParserT__55, HeadgateParserT__56, HeadgateParserT__58, HeadgateParserT__60, HeadgateParserT__61, HeadgateParserT__62, HeadgateParserT__63, HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66, HeadgateParserT__67, HeadgateParserNUMBER, HeadgateParserWORD, HeadgateParserSTRING:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(556)
			p.Name()
		}

	case HeadgateParserADDRESS:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(557)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 50, HeadgateParserRULE_address)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(560)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 52, HeadgateParserRULE_name)
	p.SetState(566)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case HeadgateParserWORD:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(562)
			p.Match(HeadgateParserWORD)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserNUMBER:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(563)
			p.Match(HeadgateParserNUMBER)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserSTRING:
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(564)
			p.Match(HeadgateParserSTRING)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case HeadgateParserT__0, HeadgateParserT__1, HeadgateParserT__3, HeadgateParserT__6, HeadgateParserT__7, HeadgateParserT__8, HeadgateParserT__9, HeadgateParserT__10, HeadgateParserT__11, HeadgateParserT__12, HeadgateParserT__13, HeadgateParserT__14, HeadgateParserT__15, HeadgateParserT__16, HeadgateParserT__17, HeadgateParserT__18, HeadgateParserT__19, HeadgateParserT__20, HeadgateParserT__21, HeadgateParserT__22, HeadgateParserT__23, HeadgateParserT__24, HeadgateParserT__25, HeadgateParserT__26, HeadgateParserT__27, HeadgateParserT__28, HeadgateParserT__32, HeadgateParserT__33, HeadgateParserT__34, HeadgateParserT__35, HeadgateParserT__36, HeadgateParserT__37, HeadgateParserT__38, HeadgateParserT__39, HeadgateParserT__40, HeadgateParserT__41, HeadgateParserT__42, HeadgateParserT__43, HeadgateParserT__44, HeadgateParserT__45, HeadgateParserT__46, HeadgateParserT__47, HeadgateParserT__48, HeadgateParserT__49, HeadgateParserT__50, HeadgateParserT__51, HeadgateParserT__52, HeadgateParserT__53, HeadgateParserT__54, HeadgateParserT__55, HeadgateParserT__56, HeadgateParserT__58, HeadgateParserT__60, HeadgateParserT__61, HeadgateParserT__62, HeadgateParserT__63, HeadgateParserT__64, HeadgateParserT__65, HeadgateParserT__66, HeadgateParserT__67:
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(565)
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
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
	p.EnterRule(localctx, 54, HeadgateParserRULE_keyword)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(568)
		_la = p.GetTokenStream().LA(1)

		if !(((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&-1441151888274751594) != 0) || ((int64((_la-64)) & ^0x3f) == 0 && ((int64(1)<<(_la-64))&31) != 0)) {
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
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}
