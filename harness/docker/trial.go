package docker

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/cases"
	"github.com/carrel-dev/carrel/harness/canary"
	"github.com/carrel-dev/carrel/harness/testreport"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// trial is one run of a suite: complete, and protected at its level.
type trial struct {
	suite     harness.Suite // with the tests as they enter the container
	digest    string        // of the suite as it was asked for
	integrity string
	level     harnessv1.Integrity
	disguise  *canary.Plan // nil but for canary checks
}

// trial prepares a suite. A suite that cannot be protected as it asks is refused and not run with less.
// Errors are faults: Invalid when the suite cannot be run by anyone.
func (s *session) trial(suite harness.Suite) (*trial, error) {
	t := &trial{integrity: cmp.Or(suite.Integrity, harness.IntegrityInProcess)}
	_, withCases := suite.Tests[lesson.CasesFile]
	var err error
	switch {
	case t.integrity == harness.IntegritySplit && withCases:
		suite, err = s.ofCases(suite)
	case withCases:
		err = fault.New(fault.Invalid, "Tests in cases.yaml are run at the integrity level \"split\" only.", "Write \"integrity: split\".")
	}
	if err != nil {
		return nil, err
	}
	if t.suite, err = s.complete(suite); err != nil {
		return nil, err
	}
	t.digest = t.suite.Digest()
	switch t.integrity {
	case harness.IntegrityInProcess:
		t.level = harnessv1.Integrity_INTEGRITY_IN_PROCESS
	case harness.IntegritySplit:
		t.level = harnessv1.Integrity_INTEGRITY_SPLIT
	case harness.IntegrityCanary:
		t.level = harnessv1.Integrity_INTEGRITY_CANARY
		if t.suite.Format == harness.FormatExit {
			return nil, fault.New(fault.Invalid, "Tests of which only the exit code is known cannot be checked with canaries.",
				"Use a report format, or the integrity level \"split\" or \"in_process\".")
		}
		plan, err := canary.Twins(s.image.pack.Dialect, t.suite.Tests, rand.Reader)
		if err != nil {
			return nil, err
		}
		t.disguise, t.suite.Tests = &plan, plan.Files
	default:
		return nil, fault.New(fault.Invalid, fmt.Sprintf("Carrel does not know the integrity level %q.", t.integrity), "Use split, canary or in_process.")
	}
	return t, nil
}

// complete fills in what the language pack decides. Errors are faults: Invalid when the suite cannot
// be run by anyone.
func (s *session) complete(suite harness.Suite) (harness.Suite, error) {
	pack := s.image.pack.Check
	suite.Limits = s.bounded(suite.Limits)
	if suite.Format == "" {
		suite.Format = pack.Format
		suite.ReportPath = cmp.Or(suite.ReportPath, pack.Report)
	}
	if len(suite.Command) == 0 {
		suite.Command = pack.Command
		if suite.Integrity == harness.IntegritySplit && len(pack.Split) > 0 {
			suite.Command = pack.Split
		}
	}
	suite.Env = slices.Concat(pack.Env, suite.Env)
	if suite.ReportPath != "" {
		suite.Env = append(suite.Env, "CARREL_REPORT="+suite.ReportPath)
	}
	switch {
	case len(suite.Command) == 0:
		return suite, fault.New(fault.Invalid, "This exercise does not say how it is checked.", "Give it a check command.")
	case suite.Format == harness.FormatExit || suite.Format == "":
		suite.Format, suite.ReportPath = harness.FormatExit, ""
	case !slices.Contains(testreport.Formats(), suite.Format):
		return suite, fault.New(fault.Invalid, fmt.Sprintf("Carrel cannot read test reports in the format %q.", suite.Format),
			"Use one of: "+strings.Join(testreport.Formats(), ", ")+".")
	}
	return suite, nil
}

// ofCases makes the suite that runs tests written as data.
func (s *session) ofCases(suite harness.Suite) (harness.Suite, error) {
	parsed, problems := lesson.ParseCases(lesson.CasesFile, suite.Tests[lesson.CasesFile].Data)
	if len(problems) > 0 {
		return suite, fault.New(fault.Invalid, "The tests of this exercise cannot be read.", problems[0].String())
	}
	data, err := json.Marshal(struct {
		Driver []string `json:"driver,omitempty"`
		Source string   `json:"source"`
		lesson.Cases
	}{s.image.pack.Check.Driver, lesson.CasesFile, parsed})
	if err != nil {
		return suite, fmt.Errorf("encoding cases: %w", err)
	}
	suite.Tests = suite.Tests.Overlay(lesson.Files{cases.File: lesson.NewFile(data)})
	suite.Format, suite.ReportPath = testreport.Carrel, ""
	if len(suite.Command) == 0 {
		suite.Command = []string{agentPath, cases.Argument}
	}
	return suite, nil
}

