package spread_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/spread"
	"github.com/carrel-dev/carrel/lesson"
)

// engine is a Runner that can be switched off. Its reports carry its name and the files it was given.
type engine struct {
	name string

	mu     sync.Mutex
	away   bool
	lacks  bool   // the environment
	during func() // called in the middle of a check
	opened int    // sessions, ever
	live   int    // sessions, now
	probed []time.Time
}

var (
	errAway  = fault.New(fault.Unavailable, "The engine is away.", "Start it.")
	errLacks = fault.New(fault.NotFound, "The environment is missing.", "Bake it.")
)

func (e *engine) state() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.away:
		return errAway
	case e.lacks:
		return errLacks
	}
	return nil
}

func (e *engine) set(away bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = away
}

func (e *engine) counts() (opened, live int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.opened, e.live
}

func (e *engine) probe(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.probed = append(e.probed, time.Now())
	if e.away {
		return errAway
	}
	return nil
}

func (e *engine) Open(context.Context, harness.Spec) (harness.Session, error) {
	if err := e.state(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opened++
	e.live++
	return &session{engine: e}, nil
}

type session struct {
	engine *engine
	files  lesson.Files
}

func (s *session) Put(_ context.Context, files lesson.Files) error {
	s.files = files
	return s.engine.state()
}

func (s *session) Check(ctx context.Context, _ harness.Suite, events func(harness.Event)) (harness.Report, error) {
	if err := s.engine.state(); err != nil {
		return harness.Report{}, err
	}
	events(harness.Event{Running: true})
	if s.engine.during != nil {
		s.engine.during()
	}
	if err := errors.Join(ctx.Err(), s.engine.state()); err != nil {
		return harness.Report{}, err
	}
	return harness.Report{Verdict: harness.Passed, Runner: s.engine.name, Digests: harness.Digests{Snapshot: string(s.files.Digest())}}, nil
}

func (s *session) Run(context.Context, harness.Command) (harness.Exit, error) {
	return harness.Exit{}, s.engine.state()
}

func (s *session) Terminal(context.Context, harness.Size) (harness.Terminal, error) {
	return nil, fault.New(fault.Unavailable, "No terminal.", "Try again.")
}

func (s *session) Dial(context.Context, uint16) (io.ReadWriteCloser, error) {
	return nil, fault.New(fault.Unavailable, "Nothing answers on that port.", "Start your program.")
}

func (s *session) Close() error {
	s.engine.mu.Lock()
	s.engine.live--
	s.engine.mu.Unlock()
	return s.engine.state()
}

// over returns a Runner over engines and closes it at the end.
func over(t *testing.T, engines ...*engine) *spread.Runner {
	t.Helper()
	var list []spread.Engine
	for i, e := range engines {
		e.name = string(rune('a' + i))
		list = append(list, spread.Engine{Name: e.name, Runner: e, Probe: e.probe})
	}
	r := spread.New(list, slog.New(slog.NewTextHandler(t.Output(), nil)))
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func open(t *testing.T, r *spread.Runner) harness.Session {
	t.Helper()
	s, err := r.Open(t.Context(), harness.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t *testing.T, s harness.Session) harness.Report {
	t.Helper()
	report, err := s.Check(t.Context(), harness.Suite{}, func(harness.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestRunner_Open(t *testing.T) {
	t.Parallel()
	t.Run("the least loaded engine is taken", func(t *testing.T) {
		t.Parallel()
		r := over(t, &engine{}, &engine{})
		first, second := open(t, r), open(t, r)
		got := []string{check(t, first).Runner, check(t, second).Runner}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		got = append(got, check(t, open(t, r)).Runner)
		if diff := cmp.Diff([]string{"a", "b", "a"}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a larger engine takes more", func(t *testing.T) {
		t.Parallel()
		small, large := &engine{}, &engine{}
		r := spread.New([]spread.Engine{{Runner: small, Probe: small.probe, Weight: 2}, {Runner: large, Probe: large.probe, Weight: 6}}, slog.New(slog.DiscardHandler))
		for range 8 {
			open(t, r)
		}
		a, _ := small.counts()
		if b, _ := large.counts(); a != 2 || b != 6 {
			t.Errorf("%d and %d sessions", a, b)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("an engine that is away is passed over", func(t *testing.T) {
		t.Parallel()
		if got := check(t, open(t, over(t, &engine{away: true}, &engine{}))).Runner; got != "b" {
			t.Errorf("ran on %s", got)
		}
	})
	t.Run("an engine without the environment is passed over", func(t *testing.T) {
		t.Parallel()
		if got := check(t, open(t, over(t, &engine{lacks: true}, &engine{}))).Runner; got != "b" {
			t.Errorf("ran on %s", got)
		}
	})
	t.Run("when all lack it, that is what is said", func(t *testing.T) {
		t.Parallel()
		_, err := over(t, &engine{lacks: true}, &engine{lacks: true}).Open(t.Context(), harness.Spec{})
		if fault.KindOf(err) != fault.NotFound || !errors.Is(err, errLacks) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when all are away, a sentence says so", func(t *testing.T) {
		t.Parallel()
		r := over(t, &engine{away: true}, &engine{away: true})
		for range 2 {
			_, err := r.Open(t.Context(), harness.Spec{})
			if message, hint := fault.Sentence(err); fault.KindOf(err) != fault.Unavailable || message == "" || hint == "" {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestSession(t *testing.T) {
	t.Parallel()
	files := lesson.Files{"a": lesson.NewFile([]byte("kept"))}
	t.Run("an engine that is lost in a check is replaced, and the files come along", func(t *testing.T) {
		t.Parallel()
		first, second := &engine{}, &engine{}
		first.during = func() { first.set(true) }
		r := over(t, first, second)
		s := open(t, r)
		if err := s.Put(t.Context(), files); err != nil {
			t.Fatal(err)
		}
		running := 0
		report, err := s.Check(t.Context(), harness.Suite{}, func(e harness.Event) {
			if e.Running {
				running++
			}
		})
		if err != nil || report.Runner != "b" || report.Digests.Snapshot != string(files.Digest()) || running != 2 {
			t.Errorf("got %+v, %v after %d starts", report, err, running)
		}
		if err := errors.Join(s.Close(), r.Close()); err != nil {
			t.Error(err)
		}
		for _, e := range []*engine{first, second} {
			if _, live := e.counts(); live != 0 {
				t.Errorf("%d sessions are open on %s", live, e.name)
			}
		}
	})
	t.Run("files put on a lost engine are kept", func(t *testing.T) {
		t.Parallel()
		first := &engine{}
		s := open(t, over(t, first, &engine{}))
		first.set(true)
		if err := s.Put(t.Context(), files); err != nil {
			t.Fatal(err)
		}
		if report := check(t, s); report.Runner != "b" || report.Digests.Snapshot != string(files.Digest()) {
			t.Errorf("got %+v", report)
		}
	})
	t.Run("a check is tried twice and no more", func(t *testing.T) {
		t.Parallel()
		engines := []*engine{{}, {}, {}}
		for _, e := range engines {
			e.during = func() { e.set(true) }
		}
		r := over(t, engines...)
		_, err := open(t, r).Check(t.Context(), harness.Suite{}, func(harness.Event) {})
		if !errors.Is(err, errAway) {
			t.Errorf("got %v", err)
		}
		if opened, _ := engines[2].counts(); opened != 0 {
			t.Error("a third engine was tried")
		}
	})
	t.Run("the only engine's own words are told", func(t *testing.T) {
		t.Parallel()
		e := &engine{}
		s := open(t, over(t, e))
		e.set(true)
		_, err := s.Check(t.Context(), harness.Suite{}, func(harness.Event) {})
		if message, _ := fault.Sentence(err); message != errAway.Message {
			t.Errorf("got %v", err)
		}
	})
	t.Run("who has given up is not served elsewhere", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		second := &engine{}
		s := open(t, over(t, &engine{during: cancel}, second))
		if _, err := s.Check(ctx, harness.Suite{}, func(harness.Event) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if opened, _ := second.counts(); opened != 0 {
			t.Error("the check went on")
		}
	})
	t.Run("a port without a program says nothing about the engine", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := over(t, &engine{}, &engine{})
			s := open(t, r)
			if _, err := s.Dial(t.Context(), 80); err == nil {
				t.Error("connected")
			}
			synctest.Wait()
			if report := check(t, s); report.Runner != "a" {
				t.Errorf("went to %s", report.Runner)
			}
		})
	})
	t.Run("a program is not started twice, but the next one finds an engine", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			first := &engine{}
			s := open(t, over(t, first, &engine{}))
			first.set(true)
			if _, err := s.Run(t.Context(), harness.Command{}); !errors.Is(err, errAway) {
				t.Errorf("got %v", err)
			}
			synctest.Wait()
			if _, err := s.Run(t.Context(), harness.Command{}); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("a closed session says so", func(t *testing.T) {
		t.Parallel()
		s := open(t, over(t, &engine{}))
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
		if err := s.Put(t.Context(), files); err == nil {
			t.Error("it takes files")
		}
	})
}

func TestRunner_probes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &engine{away: true}
		r := over(t, e)
		if _, err := r.Open(t.Context(), harness.Spec{}); err == nil {
			t.Fatal("opened")
		}
		time.Sleep(100 * time.Second)
		e.mu.Lock()
		probed := slices.Clone(e.probed)
		e.mu.Unlock()
		var pauses []time.Duration
		for i := range probed[1:] {
			pauses = append(pauses, probed[i+1].Sub(probed[i]))
		}
		want := []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 30e9, 30e9}
		if diff := cmp.Diff(want, pauses); diff != "" {
			t.Errorf("pauses between probes:\n%s", diff)
		}
		e.set(false)
		time.Sleep(30 * time.Second)
		open(t, r)
	})
}
