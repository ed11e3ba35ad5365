package checks_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

var lessonID = uuid.MustParse("018f0000-0000-7000-8000-000000000001")

// desk is everything around a Service, faked: one exercise whose tests pass when main.sh says "right".
type desk struct {
	mu      sync.Mutex
	text    string
	events  []checks.Event
	entries []journal.Kind
	opened  int
	closed  int
	broken  int           // how many of the next checks fail for a reason of ours
	takes   time.Duration // how long a check runs
	docker  error
	saving  error // why nothing is warmed
	warmed  int
	cloud   error
	inCloud int
	journal error
}

func (d *desk) Exercise(context.Context, lesson.ID) (checks.Exercise, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return checks.Exercise{CourseID: "shell", Files: lesson.Files{"main.sh": lesson.NewFile([]byte(d.text))},
		Lesson: &lesson.Lesson{ID: lessonID, Version: "v1", Exercise: &lesson.Exercise{
			Learner: []string{"*.sh"}, RunCommand: []string{"bash", "main.sh"}}}}, nil
}

func (d *desk) Keep(context.Context, lesson.ID, lesson.Files) error {
	return d.Append(context.Background(), journal.DraftRevision{})
}

func (d *desk) Append(_ context.Context, payloads ...journal.Payload) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.journal != nil {
		return d.journal
	}
	for _, p := range payloads {
		d.entries = append(d.entries, p.Kind())
	}
	return nil
}

func (d *desk) tell(e checks.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, e)
}

// docker is the desk's engine.
type docker struct{ *desk }

func (d docker) Answer(context.Context) error { return d.docker }

func (d docker) Warm(context.Context, harness.Spec) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.warmed++
	return d.saving
}

func (d docker) Open(context.Context, harness.Spec) (harness.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened++
	return &session{desk: d.desk}, nil
}

type session struct {
	harness.Session
	desk  *desk
	files lesson.Files
}

func (s *session) Put(_ context.Context, files lesson.Files) error { s.files = files; return nil }

func (s *session) Check(ctx context.Context, _ harness.Suite, events func(harness.Event)) (harness.Report, error) {
	events(harness.Event{Running: true})
	select {
	case <-time.After(s.desk.takes):
	case <-ctx.Done():
		return harness.Report{}, ctx.Err()
	}
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	if s.desk.broken > 0 {
		s.desk.broken--
		return harness.Report{}, fault.New(fault.Unavailable, "The engine went away.", "Start Docker.")
	}
	return judge(s.files), nil
}

func judge(files lesson.Files) harness.Report {
	if string(files["main.sh"].Data) == "right" {
		return harness.Report{Verdict: harness.Passed}
	}
	return harness.Report{Verdict: harness.Failed, Log: harness.Log{Head: strings.Repeat("é", 100_000)}}
}

func (s *session) Run(ctx context.Context, c harness.Command) (harness.Exit, error) {
	c.Output(1, "hello")
	select {
	case <-time.After(s.desk.takes):
		return harness.Exit{Code: 3}, nil
	case <-ctx.Done():
		return harness.Exit{}, ctx.Err()
	}
}

func (s *session) Close() error {
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	s.desk.closed++
	return nil
}

// cloud is the desk's cloud.
type cloud struct{ *desk }

func (c cloud) Ready() error { return c.cloud }

func (c cloud) Check(_ context.Context, _ uuid.UUID, ex checks.Exercise, _ func(harness.Event)) (harness.Report, error) {
	c.inCloud++
	return judge(ex.Files), nil
}

// with runs a test on a service in a bubble whose clock moves by itself.
func with(t *testing.T, d *desk, test func(*testing.T, *checks.Service)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := checks.New(checks.Options{Exercises: d, Journal: d, Docker: docker{d}, Cloud: cloud{d},
			Owner: "me", Tell: d.tell, RunnersChanged: func() {}})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		test(t, s)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if d.opened != d.closed {
			t.Errorf("%d environments were opened and %d closed", d.opened, d.closed)
		}
	})
}

// last waits until a check has ended and returns its last event.
func (d *desk) last(t *testing.T, id uuid.UUID) checks.Event {
	t.Helper()
	for {
		synctest.Wait()
		d.mu.Lock()
		i := slices.IndexFunc(d.events, func(e checks.Event) bool {
			return e.ID == id && (e.Report != nil || e.Stopped || e.Ended != nil)
		})
		if i >= 0 {
			e := d.events[i]
			d.mu.Unlock()
			return e
		}
		d.mu.Unlock()
		time.Sleep(10 * time.Millisecond) // the bubble's clock, not the world's
	}
}

