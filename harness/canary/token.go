package canary

import (
	"slices"
	"strings"
)

// kind is the sort of a token.
type kind int

const (
	nameToken kind = iota
	numberToken
	stringToken  // a literal whose value is its text
	dynamicToken // a literal with code in it: an f-string, a template
	operatorToken
	newlineToken // the end of a statement, where lines end statements
)

// token is a word of a source.
type token struct {
	kind       kind
	start, end int
	line       int
	text       string
	// For strings: the offsets of the characters that stand for themselves.
	plain []int
	// spaced tells that a line ends between this token and the one before.
	spaced bool
}

func (t token) is(text string) bool { return t.kind == operatorToken && t.text == text }
func (t token) isName(name string) bool {
	return t.kind == nameToken && t.text == name
}

// scanner reads a source byte by byte and counts lines.
type scanner struct {
	src    string
	at     int
	line   int
	tokens []token
	fresh  bool // a line ended since the last token
}

func (s *scanner) rest() string { return s.src[s.at:] }

func (s *scanner) advance(n int) {
	n = min(n, len(s.src)-s.at)
	if lines := strings.Count(s.src[s.at:s.at+n], "\n"); lines > 0 {
		s.line += lines
		s.fresh = true
	}
	s.at += n
}

func (s *scanner) push(k kind, length int, plain []int) {
	length = min(length, len(s.src)-s.at)
	t := token{kind: k, start: s.at, end: s.at + length, line: s.line, text: s.src[s.at : s.at+length], plain: plain, spaced: s.fresh}
	s.fresh = false
	s.tokens = append(s.tokens, t)
	lines := strings.Count(t.text, "\n")
	s.at += length
	s.line += lines
}

func (s *scanner) fail(reason string) error { return &syntaxError{s.line, reason} }

func isNameStart(c byte) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// word returns the length of the name at the start of text.
func word(text string) int {
	n := 0
	for n < len(text) && (isNameStart(text[n]) || isDigit(text[n])) {
		n++
	}
	return n
}

// numeral returns the length of the number at the start of text, generously: what is no number of ours
// is no leaf.
func numeral(text string) int {
	n := 0
	for n < len(text) {
		c := text[n]
		exponent := (c == '+' || c == '-') && n > 0 && (text[n-1] == 'e' || text[n-1] == 'E') && !strings.HasPrefix(text, "0x")
		if !isDigit(c) && !isNameStart(c) && c != '.' && !exponent {
			break
		}
		n++
	}
	return n
}

// quoted returns the length of a string literal that starts with the quote at text[0:len(quote)], and
// the offsets of the characters that stand for themselves; 0 when it does not end. Escapes are a
// backslash and what belongs to it.
func quoted(text, quote string, raw, lines bool) (length int, plain []int) {
	i := len(quote)
	for i < len(text) {
		switch {
		case strings.HasPrefix(text[i:], quote):
			return i + len(quote), plain
		case text[i] == '\\' && raw:
			i += 2
		case text[i] == '\\':
			i += escape(text[i:])
		case text[i] == '\n' && !lines:
			return 0, nil
		default:
			if text[i] < 0x80 || text[i] >= 0xC0 { // the first byte of a character
				plain = append(plain, i)
			}
			i++
		}
	}
	return 0, nil
}

// escape returns the length of an escape sequence: more than it can be where that is not known, so that
// no part of it is taken for a character.
func escape(text string) int {
	if len(text) < 2 {
		return 1
	}
	hex := func(most int) int {
		n := 2
		for n < len(text) && n < 2+most && strings.IndexByte("0123456789abcdefABCDEF", text[n]) >= 0 {
			n++
		}
		return n
	}
	switch c := text[1]; {
	case c == 'x':
		return hex(8)
	case c == 'u' && len(text) > 2 && text[2] == '{', c == 'N' && len(text) > 2 && text[2] == '{':
		if end := strings.IndexByte(text, '}'); end > 0 {
			return end + 1
		}
		return 2
	case c == 'u':
		return hex(4)
	case c == 'U':
		return hex(8)
	case c >= '0' && c <= '7':
		n := 2
		for n < len(text) && n < 4 && text[n] >= '0' && text[n] <= '7' {
			n++
		}
		return n
	default:
		return 2
	}
}

// named returns the offsets of names.
func named(tokens []token, names ...string) []int {
	var at []int
	for _, t := range tokens {
		if t.kind == nameToken && slices.Contains(names, t.text) {
			at = append(at, t.start)
		}
	}
	return at
}

