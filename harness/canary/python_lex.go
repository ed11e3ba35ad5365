package canary

import "strings"

// lexPython reads Python. Statements end with a newlineToken; comments and empty lines leave none.
func lexPython(src string) ([]token, error) {
	s := &scanner{src: src, line: 1, fresh: true}
	depth := 0
	for s.at < len(src) {
		rest := s.rest()
		switch c := rest[0]; {
		case c == '\n':
			if depth == 0 && len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].kind != newlineToken {
				s.push(newlineToken, 1, nil)
				s.fresh = true
			} else {
				s.advance(1)
			}
		case c == ' ' || c == '\t' || c == '\r' || c == '\f':
			s.advance(1)
		case c == '\\' && (strings.HasPrefix(rest, "\\\n") || strings.HasPrefix(rest, "\\\r\n")):
			fresh := s.fresh
			s.advance(strings.IndexByte(rest, '\n') + 1)
			s.fresh = fresh
		case c == '#':
			if end := strings.IndexByte(rest, '\n'); end >= 0 {
				s.advance(end)
			} else {
				s.advance(len(rest))
			}
		case c == '"' || c == '\'':
			if err := s.pythonString(""); err != nil {
				return nil, err
			}
		case isNameStart(c):
			n := word(rest)
			if prefix := strings.ToLower(rest[:n]); n <= 2 && n < len(rest) && (rest[n] == '"' || rest[n] == '\'') && strings.Contains(" r u b f br rb fr rf ", " "+prefix+" ") {
				if err := s.pythonString(prefix); err != nil {
					return nil, err
				}
				break
			}
			s.push(nameToken, n, nil)
		case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
			s.push(numberToken, numeral(rest), nil)
		default:
			n := 1
			for _, op := range []string{"**=", "//=", ">>=", "<<=", "==", "!=", "<=", ">=", ":=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "**", "//", "<<", ">>"} {
				if strings.HasPrefix(rest, op) {
					n = len(op)
					break
				}
			}
			switch rest[:n] {
			case "(", "[", "{":
				depth++
			case ")", "]", "}":
				depth--
			}
			if depth < 0 {
				return nil, s.fail("a bracket is closed that was not opened")
			}
			s.push(operatorToken, n, nil)
		}
	}
	if depth > 0 {
		return nil, s.fail("a bracket is not closed")
	}
	if len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].kind != newlineToken {
		s.push(newlineToken, 0, nil)
	}
	return s.tokens, nil
}

func (s *scanner) pythonString(prefix string) error {
	rest := s.rest()[len(prefix):]
	quote, lines := rest[:1], false
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(rest, triple) {
		quote, lines = triple, true
	}
	length, plain := quoted(rest, quote, strings.Contains(prefix, "r"), lines)
	if length == 0 {
		return s.fail("a string is not closed")
	}
	for i := range plain {
		plain[i] += s.at + len(prefix)
	}
	k := stringToken
	if strings.Contains(prefix, "f") {
		k, plain = dynamicToken, nil
	}
	s.push(k, length+len(prefix), plain)
	return nil
}
