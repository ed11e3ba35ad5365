package testreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/carrel-dev/carrel/harness"
)

// The format "carrel" is what our own reporters write to the report channel while the tests run: JSON
// Lines, each a harness.TestResult, of which only "id" and "status" must be there.
//
//	{"plan": [{"id": "t::adds", "name": "adds"}, {"id": "t::takes"}]}
//	{"id": "t::adds", "status": "running"}
//	{"id": "t::adds", "status": "passed", "duration_ms": 0.4}
//
// A line with "plan" lists tests before they run: one without a line of its own was not run. There may
// be several, for a reporter that finds its tests file by file. The last line of an id counts as a whole
// ("name", "file", "line" and "group" may be left out when the plan told them); the status "running"
// says that the test has begun: one that says no more did not finish. The last line may be cut off,
// where the reporter was killed. Anything else makes the report unusable.

// carrelRunning is the status of a test that has begun.
const carrelRunning harness.TestStatus = "running"

// maxLine bounds one line of the format carrel; a result's own texts are far below it.
const maxLine = 1 << 20

type carrelLine struct {
	harness.TestResult
	Plan []harness.TestResult `json:"plan"`
}

// carrelReader follows a report in the format carrel line by line.
type carrelReader struct {
	results []harness.TestResult
	at      map[string]int
}

func newCarrelReader() *carrelReader { return &carrelReader{at: map[string]int{}} }

func parseCarrel(data []byte) ([]harness.TestResult, error) {
	r := newCarrelReader()
	for line := range bytes.Lines(data) {
		if _, err := r.line(line); err != nil {
			if cutOff := !bytes.HasSuffix(line, []byte("\n")) && !json.Valid(line); cutOff && len(r.results) > 0 {
				break // the reporter was killed while it wrote
			}
			return nil, err
		}
	}
	if len(r.results) == 0 {
		return nil, unreadable("JSON Lines of tests", errors.New("no tests"))
	}
	for i := range r.results {
		r.results[i] = ended(r.results[i])
	}
	return r.results, nil
}

// line reads one line. It returns the index of the test that ended with it, -1 when none did.
func (c *carrelReader) line(data []byte) (int, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return -1, nil
	}
	if len(data) > maxLine {
		return -1, unreadable("JSON Lines of tests", errors.New("a line without end"))
	}
	var line carrelLine
	if err := json.Unmarshal(data, &line); err != nil {
		return -1, unreadable("JSON Lines of tests", err)
	}
	if line.Plan != nil {
		for _, t := range line.Plan {
			t.Status = harness.TestNotRun
			if _, err := c.put(t); err != nil {
				return -1, err
			}
		}
		return -1, nil
	}
	switch line.Status {
	case harness.TestPassed, harness.TestFailed, harness.TestErrored, harness.TestSkipped, harness.TestNotRun:
		return c.put(line.TestResult)
	case carrelRunning:
		_, err := c.put(line.TestResult)
		return -1, err
	default:
		return -1, unreadable("JSON Lines of tests", fmt.Errorf("unknown status %q", line.Status))
	}
}

// put keeps a result: the later one of an id counts, in the place of the first.
func (c *carrelReader) put(t harness.TestResult) (int, error) {
	if strings.TrimSpace(t.ID) == "" {
		return -1, unreadable("JSON Lines of tests", errors.New("a test without id"))
	}
	i, known := c.at[t.ID]
	if !known {
		if len(c.results) >= MaxTests {
			return -1, tooLarge(fmt.Sprintf("The test report has more than %d tests.", MaxTests))
		}
		c.at[t.ID] = len(c.results)
		c.results = append(c.results, t)
		return len(c.results) - 1, nil
	}
	before := c.results[i]
	if t.Status == harness.TestNotRun && before.Status != harness.TestNotRun {
		return i, nil // planned again
	}
	if t.Name == "" {
		t.Name = before.Name
	}
	if t.Group == "" {
		t.Group = before.Group
	}
	if t.File == "" {
		t.File, t.Line = before.File, before.Line
	}
	c.results[i] = t
	return i, nil
}

// ended gives a test that has begun and not ended its status.
func ended(t harness.TestResult) harness.TestResult {
	if t.Status == carrelRunning {
		t.Status, t.Message = harness.TestErrored, harness.NotFinished
	}
	return t
}
