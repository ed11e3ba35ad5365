package journal

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/carrel-dev/carrel/harness"
)

// maxReportBytes bounds a shortened report, so that an attempt with a few files fits into a segment.
const maxReportBytes = 64 << 10

// Shorten returns the report as it is recorded: valid UTF-8, with its texts cut until they fit, and the
// last tests left out when even their names do not. The report given stays as it is.
func Shorten(r harness.Report) harness.Report {
	r.Tests = slices.Clone(r.Tests)
	limit := 8 << 10
	for ; limit >= 64; limit /= 2 {
		cutTexts(&r, limit)
		if textBytes(r) <= maxReportBytes {
			return r
		}
	}
	for textBytes(r) > maxReportBytes && len(r.Tests) > 0 {
		r.Tests = r.Tests[:len(r.Tests)/2]
	}
	return r
}

func cutTexts(r *harness.Report, limit int) {
	for _, text := range []*string{
		&r.Message, &r.LimitHit, &r.Runner, &r.Host, &r.Integrity, &r.Digests.Snapshot, &r.Digests.Tests,
		&r.Digests.Environment, &r.Digests.Harness,
	} {
		cut(text, limit)
	}
	before := len(r.Log.Head) + len(r.Log.Tail)
	cut(&r.Log.Head, limit)
	if tail := len(r.Log.Tail); tail > limit {
		r.Log.Tail = r.Log.Tail[tail-limit:]
	}
	r.Log.Tail = strings.ToValidUTF8(r.Log.Tail, "")
	r.Log.DroppedBytes += int64(before - len(r.Log.Head) - len(r.Log.Tail))
	for i := range r.Tests {
		t := &r.Tests[i]
		for _, text := range []*string{
			&t.ID, &t.Name, &t.Message, &t.Expected, &t.Actual, &t.File, &t.Output, &t.Group, &t.HintRef,
		} {
			cut(text, limit)
		}
	}
}

// cut shortens a text to at most limit bytes of valid UTF-8.
func cut(text *string, limit int) {
	if len(*text) > limit {
		short := (*text)[:limit]
		for len(short) > 0 && !utf8.RuneStart((*text)[len(short)]) {
			short = short[:len(short)-1]
		}
		*text = short
	}
	*text = strings.ToValidUTF8(*text, "\uFFFD")
}

// fixedBytes is what a test takes beside its texts.
const fixedBytes = 128

func textBytes(r harness.Report) int {
	n := len(r.Message) + len(r.Log.Head) + len(r.Log.Tail) + 1024
	for _, t := range r.Tests {
		n += fixedBytes + len(t.ID) + len(t.Name) + len(t.Message) + len(t.Expected) + len(t.Actual) +
			len(t.File) + len(t.Output) + len(t.Group) + len(t.HintRef)
	}
	return n
}
