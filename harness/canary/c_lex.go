package canary

import "strings"

// braces tells how a language of the C family is read.
type braces struct {
	operators []string
	template  bool // `…${…}…`
	regexp    bool // /…/
	hash      bool // lines that start with # are directives
}

// lex reads a source whose statements do not end with lines; tokens know where a line ended before them.
func (l braces) lex(src string) ([]token, error) {
	s := &scanner{src: src, line: 1, fresh: true}
	for s.at < len(src) {
		rest := s.rest()
		switch c := rest[0]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v':
			s.advance(1)
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			s.advance(end)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return nil, s.fail("a comment is not closed")
			}
			s.advance(end + 4)
		case c == '#' && l.hash && s.fresh:
			s.advance(directive(rest))
		case c == '#' && strings.HasPrefix(rest, "#!") && s.at == 0:
			s.advance(strings.IndexByte(rest+"\n", '\n'))
		case c == '"' || c == '\'':
			length, plain := quoted(rest, rest[:1], false, false)
			if length == 0 {
				return nil, s.fail("a string is not closed")
			}
			for i := range plain {
				plain[i] += s.at
			}
			s.push(stringToken, length, plain)
		case c == '`' && l.template:
			length, plain, dynamic := templateLiteral(rest)
			if length == 0 {
				return nil, s.fail("a template is not closed")
			}
			for i := range plain {
				plain[i] += s.at
			}
			if dynamic {
				s.push(dynamicToken, length, nil)
			} else {
				s.push(stringToken, length, plain)
			}
		case c == '/' && l.regexp && s.expectsValue():
			length := regexpLiteral(rest)
			if length == 0 {
				return nil, s.fail("a regular expression is not closed")
			}
			s.push(dynamicToken, length, nil)
		case isNameStart(c):
			s.push(nameToken, word(rest), nil)
		case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
			s.push(numberToken, numeral(rest), nil)
		default:
			n := 1
			for _, op := range l.operators {
				if strings.HasPrefix(rest, op) {
					n = len(op)
					break
				}
			}
			s.push(operatorToken, n, nil)
		}
	}
	return s.tokens, balanced(s.tokens)
}

func balanced(tokens []token) error {
	var open []token
	for _, t := range tokens {
		if t.kind != operatorToken {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			open = append(open, t)
		case ")", "]", "}":
			if len(open) == 0 || open[len(open)-1].text+t.text != map[string]string{")": "()", "]": "[]", "}": "{}"}[t.text] {
				return &syntaxError{t.line, "a bracket is closed that was not opened"}
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return &syntaxError{open[len(open)-1].line, "a bracket is not closed"}
	}
	return nil
}

// directive returns the length of a preprocessor line with its continuations.
func directive(text string) int {
	n := 0
	for n < len(text) {
		end := strings.IndexByte(text[n:], '\n')
		if end < 0 {
			return len(text)
		}
		n += end
		if !strings.HasSuffix(strings.TrimSuffix(text[:n], "\r"), "\\") {
			return n
		}
		n++
	}
	return n
}

// expectsValue tells that a slash starts a regular expression and does not divide.
func (s *scanner) expectsValue() bool {
	if len(s.tokens) == 0 {
		return true
	}
	switch t := s.tokens[len(s.tokens)-1]; t.kind {
	case nameToken:
		switch t.text {
		case "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "do", "else", "await", "yield", "instanceof":
			return true
		}
		return false
	case operatorToken:
		return t.text != ")" && t.text != "]" && t.text != "}"
	default:
		return false
	}
}

func regexpLiteral(text string) int {
	class := false
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '\n':
			return 0
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if !class {
				return i + 1 + word(text[i+1:])
			}
		}
	}
	return 0
}

// templateLiteral returns the length of a template, the offsets of its characters, and whether it has
// code in it.
func templateLiteral(text string) (length int, plain []int, dynamic bool) {
	for i := 1; i < len(text); {
		switch {
		case text[i] == '`':
			return i + 1, plain, dynamic
		case text[i] == '\\':
			i += escape(text[i:])
		case strings.HasPrefix(text[i:], "${"):
			dynamic = true
			depth := 0
			for ; i < len(text); i++ {
				if text[i] == '`' { // a template in the code of a template
					inner, _, _ := templateLiteral(text[i:])
					if inner == 0 {
						return 0, nil, true
					}
					i += inner - 1
				}
				if text[i] == '{' {
					depth++
				}
				if text[i] == '}' {
					if depth--; depth == 0 {
						i++
						break
					}
				}
			}
		default:
			if text[i] < 0x80 || text[i] >= 0xC0 {
				plain = append(plain, i)
			}
			i++
		}
	}
	return 0, nil, dynamic
}
