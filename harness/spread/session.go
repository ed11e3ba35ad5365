package spread

import (
	"context"
	"io"
	"sync"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// session is a session on one engine at a time. It keeps the learner's files, so that it can take them
// to another one.
type session struct {
	runner *Runner
	spec   harness.Spec

	mu     sync.Mutex
	member *member
	inner  harness.Session
	files  lesson.Files
	put    bool // files are on the engine
	closed bool
}

// open finds an engine for the session.
func (s *session) open(ctx context.Context, avoid []*member) error {
	var tried error
	for {
		m := s.runner.pick(avoid)
		if m == nil {
			return errNone(tried)
		}
		inner, err := m.Runner.Open(ctx, s.spec)
		if err == nil {
			s.member, s.inner, s.put = m, inner, false
			return nil
		}
		s.runner.release(m)
		if failedEngine(ctx, err) {
			s.runner.doubt(m)
		}
		tried = worst(err, tried)
		if !alternative(ctx, err) {
			return tried
		}
		avoid = append(avoid, m)
	}
}

// leave gives up the engine the session is on.
func (s *session) leave() {
	if s.inner == nil {
		return
	}
	s.runner.release(s.member)
	s.runner.inBackground(s.inner.Close)
	s.inner = nil
}

// current returns the session on an engine that has the files. An engine that is known to be gone is
// left for another one.
func (s *session) current(ctx context.Context) (harness.Session, *member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.currentLocked(ctx, nil)
}

func (s *session) currentLocked(ctx context.Context, avoid []*member) (harness.Session, *member, error) {
	if s.closed {
		return nil, nil, fault.New(fault.Unavailable, "This session has ended.", "Open the lesson again.")
	}
	if s.inner != nil && s.runner.stateOf(s.member) == down {
		s.leave()
	}
	if s.inner == nil {
		if err := s.open(ctx, avoid); err != nil {
			return nil, nil, err
		}
	}
	if !s.put && s.files != nil {
		if err := s.inner.Put(ctx, s.files); err != nil {
			return nil, s.member, err
		}
		s.put = true
	}
	return s.inner, s.member, nil
}

// twice does something on the session's engine and, when that fails, once more on another.
func (s *session) twice(ctx context.Context, do func(harness.Session) error) error {
	inner, m, err := s.current(ctx)
	if err == nil {
		err = do(inner)
	}
	if err == nil || m == nil || !failedEngine(ctx, err) {
		return err
	}
	s.runner.doubt(m)
	s.runner.log.Warn("an engine failed, trying another", "engine", m.Name, "error", err)
	s.mu.Lock()
	if s.member == m {
		s.leave()
	}
	inner, second, again := s.currentLocked(ctx, []*member{m})
	s.mu.Unlock()
	if again == nil {
		again = do(inner)
	}
	if again == nil {
		return nil
	}
	if second == nil {
		return err // there is no other
	}
	if failedEngine(ctx, again) {
		s.runner.doubt(second)
	}
	return worst(again, err)
}

// once does something on the session's engine. What a person watches, such as a terminal, is not begun
// again behind their back; but the next call finds an engine that answers.
func (s *session) once(ctx context.Context, do func(harness.Session) error) error {
	inner, m, err := s.current(ctx)
	if err == nil {
		err = do(inner)
	}
	if m != nil && err != nil && failedEngine(ctx, err) {
		s.runner.doubt(m)
	}
	return err
}

// Put makes the learner's files equal to files.
func (s *session) Put(ctx context.Context, files lesson.Files) error {
	s.mu.Lock()
	s.files, s.put = files.Overlay(), false // the caller may change its map
	s.mu.Unlock()
	return s.twice(ctx, func(harness.Session) error { return nil })
}

// Check runs the suite on the files of the last Put. When it is tried again, so are its events.
func (s *session) Check(ctx context.Context, suite harness.Suite, events func(harness.Event)) (report harness.Report, err error) {
	err = s.twice(ctx, func(inner harness.Session) error {
		report, err = inner.Check(ctx, suite, events)
		if err == nil && report.Verdict == harness.Infrastructure {
			return fault.New(fault.Unavailable, report.Message, "Try again.")
		}
		return err
	})
	return report, err
}

// Run starts a command and waits for its end.
func (s *session) Run(ctx context.Context, command harness.Command) (exit harness.Exit, err error) {
	err = s.once(ctx, func(inner harness.Session) error {
		exit, err = inner.Run(ctx, command)
		return err
	})
	return exit, err
}

// Terminal starts an interactive shell.
func (s *session) Terminal(ctx context.Context, size harness.Size) (terminal harness.Terminal, err error) {
	err = s.once(ctx, func(inner harness.Session) error {
		terminal, err = inner.Terminal(ctx, size)
		return err
	})
	return terminal, err
}

// Dial connects to a TCP port inside the environment.
func (s *session) Dial(ctx context.Context, port uint16) (conn io.ReadWriteCloser, err error) {
	err = s.once(ctx, func(inner harness.Session) error {
		conn, err = inner.Dial(ctx, port)
		return err
	})
	return conn, err
}

// Close ends every process and gives the environment back. What cannot be ended because its engine is
// gone is the engine's to end.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	inner, m := s.inner, s.member
	if inner == nil {
		return nil
	}
	s.inner = nil
	s.runner.release(m)
	err := inner.Close()
	if err != nil && s.runner.stateOf(m) != up {
		s.runner.log.Warn("session on a failed engine not closed", "engine", m.Name, "error", err)
		return nil
	}
	return err
}

var _ harness.Runner = (*Runner)(nil)
