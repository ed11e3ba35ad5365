package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/harness/testreport"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// integrity is how checks run here, whatever level a suite asks for: tests and learner's code share a
// process and a user. A report must never claim more.
const integrity = "in_process"

// Check runs the suite on the files of the last Put.
func (s *session) Check(ctx context.Context, suite harness.Suite, events func(harness.Event)) (harness.Report, error) {
	if events == nil {
		events = func(harness.Event) {}
	}
	suite, err := s.complete(suite)
	if err != nil {
		return harness.Report{}, err
	}
	began := time.Now()
	if err := s.runner.slots.take(ctx, func(place int) { events(harness.Event{Queued: place}) }); err != nil {
		return harness.Report{}, err
	}
	defer s.runner.slots.free()
	s.mu.Lock()
	files := s.files
	s.mu.Unlock()
	report := harness.Report{
		Tests:     []harness.TestResult{},
		Limits:    suite.Limits.InMS(),
		Runner:    s.runner.options.Name,
		Host:      hostName(),
		Integrity: integrity,
		Digests: harness.Digests{
			Snapshot: string(files.Digest()), Tests: suite.Digest(), Environment: s.image.environmentDigest(), Harness: s.image.harnessDigest(),
		},
	}
	report.Phases.QueuedMS = ms(time.Since(began))
	report.Phases.OpenMS, s.opened = ms(s.opened), 0
	if files.Size()+suite.Tests.Size() > s.spec.Limits.DiskBytes {
		// Not sent at all: they would not fit, and the agent keeps a copy within the memory limit.
		judge(&report, harness.Outcome{Exit: harness.Exit{Code: -1, LimitHit: harness.LimitDisk}})
		return report, nil
	}
	if !s.ready() {
		events(harness.Event{Opening: true})
	}
	err = s.try(ctx, func(c *container) error {
		began := time.Now()
		err := errors.Join(c.put(ctx, files, false), c.put(ctx, suite.Tests, true))
		report.Phases.PutMS = ms(time.Since(began))
		if err != nil {
			return err
		}
		events(harness.Event{Running: true})
		return s.served(ctx, c, &report, func() error { return s.check(ctx, c, suite, &report) })
	})
	if err != nil {
		return harness.Report{}, err
	}
	for i := range report.Tests {
		events(harness.Event{Test: &report.Tests[i]})
	}
	return report, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

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

// check runs a complete suite in a container that has the files.
func (s *session) check(ctx context.Context, c *container, suite harness.Suite, report *harness.Report) error {
	run := &harnessv1.Run{Argv: suite.Command, Env: s.environ(s.image.serviceEnv(forChecks), suite.Env), Limits: wireLimits(suite.Limits), Check: true}
	if suite.ReportPath != "" {
		run.Collect = &harnessv1.Collect{Paths: []string{suite.ReportPath}, MaxBytes: testreport.MaxBytes}
	}
	var clean [3]harness.Cleaner
	var log strings.Builder
	var printed []byte // on standard output, as it came
	began := time.Now()
	ended, files, err := s.follow(ctx, c, run, func(stream int, data []byte) {
		log.WriteString(clean[stream].Clean(data))
		if stream == 1 {
			printed = append(printed, data...)
		}
	})
	report.Phases.TestMS = ms(time.Since(began))
	outcome := harness.Outcome{}
	if failed := (*client.FailedError)(nil); errors.As(err, &failed) && failed.DiskFull {
		outcome.Exit = harness.Exit{Code: -1, LimitHit: harness.LimitDisk} // the files alone are too large
	} else if err != nil {
		return err
	} else {
		outcome.Exit = exitOf(ended)
		outcome.Tests, outcome.ReportErr = results(suite, outcome.Exit, files, printed)
	}
	log.WriteString(clean[1].End() + clean[2].End())
	judge(report, outcome)
	report.Log = harness.NewLog(log.String(), ended.GetDroppedBytes())
	return nil
}

func judge(report *harness.Report, o harness.Outcome) {
	report.Verdict, report.Message = harness.Judge(o)
	report.Tests = append(report.Tests, o.Tests...)
	report.LimitHit, report.Usage, report.ExitCode = o.Exit.LimitHit, o.Exit.Usage, o.Exit.Code
}

var errNoReport = errors.New("the run left no report")

// results reads what the run left, however it ended: a suite that was stopped at a limit still tells
// how far it came.
func results(suite harness.Suite, exit harness.Exit, files map[string][]byte, printed []byte) ([]harness.TestResult, error) {
	if suite.Format == harness.FormatExit {
		return []harness.TestResult{harness.ExitTest(suite.Command, exit)}, nil
	}
	data := printed
	if suite.ReportPath != "" {
		var ok bool
		if data, ok = files[suite.ReportPath]; !ok {
			return nil, errNoReport
		}
	}
	return testreport.Parse(suite.Format, data)
}

var _ harness.Runner = (*Runner)(nil)