func start(t *testing.T, s *checks.Service, on checks.Kind) uuid.UUID {
	t.Helper()
	id, err := s.Start(t.Context(), lessonID, on)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var attempt = []journal.Kind{journal.KindDraftRevision, journal.KindAttemptStarted, journal.KindAttemptFinished}

func TestService_Start(t *testing.T) {
	t.Parallel()

	t.Run("a check becomes an attempt", func(t *testing.T) {
		d := &desk{text: "right"}
		with(t, d, func(t *testing.T, s *checks.Service) {
			if e := d.last(t, start(t, s, checks.KindAuto)); e.Report.Verdict != harness.Passed {
				t.Errorf("report %+v", e.Report)
			}
			if diff := cmp.Diff(attempt, d.entries); diff != "" {
				t.Errorf("journal (-want +got):\n%s", diff)
			}
		})
	})

	t.Run("a check that failed for a reason of ours is no attempt", func(t *testing.T) {
		d := &desk{text: "right", broken: 2, cloud: fault.New(fault.Unavailable, "Offline.", "")}
		with(t, d, func(t *testing.T, s *checks.Service) {
			e := d.last(t, start(t, s, checks.KindAuto))
			if e.Report.Verdict != harness.Infrastructure || !strings.Contains(e.Report.Message, "Start Docker.") {
				t.Errorf("report %+v", e.Report)
			}
			if slices.Contains(d.entries, journal.KindAttemptStarted) {
				t.Errorf("journal %v", d.entries)
			}
		})
	})

	t.Run("an environment that broke while it waited is replaced", func(t *testing.T) {
		d := &desk{text: "right"}
		with(t, d, func(t *testing.T, s *checks.Service) {
			s.Warm(lessonID)
			synctest.Wait()
			d.broken = 1
			if e := d.last(t, start(t, s, checks.KindDocker)); e.Report.Verdict != harness.Passed {
				t.Errorf("report %+v", e.Report)
			}
			if d.opened != 2 {
				t.Errorf("%d environments, want 2", d.opened)
			}
		})
	})

	t.Run("a lesson that is opened again is warm", func(t *testing.T) {
		d := &desk{text: "right"}
		with(t, d, func(t *testing.T, s *checks.Service) {
			for range 3 {
				s.Warm(lessonID)
				synctest.Wait()
			}
			if d.warmed != 1 || d.opened != 1 {
				t.Errorf("warmed %d times and opened %d", d.warmed, d.opened)
			}
		})
	})

	t.Run("nothing is opened ahead of time while power is saved", func(t *testing.T) {
		d := &desk{text: "right", saving: errors.New("the computer saves power")}
		with(t, d, func(t *testing.T, s *checks.Service) {
			s.Warm(lessonID)
			synctest.Wait()
			if d.opened != 0 || len(d.events) != 0 {
				t.Errorf("opened %d, told %v", d.opened, d.events)
			}
			if e := d.last(t, start(t, s, checks.KindDocker)); e.Report.Verdict != harness.Passed {
				t.Errorf("report %+v", e.Report)
			}
		})
	})

	t.Run("a newer check replaces the older", func(t *testing.T) {
		d := &desk{text: "right", takes: time.Second}
		with(t, d, func(t *testing.T, s *checks.Service) {
			first := start(t, s, checks.KindAuto)
			synctest.Wait()
			second := start(t, s, checks.KindAuto)
			if e := d.last(t, second); e.Report == nil {
				t.Errorf("second check ended with %+v", e)
			}
			if e := d.last(t, first); !e.Stopped {
				t.Errorf("first check ended with %+v", e)
			}
		})
	})

	t.Run("a stopped check leaves no attempt", func(t *testing.T) {
		d := &desk{text: "right", takes: time.Second}
		with(t, d, func(t *testing.T, s *checks.Service) {
			id := start(t, s, checks.KindAuto)
			synctest.Wait()
			s.Stop(id)
			if e := d.last(t, id); !e.Stopped {
				t.Errorf("check ended with %+v", e)
			}
			if slices.Contains(d.entries, journal.KindAttemptFinished) {
				t.Errorf("journal %v", d.entries)
			}
		})
	})

	t.Run("automatic goes to the cloud when Docker does not answer", func(t *testing.T) {
		d := &desk{text: "wrong", docker: fault.New(fault.Unavailable, "Docker is not running.", "")}
		with(t, d, func(t *testing.T, s *checks.Service) {
			if e := d.last(t, start(t, s, checks.KindAuto)); e.Report.Verdict != harness.Failed || d.inCloud != 1 {
				t.Errorf("report %+v, %d checks in the cloud", e.Report, d.inCloud)
			}
		})
	})

	t.Run("a journal that cannot be written is told", func(t *testing.T) {
		d := &desk{text: "right", journal: errors.New("disk full")}
		with(t, d, func(t *testing.T, s *checks.Service) {
			if e := d.last(t, start(t, s, checks.KindAuto)); e.Report.Verdict != harness.Infrastructure {
				t.Errorf("report %+v", e.Report)
			}
		})
	})
}

func TestService_StartRun(t *testing.T) {
	t.Parallel()

	t.Run("a program prints and ends", func(t *testing.T) {
		d := &desk{text: "x"}
		with(t, d, func(t *testing.T, s *checks.Service) {
			id, err := s.StartRun(t.Context(), lessonID)
			if err != nil {
				t.Fatal(err)
			}
			if e := d.last(t, id); e.Ended.Exit.Code != 3 || e.Ended.Message != "" {
				t.Errorf("ended with %+v", e.Ended)
			}
			if d.events[0].Output.Text != "hello" {
				t.Errorf("first event %+v", d.events[0])
			}
		})
	})

	t.Run("a stopped program ends without a sentence", func(t *testing.T) {
		d := &desk{text: "x", takes: time.Hour}
		with(t, d, func(t *testing.T, s *checks.Service) {
			id, err := s.StartRun(t.Context(), lessonID)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			s.StopRun(id)
			if e := d.last(t, id); e.Ended.Exit.Code != -1 || e.Ended.Message != "" {
				t.Errorf("ended with %+v", e.Ended)
			}
		})
	})
}

func TestService_Runners(t *testing.T) {
	d := &desk{docker: fault.New(fault.Unavailable, "Docker is not running.", "")}
	with(t, d, func(t *testing.T, s *checks.Service) {
		states := s.Runners(t.Context())
		if states[0].Kind != checks.KindDocker || states[0].Err == nil || states[1].Kind != checks.KindCloud || states[1].Err != nil {
			t.Errorf("runners %+v", states)
		}
	})
}
