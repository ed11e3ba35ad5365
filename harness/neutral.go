package harness

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Neutral returns text that is safe to show: valid UTF-8 without terminal control sequences, with
// line feeds as the only line ends. What a terminal would obey is removed or made visible.
func Neutral(s string) string {
	var c Cleaner
	return c.Clean([]byte(s)) + c.End()
}

// Cleaner is Neutral for a text that arrives in pieces: a sequence or character that is split between
// two of them is recognised. The zero value is ready.
type Cleaner struct {
	state  cleanerState
	length int    // of the sequence being skipped
	rest   []byte // the start of a character
	cr     bool   // a carriage return waits for its line feed
}

type cleanerState int

const (
	inText cleanerState = iota
	inEscape
	inControlSequence // ESC [ ... final byte
	inString          // ESC ] and the like ... BEL or ESC \
)

// maxSequence is how long a control sequence may be: a text must not disappear behind one that was
// opened and never closed.
const maxSequence = 1024

// Clean returns the harmless form of p as far as it is known yet.
func (c *Cleaner) Clean(p []byte) string {
	var out strings.Builder
	data := append(c.rest, p...)
	c.rest = nil
	for len(data) > 0 {
		if !utf8.FullRune(data) {
			c.rest = append([]byte(nil), data...)
			break
		}
		r, size := utf8.DecodeRune(data)
		data = data[size:]
		c.take(&out, r)
	}
	return out.String()
}

// End returns what was still waiting for more.
func (c *Cleaner) End() string {
	var out strings.Builder
	if c.cr {
		out.WriteByte('\n')
	}
	if len(c.rest) > 0 {
		out.WriteRune(utf8.RuneError)
	}
	*c = Cleaner{}
	return out.String()
}

func (c *Cleaner) take(out *strings.Builder, r rune) {
	if c.state != inText {
		c.skip(out, r)
		return
	}
	if c.cr && r != '\n' {
		out.WriteByte('\n')
	}
	c.cr = false
	switch {
	case r == 0x1b:
		c.state, c.length = inEscape, 0
	case r == '\r':
		c.cr = true
	case r == '\n' || r == '\t':
		out.WriteRune(r)
	case r < 0x20:
		out.WriteRune(0x2400 + r) // the picture of the control character
	case r == 0x7f:
		out.WriteRune(0x2421)
	case r < 0xa0 && r >= 0x80, reorders(r):
		out.WriteRune(utf8.RuneError)
	default:
		out.WriteRune(r)
	}
}

// reorders tells characters that make a line read differently from what it says.
func reorders(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r)
}

func (c *Cleaner) skip(out *strings.Builder, r rune) {
	c.length++
	if c.length > maxSequence || r == '\n' {
		c.state = inText
		c.take(out, r)
		return
	}
	switch c.state {
	case inEscape:
		switch {
		case r == '[':
			c.state = inControlSequence
		case strings.ContainsRune("]PX^_", r):
			c.state = inString
		case r < 0x20 || r > 0x2f: // other than an intermediate character
			c.state = inText
		}
	case inControlSequence:
		if r >= 0x40 && r <= 0x7e {
			c.state = inText
		}
	case inString:
		switch r {
		case 0x07:
			c.state = inText
		case 0x1b:
			c.state = inEscape // ESC \ ends a string
		}
	case inText:
	}
}

// The bounds of a log. A line beyond maxLine bytes is cut in its middle.
const (
	logHead = 48 << 10
	logTail = 16 << 10
	maxLine = 4 << 10
)

// NewLog bounds a neutral text to its head and tail, both of whole lines where lines allow; dropped
// counts bytes that did not get this far.
func NewLog(text string, dropped int64) Log {
	text = capLines(text)
	if len(text) <= logHead+logTail {
		return Log{Head: text, DroppedBytes: dropped}
	}
	head := text[:wholeRunes(text, logHead)]
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		head = head[:i+1]
	}
	from := len(text) - logTail
	for from < len(text) && !utf8.RuneStart(text[from]) {
		from++
	}
	tail := text[from:]
	if i := strings.IndexByte(tail, '\n'); i >= 0 && i+1 < len(tail) {
		tail = tail[i+1:]
	}
	return Log{Head: head, Tail: tail, DroppedBytes: dropped + int64(len(text)-len(head)-len(tail))}
}

func capLines(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if len(line) <= maxLine {
			out.WriteString(line)
			continue
		}
		start := line[:wholeRunes(line, maxLine/2)]
		from := len(line) - maxLine/4
		for from < len(line) && !utf8.RuneStart(line[from]) {
			from++
		}
		fmt.Fprintf(&out, "%s [%d bytes left out] %s", start, from-len(start), line[from:])
	}
	return out.String()
}

// wholeRunes returns the largest index up to limit at which no character of text is cut.
func wholeRunes(text string, limit int) int {
	for limit > 0 && limit < len(text) && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return min(limit, len(text))
}
