// Package testreport turns what test frameworks write into test results: JUnit XML, TAP, go test
// -json, Exercism's results.json and Carrel's own lines. It is a pure function of bytes that a learner's code may have
// forged: it never panics, and bounds what it takes and what it gives.
package testreport

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

// The report formats.
const (
	JUnit    = "junit"
	TAP      = "tap"
	GoTest   = "gotest"   // go test -json
	Exercism = "exercism" // results.json, versions 1 to 3
	Carrel   = "carrel"   // JSON Lines on the report channel, see carrel.go
)

// The bounds. A report beyond MaxBytes or MaxTests is refused and not cut: what was cut off could have
// been the failures.
const (
	MaxBytes = 4 << 20
	MaxTests = 2000
	// maxText bounds every text of a result, in bytes.
	maxText = 4 << 10
	// maxOutput bounds what one test printed, in bytes.
	maxOutput = 16 << 10
)

// Formats lists every format that Parse reads.
func Formats() []string { return []string{Carrel, JUnit, TAP, GoTest, Exercism} }

// Parse reads a report. The results come in the report's order, their ids are not empty and unique.
// The same bytes give the same results. Errors are faults of kind Invalid.
func Parse(format string, data []byte) ([]harness.TestResult, error) {
	parsers := map[string]func([]byte) ([]harness.TestResult, error){
		JUnit:    parseJUnit,
		TAP:      parseTAP,
		GoTest:   parseGoTest,
		Exercism: parseExercism,
		Carrel:   parseCarrel,
	}
	parse, ok := parsers[format]
	if !ok {
		return nil, fault.New(fault.Invalid,
			fmt.Sprintf("Carrel cannot read test reports in the format %q.", format),
			"Use one of: "+strings.Join(Formats(), ", ")+".")
	}
	if len(data) > MaxBytes {
		return nil, tooLarge(fmt.Sprintf("The test report is larger than %d MB.", MaxBytes>>20))
	}
	results, err := parse(data)
	if err != nil {
		return nil, err
	}
	if len(results) > MaxTests {
		return nil, tooLarge(fmt.Sprintf("The test report has more than %d tests.", MaxTests))
	}
	return finish(results), nil
}

func tooLarge(message string) error {
	return fault.New(fault.Invalid, message, "Split the tests, or let them print less.")
}

func unreadable(format string, err error) error {
	return fault.Wrap(err, fault.Invalid,
		fmt.Sprintf("The test report is not valid %s.", format),
		"Look at the output of the tests: they may have been interrupted, or something else wrote to the report.")
}

// finish makes texts harmless and short, looks for values in the text of failed tests that came
// without, and makes ids unique.
func finish(results []harness.TestResult) []harness.TestResult {
	return finishSeen(results, make(map[string]int, len(results)))
}

// finishSeen is finish for results that come in parts; seen holds the ids so far.
func finishSeen(results []harness.TestResult, seen map[string]int) []harness.TestResult {
	for i := range results {
		r := &results[i]
		r.Message = tidy(r.Message, maxText)
		if r.Status == harness.TestFailed && r.Expected == "" && r.Actual == "" {
			r.Expected, r.Actual = values(r.Message)
		}
		r.Expected, r.Actual = clip(harness.Neutral(r.Expected), maxText), clip(harness.Neutral(r.Actual), maxText)
		r.Output = clip(harness.Neutral(r.Output), maxOutput)
		r.File = clip(cleanPath(oneLine(r.File)), maxText)
		r.Name, r.Group = clip(oneLine(r.Name), maxText), clip(oneLine(r.Group), maxText)
		r.Line = max(r.Line, 0)
		if r.DurationMS < 0 || math.IsNaN(r.DurationMS) || math.IsInf(r.DurationMS, 0) {
			r.DurationMS = 0
		}
		r.ID = clip(oneLine(r.ID), maxText)
		if r.ID == "" {
			r.ID = "test"
		}
		if r.Name == "" {
			r.Name = r.ID
		}
		r.ID = unique(r.ID, seen)
	}
	return slices.Clip(results)
}

func unique(id string, seen map[string]int) string {
	for {
		seen[id]++
		if seen[id] == 1 {
			return id
		}
		id = fmt.Sprintf("%s#%d", id, seen[id])
	}
}
