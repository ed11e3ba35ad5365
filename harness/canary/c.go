package canary

import (
	"regexp"
	"strings"
)

// The dialect "c" are tests written with carrel_check.h, which the C environment brings:
//
//	#include "carrel_check.h"
//	#include "leap.h"
//
//	TEST(a_century_is_none) {
//		CHECK(!is_leap(1900));
//		CHECK_EQ_INT(days_in(1900), 365);
//	}
//
// TEST(name) begins a test at the start of a line; its id is "file::name", its name the words of name.
// The assertions, in the order (actual, expected):
//
//	CHECK(condition)
//	CHECK_EQ_INT(actual, expected)    whole numbers, compared as long long
//	CHECK_EQ_UINT(actual, expected)   whole numbers, compared as unsigned long long
//	CHECK_EQ_DBL(actual, expected)    equal within 1e-9 of the larger one, or both NaN
//	CHECK_EQ_STR(actual, expected)    strings; NULL equals NULL only
//	CHECK_EQ_CHAR(actual, expected)   one character
//
// A failed assertion ends its test. A test without a failed one has passed.

func cReader() reader {
	return reader{
		isTest: cTestFile.MatchString,
		blocks: cBlocks,
		most:   7,
		advice: `Write one assertion outside of loops and conditions that compares with a value, such as "CHECK_EQ_INT(total(1, 2), 3);".`,
		rename: func(_, token string) string { return token },
	}
}

// What carrel-cc takes for tests.
var cTestFile = regexp.MustCompile(`^tests?/(.+/)?[^/]+\.c$|(^|/)(test_[^/]*|[^/]+_test)\.c$`)

func cFamily() braces {
	return braces{operators: []string{"<<=", ">>=", "...", "->", "++", "--", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "::"}, hash: true}
}

func cLiterals() literals {
	return literals{
		constants: map[string]spot{"true": fixed(0, 0, false, "false"), "false": fixed(0, 0, false, "true")},
		joined:    true,
	}
}

func cBlocks(src string) (blocks []block, skips []int, err error) {
	tokens, err := cFamily().lex(src)
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i+4 < len(tokens); i++ {
		t := tokens[i]
		if !t.isName("TEST") || !tokens[i+1].is("(") || tokens[i+2].kind != nameToken || !tokens[i+3].is(")") || !tokens[i+4].is("{") {
			continue
		}
		end := closing(tokens, i+4)
		if end < 0 {
			break
		}
		name := tokens[i+2]
		blocks = append(blocks, block{
			name: name.text, title: strings.TrimSpace(strings.ReplaceAll(name.text, "_", " ")), line: t.line, apart: "\n",
			start: t.start, end: tokens[end].end, nameStart: name.start, nameEnd: name.end, spots: cBody(src, tokens[i+5:end]),
		})
		i = end
	}
	return blocks, nil, nil
}

var cEqual = map[string]bool{"CHECK_EQ_INT": true, "CHECK_EQ_UINT": true, "CHECK_EQ_DBL": true, "CHECK_EQ_STR": true, "CHECK_EQ_CHAR": true}

func cBody(src string, body []token) []spot {
	var spots []spot
	depth := 0
	for i := range body {
		t := body[i]
		switch {
		case t.is("("), t.is("["), t.is("{"):
			depth++
		case t.is(")"), t.is("]"), t.is("}"):
			depth--
		case t.isName("return"), t.isName("goto"):
			return spots // what follows may not be reached
		case depth == 0 && (t.text == "CHECK" || cEqual[t.text]) && i+1 < len(body) && body[i+1].is("("):
			// A condition without braces ends with a bracket or "else".
			if i > 0 && !body[i-1].is(";") && !body[i-1].is("}") {
				continue
			}
			end := closing(body, i+1)
			if end < 0 || end+1 >= len(body) || !body[end+1].is(";") {
				continue
			}
			args := split(body[i+2 : end])
			switch {
			case t.text == "CHECK" && len(args) == 1:
				spots = append(spots, negated(src, args[0])...)
			case cEqual[t.text] && len(args) == 2:
				leaves, _ := cLiterals().parse(src, args[1])
				if t.text == "CHECK_EQ_DBL" {
					leaves = tolerant(src, leaves)
				}
				spots = append(spots, leaves...)
			}
		}
	}
	return spots
}
