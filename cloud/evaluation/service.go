package evaluation

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

const (
	// MaxWait is the longest that Watch waits: shorter than proxies let a request idle.
	MaxWait = 20 * time.Second
	// pollInterval is how stale Watch may be when a ring of the bell was lost.
	pollInterval = 2 * time.Second
)

// Checks stores checks together with their place in the queue. Errors are faults: NotFound for a check
// that does not exist or is somebody else's.
type Checks interface {
	// Submit stores and queues a check atomically and returns how many wait before it. A pending check of
	// the same learner and lesson is cancelled. A check that exists already stays as it is.
	Submit(ctx context.Context, check Check) (position int, err error)
	// Status returns what is known of a check.
	Status(ctx context.Context, accountID, id uuid.UUID) (Status, error)
	// Cancel ends a pending check. A check that has ended stays as it is.
	Cancel(ctx context.Context, accountID, id uuid.UUID) error
}

// Bell rings when the state of a check may have changed, on whatever node that happened.
type Bell interface {
	// Subscribe returns a channel that receives after each ring for the check, until stop is called. Rings
	// may coalesce and, while the database is away, be lost.
	Subscribe(id uuid.UUID) (rings <-chan struct{}, stop func())
}

// Lessons finds published lessons.
type Lessons interface {
	// LessonVersion returns a version of a lesson, or a NotFound fault.
	LessonVersion(ctx context.Context, id lesson.ID, version lesson.Digest) (*lesson.Lesson, error)
}

// Service is what learners can do with checks. It is safe for concurrent use.
type Service struct {
	checks  Checks
	bell    Bell
	lessons Lessons
	drained chan struct{}
	drain   sync.Once
}

// NewService returns a service.
func NewService(checks Checks, bell Bell, lessons Lessons) *Service {
	return &Service{checks: checks, bell: bell, lessons: lessons, drained: make(chan struct{})}
}

// Drain makes every Watch, now and later, return at once: a node that shuts down must not keep its
// clients waiting, who will ask another one.
func (s *Service) Drain() { s.drain.Do(func() { close(s.drained) }) }

// Submit queues a check and returns how many wait before it. The same check twice is one check; a new
// one replaces a pending one of the same learner and lesson.
func (s *Service) Submit(ctx context.Context, check Check) (position int, err error) {
	if err := check.validate(); err != nil {
		return 0, err
	}
	if _, err := exerciseOf(ctx, s.lessons, check.LessonID, check.LessonVersion); err != nil {
		return 0, err
	}
	return s.checks.Submit(ctx, check)
}

// exerciseOf returns a lesson that has an exercise.
func exerciseOf(ctx context.Context, lessons Lessons, id lesson.ID, version lesson.Digest) (*lesson.Lesson, error) {
	found, err := lessons.LessonVersion(ctx, id, version)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.Wrap(err, fault.NotFound, "The cloud does not have this version of the lesson.",
			"Check on this computer, or update the course.")
	}
	if err != nil {
		return nil, err
	}
	if found.Exercise == nil {
		return nil, fault.New(fault.Invalid, "This lesson has no exercise.", "There is nothing to check.")
	}
	return found, nil
}

// Watch returns a check's status as soon as its state is not the known one, at the latest after wait.
func (s *Service) Watch(ctx context.Context, accountID, id uuid.UUID, known State, wait time.Duration) (Status, error) {
	// Listening starts before looking, so that nothing can happen in between.
	rings, stop := s.bell.Subscribe(id)
	defer stop()
	deadline := time.NewTimer(min(max(wait, 0), MaxWait))
	defer deadline.Stop()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		status, err := s.checks.Status(ctx, accountID, id)
		if err != nil || status.State != known {
			return status, err
		}
		select {
		case <-rings:
		case <-poll.C:
		case <-deadline.C:
			return status, nil
		case <-s.drained:
			return status, nil
		case <-ctx.Done():
			return status, ctx.Err()
		}
	}
}

// Cancel ends a pending check.
func (s *Service) Cancel(ctx context.Context, accountID, id uuid.UUID) error {
	return s.checks.Cancel(ctx, accountID, id)
}
