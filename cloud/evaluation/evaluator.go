package evaluation

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

const (
	// overhead is what opening an environment and moving files may take on top of a check's own limits.
	overhead = 10 * time.Second
	// maxTries is how often a check is run when the machinery fails. What the learner's code did is a
	// report and never tried again.
	maxTries = 3
	// runnerName is the Runner of every report made here.
	runnerName = "cloud"
	// afterwards is the time for handing a check back when the node is shutting down.
	afterwards = 5 * time.Second
)

// Desk is the store of checks as evaluators see it.
type Desk interface {
	// Take makes the caller the check's evaluator; ok is false when there is nothing left to do.
	Take(ctx context.Context, id uuid.UUID) (a Assignment, ok bool, err error)
	// Deliver finishes the check, once: a report with an old fence is dropped.
	Deliver(ctx context.Context, a Assignment, report harness.Report) error
	// Return puts the check back into the queue, unless it went elsewhere meanwhile.
	Return(ctx context.Context, a Assignment) error
}

// AttemptRef names an attempt of an account.
type AttemptRef struct{ AccountID, AttemptID uuid.UUID }

// Attempt is what an account's journals hold about an attempt.
type Attempt struct {
	Started journal.AttemptStarted
	Files   lesson.Files // the learner's, by the digests of Started
}

// Attempts is the store of attempts to verify.
type Attempts interface {
	// Attempt returns an attempt that waits for verification; ok is false when it no longer does. A
	// NotFound fault means that the journals lack something.
	Attempt(ctx context.Context, ref AttemptRef) (a Attempt, ok bool, err error)
	// Conclude appends the result to the account's server-authored log and ends the verification, in one
	// transaction and once.
	Conclude(ctx context.Context, ref AttemptRef, verified journal.AttemptVerified) error
	// GiveUp ends the verification without a result; reason is a sentence for the operator.
	GiveUp(ctx context.Context, ref AttemptRef, reason string) error
}

// Evaluator runs checks on a Runner. It is safe for concurrent use.
type Evaluator struct {
	runner   harness.Runner
	lessons  Lessons
	desk     Desk
	attempts Attempts
	logger   *slog.Logger
}

// NewEvaluator returns an evaluator.
func NewEvaluator(runner harness.Runner, lessons Lessons, desk Desk, attempts Attempts, logger *slog.Logger) *Evaluator {
	return &Evaluator{runner: runner, lessons: lessons, desk: desk, attempts: attempts, logger: logger}
}

// Check runs a queued check and delivers its report. An error says that it should be tried again, and
// try, from 1, how often it was; the last try delivers a report whatever happens, unless the engine is
// away, which is an Unavailable fault and no try.
func (e *Evaluator) Check(ctx context.Context, id uuid.UUID, try int) error {
	a, ok, err := e.desk.Take(ctx, id)
	if err != nil || !ok {
		return err
	}
	report, err := e.runLesson(ctx, a.AccountID, a.LessonID, a.LessonVersion, a.Files)
	if err != nil && (ctx.Err() != nil || fault.KindOf(err) == fault.Unavailable || try < maxTries) {
		// The caller's context may have ended; the check must get back all the same.
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
		defer cancel()
		return errors.Join(err, e.desk.Return(late, a))
	}
	if err != nil {
		e.logger.Error("giving up a check", "check_id", id, "error", err)
		report = infrastructureReport(err)
	}
	report.Phases.QueuedMS = float64(a.QueuedFor) / float64(time.Millisecond)
	return e.desk.Deliver(ctx, a, report)
}

// infrastructureReport tells the learner that it was not their fault.
func infrastructureReport(err error) harness.Report {
	message := "The cloud could not run your check. It is not your code's fault: check again in a few minutes."
	if fault.KindOf(err) != fault.Internal {
		message, _ = fault.Sentence(err)
	}
	return harness.Report{Verdict: harness.Infrastructure, Message: message, Runner: runnerName, ExitCode: -1}
}

// Verify runs a pass from a device again and records the result. Errors and try are as for Check. What
// cannot be run again stays as the device reported it.
func (e *Evaluator) Verify(ctx context.Context, ref AttemptRef, try int) error {
	attempt, ok, err := e.attempts.Attempt(ctx, ref)
	if err == nil && !ok {
		return nil
	}
	if err == nil && !attempt.Started.Complete {
		err = fault.New(fault.NotFound, "A file of the attempt was too large for the journal.", "The result stays as it is.")
	}
	var report harness.Report
	if err == nil {
		s := attempt.Started
		report, err = e.runLesson(ctx, ref.AccountID, s.LessonID, s.LessonVersion, attempt.Files)
	}
	switch {
	case err == nil:
		return e.attempts.Conclude(ctx, ref, journal.AttemptVerified{
			AttemptID: ref.AttemptID, LessonID: attempt.Started.LessonID,
			Agrees: report.Verdict == harness.Passed, Report: journal.Shorten(report),
		})
	case ctx.Err() != nil, fault.KindOf(err) == fault.Unavailable:
		return err
	case fault.KindOf(err) == fault.Internal && try < maxTries:
		return err
	}
	e.logger.Warn("a pass cannot be verified", "attempt_id", ref.AttemptID, "error", err)
	reason, _ := fault.Sentence(err)
	return e.attempts.GiveUp(ctx, ref, reason)
}

// runLesson runs a check in an environment nobody has used. The error is never the learner's doing.
func (e *Evaluator) runLesson(ctx context.Context, account uuid.UUID, id lesson.ID, version lesson.Digest, files lesson.Files) (harness.Report, error) {
	found, err := exerciseOf(ctx, e.lessons, id, version)
	if err != nil {
		return harness.Report{}, err
	}
	report, err := e.run(ctx, found.Exercise, account.String(), files)
	if err == nil && report.Verdict == harness.Infrastructure {
		err = fault.New(fault.Internal, report.Message, "Try again.")
	}
	report.Runner = runnerName
	return report, err
}

func (e *Evaluator) run(ctx context.Context, exercise *lesson.Exercise, owner string, files lesson.Files) (report harness.Report, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, harness.LimitsFor(exercise.Check.Limits).Wall+overhead, errStuck)
	defer cancel()
	spec := harness.SpecFor(exercise, owner)
	spec.Fresh = true
	opening := time.Now()
	session, err := e.runner.Open(ctx, spec)
	if err != nil {
		return report, stuck(ctx, err)
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	opened := time.Now()
	if err := session.Put(ctx, harness.SnapshotFor(exercise, files)); err != nil {
		return report, stuck(ctx, err)
	}
	report, err = session.Check(ctx, harness.SuiteFor(exercise), func(harness.Event) {})
	if report.Phases.OpenMS == 0 {
		report.Phases.OpenMS = float64(opened.Sub(opening)) / float64(time.Millisecond)
	}
	return report, stuck(ctx, err)
}

var errStuck = errors.New("the check took longer than its limits allow")

// stuck makes an error that our own deadline caused an Internal one: whatever the Runner called it, the
// engine was there, and waiting for it would be waiting for ever.
func stuck(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errStuck) {
		return fault.Wrap(errors.Join(errStuck, err), fault.Internal, "The check got stuck in the cloud.", "Check again in a few minutes.")
	}
	return err
}
