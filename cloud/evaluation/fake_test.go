package evaluation_test

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// lessons holds one lesson.
type lessons struct{ lesson *lesson.Lesson }

func (l lessons) LessonVersion(_ context.Context, id lesson.ID, version lesson.Digest) (*lesson.Lesson, error) {
	if l.lesson == nil || l.lesson.ID != id || l.lesson.Version != version {
		return nil, fault.New(fault.NotFound, "unknown", "")
	}
	return l.lesson, nil
}

func newLesson() *lesson.Lesson {
	return &lesson.Lesson{
		ID: uuid.New(), Version: lesson.DigestOf([]byte("version")),
		Exercise: &lesson.Exercise{
			Learner: []string{"main.sh"}, Environment: lesson.Environment{Name: "shell"},
			Starter: lesson.Files{"main.sh": lesson.NewFile([]byte("starter")), "data.txt": lesson.NewFile([]byte("the course's"))},
			Check:   lesson.Check{Limits: lesson.Limits{WallSeconds: 5}},
		},
	}
}

// runner is a harness.Runner whose environments do what the test says.
type runner struct {
	open  func(ctx context.Context, spec harness.Spec) error
	check func(ctx context.Context, files lesson.Files) (harness.Report, error)
}

func (r runner) Open(ctx context.Context, spec harness.Spec) (harness.Session, error) {
	if r.open != nil {
		if err := r.open(ctx, spec); err != nil {
			return nil, err
		}
	}
	return &session{runner: r}, nil
}

type session struct {
	harness.Session // what checks do not use
	runner          runner
	files           lesson.Files
}

func (s *session) Put(_ context.Context, files lesson.Files) error {
	s.files = files
	return nil
}

func (s *session) Check(ctx context.Context, _ harness.Suite, _ func(harness.Event)) (harness.Report, error) {
	return s.runner.check(ctx, s.files)
}

func (s *session) Close() error { return nil }

// desk is a store of checks with one place in it.
type desk struct {
	mu       sync.Mutex
	check    evaluation.Check
	status   evaluation.Status
	fence    int64
	returned int
}

func (d *desk) Take(_ context.Context, id uuid.UUID) (evaluation.Assignment, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.check.ID != id || d.status.State == evaluation.Finished {
		return evaluation.Assignment{}, false, nil
	}
	d.fence++
	d.status.State = evaluation.Running
	return evaluation.Assignment{Check: d.check, Fence: d.fence, QueuedFor: 1500 * time.Millisecond}, true, nil
}

func (d *desk) Deliver(_ context.Context, a evaluation.Assignment, report harness.Report) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.Fence == d.fence {
		d.status = evaluation.Status{State: evaluation.Finished, Report: &report}
	}
	return nil
}

func (d *desk) Return(ctx context.Context, a evaluation.Assignment) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.Fence == d.fence {
		d.status.State = evaluation.Queued
		d.returned++
	}
	return ctx.Err()
}

func (d *desk) Submit(_ context.Context, check evaluation.Check) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.check, d.status = check, evaluation.Status{State: evaluation.Queued}
	return 0, nil
}

func (d *desk) Status(context.Context, uuid.UUID, uuid.UUID) (evaluation.Status, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status, nil
}

func (d *desk) Cancel(context.Context, uuid.UUID, uuid.UUID) error { return nil }

// attempts holds one attempt to verify.
type attempts struct {
	attempt   evaluation.Attempt
	err       error
	concluded []journal.AttemptVerified
	reasons   []string
}

func (a *attempts) Attempt(context.Context, evaluation.AttemptRef) (evaluation.Attempt, bool, error) {
	return a.attempt, a.err == nil && len(a.concluded)+len(a.reasons) == 0, a.err
}

func (a *attempts) Conclude(_ context.Context, _ evaluation.AttemptRef, verified journal.AttemptVerified) error {
	a.concluded = append(a.concluded, verified)
	return nil
}

func (a *attempts) GiveUp(_ context.Context, _ evaluation.AttemptRef, reason string) error {
	a.reasons = append(a.reasons, reason)
	return nil
}

// bell rings when the test says.
type bell struct{ rings chan struct{} }

func (b bell) Subscribe(uuid.UUID) (<-chan struct{}, func()) { return b.rings, func() {} }
