package checks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// maxSessions bounds the environments that are kept running; each takes memory while it is idle.
const maxSessions = 4

// sessions keeps one environment per lesson running, so that checks start at once and terminals see the
// same files.
type sessions struct {
	runner    Docker
	exercises Exercises
	owner     string

	mu       sync.Mutex
	byLesson map[lesson.ID]*live
	closed   bool
}

// live is the environment of one lesson. mu is held while it is opened, filled or checked in: that is
// what a harness.Session asks for.
type live struct {
	mu      sync.Mutex
	session harness.Session // nil until opened, and after it broke
	version lesson.Digest   // of the lesson it was opened for

	usedAt time.Time // guarded by sessions.mu
	users  int       // guarded by sessions.mu
}

func newSessions(runner Docker, exercises Exercises, owner string) *sessions {
	return &sessions{runner: runner, exercises: exercises, owner: owner, byLesson: map[lesson.ID]*live{}}
}

// prepared returns the lesson's environment with the files in it.
func (s *sessions) prepared(ctx context.Context, ex Exercise) (harness.Session, error) {
	var session harness.Session
	err := s.use(ctx, ex, func(open harness.Session) error {
		session = open
		return open.Put(ctx, harness.SnapshotFor(ex.Lesson.Exercise, ex.Files))
	})
	return session, err
}

// check runs the exercise's tests on the files.
func (s *sessions) check(ctx context.Context, ex Exercise, events func(harness.Event)) (harness.Report, error) {
	var report harness.Report
	events(harness.Event{Opening: true})
	err := s.use(ctx, ex, func(session harness.Session) error {
		if err := session.Put(ctx, harness.SnapshotFor(ex.Lesson.Exercise, ex.Files)); err != nil {
			return err
		}
		var err error
		report, err = session.Check(ctx, harness.SuiteFor(ex.Lesson.Exercise), events)
		return err
	})
	return report, err
}

// warm opens a lesson's environment and brings the files in, unless this is no time for it: on a
// battery that runs low for example.
func (s *sessions) warm(ctx context.Context, id lesson.ID) {
	ex, err := s.exercises.Exercise(ctx, id)
	if err != nil {
		return
	}
	s.mu.Lock()
	known := s.byLesson[id] != nil
	s.mu.Unlock()
	if !known && s.runner.Warm(ctx, harness.SpecFor(ex.Lesson.Exercise, s.owner)) != nil {
		return
	}
	_, _ = s.prepared(ctx, ex) // the next check tells what is wrong
}

// update brings the present files into an environment that is open and idle. What goes wrong is told
// by the next check.
func (s *sessions) update(ctx context.Context, id lesson.ID) {
	s.mu.Lock()
	l := s.byLesson[id]
	s.mu.Unlock()
	if l == nil || !l.mu.TryLock() {
		return // whoever uses it brings the files
	}
	defer l.mu.Unlock()
	if l.session == nil {
		return
	}
	if ex, err := s.exercises.Exercise(ctx, id); err == nil {
		_ = l.session.Put(ctx, harness.SnapshotFor(ex.Lesson.Exercise, ex.Files))
	}
}

// use runs work on the lesson's environment, alone. An environment that broke is replaced and the work
// done once more: an engine that was restarted is no news for a learner.
func (s *sessions) use(ctx context.Context, ex Exercise, work func(harness.Session) error) error {
	l, err := s.acquire(ex.Lesson.ID)
	if err != nil {
		return err
	}
	defer s.release(l)
	l.mu.Lock()
	defer l.mu.Unlock()
	warm := l.session != nil
	for {
		if err := l.open(ctx, s, ex); err != nil {
			return err
		}
		err := work(l.session)
		if err == nil || ctx.Err() != nil {
			return err
		}
		l.drop()
		if !warm {
			return err
		}
		warm = false
	}
}

// open makes the environment be there and be the lesson's present one. The caller holds l.mu.
func (l *live) open(ctx context.Context, s *sessions, ex Exercise) error {
	if l.session != nil && l.version == ex.Lesson.Version {
		return nil
	}
	l.drop()
	session, err := s.runner.Open(ctx, harness.SpecFor(ex.Lesson.Exercise, s.owner))
	if err != nil {
		return err
	}
	l.session, l.version = session, ex.Lesson.Version
	return nil
}

// drop closes the environment. The caller holds l.mu.
func (l *live) drop() {
	if l.session != nil {
		_ = l.session.Close() // it is given up either way; the runner removes what is left at its next start
		l.session = nil
	}
}

func (s *sessions) acquire(id lesson.ID) (*live, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fault.New(fault.Unavailable, "Carrel is closing.", "Start it again.")
	}
	l := s.byLesson[id]
	if l == nil {
		s.makeRoom()
		l = &live{}
		s.byLesson[id] = l
	}
	l.users++
	l.usedAt = time.Now()
	return l, nil
}

func (s *sessions) release(l *live) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.users--
}

// makeRoom closes the environment that was not used for longest. The caller holds s.mu.
func (s *sessions) makeRoom() {
	if len(s.byLesson) < maxSessions {
		return
	}
	var oldest lesson.ID
	var found *live
	for id, l := range s.byLesson {
		if l.users == 0 && (found == nil || l.usedAt.Before(found.usedAt)) {
			oldest, found = id, l
		}
	}
	if found == nil || !found.mu.TryLock() {
		return
	}
	found.drop()
	found.mu.Unlock()
	delete(s.byLesson, oldest)
}

// close ends every environment.
func (s *sessions) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var errs []error
	for _, l := range s.byLesson {
		l.mu.Lock()
		if l.session != nil {
			errs = append(errs, l.session.Close())
			l.session = nil
		}
		l.mu.Unlock()
	}
	return errors.Join(errs...)
}
