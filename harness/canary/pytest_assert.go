package canary

import "slices"

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

// comparison finds the one comparison by == or is at the outer level of a condition; at is -1 when there is
// none. It is not ok where the condition does anything else there.
func comparison(t []token) (at int, op string, ok bool) {
	at = -1
	depth := 0
	for i, token := range t {
		switch {
		case token.is("("), token.is("["), token.is("{"):
			depth++
		case token.is(")"), token.is("]"), token.is("}"):
			depth--
		case depth > 0:
		case token.is("=="), token.isName("is"):
			if at >= 0 {
				return 0, "", false
			}
			at, op = i, token.text
		case token.kind == operatorToken && slices.Contains([]string{"!=", "<", ">", "<=", ">=", ":="}, token.text),
			token.kind == nameToken && slices.Contains([]string{"and", "or", "in", "if", "else", "lambda", "await"}, token.text),
			token.isName("not") && i > 0:
			return 0, "", false
		}
	}
	return at, op, true
}

// pythonAssert reads the condition of an assert statement. Only one comparison is read: in others it is
// not certain what a changed value does.
func pythonAssert(src string, t []token, named map[string][]spot) []spot {
	parts := split(t)
	if len(parts) == 0 || len(parts) > 2 {
		return nil
	}
	t = parts[0]
	at, op, ok := comparison(t)
	if !ok {
		return nil
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
		if i < 2 || i+2 >= len(t) || !token.isName("raises") && !token.isName("assertRaises") && !token.isName("assertRaisesRegex") {
			continue
		}
		if !t[i-1].is(".") || i != 2 || !t[i+1].is("(") || !slices.Contains(pythonErrors, t[i+2].text) {
			continue
		}
		if end := closing(t, i+1); end < 0 || !t[i+3].is(")") && !t[i+3].is(",") || end+1 >= len(t) || !t[end+1].is(":") && !t[end+1].isName("as") {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(pythonErrors), func(name string) bool { return name == t[i+2].text })
		return []spot{fixed(t[i+2].start, t[i+2].end, false, others...)}
	}
	return nil
}
