package checks

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
)

// shorten cuts a report's free text until the report fits well into a segment. Verdicts, tests and
// their outcomes stay whole; the journal keeps reports for ever and carries them over weak lines.
func shorten(r harness.Report) harness.Report {
	for limit := 4 << 10; ; limit /= 4 {
		out := r
		out.Log = harness.Log{Head: clip(r.Log.Head, limit), Tail: clipFront(r.Log.Tail, limit)}
		out.Log.DroppedBytes = r.Log.DroppedBytes +
			int64(len(r.Log.Head)+len(r.Log.Tail)-len(out.Log.Head)-len(out.Log.Tail))
		out.Tests = slices.Clone(r.Tests)
		for i := range out.Tests {
			t := &out.Tests[i]
			t.Message, t.Output = clip(t.Message, limit), clip(t.Output, limit)
			t.Expected, t.Actual = clip(t.Expected, limit), clip(t.Actual, limit)
			if t.Status == harness.TestPassed {
				t.Output = ""
			}
		}
		if data, err := json.Marshal(out); limit <= 16 || (err == nil && len(data) < journal.MaxSegmentBytes/2) {
			return out
		}
	}
}

// clip keeps the first bytes of a text, cutting between characters.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// clipFront keeps the last bytes of a text.
func clipFront(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	from := len(s) - limit
	for from < len(s) && !utf8.RuneStart(s[from]) {
		from++
	}
	return s[from:]
}
