package testreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/carrel-dev/carrel/harness"
)

// No maintained Go library parses TAP (looked for in November 2026): the ones there are produce it, or
// stopped before version 14. This reads the flat part of versions 12 to 14 and the stream that bats
// writes for its own formatters, which adds "suite FILE" and "begin N NAME" lines.

var (
	tapPlan      = regexp.MustCompile(`^1\.\.(\d{1,9})\b`)
	tapTest      = regexp.MustCompile(`^(not )?ok\b[ \t]*(\d*)[ \t]*(?:- )?(.*)$`)
	tapDirective = regexp.MustCompile(`(?i)[ \t]#[ \t]*(skip|todo)\S*[ \t]*(.*)$`)
	tapTime      = regexp.MustCompile(`[ \t]# (?:in|time=)[ \t]*(\d+(?:\.\d+)?)[ \t]?ms[ \t]*$`)
	batsTime     = regexp.MustCompile(` in (\d+)(?:ms| ms)$`)
	batsBegin    = regexp.MustCompile(`^begin (\d+) (.*)$`)
)

// tapReader follows a TAP stream line by line.
type tapReader struct {
	results []harness.TestResult
	notes   [][]string // diagnostic lines of each result, without "# "
	yaml    []string   // lines of the open YAML block
	inYAML  bool
	// closed is set when the last result's block has ended: what follows is not about that test.
	closed bool

	planned int // -1 until the plan is seen
	// suite is the file whose tests bats runs; empty in plain TAP.
	suite string
	begun string // name of the test bats has begun and not ended
}

func parseTAP(data []byte) ([]harness.TestResult, error) {
	t := tapReader{planned: -1}
	for line := range strings.Lines(harness.Neutral(string(data))) {
		t.line(strings.TrimRight(line, "\n"))
	}
	t.endYAML()
	if t.planned < 0 && len(t.results) == 0 && t.begun == "" {
		return nil, unreadable("TAP", errors.New("neither a plan nor a test"))
	}
	if t.planned > MaxTests {
		return nil, tooLarge(fmt.Sprintf("The test report announces more than %d tests.", MaxTests))
	}
	t.addMissing()
	for i := range t.results {
		t.interpret(&t.results[i], t.notes[i])
	}
	return t.results, nil
}