// limits returns those of the run. The tests of a canary check run several times, for which the clocks and
// the output have more room; not as much more as there are copies, for a loop without end should be told
// soon, and exercises seldom use half of what they may.
func (t *trial) limits() harness.Limits {
	l := t.suite.Limits
	if t.disguise != nil {
		l.CPU, l.Wall, l.OutputBytes = 2*l.CPU, 2*l.Wall, 2*l.OutputBytes
	}
	return l
}

var errNoReport = errors.New("the run left no report")

// outcome reads what the run left, however it ended: a suite that was stopped at a limit still tells how
// far it came.
func (t *trial) outcome(ended *harnessv1.Exit, files map[string][]byte, told *telling) harness.Outcome {
	o := harness.Outcome{Exit: exitOf(ended)}
	if ended.DroppedReportBytes > 0 {
		o.ReportErr = errors.New("the report is too large")
		return o
	}
	o.Tests, o.ReportErr = t.results(o.Exit, files, told)
	if t.disguise == nil || o.ReportErr != nil {
		return o
	}
	o.Tests, o.Tampered = t.disguise.Judge(o.Tests)
	passed := !slices.ContainsFunc(o.Tests, func(r harness.TestResult) bool {
		return r.Status != harness.TestPassed && r.Status != harness.TestSkipped
	})
	if o.Exit.Code == 1 && passed {
		o.Exit.Code = 0 // the command counts the twins as failures
	}
	return o
}

func (t *trial) results(exit harness.Exit, files map[string][]byte, told *telling) ([]harness.TestResult, error) {
	if t.suite.Format == harness.FormatExit {
		return []harness.TestResult{harness.ExitTest(t.suite.Command, exit)}, nil
	}
	if t.suite.ReportPath != "" {
		data, ok := files[t.suite.ReportPath]
		if !ok {
			return nil, errNoReport
		}
		return testreport.Parse(t.suite.Format, data)
	}
	return testreport.Parse(t.suite.Format, told.report())
}

// log returns what the learner may see of the output. Of a canary check it is shown only where it alone
// explains the verdict, for most of it is about twins.
func (t *trial) log(text string, verdict harness.Verdict) string {
	if t.disguise == nil {
		return text
	}
	if verdict == harness.Passed || verdict == harness.Failed {
		return ""
	}
	return t.disguise.Text(text)
}

// telling keeps the report's bytes and tells tests as they end.
type telling struct {
	trial  *trial
	events func(harness.Event)
	// What came on standard output and on the report's channel: a report may come on either.
	came map[int][]byte
	live map[int]*testreport.Live
	told map[string]bool
}

func newTelling(t *trial, events func(harness.Event)) *telling {
	l := &telling{trial: t, events: events, came: map[int][]byte{}, live: map[int]*testreport.Live{}, told: map[string]bool{}}
	if t.suite.ReportPath != "" || t.suite.Format == harness.FormatExit {
		return l
	}
	l.live[reportStream] = testreport.NewLive(t.suite.Format)
	switch t.suite.Format {
	case testreport.Carrel:
	case testreport.GoTest:
		l.live[1] = testreport.NewLive(t.suite.Format)
	default: // kept, and not told: a command that reports on the channel may print the same for people
		l.live[1] = &testreport.Live{}
	}
	return l
}

func (l *telling) write(stream int, data []byte) {
	live := l.live[stream]
	if live == nil {
		return
	}
	l.came[stream] = append(l.came[stream], data...)
	for _, r := range live.Write(data) {
		l.tell(r)
	}
}

func (l *telling) tell(r harness.TestResult) {
	if l.trial.disguise != nil {
		var real bool
		if r, real = l.trial.disguise.Real(r); !real {
			return
		}
	}
	l.told[r.ID] = true
	l.events(harness.Event{Test: &r})
}

// report returns the bytes of a report that came in a stream.
func (l *telling) report() []byte {
	if l.trial.suite.Format == testreport.Carrel || len(l.came[reportStream]) > 0 {
		return l.came[reportStream]
	}
	return l.came[1]
}

// rest tells the tests that were not told while they ran.
func (l *telling) rest(tests []harness.TestResult) {
	for i := range tests {
		if !l.told[tests[i].ID] {
			l.events(harness.Event{Test: &tests[i]})
		}
	}
}
