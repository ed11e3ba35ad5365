package docker

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/harness/testreport"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// Check runs the suite on the files of the last Put.
func (s *session) Check(ctx context.Context, suite harness.Suite, events func(harness.Event)) (harness.Report, error) {
	if events == nil {
		events = func(harness.Event) {}
	}
	t, err := s.trial(suite)
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
		Limits:    t.suite.Limits.InMS(),
		Runner:    s.runner.options.Name,
		Host:      hostName(),
		Integrity: t.integrity,
		Digests: harness.Digests{
			Snapshot: string(files.Digest()), Tests: t.digest, Environment: s.image.environmentDigest(), Harness: s.image.harnessDigest(),
		},
	}
	report.Phases.QueuedMS = ms(time.Since(began))
	report.Phases.OpenMS, s.opened = ms(s.opened), 0
	if files.Size()+t.suite.Tests.Size() > s.spec.Limits.DiskBytes {
		// Not sent at all: they would not fit, and the agent keeps a copy within the memory limit.
		judge(&report, harness.Outcome{Exit: harness.Exit{Code: -1, LimitHit: harness.LimitDisk}})
		return report, nil
	}
	if !s.ready() {
		events(harness.Event{Opening: true})
	}
	err = s.try(ctx, func(c *container) error {
		began := time.Now()
		err := errors.Join(c.put(ctx, files, false), c.put(ctx, t.suite.Tests, true))
		report.Phases.PutMS = ms(time.Since(began))
		if err != nil {
			return err
		}
		events(harness.Event{Running: true})
		err = s.served(ctx, c, &report, func() error { return s.check(ctx, c, t, &report, events) })
		if err == nil && report.LimitHit == harness.LimitProcesses && c.conn.Idle() {
			// The kernel's record of the most processes at once cannot be set back, and with a new
			// container the limit is noticed as surely the next time.
			s.discard(c)
		}
		return err
	})
	if err != nil {
		return harness.Report{}, err
	}
	return report, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// check runs a trial in a container that has its files.
func (s *session) check(ctx context.Context, c *container, t *trial, report *harness.Report, events func(harness.Event)) error {
	run := &harnessv1.Run{
		Argv: t.suite.Command, Env: s.environ(s.image.serviceEnv(forChecks), t.suite.Env), Limits: wireLimits(t.limits()),
		Check: true, Integrity: t.level,
	}
	switch {
	case t.suite.Format == harness.FormatExit:
	case t.suite.ReportPath != "":
		run.Collect = &harnessv1.Collect{Paths: []string{t.suite.ReportPath}, MaxBytes: testreport.MaxBytes}
	default:
		run.ReportBytes = testreport.MaxBytes
	}
	var clean [reportStream]harness.Cleaner
	var log strings.Builder
	told := newTelling(t, events)
	began := time.Now()
	ended, files, err := s.follow(ctx, c, run, func(stream int, data []byte) {
		if stream < reportStream {
			log.WriteString(clean[stream].Clean(data))
		}
		told.write(stream, data)
	})
	report.Phases.TestMS = ms(time.Since(began))
	outcome := harness.Outcome{}
	if failed := (*client.FailedError)(nil); errors.As(err, &failed) && failed.DiskFull {
		outcome.Exit = harness.Exit{Code: -1, LimitHit: harness.LimitDisk} // the files alone are too large
	} else if err != nil {
		return err
	} else {
		outcome = t.outcome(ended, files, told)
	}
	log.WriteString(clean[1].End() + clean[2].End())
	judge(report, outcome)
	report.Log = harness.NewLog(t.log(log.String(), report.Verdict), ended.GetDroppedBytes())
	told.rest(report.Tests)
	return nil
}

func judge(report *harness.Report, o harness.Outcome) {
	report.Verdict, report.Message = harness.Judge(o)
	report.Tests = append(report.Tests, o.Tests...)
	report.LimitHit, report.Usage, report.ExitCode = o.Exit.LimitHit, o.Exit.Usage, o.Exit.Code
}

var _ harness.Runner = (*Runner)(nil)
