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
// reached whenever the test passes. LITERAL may be a name that the test gives a literal and uses nowhere
// else.

func pytestReader() reader {
	return reader{
		isTest: func(p string) bool {
			name := path.Base(p)
			return strings.HasSuffix(name, ".py") && (strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py"))
		},
		blocks: pytestBlocks,
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

func pytestBlocks(src string) (blocks []block, skips bool, err error) {
	tokens, err := lexPython(src)
	if err != nil {
		return nil, false, err
	}
	skips = slices.ContainsFunc(tokens, func(t token) bool { return t.kind == nameToken && slices.Contains(pytestSkips, t.text) })
	list := statements(src, tokens)
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
			b.spots = pytestBody(src, list[i+1:body])
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

// pytestBody returns the values of a test that can be exchanged.
func pytestBody(src string, body []statement) []spot {
	if len(body) == 0 {
		return nil
	}
	indent := body[0].indent
	used := map[string]int{}
	for _, s := range body {
		for _, t := range s.tokens {
			if t.kind == nameToken {
				used[t.text]++
			}
		}
	}
	named := map[string][]spot{} // values of names used once
	var spots []spot
	inner := false // in a function or class of the test's own
	for _, s := range body {
		t := s.tokens
		if s.indent != indent {
			if !inner && slices.ContainsFunc(t, func(t token) bool { return t.isName("return") }) {
				break // what follows may not be reached
			}
			continue
		}
		inner = t[0].isName("def") || t[0].isName("class") || t[0].isName("async") && t[1].isName("def")
		if t[0].isName("return") || slices.ContainsFunc(t, func(t token) bool { return t.is(";") || t.isName("return") }) {
			break
		}
		if len(t) > 2 && t[0].kind == nameToken && t[1].is("=") && used[t[0].text] == 2 {
			if leaves, ok := pythonLiterals().parse(src, t[2:]); ok {
				named[t[0].text] = leaves
				continue
			}
		}
		spots = append(spots, pytestStatement(src, t, named)...)
	}
	return spots
}

func pytestStatement(src string, t []token, named map[string][]spot) []spot {
	switch {
	case t[0].isName("assert"):
		return pythonAssert(src, t[1:], named)
	case t[0].isName("with"):
		return pythonRaises(t[1:])
	case len(t) > 4 && t[0].isName("self") && t[1].is(".") && t[3].is("(") && closing(t, 3) == len(t)-1:
		return unittestAssert(src, t[2], split(t[4:len(t)-1]), named)
	default:
		return nil
	}
}

// pythonValue returns the leaves of a literal, or of a name that stands for one.
func pythonValue(src string, t []token, named map[string][]spot) []spot {
	if len(t) == 1 && t[0].kind == nameToken && named[t[0].text] != nil {
		return named[t[0].text]
	}
	if leaves, ok := pythonLiterals().parse(src, t); ok {
		return leaves
	}
	// pytest.approx(LITERAL), with its usual tolerance
	if len(t) > 3 && (t[0].isName("approx") || t[0].isName("pytest") && t[1].is(".") && t[2].isName("approx")) {
		open := slices.IndexFunc(t, func(t token) bool { return t.is("(") })
		if open > 0 && closing(t, open) == len(t)-1 {
			leaves, ok := pythonLiterals().parse(src, t[open+1:len(t)-1])
			if ok {
				return tolerant(src, leaves)
			}
		}
	}
	return nil
}

// tolerant leaves out what a tolerance may forgive.
func tolerant(src string, leaves []spot) []spot {
	return slices.DeleteFunc(leaves, func(s spot) bool {
		text := src[s.start:s.end]
		return !decimalForm.MatchString(text) && (!wholeForm.MatchString(text) || len(text) > 3)
	})
}

// pythonAssert reads the condition of an assert statement. Only one comparison is read: in others it is
// not certain what a changed value does.
func pythonAssert(src string, t []token, named map[string][]spot) []spot {
	parts := split(t)
	if len(parts) == 0 || len(parts) > 2 {
		return nil
	}
	t = parts[0]
	depth, at, op := 0, -1, ""
	for i, token := range t {
		switch {
		case token.is("("), token.is("["), token.is("{"):
			depth++
		case token.is(")"), token.is("]"), token.is("}"):
			depth--
		case depth > 0:
		case token.is("=="), token.isName("is"):
			if at >= 0 {
				return nil
			}
			at, op = i, token.text
		case token.kind == operatorToken && slices.Contains([]string{"!=", "<", ">", "<=", ">=", ":="}, token.text),
			token.kind == nameToken && slices.Contains([]string{"and", "or", "in", "if", "else", "lambda", "await"}, token.text),
			token.isName("not") && i > 0:
			return nil
		}
	}
	switch {
	case at < 0 && t[0].isName("not") && simple(t[1:]):
		return []spot{fixed(t[0].start, t[len(t)-1].end, false, src[t[1].start:t[len(t)-1].end])}
	case at < 0 && simple(t):
		return []spot{fixed(t[0].start, t[len(t)-1].end, false, "not "+src[t[0].start:t[len(t)-1].end])}
	case at < 0 || t[0].isName("not"):
		return nil
	case op == "is":
		if len(t) == at+2 && (t[at+1].text == "True" || t[at+1].text == "False" || t[at+1].text == "None") {
			return pythonValue(src, t[at+1:], nil)
		}
		return nil
	}
	if right := pythonValue(src, t[at+1:], named); len(right) > 0 {
		return right
	}
	return pythonValue(src, t[:at], named)
}

var (
	unittestEqual = []string{"assertEqual", "assertEquals", "assertListEqual", "assertTupleEqual", "assertDictEqual", "assertSetEqual",
		"assertSequenceEqual", "assertMultiLineEqual", "assertCountEqual", "assertAlmostEqual"}
	unittestOpposite = map[string]string{"assertTrue": "assertFalse", "assertFalse": "assertTrue"}
)

func unittestAssert(src string, name token, args [][]token, named map[string][]spot) []spot {
	switch {
	case slices.Contains(unittestEqual, name.text):
		if len(args) < 2 || len(args) > 3 || name.text == "assertAlmostEqual" && len(args) != 2 {
			return nil
		}
		for _, arg := range args { // no keywords but the message, no unpacking
			if slices.ContainsFunc(arg, func(t token) bool { return t.is("=") }) && !arg[0].isName("msg") || arg[0].is("*") || arg[0].is("**") {
				return nil
			}
		}
		leaves := pythonValue(src, args[1], named)
		if len(leaves) == 0 {
			leaves = pythonValue(src, args[0], named)
		}
		if name.text == "assertAlmostEqual" {
			leaves = tolerant(src, leaves)
		}
		return leaves
	case unittestOpposite[name.text] != "" && len(args) > 0:
		return []spot{fixed(name.start, name.end, false, unittestOpposite[name.text])}
	case name.text == "assertIsNone" && len(args) > 0:
		return []spot{fixed(name.start, name.end, true, "assertIsNotNone")}
	case name.text == "assertIs" && len(args) == 2 && len(args[1]) == 1:
		if text := args[1][0].text; text == "True" || text == "False" {
			return pythonValue(src, args[1], nil)
		}
	}
	return nil
}

// pythonErrors are exceptions of which none is a kind of another: where one is raised, a test that
// expects another one fails. An own class that is two of them at once is no exception a lesson makes.
var pythonErrors = []string{"ValueError", "TypeError", "KeyError", "IndexError", "ZeroDivisionError", "AttributeError", "RuntimeError", "FileNotFoundError", "OverflowError"}

// pythonRaises reads "pytest.raises(X):" and "self.assertRaises(X) as e:".
func pythonRaises(t []token) []spot {
	for i, token := range t {
		if i < 2 || i+2 >= len(t) || !(token.isName("raises") || token.isName("assertRaises") || token.isName("assertRaisesRegex")) {
			continue
		}
		if !t[i-1].is(".") || i != 2 || !t[i+1].is("(") || !slices.Contains(pythonErrors, t[i+2].text) {
			continue
		}
		if end := closing(t, i+1); end < 0 || !(t[i+3].is(")") || t[i+3].is(",")) || !(end+1 < len(t) && (t[end+1].is(":") || t[end+1].isName("as"))) {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(pythonErrors), func(name string) bool { return name == t[i+2].text })
		return []spot{fixed(t[i+2].start, t[i+2].end, false, others...)}
	}
	return nil
}
