// Package checks runs the learner's work: checks with tests, programs without them, here or in the
// cloud, and records what came of it. A check that failed for a reason of ours is never an attempt.
package checks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// Exercise is a lesson's exercise with the learner's files as they are on disk.
type Exercise struct {
	CourseID lesson.CourseID
	Lesson   *lesson.Lesson
	Files    lesson.Files
}

// Exercises finds exercises with the learner's files.
type Exercises interface {
	Exercise(ctx context.Context, id lesson.ID) (Exercise, error)
}

// Journal records. *progress.Tracker is one.
type Journal interface {
	// Keep makes the files' contents part of the journal.
	Keep(ctx context.Context, id lesson.ID, files lesson.Files) error
	// Append records payloads, all of them or none.
	Append(ctx context.Context, payloads ...journal.Payload) error
}

// Docker runs checks on this computer.
type Docker interface {
	harness.Runner
	// Answer tells why Docker cannot be used now, as a fault; nil when it can.
	Answer(ctx context.Context) error
	// Warm prepares an environment ahead of time, so that the next Open of the spec is quick. It fails
	// when that cannot or should not be done now.
	Warm(ctx context.Context, spec harness.Spec) error
}

// Cloud runs checks on the cloud's evaluators.
type Cloud interface {
	// Ready tells why the cloud cannot be used now, as a fault; nil when it can. It does not wait.
	Ready() error
	Check(ctx context.Context, id uuid.UUID, exercise Exercise, events func(harness.Event)) (harness.Report, error)
}

// Event is a step of a check or of a program's run. ID and Lesson are set, and one more field.
type Event struct {
	ID     uuid.UUID
	Lesson lesson.ID

	Step    *harness.Event  // a check moved on
	Report  *harness.Report // a check ended
	Stopped bool            // a check was stopped, by the learner or by a newer one

	Output *Output // a program printed something
	Ended  *Ended  // a program ended
}

// Output is what a program printed; Stream is 1 or 2.
type Output struct {
	Stream int
	Text   string
}

// Ended is how a program ended. Message is set when it could not start.
type Ended struct {
	Exit    harness.Exit
	Message string
}

// Options is what a Service needs. All fields are required.
type Options struct {
	Exercises Exercises
	Journal   Journal
	Docker    Docker
	Cloud     Cloud
	// Owner is whose work runs here.
	Owner string
	// Tell is told each event, those of one check or program in order. It must not block.
	Tell func(Event)
	// RunnersChanged is called when a runner became available or went away.
	RunnersChanged func()
}

// Service runs checks and programs. At most one of each runs per lesson: a newer one replaces the one
// before. It is safe for concurrent use; what it starts ends with Run.
type Service struct {
	Options
	sessions *sessions
	runners  *runners

	base   context.Context // of everything started here
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	ending  bool
	checks  map[lesson.ID]*job
	running map[lesson.ID]*job // programs
}

// job is a check or a program that goes on.
type job struct {
	id     uuid.UUID
	lesson lesson.ID
	cancel context.CancelFunc
	done   chan struct{}
}

// New returns a service; call Run to give it a life.
func New(o Options) *Service {
	base, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // work outlives the request that starts it, and ends with Run
	s := &Service{Options: o, base: base, cancel: cancel,
		checks: map[lesson.ID]*job{}, running: map[lesson.ID]*job{}}
	s.sessions = newSessions(o.Docker, o.Exercises, o.Owner)
	s.runners = &runners{docker: o.Docker, cloud: o.Cloud, changed: o.RunnersChanged}
	return s
}

// Run looks after the runners until ctx ends, then stops everything, waits for it, and closes the
// sessions.
func (s *Service) Run(ctx context.Context) error {
	s.runners.watch(ctx)
	s.mu.Lock()
	s.ending = true
	s.mu.Unlock()
	s.cancel()
	s.work.Wait()
	return s.sessions.close()
}

// Session returns the live environment of a lesson with the learner's present files in it.
func (s *Service) Session(ctx context.Context, id lesson.ID) (harness.Session, error) {
	ex, err := s.Exercises.Exercise(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.sessions.prepared(ctx, ex)
}

// Warm opens the environment of a lesson in the background, so that the first check finds it running
// with the files in it. What goes wrong is told by that check.
func (s *Service) Warm(id lesson.ID) {
	s.start(func(ctx context.Context) {
		if s.runners.dockerAnswer(ctx) == nil {
			s.sessions.warm(ctx, id)
		}
	})
}

// Touched brings changed files into the lesson's environment when it is open, for its terminals.
func (s *Service) Touched(id lesson.ID) {
	s.start(func(ctx context.Context) { s.sessions.update(ctx, id) })
}

// start runs work until it ends or the service does; false when the service has ended.
func (s *Service) start(work func(ctx context.Context)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return false
	}
	s.work.Go(func() { work(s.base) })
	return true
}

// begin starts a job in place of the one that table has for the lesson. work runs after that has ended.
func (s *Service) begin(table map[lesson.ID]*job, id lesson.ID, work func(ctx context.Context, id uuid.UUID)) (uuid.UUID, error) {
	jobID, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, fmt.Errorf("naming job: %w", err)
	}
	ctx, cancel := context.WithCancel(s.base)
	next := &job{id: jobID, lesson: id, cancel: cancel, done: make(chan struct{})}
	s.mu.Lock()
	previous := table[id]
	if !s.ending {
		table[id] = next
	}
	s.mu.Unlock()

	if previous != nil {
		previous.cancel()
	}
	started := s.start(func(context.Context) {
		defer close(next.done)
		defer cancel()
		if previous != nil {
			<-previous.done
		}
		work(ctx, jobID)
		s.mu.Lock()
		if table[id] == next {
			delete(table, id)
		}
		s.mu.Unlock()
	})
	if !started {
		cancel()
		return uuid.Nil, fault.New(fault.Unavailable, "Carrel is closing.", "Start it again.")
	}
	return jobID, nil
}

// stop cancels a job. One that is not there has ended already.
func (s *Service) stop(table map[lesson.ID]*job, id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range table {
		if j.id == id {
			j.cancel()
		}
	}
}

// recordPatience bounds how long a finished check may take to be written down while the program ends.
const recordPatience = 10 * time.Second
