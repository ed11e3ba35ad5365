package canary

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// The dialect "pytest" exchanges the expected value of one of a test's assertions:
//
//	assert f(x) == LITERAL      assert f(x) is True      assert f(x)      assert not f(x)
//	self.assertEqual(f(x), LITERAL) and its kin, assertTrue, assertFalse, assertIs, assertIsNone
//	with pytest.raises(ValueError): ...   with self.assertRaises(KeyError): ...
//
// where the assertion is a statement of the test itself, not of a loop or condition in it, so that it is
// reached whenever the test passes. LITERAL may be
//
//   - a name that the test gives a literal and uses nowhere else
//   - a column of a table: of pytest.mark.parametrize, or of a loop over a list in the test
//   - an argument of a helper of the file that compares it with "assert … == parameter"

func pytestReader() reader {
	return reader{
		isTest: func(p string) bool {
			name := path.Base(p)
			return strings.HasSuffix(name, ".py") && (strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py"))
		},
		blocks: pytestBlocks,
		most:   7,
		advice: `Write one assertion outside of loops and conditions that compares with a value, such as "assert total([1, 2]) == 3".`,
		rename: func(_, token string) string { return "test_" + token },
	}
}

func pythonLiterals() literals {
	return literals{
		constants: map[string]spot{
			"True": fixed(0, 0, false, "False"), "False": fixed(0, 0, false, "True"), "None": fixed(0, 0, true, "False"),
		},
		joined: true, colon: true, brackets: "([{",
		empty: map[string][]string{"[": {"[0]", "[1]", "[2]", "[None]", `[""]`}, "(": {"(0,)", "(1,)", "(None,)"}, "{": {"{0: 0}", "{0: 1}", "{1: 0}"}},
	}
}

// statement is a logical line.
type statement struct {
	tokens []token
	indent int // columns before its first token
	start  int // offset of its first line
}

func statements(src string, tokens []token) []statement {
	var out []statement
	from := 0
	for i, t := range tokens {
		if t.kind != newlineToken {
			continue
		}
		first := tokens[from]
		start := strings.LastIndexByte(src[:first.start], '\n') + 1
		indent := 0
		for _, c := range src[start:first.start] {
			if indent++; c == '\t' {
				indent = (indent + 7) / 8 * 8
			}
		}
		out = append(out, statement{tokens[from:i], indent, start})
		from = i + 1
	}
	return out
}

var pytestSkips = []string{"skip", "skipif", "skipIf", "skipUnless", "skipTest", "importorskip", "SkipTest", "xfail", "expectedFailure"}

func pytestBlocks(src string) (blocks []block, skips []int, err error) {
	tokens, err := lexPython(src)
	if err != nil {
		return nil, nil, err
	}
	skips = named(tokens, pytestSkips...)
	list := statements(src, tokens)
	helpers := pythonHelpers(list)
	class := -1 // indentation of the class we are in
	for i := 0; i < len(list); i++ {
		s := list[i]
		if s.indent == 0 {
			class = -1
			if s.tokens[0].isName("class") {
				if class = 0; collected(s.tokens) && i+1 < len(list) && list[i+1].indent > 0 {
					class = list[i+1].indent
				}
				continue
			}
		}
		if s.indent != max(class, 0) {
			continue
		}
		first := i
		for i < len(list) && list[i].indent == s.indent && list[i].tokens[0].is("@") {
			i++
		}
		if i >= len(list) {
			break
		}
		def := list[i].tokens
		if def[0].isName("async") {
			def = def[1:]
		}
		if len(def) < 2 || !def[0].isName("def") {
			if i > first {
				i-- // a decorated class
			}
			continue
		}
		body := i + 1
		for body < len(list) && list[body].indent > s.indent {
			body++
		}
		if name := def[1]; strings.HasPrefix(name.text, "test") {
			last := list[body-1].tokens[len(list[body-1].tokens)-1]
			end := len(src)
			if n := strings.IndexByte(src[last.end:], '\n'); n >= 0 {
				end = last.end + n + 1
			}
			b := block{name: name.text, title: pythonTitle(name.text), line: name.line, start: list[first].start, end: end, nameStart: name.start, nameEnd: name.end}
			if !strings.HasSuffix(src[:end], "\n") {
				b.apart = "\n"
			}
			p := &pytestTest{src: src, helpers: helpers, named: map[string][]spot{}}
			for _, decorator := range list[first:i] {
				p.parametrize(decorator.tokens, list[i+1:body])
			}
			p.body(list[i+1 : body])
			b.spots = p.spots
			blocks = append(blocks, b)
		}
		i = body - 1
	}
	return blocks, skips, nil
}

// collected tells that a class holds tests: it is called so, or derives from one that is.
func collected(class []token) bool {
	if len(class) > 1 && strings.HasPrefix(class[1].text, "Test") {
		return true
	}
	return slices.ContainsFunc(class[min(2, len(class)):], func(t token) bool {
		return t.kind == nameToken && (strings.Contains(t.text, "Test") || strings.Contains(t.text, "Case"))
	})
}

var testPrefix = regexp.MustCompile(`^test_?`)

// pythonTitle is what the reporter makes of the name of a test without a description.
func pythonTitle(name string) string {
	title := strings.TrimSpace(strings.ReplaceAll(testPrefix.ReplaceAllString(name, ""), "_", " "))
	if title == "" {
		return name
	}
	return title
}

// pytestTest collects the values of one test that can be exchanged.
type pytestTest struct {
	src     string
	helpers map[string]int    // which argument they compare
	named   map[string][]spot // values of names that are used once
	spots   []spot
}

func (p *pytestTest) body(body []statement) {
	if len(body) == 0 {
		return
	}
	indent := body[0].indent
	used := uses(body)
	inner := false // in a function or class of the test's own
	for i, s := range body {
		t := s.tokens
		if s.indent != indent {
			if !inner && slices.ContainsFunc(t, func(t token) bool { return t.isName("return") }) {
				return // what follows may not be reached
			}
			continue
		}
		inner = t[0].isName("def") || t[0].isName("class") || t[0].isName("async") && t[1].isName("def")
		if slices.ContainsFunc(t, func(t token) bool { return t.is(";") || t.isName("return") }) {
			return
		}
		switch {
		case len(t) > 2 && t[0].kind == nameToken && t[1].is("=") && used[t[0].text] == 2:
			if leaves, ok := pythonLiterals().parse(p.src, t[2:]); ok {
				p.named[t[0].text] = leaves
			}
		case t[0].isName("for"):
			p.loop(t, body[i+1:], indent)
		default:
			p.statement(t)
		}
	}
}

// uses counts names.
func uses(body []statement) map[string]int {
	used := map[string]int{}
	for _, s := range body {
		for _, t := range s.tokens {
			if t.kind == nameToken {
				used[t.text]++
			}
		}
	}
	return used
}

// parametrize reads "@pytest.mark.parametrize("x, expected", [...])". A parameter that the test uses once
// stands for its column.
func (p *pytestTest) parametrize(t []token, body []statement) {
	at := slices.IndexFunc(t, func(t token) bool { return t.isName("parametrize") })
	if at < 0 || at+1 >= len(t) || !t[at+1].is("(") || closing(t, at+1) != len(t)-1 {
		return
	}
	args := split(t[at+2 : len(t)-1])
	if len(args) < 2 || len(args[0]) != 1 || args[0][0].kind != stringToken {
		return
	}
	var names []string
	for name := range strings.SplitSeq(strings.Trim(args[0][0].text, `"'`), ",") {
		names = append(names, strings.TrimSpace(name))
	}
	used := uses(body)
	for name, leaves := range p.columns(names, args[1]) {
		if used[name] != 1 {
			continue
		}
		for i := range leaves {
			leaves[i].partly = true
		}
		p.named[name] = leaves
	}
}

// columns returns the values of a list of rows by the name of their column; none unless all rows are
// written out.
func (p *pytestTest) columns(names []string, t []token) map[string][]spot {
	if len(t) < 2 || !t[0].is("[") && !t[0].is("(") || closing(t, 0) != len(t)-1 {
		return nil
	}
	columns := map[string][]spot{}
	for _, row := range split(t[1 : len(t)-1]) {
		cells := [][]token{row}
		if len(names) > 1 {
			if len(row) < 2 || !row[0].is("(") && !row[0].is("[") || closing(row, 0) != len(row)-1 {
				return nil
			}
			cells = split(row[1 : len(row)-1])
		}
		if len(cells) != len(names) {
			return nil
		}
		for i, name := range names {
			leaves, ok := pythonLiterals().parse(p.src, cells[i])
			if ok {
				columns[name] = append(columns[name], leaves...)
			}
		}
	}
	return columns
}

// loop reads a loop over rows that are written out. What it does for each row is read like a test.
func (p *pytestTest) loop(head []token, rest []statement, indent int) {
	in := slices.IndexFunc(head, func(t token) bool { return t.isName("in") })
	if in < 0 || !head[len(head)-1].is(":") {
		return
	}
	var names []string
	for _, part := range split(head[1:in]) {
		if len(part) != 1 || part[0].kind != nameToken {
			return
		}
		names = append(names, part[0].text)
	}
	end := slices.IndexFunc(rest, func(s statement) bool { return s.indent <= indent })
	if end < 0 {
		end = len(rest)
	}
	body := rest[:end]
	if len(body) > 1 && body[0].tokens[0].isName("with") && slices.ContainsFunc(body[0].tokens, func(t token) bool { return t.isName("subTest") }) {
		body = body[1:]
	}
	leaves := func(s statement) bool {
		return slices.ContainsFunc(s.tokens, func(t token) bool { return t.isName("continue") || t.isName("break") || t.isName("return") })
	}
	over := head[in+1 : len(head)-1]
	written := len(over) > 2 && (over[0].is("[") || over[0].is("(")) && closing(over, 0) == len(over)-1
	if !written || len(body) == 0 || slices.ContainsFunc(body, leaves) {
		return // it may be that nothing in it is reached
	}
	used := uses(body)
	inner := &pytestTest{src: p.src, helpers: p.helpers, named: map[string][]spot{}}
	for name, column := range p.columns(names, over) {
		if used[name] == 1 {
			inner.named[name] = column
		}
	}
	for _, s := range body {
		if s.indent == body[0].indent {
			inner.statement(s.tokens)
		}
	}
	p.spots = append(p.spots, inner.spots...)
}

// pythonHelpers finds functions of the file that compare one of their parameters with "assert … ==
// parameter", as statements of their own, and returns its index by the function's name.
func pythonHelpers(list []statement) map[string]int {
	helpers := map[string]int{}
	for i, s := range list {
		t := s.tokens
		if s.indent != 0 || !t[0].isName("def") || len(t) < 4 || strings.HasPrefix(t[1].text, "test") || !t[2].is("(") {
			continue
		}
		end := closing(t, 2)
		if end < 0 || i > 0 && list[i-1].tokens[0].is("@") {
			continue
		}
		body := list[i+1:]
		if n := slices.IndexFunc(body, func(s statement) bool { return s.indent == 0 }); n >= 0 {
			body = body[:n]
		}
		if len(body) == 0 {
			continue
		}
		for j, param := range split(t[3:end]) {
			if len(param) == 1 && param[0].kind == nameToken && compares(body, param[0].text) {
				helpers[t[1].text] = j
			}
		}
	}
	return helpers
}

// compares tells that a body reaches "assert … == name" and uses the name for nothing else.
func compares(body []statement, name string) bool {
	found := false
	used := uses(body)[name]
	for _, s := range body {
		t := s.tokens
		if slices.ContainsFunc(t, func(t token) bool { return t.isName("return") || t.isName("yield") }) && !found {
			return false
		}
		if found || s.indent != body[0].indent || !t[0].isName("assert") {
			continue
		}
		parts := split(t[1:])
		if len(parts) == 0 || len(parts) > 2 {
			continue
		}
		condition := parts[0]
		n := len(condition)
		if n < 3 || !condition[n-1].isName(name) || !condition[n-2].is("==") || !comparesOnce(condition) {
			continue
		}
		if len(parts) == 2 { // the words about a failure may use it
			used -= uses([]statement{{tokens: parts[1]}})[name]
		}
		found = true
	}
	return found && used == 1
}

// comparesOnce tells that "==" is all that a condition does at its outer level.
func comparesOnce(t []token) bool {
	_, op, ok := comparison(t)
	return ok && op == "=="
}

func (p *pytestTest) statement(t []token) {
	switch {
	case t[0].isName("assert"):
		p.spots = append(p.spots, pythonAssert(p.src, t[1:], p.named)...)
	case t[0].isName("with"):
		p.spots = append(p.spots, pythonRaises(t[1:])...)
	case len(t) > 4 && t[0].isName("self") && t[1].is(".") && t[3].is("(") && closing(t, 3) == len(t)-1:
		p.spots = append(p.spots, unittestAssert(p.src, t[2], split(t[4:len(t)-1]), p.named)...)
	case len(t) > 3 && t[0].kind == nameToken && t[1].is("(") && closing(t, 1) == len(t)-1:
		index, ok := p.helpers[t[0].text]
		args := split(t[2 : len(t)-1])
		if !ok || index >= len(args) || slices.ContainsFunc(args, func(arg []token) bool { return arg[0].is("*") || arg[0].is("**") || len(arg) > 1 && arg[1].is("=") }) {
			return
		}
		p.spots = append(p.spots, pythonValue(p.src, args[index], p.named)...)
	}
}
