package testreport

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"gotest.tools/gotestsum/testjson"

	"github.com/carrel-dev/carrel/harness"
)

// Live reads a report while it is written and tells which tests have ended. It is for showing progress:
// it says nothing about what it cannot read, and the results that count are those of Parse.
// The zero value tells nothing.
type Live struct {
	line  func(line []byte) []harness.TestResult
	end   func() []harness.TestResult
	rest  []byte // the start of a line
	taken int
	seen  map[string]int
}

// NewLive returns a reader of the format. JUnit and Exercism reports are whole documents: their tests
// are told by Parse only.
func NewLive(format string) *Live {
	l := &Live{seen: map[string]int{}}
	switch format {
	case Carrel:
		reader := newCarrelReader()
		l.line = func(line []byte) []harness.TestResult {
			if i, err := reader.line(line); err == nil && i >= 0 {
				return []harness.TestResult{reader.results[i]}
			}
			return nil
		}
	case TAP:
		reader := &tapReader{planned: -1}
		told := 0
		upTo := func(n int) []harness.TestResult {
			var out []harness.TestResult
			for ; told < n; told++ {
				r := reader.results[told]
				reader.interpret(&r, reader.notes[told])
				out = append(out, r)
			}
			return out
		}
		l.line = func(line []byte) []harness.TestResult {
			reader.line(strings.TrimRight(harness.Neutral(string(line)), "\n"))
			return upTo(len(reader.results) - 1) // the last one's notes are still to come
		}
		l.end = func() []harness.TestResult {
			reader.endYAML()
			return upTo(len(reader.results))
		}
	case GoTest:
		run := &goRun{running: map[string]*goTest{}, packages: map[string]*goPackage{}}
		l.line = func(line []byte) []harness.TestResult {
			var e testjson.TestEvent
			if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &e) != nil {
				return nil
			}
			_ = run.Event(e, nil) // it never fails
			test := run.running[e.Package+"\x00"+e.Test]
			if test == nil || !test.ended || !slices.Contains([]testjson.Action{testjson.ActionPass, testjson.ActionFail, testjson.ActionSkip}, e.Action) {
				return nil
			}
			return []harness.TestResult{test.interpret()}
		}
	}
	return l
}

// Write takes the next bytes of the report and returns the tests that ended, as Parse would return them.
func (l *Live) Write(data []byte) []harness.TestResult {
	if l.line == nil {
		return nil
	}
	// Beyond the bounds the report is refused as a whole; what Parse says then is enough.
	if l.taken += len(data); l.taken > MaxBytes {
		l.line, l.rest = nil, nil
		return nil
	}
	var out []harness.TestResult
	l.rest = append(l.rest, data...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			return l.finish(out)
		}
		out = append(out, l.line(l.rest[:end+1])...)
		l.rest = l.rest[end+1:]
	}
}

// End returns the tests of which only the end of the report tells that they have ended.
func (l *Live) End() []harness.TestResult {
	if l.line == nil || l.end == nil {
		return nil
	}
	return l.finish(l.end())
}

func (l *Live) finish(results []harness.TestResult) []harness.TestResult {
	if len(results) == 0 || len(l.seen)+len(results) > MaxTests {
		return nil
	}
	return finishSeen(results, l.seen)
}
