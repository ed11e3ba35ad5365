package harness_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/harness"
)

func TestNeutral(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain text stays", "Straße, 日本, привет\n\tend", "Straße, 日本, привет\n\tend"},
		{"colours go", "\x1b[1;31mred\x1b[0m", "red"},
		{"a window title goes", "\x1b]0;owned\x07text", "text"},
		{"a title ended by ESC backslash goes", "\x1b]0;owned\x1b\\text", "text"},
		{"clearing the screen goes", "a\x1b[2J\x1b[Hb", "ab"},
		{"character sets go", "\x1b(Ba", "a"},
		{"NUL is shown", "a\x00b", "a␀b"},
		{"backspace is shown", "safe\x08\x08evil", "safe␈␈evil"},
		{"invalid UTF-8 is replaced", "a\xffb", "a\uFFFDb"},
		{"carriage return and line feed are one line end", "a\r\nb", "a\nb"},
		{"a lone carriage return is a line end", "10%\r20%", "10%\n20%"},
		{"a line that reads backwards does not", "a\u202eb", "a\uFFFDb"},
		{"eight-bit controls are replaced", "a\u009b31mb", "a\uFFFD31mb"},
		{"an open string ends with its line", "\x1b]0;never closed\nnext", "\nnext"},
		{"an open sequence hides no more than a little", "\x1b[" + strings.Repeat("1", 3000), strings.Repeat("1", 1977)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := harness.Neutral(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCleaner_pieces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.SliceOf(rapid.SampledFrom([]string{"a", "ж", "\x1b", "[", "]", "0m", "\x07", "\r", "\n", "\x00", "\xff", "\xd0", "\\", "日"})).Draw(t, "parts")
		text := strings.Join(whole, "")
		var c harness.Cleaner
		var got strings.Builder
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			got.WriteString(c.Clean([]byte(rest[:n])))
			rest = rest[n:]
		}
		got.WriteString(c.End())
		if want := harness.Neutral(text); got.String() != want {
			t.Fatalf("in pieces %q, whole %q", got.String(), want)
		}
	})
}

func FuzzNeutral(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m\r\n")
	f.Add("\x1b]8;;http://x\x07link")
	f.Add("\xf0\x9f")
	f.Fuzz(func(t *testing.T, s string) {
		out := harness.Neutral(s)
		if !utf8.ValidString(out) || strings.ContainsAny(out, "\x00\x1b\x07\x08\r\u009b") {
			t.Fatalf("%q became %q", s, out)
		}
		if harness.Neutral(out) != out {
			t.Fatalf("%q changes again", out)
		}
	})
}

func TestNewLog(t *testing.T) {
	t.Parallel()
	t.Run("a short text stays whole", func(t *testing.T) {
		t.Parallel()
		if got := harness.NewLog("a\nb\n", 0); got != (harness.Log{Head: "a\nb\n"}) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a long text keeps head and tail of whole lines, and counts the rest", func(t *testing.T) {
		t.Parallel()
		text := "first\n" + strings.Repeat("строка номер\n", 20000) + "last\n"
		got := harness.NewLog(text, 7)
		if !strings.HasPrefix(got.Head, "first\n") || !strings.HasSuffix(got.Tail, "\nlast\n") {
			t.Errorf("head or tail is wrong: %.20q %q", got.Head, got.Tail[len(got.Tail)-20:])
		}
		if int64(len(got.Head)+len(got.Tail))+got.DroppedBytes != int64(len(text))+7 {
			t.Errorf("%d + %d + %d dropped do not add up to %d + 7", len(got.Head), len(got.Tail), got.DroppedBytes, len(text))
		}
		if !strings.HasSuffix(got.Head, "\n") || !strings.HasPrefix(got.Tail, "строка") {
			t.Error("a line is cut")
		}
	})
	t.Run("a huge line is cut in its middle", func(t *testing.T) {
		t.Parallel()
		got := harness.NewLog("<"+strings.Repeat("ж", 1<<20)+">\nnext\n", 0)
		if len(got.Head) > 8<<10 || !strings.HasPrefix(got.Head, "<ж") || !strings.Contains(got.Head, "ж>\nnext\n") || !utf8.ValidString(got.Head) {
			t.Errorf("%d bytes, starting %.40q", len(got.Head), got.Head)
		}
	})
}
