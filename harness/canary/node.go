package canary

import (
	"regexp"
	"slices"
	"strings"
)

// The dialect "node" exchanges the expected value of one of a test's assertions:
//
//	assert.equal(f(x), LITERAL)   strictEqual, deepEqual, deepStrictEqual
//	assert.ok(f(x))               assert(f(x)), assert.ok(!f(x))
//	expect(f(x)).toBe(LITERAL)    toEqual, toStrictEqual, toBeTruthy, toBeFalsy
//
// where the assertion is a statement of the function given to test() or it(). LITERAL may be a const
// of the test that is used nowhere else.

func nodeReader() reader {
	return reader{
		isTest: nodeTestFile.MatchString,
		orTest: nodeTestFolder.MatchString,
		blocks: nodeBlocks,
		most:   7,
		advice: `Write one assertion outside of loops and conditions that compares with a value, such as "assert.equal(total([1, 2]), 3);".`,
		rename: func(_, token string) string { return token },
	}
}

// What our runner takes for tests: files called so, or else all in a folder of tests.
var (
	nodeTestFile   = regexp.MustCompile(`(^|/)((.+[.\-_])?test|test-[^/]+)\.[cm]?[jt]s$`)
	nodeTestFolder = regexp.MustCompile(`(^|/)tests?/(.+/)?[^/]+\.[cm]?[jt]s$`)
)

func javaScript() braces {
	return braces{
		operators: []string{">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**"},
		template:  true, regexp: true,
	}
}

func javaScriptLiterals() literals {
	return literals{
		constants: map[string]spot{
			"true": fixed(0, 0, false, "false"), "false": fixed(0, 0, false, "true"),
			"null": fixed(0, 0, true, "false"), "undefined": fixed(0, 0, true, "false"),
		},
		suffix: "n", colon: true, brackets: "[{", bareKeys: true,
		empty: map[string][]string{"[": {"[0]", "[1]", "[null]", "[2]"}, "{": {"{ a: 0 }", "{ a: 1 }", "{ x: 0 }"}},
	}
}

func nodeBlocks(src string) (blocks []block, skips []int, err error) {
	tokens, err := javaScript().lex(src)
	if err != nil {
		return nil, nil, err
	}
	skips = named(tokens, "skip", "todo")
	for i := 0; i+4 < len(tokens); i++ {
		t := tokens[i]
		if !t.isName("test") && !t.isName("it") || !tokens[i+1].is("(") || !startsStatement(tokens, i) {
			continue
		}
		end := closing(tokens, i+1)
		title := tokens[i+2]
		if end < 0 || title.kind != stringToken || !tokens[i+3].is(",") {
			continue
		}
		name := unquote(title.text)
		b := block{
			name: name, title: name, line: t.line, start: t.start, end: tokens[end].end, apart: "\n",
			nameStart: title.start + 1, nameEnd: title.end - 1,
		}
		if j := i - 1; j >= 0 && tokens[j].isName("await") {
			b.start = tokens[j].start
		}
		if end+1 < len(tokens) && tokens[end+1].is(";") {
			b.end = tokens[end+1].end
			end++
		}
		b.spots = nodeFunction(src, tokens[i+3:end])
		blocks = append(blocks, b)
		i = end
	}
	return blocks, skips, nil
}