func (t *tapReader) line(line string) {
	if t.inYAML {
		if strings.TrimSpace(line) == "..." {
			t.endYAML()
			return
		}
		t.yaml = append(t.yaml, line)
		return
	}
	switch {
	case strings.HasPrefix(line, "#"):
		t.note(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "))
	case line == "  ---" && len(t.results) > 0: // deeper ones belong to subtests
		t.inYAML = true
	case strings.HasPrefix(line, "Bail out!"):
		t.add(harness.TestResult{
			ID: "bail-out", Name: "Bail out!", Status: harness.TestErrored,
			Message: strings.TrimSpace(strings.TrimPrefix(line, "Bail out!")),
		})
	case strings.HasPrefix(line, "suite "):
		t.suite = cleanPath(strings.TrimPrefix(line, "suite "))
	default:
		if m := tapPlan.FindStringSubmatch(line); m != nil && t.planned < 0 {
			t.planned, _ = strconv.Atoi(m[1]) // nine digits always fit
		} else if m := batsBegin.FindStringSubmatch(line); m != nil && t.suite != "" {
			t.begun = m[2]
		} else if m := tapTest.FindStringSubmatch(line); m != nil {
			t.test(m[1] != "", m[2], m[3])
		}
	}
}

func (t *tapReader) add(r harness.TestResult) {
	t.results = append(t.results, r)
	t.notes = append(t.notes, nil)
	t.closed = false
}

func (t *tapReader) note(text string) {
	if last := len(t.notes) - 1; last >= 0 && !t.closed && !strings.HasPrefix(text, "Subtest: ") {
		t.notes[last] = append(t.notes[last], text)
	}
}

func (t *tapReader) test(notOK bool, number, rest string) {
	r := harness.TestResult{Status: harness.TestPassed, File: t.suite}
	if notOK {
		r.Status = harness.TestFailed
	}
	if m := tapDirective.FindStringSubmatch(rest); m != nil {
		rest = rest[:len(rest)-len(m[0])]
		if notOK || strings.EqualFold(m[1], "skip") {
			r.Status, r.Message = harness.TestSkipped, m[2]
		}
	}
	time := tapTime
	if t.suite != "" {
		time = batsTime
	}
	if m := time.FindStringSubmatch(rest); m != nil {
		rest = rest[:len(rest)-len(m[0])]
		r.DurationMS, _ = strconv.ParseFloat(m[1], 64) // the pattern admits numbers only
	}
	r.Name = strings.NewReplacer(`\#`, "#", `\\`, `\`).Replace(strings.TrimSpace(rest))
	if r.Name == "" {
		r.Name = "Test " + number
	}
	r.ID = r.Name
	if t.suite != "" {
		r.ID = t.suite + "::" + r.Name
		if t.begun == "" && notOK {
			// bats counts a failed setup_file, and a file it cannot parse, as a test that never began.
			r.Status, r.Group = harness.TestErrored, harness.GroupBuild
		}
		t.begun = ""
	}
	t.add(r)
}

// addMissing adds what was planned and did not come: the suite was interrupted.
func (t *tapReader) addMissing() {
	if t.begun != "" {
		t.add(harness.TestResult{
			ID: t.suite + "::" + t.begun, Name: t.begun, File: t.suite,
			Status: harness.TestErrored, Message: harness.NotFinished,
		})
	}
	for n := len(t.results) + 1; n <= t.planned; n++ {
		name := fmt.Sprintf("Test %d", n)
		t.add(harness.TestResult{ID: name, Name: name, Status: harness.TestNotRun})
	}
}

// tapDetails are the keys that TAP producers agree on more or less.
type tapDetails struct {
	Message  any `yaml:"message"`
	Error    any `yaml:"error"`
	Expected any `yaml:"expected"`
	Wanted   any `yaml:"wanted"`
	Actual   any `yaml:"actual"`
	Found    any `yaml:"found"`
	File     any `yaml:"file"`
	Line     int `yaml:"line"`
	Location any `yaml:"location"`
	At       any `yaml:"at"`
	Duration any `yaml:"duration_ms"`
}

func (t *tapReader) endYAML() {
	lines := t.yaml
	t.inYAML, t.yaml = false, nil
	if len(lines) == 0 || len(t.results) == 0 {
		return
	}
	r := &t.results[len(t.results)-1]
	var d tapDetails
	if err := yaml.Unmarshal([]byte(strings.Join(lines, "\n")), &d); err != nil {
		for _, line := range lines { // not YAML after all: the person may still read it
			t.note(strings.TrimSpace(line))
		}
		return
	}
	t.closed = true
	r.Expected, r.Actual = firstText(d.Expected, d.Wanted), firstText(d.Actual, d.Found)
	r.File, r.Line = firstText(d.File), d.Line
	if file, line := lastPlace(firstText(d.Location, d.At)); file != "" {
		r.File, r.Line = file, line
	}
	if ms, err := strconv.ParseFloat(firstText(d.Duration), 64); err == nil {
		r.DurationMS = ms
	}
	if r.Status == harness.TestFailed {
		r.Message = firstText(d.Message, d.Error)
	}
}

// firstText returns the first value that is there: a text as it is, anything else as JSON.
func firstText(candidates ...any) string {
	for _, c := range candidates {
		if text, ok := c.(string); ok {
			return text
		}
		if c == nil {
			continue
		}
		if data, err := json.Marshal(c); err == nil {
			return string(data)
		}
		return fmt.Sprint(c) // a map with keys that are no strings
	}
	return ""
}

func (t *tapReader) interpret(r *harness.TestResult, notes []string) {
	switch {
	case len(notes) == 0:
	case r.Status == harness.TestPassed || r.Status == harness.TestSkipped:
		r.Output = strings.Join(notes, "\n")
	case isBats(notes) || t.suite != "":
		interpretBats(r, notes)
	default:
		r.Message = strings.TrimSpace(r.Message + "\n" + strings.Join(notes, "\n"))
		if r.File == "" {
			r.File, r.Line = lastPlace(r.Message)
		}
	}
}
