package checks

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/progress"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// Start checks the workspace of a lesson as it is on disk now. The id becomes the attempt's.
func (s *Service) Start(ctx context.Context, id lesson.ID, on Kind) (uuid.UUID, error) {
	ex, err := s.Exercises.Exercise(ctx, id)
	if err != nil {
		return uuid.Nil, err
	}
	return s.begin(s.checks, id, func(ctx context.Context, check uuid.UUID) {
		s.Tell(s.check(ctx, check, ex, on))
	})
}

// Stop stops a check; nothing is recorded.
func (s *Service) Stop(check uuid.UUID) { s.stop(s.checks, check) }

// check runs one check and returns its last event.
//
// The journal gets the drafts before the run and the attempt, start and end in one segment, after it:
// whenever this process is killed, the journal either has the whole attempt or only drafts, and a check
// that failed for a reason of ours leaves no attempt.
func (s *Service) check(ctx context.Context, id uuid.UUID, ex Exercise, on Kind) Event {
	event := Event{ID: id, Lesson: ex.Lesson.ID}
	if err := s.Journal.Keep(ctx, ex.Lesson.ID, ex.Files); err != nil && ctx.Err() == nil {
		event.Report = infrastructure(err)
		return event
	}
	report, err := s.run(ctx, id, ex, on, func(step harness.Event) {
		s.Tell(Event{ID: id, Lesson: ex.Lesson.ID, Step: &step})
	})
	if ctx.Err() != nil {
		event.Stopped = true
		return event
	}
	if err != nil {
		report = *infrastructure(err)
	}
	event.Report = &report
	if report.Verdict == harness.Infrastructure {
		return event
	}
	// The result is there: a stop that comes now is too late, and the end of the program waits for it.
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordPatience)
	defer cancel()
	if err := s.record(writing, id, ex, report); err != nil {
		slog.Error("attempt not recorded", "err", err)
		event.Report = infrastructure(err)
	}
	return event
}

func (s *Service) record(ctx context.Context, id uuid.UUID, ex Exercise, report harness.Report) error {
	files := make(map[string]lesson.Digest, len(ex.Files))
	for path, f := range ex.Files {
		files[path] = lesson.DigestOf(f.Data)
	}
	return s.Journal.Append(ctx,
		journal.AttemptStarted{AttemptID: id, LessonID: ex.Lesson.ID, LessonVersion: ex.Lesson.Version,
			CourseID: ex.CourseID, Files: files, Complete: progress.Complete(ex.Files)},
		journal.AttemptFinished{AttemptID: id, LessonID: ex.Lesson.ID, Report: journal.Shorten(report)})
}

// run runs the check where on says. Automatic means here, and in the cloud when this computer cannot.
func (s *Service) run(ctx context.Context, id uuid.UUID, ex Exercise, on Kind, events func(harness.Event)) (harness.Report, error) {
	switch on {
	case KindCloud:
		return s.Cloud.Check(ctx, id, ex, events)
	case KindDocker:
		return s.sessions.check(ctx, ex, events)
	case KindAuto:
	}
	here := s.runners.dockerAnswer(ctx)
	if here == nil {
		var report harness.Report
		report, here = s.sessions.check(ctx, ex, events)
		if here == nil {
			return report, nil
		}
	}
	if kind := fault.KindOf(here); ctx.Err() == nil && (kind == fault.Unavailable || kind == fault.NotFound) && s.Cloud.Ready() == nil {
		return s.Cloud.Check(ctx, id, ex, events)
	}
	return harness.Report{}, here
}

// infrastructure is the report of a check that could not be run.
func infrastructure(err error) *harness.Report {
	message, hint := fault.Sentence(err)
	if fault.KindOf(err) == fault.Internal && !errors.Is(err, context.Canceled) {
		slog.Error("check could not run", "err", err)
	}
	if hint != "" {
		message += " " + hint
	}
	return &harness.Report{Verdict: harness.Infrastructure, Message: message, ExitCode: -1}
}