// unquote returns what a plain string literal says, near enough for a name.
func unquote(text string) string {
	return strings.NewReplacer(`\'`, "'", `\"`, `"`, "\\`", "`", `\\`, `\`).Replace(text[1 : len(text)-1])
}

// startsStatement tells that a statement starts at i: after another one's end, or on a line of its own
// where no condition or operator waits for it.
func startsStatement(tokens []token, i int) bool {
	if i > 0 && tokens[i-1].isName("await") {
		i--
	}
	if i == 0 {
		return true
	}
	before := tokens[i-1]
	switch {
	case before.is(";"), before.is("{"), before.is("}"):
		return true
	case !tokens[i].spaced:
		return false
	case before.is(")"):
		open := opening(tokens, i-1)
		if open <= 0 {
			return true
		}
		awaits := open > 1 && tokens[open-1].isName("await") && tokens[open-2].isName("for")
		return !awaits && !slices.Contains([]string{"if", "for", "while", "with"}, tokens[open-1].text)
	case before.kind == operatorToken:
		return before.is("]")
	default:
		return !before.isName("else") && !before.isName("do") && !before.isName("return")
	}
}

// opening returns the index of the bracket that the one at i closes, -1 when there is none.
func opening(tokens []token, i int) int {
	depth := 0
	for j := i; j >= 0; j-- {
		if tokens[j].kind != operatorToken {
			continue
		}
		switch tokens[j].text {
		case ")", "]", "}":
			depth++
		case "(", "[", "{":
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return -1
}

// nodeFunction finds the body of the function among a test's arguments.
func nodeFunction(src string, args []token) []spot {
	for i := 0; i < len(args); i++ {
		switch t := args[i]; {
		case t.is("=>"):
			if i+1 < len(args) && args[i+1].is("{") {
				if end := closing(args, i+1); end > 0 {
					return nodeBody(src, args[i+2:end])
				}
				return nil
			}
			return nodeStatement(src, unclosed(args[i+1:]), nil)
		case t.isName("function"):
			for i < len(args) && !args[i].is("(") {
				i++
			}
			if i == len(args) {
				return nil
			}
			open := closing(args, i) + 1
			if open <= 0 || open >= len(args) || !args[open].is("{") {
				return nil
			}
			return nodeBody(src, args[open+1:closing(args, open)])
		case t.is("(") || t.is("{"):
			if end := closing(args, i); end > 0 {
				i = end // parameters, options
			}
		}
	}
	return nil
}

// unclosed cuts the closing bracket of the test's call, and a comma before it.
func unclosed(tokens []token) []token {
	for len(tokens) > 0 && (tokens[len(tokens)-1].is(")") && opening(tokens, len(tokens)-1) < 0 || tokens[len(tokens)-1].is(",") || tokens[len(tokens)-1].is(";")) {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}

// nodeBody returns the values of a test that can be exchanged.
func nodeBody(src string, body []token) []spot {
	used := map[string]int{}
	for _, t := range body {
		if t.kind == nameToken {
			used[t.text]++
		}
	}
	named := map[string][]spot{}
	var spots []spot
	depth := 0
	for i := 0; i < len(body); i++ {
		t := body[i]
		switch {
		case t.is("("), t.is("["), t.is("{"):
			depth++
			if t.is("{") && i > 0 && (body[i-1].is("=>") || functionBody(body, i)) { // a function of its own
				if end := closing(body, i); end > 0 {
					i, depth = end, depth-1
				}
			}
			continue
		case t.is(")"), t.is("]"), t.is("}"):
			depth--
			continue
		case t.isName("return") || t.isName("break") && depth == 0:
			return spots // what follows may not be reached
		}
		if depth > 0 || t.kind != nameToken || !startsStatement(body, i) {
			continue
		}
		end := statementEnd(body, i)
		if end < 0 {
			continue
		}
		stmt := body[i:end]
		if (t.isName("const") || t.isName("let")) && len(stmt) > 3 && stmt[2].is("=") && used[stmt[1].text] == 2 {
			if leaves, ok := javaScriptLiterals().parse(src, stmt[3:]); ok {
				named[stmt[1].text] = leaves
			}
			continue
		}
		spots = append(spots, nodeStatement(src, stmt, named)...)
	}
	return spots
}

// functionBody tells that the brace at i opens the body of "function name(…) {".
func functionBody(body []token, i int) bool {
	if !body[i-1].is(")") {
		return false
	}
	open := opening(body, i-1)
	for j := open - 1; j >= 0 && j >= open-3; j-- {
		if body[j].isName("function") {
			return true
		}
	}
	return false
}

// statementEnd returns the index after the last token of the simple statement at i: a call, or a
// constant. It is -1 where that is not certain.
func statementEnd(body []token, i int) int {
	for j := i; j < len(body); j++ {
		t := body[j]
		if j > i && t.spaced && !continues(t) && !open(body[j-1]) {
			return j
		}
		switch {
		case t.is(";"), t.is("}"):
			return j
		case t.is("("), t.is("["), t.is("{"):
			end := closing(body, j)
			if end < 0 {
				return -1
			}
			j = end
		}
	}
	return len(body)
}

// continues tells that a token at the start of a line goes on with the statement of the line before.
func continues(t token) bool {
	return t.kind == operatorToken && t.text != "}" && t.text != "++" && t.text != "--" && t.text != "{" || t.kind == dynamicToken ||
		t.isName("in") || t.isName("instanceof")
}

// open tells that a token at the end of a line waits for more.
func open(t token) bool {
	return t.kind == operatorToken && t.text != ")" && t.text != "]" && t.text != "}" && t.text != "++" && t.text != "--"
}

var nodeEqual = []string{"equal", "strictEqual", "deepEqual", "deepStrictEqual"}

func nodeStatement(src string, t []token, named map[string][]spot) []spot {
	if len(t) > 1 && t[0].isName("t") && t[1].is(".") {
		t = t[2:] // t.assert
	}
	if len(t) > 3 && t[0].isName("assert") && t[1].is(".") && t[2].isName("strict") && t[3].is(".") {
		t = append([]token{t[0]}, t[3:]...)
	}
	if len(t) < 4 {
		return nil
	}
	var name string
	var at int
	switch {
	case t[0].isName("assert") && t[1].is("("):
		name, at = "ok", 1
	case t[0].isName("assert") && t[1].is(".") && t[3].is("("):
		name, at = t[2].text, 3
	case t[0].isName("expect") && t[1].is("("):
		return nodeExpect(src, t, named)
	default:
		return nil
	}
	end := closing(t, at)
	if end != len(t)-1 {
		return nil
	}
	args := split(t[at+1 : end])
	switch {
	case name == "ok" && (len(args) == 1 || len(args) == 2):
		return negated(src, args[0])
	case slices.Contains(nodeEqual, name) && (len(args) == 2 || len(args) == 3):
		return nodeValue(src, args[1], named)
	default:
		return nil
	}
}

// negated offers "!x" for "x" and the other way round.
func negated(src string, t []token) []spot {
	switch {
	case len(t) == 0:
		return nil
	case t[0].is("!") && simple(t[1:]):
		return []spot{fixed(t[0].start, t[len(t)-1].end, false, src[t[1].start:t[len(t)-1].end])}
	case simple(t) && !t[0].isName("await"):
		return []spot{fixed(t[0].start, t[len(t)-1].end, false, "!"+src[t[0].start:t[len(t)-1].end])}
	default:
		return nil
	}
}

func nodeValue(src string, t []token, named map[string][]spot) []spot {
	if len(t) == 1 && t[0].kind == nameToken && named[t[0].text] != nil {
		return named[t[0].text]
	}
	leaves, _ := javaScriptLiterals().parse(src, t)
	return leaves
}

// nodeExpect reads expect(actual).matcher(expected).
func nodeExpect(src string, t []token, named map[string][]spot) []spot {
	end := closing(t, 1)
	if end < 0 || end+3 >= len(t) || !t[end+1].is(".") || !t[end+3].is("(") || closing(t, end+3) != len(t)-1 {
		return nil
	}
	matcher := t[end+2]
	switch matcher.text {
	case "toBe", "toEqual", "toStrictEqual":
		return nodeValue(src, t[end+4:len(t)-1], named)
	case "toBeTruthy":
		return []spot{fixed(matcher.start, matcher.end, false, "toBeFalsy")}
	case "toBeFalsy":
		return []spot{fixed(matcher.start, matcher.end, false, "toBeTruthy")}
	default:
		return nil
	}
}
