package canary

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Leaves are the values that can be exchanged. The texts a leaf offers have the form of the real one and
// are drawn so that the real one is a random one of them.

// fixed offers given texts.
func fixed(start, end int, weak bool, texts ...string) spot {
	return spot{start: start, end: end, weak: weak, others: func(r *rand.Rand, n int) []string {
		return pick(r, texts, n)
	}}
}

// pick returns up to n of the texts in random order.
func pick[T any](r *rand.Rand, from []T, n int) []T {
	out := make([]T, 0, min(n, len(from)))
	for _, i := range r.Perm(len(from)) {
		if len(out) == n {
			break
		}
		out = append(out, from[i])
	}
	return out
}

var (
	wholeForm   = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,17})$`)
	decimalForm = regexp.MustCompile(`^[0-9]{1,15}\.[0-9]{0,15}(?:[eE][+-]?[0-9]{1,2})?$`)
)

// number offers other numbers for an unsigned decimal one: the same digits but one. suffix is what a
// language allows after it ("n", "L").
func number(start int, text, suffix string) (spot, bool) {
	digits := strings.TrimSuffix(text, suffix)
	var texts func(i int) []string
	switch {
	case wholeForm.MatchString(digits):
		texts = func(i int) []string { return otherWholes(digits, i) }
	case suffix == "" && decimalForm.MatchString(digits):
		texts = func(i int) []string { return otherDecimals(digits, i) }
	default:
		return spot{}, false
	}
	var all [][]string // by place of the digit
	for i := range len(digits) {
		if list := texts(i); len(list) > 0 {
			all = append(all, list)
		}
	}
	if len(all) == 0 {
		return spot{}, false
	}
	return spot{start: start, end: start + len(text), others: func(r *rand.Rand, n int) []string {
		out := pick(r, all[r.IntN(len(all))], n)
		for i := range out {
			out[i] += text[len(digits):]
		}
		return out
	}}, true
}

// otherWholes exchanges the digit at i. The numbers stay within the smallest integer type of the real
// one: where types are checked, a larger one would not build.
func otherWholes(text string, i int) []string {
	was, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	most := int64(math.MaxInt64)
	for _, m := range []int64{math.MaxInt8, math.MaxUint8, math.MaxInt16, math.MaxUint16, math.MaxInt32, math.MaxUint32} {
		if was <= m {
			most = m
			break
		}
	}
	var out []string
	for _, other := range exchanged(text, i) {
		if n, err := strconv.ParseInt(other, 10, 64); err == nil && n <= most {
			out = append(out, other)
		}
	}
	return out
}

// otherDecimals exchanges the digit at i where that makes a difference no tolerance forgives.
func otherDecimals(text string, i int) []string {
	if text[i] < '0' || text[i] > '9' || strings.ContainsAny(text[:i], "eE") {
		return nil
	}
	was, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	var out []string
	for _, other := range exchanged(text, i) {
		n, err := strconv.ParseFloat(other, 64)
		if difference := math.Abs(n - was); err == nil && difference > 1e-5 && difference > 1e-3*max(math.Abs(n), math.Abs(was)) {
			out = append(out, other)
		}
	}
	return out
}

// exchanged returns the text with every other digit at i. A first digit does not become 0.
func exchanged(text string, i int) []string {
	var out []string
	for d := byte('0'); d <= '9'; d++ {
		if d == text[i] || d == '0' && i == 0 && len(text) > 1 && text[1] != '.' {
			continue
		}
		out = append(out, text[:i]+string(d)+text[i+1:])
	}
	return out
}

// characters offers texts in which one of the characters at the given offsets of the source is another
// of its kind: a letter, a digit, a sign.
func characters(source string, at []int) (spot, bool) {
	if len(at) == 0 {
		return spot{}, false
	}
	var usual []int
	for _, i := range at {
		if c, _ := utf8.DecodeRuneInString(source[i:]); unicode.IsLetter(c) || unicode.IsDigit(c) {
			usual = append(usual, i)
		}
	}
	if len(usual) > 0 {
		at = usual
	}
	at = at[:min(len(at), 4096)]
	var fit []int
	for _, i := range at {
		if c, _ := utf8.DecodeRuneInString(source[i:]); len(kin(c)) > 0 {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 {
		return spot{}, false
	}
	start, end := fit[0], fit[len(fit)-1]
	_, size := utf8.DecodeRuneInString(source[end:])
	end += size
	return spot{start: start, end: end, others: func(r *rand.Rand, n int) []string {
		i := fit[r.IntN(len(fit))]
		c, size := utf8.DecodeRuneInString(source[i:])
		var out []string
		for _, other := range pick(r, kin(c), n) {
			out = append(out, source[start:i]+string(other)+source[i+size:end])
		}
		return out
	}}, true
}

// kin returns the characters that may stand for c: of the same length in bytes, so that even a name
// limited in bytes stays one.
func kin(c rune) []rune {
	const signs = "*#+-=.,:;!?_/|<>~^@"
	var out []rune
	add := func(other rune) {
		if other != c && utf8.RuneLen(other) == utf8.RuneLen(c) {
			out = append(out, other)
		}
	}
	switch {
	case c >= '0' && c <= '9':
		for d := '0'; d <= '9'; d++ {
			add(d)
		}
	case c < utf8.RuneSelf && unicode.IsLetter(c):
		first := 'a'
		if unicode.IsUpper(c) {
			first = 'A'
		}
		for l := first; l < first+26; l++ {
			add(l)
		}
	case unicode.IsLetter(c):
		for other := c - 16; other <= c+16; other++ {
			if unicode.IsLetter(other) && unicode.IsUpper(other) == unicode.IsUpper(c) && unicode.IsLower(other) == unicode.IsLower(c) {
				add(other)
			}
		}
	case strings.ContainsRune(signs, c):
		for _, other := range signs {
			add(other)
		}
	}
	return out
}
