package canary

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// The dialect "bats" exchanges the expected value of one of a test's assertions:
//
//	[ "$output" = "LITERAL" ]   [[ $x == "LITERAL" ]]   [ "$n" -eq 3 ]   [ "$(cmd)" = LITERAL ]
//	assert_output "LITERAL"     assert_equal "$x" "LITERAL"     assert_line --index 0 "LITERAL"
//	assert_success, assert_failure, [ "$status" -eq 0 ], [ -z "$x" ] where a test has nothing else
//
// where the assertion is a command of the test itself, not of a loop or condition in it. After it may come
// "|| return 1", or a function of the file that ends with "return 1".

func batsReader() reader {
	return reader{
		isTest: func(p string) bool { return strings.HasSuffix(p, ".bats") },
		blocks: batsBlocks,
		most:   3, // each test of bats is several processes
		advice: `Write one assertion outside of loops and conditions that compares with a value, such as "[ "$output" = "3 lines" ]".`,
		rename: func(_, token string) string { return token },
	}
}

var (
	batsSkip = regexp.MustCompile(`(?m)(^|[\s;&|])skip([\s;]|$)`)
	batsTest = regexp.MustCompile(`^[ \t]*@test[ \t]+(.+?)[ \t]*\{[ \t\r]*$`)
	hereDoc  = regexp.MustCompile(`<<-?[ \t]*\\?["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)
)

// shellLine is a line of a test, or several that are one command.
type shellLine struct {
	start, end int
	text       string
}

func batsBlocks(src string) (blocks []block, skips []int, err error) {
	for _, at := range batsSkip.FindAllStringIndex(src, -1) {
		skips = append(skips, at[1]-1)
	}
	failing := failingFunctions(src)
	at, line := 0, 0
	var open *block
	var body []shellLine
	here := ""
	for text := range strings.Lines(src) {
		start := at
		at += len(text)
		line++
		bare := strings.TrimRight(text, "\r\n")
		switch {
		case open == nil:
			m := batsTest.FindStringSubmatchIndex(bare)
			if m == nil {
				continue
			}
			nameStart, nameEnd := start+m[2], start+m[3]
			if quote := src[nameStart]; (quote == '"' || quote == '\'') && nameEnd-nameStart >= 2 && src[nameEnd-1] == quote {
				nameStart, nameEnd = nameStart+1, nameEnd-1
			}
			name := src[nameStart:nameEnd]
			open = &block{name: name, title: name, line: line, start: start, nameStart: nameStart, nameEnd: nameEnd}
			body = nil
		case here != "":
			if strings.TrimLeft(bare, "\t") == here {
				here = ""
			}
			if len(body) > 0 {
				body[len(body)-1].end = at
			}
		case strings.TrimRight(bare, " \t") == "}":
			open.end = at
			if !strings.HasSuffix(text, "\n") {
				open.apart = "\n"
			}
			open.spots = batsBody(src, body, failing)
			blocks = append(blocks, *open)
			open = nil
		default:
			if m := hereDoc.FindStringSubmatch(bare); m != nil && !strings.Contains(bare, "<<<") {
				here = m[1]
			}
			body = append(body, shellLine{start: start, end: at, text: bare})
		}
	}
	if open != nil {
		return nil, nil, &syntaxError{open.line, "the test is not closed with \"}\" at the start of a line"}
	}
	return blocks, skips, nil
}

var (
	shellOpens  = []string{"if", "for", "while", "until", "case", "select", "{", "("}
	shellCloses = []string{"fi", "done", "esac", "}", ")"}
)

// batsBody returns the values of a test that can be exchanged.
func batsBody(src string, lines []shellLine, failing map[string]bool) []spot {
	var spots []spot
	depth := 0
	goesOn := false // the line before is not finished
	var quote byte  // the line before left a string open
	for _, l := range lines {
		words, simpleCommand, ends := shellWords(src, l.start, l.start+len(l.text), quote)
		inString := quote != 0
		quote = ends
		trimmed := strings.TrimSpace(l.text)
		first := ""
		if len(words) > 0 && !inString {
			first = words[0].text
		}
		wasOn := goesOn
		goesOn = strings.HasSuffix(trimmed, "\\") || strings.HasSuffix(trimmed, "|") || strings.HasSuffix(trimmed, "&&")
		if inString || quote != 0 {
			continue
		}
		if condition := orFails(words, failing); condition != nil {
			if depth == 0 && !wasOn && !goesOn {
				spots = append(spots, batsCommand(src, condition)...)
			}
			continue
		}
		if slices.ContainsFunc(words, func(w shellWord) bool { return w.text == "return" || w.text == "exit" }) && first != "run" {
			return spots // what follows may not be reached
		}
		switch {
		case slices.Contains(shellOpens, first) || strings.HasSuffix(trimmed, "{") || strings.HasSuffix(trimmed, "("):
			if !closesItself(words) {
				depth++
			}
			continue
		case slices.Contains(shellCloses, first):
			depth = max(depth-1, 0)
			continue
		}
		if depth == 0 && simpleCommand && !wasOn && !goesOn {
			spots = append(spots, batsCommand(src, words)...)
		}
	}
	return spots
}

var (
	shellFunction = regexp.MustCompile(`(?m)^[ \t]*(?:function[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*\(\)[ \t]*\{`)
	shellFails    = regexp.MustCompile(`(?:^|[\n;{])[ \t]*(?:(?:return|exit)[ \t]+[1-9][0-9]*|false)[ \t;]*\n?[ \t]*$`)
)

// failingFunctions returns the functions of a file whose last command fails.
func failingFunctions(src string) map[string]bool {
	out := map[string]bool{"fail": true, "false": true}
	for _, m := range shellFunction.FindAllStringSubmatchIndex(src, -1) {
		body := src[m[1]:]
		if line, _, _ := strings.Cut(body, "\n"); strings.HasSuffix(strings.TrimSpace(line), "}") {
			body = strings.TrimSuffix(strings.TrimSpace(line), "}")
		} else if end := strings.Index(body, "\n}"); end >= 0 {
			body = body[:end]
		} else {
			continue
		}
		early, _, _ := strings.Cut(shellFails.ReplaceAllString(body, ""), "return")
		if shellFails.MatchString(body) && len(early) == len(shellFails.ReplaceAllString(body, "")) {
			out[src[m[2]:m[3]]] = true
		}
	}
	return out
}

// orFails returns the words before "||" where what comes after it fails; nil for another line.
func orFails(words []shellWord, failing map[string]bool) []shellWord {
	for i := 1; i+2 < len(words); i++ {
		if words[i].text != "|" || words[i+1].text != "|" || words[i].quoted || words[i+1].start != words[i].end {
			continue
		}
		condition, otherwise := words[:i], words[i+2:]
		operator := func(w shellWord) bool { return !w.quoted && len(w.text) == 1 && strings.Contains(";|&<>()", w.text) }
		if slices.ContainsFunc(condition, operator) || slices.ContainsFunc(otherwise, operator) || otherwise[0].quoted {
			return nil
		}
		switch command := otherwise[0].text; {
		case command == "return" || command == "exit":
			if len(otherwise) == 2 && otherwise[1].text != "0" && wholeForm.MatchString(otherwise[1].text) {
				return condition
			}
		case failing[command]:
			return condition
		}
		return nil
	}
	return nil
}

// closesItself tells a compound command on one line.
func closesItself(words []shellWord) bool {
	return len(words) > 1 && slices.Contains(shellCloses, words[len(words)-1].text)
}

// shellWord is a word of a command. A literal one stands for its text.
type shellWord struct {
	text       string // between quotes where it has them
	start, end int    // of text
	literal    bool
	quoted     bool
}

// shellWords parts a line into words. simple is false for a line that is more than one command with
// words; open is the quote that the line leaves open.
func shellWords(src string, from, to int, open byte) (words []shellWord, simple bool, left byte) {
	i := from
	if open != 0 { // the rest of a string
		for i < to && src[i] != open {
			if src[i] == '\\' && open == '"' {
				i++
			}
			i++
		}
		if i >= to {
			return nil, false, open
		}
		i++
	}
	simple = open == 0
	for i < to {
		switch c := src[i]; {
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#':
			return words, simple, 0
		case strings.IndexByte(";|&<>()", c) >= 0:
			simple = false
			words = append(words, shellWord{text: string(c), start: i, end: i + 1})
			i++
		default:
			word, next, unclosed := shellWordAt(src, i, to)
			if unclosed != 0 {
				return words, false, unclosed
			}
			words = append(words, word)
			i = next
		}
	}
	return words, simple, 0
}

// shellWordAt reads the word at i. Only a word in one pair of quotes, or without any, can be a literal.
func shellWordAt(src string, i, to int) (word shellWord, next int, unclosed byte) {
	start, parts, literal := i, 0, true
	word = shellWord{start: i}
	for i < to && strings.IndexByte(" \t\r;|&<>()", src[i]) < 0 {
		parts++
		switch c := src[i]; c {
		case '\'', '"':
			j := i + 1
			for j < to && src[j] != c {
				switch {
				case c == '"' && src[j] == '\\':
					literal = false
					j++
				case c == '"' && strings.HasPrefix(src[j:to], "$("):
					literal = false
					j = max(substitution(src, j, to)-1, j)
				case c == '"' && (src[j] == '$' || src[j] == '`'):
					literal = false
				}
				j++
			}
			if j >= to {
				return shellWord{}, to, c
			}
			if parts == 1 {
				word = shellWord{start: i + 1, end: j, quoted: true}
			}
			i = j + 1
		case '$':
			literal = false
			if strings.HasPrefix(src[i:to], "$(") {
				i = substitution(src, i, to)
				continue
			}
			i++
		case '`', '\\', '*', '?', '~':
			literal = false
			i++
		default:
			i++
			for i < to && strings.IndexByte(" \t\r;|&<>()'\"$`\\*?~", src[i]) < 0 {
				i++
			}
		}
	}
	if parts != 1 || !word.quoted {
		word = shellWord{start: start, end: i}
		literal = literal && parts == 1
	}
	word.text, word.literal = src[word.start:word.end], literal
	return word, i, 0
}

// substitution returns the offset after the $(…) at i.
func substitution(src string, i, to int) int {
	depth := 0
	for j := i; j < to; j++ {
		switch src[j] {
		case '\\':
			j++
		case '\'':
			if end := strings.IndexByte(src[j+1:to], '\''); end >= 0 {
				j += end + 1
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return to
}

// batsCommand reads an assertion.
func batsCommand(src string, w []shellWord) []spot {
	if len(w) == 0 || w[0].quoted {
		return nil
	}
	switch w[0].text {
	case "[", "[[":
		last := map[string]string{"[": "]", "[[": "]]"}[w[0].text]
		if len(w) == 4 && w[3].text == last && !w[2].literal && (w[1].text == "-z" || w[1].text == "-n") {
			return []spot{fixed(w[1].start, w[1].end, true, map[string]string{"-z": "-n", "-n": "-z"}[w[1].text])}
		}
		if len(w) == 5 && w[4].text == last {
			return shellCompare(src, w[1], w[2], w[3], w[0].text == "[[")
		}
	case "test":
		if len(w) == 4 {
			return shellCompare(src, w[1], w[2], w[3], false)
		}
	case "assert_output":
		if len(w) == 2 && !strings.HasPrefix(w[1].text, "-") {
			return shellLiteral(src, w[1])
		}
	case "assert_equal":
		if len(w) == 3 && !w[1].literal {
			return shellLiteral(src, w[2])
		}
	case "assert_line":
		if len(w) == 4 && (w[1].text == "--index" || w[1].text == "-n") {
			return shellLiteral(src, w[3])
		}
	case "assert_success":
		return []spot{fixed(w[0].start, w[0].end, true, "assert_failure")}
	case "assert_failure":
		if len(w) == 1 {
			return []spot{fixed(w[0].start, w[0].end, true, "assert_success")}
		}
	}
	return nil
}

func shellCompare(src string, actual, operator, expected shellWord, double bool) []spot {
	if actual.literal {
		return nil
	}
	switch operator.text {
	case "=", "==":
		if double && !expected.quoted && !wholeForm.MatchString(expected.text) {
			return nil // a pattern
		}
		return shellLiteral(src, expected)
	case "!=":
		return []spot{fixed(operator.start, operator.end, true, "=")}
	case "-ne":
		return []spot{fixed(operator.start, operator.end, true, "-eq")}
	case "-eq":
		if s, ok := number(expected.start, expected.text, ""); ok && expected.literal {
			s.weak = strings.Contains(actual.text, "status")
			return []spot{s}
		}
	}
	return nil
}

func shellLiteral(src string, w shellWord) []spot {
	if !w.literal {
		return nil
	}
	if w.text == "" {
		return []spot{fixed(w.start, w.end, true, "a", "e", "o", "x", "0", "1", "ok")}
	}
	if s, ok := number(w.start, w.text, ""); ok && len(w.text) < 5 {
		return []spot{s}
	}
	var at []int
	for i, c := range w.text {
		if w.quoted || unicode.IsLetter(c) || unicode.IsDigit(c) {
			at = append(at, w.start+i)
		}
	}
	s, ok := characters(src, at)
	if !ok {
		return nil
	}
	return []spot{s}
}