// closing returns the index of the bracket that closes the one at i, -1 when there is none.
func closing(tokens []token, i int) int {
	depth := 0
	for j := i; j < len(tokens); j++ {
		if tokens[j].kind != operatorToken {
			continue
		}
		switch tokens[j].text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return -1
}

// split parts tokens at the commas outside of brackets. A comma at the end adds nothing.
func split(tokens []token) [][]token {
	var parts [][]token
	depth, from := 0, 0
	for i, t := range tokens {
		if t.kind != operatorToken {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		case ",":
			if depth == 0 {
				parts = append(parts, tokens[from:i])
				from = i + 1
			}
		}
	}
	if from < len(tokens) {
		parts = append(parts, tokens[from:])
	}
	return parts
}

// simple tells that tokens are one operand: a name with calls, attributes and indexes, so that "not" or
// "!" before it negates all of it and nothing else.
func simple(tokens []token) bool {
	if len(tokens) == 0 || tokens[0].kind != nameToken {
		return false
	}
	for i := 1; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.is("."):
			if i++; i >= len(tokens) || tokens[i].kind != nameToken {
				return false
			}
		case t.is("("), t.is("["):
			end := closing(tokens, i)
			if end < 0 {
				return false
			}
			i = end
		default:
			return false
		}
	}
	return true
}

// literals tells how a language writes values.
type literals struct {
	constants map[string]spot // by name: what may stand there instead
	suffix    string          // of whole numbers
	// joined tells that string literals one after the other are one.
	joined bool
	// keys tells how the name of an entry is parted from its value in { }; "" without entries.
	colon bool
	// brackets are the opening brackets of collections.
	brackets string
	// empty are collections without values: what may stand there instead.
	empty map[string][]string
	// bareKeys tells that names may be keys.
	bareKeys bool
}

// parse returns the leaves of a literal that the tokens are from the first to the last.
func (l literals) parse(source string, tokens []token) (leaves []spot, ok bool) {
	leaves, n := l.value(source, tokens)
	return leaves, n > 0 && n == len(tokens)
}

// value reads one value and returns its leaves and how many tokens it has, 0 when it is none.
func (l literals) value(source string, tokens []token) ([]spot, int) {
	if len(tokens) == 0 {
		return nil, 0
	}
	switch t := tokens[0]; {
	case t.is("-") || t.is("+"):
		if len(tokens) > 1 && tokens[1].kind == numberToken {
			leaves, n := l.value(source, tokens[1:])
			if n == 1 {
				return leaves, 2
			}
		}
		return nil, 0
	case t.kind == numberToken:
		suffix := ""
		if l.suffix != "" && strings.HasSuffix(t.text, l.suffix) {
			suffix = l.suffix
		}
		if s, ok := number(t.start, t.text, suffix); ok {
			return []spot{s}, 1
		}
		return nil, 1 // a number all the same
	case t.kind == stringToken:
		return l.strings(source, tokens)
	case t.kind == nameToken:
		if s, ok := l.constants[t.text]; ok {
			s.start, s.end = t.start, t.end
			return []spot{s}, 1
		}
		return nil, 0
	case t.kind == operatorToken && strings.Contains(l.brackets, t.text):
		return l.collection(source, tokens)
	default:
		return nil, 0
	}
}

func (l literals) strings(source string, tokens []token) ([]spot, int) {
	n := 1
	for l.joined && n < len(tokens) && tokens[n].kind == stringToken {
		n++
	}
	var leaves []spot
	for _, t := range tokens[:n] {
		if s, ok := characters(source, t.plain); ok {
			leaves = append(leaves, s)
		}
	}
	if t := tokens[0]; n == 1 && len(leaves) == 0 && len(t.plain) == 0 {
		if quote := t.text[len(t.text)-1:]; t.text == quote+quote && (quote == `"` || quote == "'") {
			var texts []string
			for _, c := range "aeionrst0123456789" {
				texts = append(texts, quote+string(c)+quote)
			}
			leaves = append(leaves, fixed(t.start, t.end, true, texts...))
		}
	}
	return leaves, n
}

// collection reads a list, tuple or map. The keys of a map are not exchanged, and nothing in a set or map
// that says something twice.
func (l literals) collection(source string, tokens []token) ([]spot, int) {
	end := closing(tokens, 0)
	if end < 0 {
		return nil, 0
	}
	n := end + 1
	parts := split(tokens[1:end])
	open := tokens[0].text
	if len(parts) == 0 {
		if texts := l.empty[open]; len(texts) > 0 {
			return []spot{fixed(tokens[0].start, tokens[end].end, true, texts...)}, n
		}
		return nil, n
	}
	var leaves []spot
	seen := map[string]bool{}
	twice := false
	for _, part := range parts {
		key := part
		if l.colon && open == "{" {
			if colon := entry(part); colon >= 0 {
				key, part = part[:colon], part[colon+1:]
				if _, ok := l.parse(source, key); !ok && (!l.bareKeys || len(key) != 1 || key[0].kind != nameToken) {
					return nil, 0
				}
			}
		}
		found, ok := l.parse(source, part)
		if !ok {
			return nil, 0
		}
		leaves = append(leaves, found...)
		if open == "{" && len(key) > 0 {
			said := source[key[0].start:key[len(key)-1].end]
			twice = twice || seen[said]
			seen[said] = true
		}
	}
	if twice {
		leaves = nil
	}
	return leaves, n
}

// entry returns the index of the colon that parts key and value, -1 when there is none.
func entry(tokens []token) int {
	depth := 0
	for i, t := range tokens {
		if t.kind != operatorToken {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		case ":":
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}
