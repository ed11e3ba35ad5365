package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// writeReport prints a report for a person: the summary first, then what to look at.
func writeReport(w io.Writer, l *lesson.Lesson, r harness.Report) {
	fmt.Fprintf(w, "%s: %s (%s, %s)\n", l.Title.In(locale()), summary(r), duration(r), r.Runner)
	if r.Message != "" && r.Verdict != harness.Passed {
		fmt.Fprintf(w, "%s\n", r.Message)
	}
	if len(r.Tests) > 0 {
		fmt.Fprintln(w)
	}
	for _, t := range r.Tests {
		writeTest(w, l, t)
	}
	if len(r.Tests) == 0 && r.Log.Head != "" {
		fmt.Fprintf(w, "\n%s\n", indent(strings.TrimRight(r.Log.Head+r.Log.Tail, "\n")))
	}
}

// summary is the report in a few words.
func summary(r harness.Report) string {
	failed := r.Count(harness.TestFailed) + r.Count(harness.TestErrored)
	switch {
	case r.Verdict == harness.Passed:
		return fmt.Sprintf("passed, all %d checks", len(r.Tests)-r.Count(harness.TestSkipped))
	case r.Verdict == harness.Failed && failed > 0:
		return fmt.Sprintf("failed, %d of %d checks", failed, len(r.Tests))
	}
	return strings.ReplaceAll(string(r.Verdict), "_", " ")
}

func writeTest(w io.Writer, l *lesson.Lesson, t harness.TestResult) {
	name := t.Name
	if title, ok := l.TestTitles[t.ID]; ok {
		name = title.In(locale())
	}
	marks := map[harness.TestStatus]string{harness.TestPassed: "ok  ", harness.TestFailed: "FAIL", harness.TestErrored: "FAIL",
		harness.TestSkipped: "skip", harness.TestNotRun: "-   "}
	fmt.Fprintf(w, "  %s  %s\n", marks[t.Status], name)
	if t.Status != harness.TestFailed && t.Status != harness.TestErrored {
		return
	}
	if t.Message != "" {
		fmt.Fprintln(w, indent(t.Message))
	}
	if t.Expected != "" || t.Actual != "" {
		fmt.Fprintln(w, indent("expected: "+t.Expected))
		fmt.Fprintln(w, indent("actual:   "+t.Actual))
	}
	if t.File != "" {
		fmt.Fprintln(w, indent(fmt.Sprintf("%s:%d", t.File, t.Line)))
	}
}

// indent sets text under its test.
func indent(text string) string {
	return "        " + strings.ReplaceAll(text, "\n", "\n        ")
}

func duration(r harness.Report) string {
	return (time.Duration(r.Usage.WallMS) * time.Millisecond).String()
}
